//! Tags of roles. Their keys are one whatever their case, and shown as they were first given (IAM User Guide, "Tags for IAM
//! resources"); the list is in the order of the keys (unverified).

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{checks, find, paging};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

/// IAM quotas.
const MOST: usize = 50;

/// The tags that came, checked.
pub fn read(ask: &Ask) -> Result<Tags, Refusal> {
    let parts = ask.parts("Tags");
    let mut seen = BTreeSet::new();
    if parts.len() > MOST {
        return Err(checks::invalid("Tags", "", &format!("have length less than or equal to {MOST}")));
    }
    for (number, part) in parts.iter().enumerate() {
        let member = |name: &str| format!("tags.{}.member.{name}", number + 1);
        let key = part.text("Key").ok_or_else(|| checks::invalid(&member("key"), "null", "not be null"))?;
        let value = part.text("Value").ok_or_else(|| checks::invalid(&member("value"), "null", "not be null"))?;
        checks::length(&member("key"), key, 1, 128)?;
        checks::length(&member("value"), value, 0, 256)?;
        for (name, text) in [("key", key), ("value", value)] {
            let fits = |letter: char| letter.is_alphanumeric() || " _.:/=+-@".contains(letter);
            if !text.chars().all(fits) {
                let pattern = r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*";
                return Err(checks::invalid(&member(name), text, pattern));
            }
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(Refusal::new("InvalidInput", "aws: prefixed tag key names are not allowed for external use."));
        }
        if !seen.insert(key.to_lowercase()) {
            let why = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Refusal::new("InvalidInput", why));
        }
    }
    Ok(tags::read(&parts, "Key", "Value"))
}

/// "If a tag with the same key name already exists, then that tag is overwritten" (API reference, TagRole).
pub fn tag(world: &mut World, ask: &Ask) -> Answer {
    let role = find(world, ask)?;
    if !ask.get("Tags").is_array() {
        return Err(checks::invalid("Tags", "null", "not be null"));
    }
    let given = read(ask)?;
    let mut tags = role.tags.clone();
    tags.retain(|there, _| !given.keys().any(|key| key.to_lowercase() == there.to_lowercase()));
    tags.extend(given);
    if tags.len() > MOST {
        return Err(checks::exceeded(format!("The number of tags has reached the maximum limit of {MOST}.")));
    }
    role.tags = tags;
    Ok(json!({}))
}

/// Keys that aren't there don't matter.
pub fn untag(world: &mut World, ask: &Ask) -> Answer {
    let role = find(world, ask)?;
    if !ask.get("TagKeys").is_array() {
        return Err(checks::invalid("TagKeys", "null", "not be null"));
    }
    let keys: BTreeSet<String> = ask.texts("TagKeys").iter().map(|key| key.to_lowercase()).collect();
    role.tags.retain(|key, _| !keys.contains(&key.to_lowercase()));
    Ok(json!({}))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let tag = |(key, value): (&String, &String)| (key.clone(), json!({ "Key": key, "Value": value }));
    paging::page(ask, "Tags", find(world, ask)?.tags.iter().map(tag))
}

pub fn write(tags: &Tags) -> Option<Json> {
    (!tags.is_empty()).then(|| tags::write(tags, "Key", "Value"))
}
