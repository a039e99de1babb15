//! EC2: the network. VPCs, subnets, gateways, addresses, route tables, security groups, network interfaces.
//!
//! Every describe call shows its objects as JSON first and filters that (`listing`), so a filter is one line of a table.
//! Tags of all kinds are in one map, which is also the list of the ids that can be tagged. Whether a route leads nowhere is
//! never stored: it follows from its target when somebody looks. The default VPC of a real account is not simulated.

mod account;
mod address;
mod endpoint;
mod endpoint_services;
mod group;
mod hostname;
mod interface;
mod internet_gateway;
mod kind;
mod listing;
mod marks;
mod monitoring;
mod nat;
mod objects;
mod permissions;
mod reach;
#[cfg(test)]
mod refusals_test;
mod route;
mod route_table;
mod rule;
mod sketch;
mod subnet;
#[cfg(test)]
mod trial;
mod vpc;
mod zones;

use std::collections::BTreeMap;

use super::ask::Ask;
use super::refusal::{Answer, Refusal};
use super::tags::Tags;
use super::world::{Operation, World};

pub use interface::{Interface, InterfaceAsk, regroup_interface, release_interface, take_interface};
pub use monitoring::{Monitoring, monitor, task_starts};
pub use objects::objects;
pub use reach::{default_group, has_gateway, has_way_out, lets_through, vpc_stands, zone_of_address};
pub use sketch::sketch;
pub use subnet::subnet_place;
pub use zones::names as zone_names;

/// What happens by itself; each carries an id.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    VpcAvailable(String),
    SubnetAvailable(String),
    /// AWS has looked at what a NAT gateway was asked with.
    NatJudged(String),
    NatAvailable(String),
    NatDeleted(String),
    EndpointAvailable(String),
    EndpointDeleted(String),
    /// The interface of a subnet that an endpoint was taken out of goes.
    EndpointInterfaceGone(String),
    /// A failed or deleted NAT gateway is listed no longer.
    NatForgotten(String),
}

#[derive(Clone, Debug, Default)]
pub struct State {
    zones: Vec<zones::Zone>,
    vpcs: BTreeMap<String, vpc::Vpc>,
    subnets: BTreeMap<String, subnet::Subnet>,
    internet_gateways: BTreeMap<String, internet_gateway::InternetGateway>,
    addresses: BTreeMap<String, address::Address>,
    endpoints: BTreeMap<String, endpoint::Endpoint>,
    nats: BTreeMap<String, nat::Nat>,
    route_tables: BTreeMap<String, route_table::RouteTable>,
    groups: BTreeMap<String, group::Group>,
    rules: BTreeMap<String, rule::Rule>,
    interfaces: BTreeMap<String, interface::Held>,
    /// Of everything that can be tagged, by id.
    tags: BTreeMap<String, Tags>,
    /// Client tokens: what was asked with one, and the id it made.
    tokens: BTreeMap<(&'static str, String), (Ask, String)>,
    public_ips: u32,
    /// GuardDuty watches every task.
    monitored: bool,
}

impl State {
    pub fn new(region: &str) -> Self {
        Self { zones: zones::of(region), ..Self::default() }
    }

    /// Everything wears the tags that it had then; what wasn't there then, none.
    pub fn tags_as_in(&mut self, then: &Self) {
        for (id, tags) in &mut self.tags {
            *tags = then.tags.get(id).cloned().unwrap_or_default();
        }
    }

    pub fn has_vpc(&self, id: &str) -> bool {
        self.vpcs.contains_key(id)
    }
}

/// A dry run never has an effect; AWS tells by an error that the call was allowed (API reference, DryRun). Whether it looks
/// at the parameters before is unverified.
fn refuse_dry_run(ask: &Ask) -> Result<(), Refusal> {
    let why = "Request would have succeeded, but DryRun flag is set.";
    match ask.truth("DryRun") {
        Some(true) => Err(Refusal::new("DryRunOperation", why).with_status(412)),
        _ => Ok(()),
    }
}

/// An operation that heeds `DryRun`.
macro_rules! heeding {
    ($operation:path) => {{
        fn heeding(world: &mut World, ask: &Ask) -> Answer {
            refuse_dry_run(ask)?;
            $operation(world, ask)
        }
        heeding
    }};
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "AllocateAddress" => heeding!(address::allocate),
        "AssociateRouteTable" => heeding!(route_table::associate),
        "AttachInternetGateway" => heeding!(internet_gateway::attach),
        "AuthorizeSecurityGroupEgress" => heeding!(permissions::authorize_egress),
        "AuthorizeSecurityGroupIngress" => heeding!(permissions::authorize_ingress),
        "CreateInternetGateway" => heeding!(internet_gateway::create),
        "CreateNatGateway" => heeding!(nat::create),
        "CreateRoute" => heeding!(route::create),
        "CreateRouteTable" => heeding!(route_table::create),
        "CreateSecurityGroup" => heeding!(group::create),
        "CreateSubnet" => heeding!(subnet::create),
        "CreateTags" => heeding!(marks::create),
        "CreateVpc" => heeding!(vpc::create),
        "CreateVpcEndpoint" => heeding!(endpoint::create),
        "DeleteInternetGateway" => heeding!(internet_gateway::delete),
        "DeleteNatGateway" => heeding!(nat::delete),
        "DeleteRoute" => heeding!(route::delete),
        "DeleteRouteTable" => heeding!(route_table::delete),
        "DeleteSecurityGroup" => heeding!(group::delete),
        "DeleteSubnet" => heeding!(subnet::delete),
        "DeleteTags" => heeding!(marks::delete),
        "DeleteVpc" => heeding!(vpc::delete),
        "DeleteVpcEndpoints" => heeding!(endpoint::delete),
        "DescribeAccountAttributes" => heeding!(account::describe_attributes),
        "DescribeAddresses" => heeding!(address::describe),
        "DescribeAvailabilityZones" => heeding!(zones::describe),
        "DescribeInternetGateways" => heeding!(internet_gateway::describe),
        "DescribeManagedPrefixLists" => heeding!(endpoint_services::describe_managed_lists),
        "DescribeNatGateways" => heeding!(nat::describe),
        "DescribeNetworkInterfaces" => heeding!(interface::describe),
        "DescribePrefixLists" => heeding!(endpoint_services::describe_lists),
        "DescribeRegions" => heeding!(account::describe_regions),
        "DescribeRouteTables" => heeding!(route_table::describe),
        "DescribeSecurityGroupRules" => heeding!(rule::describe),
        "DescribeSecurityGroups" => heeding!(group::describe),
        "DescribeSubnets" => heeding!(subnet::describe),
        "DescribeTags" => heeding!(marks::describe),
        "DescribeVpcAttribute" => heeding!(vpc::describe_attribute),
        "DescribeVpcEndpointServices" => heeding!(endpoint_services::describe_services),
        "DescribeVpcEndpoints" => heeding!(endpoint::describe),
        "DescribeVpcs" => heeding!(vpc::describe),
        "DetachInternetGateway" => heeding!(internet_gateway::detach),
        "DisassociateRouteTable" => heeding!(route_table::disassociate),
        "ModifySecurityGroupRules" => heeding!(permissions::modify),
        "ModifySubnetAttribute" => heeding!(subnet::modify_attribute),
        "ModifyVpcAttribute" => heeding!(vpc::modify_attribute),
        "ModifyVpcEndpoint" => heeding!(endpoint::modify),
        "ReleaseAddress" => heeding!(address::release),
        "ReplaceRoute" => heeding!(route::replace),
        "ReplaceRouteTableAssociation" => heeding!(route_table::replace),
        "RevokeSecurityGroupEgress" => heeding!(permissions::revoke_egress),
        "RevokeSecurityGroupIngress" => heeding!(permissions::revoke_ingress),
        _ => return None,
    })
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::VpcAvailable(id) => vpc::available(world, &id),
        Due::SubnetAvailable(id) => subnet::available(world, &id),
        Due::NatJudged(id) => nat::judged(world, &id),
        Due::NatAvailable(id) => nat::available(world, &id),
        Due::NatDeleted(id) => nat::deleted(world, &id),
        Due::EndpointAvailable(id) => endpoint::available(world, &id),
        Due::EndpointDeleted(id) => endpoint::deleted(world, &id),
        Due::EndpointInterfaceGone(id) => monitoring::interface_gone(world, &id),
        Due::NatForgotten(id) => nat::forgotten(world, &id),
    }
}

/// What a client token made before, if the same was asked with it; `IdempotentParameterMismatch` if something else was
/// (EC2 API, "Ensuring idempotency"). For how long AWS remembers is unverified: here, as long as the object is listed.
fn made_before(world: &World, action: &'static str, ask: &Ask) -> Result<Option<String>, Refusal> {
    let Some(token) = ask.text("ClientToken") else { return Ok(None) };
    if token.len() > 64 {
        return Err(Refusal::new("InvalidParameterValue", "ClientToken must have at most 64 ASCII characters"));
    }
    match world.ec2.tokens.get(&(action, token.to_owned())) {
        Some((asked, _)) if asked != ask => {
            let why = "The client token was used before with other parameters.";
            Err(Refusal::new("IdempotentParameterMismatch", why))
        }
        Some((_, id)) if world.ec2.tags.contains_key(id) => Ok(Some(id.clone())),
        _ => Ok(None),
    }
}

fn remember(world: &mut World, action: &'static str, ask: &Ask, id: &str) {
    if let Some(token) = ask.text("ClientToken") {
        world.ec2.tokens.insert((action, token.to_owned()), (ask.clone(), id.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::trial::{code, world};

    #[test]
    fn a_dry_run_makes_nothing() {
        let mut world = world();
        assert_eq!(
            code(&mut world, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16", "DryRun": "true"})),
            "DryRunOperation"
        );
        assert!(world.ec2.vpcs.is_empty());
        assert_eq!(code(&mut world, "RunInstances", json!({})), "NotImplemented");
    }
}
