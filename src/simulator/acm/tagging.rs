//! Tags of certificates (API reference, Tag).

use serde_json::json;

use super::checks::invalid;
use super::existing;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

/// On one certificate.
const MOST: usize = 50;

#[track_caller]
fn too_many() -> Refusal {
    Refusal::new("TooManyTagsException", format!("A certificate can have at most {MOST} tags."))
}

/// The tags in a call, as they may be.
pub fn given(ask: &Ask) -> Result<Tags, Refusal> {
    let list = ask.parts("Tags");
    let fits = |letter: char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter);
    for tag in &list {
        let (key, value) = (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default());
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid("tags.member.key", key, "Member must have length between 1 and 128"));
        }
        if value.chars().count() > 256 {
            return Err(invalid("tags.member.value", value, "Member must have length less than or equal to 256"));
        }
        if !key.chars().chain(value.chars()).all(fits) {
            let why = "Member must satisfy regular expression pattern: ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)";
            return Err(invalid("tags.member", key, why));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(Refusal::new("InvalidTagException", "Tag keys that begin with aws: are reserved."));
        }
    }
    let tags = tags::read(&list, "Key", "Value");
    match (list.len() > MOST, tags.len() < list.len()) {
        (true, _) => Err(too_many()),
        (_, true) => Err(Refusal::new("InvalidTagException", "A tag key comes more than once.")),
        _ => Ok(tags),
    }
}

fn some(ask: &Ask) -> Result<Tags, Refusal> {
    let tags = given(ask)?;
    match tags.is_empty() {
        true => Err(invalid("tags", "[]", "Member must have length greater than or equal to 1")),
        false => Ok(tags),
    }
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let (_, there) = existing(world, ask)?;
    Ok(json!({ "Tags": tags::write(&there.tags, "Key", "Value") }))
}

pub fn add(world: &mut World, ask: &Ask) -> Answer {
    let given = some(ask)?;
    let (_, there) = existing(world, ask)?;
    let mut all = there.tags.clone();
    all.extend(given);
    if all.len() > MOST {
        return Err(too_many());
    }
    there.tags = all;
    super::done()
}

/// With a value only where the tag has it; without one in any case (API reference, RemoveTagsFromCertificate).
pub fn remove(world: &mut World, ask: &Ask) -> Answer {
    some(ask)?;
    let asked = ask.parts("Tags");
    let (_, there) = existing(world, ask)?;
    let meant = |tag: &Ask, key: &str, value: &str| {
        tag.text("Key") == Some(key) && tag.text("Value").is_none_or(|asked| asked == value)
    };
    there.tags.retain(|key, value| !asked.iter().any(|tag| meant(tag, key, value)));
    super::done()
}
