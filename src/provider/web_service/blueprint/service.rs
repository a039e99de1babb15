//! The ECS cluster and service.

use super::balancing::Front;
use super::network::Network;
use super::security::Groups;
use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::cluster::Cluster;
use crate::aws::objects::service::Service;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::provider::web_service::model::{DEFAULT_TASKS, Egress, Settings};

/// Draws the cluster, and the service, which starts no task before there is a way to it and out of it.
pub(super) fn draw(
    graph: &mut Graph,
    settings: &Settings,
    anchor: Ref<Anchor>,
    definition: Ref<TaskDefinition>,
    (network, groups, front): (Network, Groups, Front),
) {
    let cluster = graph.add("cluster", Cluster::fargate(), After(anchor));
    let Network { public, private, routes, associations, .. } = network;
    let subnets = if settings.network.egress == Egress::Public { public } else { private };
    let ways = After((AllOf(routes), AllOf(associations), AllOf(groups.rules)));
    let needs = (cluster, definition, front.target, AllOf(subnets), groups.tasks, After(AllOf(front.listeners)), ways);
    graph.add("service", service(settings), needs);
}

fn service(settings: &Settings) -> Service {
    Service {
        desired_count: i32::try_from(settings.desired_count.unwrap_or(DEFAULT_TASKS)).unwrap_or(i32::MAX),
        container_port: settings.port.into(),
        assign_public_ip: settings.network.egress == Egress::Public,
        health_check_grace_period: i32::try_from(settings.health_check.grace_period).unwrap_or(i32::MAX),
        minimum_healthy_percent: 100,
        maximum_percent: 200,
        circuit_breaker: true,
        rollback: true,
        failed_rollout: false,
        wait: settings.deployment.wait,
    }
}
