//! What stands in the network (`observe`).

use serde_json::{Value as Json, json};

use super::route;
use super::rule::{Peer, Rule};
use crate::simulator::observe::Object;
use crate::simulator::world::World;

/// Everything but what comes and goes with something else.
pub fn objects(world: &World) -> Vec<Object> {
    let state = &world.ec2;
    let object = |kind: &'static str, id: &String, name: String, settings: Json| {
        let tags = state.tags.get(id).cloned().unwrap_or_default();
        Object { kind, id: id.clone(), name, tags, settings }
    };
    let mut all = Vec::new();
    all.extend(state.vpcs.iter().map(|(id, one)| object("ec2 vpc", id, one.block.to_string(), Json::Null)));
    all.extend(state.subnets.iter().map(|(id, one)| {
        object("ec2 subnet", id, format!("{} of {}", one.block, one.vpc), json!({ "zone": one.zone.name }))
    }));
    all.extend(state.internet_gateways.iter().map(|(id, one)| {
        object("ec2 internet gateway", id, format!("of {}", one.vpc.as_deref().unwrap_or("none")), Json::Null)
    }));
    let address_name = |id: &String| state.tags.get(id).and_then(|tags| tags.get("Name")).cloned().unwrap_or_default();
    all.extend(state.addresses.iter().map(|(id, one)| {
        object("ec2 address", id, address_name(id), json!({ "held": one.held.as_ref().map(|(by, _)| by) }))
    }));
    let nats = state.nats.iter().filter(|(_, one)| !matches!(one.state, "deleted" | "failed"));
    all.extend(
        nats.map(|(id, one)| {
            object("ec2 nat gateway", id, format!("in {}", one.subnet), json!({ "state": one.state }))
        }),
    );
    let endpoints = state.endpoints.iter();
    all.extend(endpoints.map(|(id, one)| object("ec2 vpc endpoint", id, format!("of {}", one.vpc), Json::Null)));
    let tables = state.route_tables.iter().filter(|(_, one)| one.main.is_none());
    all.extend(tables.map(|(id, one)| {
        let routes: Vec<Json> = route::shown(world, one)
            .iter()
            .map(|route| {
                json!([route["destinationCidrBlock"], route["gatewayId"], route["natGatewayId"], route["state"]])
            })
            .collect();
        let mut subnets: Vec<&String> = one.associations.values().collect();
        subnets.sort_by_key(|subnet| state.subnets.get(*subnet).map(|subnet| subnet.block));
        let first = subnets.first().map_or("no subnet", |subnet| subnet.as_str());
        object("ec2 route table", id, format!("of {first}"), json!({ "routes": routes, "subnets": subnets }))
    }));
    let own = |group: &String| state.groups.get(group).is_some_and(|group| group.name != "default");
    let groups = state.groups.iter().filter(|(id, _)| own(id));
    all.extend(
        groups.map(|(id, one)| object("ec2 security group", id, format!("{} of {}", one.name, one.vpc), Json::Null)),
    );
    let rules = state.rules.iter().filter(|(_, one)| own(&one.group));
    all.extend(rules.map(|(id, one)| object("ec2 security group rule", id, named(one), json!(one.description))));
    all.extend(state.interfaces.iter().map(|(id, one)| {
        object("ec2 network interface", id, format!("in {}", one.subnet), json!({ "groups": one.groups }))
    }));
    all
}

fn named(rule: &Rule) -> String {
    let way = if rule.egress { "out of" } else { "into" };
    let peer = match &rule.peer {
        Peer::Group(group) => group.clone(),
        other => format!("{other:?}"),
    };
    format!("{} {}-{} {way} {} for {peer}", rule.protocol, rule.ports.0, rule.ports.1, rule.group)
}
