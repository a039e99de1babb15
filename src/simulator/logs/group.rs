//! Log groups and their retention.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::stream::Stream;
use super::{invalid, limit, millis, needed, no_group, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

/// API reference, PutRetentionPolicy.
const PERIODS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const DAY: i64 = 86_400_000;

#[derive(Clone, Debug)]
pub struct Group {
    pub streams: BTreeMap<String, Stream>,
    pub tags: Tags,
    created: i64,
    retention: Option<i64>,
    class: String,
    protected: bool,
    key: Option<String>,
}

impl Group {
    /// The time before which events are no longer shown. AWS deletes them up to 72 hours later (User Guide), the simulated
    /// one at once.
    pub fn kept_since(&self, now: i64) -> i64 {
        self.retention.map_or(0, |days| now - days * DAY)
    }
}

impl Group {
    pub fn settings(&self) -> Json {
        json!({ "retention": self.retention, "class": self.class, "protected": self.protected, "key": self.key })
    }
}

/// API reference, CreateLogGroup: length, charset, `aws/` is AWS's.
fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ".-_/#".contains(letter);
    if name.len() > 512 || !name.chars().all(fits) {
        let why = r"failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+";
        return Err(invalid(format!("1 validation error detected: Value '{name}' at 'logGroupName' {why}")));
    }
    match name.starts_with("aws/") {
        true => Err(invalid("Log groups starting with AWS/ are reserved for AWS.")),
        false => Ok(()),
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let name = needed(ask, "logGroupName")?.to_owned();
    check_name(&name)?;
    let class = ask.text("logGroupClass").unwrap_or("STANDARD").to_owned();
    if !matches!(class.as_str(), "STANDARD" | "INFREQUENT_ACCESS" | "DELIVERY") {
        return Err(invalid(format!("The log group class {class} is not valid.")));
    }
    let tags = tagging::given(ask)?;
    if world.logs.groups.contains_key(&name) {
        return Err(Refusal::new("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    let protected = ask.truth("deletionProtectionEnabled").unwrap_or(false);
    let key = ask.text("kmsKeyId").map(|_| key(ask)).transpose()?;
    let (created, streams) = (millis(world), BTreeMap::new());
    world.logs.groups.insert(name, Group { streams, tags, created, retention: None, class, protected, key });
    Ok(json!({}))
}

/// One that AWS makes of itself; nothing happens to one that stands. That it keeps what is written for ever is unverified.
pub fn make(world: &mut World, name: &str) {
    if world.logs.groups.contains_key(name) {
        return;
    }
    let (created, streams, tags) = (millis(world), BTreeMap::new(), Tags::new());
    let group =
        Group { streams, tags, created, retention: None, class: "STANDARD".into(), protected: false, key: None };
    world.logs.groups.insert(name.to_owned(), group);
    world.note(format!("log group {name} is made"));
}

/// Streams and events go with it. Under deletion protection refused (code from the model; unverified).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let name = needed(ask, "logGroupName")?;
    let group = world.logs.groups.get(name).ok_or_else(|| no_group())?;
    if group.protected {
        return Err(Refusal::new("ValidationException", "The log group has deletion protection enabled."));
    }
    world.logs.groups.remove(name);
    Ok(json!({}))
}

/// A key's ARN; whether it exists is not looked at, as KMS isn't simulated (API reference, AssociateKmsKey).
fn key(ask: &Ask) -> Result<String, Refusal> {
    let arn = needed(ask, "kmsKeyId")?;
    match arn.starts_with("arn:") && arn.contains(":kms:") && arn.contains(":key/") && arn.len() <= 256 {
        true => Ok(arn.to_owned()),
        false => Err(invalid(format!("The specified KMS key ID {arn} could not be associated with the log group."))),
    }
}

fn asked<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Group, Refusal> {
    let name = needed(ask, "logGroupName")?;
    world.logs.groups.get_mut(name).ok_or_else(|| no_group())
}

pub fn associate_key(world: &mut World, ask: &Ask) -> Answer {
    let key = key(ask)?;
    asked(world, ask)?.key = Some(key);
    Ok(json!({}))
}

pub fn disassociate_key(world: &mut World, ask: &Ask) -> Answer {
    asked(world, ask)?.key = None;
    Ok(json!({}))
}

/// API reference, PutLogGroupDeletionProtection.
pub fn put_protection(world: &mut World, ask: &Ask) -> Answer {
    let on = ask.truth("deletionProtectionEnabled");
    let on = on.ok_or_else(|| invalid("1 validation error detected: Value null at 'deletionProtectionEnabled'"))?;
    let identifier = needed(ask, "logGroupIdentifier")?;
    let name = identifier.rsplit_once(":log-group:").map_or(identifier, |(_, name)| name.trim_end_matches(":*"));
    world.logs.groups.get_mut(name).ok_or_else(|| no_group())?.protected = on;
    Ok(json!({}))
}

/// `arn` ends in `:*`, `logGroupArn` doesn't (API reference, LogGroup).
fn described(world: &World, name: &str, group: &Group) -> Json {
    let arn = world.arn("logs", &format!("log-group:{name}"));
    json!({
        "logGroupName": name,
        "creationTime": group.created,
        "retentionInDays": group.retention,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": 0,
        "kmsKeyId": group.key,
        "logGroupClass": group.class,
        "deletionProtectionEnabled": group.protected,
    })
}

/// Sorted by name, 50 at most (API reference, DescribeLogGroups). The token is the last name given.
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let size = limit(ask, 50)?;
    let (prefix, pattern) = (ask.text("logGroupNamePrefix"), ask.text("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
    }
    let pattern = pattern.unwrap_or_default().to_lowercase();
    let token = ask.text("nextToken").unwrap_or_default();
    let fits = |name: &str| name.starts_with(prefix.unwrap_or_default()) && name.to_lowercase().contains(&pattern);
    let mut rest = world.logs.groups.iter().filter(|(name, _)| name.as_str() > token && fits(name)).peekable();
    let given: Vec<_> = rest.by_ref().take(size).collect();
    let more = given.last().map(|(name, _)| (*name).clone()).filter(|_| rest.peek().is_some());
    let groups: Json = given.into_iter().map(|(name, group)| described(world, name, group)).collect();
    Ok(json!({ "logGroups": groups, "nextToken": more }))
}

pub fn put_retention(world: &mut World, ask: &Ask) -> Answer {
    let name = needed(ask, "logGroupName")?;
    let days = ask.number("retentionInDays").filter(|days| PERIODS.contains(days));
    let days = days.ok_or_else(|| {
        let valid = PERIODS.map(|days| days.to_string()).join(", ");
        invalid(format!("1 validation error detected: retentionInDays must be one of: [{valid}]"))
    })?;
    world.logs.groups.get_mut(name).ok_or_else(|| no_group())?.retention = Some(days);
    Ok(json!({}))
}

pub fn delete_retention(world: &mut World, ask: &Ask) -> Answer {
    let name = needed(ask, "logGroupName")?;
    world.logs.groups.get_mut(name).ok_or_else(|| no_group())?.retention = None;
    Ok(json!({}))
}
