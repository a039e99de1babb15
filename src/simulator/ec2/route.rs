//! Routes: IPv4 destinations that lead to internet or NAT gateways. Other destinations and targets are not simulated.

use ipnet::Ipv4Net;
use serde_json::{Value as Json, json};

use super::kind::{self, invalid};
use super::route_table::RouteTable;
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Internet(String),
    Nat(String),
}

/// Whether a target stands where its route can use it; else the route is a blackhole.
pub fn stands(world: &World, vpc: &str, target: &Target) -> bool {
    match target {
        Target::Internet(id) => {
            world.ec2.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.as_deref() == Some(vpc))
        }
        Target::Nat(id) => world.ec2.nats.get(id).is_some_and(|nat| matches!(nat.state, "pending" | "available")),
    }
}

pub fn shown(world: &World, table: &RouteTable) -> Vec<Json> {
    let local = world.ec2.vpcs.get(&table.vpc).map(|vpc| {
        json!({
            "destinationCidrBlock": vpc.block.to_string(),
            "gatewayId": "local",
            "origin": "CreateRouteTable",
            "state": "active",
        })
    });
    let routes = table.routes.iter().map(|(destination, target)| {
        let (gateway, nat) = match target {
            Target::Internet(id) => (Some(id), None),
            Target::Nat(id) => (None, Some(id)),
        };
        json!({
            "destinationCidrBlock": destination.to_string(),
            "gatewayId": gateway,
            "natGatewayId": nat,
            "origin": "CreateRoute",
            "state": if stands(world, &table.vpc, target) { "active" } else { "blackhole" },
        })
    });
    local.into_iter().chain(routes).collect()
}

/// The destination, its host bits cleared (API reference, CreateRoute).
fn destination(ask: &Ask) -> Result<Ipv4Net, Refusal> {
    let text = ask.required("DestinationCidrBlock")?;
    let malformed = |_| {
        invalid(format!(
            "Value ({text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."
        ))
    };
    text.parse::<Ipv4Net>().map(|block| block.trunc()).map_err(malformed)
}

/// Whether a NAT gateway that isn't pending or available is refused so is unverified.
fn target(world: &World, ask: &Ask, table_id: &str, vpc: &str) -> Result<Target, Refusal> {
    let elsewhere =
        |what: &str, id: &str| invalid(format!("route table {table_id} and {what} {id} belong to different networks"));
    match (ask.text("GatewayId"), ask.text("NatGatewayId")) {
        (Some(id), None) => {
            let missing = || Refusal::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"));
            let gateway = world.ec2.internet_gateways.get(id).ok_or_else(missing)?;
            if gateway.vpc.as_deref() != Some(vpc) {
                return Err(elsewhere("network gateway", id));
            }
            // Unverified; a NAT gateway fails with this code.
            if gateway.is_attaching(world) {
                let why = format!("resource {id} is not attached to network {vpc}");
                return Err(Refusal::new("Gateway.NotAttached", why));
            }
            Ok(Target::Internet(id.to_owned()))
        }
        (None, Some(id)) => {
            let nat = world.ec2.nats.get(id).filter(|nat| matches!(nat.state, "pending" | "available"));
            let missing =
                || Refusal::new("InvalidNatGatewayID.NotFound", format!("The natGateway ID '{id}' does not exist"));
            match nat.ok_or_else(missing)?.vpc == vpc {
                true => Ok(Target::Nat(id.to_owned())),
                false => Err(elsewhere("NAT gateway", id)),
            }
        }
        (None, None) => Err(Refusal::new("MissingParameter", "The request must contain exactly one target")),
        _ => Err(Refusal::new("InvalidParameterCombination", "The request must contain exactly one target")),
    }
}

/// Refused if the destination is there, whatever its target, the VPC's own block too (seen in the wild:
/// hashicorp/terraform-provider-aws#23866).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let (id, destination) = (ask.required("RouteTableId")?, destination(ask)?);
    let table = kind::ROUTE_TABLE.find(&world.ec2.route_tables, id)?;
    let target = target(world, ask, id, &table.vpc)?;
    let local = kind::VPC.find(&world.ec2.vpcs, &table.vpc)?.block;
    if table.routes.contains_key(&destination) || destination == local {
        let why = format!("The route identified by {destination} already exists.");
        return Err(Refusal::new("RouteAlreadyExists", why));
    }
    if local.contains(&destination) {
        return Err(invalid(format!(
            "The destination CIDR block {destination} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance."
        )));
    }
    if quotas::full(world, quotas::ROUTES, table.routes.len()) {
        return Err(Refusal::new("RouteLimitExceeded", "The maximum number of routes has been reached."));
    }
    kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, id)?.routes.insert(destination, target);
    Ok(json!({ "return": true }))
}

/// The code for a missing route is unverified.
pub fn replace(world: &mut World, ask: &Ask) -> Answer {
    let (id, destination) = (ask.required("RouteTableId")?, destination(ask)?);
    let table = kind::ROUTE_TABLE.find(&world.ec2.route_tables, id)?;
    let target = target(world, ask, id, &table.vpc)?;
    if !table.routes.contains_key(&destination) {
        return Err(invalid(format!(
            "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
        )));
    }
    kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, id)?.routes.insert(destination, target);
    Ok(json!({ "return": true }))
}

/// An endpoint's route is the endpoint's (code and text unverified).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    if let Some(list) = ask.text("DestinationPrefixListId") {
        return Err(invalid(format!("cannot remove VPC endpoint route {list} in route table: modify the endpoint")));
    }
    let (id, destination) = (ask.required("RouteTableId")?, destination(ask)?);
    let table = kind::ROUTE_TABLE.find(&world.ec2.route_tables, id)?;
    if kind::VPC.find(&world.ec2.vpcs, &table.vpc)?.block == destination {
        return Err(invalid(format!("cannot remove local route {destination} in route table {id}")));
    }
    let removed = kind::ROUTE_TABLE.find_mut(&mut world.ec2.route_tables, id)?.routes.remove(&destination);
    let missing = || {
        let why = format!("no route with destination-cidr-block {destination} in route table {id}");
        Refusal::new("InvalidRoute.NotFound", why)
    };
    removed.map(|_| json!({ "return": true })).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, gateway, ok, subnet, table, vpc, world};
    use super::*;

    #[test]
    fn routes() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (igw, table) = (gateway(&mut world, &vpc), table(&mut world, &vpc));
        let to = |block: &str, gateway: &str| json!({"RouteTableId": table, "DestinationCidrBlock": block, "GatewayId": gateway});
        assert_eq!(code(&mut world, "ReplaceRoute", to("0.0.0.0/0", &igw)), "InvalidParameterValue");
        assert_eq!(code(&mut world, "CreateRoute", to("0.0.0.0/0", "igw-0")), "InvalidGatewayID.NotFound");
        ok(&mut world, "CreateRoute", to("0.0.0.0/0", &igw));
        ok(&mut world, "ReplaceRoute", to("0.0.0.0/0", &igw));
        for block in ["0.0.0.0/0", "10.0.0.0/16"] {
            assert_eq!(code(&mut world, "CreateRoute", to(block, &igw)), "RouteAlreadyExists");
        }
        assert_eq!(code(&mut world, "CreateRoute", to("10.0.1.0/24", &igw)), "InvalidParameterValue");
        assert_eq!(
            code(&mut world, "CreateRoute", json!({"RouteTableId": table, "DestinationCidrBlock": "1.0.0.0/8"})),
            "MissingParameter"
        );
        let nat = json!({"RouteTableId": table, "DestinationCidrBlock": "1.0.0.0/8", "NatGatewayId": "nat-0"});
        assert_eq!(code(&mut world, "CreateRoute", nat), "InvalidNatGatewayID.NotFound");
        ok(&mut world, "DetachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": vpc}));
        let seen = ok(&mut world, "DescribeRouteTables", json!({"RouteTableId": [table]}));
        assert_eq!(seen["routeTableSet"][0]["routeSet"][1]["state"], "blackhole");
        assert_eq!(code(&mut world, "CreateRoute", to("1.0.0.0/8", &igw)), "InvalidParameterValue");
        assert_eq!(code(&mut world, "DeleteRoute", to("10.0.0.0/16", "")), "InvalidParameterValue");
        ok(&mut world, "DeleteRoute", to("0.0.0.0/0", ""));
        assert_eq!(code(&mut world, "DeleteRoute", to("0.0.0.0/0", "")), "InvalidRoute.NotFound");
    }

    #[test]
    fn associations() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
        let ask = json!({"VpcId": vpc, "ClientToken": "t"});
        let one = ok(&mut world, "CreateRouteTable", ask.clone())["routeTable"]["routeTableId"].clone();
        assert_eq!(ok(&mut world, "CreateRouteTable", ask)["routeTable"]["routeTableId"], one);
        let two = table(&mut world, &vpc);
        let first =
            ok(&mut world, "AssociateRouteTable", json!({"RouteTableId": one, "SubnetId": subnet}))["associationId"]
                .clone();
        assert_eq!(
            code(&mut world, "AssociateRouteTable", json!({"RouteTableId": two, "SubnetId": subnet})),
            "Resource.AlreadyAssociated"
        );
        assert_eq!(code(&mut world, "DeleteRouteTable", json!({"RouteTableId": one})), "DependencyViolation");
        let second =
            ok(&mut world, "ReplaceRouteTableAssociation", json!({"AssociationId": first, "RouteTableId": two}));
        let second = second["newAssociationId"].clone();
        assert_eq!(
            code(&mut world, "DisassociateRouteTable", json!({"AssociationId": first})),
            "InvalidAssociationID.NotFound"
        );
        ok(&mut world, "DisassociateRouteTable", json!({"AssociationId": second}));
        let main = ok(&mut world, "DescribeRouteTables", super::super::trial::filter("association.main", "true"));
        let main = &main["routeTableSet"][0]["associationSet"][0];
        assert_eq!(
            code(&mut world, "DeleteRouteTable", json!({"RouteTableId": main["routeTableId"]})),
            "DependencyViolation"
        );
        let association = main["routeTableAssociationId"].clone();
        assert_eq!(
            code(&mut world, "DisassociateRouteTable", json!({"AssociationId": association})),
            "InvalidParameterValue"
        );
        ok(&mut world, "ReplaceRouteTableAssociation", json!({"AssociationId": association, "RouteTableId": one}));
        ok(&mut world, "DeleteRouteTable", json!({"RouteTableId": main["routeTableId"]}));
    }
}
