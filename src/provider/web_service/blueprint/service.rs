//! The ECS cluster and service.

use serde_json::{Value as Json, json};

use super::balancing::Front;
use super::network::Network;
use super::scaling;
use super::security::Groups;
use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::capacity::{Capacity, FARGATE, FARGATE_SPOT, Share};
use crate::aws::objects::cluster::Cluster;
use crate::aws::objects::redeploy;
use crate::aws::objects::service::Service;
use crate::aws::objects::service_overrides;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::provider::web_service::model::{self, DEFAULT_TASKS, Settings};

/// Draws the cluster, and the service, which starts no task before there is a way to it and out of it.
pub(super) fn draw(
    graph: &mut Graph,
    settings: &Settings,
    anchor: Ref<Anchor>,
    definition: Ref<TaskDefinition>,
    (network, groups, front): (Network, Groups, Front),
) {
    let cluster = match &settings.cluster.arn {
        Some(arn) => graph.given(arn),
        None => graph.add("cluster", Cluster::fargate(&settings.cluster.container_insights), After(anchor)),
    };
    let subnets = AllOf(network.tasks(settings.network.assigns_public_ips()).to_vec());
    let tasks = AllOf([vec![groups.tasks], network.groups].concat());
    let Network { routes, associations, endpoint, .. } = network;
    let ways = After((AllOf(routes), AllOf(associations), AllOf(groups.rules), endpoint));
    let needs =
        (cluster, definition, front.target, subnets, tasks, After((AllOf(front.listeners.clone()), front.rule)), ways);
    let service = graph.add(Service::key(settings.cluster.arn.as_deref()), service(settings), needs);
    scaling::draw(graph, settings, service, &front);
}

fn service(settings: &Settings) -> Service {
    let deployment = &settings.deployment;
    let breaker = &deployment.circuit_breaker;
    let patch = overrides(settings);
    Service {
        desired_count: whole(settings.desired_count.unwrap_or(DEFAULT_TASKS)),
        count_elsewhere: settings.count_is_elsewhere(),
        container_port: settings.port.into(),
        assign_public_ip: settings.network.assigns_public_ips(),
        health_check_grace_period: whole(settings.health_check.grace_period),
        minimum_healthy_percent: whole(deployment.minimum_healthy_percent),
        maximum_percent: whole(deployment.maximum_percent),
        circuit_breaker: breaker.enabled,
        rollback: breaker.enabled && breaker.rollback,
        availability_zone_rebalancing: rebalances(&patch, deployment),
        capacity: capacity(settings.capacity.as_ref()),
        redeploy_mark: settings.redeploy_trigger.as_deref().map(redeploy::mark),
        enable_execute_command: settings.enable_execute_command,
        overrides: service_overrides::of_patch(&patch),
        failed_rollout: false,
        wait: deployment.wait,
    }
}

/// The merge patch over the service, or an empty one.
pub fn overrides(settings: &Settings) -> Json {
    let text = settings.service_overrides.as_deref();
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}))
}

/// Whether ECS is to even the zones out: if it can, unless the patch says otherwise.
pub fn rebalances(patch: &Json, deployment: &model::Deployment) -> bool {
    patch[REBALANCING].as_str().map_or(deployment.maximum_percent > 100, |word| word == "ENABLED")
}

/// The member of the patch that says so.
pub const REBALANCING: &str = "availabilityZoneRebalancing";

/// How the tasks are spread.
pub fn capacity(wanted: Option<&model::Capacity>) -> Capacity {
    let share = |share: &model::Share| Share { base: whole(share.base), weight: whole(share.weight) };
    let wanted = wanted.cloned().unwrap_or_default();
    let shares = [(FARGATE, wanted.fargate), (FARGATE_SPOT, wanted.fargate_spot)];
    Capacity::of(shares.into_iter().filter_map(|(name, given)| Some((name.to_owned(), share(&given?)))))
}

/// As AWS takes numbers.
pub(super) fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
