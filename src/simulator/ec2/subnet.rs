//! Subnets: a block of their VPC in one zone. AWS keeps five addresses of each to itself.

use ipnet::Ipv4Net;
use serde_json::{Value as Json, json};

use super::kind::{self, in_use};
use super::listing::Listing;
use super::vpc::block;
use super::zones::{self, Zone};
use super::{Due, marks};
use crate::simulator::ask::Ask;
use crate::simulator::durations::NETWORK_AVAILABLE;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Subnet {
    pub vpc: String,
    pub block: Ipv4Net,
    pub zone: Zone,
    available: bool,
    maps_public: bool,
}

/// The first four addresses and the last one (VPC user guide, "Subnet CIDR blocks").
const RESERVED: usize = 5;

/// VPC and zone of a subnet, if it stands.
pub fn subnet_place(world: &World, subnet: &str) -> Option<(String, String)> {
    world.ec2.subnets.get(subnet).map(|subnet| (subnet.vpc.clone(), subnet.zone.name.clone()))
}

/// How many addresses are free.
pub fn free(world: &World, id: &str, subnet: &Subnet) -> usize {
    let used = world.ec2.interfaces.values().filter(|interface| interface.subnet == id).count();
    (1_usize << (32 - subnet.block.prefix_len())).saturating_sub(RESERVED + used)
}

pub fn shown(world: &World, id: &str, subnet: &Subnet) -> Json {
    json!({
        "subnetId": id,
        "subnetArn": world.arn("ec2", &format!("subnet/{id}")),
        "ownerId": world.account,
        "vpcId": subnet.vpc,
        "state": if subnet.available { "available" } else { "pending" },
        "cidrBlock": subnet.block.to_string(),
        "availabilityZone": subnet.zone.name,
        "availabilityZoneId": subnet.zone.id,
        "availableIpAddressCount": free(world, id, subnet),
        "defaultForAz": false,
        "mapPublicIpOnLaunch": subnet.maps_public,
        "assignIpv6AddressOnCreation": false,
        "ipv6Native": false,
        "privateDnsNameOptionsOnLaunch": {
            "hostnameType": "ip-name",
            "enableResourceNameDnsARecord": false,
            "enableResourceNameDnsAAAARecord": false,
        },
        "tagSet": marks::set(world, id),
    })
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::SUBNET)?;
    let vpc = ask.required("VpcId")?.to_owned();
    let whole = kind::VPC.find(&world.ec2.vpcs, &vpc)?.block;
    let block = block(ask.required("CidrBlock")?, "InvalidSubnet.Range")?;
    if !whole.contains(&block) {
        return Err(Refusal::new("InvalidSubnet.Range", format!("The CIDR '{block}' is invalid.")));
    }
    let zone = zones::chosen(world, ask)?;
    let siblings: Vec<&Subnet> = world.ec2.subnets.values().filter(|subnet| subnet.vpc == vpc).collect();
    if siblings.iter().any(|subnet| subnet.block.contains(&block) || block.contains(&subnet.block)) {
        let why = format!("The CIDR '{block}' conflicts with another subnet");
        return Err(Refusal::new("InvalidSubnet.Conflict", why));
    }
    if quotas::full(world, quotas::SUBNETS, siblings.len()) {
        return Err(Refusal::new("SubnetLimitExceeded", "The maximum number of subnets has been reached."));
    }
    let (id, subnet) = (world.id("subnet"), Subnet { vpc, block, zone, available: false, maps_public: false });
    world.ec2.subnets.insert(id.clone(), subnet.clone());
    world.ec2.tags.insert(id.clone(), tags);
    world.after(NETWORK_AVAILABLE, world::Due::Ec2(Due::SubnetAvailable(id.clone())));
    Ok(json!({ "subnet": shown(world, &id, &subnet) }))
}

/// One attribute a call (API reference, ModifySubnetAttribute); the others are not simulated.
pub fn modify_attribute(world: &mut World, ask: &Ask) -> Answer {
    let subnet = kind::SUBNET.find_mut(&mut world.ec2.subnets, ask.required("SubnetId")?)?;
    let missing = || Refusal::new("MissingParameter", "The request must contain MapPublicIpOnLaunch");
    subnet.maps_public = ask.part("MapPublicIpOnLaunch").truth("Value").ok_or_else(missing)?;
    Ok(json!({ "return": true }))
}

pub fn available(world: &mut World, id: &str) {
    if let Some(subnet) = world.ec2.subnets.get_mut(id) {
        subnet.available = true;
        world.note(format!("{id} is available"));
    }
}

/// Its route table association goes with it; interfaces in it hold it (API reference, DeleteSubnet).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("SubnetId")?;
    kind::SUBNET.find(&world.ec2.subnets, id)?;
    if world.ec2.interfaces.values().any(|interface| interface.subnet == id) {
        return Err(in_use("subnet", id));
    }
    for table in world.ec2.route_tables.values_mut() {
        table.associations.retain(|_, subnet| subnet != id);
    }
    world.ec2.subnets.remove(id);
    world.ec2.tags.remove(id);
    Ok(json!({ "return": true }))
}

const LISTING: Listing = Listing {
    set: "subnetSet",
    by_id: ("SubnetId", "subnetId"),
    kind: &kind::SUBNET,
    filters: &[
        ("availability-zone", "availabilityZone"),
        ("availability-zone-id", "availabilityZoneId"),
        ("available-ip-address-count", "availableIpAddressCount"),
        ("cidr-block", "cidrBlock"),
        ("default-for-az", "defaultForAz"),
        ("map-public-ip-on-launch", "mapPublicIpOnLaunch"),
        ("owner-id", "ownerId"),
        ("state", "state"),
        ("subnet-arn", "subnetArn"),
        ("subnet-id", "subnetId"),
        ("vpc-id", "vpcId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.subnets.iter().map(|(id, subnet)| shown(world, id, subnet)).collect())
}
