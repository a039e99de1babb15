//! What the network may be.

use std::collections::BTreeSet;

use super::{complain, given_by};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};
use crate::provider::web_service::blueprint::zone_slot;
use crate::provider::web_service::model::Egress;

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("network.cidr_block", Rule::Text(network_block)),
    ("network.availability_zones", Rule::NoNulls),
    ("network.availability_zones", Rule::Size(2..=8)),
    ("network.availability_zones", Rule::Each(zone)),
    ("network.availability_zone_count", Rule::Whole(2..=8)),
    ("network.egress", Rule::Words(Egress::WORDS)),
    ("network.vpc_id", Rule::Text(vpc_id)),
    ("network.public_subnet_ids", Rule::NoNulls),
    ("network.public_subnet_ids", Rule::Size(1..=16)),
    ("network.public_subnet_ids", Rule::Each(subnet_id)),
    ("network.private_subnet_ids", Rule::NoNulls),
    ("network.private_subnet_ids", Rule::Size(1..=16)),
    ("network.private_subnet_ids", Rule::Each(subnet_id)),
    ("network.security_group_ids", Rule::NoNulls),
    ("network.security_group_ids", Rule::Size(0..=4)),
    ("network.security_group_ids", Rule::Each(security_group_id)),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    zones(config).or_else(|| existing(config)).into_iter().collect()
}

/// An existing network is the user's: what only a new one has cannot be asked of it, and it must have what is needed.
fn existing(config: &Value) -> Option<Diagnostic> {
    let at = |name: &str| config.at(&Path::from(format!("network.{name}").as_str())).cloned().unwrap_or_default();
    let (vpc, public, private) = (at("vpc_id"), at("public_subnet_ids"), at("private_subnet_ids"));
    if vpc.is_null() {
        let name = ["public_subnet_ids", "private_subnet_ids"].into_iter().find(|name| !at(name).is_null())?;
        return Some(invalid(format!("network.{name}").as_str(), "It needs vpc_id beside it: the VPC it is in."));
    }
    for name in ["cidr_block", "availability_zones", "availability_zone_count", "s3_endpoint"] {
        if !at(name).is_null() {
            let why = "The network is given by vpc_id: this is of a new network only.";
            return Some(invalid(format!("network.{name}").as_str(), why));
        }
    }
    let egress = at("egress");
    if egress.as_str().is_some_and(|egress| egress != Egress::Public.word()) {
        let why = "The network is given by vpc_id, and its ways out with it: only \"public\" may be said here, for tasks in \
                   the public subnets.";
        return Some(invalid("network.egress", why));
    }
    let internal = config.at(&Path::from("load_balancer.internal")).cloned().unwrap_or_default();
    let (inward, outward) = (internal == Value::Bool(true), !internal.is_unknown() && internal != Value::Bool(true));
    let in_public = egress.as_str().is_some();
    let outward = outward && given_by(config).is_none();
    match (public.is_null(), private.is_null()) {
        (true, true) => Some(invalid("network.vpc_id", "It needs public_subnet_ids, private_subnet_ids or both.")),
        (true, _) if outward => {
            let why = "A load balancer that faces the internet needs public_subnet_ids; without them, set \
                       load_balancer.internal = true.";
            Some(invalid("network.vpc_id", why))
        }
        (true, _) if in_public => {
            Some(invalid("network.egress", "Tasks with public addresses need public_subnet_ids."))
        }
        (_, true) if egress.is_null() => {
            let why = "The tasks need private_subnet_ids; to run them in the public subnets, with public addresses, set \
                       egress = \"public\".";
            Some(invalid("network.vpc_id", why))
        }
        (_, true) if inward => Some(invalid("network.vpc_id", "An internal load balancer needs private_subnet_ids.")),
        _ => None,
    }
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

/// An id as EC2 gives it: `subnet-0123456789abcdef0`, or the eight digits of old.
fn id_of(prefix: &str, text: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    [8, 17].contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

fn vpc_id(text: &str) -> Option<String> {
    complain(id_of("vpc-", text), "is not the ID of a VPC such as \"vpc-0123456789abcdef0\"")
}

fn subnet_id(text: &str) -> Option<String> {
    complain(id_of("subnet-", text), "is not the ID of a subnet such as \"subnet-0123456789abcdef0\"")
}

pub(super) fn security_group_id(text: &str) -> Option<String> {
    complain(id_of("sg-", text), "is not the ID of a security group such as \"sg-0123456789abcdef0\"")
}

fn zone(text: &str) -> Option<String> {
    let region = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    complain(
        zone_slot(text).is_some() && rules::region(region).is_none(),
        "is not an availability zone such as \"eu-west-3a\"",
    )
}
