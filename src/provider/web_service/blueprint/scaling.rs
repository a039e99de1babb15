//! Autoscaling: the bounds of the service's number of tasks, and a policy for each metric that shall be kept near a target.

use super::balancing::Front;
use super::service::whole;
use crate::aws::graph::{Graph, Ref};
use crate::aws::objects::scalable_target::ScalableTarget;
use crate::aws::objects::scaling_policy::{Metric, ScalingPolicy};
use crate::aws::objects::service::Service;
use crate::provider::web_service::model::{Autoscaling, Settings};

/// Draws what scales the service, if anything shall.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, service: Ref<Service>, front: &Front) {
    let Some(scaling) = &settings.autoscaling else { return };
    let key = ScalableTarget::key(&Service::key(settings.cluster.arn.as_deref()));
    let bounds =
        ScalableTarget { min_capacity: whole(scaling.min_capacity), max_capacity: whole(scaling.max_capacity) };
    let target = graph.add(key.clone(), bounds, service);
    for (metric, wanted) in targets(scaling) {
        let policy = ScalingPolicy {
            metric,
            target: wanted.into(),
            scale_in_cooldown: whole(scaling.scale_in_cooldown),
            scale_out_cooldown: whole(scaling.scale_out_cooldown),
        };
        let counted = (metric == Metric::Requests).then_some((front.balancer, front.target));
        graph.add(ScalingPolicy::key(&key, metric), policy, (target, counted));
    }
}

/// The metrics that have a target.
fn targets(scaling: &Autoscaling) -> impl Iterator<Item = (Metric, u32)> {
    let all = Metric::ALL.into_iter().zip([scaling.cpu_target, scaling.memory_target, scaling.requests_per_target]);
    all.filter_map(|(metric, target)| Some((metric, target?)))
}
