//! Tags: on creation, later, and their limits.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::kind::{self, Kind, invalid};
use super::listing::Listing;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

/// The tags that a create call carries for this kind; other kinds are refused.
pub fn on_create(ask: &Ask, kind: &Kind) -> Result<Tags, Refusal> {
    let mut all = Tags::new();
    for specification in ask.parts("TagSpecification") {
        let asked = specification.text("ResourceType").unwrap_or_default();
        if asked != kind.tagged {
            return Err(invalid(format!("'{asked}' is not a valid taggable resource type for this operation.")));
        }
        all.extend(checked(&specification.parts("Tag"))?);
    }
    limited(&all).map(|()| all)
}

/// At most 128 characters of key and 256 of value; keys must not begin with `aws:` (EC2 user guide, "Tag restrictions").
fn checked(list: &[Ask]) -> Result<Tags, Refusal> {
    let mut keys = BTreeSet::new();
    for tag in list {
        let (key, value) = (tag.required("Key")?, tag.text("Value").unwrap_or_default());
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(format!("Tag keys starting with 'aws:' are reserved for internal use ({key})")));
        }
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid("Tag keys must have 1 to 128 characters"));
        }
        if value.chars().count() > 256 {
            return Err(invalid(format!("The value of tag '{key}' has more than 256 characters")));
        }
        if !keys.insert(key) {
            return Err(invalid(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    Ok(tags::read(list, "Key", "Value"))
}

fn limited(tags: &Tags) -> Result<(), Refusal> {
    let why = "The maximum number of tags for a resource has been reached.";
    if tags.len() > 50 { Err(Refusal::new("TagLimitExceeded", why)) } else { Ok(()) }
}

/// The member `tagSet` of an object.
pub fn set(world: &World, id: &str) -> Json {
    world.ec2.tags.get(id).map_or_else(|| json!([]), |tags| tags::write(tags, "key", "value"))
}

/// The ids of a tagging call, each of which must stand.
fn resources(world: &World, ask: &Ask) -> Result<Vec<String>, Refusal> {
    let ids = ask.texts("ResourceId");
    if ids.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter resourceIdSet"));
    }
    match ids.iter().find(|id| !world.ec2.tags.contains_key(*id)) {
        None => Ok(ids),
        Some(missing) => Err(match Kind::of(missing) {
            Some(kind) => kind.not_found(missing),
            None => Refusal::new("InvalidID", format!("The ID '{missing}' is not valid")),
        }),
    }
}

/// Overwrites what is there; all or nothing (whether AWS is so in one call for several resources is unverified).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let (ids, given) = (resources(world, ask)?, checked(&ask.parts("Tag"))?);
    if given.is_empty() {
        return Err(Refusal::new("MissingParameter", "The request must contain the parameter tagSet"));
    }
    for id in &ids {
        let mut all = world.ec2.tags.get(id).cloned().unwrap_or_default();
        all.extend(given.clone());
        limited(&all)?;
    }
    for id in ids {
        world.ec2.tags.entry(id).or_default().extend(given.clone());
    }
    Ok(json!({ "return": true }))
}

/// One element for each tag of each object (API reference, DescribeTags). All in one page, which AWS need not give.
const TAGS: Listing = Listing {
    set: "tagSet",
    by_id: ("", "resourceId"),
    kind: &kind::VPC,
    filters: &[("key", "key"), ("resource-id", "resourceId"), ("resource-type", "resourceType"), ("value", "value")],
    pages: false,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let of = |(id, tags): (&String, &Tags)| {
        let (id, kind) = (id.clone(), Kind::of(id).map_or("", |kind| kind.tagged));
        let tag = move |(key, value)| json!({ "resourceId": id, "resourceType": kind, "key": key, "value": value });
        tags.clone().into_iter().map(tag).collect::<Vec<_>>()
    };
    TAGS.answer(ask, world.ec2.tags.iter().flat_map(of).collect())
}

/// A tag with a value goes only if it has that value; without tags, all go (API reference, DeleteTags).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (ids, given) = (resources(world, ask)?, ask.parts("Tag"));
    let goes = |key: &str, value: &str| {
        let fits = |tag: &Ask| tag.text("Key") == Some(key) && tag.text("Value").is_none_or(|asked| asked == value);
        given.is_empty() || given.iter().any(fits)
    };
    for id in ids {
        world.ec2.tags.entry(id).or_default().retain(|key, value| !goes(key, value));
    }
    Ok(json!({ "return": true }))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, ok, vpc, world};
    use super::*;

    fn tag(key: &str, value: &str) -> Json {
        json!({ "Key": key, "Value": value })
    }

    #[test]
    fn tags_come_change_and_go() {
        let mut world = world();
        let vpc = vpc(&mut world);
        ok(
            &mut world,
            "CreateTags",
            json!({"ResourceId": [vpc], "Tag": [tag("a", "1"), tag("b", "2"), tag("c", "3")]}),
        );
        ok(&mut world, "CreateTags", json!({"ResourceId": [vpc], "Tag": [tag("a", "9")]}));
        ok(&mut world, "DeleteTags", json!({"ResourceId": [vpc], "Tag": [{"Key": "b"}, tag("c", "other")]}));
        let vpcs = ok(&mut world, "DescribeVpcs", json!({}));
        assert_eq!(vpcs["vpcSet"][0]["tagSet"], json!([{"key": "a", "value": "9"}, {"key": "c", "value": "3"}]));
        ok(&mut world, "DeleteTags", json!({"ResourceId": [vpc]}));
        assert_eq!(ok(&mut world, "DescribeVpcs", json!({}))["vpcSet"][0]["tagSet"], json!([]));
    }

    #[test]
    fn tags_are_told_with_whose_they_are() {
        let mut world = world();
        let (vpc, other) = (vpc(&mut world), vpc(&mut world));
        ok(&mut world, "CreateTags", json!({"ResourceId": [vpc], "Tag": [tag("a", "1"), tag("b", "2")]}));
        ok(&mut world, "CreateTags", json!({"ResourceId": [other], "Tag": [tag("b", "3")]}));
        let filter = json!([{"Name": "key", "Value": ["a"]}]);
        let one = json!([{"resourceId": vpc, "resourceType": "vpc", "key": "a", "value": "1"}]);
        assert_eq!(ok(&mut world, "DescribeTags", json!({"Filter": filter}))["tagSet"], one);
        assert_eq!(ok(&mut world, "DescribeTags", json!({}))["tagSet"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn refusals() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let mut refused =
            |id: &str, tags: Json| code(&mut world, "CreateTags", json!({"ResourceId": [id], "Tag": tags}));
        assert_eq!(refused(&vpc, json!([tag("aws:x", "")])), "InvalidParameterValue");
        assert_eq!(refused(&vpc, json!([tag("x", ""), tag("x", "")])), "InvalidParameterValue");
        assert_eq!(refused(&vpc, json!([tag(&"k".repeat(129), "")])), "InvalidParameterValue");
        assert_eq!(refused(&vpc, json!([tag("k", &"v".repeat(257))])), "InvalidParameterValue");
        assert_eq!(refused(&vpc, json!([])), "MissingParameter");
        assert_eq!(refused("vpc-0", json!([tag("k", "v")])), "InvalidVpcID.NotFound");
        assert_eq!(refused("thing", json!([tag("k", "v")])), "InvalidID");
        let many: Vec<Json> = (0..51).map(|number| tag(&format!("k{number}"), "")).collect();
        assert_eq!(refused(&vpc, json!(many)), "TagLimitExceeded");
        let wrong = json!([{"ResourceType": "subnet", "Tag": [tag("k", "v")]}]);
        let ask = json!({"CidrBlock": "10.0.0.0/16", "TagSpecification": wrong});
        assert_eq!(code(&mut world, "CreateVpc", ask), "InvalidParameterValue");
        assert_eq!(code(&mut world, "DeleteTags", json!({})), "MissingParameter");
    }
}
