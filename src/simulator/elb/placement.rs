//! Where a load balancer stands: one interface in a subnet of each of its zones.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::naming::{Kind, existing};
use super::{Due, ground, health, invalid, misconfigured};
use crate::simulator::ask::Ask;
use crate::simulator::durations;
use crate::simulator::ec2::InterfaceAsk;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Node {
    pub subnet: String,
    pub zone: String,
    pub interface: String,
}

pub fn described(nodes: &[Node]) -> Json {
    let node = |node: &Node| json!({ "ZoneName": node.zone, "SubnetId": node.subnet, "LoadBalancerAddresses": [] });
    nodes.iter().map(node).collect()
}

/// The subnets that a call names, by either parameter.
pub fn subnets(ask: &Ask) -> Vec<String> {
    let mapped = ask.parts("SubnetMappings");
    let mapped = mapped.iter().filter_map(|mapping| mapping.text("SubnetId").map(str::to_owned));
    ask.texts("Subnets").into_iter().chain(mapped).collect()
}

/// The VPC's default group if none is named (API reference, CreateLoadBalancer, in the user guide's words).
pub fn groups(world: &mut World, ask: &Ask, vpc: &str) -> Vec<String> {
    let given = ask.texts("SecurityGroups");
    if given.is_empty() { ground::default_group(world, vpc).into_iter().collect() } else { given }
}

/// VPC, and zone of each subnet: of one VPC, from at least two zones, one from each (API reference, CreateLoadBalancer).
pub fn places(world: &World, subnets: &[String]) -> Result<(String, Vec<(String, String)>), Refusal> {
    let few = || invalid("At least two subnets in two different Availability Zones must be specified");
    let (mut vpc, mut zones) = (None, BTreeMap::new());
    for subnet in subnets {
        let absent = || Refusal::new("SubnetNotFound", format!("The subnet ID '{subnet}' does not exist"));
        let (of, zone) = ground::place(world, subnet).ok_or_else(absent)?;
        if *vpc.get_or_insert_with(|| of.clone()) != of {
            return Err(misconfigured("All subnets must belong to the same VPC"));
        }
        if zones.insert(zone, subnet.clone()).is_some() {
            let why = "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
            return Err(misconfigured(why));
        }
    }
    let vpc = vpc.filter(|_| zones.len() > 1).ok_or_else(few)?;
    Ok((vpc, zones.into_iter().map(|(zone, subnet)| (subnet, zone)).collect()))
}

/// Takes an interface in each place, or none at all. The description is AWS's (User Guide, network interfaces of load
/// balancers); an internet-facing one's has a public address.
pub fn take(
    world: &mut World,
    description: &str,
    places: &[(String, String)],
    groups: &[String],
    internal: bool,
) -> Result<Vec<Node>, Refusal> {
    let mut nodes: Vec<Node> = Vec::new();
    for (subnet, zone) in places {
        let ask = InterfaceAsk { subnet, groups, description, requester: "amazon-elb", public_ip: !internal };
        match ground::take(world, &ask) {
            Ok(taken) => nodes.push(Node { subnet: subnet.clone(), zone: zone.clone(), interface: taken.id }),
            Err(refusal) => {
                nodes.iter().for_each(|node| ground::release(world, &node.interface));
                return Err(translated(refusal));
            }
        }
    }
    Ok(nodes)
}

/// The network's refusal in this service's words.
fn translated(refusal: Refusal) -> Refusal {
    let code = match refusal.code.as_str() {
        "InvalidGroup.NotFound" | "InvalidGroupId.Malformed" => "InvalidSecurityGroup",
        "InvalidSubnetID.NotFound" => "SubnetNotFound",
        "InsufficientFreeAddressesInSubnet" => "InvalidSubnet",
        _ => "InvalidConfigurationRequest",
    };
    Refusal::new(code, refusal.message)
}

/// Interfaces go by and by after their load balancer no longer needs them.
pub fn let_go(world: &mut World, nodes: Vec<Node>) {
    for node in nodes {
        world.after(durations::LOAD_BALANCER_INTERFACES_LINGER, Due::InterfaceGone { id: node.interface }.into());
    }
}

/// Replaces the zones (API reference, SetSubnets): where the subnet stays, the interface stays.
pub fn set_subnets(world: &mut World, ask: &Ask) -> Answer {
    let arn = existing(ask, "LoadBalancerArn", Kind::LoadBalancer, |_| true)?;
    let balancer = world.elb.load_balancers.get(&arn).cloned().ok_or_else(|| Kind::LoadBalancer.not_found())?;
    let (vpc, places) = places(world, &subnets(ask))?;
    if balancer.vpc != vpc {
        return Err(misconfigured(format!("All subnets must belong to the load balancer's VPC '{}'", balancer.vpc)));
    }
    let has = |subnet: &str| balancer.nodes.iter().any(|node| node.subnet == subnet);
    let new: Vec<_> = places.iter().filter(|(subnet, _)| !has(subnet)).cloned().collect();
    let description = format!("ELB app/{}/{}", balancer.name, balancer.id);
    let taken = take(world, &description, &new, &balancer.groups, balancer.internal)?;
    let stays = |node: &Node| places.iter().any(|(subnet, _)| *subnet == node.subnet);
    let (stay, go): (Vec<Node>, Vec<Node>) = balancer.nodes.into_iter().partition(stays);
    let mut nodes: Vec<Node> = stay.into_iter().chain(taken).collect();
    nodes.sort_by(|one, other| one.zone.cmp(&other.zone));
    let answer = json!({ "AvailabilityZones": described(&nodes), "IpAddressType": "ipv4" });
    if let Some(balancer) = world.elb.load_balancers.get_mut(&arn) {
        balancer.nodes = nodes;
    }
    let_go(world, go);
    health::reconsider(world, &world.elb.behind(&arn));
    Ok(answer)
}

/// Replaces the groups, also those of the interfaces, which stay.
pub fn set_security_groups(world: &mut World, ask: &Ask) -> Answer {
    let arn = existing(ask, "LoadBalancerArn", Kind::LoadBalancer, |_| true)?;
    let balancer = world.elb.load_balancers.get(&arn).cloned().ok_or_else(|| Kind::LoadBalancer.not_found())?;
    let groups = ask.texts("SecurityGroups");
    if groups.is_empty() {
        return Err(invalid("At least one security group must be specified"));
    }
    if groups != balancer.groups {
        for node in &balancer.nodes {
            ground::regroup(world, &node.interface, &groups).map_err(translated)?;
        }
        if let Some(balancer) = world.elb.load_balancers.get_mut(&arn) {
            balancer.groups = groups.clone();
        }
    }
    Ok(json!({ "SecurityGroupIds": groups }))
}
