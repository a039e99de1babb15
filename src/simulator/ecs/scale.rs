//! What Application Auto Scaling asks of a service: its count, another count, whether it is gone.

use super::service;
use crate::simulator::world::World;

/// The count that an active service wants.
pub fn desired_count(world: &World, cluster: &str, service: &str) -> Option<i64> {
    let there = world.ecs.services.get(&(cluster.to_owned(), service.to_owned()))?;
    (there.status == "ACTIVE").then_some(there.desired)
}

/// Whether there is no such service, or only its memory.
pub fn service_gone(world: &World, cluster: &str, service: &str) -> bool {
    let there = world.ecs.services.get(&(cluster.to_owned(), service.to_owned()));
    there.is_none_or(|there| there.status == "INACTIVE")
}

/// Sets the count of an active service, which keeps its deployment; `message` becomes an event of it.
pub fn set_desired_count(world: &mut World, cluster: &str, service: &str, count: i64, message: &str) {
    service::with(world, &(cluster.to_owned(), service.to_owned()), |world, service| {
        if service.status != "ACTIVE" {
            return;
        }
        let now = world.epoch();
        (service.desired, service.steady) = (count, false);
        if let Some(primary) = service.primary() {
            (primary.desired, primary.updated) = (count, now);
        }
        service.tell(world, message);
    });
}
