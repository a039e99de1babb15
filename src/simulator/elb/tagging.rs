//! Tags of load balancers, target groups, listeners and rules (API reference, Tag: charset, lengths).

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::naming::Kind;
use super::{State, invalid};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

/// Tags on one thing (User Guide, Tags).
const MOST: usize = 50;

impl State {
    /// Everything wears the tags that it had then; what wasn't there then, none.
    pub fn tags_as_in(&mut self, then: &Self) {
        macro_rules! wear {
            ($($kind:ident),*) => {$(
                for (arn, there) in &mut self.$kind {
                    there.tags = then.$kind.get(arn).map(|then| then.tags.clone()).unwrap_or_default();
                }
            )*};
        }
        wear!(load_balancers, target_groups, listeners, rules);
    }
}

#[track_caller]
fn too_many() -> Refusal {
    Refusal::new("TooManyTags", "You've reached the limit on the number of tags per load balancer")
}

/// The tags in a call, as they may be.
pub fn given(ask: &Ask) -> Result<Tags, Refusal> {
    let list = ask.parts("Tags");
    let mut keys = BTreeSet::new();
    for tag in &list {
        let (key, value) = (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default());
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(format!(
                "The tag '{key}' must have a key of 1 to 128 characters, a value of up to 256"
            )));
        }
        let fits = |letter: char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter);
        if !key.chars().chain(value.chars()).all(fits) {
            return Err(invalid(format!("The tag '{key}' contains invalid characters")));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("aws: prefixed tag key names are not allowed for external use"));
        }
        if !keys.insert(key) {
            return Err(Refusal::new("DuplicateTagKeys", format!("The tag key '{key}' was specified more than once")));
        }
    }
    if list.len() > MOST { Err(too_many()) } else { Ok(tags::read(&list, "Key", "Value")) }
}

/// The tags of something, whatever it is.
fn of<'a>(state: &'a mut State, arn: &str) -> Result<&'a mut Tags, Refusal> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.has(arn));
    let kind = kind.ok_or_else(|| invalid(format!("'{arn}' is not a valid ARN")))?;
    let tags = match kind {
        Kind::LoadBalancer => state.load_balancers.get_mut(arn).map(|there| &mut there.tags),
        Kind::TargetGroup => state.target_groups.get_mut(arn).map(|there| &mut there.tags),
        Kind::Listener => state.listeners.get_mut(arn).map(|there| &mut there.tags),
        Kind::Rule => state.rules.get_mut(arn).map(|there| &mut there.tags),
    };
    tags.ok_or_else(|| kind.not_found())
}

/// At most 20 in a call (API reference, DescribeTags).
fn arns(state: &mut State, ask: &Ask) -> Result<Vec<String>, Refusal> {
    let arns = ask.texts("ResourceArns");
    if arns.is_empty() || arns.len() > 20 {
        return Err(invalid("Between 1 and 20 resource ARNs must be specified"));
    }
    for arn in &arns {
        of(state, arn)?;
    }
    Ok(arns)
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let state = &mut world.elb;
    let arns = arns(state, ask)?;
    let about = |arn: &String| {
        let tags = tags::write(of(state, arn)?, "Key", "Value");
        Ok(json!({ "ResourceArn": arn, "Tags": tags }))
    };
    Ok(json!({ "TagDescriptions": arns.iter().map(about).collect::<Result<Json, Refusal>>()? }))
}

/// All or nothing.
pub fn add(world: &mut World, ask: &Ask) -> Answer {
    let (arns, given) = (arns(&mut world.elb, ask)?, given(ask)?);
    if given.is_empty() {
        return Err(invalid("At least one tag must be specified"));
    }
    for arn in &arns {
        let there = of(&mut world.elb, arn)?;
        if there.keys().chain(given.keys()).collect::<BTreeSet<_>>().len() > MOST {
            return Err(too_many());
        }
    }
    for arn in &arns {
        of(&mut world.elb, arn)?.extend(given.clone());
    }
    Ok(json!({}))
}

pub fn remove(world: &mut World, ask: &Ask) -> Answer {
    let keys = ask.texts("TagKeys");
    for arn in arns(&mut world.elb, ask)? {
        of(&mut world.elb, &arn)?.retain(|key, _| !keys.contains(key));
    }
    Ok(json!({}))
}
