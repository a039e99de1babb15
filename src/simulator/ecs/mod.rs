//! Elastic Container Service on Fargate: clusters, task definitions, services, and the scheduler that runs them.
//!
//! A service looks at itself in rounds (`scheduler`), counts failures (`breaker`), starts and stops tasks; a task then lives
//! by itself (`task_life`). What a container does is written in its image's name (`image`). What surprises: a service that
//! is INACTIVE may still have tasks whose interfaces are not yet gone, as on AWS.
//!
//! Unit tests pretend the other services (`fake`); everything else asks the real ones (`outside`).
//!
//! Not simulated: EC2 launch type, other deployment controllers and strategies than rolling ECS, RunTask, task sets,
//! Service Connect, alarms, volumes.

use std::collections::BTreeMap;

pub use objects::objects;

use super::observe::Serving;
use super::world::{self, Operation, World};
use super::{durations, outage};

mod breaker;
mod capacity;
mod cluster;
mod container_checks;
mod container_health;
mod container_life;
mod containers;
mod create_service;
mod definition;
mod definition_checks;
mod definition_end;
mod delete_service;
mod deployment;
mod execute;
#[cfg(test)]
mod fake;
mod fargate;
mod history;
mod image;
mod insights;
mod objects;
mod outside;
mod paging;
mod rebalance;
mod refuse;
#[cfg(test)]
mod roles_test;
mod rollout;
mod scale;
mod scheduler;
mod service;
mod service_checks;
mod service_extras;
mod sketch;
mod startup;
mod tagging;
mod task;
mod task_life;
mod update_service;

pub use scale::{desired_count, service_gone, set_desired_count};

/// What other services' tests begin with: an active service `web` of two tasks in the cluster `home`.
#[cfg(test)]
pub mod tried {
    use super::fake::{call, register, service, world};
    pub use super::fake::{events, look, pass};
    use crate::simulator::world::World;

    pub fn service_in() -> World {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", service()).unwrap();
        world
    }
}
pub use sketch::{services, tasks};

/// A service by its cluster's name and its own.
pub type ServiceKey = (String, String);

#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// A cluster has come up or gone.
    ClusterSettles(String),
    /// ECS looks at a service; the number tells a new service of an old name apart.
    Round(ServiceKey, u64),
    /// Container Insights writes the metrics of a cluster's tasks.
    Metrics(String),
    /// A revision that was deleted is gone.
    DefinitionGone(String),
    /// A task's next step, from the state it was in.
    Task(String, &'static str),
    /// ECS learns that a task is gone with its zone.
    Lost(String),
    /// A container of a task starts later than the first, or is given up.
    ContainerStarts(String, String),
    /// A container of a task ends by itself.
    ContainerEnds(String, String),
}

#[derive(Clone, Debug, Default)]
pub struct State {
    clusters: BTreeMap<String, cluster::Cluster>,
    /// Revisions by family; revision 1 comes first.
    definitions: BTreeMap<String, Vec<definition::Definition>>,
    services: BTreeMap<ServiceKey, service::Service>,
    tasks: BTreeMap<String, task::Task>,
    serial: u64,
    #[cfg(test)]
    fake: Option<fake::Fake>,
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "CreateCluster" => cluster::create,
        "CreateService" => create_service::create,
        "DeleteCluster" => cluster::delete,
        "DeleteTaskDefinitions" => definition_end::delete,
        "DeleteService" => delete_service::delete,
        "DeregisterTaskDefinition" => definition::deregister,
        "DescribeClusters" => cluster::describe,
        "DescribeServiceDeployments" => history::describe,
        "DescribeServices" => service::describe,
        "DescribeTaskDefinition" => definition::describe,
        "DescribeTasks" => task::describe,
        "ExecuteCommand" => execute::command,
        "ListClusters" => cluster::list,
        "ListServiceDeployments" => history::list,
        "ListServices" => service::list,
        "ListTagsForResource" => tagging::list,
        "ListTaskDefinitionFamilies" => definition_end::families,
        "ListTaskDefinitions" => definition::list,
        "ListTasks" => task::list,
        "PutClusterCapacityProviders" => cluster::put_providers,
        "RegisterTaskDefinition" => definition::register,
        "StopTask" => task::stop,
        "TagResource" => tagging::tag,
        "UntagResource" => tagging::untag,
        "UpdateCluster" | "UpdateClusterSettings" => cluster::update,
        "UpdateService" => update_service::update,
        _ => return None,
    })
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::ClusterSettles(name) => cluster::settle(world, &name),
        Due::Metrics(cluster) => insights::write(world, &cluster),
        Due::Round(key, serial) => scheduler::round(world, &key, serial),
        Due::Task(id, from) => task_life::step(world, &id, from),
        Due::DefinitionGone(arn) => definition_end::gone(world, &arn),
        Due::Lost(id) => task_life::lose(world, &id),
        Due::ContainerStarts(id, name) => container_life::starts(world, &id, &name),
        Due::ContainerEnds(id, name) => container_life::ends(world, &id, &name),
    }
}

/// A zone is down: tasks that come up in it fail at once, what becomes of the others ECS learns later.
pub fn lose_zone(world: &mut World, zone: &str) {
    let over = |status| matches!(status, "DEPROVISIONING" | "STOPPED");
    let here = world.ecs.tasks.values().filter(|task| task.zone == zone && !over(task.status));
    for (id, status) in here.map(|task| (task.id.clone(), task.status)).collect::<Vec<_>>() {
        match status {
            "PROVISIONING" | "PENDING" => task_life::lose(world, &id),
            _ => world.after(durations::LOSS_NOTICED, world::Due::Ecs(Due::Lost(id))),
        }
    }
}

/// Every task that runs, as its users find it.
pub fn serving(world: &World) -> Vec<Serving> {
    let dark = |task: &task::Task| outage::is_down(world, &task.zone);
    let serves =
        |task: &task::Task| task.targets.iter().all(|(group, port)| outside::serves(world, group, &task.ip(), *port));
    let running = world.ecs.tasks.values().filter(|task| matches!(task.status, "RUNNING" | "DEACTIVATING"));
    let seen = running.map(|task| Serving {
        cluster: task.cluster.clone(),
        service: task.service.clone(),
        zone: task.zone.clone(),
        task: task.id.clone(),
        healthy: !dark(task) && serves(task),
        way_out: !dark(task) && outside::has_way_out(world, &task.subnet, task.public_ip),
    });
    seen.collect()
}
