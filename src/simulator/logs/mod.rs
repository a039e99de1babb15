//! CloudWatch Logs: groups, streams, events. What a container writes arrives by `write_line`, at once; events older than the
//! group's retention are no longer shown.

mod event;
mod group;
mod stream;
mod tagging;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::ask::Ask;
use super::observe::Object;
use super::refusal::Refusal;
use super::world::{Operation, World};

#[derive(Clone, Debug, Default)]
pub struct State {
    groups: BTreeMap<String, group::Group>,
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "AssociateKmsKey" => group::associate_key,
        "CreateLogGroup" => group::create,
        "CreateLogStream" => stream::create,
        "DeleteLogGroup" => group::delete,
        "DeleteLogStream" => stream::delete,
        "DeleteRetentionPolicy" => group::delete_retention,
        "DescribeLogGroups" => group::describe,
        "DescribeLogStreams" => stream::describe,
        "DisassociateKmsKey" => group::disassociate_key,
        "FilterLogEvents" => event::filter,
        "GetLogEvents" => event::get,
        "ListTagsForResource" => tagging::list,
        "PutLogEvents" => event::put,
        "PutLogGroupDeletionProtection" => group::put_protection,
        "PutRetentionPolicy" => group::put_retention,
        "TagResource" => tagging::tag,
        "UntagResource" => tagging::untag,
        _ => return None,
    })
}

pub use group::make as make_group;

/// Writes a line as a container would; false if the group doesn't exist. Makes the stream, as the `awslogs` driver does.
pub fn write_line(world: &mut World, group: &str, stream: &str, line: &str) -> bool {
    let now = millis(world);
    let Some(group) = world.logs.groups.get_mut(group) else { return false };
    let stream = group.streams.entry(stream.to_owned()).or_insert_with(|| stream::Stream::new(now));
    stream.events.push(event::Event { at: now, ingested: now, message: line.to_owned() });
    true
}

/// Milliseconds since 1970.
fn millis(world: &World) -> i64 {
    (world.epoch() * 1000.0) as i64
}

#[track_caller]
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

#[track_caller]
fn no_group() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log group does not exist.")
}

#[track_caller]
fn no_stream() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

fn needed<'a>(ask: &'a Ask, name: &str) -> Result<&'a str, Refusal> {
    let why = "failed to satisfy constraint: Member must not be null";
    let missing = || invalid(format!("1 validation error detected: Value null at '{name}' {why}"));
    ask.text(name).filter(|text| !text.is_empty()).ok_or_else(missing)
}

/// A number within limits, or the usual one.
fn limit(ask: &Ask, usual: usize) -> Result<usize, Refusal> {
    if ask.get("limit").is_null() {
        return Ok(usual);
    }
    let asked = ask.number("limit").and_then(|limit| usize::try_from(limit).ok());
    let fits = asked.filter(|limit| (1..=usual).contains(limit));
    fits.ok_or_else(|| invalid(format!("limit must be between 1 and {usual}")))
}

/// The group that a call names, by name or by ARN (API reference, GetLogEvents: one of both).
fn group_of<'a>(world: &'a World, ask: &Ask) -> Result<&'a group::Group, Refusal> {
    let name = match (ask.text("logGroupName"), ask.text("logGroupIdentifier")) {
        (Some(name), None) => name,
        (None, Some(arn)) => arn.rsplit_once(":log-group:").map_or(arn, |(_, name)| name.trim_end_matches(":*")),
        _ => return Err(invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")),
    };
    world.logs.groups.get(name).ok_or_else(|| no_group())
}

/// Log groups that stand.
pub fn objects(world: &World) -> Vec<Object> {
    let object = |(name, group): (&String, &group::Group)| Object {
        kind: "logs group",
        id: world.arn("logs", &format!("log-group:{name}")),
        name: name.clone(),
        tags: group.tags.clone(),
        settings: group.settings(),
    };
    world.logs.groups.iter().map(object).collect()
}
