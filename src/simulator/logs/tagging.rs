//! Tags of log groups, by ARN: the one without `:*` at its end (API reference, ListTagsForResource).

use serde_json::json;

use super::group::Group;
use super::{invalid, needed};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

/// Tags on one group (API reference, TagResource).
const MOST: usize = 50;

/// The tags in a call: a map from key to value.
pub fn given(ask: &Ask) -> Result<Tags, Refusal> {
    let pairs = ask.get("tags").as_object().into_iter().flatten();
    let tags: Tags = pairs.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    let fits = |letter: char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter);
    for (key, value) in &tags {
        let long = key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256;
        if long || !key.chars().chain(value.chars()).all(fits) {
            return Err(invalid(format!("The tag '{key}' is not valid.")));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys that begin with aws: are reserved."));
        }
    }
    if tags.len() > MOST { Err(too_many()) } else { Ok(tags) }
}

#[track_caller]
fn too_many() -> Refusal {
    Refusal::new("TooManyTagsException", format!("A resource can have at most {MOST} tags."))
}

fn group<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Group, Refusal> {
    let arn = needed(ask, "resourceArn")?;
    let all = world.arn("logs", "log-group:");
    let name = arn.strip_prefix(&all).filter(|name| !name.contains([':', '*']));
    let name = name.ok_or_else(|| invalid(format!("The ARN '{arn}' is not valid.")))?;
    let missing = || Refusal::new("ResourceNotFoundException", "The specified resource does not exist.");
    world.logs.groups.get_mut(name).ok_or_else(missing)
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    Ok(json!({ "tags": group(world, ask)?.tags }))
}

pub fn tag(world: &mut World, ask: &Ask) -> Answer {
    let given = given(ask)?;
    let there = &mut group(world, ask)?.tags;
    let mut all = there.clone();
    all.extend(given);
    if all.len() > MOST {
        return Err(too_many());
    }
    *there = all;
    Ok(json!({}))
}

pub fn untag(world: &mut World, ask: &Ask) -> Answer {
    let keys = ask.texts("tagKeys");
    group(world, ask)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
