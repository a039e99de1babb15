//! Rules of security groups: how they are kept, read and shown. A rule's key is all of it but description and tags.

use std::collections::BTreeMap;

use ipnet::{Ipv4Net, Ipv6Net};
use serde_json::{Value as Json, json};

use super::kind::{self, invalid};
use super::listing::Listing;
use super::marks;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    V4(Ipv4Net),
    V6(Ipv6Net),
    Group(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub group: String,
    pub egress: bool,
    pub protocol: String,
    /// -1 and -1 for all traffic.
    pub ports: (i64, i64),
    pub peer: Peer,
    pub description: Option<String>,
}

impl Rule {
    pub fn all(group: &str, egress: bool, peer: Peer) -> Self {
        Self { group: group.to_owned(), egress, protocol: "-1".into(), ports: (-1, -1), peer, description: None }
    }

    /// Whether AWS takes the two for the same rule.
    pub fn same(&self, other: &Self) -> bool {
        let key = |rule: &Self| Self { description: None, ..rule.clone() };
        key(self) == key(other)
    }
}

pub fn insert(world: &mut World, rule: Rule, tags: Tags) -> String {
    let id = world.id("sgr");
    world.ec2.rules.insert(id.clone(), rule);
    world.ec2.tags.insert(id.clone(), tags);
    id
}

pub fn remove(world: &mut World, id: &str) {
    world.ec2.rules.remove(id);
    world.ec2.tags.remove(id);
}

/// Protocol and ports of a permission (API reference, IpPermission). Ports of protocols but TCP, UDP and ICMP don't count.
pub fn traffic(ask: &Ask) -> Result<(String, (i64, i64)), Refusal> {
    let asked = ask.required("IpProtocol")?.to_ascii_lowercase();
    let protocol = match asked.as_str() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    let (from, to) = (ask.number("FromPort"), ask.number("ToPort"));
    let ports = match protocol {
        "-1" => (-1, -1),
        "tcp" | "udp" => {
            let missing =
                || invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
            let (from, to) = from.zip(to).ok_or_else(missing)?;
            if !(0..=65535).contains(&from) || !(0..=65535).contains(&to) || from > to {
                return Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})")));
            }
            (from, to)
        }
        "icmp" | "icmpv6" => (from.unwrap_or(-1), to.unwrap_or(-1)),
        number if number.parse::<u8>().is_ok() => (-1, -1),
        _ => return Err(invalid(format!("Invalid value '{asked}' for IP protocol. Unknown protocol."))),
    };
    Ok((protocol.to_owned(), ports))
}

/// The host bits of blocks are cleared (API reference, AuthorizeSecurityGroupIngress).
pub fn v4(text: &str) -> Result<Peer, Refusal> {
    let block = text.parse::<Ipv4Net>().map_err(|_| invalid(format!("CIDR block {text} is malformed")))?;
    Ok(Peer::V4(block.trunc()))
}

pub fn v6(text: &str) -> Result<Peer, Refusal> {
    let block = text.parse::<Ipv6Net>().map_err(|_| invalid(format!("CIDR block {text} is malformed")))?;
    Ok(Peer::V6(block.trunc()))
}

/// A group that a rule names must be of the same VPC; peering is not simulated.
pub fn peer_group(world: &World, group: &str, peer: &str) -> Result<Peer, Refusal> {
    let vpc = &kind::GROUP.find(&world.ec2.groups, group)?.vpc;
    match kind::GROUP.find(&world.ec2.groups, peer)?.vpc == *vpc {
        true => Ok(Peer::Group(peer.to_owned())),
        false => {
            let why = "You have specified two resources that belong to different networks.";
            Err(Refusal::new("InvalidGroup.NotFound", why))
        }
    }
}

pub fn shown(world: &World, id: &str, rule: &Rule) -> Json {
    let (v4, v6, peer) = match &rule.peer {
        Peer::V4(block) => (Some(block.to_string()), None, None),
        Peer::V6(block) => (None, Some(block.to_string()), None),
        Peer::Group(group) => (None, None, Some(group)),
    };
    // Of a peer in the same VPC no VPC is told (seen in answers of AWS).
    json!({
        "securityGroupRuleId": id,
        "securityGroupRuleArn": world.arn("ec2", &format!("security-group-rule/{id}")),
        "groupId": rule.group,
        "groupOwnerId": world.account,
        "isEgress": rule.egress,
        "ipProtocol": rule.protocol,
        "fromPort": rule.ports.0,
        "toPort": rule.ports.1,
        "cidrIpv4": v4,
        "cidrIpv6": v6,
        "referencedGroupInfo": peer.map(|group| json!({ "groupId": group, "userId": world.account })),
        "description": rule.description,
        "tagSet": marks::set(world, id),
    })
}

/// CIDR blocks of both families, and groups.
type Peers = [Vec<Json>; 3];

/// The rules of one direction as permissions: one for each protocol and ports.
pub fn permissions(world: &World, group: &str, egress: bool) -> Vec<Json> {
    let mut all: BTreeMap<(String, (i64, i64)), Peers> = BTreeMap::new();
    for rule in world.ec2.rules.values().filter(|rule| rule.group == group && rule.egress == egress) {
        let peers = all.entry((rule.protocol.clone(), rule.ports)).or_default();
        let text = &rule.description;
        match &rule.peer {
            Peer::V4(block) => peers[0].push(json!({ "cidrIp": block.to_string(), "description": text })),
            Peer::V6(block) => peers[1].push(json!({ "cidrIpv6": block.to_string(), "description": text })),
            Peer::Group(id) => peers[2].push(json!({ "groupId": id, "userId": world.account, "description": text })),
        }
    }
    let written = all.into_iter().map(|((protocol, (from, to)), [v4, v6, groups])| {
        let ports = protocol != "-1";
        json!({
            "fromPort": ports.then_some(from),
            "toPort": ports.then_some(to),
            "ipProtocol": protocol,
            "ipRanges": v4,
            "ipv6Ranges": v6,
            "groups": groups,
            "prefixListIds": [],
        })
    });
    written.collect()
}

const LISTING: Listing = Listing {
    set: "securityGroupRuleSet",
    by_id: ("SecurityGroupRuleId", "securityGroupRuleId"),
    kind: &kind::RULE,
    filters: &[("group-id", "groupId"), ("security-group-rule-id", "securityGroupRuleId")],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.rules.iter().map(|(id, rule)| shown(world, id, rule)).collect())
}
