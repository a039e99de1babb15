//! The network as the picture for people needs it: VPCs with their gateway and subnets, subnets with their NAT gateways.

use serde_json::{Value as Json, json};

use super::reach::default_route;
use super::route::Target;
use super::{nat, subnet, vpc};
use crate::simulator::world::World;

/// `id`, `name` (of its tag, or none), `cidr`, `state`, `gateway` (id, or none), `zones`: `name`, `subnets`.
pub fn sketch(world: &World) -> Vec<Json> {
    let one = |(id, there): (&String, &vpc::Vpc)| {
        let shown = vpc::shown(world, id, there);
        let mut gateways = world.ec2.internet_gateways.iter();
        let gateway = gateways.find(|(_, gateway)| gateway.vpc.as_ref() == Some(id)).map(|(gateway, _)| gateway);
        let zones = world.ec2.zones.iter().map(|zone| (&zone.name, subnets(world, id, &zone.name)));
        let zones = zones.filter(|(_, subnets)| !subnets.is_empty());
        json!({
            "id": id,
            "name": name(world, id),
            "cidr": shown["cidrBlock"],
            "state": shown["state"],
            "gateway": gateway,
            "zones": zones.map(|(zone, subnets)| json!({ "name": zone, "subnets": subnets })).collect::<Json>(),
        })
    };
    world.ec2.vpcs.iter().map(one).collect()
}

/// Those of one zone; public ones, which lead straight to an internet gateway, first.
fn subnets(world: &World, vpc: &str, zone: &str) -> Vec<Json> {
    let here = world.ec2.subnets.iter().filter(|(_, subnet)| subnet.vpc == vpc && subnet.zone.name == zone);
    let one = |(id, subnet): (&String, &subnet::Subnet)| {
        let shown = subnet::shown(world, id, subnet);
        let nats = world.ec2.nats.iter().filter(|(_, nat)| nat.subnet == *id);
        let way = match default_route(world, id) {
            Some(Target::Internet(_)) => "internet",
            Some(Target::Nat(_)) => "nat",
            None => "none",
        };
        json!({
            "id": id,
            "name": name(world, id),
            "cidr": shown["cidrBlock"],
            "state": shown["state"],
            "way_out": way,
            "nats": nats.map(|(id, there)| gateway(world, id, there)).collect::<Json>(),
        })
    };
    let mut all: Vec<Json> = here.map(one).collect();
    all.sort_by_key(|subnet| subnet["way_out"] != "internet");
    all
}

fn gateway(world: &World, id: &str, there: &nat::Nat) -> Json {
    let shown = nat::shown(world, id, there);
    json!({
        "id": id,
        "state": shown["state"],
        "ip": shown["natGatewayAddressSet"][0]["publicIp"],
        "why": shown["failureMessage"],
    })
}

fn name<'a>(world: &'a World, id: &str) -> Option<&'a String> {
    world.ec2.tags.get(id)?.get("Name")
}
