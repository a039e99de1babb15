//! Tags of hosted zones: late ones, since a zone can't be created with them.

use serde_json::json;

use super::{bare, invalid, needed, no_zone};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

/// Tags on one zone, and in one call (API reference, ChangeTagsForResource).
const MOST: usize = 10;

fn of<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Tags, Refusal> {
    let id = bare(needed(ask, "ResourceId", 64)?);
    match needed(ask, "ResourceType", 64)? {
        "hostedzone" => Ok(&mut world.route53.zones.get_mut(id).ok_or_else(|| no_zone(id))?.tags),
        "healthcheck" => {
            let why = format!("No health check found with ID: {id}");
            Err(Refusal::new("NoSuchHealthCheck", why).with_status(404))
        }
        other => Err(invalid(format!("{other} is not a type of resources that can be tagged"))),
    }
}

/// `ResourceId` comes back without `/hostedzone/`.
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let tags = tags::write(of(world, ask)?, "Key", "Value");
    let (kind, id) = (ask.text("ResourceType"), ask.text("ResourceId").map(bare));
    Ok(json!({ "ResourceTagSet": { "ResourceType": kind, "ResourceId": id, "Tags": tags } }))
}

pub fn change(world: &mut World, ask: &Ask) -> Answer {
    let (added, removed) = (ask.parts("AddTags"), ask.texts("RemoveTagKeys"));
    if added.is_empty() && removed.is_empty() {
        return Err(invalid("At least one of AddTags and RemoveTagKeys must be specified"));
    }
    if added.len() > MOST || removed.len() > MOST {
        return Err(invalid(format!("At most {MOST} tags can be added or removed in a request")));
    }
    for tag in &added {
        let (key, value) = (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default());
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(format!(
                "The tag '{key}' must have a key of 1 to 128 characters, a value of up to 256"
            )));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys that begin with aws: are reserved"));
        }
    }
    let given = tags::read(&added, "Key", "Value");
    if given.len() < added.len() || removed.iter().any(|key| given.contains_key(key)) {
        return Err(invalid("The request names the same tag key more than once"));
    }
    let there = of(world, ask)?;
    let mut all = there.clone();
    all.retain(|key, _| !removed.contains(key));
    all.extend(given);
    if all.len() > MOST {
        return Err(invalid(format!("A resource can have at most {MOST} tags")));
    }
    *there = all;
    Ok(json!({}))
}
