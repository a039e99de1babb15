//! The service scheduler: a service looks at itself again and again until it is INACTIVE.

use super::service::{self, Service};
use super::{ServiceKey, breaker, task_life};
use super::{rebalance, rollout};
use crate::simulator::world::World;

pub fn round(world: &mut World, key: &ServiceKey, serial: u64) {
    let going = service::with(world, key, |world, service| {
        if service.serial != serial {
            return false;
        }
        match service.status {
            "ACTIVE" => {
                rollout::health(world, service);
                breaker::check(world, service);
                if !rebalance::step(world, service) {
                    rollout::place(world, service);
                    rollout::finish(world, service);
                }
            }
            "DRAINING" => drain(world, service),
            _ => {}
        }
        service.status != "INACTIVE"
    });
    if going == Some(true) {
        service::next_round(world, key, serial);
    }
}

/// INACTIVE once every task is STOPPING or STOPPED (API reference, DeleteService).
fn drain(world: &mut World, service: &mut Service) {
    let ids = rollout::tasks_of(world, service, None);
    let live: Vec<String> = ids.iter().filter(|id| rollout::live(world, id)).cloned().collect();
    task_life::scale_down(world, service, &live);
    let serving =
        |id: &String| world.ecs.tasks.get(id).is_some_and(|task| matches!(task.status, "RUNNING" | "DEACTIVATING"));
    if !rollout::tasks_of(world, service, None).iter().any(serving) {
        service.status = "INACTIVE";
        service.deployments.clear();
        world.note(format!("service {} is INACTIVE", service.name));
    }
}
