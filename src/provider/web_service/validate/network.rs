//! What the network may be.

use std::collections::BTreeSet;

use super::complain;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};
use crate::provider::web_service::blueprint::zone_slot;

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("network.cidr_block", Rule::Text(network_block)),
    ("network.availability_zones", Rule::NoNulls),
    ("network.availability_zones", Rule::Size(2..=8)),
    ("network.availability_zones", Rule::Each(zone)),
    ("network.availability_zone_count", Rule::Whole(2..=8)),
    ("network.egress", Rule::Words(&["nat_per_az", "nat_single", "public"])),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    zones(config).into_iter().collect()
}

fn zones(config: &Value) -> Option<Diagnostic> {
    // What is unknown may turn out to be null.
    let given = |path: &str| config.at(&Path::from(path)).filter(|value| !value.is_null() && !value.is_unknown());
    let zones = given("network.availability_zones")?;
    if given("network.availability_zone_count").is_some() {
        let why = "Give either availability_zones or availability_zone_count.";
        return Some(invalid("network.availability_zone_count", why));
    }
    let regions: BTreeSet<&str> =
        zones.parts().into_iter().filter_map(Value::as_str).map(|zone| &zone[..zone.len() - 1]).collect();
    let why = "These zones are of more than one region.";
    (regions.len() > 1).then(|| invalid("network.availability_zones", why))
}

fn network_block(text: &str) -> Option<String> {
    rules::cidr_block(text).or_else(|| {
        let prefix = text.rsplit('/').next().and_then(|prefix| prefix.parse::<u8>().ok())?;
        complain(
            (16..=23).contains(&prefix),
            "is too large or too small: from /16, the most AWS allows, to /23, which leaves each load-balancer subnet its /27",
        )
    })
}

fn zone(text: &str) -> Option<String> {
    let region = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    complain(
        zone_slot(text).is_some() && rules::region(region).is_none(),
        "is not an availability zone such as \"eu-west-3a\"",
    )
}
