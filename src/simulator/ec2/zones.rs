//! Availability zones: a, b and c of the region, available but for outages.
//!
//! Names mean other zones in other accounts, ids don't; which name has which id is made up here.

use serde_json::json;

use super::kind::{SUBNET, invalid};
use super::listing::Listing;
use crate::simulator::ask::Ask;
use crate::simulator::outage;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub name: String,
    pub id: String,
}

/// `eu-west-3` has `euw3-az1`… In three regions az3 is not for everyone ("AWS Fargate Availability Zones"), so az4 is used.
pub fn of(region: &str) -> Vec<Zone> {
    let short: String =
        region.split('-').enumerate().map(|(at, part)| if at == 0 { part.to_owned() } else { brief(part) }).collect();
    let last = if ["use1", "apne1", "cac1"].contains(&short.as_str()) { 4 } else { 3 };
    let zones = [("a", 1), ("b", 2), ("c", last)].into_iter();
    zones
        .map(|(letter, number)| Zone { name: format!("{region}{letter}"), id: format!("{short}-az{number}") })
        .collect()
}

/// The names of the region's zones.
pub fn names(world: &World) -> Vec<String> {
    world.ec2.zones.iter().map(|zone| zone.name.clone()).collect()
}

/// A part of a region's name as zone ids have it: `northeast` is `ne`.
fn brief(part: &str) -> String {
    let both = ["north", "south"].iter().find_map(|side| part.strip_prefix(side).map(|rest| (side, rest)));
    match both {
        Some((side, rest)) => side.chars().take(1).chain(rest.chars().take(1)).collect(),
        None => {
            part.chars().take(if part.chars().all(|sign| sign.is_ascii_digit()) { part.len() } else { 1 }).collect()
        }
    }
}

/// The zone a subnet is asked for; the first one if it doesn't matter (AWS chooses).
pub fn chosen(world: &World, ask: &Ask) -> Result<Zone, Refusal> {
    let zones = &world.ec2.zones;
    let found = match (ask.text("AvailabilityZone"), ask.text("AvailabilityZoneId")) {
        (Some(name), _) => zones.iter().find(|zone| zone.name == name).ok_or(name),
        (None, Some(id)) => zones.iter().find(|zone| zone.id == id).ok_or(id),
        (None, None) => zones.first().ok_or(""),
    };
    found.cloned().map_err(|asked| {
        let names: Vec<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
        invalid(format!(
            "Value ({asked}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {}.",
            names.join(", "),
        ))
    })
}

const LISTING: Listing = Listing {
    set: "availabilityZoneInfo",
    by_id: ("", "zoneName"),
    kind: &SUBNET,
    filters: &[
        ("group-name", "groupName"),
        ("message", "messageSet.message"),
        ("opt-in-status", "optInStatus"),
        ("region-name", "regionName"),
        ("state", "zoneState"),
        ("zone-id", "zoneId"),
        ("zone-name", "zoneName"),
        ("zone-type", "zoneType"),
    ],
    pages: false,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let (names, ids) = (ask.texts("ZoneName"), ask.texts("ZoneId"));
    let unknown = names.iter().find(|name| !world.ec2.zones.iter().any(|zone| zone.name == **name));
    let unknown = unknown.or_else(|| ids.iter().find(|id| !world.ec2.zones.iter().any(|zone| zone.id == **id)));
    if let Some(unknown) = unknown {
        return Err(invalid(format!("Invalid availability zone: [{unknown}]")));
    }
    let asked =
        |zone: &&Zone| (names.is_empty() || names.contains(&zone.name)) && (ids.is_empty() || ids.contains(&zone.id));
    let shown = world.ec2.zones.iter().filter(asked).map(|zone| {
        let down = outage::is_down(world, &zone.name);
        json!({
            "zoneName": zone.name,
            "zoneId": zone.id,
            // API reference, AvailabilityZone: available, information, impaired, unavailable, constrained; which one of them
            // AWS shows in an outage is unverified.
            "zoneState": if down { "impaired" } else { "available" },
            "zoneType": "availability-zone",
            "optInStatus": "opt-in-not-required",
            "regionName": world.region,
            "groupName": format!("{}-zg-1", world.region),
            "networkBorderGroup": world.region,
            "messageSet": if down { json!([{ "message": "The zone has no power" }]) } else { json!([]) },
        })
    });
    LISTING.answer(ask, shown.collect())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, ok, world};
    use super::*;

    #[test]
    fn ids_follow_the_regions_name() {
        let third = |region: &str| of(region)[2].id.clone();
        assert_eq!(third("eu-west-3"), "euw3-az3");
        assert_eq!(third("us-east-1"), "use1-az4");
        assert_eq!(third("ap-northeast-1"), "apne1-az4");
        assert_eq!(third("eu-north-1"), "eun1-az3");
        assert_eq!(third("us-gov-west-1"), "usgw1-az3");
        assert_eq!(of("").len(), 3);
    }

    #[test]
    fn three_zones_and_filters() {
        let mut world = world();
        let filters = json!({"Filter": [{"Name": "state", "Value": ["available"]}, {"Name": "zone-type", "Value": ["availability-zone"]}]});
        let zones = ok(&mut world, "DescribeAvailabilityZones", filters);
        assert_eq!(zones["availabilityZoneInfo"].as_array().unwrap().len(), 3);
        assert_eq!(zones["availabilityZoneInfo"][1]["zoneId"], "euw3-az2");
        let one = ok(&mut world, "DescribeAvailabilityZones", json!({"ZoneName": ["eu-west-3c"]}));
        assert_eq!(one["availabilityZoneInfo"][0]["zoneName"], "eu-west-3c");
        assert_eq!(code(&mut world, "DescribeAvailabilityZones", json!({"ZoneId": ["x"]})), "InvalidParameterValue");
    }
}
