//! Log streams: one for each container.

use serde_json::{Value as Json, json};

use super::event::Event;
use super::{group_of, invalid, limit, millis, needed, no_group, no_stream};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Stream {
    /// In the order of their times.
    pub events: Vec<Event>,
    created: i64,
}

impl Stream {
    pub fn new(created: i64) -> Self {
        Self { events: Vec::new(), created }
    }
}

/// API reference, CreateLogStream: up to 512 characters, neither colon nor asterisk.
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let (group, name) = (needed(ask, "logGroupName")?, needed(ask, "logStreamName")?);
    if name.chars().count() > 512 || name.contains([':', '*']) {
        let why = "failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*";
        return Err(invalid(format!("1 validation error detected: Value '{name}' at 'logStreamName' {why}")));
    }
    let now = millis(world);
    let group = world.logs.groups.get_mut(group).ok_or_else(|| no_group())?;
    if group.streams.contains_key(name) {
        return Err(Refusal::new("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    group.streams.insert(name.to_owned(), Stream::new(now));
    Ok(json!({}))
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let group = world.logs.groups.get_mut(needed(ask, "logGroupName")?).ok_or_else(|| no_group())?;
    group.streams.remove(needed(ask, "logStreamName")?).map(|_| json!({})).ok_or_else(|| no_stream())
}

/// By name, or by the time of the last event; 50 at most (API reference, DescribeLogStreams). On AWS that time lags by up to
/// an hour; here it doesn't.
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let size = limit(ask, 50)?;
    let (prefix, order) = (ask.text("logStreamNamePrefix"), ask.text("orderBy").unwrap_or("LogStreamName"));
    let by_time = match order {
        "LastEventTime" if prefix.is_some() => {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        "LastEventTime" => true,
        "LogStreamName" => false,
        _ => return Err(invalid(format!("orderBy '{order}' is not valid."))),
    };
    let group = group_of(world, ask)?;
    let name = world.logs.groups.iter().find(|(_, other)| std::ptr::eq(*other, group)).map_or("", |(name, _)| name);
    let last = |stream: &Stream| stream.events.last().map(|event| event.at);
    let mut found: Vec<(&String, &Stream)> =
        group.streams.iter().filter(|(name, _)| name.starts_with(prefix.unwrap_or_default())).collect();
    if by_time {
        found.sort_by_key(|(_, stream)| last(stream));
    }
    if ask.truth("descending") == Some(true) {
        found.reverse();
    }
    // The token is the last stream given.
    let from = match ask.text("nextToken") {
        Some(token) => found.iter().position(|(name, _)| *name == token).map(|at| at + 1),
        None => Some(0),
    };
    let from = from.ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let given: Vec<_> = found.iter().skip(from).take(size).collect();
    let more = given.last().map(|(name, _)| *name).filter(|_| from + given.len() < found.len());
    let described = |(stream, of): &&(&String, &Stream)| {
        json!({
            "logStreamName": stream,
            "creationTime": of.created,
            "firstEventTimestamp": of.events.first().map(|event| event.at),
            "lastEventTimestamp": last(of),
            "lastIngestionTime": of.events.iter().map(|event| event.ingested).max(),
            "arn": world.arn("logs", &format!("log-group:{name}:log-stream:{stream}")),
            "storedBytes": 0,
        })
    };
    Ok(json!({ "logStreams": given.iter().map(described).collect::<Json>(), "nextToken": more }))
}
