//! The cluster, the service and its log group, read back.

use serde_json::json;

use super::{Standing, actual};
use crate::aws::erased::Found;
use crate::aws::objects::capacity::{Capacity, FARGATE, FARGATE_SPOT};
use crate::aws::objects::cluster::Cluster;
use crate::aws::objects::log_group::LogGroup;
use crate::aws::objects::redeploy;
use crate::aws::objects::service::Service;
use crate::aws::objects::service_overrides;
use crate::provider::web_service::blueprint;
use crate::provider::web_service::model::{self, Deployment, Settings};

pub(super) fn service(settings: &mut Settings, standing: &Standing) {
    if let Some(logs) = actual::<LogGroup>(standing, "log_group") {
        let days = logs.retention_in_days.and_then(|days| u32::try_from(days).ok());
        settings.logs.retention_in_days = days.unwrap_or_default();
        settings.logs.kms_key_arn.clone_from(&logs.kms_key_arn);
    }
    if let Some(cluster) = actual::<Cluster>(standing, "cluster") {
        settings.cluster.container_insights.clone_from(&cluster.container_insights);
    }
    if let Some(service) = actual::<Service>(standing, &Service::key(settings.cluster.arn.as_deref())) {
        settings.enable_execute_command = service.enable_execute_command;
        settings.desired_count = u32::try_from(service.desired_count).ok();
        settings.health_check.grace_period = number(service.health_check_grace_period);
        deployment(&mut settings.deployment, service);
        // What says the same stays as the user says it.
        if blueprint::capacity(settings.capacity.as_ref()) != service.capacity {
            settings.capacity = capacity(&service.capacity);
        }
        overrides(settings, service);
        if settings.redeploy_trigger.as_deref().map(redeploy::mark) != service.redeploy_mark {
            settings.redeploy_trigger.clone_from(&service.redeploy_mark);
        }
    }
}

/// The service's key on an import, whatever cluster it is in.
pub(super) fn key(standing: &Standing) -> String {
    let found = standing.values().find_map(Found::seen::<Service>);
    found.map_or_else(|| Service::key(None), |service| service.key.clone())
}

/// The cluster that the user gave, as what stands shows it.
pub(super) fn structure(standing: &Standing) -> model::Cluster {
    let found = standing.values().find_map(Found::seen::<Service>);
    let given = found.filter(|service| service.key != Service::key(None));
    model::Cluster { arn: given.map(|service| service.output.cluster.clone()), ..model::Cluster::default() }
}

fn deployment(deployment: &mut Deployment, service: &Service) {
    deployment.minimum_healthy_percent = number(service.minimum_healthy_percent);
    deployment.maximum_percent = number(service.maximum_percent);
    deployment.circuit_breaker.enabled = service.circuit_breaker;
    // A breaker that is off has nothing to say of this.
    if service.circuit_breaker {
        deployment.circuit_breaker.rollback = service.rollback;
    }
}

/// What AWS has other than usual and no attribute says. What comes to the same stays as the user says it.
fn overrides(settings: &mut Settings, service: &Service) {
    let patch = blueprint::overrides(settings);
    let wanted = service_overrides::of_patch(&patch);
    let shown = service_overrides::liken(wanted.as_ref(), service.overrides.as_ref());
    let rebalances = service.availability_zone_rebalancing;
    if shown == wanted && rebalances == blueprint::rebalances(&patch, &settings.deployment) {
        return;
    }
    let mut told = shown.map_or_else(|| json!({}), |shown| shown.json());
    if rebalances != blueprint::rebalances(&json!({}), &settings.deployment) {
        told[blueprint::REBALANCING] = if rebalances { "ENABLED" } else { "DISABLED" }.into();
    }
    let is_said = told != json!({});
    settings.service_overrides = is_said.then(|| service_overrides::text(&told));
}

fn capacity(capacity: &Capacity) -> Option<model::Capacity> {
    let share = |provider| {
        let share = capacity.share(provider)?;
        Some(model::Share { base: number(share.base), weight: number(share.weight) })
    };
    (!capacity.is_plain()).then(|| model::Capacity { fargate: share(FARGATE), fargate_spot: share(FARGATE_SPOT) })
}

fn number(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
