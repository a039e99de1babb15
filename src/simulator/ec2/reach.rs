//! What can reach what: ways out of a subnet, and what security groups let through. Network ACLs are not simulated.

use super::route::{Target, stands};
use super::route_table::followed;
use super::rule::{Peer, Rule};
use crate::simulator::outage;
use crate::simulator::world::World;

/// Whether traffic from the internet's side or to it can pass: the subnet's route table has a default route that leads to a
/// standing gateway (internet gateway: only with a public address; NAT gateway: if available, and if its own subnet leads
/// to an internet gateway). Nothing passes through a zone that is down.
pub fn has_way_out(world: &World, subnet: &str, public_ip: bool) -> bool {
    let dark =
        |subnet: &str| world.ec2.subnets.get(subnet).is_some_and(|subnet| outage::is_down(world, &subnet.zone.name));
    match default_route(world, subnet).filter(|_| !dark(subnet)) {
        Some(Target::Internet(_)) => public_ip,
        Some(Target::Nat(id)) => {
            let nat = world.ec2.nats.get(id).filter(|nat| nat.state == "available" && !dark(&nat.subnet));
            nat.is_some_and(|nat| matches!(default_route(world, &nat.subnet), Some(Target::Internet(_))))
        }
        None => false,
    }
}

pub fn vpc_stands(world: &World, vpc: &str) -> bool {
    world.ec2.vpcs.contains_key(vpc)
}

pub fn has_gateway(world: &World, vpc: &str) -> bool {
    world.ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc))
}

/// The default security group of a VPC.
pub fn default_group(world: &World, vpc: &str) -> Option<String> {
    let default = world.ec2.groups.iter().find(|(_, group)| group.vpc == vpc && group.name == "default");
    default.map(|(id, _)| id.clone())
}

/// The zone of the interface that has this private address.
pub fn zone_of_address(world: &World, vpc: &str, ip: &str) -> Option<String> {
    let held = world.ec2.interfaces.values().find(|held| held.vpc == vpc && held.private_ip == ip)?;
    world.ec2.subnets.get(&held.subnet).map(|subnet| subnet.zone.name.clone())
}

/// Where a subnet's default route leads, if that stands.
pub fn default_route<'a>(world: &'a World, subnet: &str) -> Option<&'a Target> {
    let (_, table) = followed(world, subnet)?;
    table.routes.get(&ipnet::Ipv4Net::default()).filter(|target| stands(world, &table.vpc, target))
}

/// Whether group `to` lets group `from` in on this TCP port, and `from` lets it out to `to`. Addresses aren't known here, so
/// a block counts if it holds the whole VPC. Without `from` it is the internet that asks.
pub fn lets_through(world: &World, from: &[String], to: &[String], port: i64) -> bool {
    lets(world, to, false, from, port) && (from.is_empty() || lets(world, from, true, to, port))
}

fn lets(world: &World, groups: &[String], egress: bool, peers: &[String], port: i64) -> bool {
    let fits = |rule: &Rule| {
        let ports = rule.protocol == "-1" || rule.protocol == "tcp" && (rule.ports.0..=rule.ports.1).contains(&port);
        let vpc = world.ec2.groups.get(&rule.group).and_then(|group| world.ec2.vpcs.get(&group.vpc));
        let peer = match &rule.peer {
            Peer::V4(block) if peers.is_empty() => block.prefix_len() == 0,
            Peer::V4(block) => vpc.is_some_and(|vpc| block.contains(&vpc.block)),
            Peer::V6(_) => false,
            Peer::Group(group) => peers.contains(group),
        };
        ports && peer
    };
    let rules = world.ec2.rules.values().filter(|rule| rule.egress == egress && groups.contains(&rule.group));
    rules.into_iter().any(fits)
}
