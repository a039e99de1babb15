//! Route 53: hosted zones and their records, which take their time to be in sync.
//!
//! A zone holds its records twice: as its owner last wrote them, and as the name servers answer. A change goes from the one to
//! the other after its time, in the order of the changes (Developer Guide, "ChangeResourceRecordSets": usually within 60 s).
//!
//! Not as on AWS: `example.com` and the like are not reserved, so that one can rehearse with them; routing policies are kept
//! but not understood; traffic policies, health checks, delegation sets and DNSSEC are not simulated.

mod batch;
mod change;
mod listing;
mod name;
mod record;
mod tagging;
#[cfg(test)]
mod tests;
mod value;
mod zone;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::acm;
use super::ask::Ask;
use super::elb;
use super::observe::Object;
use super::refusal::Refusal;
use super::tags::Tags;
use super::world::{Operation, World};

/// What happens by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    InSync { change: String },
}

/// Zones and changes by their ids, without `/hostedzone/` and `/change/`.
#[derive(Clone, Debug, Default)]
pub struct State {
    zones: BTreeMap<String, zone::Zone>,
    changes: BTreeMap<String, change::Change>,
    /// Caller references that were ever used.
    references: BTreeSet<String>,
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "ChangeResourceRecordSets" => batch::change,
        "ChangeTagsForResource" => tagging::change,
        "CreateHostedZone" => zone::create,
        "DeleteHostedZone" => zone::delete,
        "GetChange" => change::get,
        "GetHostedZone" => zone::get,
        "ListHostedZones" => listing::zones,
        "ListHostedZonesByName" => listing::zones_by_name,
        "ListResourceRecordSets" => listing::records,
        "ListTagsForResource" => tagging::list,
        _ => return None,
    })
}

/// Every hosted zone, and every record that somebody wrote (`observe`).
pub fn objects(world: &World) -> Vec<Object> {
    let of_zone = |(id, zone): (&String, &zone::Zone)| {
        let itself = Object {
            kind: "route53 zone",
            id: id.clone(),
            name: zone.name.clone(),
            tags: zone.tags.clone(),
            settings: json!({ "private": zone.private }),
        };
        let written = zone.records.values().filter(|set| !set.is_apex(&zone.name));
        let records = written.map(|set| Object {
            kind: "route53 record",
            id: format!("{id}/{}/{}", set.name, set.kind),
            name: format!("{} {} in {}", set.name, set.kind, zone.name),
            tags: Tags::new(),
            settings: told(world, set.described()),
        });
        std::iter::once(itself).chain(records).collect::<Vec<_>>()
    };
    world.route53.zones.iter().flat_map(of_zone).collect()
}

/// An alias to a load balancer leads to its ARN: its name holds a number that AWS draws.
fn told(world: &World, mut settings: Json) -> Json {
    if let Some(name) = settings.pointer_mut("/AliasTarget/DNSName")
        && let Some(arn) = name.as_str().and_then(|name| elb::of_name(world, name))
    {
        *name = arn.as_str().into();
    }
    settings
}

/// `zone`, `name`, `type`, `value`, `state` of each record that somebody wrote, for people.
pub fn sketch(world: &World) -> Vec<Json> {
    let of_zone = |zone: &zone::Zone| {
        let written = zone.records.iter().filter(|(_, set)| !set.is_apex(&zone.name));
        let told = written.map(|(key, set)| {
            let alias = set.alias.as_ref().map(|alias| alias.name.clone());
            let state = if zone.served.get(key) == Some(set) { "INSYNC" } else { "PENDING" };
            let value = alias.unwrap_or_else(|| set.values.join(", "));
            json!({ "zone": zone.name, "name": set.name, "type": set.kind, "value": value, "state": state })
        });
        told.collect::<Vec<_>>()
    };
    world.route53.zones.values().flat_map(of_zone).collect()
}

pub fn happen(world: &mut World, due: Due) {
    let Due::InSync { change } = due;
    change::sync(world, &change);
    acm::look(world);
}

/// Whether the world's resolvers find this value: a record in sync in a public zone. Names with or without their dot.
pub fn resolves(world: &World, name: &str, kind: &str, value: &str) -> bool {
    let Ok(name) = name::normal(name) else { return false };
    let same = |there: &String| there.trim_end_matches('.').eq_ignore_ascii_case(value.trim_end_matches('.'));
    let found = |set: &record::RecordSet| set.name == name && set.kind == kind && set.values.iter().any(same);
    world.route53.zones.values().any(|zone| !zone.private && zone.served.values().any(found))
}

#[track_caller]
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidInput", message)
}

#[track_caller]
fn no_zone(id: &str) -> Refusal {
    Refusal::new("NoSuchHostedZone", format!("No hosted zone found with ID: {id}")).with_status(404)
}

/// A member without which the call is refused, of so many characters (`InvalidInput`; the message is the framework's).
fn needed<'a>(ask: &'a Ask, name: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = ask.text(name).filter(|text| !text.is_empty());
    let null = || {
        invalid(format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    };
    check(name, text.ok_or_else(null)?, most)
}

fn check<'a>(name: &str, text: &'a str, most: usize) -> Result<&'a str, Refusal> {
    let why = "failed to satisfy constraint: Member must have length less than or equal to";
    match text.chars().count() <= most {
        true => Ok(text),
        false => Err(invalid(format!("1 validation error detected: Value '{text}' at '{name}' {why} {most}"))),
    }
}

/// An id with or without what stands before it, as it comes from other answers.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

impl From<Due> for super::world::Due {
    fn from(due: Due) -> Self {
        Self::Route53(due)
    }
}
