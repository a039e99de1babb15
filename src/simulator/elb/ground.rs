//! What load balancing asks of the network. What the other module has no function for is read through its public operations;
//! an operation that it lacks refuses nothing here. Unit tests may put a small fake network in its place.

use serde_json::{Value as Json, json};

use crate::simulator::ask::Ask;
use crate::simulator::ec2::{self, Interface, InterfaceAsk};
use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;

/// A network for tests: subnets as (id, VPC, zone), groups, addresses as (address, zone).
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub struct Fake {
    pub subnets: Vec<(&'static str, &'static str, &'static str)>,
    pub groups: Vec<&'static str>,
    pub addresses: Vec<(&'static str, &'static str)>,
    pub without_gateway: Vec<&'static str>,
    /// Standing interfaces: id, subnet, groups, description.
    pub interfaces: Vec<(String, String, Vec<String>, String)>,
}

/// VPC and zone.
pub fn place(world: &World, subnet: &str) -> Option<(String, String)> {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        let found = fake.subnets.iter().find(|(id, ..)| *id == subnet);
        return found.map(|(_, vpc, zone)| ((*vpc).to_owned(), (*zone).to_owned()));
    }
    ec2::subnet_place(world, subnet)
}

pub fn take(world: &mut World, ask: &InterfaceAsk<'_>) -> Result<Interface, Refusal> {
    #[cfg(test)]
    if world.elb.fake.is_some() {
        return fake_take(world, ask);
    }
    ec2::take_interface(world, ask)
}

#[cfg(test)]
fn fake_take(world: &mut World, ask: &InterfaceAsk<'_>) -> Result<Interface, Refusal> {
    let id = world.id("eni");
    let (vpc, availability_zone) = place(world, ask.subnet).unwrap();
    let fake = world.elb.fake.as_mut().unwrap();
    if let Some(group) = ask.groups.iter().find(|group| !fake.groups.contains(&group.as_str())) {
        return Err(Refusal::new("InvalidGroup.NotFound", format!("The security group '{group}' does not exist")));
    }
    let (subnet, groups, description) = (ask.subnet.to_owned(), ask.groups.to_vec(), ask.description.to_owned());
    fake.interfaces.push((id.clone(), subnet, groups, description));
    Ok(Interface { id, private_ip: "10.0.0.9".into(), public_ip: None, availability_zone, vpc })
}

pub fn release(world: &mut World, id: &str) {
    #[cfg(test)]
    if let Some(fake) = &mut world.elb.fake {
        return fake.interfaces.retain(|interface| interface.0 != id);
    }
    ec2::release_interface(world, id);
}

/// What an EC2 operation lists under `set`; none if it isn't simulated or refuses.
fn list(world: &mut World, action: &str, filters: &[(&str, &str)], set: &str) -> Option<Vec<Json>> {
    let filters: Json = filters.iter().map(|(name, value)| json!({ "Name": name, "Value": [value] })).collect();
    let answer = ec2::operation(action)?(world, &Ask(json!({ "Filter": filters }))).ok()?;
    answer.get(set)?.as_array().cloned()
}

pub fn vpc_stands(world: &mut World, vpc: &str) -> bool {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return fake.subnets.iter().any(|(_, of, _)| *of == vpc);
    }
    list(world, "DescribeVpcs", &[("vpc-id", vpc)], "vpcSet").is_none_or(|found| !found.is_empty())
}

pub fn has_gateway(world: &mut World, vpc: &str) -> bool {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return !fake.without_gateway.contains(&vpc);
    }
    let found = list(world, "DescribeInternetGateways", &[("attachment.vpc-id", vpc)], "internetGatewaySet");
    found.is_none_or(|found| !found.is_empty())
}

/// The default security group of a VPC.
pub fn default_group(world: &mut World, vpc: &str) -> Option<String> {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return fake.groups.first().map(|group| (*group).to_owned());
    }
    let found =
        list(world, "DescribeSecurityGroups", &[("vpc-id", vpc), ("group-name", "default")], "securityGroupInfo")?;
    Some(found.first()?.get("groupId")?.as_str()?.to_owned())
}

/// The zone of an address: that of the interface that has it.
pub fn zone_of(world: &mut World, vpc: &str, ip: &str) -> Option<String> {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return fake.addresses.iter().find(|(address, _)| *address == ip).map(|(_, zone)| (*zone).to_owned());
    }
    let found = list(world, "DescribeNetworkInterfaces", &[("vpc-id", vpc)], "networkInterfaceSet")?;
    let text = |interface: &Json, name: &str| interface.get(name)?.as_str().map(str::to_owned);
    let there = found.iter().find(|interface| text(interface, "privateIpAddress").as_deref() == Some(ip))?;
    text(there, "availabilityZone")
}
