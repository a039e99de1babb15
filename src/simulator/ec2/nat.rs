//! NAT gateways. Created at once, judged seconds later, available after minutes; one that fails says so only in its state.
//!
//! It holds its address and an interface in its subnet until it has failed or is fully deleted, and is listed for an hour
//! after (VPC user guide, "Troubleshoot NAT gateways").

use serde_json::{Value as Json, json};

use super::interface::{place, release_interface};
use super::kind;
use super::listing::Listing;
use super::{Due, made_before, marks, remember};
use crate::simulator::ask::Ask;
use crate::simulator::durations::{NAT_AVAILABLE, NAT_DELETED, Span};
use crate::simulator::outage;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::weather;
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Nat {
    pub subnet: String,
    pub vpc: String,
    pub state: &'static str,
    pub interface: Option<String>,
    allocation: Option<String>,
    /// Of its address, remembered when it is gone: interface, private and public IP, association.
    record: Option<(String, String, Option<String>, Option<String>)>,
    problem: Option<(&'static str, String)>,
    created: String,
    deleted: Option<String>,
}

/// (J) Until AWS has seen that it cannot work.
const JUDGED: Span = Span(2.0, 6.0, 20.0);
const LISTED: f64 = 3600.0;

pub fn shown(world: &World, id: &str, nat: &Nat) -> Json {
    let record = nat.record.as_ref();
    let failed = nat.state == "failed";
    json!({
        "natGatewayId": id,
        "subnetId": nat.subnet,
        "vpcId": nat.vpc,
        "state": nat.state,
        "connectivityType": if nat.allocation.is_some() { "public" } else { "private" },
        "availabilityMode": "zonal",
        "createTime": nat.created,
        "deleteTime": nat.deleted,
        "failureCode": nat.problem.as_ref().filter(|_| failed).map(|(code, _)| code),
        "failureMessage": nat.problem.as_ref().filter(|_| failed).map(|(_, why)| why),
        "natGatewayAddressSet": [{
            "allocationId": nat.allocation,
            "networkInterfaceId": record.map(|(interface, ..)| interface),
            "privateIp": record.map(|(_, ip, ..)| ip),
            "publicIp": record.and_then(|(_, _, ip, _)| ip.as_ref()),
            "associationId": record.and_then(|(.., association)| association.as_ref()),
            "isPrimary": true,
            "status": if failed { "failed" } else { "succeeded" },
        }],
        "tagSet": marks::set(world, id),
    })
}

fn answer(world: &World, id: &str, ask: &Ask) -> Answer {
    let nat = kind::NAT.find(&world.ec2.nats, id)?;
    Ok(json!({ "natGateway": shown(world, id, nat), "clientToken": ask.text("ClientToken") }))
}

/// An address that doesn't exist is refused at once (seen in the wild: hashicorp/terraform-provider-aws#27087); one that is
/// taken, or a VPC without internet gateway, makes it fail later (API reference, NatGateway, FailureCode).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::NAT)?;
    if let Some(id) = made_before(world, "CreateNatGateway", ask)? {
        return answer(world, &id, ask);
    }
    let subnet_id = ask.required("SubnetId")?;
    let subnet = kind::SUBNET.find(&world.ec2.subnets, subnet_id)?.clone();
    let private = match ask.text("ConnectivityType") {
        None | Some("public") => false,
        Some("private") => true,
        Some(other) => {
            return Err(kind::invalid(format!("Value ({other}) for parameter connectivityType is invalid.")));
        }
    };
    let allocation = match (private, ask.text("AllocationId")) {
        (true, None) => None,
        (true, Some(_)) => {
            return Err(Refusal::new(
                "InvalidParameterCombination",
                "A private NAT gateway has no Elastic IP address.",
            ));
        }
        (false, _) => Some(ask.required("AllocationId")?.to_owned()),
    };
    if let Some(id) = allocation.as_ref().filter(|id| !world.ec2.addresses.contains_key(*id)) {
        return Err(Refusal::new("InvalidElasticIpID.NotFound", format!("The elasticIp ID '{id}' does not exist")));
    }
    let zone = |nat: &Nat| world.ec2.subnets.get(&nat.subnet).map(|subnet| &subnet.zone.name);
    // Per zone; pending, available and deleting ones count ("Amazon VPC quotas").
    let counted =
        |nat: &&Nat| matches!(nat.state, "pending" | "available" | "deleting") && zone(nat) == Some(&subnet.zone.name);
    if quotas::full(world, quotas::NATS, world.ec2.nats.values().filter(counted).count()) {
        let limit = quotas::limit(world, quotas::NATS);
        let why = format!("Performing this operation would exceed the limit of {limit} NAT gateways");
        return Err(Refusal::new("NatGatewayLimitExceeded", why));
    }
    let id = world.id("nat");
    let mut nat = Nat {
        subnet: subnet_id.to_owned(),
        vpc: subnet.vpc,
        state: "pending",
        interface: None,
        allocation,
        record: None,
        problem: None,
        created: world.iso(),
        deleted: None,
    };
    settle(world, &id, &mut nat);
    let interface = nat.interface.as_deref().unwrap_or_default();
    let allocation = nat.allocation.as_deref().unwrap_or_default();
    let names =
        [("vpc", nat.vpc.as_str()), ("subnet", subnet_id), ("interface", interface), ("allocation", allocation)];
    if let Some(problem) = weather::nat_failure(world, &names) {
        nat.problem = Some(problem);
    }
    world.ec2.nats.insert(id.clone(), nat);
    world.ec2.tags.insert(id.clone(), tags);
    remember(world, "CreateNatGateway", ask, &id);
    world.after(JUDGED, world::Due::Ec2(Due::NatJudged(id.clone())));
    world.after(NAT_AVAILABLE, world::Due::Ec2(Due::NatAvailable(id.clone())));
    answer(world, &id, ask)
}

/// Takes its address and its place in the subnet; what doesn't work is kept for the judgement.
fn settle(world: &mut World, id: &str, nat: &mut Nat) {
    let address = nat.allocation.as_ref().and_then(|allocation| world.ec2.addresses.get(allocation));
    if address.is_some_and(|address| address.held.is_some()) {
        let allocation = nat.allocation.as_deref().unwrap_or_default();
        let why = format!("Elastic IP address [{allocation}] is already associated");
        nat.problem = Some(("Resource.AlreadyAssociated", why));
        return;
    }
    let public_ip = address.map(|address| address.public_ip.clone());
    let description = format!("Interface for NAT Gateway {id}");
    let requester = world.account.clone();
    match place(world, &nat.subnet, Vec::new(), &description, &requester, public_ip.clone(), "nat_gateway") {
        Ok(interface) => {
            let association = public_ip.as_ref().map(|_| world.id("eipassoc"));
            let address = nat.allocation.as_ref().and_then(|allocation| world.ec2.addresses.get_mut(allocation));
            if let (Some(address), Some(association)) = (address, &association) {
                address.held = Some((id.to_owned(), association.clone()));
            }
            nat.interface = Some(interface.id.clone());
            nat.record = Some((interface.id, interface.private_ip, public_ip, association));
        }
        Err(_) => {
            let why = "Subnet has insufficient free addresses to create this NAT gateway".to_owned();
            nat.problem = Some(("InsufficientFreeAddressesInSubnet", why));
        }
    }
}

/// Lets address and interface go.
fn let_go(world: &mut World, id: &str) {
    for address in world.ec2.addresses.values_mut() {
        if address.held.as_ref().is_some_and(|(nat, _)| nat == id) {
            address.held = None;
        }
    }
    let interface = world.ec2.nats.get_mut(id).and_then(|nat| nat.interface.take());
    if let Some(interface) = interface {
        release_interface(world, &interface);
    }
}

pub fn judged(world: &mut World, id: &str) {
    let Some(nat) = world.ec2.nats.get(id).filter(|nat| nat.state == "pending").cloned() else { return };
    let attached = world.ec2.internet_gateways.values().any(|gateway| gateway.serves(world, &nat.vpc));
    let unattached = (nat.allocation.is_some() && !attached)
        .then(|| ("Gateway.NotAttached", format!("Network {} has no Internet gateway attached", nat.vpc)));
    let Some((code, why)) = nat.problem.or(unattached) else { return };
    let_go(world, id);
    if let Some(nat) = world.ec2.nats.get_mut(id) {
        (nat.state, nat.problem) = ("failed", Some((code, why)));
    }
    world.note(format!("{id} has failed: {code}"));
    world.in_seconds(LISTED, world::Due::Ec2(Due::NatForgotten(id.to_owned())));
}

pub fn available(world: &mut World, id: &str) {
    let subnet = world.ec2.nats.get(id).and_then(|nat| world.ec2.subnets.get(&nat.subnet));
    let wait = subnet.and_then(|subnet| outage::seconds_left(world, &subnet.zone.name));
    if let Some(seconds) = wait {
        // Nothing comes up in a zone that is down (unverified).
        return world.in_seconds(seconds + NAT_AVAILABLE.0, world::Due::Ec2(Due::NatAvailable(id.to_owned())));
    }
    if let Some(nat) = world.ec2.nats.get_mut(id).filter(|nat| nat.state == "pending") {
        nat.state = "available";
        world.note(format!("{id} is available"));
    }
}

/// Again while it is being deleted: nothing more happens. One that is deleted is not found, and a failed one goes through
/// the same states (both unverified).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (id, now) = (ask.required("NatGatewayId")?, world.iso());
    let nat = kind::NAT.find_mut(&mut world.ec2.nats, id)?;
    match nat.state {
        "deleted" => return Err(kind::NAT.not_found(id)),
        "deleting" => (),
        _ => {
            (nat.state, nat.deleted) = ("deleting", Some(now));
            world.after(NAT_DELETED, world::Due::Ec2(Due::NatDeleted(id.to_owned())));
        }
    }
    Ok(json!({ "natGatewayId": id }))
}

pub fn deleted(world: &mut World, id: &str) {
    let_go(world, id);
    if let Some(nat) = world.ec2.nats.get_mut(id) {
        nat.state = "deleted";
        world.note(format!("{id} is deleted"));
        world.in_seconds(LISTED, world::Due::Ec2(Due::NatForgotten(id.to_owned())));
    }
}

pub fn forgotten(world: &mut World, id: &str) {
    if world.ec2.nats.get(id).is_some_and(|nat| matches!(nat.state, "failed" | "deleted")) {
        world.ec2.nats.remove(id);
        world.ec2.tags.remove(id);
        world.note(format!("{id} is listed no longer"));
    }
}

const LISTING: Listing = Listing {
    set: "natGatewaySet",
    by_id: ("NatGatewayId", "natGatewayId"),
    kind: &kind::NAT,
    filters: &[("nat-gateway-id", "natGatewayId"), ("state", "state"), ("subnet-id", "subnetId"), ("vpc-id", "vpcId")],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.nats.iter().map(|(id, nat)| shown(world, id, nat)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{address, code, gateway, nat, ok, subnet, vpc, wait, world};
    use super::super::{has_way_out, trial};
    use super::*;

    fn look(world: &mut World, id: &str) -> Json {
        ok(world, "DescribeNatGateways", json!({"NatGatewayId": [id]}))["natGatewaySet"][0].clone()
    }

    #[test]
    fn stands_holds_its_address_and_goes() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (public, private) = (subnet(&mut world, &vpc, "10.0.0.0/24"), subnet(&mut world, &vpc, "10.0.1.0/24"));
        let (igw, address) = (gateway(&mut world, &vpc), address(&mut world));
        for (subnet, public) in [(&public, true), (&private, false)] {
            let table = trial::table(&mut world, &vpc);
            ok(&mut world, "AssociateRouteTable", json!({"RouteTableId": table, "SubnetId": subnet}));
            if public {
                ok(
                    &mut world,
                    "CreateRoute",
                    json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": igw}),
                );
            }
        }
        let id = nat(&mut world, &public, &address);
        let table = ok(&mut world, "DescribeRouteTables", trial::filter("association.subnet-id", &private));
        let table = table["routeTableSet"][0]["routeTableId"].clone();
        ok(
            &mut world,
            "CreateRoute",
            json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": id}),
        );
        assert_eq!(look(&mut world, &id)["state"], "pending");
        assert!(!has_way_out(&world, &private, false));
        wait(&mut world, 150);
        assert_eq!(look(&mut world, &id)["state"], "available");
        assert!(has_way_out(&world, &private, false) && has_way_out(&world, &public, true));
        assert!(!has_way_out(&world, &public, false));
        assert_eq!(code(&mut world, "ReleaseAddress", json!({"AllocationId": address})), "InvalidIPAddress.InUse");
        assert_eq!(
            code(&mut world, "DetachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": vpc})),
            "DependencyViolation"
        );
        assert_eq!(code(&mut world, "DeleteSubnet", json!({"SubnetId": public})), "DependencyViolation");
        let interfaces = ok(&mut world, "DescribeNetworkInterfaces", trial::filter("interface-type", "nat_gateway"));
        assert_eq!(interfaces["networkInterfaceSet"][0]["association"]["allocationId"], address.as_str());
        ok(&mut world, "DeleteNatGateway", json!({"NatGatewayId": id}));
        ok(&mut world, "DeleteNatGateway", json!({"NatGatewayId": id}));
        assert_eq!(look(&mut world, &id)["state"], "deleting");
        assert_eq!(code(&mut world, "ReleaseAddress", json!({"AllocationId": address})), "AuthFailure");
        wait(&mut world, 90);
        assert_eq!(look(&mut world, &id)["state"], "deleted");
        assert_eq!(code(&mut world, "DeleteNatGateway", json!({"NatGatewayId": id})), "NatGatewayNotFound");
        ok(&mut world, "ReleaseAddress", json!({"AllocationId": address}));
        ok(&mut world, "DetachInternetGateway", json!({"InternetGatewayId": igw, "VpcId": vpc}));
        let tables = ok(&mut world, "DescribeRouteTables", trial::filter("route.state", "blackhole"));
        assert_eq!(tables["routeTableSet"].as_array().unwrap().len(), 2);
        wait(&mut world, 3600);
        assert_eq!(code(&mut world, "DescribeNatGateways", json!({"NatGatewayId": [id]})), "NatGatewayNotFound");
        assert!(world.ec2.interfaces.is_empty());
    }

    #[test]
    fn failures_show_in_the_state() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (subnet, address) = (subnet(&mut world, &vpc, "10.0.0.0/24"), address(&mut world));
        let lost = nat(&mut world, &subnet, &address);
        wait(&mut world, 20);
        let seen = look(&mut world, &lost);
        assert_eq!((&seen["state"], &seen["failureCode"]), (&json!("failed"), &json!("Gateway.NotAttached")));
        gateway(&mut world, &vpc);
        let first = nat(&mut world, &subnet, &address);
        let second = nat(&mut world, &subnet, &address);
        wait(&mut world, 20);
        assert_eq!(look(&mut world, &second)["failureCode"], "Resource.AlreadyAssociated");
        assert_eq!(look(&mut world, &first)["state"], "pending");
        ok(&mut world, "DeleteNatGateway", json!({"NatGatewayId": second}));
        wait(&mut world, 150);
        assert_eq!(look(&mut world, &second)["state"], "deleted");
        assert_eq!(look(&mut world, &first)["state"], "available");
        wait(&mut world, 3600);
        assert_eq!(world.ec2.nats.len(), 1);
    }

    #[test]
    fn a_token_makes_one_gateway() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let (subnet, address) = (subnet(&mut world, &vpc, "10.0.0.0/28"), address(&mut world));
        let ask = json!({"SubnetId": subnet, "AllocationId": address, "ClientToken": "t"});
        let first = ok(&mut world, "CreateNatGateway", ask.clone());
        assert_eq!(ok(&mut world, "CreateNatGateway", ask)["natGateway"], first["natGateway"]);
        let other = json!({"SubnetId": subnet, "AllocationId": "eipalloc-1", "ClientToken": "t"});
        assert_eq!(code(&mut world, "CreateNatGateway", other), "IdempotentParameterMismatch");
        let mut refused = |ask: Json| code(&mut world, "CreateNatGateway", ask);
        assert_eq!(refused(json!({"SubnetId": subnet, "AllocationId": "eipalloc-1"})), "InvalidElasticIpID.NotFound");
        assert_eq!(refused(json!({"SubnetId": "subnet-1", "AllocationId": address})), "InvalidSubnetID.NotFound");
        assert_eq!(refused(json!({"SubnetId": subnet})), "MissingParameter");
        let private = json!({"SubnetId": subnet, "ConnectivityType": "private"});
        for _ in 0..4 {
            ok(&mut world, "CreateNatGateway", private.clone());
        }
        assert_eq!(code(&mut world, "CreateNatGateway", private), "NatGatewayLimitExceeded");
    }
}
