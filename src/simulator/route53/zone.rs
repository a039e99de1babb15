//! Hosted zones, public and private ones.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::record::{Key, RecordSet};
use super::{bare, change, check, invalid, name, needed, no_zone};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Zone {
    pub name: String,
    pub private: bool,
    /// As last written.
    pub records: BTreeMap<Key, RecordSet>,
    /// As the name servers answer.
    pub served: BTreeMap<Key, RecordSet>,
    /// When its last change will be in sync.
    pub settled: Duration,
    pub tags: Tags,
    reference: String,
    comment: Option<String>,
    /// Region and id, of a private zone.
    networks: Vec<(String, String)>,
    servers: Vec<String>,
}

pub fn described(id: &str, zone: &Zone) -> Json {
    json!({
        "Id": format!("/hostedzone/{id}"),
        "Name": zone.name,
        "CallerReference": zone.reference,
        "Config": { "Comment": zone.comment, "PrivateZone": zone.private },
        "ResourceRecordSetCount": zone.records.len(),
    })
}

fn network((region, id): &(String, String)) -> Json {
    json!({ "VPCRegion": region, "VPCId": id })
}

fn delegation(zone: &Zone) -> Json {
    json!({ "NameServers": zone.servers })
}

/// The zone that a call names.
pub fn existing<'a>(world: &'a World, ask: &Ask, member: &str) -> Result<(String, &'a Zone), Refusal> {
    let id = bare(needed(ask, member, 64)?);
    let zone = world.route53.zones.get(id);
    zone.map(|zone| (id.to_owned(), zone)).ok_or_else(|| no_zone(id))
}

/// The network of a private zone. Of this region it must exist; of others nothing is known.
fn asked_network(world: &World, ask: &Ask) -> Result<Option<(String, String)>, Refusal> {
    let private = ask.part("HostedZoneConfig").truth("PrivateZone").unwrap_or(false);
    let vpc = ask.part("VPC");
    match (vpc.text("VPCRegion"), vpc.text("VPCId")) {
        (Some(region), Some(id)) => match region != world.region || world.ec2.has_vpc(id) {
            true => Ok(Some((region.to_owned(), id.to_owned()))),
            false => Err(Refusal::new("InvalidVPCId", format!("The VPC ID {id} is not valid"))),
        },
        (None, None) if !private => Ok(None),
        _ => Err(invalid(
            "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also specify \
             values for VPCId and VPCRegion.",
        )),
    }
}

/// The answer has a delegation set of private zones too: the model requires it (which name servers: unverified).
/// A caller reference can't be used twice, not even with equal settings, nor after deletion (the latter unverified).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let asked = needed(ask, "Name", 1024)?;
    let reference = needed(ask, "CallerReference", 128)?.to_owned();
    let comment = ask.part("HostedZoneConfig").text("Comment").map(str::to_owned).filter(|text| !text.is_empty());
    check("hostedZoneConfig.comment", comment.as_deref().unwrap_or_default(), 256)?;
    if let Some(set) = ask.text("DelegationSetId") {
        return Err(Refusal::new("NoSuchDelegationSet", format!("Reusable delegation set {set} does not exist")));
    }
    let name = name::normal(asked)
        .map_err(|_| Refusal::new("InvalidDomainName", format!("The domain name {asked} is not valid")))?;
    let network = asked_network(world, ask)?;
    if world.route53.references.contains(&reference) {
        let why = format!("A hosted zone has already been created with the specified caller reference. ({reference})");
        return Err(Refusal::new("HostedZoneAlreadyExists", why).with_status(409));
    }
    if let Some((_, vpc)) = &network {
        let clash = |zone: &&Zone| zone.name == name && zone.networks.iter().any(|(_, id)| id == vpc);
        if world.route53.zones.values().any(|zone| clash(&zone)) {
            let why = format!("The VPC {vpc} is already associated with another hosted zone of the domain {name}");
            return Err(Refusal::new("ConflictingDomainExists", why));
        }
    }
    if quotas::full(world, quotas::HOSTED_ZONES, world.route53.zones.len()) {
        let most = quotas::limit(world, quotas::HOSTED_ZONES);
        return Err(Refusal::new("TooManyHostedZones", format!("Limits Exceeded: {most} hosted zones")));
    }
    let id = format!("Z{}", world.hex(20).to_uppercase());
    let drawn = u32::from_str_radix(&world.hex(4), 16).unwrap_or_default();
    let number = if network.is_some() { 0 } else { drawn };
    let server = |(at, end): (u32, &str)| format!("ns-{}.awsdns-{:02}.{end}", number % 512 + at * 512, number % 64);
    let servers: Vec<String> = [(0, "com"), (1, "net"), (2, "org"), (3, "co.uk")].into_iter().map(server).collect();
    let own = RecordSet::apex(&name, &servers);
    let zone = Zone {
        private: network.is_some(),
        served: BTreeMap::new(),
        settled: Duration::ZERO,
        tags: Tags::new(),
        records: own.iter().map(|set| (set.key(), set.clone())).collect(),
        networks: network.iter().cloned().collect(),
        name,
        reference: reference.clone(),
        comment,
        servers,
    };
    let mut answer = json!({
        "HostedZone": described(&id, &zone),
        "DelegationSet": delegation(&zone),
        "VPC": zone.networks.first().map(self::network),
        "Location": format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}"),
    });
    world.route53.references.insert(reference);
    world.route53.zones.insert(id.clone(), zone);
    let touched = own.into_iter().map(|set| (set.key(), Some(set))).collect();
    answer["ChangeInfo"] = change::submit(world, &id, None, touched);
    Ok(answer)
}

/// A private zone has name servers too, but tells no delegation set (API reference, GetHostedZone).
pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (id, zone) = existing(world, ask, "Id")?;
    let networks: Vec<Json> = zone.networks.iter().map(network).collect();
    Ok(json!({
        "HostedZone": described(&id, zone),
        "DelegationSet": (!zone.private).then(|| delegation(zone)),
        "VPCs": Some(networks).filter(|networks| !networks.is_empty()),
    }))
}

/// Only when nothing is left but the zone's own NS and SOA (API reference, DeleteHostedZone).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (id, zone) = existing(world, ask, "Id")?;
    if zone.records.values().any(|set| !set.is_apex(&zone.name)) {
        let why = "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
        return Err(Refusal::new("HostedZoneNotEmpty", why));
    }
    let change = change::submit(world, &id, None, Vec::new());
    world.route53.zones.remove(&id);
    Ok(json!({ "ChangeInfo": change }))
}
