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

use super::world::{Operation, World};

mod breaker;
mod cluster;
mod create_service;
mod definition;
mod definition_checks;
mod delete_service;
mod deployment;
#[cfg(test)]
mod fake;
mod fargate;
mod history;
mod image;
mod outside;
mod paging;
mod refuse;
mod rollout;
mod scheduler;
mod service;
mod service_checks;
mod sketch;
mod tagging;
mod task;
mod task_life;
mod update_service;

pub use sketch::{services, tasks};

/// A service by its cluster's name and its own.
pub type ServiceKey = (String, String);

#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// A cluster has come up or gone.
    ClusterSettles(String),
    /// ECS looks at a service; the number tells a new service of an old name apart.
    Round(ServiceKey, u64),
    /// A task's next step, from the state it was in.
    Task(String, &'static str),
    /// A task's container ends by itself.
    ContainerEnds(String),
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
        "DeleteService" => delete_service::delete,
        "DeregisterTaskDefinition" => definition::deregister,
        "DescribeClusters" => cluster::describe,
        "DescribeServiceDeployments" => history::describe,
        "DescribeServices" => service::describe,
        "DescribeTaskDefinition" => definition::describe,
        "DescribeTasks" => task::describe,
        "ListClusters" => cluster::list,
        "ListServiceDeployments" => history::list,
        "ListServices" => service::list,
        "ListTagsForResource" => tagging::list,
        "ListTaskDefinitions" => definition::list,
        "ListTasks" => task::list,
        "PutClusterCapacityProviders" => cluster::put_providers,
        "RegisterTaskDefinition" => definition::register,
        "StopTask" => task::stop,
        "TagResource" => tagging::tag,
        "UntagResource" => tagging::untag,
        "UpdateService" => update_service::update,
        _ => return None,
    })
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::ClusterSettles(name) => cluster::settle(world, &name),
        Due::Round(key, serial) => scheduler::round(world, &key, serial),
        Due::Task(id, from) => task_life::step(world, &id, from),
        Due::ContainerEnds(id) => task_life::container_ends(world, &id),
    }
}
