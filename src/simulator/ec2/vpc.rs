//! VPCs. Each is born with a main route table and a default security group, which go with it.

use ipnet::Ipv4Net;
use serde_json::{Value as Json, json};

use super::kind::{self, in_use, invalid};
use super::listing::Listing;
use super::{Due, group, marks, route_table};
use crate::simulator::ask::Ask;
use crate::simulator::durations::NETWORK_AVAILABLE;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Vpc {
    pub block: Ipv4Net,
    available: bool,
    association: String,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    usage_metrics: bool,
}

/// An IPv4 block of /16 to /28, its host bits cleared (API reference, CreateVpc, CreateSubnet).
pub fn block(text: &str, too_wide: &str) -> Result<Ipv4Net, Refusal> {
    let malformed =
        |_| invalid(format!("Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."));
    let block: Ipv4Net = text.parse().map_err(malformed)?;
    match (16..=28).contains(&block.prefix_len()) {
        true => Ok(block.trunc()),
        false => Err(Refusal::new(too_wide, format!("The CIDR '{text}' is invalid."))),
    }
}

pub fn shown(world: &World, id: &str, vpc: &Vpc) -> Json {
    json!({
        "vpcId": id,
        "ownerId": world.account,
        "state": if vpc.available { "available" } else { "pending" },
        "cidrBlock": vpc.block.to_string(),
        "cidrBlockAssociationSet": [{
            "associationId": vpc.association,
            "cidrBlock": vpc.block.to_string(),
            "cidrBlockState": { "state": "associated" },
        }],
        "dhcpOptionsId": "dopt-0a1b2c3d4e5f60718",
        "instanceTenancy": "default",
        "isDefault": false,
        "tagSet": marks::set(world, id),
    })
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::VPC)?;
    let block = block(ask.required("CidrBlock")?, "InvalidVpc.Range")?;
    if quotas::full(world, quotas::VPCS, world.ec2.vpcs.len()) {
        return Err(Refusal::new("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    let (id, association) = (world.id("vpc"), world.id("vpc-cidr-assoc"));
    let vpc =
        Vpc { block, available: false, association, dns_support: true, dns_hostnames: false, usage_metrics: false };
    let answer_of = vpc.clone();
    world.ec2.vpcs.insert(id.clone(), vpc);
    world.ec2.tags.insert(id.clone(), tags);
    route_table::born(world, &id, true);
    group::born_default(world, &id);
    world.after(NETWORK_AVAILABLE, world::Due::Ec2(Due::VpcAvailable(id.clone())));
    Ok(json!({ "vpc": shown(world, &id, &answer_of) }))
}

pub fn available(world: &mut World, id: &str) {
    if let Some(vpc) = world.ec2.vpcs.get_mut(id) {
        vpc.available = true;
        world.note(format!("{id} is available"));
    }
}

/// "You must detach or delete all gateways and resources" but the main route table and the default group (API reference,
/// DeleteVpc).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("VpcId")?.to_owned();
    kind::VPC.find(&world.ec2.vpcs, &id)?;
    let ec2 = &mut world.ec2;
    let busy = ec2.subnets.values().any(|subnet| subnet.vpc == id)
        || ec2.endpoints.values().any(|endpoint| endpoint.vpc == id)
        || ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(&id))
        || ec2.route_tables.values().any(|table| table.vpc == id && table.main.is_none())
        || ec2.groups.values().any(|group| group.vpc == id && group.name != "default")
        || ec2.interfaces.values().any(|interface| interface.vpc == id);
    if busy {
        return Err(in_use("vpc", &id));
    }
    let groups = ec2.groups.iter().filter(|(_, group)| group.vpc == id).map(|(group, _)| group.clone());
    for group in groups.collect::<Vec<_>>() {
        group::remove(world, &group);
    }
    let ec2 = &mut world.ec2;
    let tables = ec2.route_tables.iter().filter(|(_, table)| table.vpc == id).map(|(table, _)| table.clone());
    for table in tables.collect::<Vec<_>>() {
        ec2.route_tables.remove(&table);
        ec2.tags.remove(&table);
    }
    ec2.vpcs.remove(&id);
    ec2.tags.remove(&id);
    Ok(json!({ "return": true }))
}

const LISTING: Listing = Listing {
    set: "vpcSet",
    by_id: ("VpcId", "vpcId"),
    kind: &kind::VPC,
    filters: &[
        ("cidr", "cidrBlock"),
        ("cidr-block-association.association-id", "cidrBlockAssociationSet.associationId"),
        ("cidr-block-association.cidr-block", "cidrBlockAssociationSet.cidrBlock"),
        ("cidr-block-association.state", "cidrBlockAssociationSet.cidrBlockState.state"),
        ("dhcp-options-id", "dhcpOptionsId"),
        ("is-default", "isDefault"),
        ("owner-id", "ownerId"),
        ("state", "state"),
        ("vpc-id", "vpcId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.vpcs.iter().map(|(id, vpc)| shown(world, id, vpc)).collect())
}

pub fn describe_attribute(world: &mut World, ask: &Ask) -> Answer {
    let (id, attribute) = (ask.required("VpcId")?, ask.required("Attribute")?);
    let vpc = kind::VPC.find(&world.ec2.vpcs, id)?;
    let value = match attribute {
        "enableDnsSupport" => vpc.dns_support,
        "enableDnsHostnames" => vpc.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => vpc.usage_metrics,
        _ => {
            return Err(invalid(format!("Value ({attribute}) for parameter attribute is invalid. Unknown attribute.")));
        }
    };
    Ok(json!({ "vpcId": id, attribute: { "value": value } }))
}

/// One attribute a call, and host names need DNS support (API reference, ModifyVpcAttribute; codes unverified).
pub fn modify_attribute(world: &mut World, ask: &Ask) -> Answer {
    let vpc = kind::VPC.find_mut(&mut world.ec2.vpcs, ask.required("VpcId")?)?;
    let names = ["EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics"];
    let given = names.map(|name| ask.part(name).truth("Value"));
    match given {
        [Some(on), None, None] => vpc.dns_support = on,
        [None, Some(true), None] if !vpc.dns_support => {
            return Err(Refusal::new("InvalidParameterCombination", "DNS hostnames need DNS support."));
        }
        [None, Some(on), None] => vpc.dns_hostnames = on,
        [None, None, Some(on)] => vpc.usage_metrics = on,
        [None, None, None] => return Err(Refusal::new("MissingParameter", "The request must contain an attribute")),
        _ => return Err(Refusal::new("InvalidParameterCombination", "Only one attribute may be modified at a time")),
    }
    Ok(json!({ "return": true }))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, filter, gateway, group, ok, subnet, table, vpc, wait, world};
    use super::*;

    #[test]
    fn is_born_with_its_own_and_goes_with_it() {
        let mut world = world();
        let id = vpc(&mut world);
        assert_eq!(ok(&mut world, "DescribeVpcs", json!({}))["vpcSet"][0]["state"], "pending");
        wait(&mut world, 2);
        assert_eq!(ok(&mut world, "DescribeVpcs", json!({}))["vpcSet"][0]["state"], "available");
        assert_eq!(
            ok(&mut world, "DescribeRouteTables", filter("association.main", "true"))["routeTableSet"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        let rules = ok(&mut world, "DescribeSecurityGroupRules", json!({}));
        assert_eq!(rules["securityGroupRuleSet"].as_array().unwrap().len(), 2);
        ok(&mut world, "DeleteVpc", json!({"VpcId": id}));
        assert!(world.ec2.tags.is_empty() && world.ec2.rules.is_empty() && world.ec2.route_tables.is_empty());
        assert_eq!(code(&mut world, "DeleteVpc", json!({"VpcId": id})), "InvalidVpcID.NotFound");
        assert_eq!(code(&mut world, "DeleteVpc", json!({"VpcId": "x"})), "InvalidVpcId.Malformed");
    }

    #[test]
    fn what_is_in_it_keeps_it() {
        let mut world = world();
        let id = vpc(&mut world);
        let gone = json!({"VpcId": id});
        let subnet = subnet(&mut world, &id, "10.0.0.0/24");
        assert_eq!(code(&mut world, "DeleteVpc", gone.clone()), "DependencyViolation");
        ok(&mut world, "DeleteSubnet", json!({"SubnetId": subnet}));
        let table = table(&mut world, &id);
        assert_eq!(code(&mut world, "DeleteVpc", gone.clone()), "DependencyViolation");
        ok(&mut world, "DeleteRouteTable", json!({"RouteTableId": table}));
        let group = group(&mut world, &id, "g");
        assert_eq!(code(&mut world, "DeleteVpc", gone.clone()), "DependencyViolation");
        ok(&mut world, "DeleteSecurityGroup", json!({"GroupId": group}));
        let igw = gateway(&mut world, &id);
        assert_eq!(code(&mut world, "DeleteVpc", gone.clone()), "DependencyViolation");
        assert_eq!(code(&mut world, "DeleteInternetGateway", json!({"InternetGatewayId": igw})), "DependencyViolation");
        assert_eq!(
            code(&mut world, "AttachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": id})),
            "Resource.AlreadyAssociated"
        );
        ok(&mut world, "DetachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": id}));
        assert_eq!(
            code(&mut world, "DetachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": id})),
            "Gateway.NotAttached"
        );
        ok(&mut world, "DeleteInternetGateway", json!({"InternetGatewayId": igw}));
        ok(&mut world, "DeleteVpc", gone);
    }

    #[test]
    fn attributes_one_at_a_time() {
        let mut world = world();
        let id = vpc(&mut world);
        let set = |name: &str, on: &str| json!({"VpcId": id, name: {"Value": on}});
        ok(&mut world, "ModifyVpcAttribute", set("EnableDnsHostnames", "true"));
        let seen = ok(&mut world, "DescribeVpcAttribute", json!({"VpcId": id, "Attribute": "enableDnsHostnames"}));
        assert_eq!(seen["enableDnsHostnames"]["value"], true);
        ok(&mut world, "ModifyVpcAttribute", set("EnableDnsSupport", "false"));
        assert_eq!(
            code(&mut world, "ModifyVpcAttribute", set("EnableDnsHostnames", "true")),
            "InvalidParameterCombination"
        );
        assert_eq!(code(&mut world, "ModifyVpcAttribute", json!({"VpcId": id})), "MissingParameter");
        assert_eq!(
            code(&mut world, "DescribeVpcAttribute", json!({"VpcId": id, "Attribute": "x"})),
            "InvalidParameterValue"
        );
    }

    #[test]
    fn blocks_and_quotas() {
        let mut world = world();
        for (block, why) in
            [("10.0.0.0/8", "InvalidVpc.Range"), ("10.0.0.0/29", "InvalidVpc.Range"), ("x", "InvalidParameterValue")]
        {
            assert_eq!(code(&mut world, "CreateVpc", json!({"CidrBlock": block})), why);
        }
        for _ in 0..5 {
            vpc(&mut world);
            ok(&mut world, "CreateInternetGateway", json!({}));
            ok(&mut world, "AllocateAddress", json!({}));
        }
        assert_eq!(code(&mut world, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})), "VpcLimitExceeded");
        assert_eq!(code(&mut world, "CreateInternetGateway", json!({})), "InternetGatewayLimitExceeded");
        assert_eq!(code(&mut world, "AllocateAddress", json!({})), "AddressLimitExceeded");
        assert_eq!(
            code(&mut world, "ReleaseAddress", json!({"AllocationId": "eipalloc-0"})),
            "InvalidAllocationID.NotFound"
        );
    }
}
