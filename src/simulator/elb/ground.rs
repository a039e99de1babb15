//! What load balancing asks of the network. Unit tests may put a small fake network in its
//! place.

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

/// Gives a standing interface other groups; refused as `take` refuses them.
pub fn regroup(world: &mut World, id: &str, groups: &[String]) -> Result<(), Refusal> {
    #[cfg(test)]
    if let Some(fake) = &mut world.elb.fake {
        if let Some(group) = groups.iter().find(|group| !fake.groups.contains(&group.as_str())) {
            return Err(Refusal::new("InvalidGroup.NotFound", format!("The security group '{group}' does not exist")));
        }
        let standing = fake.interfaces.iter_mut().filter(|interface| interface.0 == id);
        standing.for_each(|interface| interface.2 = groups.to_vec());
        return Ok(());
    }
    ec2::regroup_interface(world, id, groups)
}

pub fn vpc_stands(world: &World, vpc: &str) -> bool {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return fake.subnets.iter().any(|(_, of, _)| *of == vpc);
    }
    ec2::vpc_stands(world, vpc)
}

pub fn has_gateway(world: &World, vpc: &str) -> bool {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return !fake.without_gateway.contains(&vpc);
    }
    ec2::has_gateway(world, vpc)
}

/// The default security group of a VPC.
pub fn default_group(world: &World, vpc: &str) -> Option<String> {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return fake.groups.first().map(|group| (*group).to_owned());
    }
    ec2::default_group(world, vpc)
}

/// The zone of an address: that of the interface that has it.
pub fn zone_of(world: &World, vpc: &str, ip: &str) -> Option<String> {
    #[cfg(test)]
    if let Some(fake) = &world.elb.fake {
        return fake.addresses.iter().find(|(address, _)| *address == ip).map(|(_, zone)| (*zone).to_owned());
    }
    ec2::zone_of_address(world, vpc, ip)
}
