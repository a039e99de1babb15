//! Network interfaces. Nobody makes one by a call here: load balancers, tasks and NAT gateways do, and hold subnet, groups
//! and gateway with them.

use std::net::Ipv4Addr;

use serde_json::{Value as Json, json};

use super::address::new_public_ip;
use super::hostname;
use super::kind;
use super::listing::Listing;
use super::reach::default_group;
use super::{marks, subnet};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

/// A network interface that another service holds in a subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    pub id: String,
    pub private_ip: String,
    pub public_ip: Option<String>,
    pub availability_zone: String,
    pub vpc: String,
}

/// What a service asks an interface for.
pub struct InterfaceAsk<'a> {
    pub subnet: &'a str,
    pub groups: &'a [String],
    pub description: &'a str,
    /// `amazon-elb`, or the account for ECS tasks.
    pub requester: &'a str,
    pub public_ip: bool,
}

/// An interface as it is kept.
#[derive(Clone, Debug)]
pub struct Held {
    pub subnet: String,
    pub vpc: String,
    pub private_ip: String,
    pub public_ip: Option<String>,
    pub groups: Vec<String>,
    zone: String,
    zone_id: String,
    description: String,
    requester: String,
    interface_type: &'static str,
    mac: String,
    attachment: String,
    since: String,
}

/// Makes an interface; refused if subnet or group don't exist (`InvalidSubnetID.NotFound`, `InvalidGroup.NotFound`), or if
/// the subnet is full (`InsufficientFreeAddressesInSubnet`). Without groups it gets the VPC's default group.
pub fn take_interface(world: &mut World, ask: &InterfaceAsk<'_>) -> Result<Interface, Refusal> {
    let vpc = kind::SUBNET.find(&world.ec2.subnets, ask.subnet)?.vpc.clone();
    let groups = fitting(world, &vpc, ask.groups)?;
    let public_ip = if ask.public_ip { Some(new_public_ip(world)) } else { None };
    place(world, ask.subnet, groups, ask.description, ask.requester, public_ip, "interface")
}

/// The groups of an interface: of its VPC, at most five; its default group if none is named.
fn fitting(world: &World, vpc: &str, groups: &[String]) -> Result<Vec<String>, Refusal> {
    if groups.is_empty() {
        return Ok(default_group(world, vpc).into_iter().collect());
    }
    for group in groups {
        if kind::GROUP.find(&world.ec2.groups, group)?.vpc != vpc {
            let why = format!("The security group '{group}' does not exist in VPC '{vpc}'");
            return Err(Refusal::new("InvalidGroup.NotFound", why));
        }
    }
    // "Amazon VPC quotas".
    if groups.len() > 5 {
        let why = "The maximum number of security groups per interface has been reached.";
        return Err(Refusal::new("SecurityGroupsPerInterfaceLimitExceeded", why));
    }
    Ok(groups.to_vec())
}

/// Gives an interface other groups; refused as `take_interface` refuses them, or if it is gone.
pub fn regroup_interface(world: &mut World, id: &str, groups: &[String]) -> Result<(), Refusal> {
    let vpc = kind::INTERFACE.find(&world.ec2.interfaces, id)?.vpc.clone();
    let groups = fitting(world, &vpc, groups)?;
    kind::INTERFACE.find_mut(&mut world.ec2.interfaces, id)?.groups = groups;
    Ok(())
}

/// Puts an interface into a subnet, at a free address.
pub fn place(
    world: &mut World,
    subnet_id: &str,
    groups: Vec<String>,
    description: &str,
    requester: &str,
    public_ip: Option<String>,
    interface_type: &'static str,
) -> Result<Interface, Refusal> {
    let subnet = kind::SUBNET.find(&world.ec2.subnets, subnet_id)?.clone();
    if subnet::free(world, subnet_id, &subnet) == 0 {
        let why = format!("There are not enough free addresses in subnet '{subnet_id}' to satisfy the request.");
        return Err(Refusal::new("InsufficientFreeAddressesInSubnet", why));
    }
    let size = (1_u32 << (32 - subnet.block.prefix_len())) - 5;
    let (first, start) = (u32::from(subnet.block.network()) + 4, u32::from_str_radix(&world.hex(7), 16).unwrap_or(0));
    let used =
        |ip: &String| world.ec2.interfaces.values().any(|held| held.subnet == subnet_id && held.private_ip == *ip);
    let candidates = (0..size).map(|step| Ipv4Addr::from(first + (start + step) % size).to_string());
    let private_ip = candidates.into_iter().find(|ip| !used(ip)).unwrap_or_default();
    let (id, attachment, mac) = (world.id("eni"), world.id("ela-attach"), world.hex(10));
    let pairs: Vec<&str> = (0..5).map(|at| &mac[2 * at..2 * at + 2]).collect();
    let held = Held {
        subnet: subnet_id.to_owned(),
        vpc: subnet.vpc.clone(),
        private_ip: private_ip.clone(),
        public_ip: public_ip.clone(),
        groups,
        zone: subnet.zone.name.clone(),
        zone_id: subnet.zone.id,
        description: description.to_owned(),
        requester: requester.to_owned(),
        interface_type,
        mac: format!("0a:{}", pairs.join(":")),
        attachment,
        since: world.iso(),
    };
    world.ec2.interfaces.insert(id.clone(), held);
    world.ec2.tags.insert(id.clone(), Tags::new());
    Ok(Interface { id, private_ip, public_ip, availability_zone: subnet.zone.name, vpc: subnet.vpc })
}

/// Removes an interface; nothing happens if it is gone.
pub fn release_interface(world: &mut World, id: &str) {
    if world.ec2.interfaces.remove(id).is_some() {
        world.ec2.tags.remove(id);
    }
}

/// Groups as interfaces and endpoints show them.
pub fn groups(world: &World, ids: &[String]) -> Json {
    let name = |id: &String| world.ec2.groups.get(id).map(|group| &group.name);
    ids.iter().map(|id| json!({ "groupId": id, "groupName": name(id) })).collect()
}

fn shown(world: &World, id: &str, held: &Held) -> Json {
    let elb = held.requester == "amazon-elb";
    let association = held.public_ip.as_ref().map(|ip| {
        let address = world.ec2.addresses.iter().find(|(_, address)| address.public_ip == *ip);
        json!({
            "publicIp": ip,
            "publicDnsName": hostname::public(world, &held.vpc, ip),
            "ipOwnerId": if address.is_some() { &world.account } else { "amazon" },
            "allocationId": address.map(|(id, _)| id),
            "associationId": address.and_then(|(_, address)| address.held.as_ref()).map(|(_, association)| association),
        })
    });
    let private_name = hostname::private(world, &held.vpc, &held.private_ip);
    json!({
        "networkInterfaceId": id,
        "subnetId": held.subnet,
        "vpcId": held.vpc,
        "availabilityZone": held.zone,
        "availabilityZoneId": held.zone_id,
        "description": held.description,
        "ownerId": world.account,
        "requesterId": held.requester,
        "requesterManaged": true,
        "interfaceType": held.interface_type,
        "status": "in-use",
        "macAddress": held.mac,
        "privateIpAddress": held.private_ip,
        "privateDnsName": private_name,
        "privateIpAddressesSet": [{
            "privateIpAddress": held.private_ip,
            "privateDnsName": private_name,
            "primary": true,
            "association": association,
        }],
        "association": association,
        "attachment": {
            "attachmentId": held.attachment,
            "attachTime": held.since,
            "deleteOnTermination": false,
            "deviceIndex": 1,
            "instanceOwnerId": if elb { "amazon-elb" } else { "amazon-aws" },
            "status": "attached",
        },
        "sourceDestCheck": held.interface_type != "nat_gateway",
        "groupSet": groups(world, &held.groups),
        "tagSet": marks::set(world, id),
    })
}

const LISTING: Listing = Listing {
    set: "networkInterfaceSet",
    by_id: ("NetworkInterfaceId", "networkInterfaceId"),
    kind: &kind::INTERFACE,
    filters: &[
        ("addresses.private-ip-address", "privateIpAddressesSet.privateIpAddress"),
        ("association.allocation-id", "association.allocationId"),
        ("association.association-id", "association.associationId"),
        ("association.public-ip", "association.publicIp"),
        ("attachment.attachment-id", "attachment.attachmentId"),
        ("attachment.instance-owner-id", "attachment.instanceOwnerId"),
        ("attachment.status", "attachment.status"),
        ("availability-zone", "availabilityZone"),
        ("description", "description"),
        ("group-id", "groupSet.groupId"),
        ("group-name", "groupSet.groupName"),
        ("interface-type", "interfaceType"),
        ("mac-address", "macAddress"),
        ("network-interface-id", "networkInterfaceId"),
        ("owner-id", "ownerId"),
        ("private-dns-name", "privateDnsName"),
        ("private-ip-address", "privateIpAddress"),
        ("requester-id", "requesterId"),
        ("requester-managed", "requesterManaged"),
        ("status", "status"),
        ("subnet-id", "subnetId"),
        ("vpc-id", "vpcId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.interfaces.iter().map(|(id, held)| shown(world, id, held)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::subnet_place;
    use super::super::trial::{code, filter, gateway, group, ok, subnet, vpc, wait, world};
    use super::*;

    #[test]
    fn holds_subnet_group_and_gateway() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (subnet, group, igw) =
            (subnet(&mut world, &vpc, "10.0.0.0/28"), group(&mut world, &vpc, "g"), gateway(&mut world, &vpc));
        assert_eq!(subnet_place(&world, &subnet), Some((vpc.clone(), "eu-west-3a".into())));
        let groups = vec![group.clone()];
        let ask = InterfaceAsk {
            subnet: &subnet,
            groups: &groups,
            description: "ELB app/x/1",
            requester: "amazon-elb",
            public_ip: true,
        };
        let taken: Vec<Interface> = (0..11).map(|_| take_interface(&mut world, &ask).unwrap()).collect();
        assert_eq!(take_interface(&mut world, &ask).unwrap_err().code, "InsufficientFreeAddressesInSubnet");
        let found = ok(&mut world, "DescribeNetworkInterfaces", filter("description", "ELB app/*"));
        assert_eq!(found["networkInterfaceSet"].as_array().unwrap().len(), 11);
        assert_eq!(found["networkInterfaceSet"][0]["groupSet"][0]["groupName"], "g");
        assert_eq!(found["networkInterfaceSet"][0]["privateDnsName"], json!(null));
        ok(&mut world, "ModifyVpcAttribute", json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}));
        let named = filter("private-dns-name", "ip-10-0-0-4.*");
        let found = ok(&mut world, "DescribeNetworkInterfaces", named)["networkInterfaceSet"].clone();
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert!(found[0]["association"]["publicDnsName"].as_str().unwrap().starts_with("ec2-198-18-"));
        assert_eq!(
            ok(&mut world, "DescribeNetworkInterfaces", filter("group-id", "sg-0"))["networkInterfaceSet"],
            json!([])
        );
        assert_eq!(code(&mut world, "DeleteSecurityGroup", json!({"GroupId": group})), "DependencyViolation");
        assert_eq!(code(&mut world, "DeleteSubnet", json!({"SubnetId": subnet})), "DependencyViolation");
        assert_eq!(
            code(&mut world, "DetachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": vpc})),
            "DependencyViolation"
        );
        for interface in taken {
            release_interface(&mut world, &interface.id);
            release_interface(&mut world, &interface.id);
        }
        let unknown = vec!["sg-0".to_owned()];
        assert_eq!(
            take_interface(&mut world, &InterfaceAsk { groups: &unknown, ..ask }).unwrap_err().code,
            "InvalidGroup.NotFound"
        );
        ok(&mut world, "DeleteSecurityGroup", json!({"GroupId": group}));
        ok(&mut world, "DeleteSubnet", json!({"SubnetId": subnet}));
    }

    #[test]
    fn subnets() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let mut refused = |ask: Json| code(&mut world, "CreateSubnet", ask);
        assert_eq!(refused(json!({"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/24"})), "InvalidVpcID.NotFound");
        assert_eq!(refused(json!({"VpcId": vpc, "CidrBlock": "11.0.0.0/24"})), "InvalidSubnet.Range");
        assert_eq!(
            refused(json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "x"})),
            "InvalidParameterValue"
        );
        let id = subnet(&mut world, &vpc, "10.0.0.0/24");
        assert_eq!(
            code(&mut world, "CreateSubnet", json!({"VpcId": vpc, "CidrBlock": "10.0.0.128/25"})),
            "InvalidSubnet.Conflict"
        );
        wait(&mut world, 2);
        let seen = ok(&mut world, "DescribeSubnets", json!({"SubnetId": [id]}))["subnetSet"][0].clone();
        assert_eq!((&seen["state"], &seen["availableIpAddressCount"]), (&json!("available"), &json!(251)));
        assert_eq!(code(&mut world, "DeleteSubnet", json!({"SubnetId": "subnet-0"})), "InvalidSubnetID.NotFound");
    }
}
