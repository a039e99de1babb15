//! Services and tasks as the picture for people needs them.

use serde_json::{Value as Json, json};

use super::cluster::short;
use super::deployment::Deployment;
use super::service::{Service, counts};
use super::task::Task;
use crate::simulator::elb;
use crate::simulator::world::World;

/// A stopped task is shown for so many seconds.
const SHOWN: f64 = 120.0;
/// How many of a service's events are shown.
const EVENTS: usize = 6;

/// All but those that are gone.
pub fn services(world: &World) -> Vec<Json> {
    let there = world.ecs.services.values().filter(|service| service.status != "INACTIVE");
    there.map(|there| service(world, there)).collect()
}

fn service(world: &World, there: &Service) -> Json {
    let deployments: Vec<Json> = there.deployments.iter().map(|one| deployment(world, one)).collect();
    let sum = |member: &str| deployments.iter().filter_map(|one| one[member].as_i64()).sum::<i64>();
    let event = |event: &Json| json!({ "at": event["createdAt"], "message": event["message"] });
    json!({
        "cluster": there.cluster,
        "name": there.name,
        "status": there.status,
        "desired": there.desired,
        "running": sum("running"),
        "pending": sum("pending"),
        "definition": short(&there.plan.definition),
        "deployments": deployments,
        "events": there.events.iter().take(EVENTS).map(event).collect::<Json>(),
    })
}

fn deployment(world: &World, there: &Deployment) -> Json {
    let (running, pending) = counts(world, &there.id);
    let of_it = world.ecs.tasks.values().filter(|task| task.deployment == there.id && task.status == "RUNNING");
    json!({
        "id": there.id,
        "status": there.status,
        "rollout": there.rollout,
        "rollback": there.rollback,
        "reason": there.reason,
        "definition": short(&there.plan.definition),
        "desired": there.desired,
        "running": running,
        "pending": pending,
        "healthy": of_it.filter(|task| task.healthy && task.stop.is_none()).count(),
        "failed": there.failed,
    })
}

/// The oldest first; each with the `subnet` it is in.
pub fn tasks(world: &World) -> Vec<Json> {
    let now = world.epoch();
    let mut there: Vec<&Task> =
        world.ecs.tasks.values().filter(|task| task.stopped.is_none_or(|at| now - at < SHOWN)).collect();
    there.sort_by(|one, other| one.created.total_cmp(&other.created));
    there.into_iter().map(|there| task(world, there)).collect()
}

fn task(world: &World, there: &Task) -> Json {
    let health = |(group, port): &(String, i64)| elb::target_state(world, group, &there.ip(), *port);
    json!({
        "id": there.id,
        "service": there.service,
        "subnet": there.subnet,
        "state": there.status,
        "stopping": there.stop.is_some(),
        "definition": short(&there.definition),
        "ip": there.interface.as_ref().map(|one| &one.private_ip),
        "health": there.targets.iter().find_map(health),
        "exit": there.ended.values().map(|(code, _)| *code).max().or(there.exit).filter(|_| there.stop.is_some()),
        "why": there.stop.as_ref().map(|(_, why)| why),
    })
}
