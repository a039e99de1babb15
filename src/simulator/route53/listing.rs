//! Lists of zones and records, in pages. Where a page ends, the answer names the first one of the next.

use serde_json::{Value as Json, json};

use super::zone::{described, existing};
use super::{bare, invalid, name, needed, record};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// How many; more than the most is taken for the most (API reference, MaxItems).
fn size(ask: &Ask, most: usize) -> Result<usize, Refusal> {
    if ask.get("MaxItems").is_null() {
        return Ok(most);
    }
    let asked = ask.number("MaxItems").and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    asked.map(|size| size.min(most)).ok_or_else(|| invalid("MaxItems must be a number greater than 0"))
}

fn normal(text: &str) -> Result<String, Refusal> {
    name::normal(text).map_err(|_| Refusal::new("InvalidDomainName", format!("The domain name {text} is not valid")))
}

/// By id; a marker is the id of the next zone. One that doesn't stand any more: from where it stood (unverified).
pub fn zones(world: &mut World, ask: &Ask) -> Answer {
    let size = size(ask, 100)?;
    let only = match ask.text("HostedZoneType") {
        None => false,
        Some("PrivateHostedZone") => true,
        Some(other) => return Err(invalid(format!("{other} is not a type of hosted zones"))),
    };
    if let Some(set) = ask.text("DelegationSetId") {
        return Err(Refusal::new("NoSuchDelegationSet", format!("Reusable delegation set {set} does not exist")));
    }
    let marker = ask.text("Marker").map(bare);
    let from = world.route53.zones.range(marker.unwrap_or_default().to_owned()..);
    let mut rest = from.filter(|(_, zone)| zone.private || !only);
    let page: Vec<Json> = rest.by_ref().take(size).map(|(id, zone)| described(id, zone)).collect();
    let next = rest.next().map(|(id, _)| id);
    Ok(json!({
        "HostedZones": page,
        "Marker": marker,
        "IsTruncated": next.is_some(),
        "NextMarker": next,
        "MaxItems": size.to_string(),
    }))
}

/// By reversed name, then id.
pub fn zones_by_name(world: &mut World, ask: &Ask) -> Answer {
    let size = size(ask, 100)?;
    let (asked, id) = (ask.text("DNSName").filter(|text| !text.is_empty()), ask.text("HostedZoneId").map(bare));
    if id.is_some() && asked.is_none() {
        return Err(invalid("HostedZoneId may only be specified together with DNSName"));
    }
    let start = asked.map(normal).transpose()?.map(|name| name::order(&name)).unwrap_or_default();
    let start = (start, id.unwrap_or_default());
    let all = &world.route53.zones;
    let mut sorted: Vec<_> = all.iter().map(|(id, zone)| ((name::order(&zone.name), id.as_str()), zone)).collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut rest = sorted.into_iter().filter(|((order, id), _)| (order.as_str(), *id) >= (start.0.as_str(), start.1));
    let page: Vec<Json> = rest.by_ref().take(size).map(|((_, id), zone)| described(id, zone)).collect();
    let next = rest.next();
    Ok(json!({
        "HostedZones": page,
        "DNSName": asked,
        "HostedZoneId": id,
        "IsTruncated": next.is_some(),
        "NextDNSName": next.as_ref().map(|(_, zone)| &zone.name),
        "NextHostedZoneId": next.as_ref().map(|((_, id), _)| id),
        "MaxItems": size.to_string(),
    }))
}

/// By reversed name, type, identifier; from a name on, or from a name and a type on.
pub fn records(world: &mut World, ask: &Ask) -> Answer {
    let (_, zone) = existing(world, ask, "HostedZoneId")?;
    let size = size(ask, 300)?;
    let part = |member: &str| ask.text(member).filter(|text| !text.is_empty());
    let (start, kind, identifier) = (part("StartRecordName"), part("StartRecordType"), part("StartRecordIdentifier"));
    if (kind.is_some() && start.is_none()) || (identifier.is_some() && kind.is_none()) {
        return Err(invalid("A start type needs a start name, and a start identifier both"));
    }
    let start = match start {
        Some(_) => name::order(&normal(needed(ask, "StartRecordName", 1024)?)?),
        None => String::new(),
    };
    let kind = kind.map(|kind| record::kind(kind, "startRecordType")).transpose()?.unwrap_or_default();
    let mut rest = zone.records.range((start, kind, identifier.unwrap_or_default().to_owned())..).map(|(_, set)| set);
    let page: Vec<Json> = rest.by_ref().take(size).map(record::RecordSet::described).collect();
    let next = rest.next();
    Ok(json!({
        "ResourceRecordSets": page,
        "IsTruncated": next.is_some(),
        "NextRecordName": next.map(|set| &set.name),
        "NextRecordType": next.map(|set| &set.kind),
        "NextRecordIdentifier": next.and_then(|set| set.identifier.as_ref()),
        "MaxItems": size.to_string(),
    }))
}
