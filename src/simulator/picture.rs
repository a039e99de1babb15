//! The picture of a world for people: one JSON value, a pure function of the world as it is.

use serde_json::{Value as Json, json};

use super::world::{Event, World};
use super::{acm, ec2, ecs, elb, route53};

/// How many of the last calls are shown.
const LAST: usize = 60;

/// `world` (account, region, seconds, calls, errors), `vpcs`, `balancers`, `groups`, `services`, `certificates`, `records`
/// and `last`, the newest call first.
pub fn picture(world: &World) -> Json {
    let calls = || world.log.iter().filter(|event| event.source == "call");
    let elb::Sketch { balancers, groups } = elb::sketch(world);
    let about = json!({
        "account": world.account,
        "region": world.region,
        "seconds": world.now().as_secs_f64(),
        "calls": calls().count(),
        "errors": calls().filter(|event| !event.outcome.is_empty()).count(),
    });
    json!({
        "world": about,
        "vpcs": network(world, &balancers),
        "balancers": balancers,
        "groups": groups,
        "services": ecs::services(world),
        "certificates": acm::sketch(world),
        "records": route53::sketch(world),
        "last": calls().rev().take(LAST).map(event).collect::<Json>(),
    })
}

fn event(event: &Event) -> Json {
    json!({
        "seconds": event.at.as_secs_f64(),
        "what": event.what,
        "subject": event.subject,
        "outcome": event.outcome,
    })
}

/// The network, with what stands in each subnet.
fn network(world: &World, balancers: &[Json]) -> Vec<Json> {
    let (mut vpcs, tasks) = (ec2::sketch(world), ecs::tasks(world));
    let zones = vpcs.iter_mut().flat_map(|vpc| vpc["zones"].as_array_mut().into_iter().flatten());
    for subnet in zones.flat_map(|zone| zone["subnets"].as_array_mut().into_iter().flatten()) {
        let id = subnet["id"].clone();
        let stands = |balancer: &&Json| balancer["subnets"].as_array().is_some_and(|subnets| subnets.contains(&id));
        let node = |balancer: &Json| json!({ "name": balancer["name"], "state": balancer["state"] });
        subnet["balancers"] = balancers.iter().filter(stands).map(node).collect();
        subnet["tasks"] = tasks.iter().filter(|task| task["subnet"] == id).cloned().collect();
    }
    vpcs
}

#[cfg(test)]
mod tests;
