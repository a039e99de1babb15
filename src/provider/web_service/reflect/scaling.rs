//! Autoscaling, read back; on import also whether there is any.

use super::{Standing, actual};
use crate::aws::objects::scalable_target::ScalableTarget;
use crate::aws::objects::scaling_policy::{Metric, ScalingPolicy};
use crate::aws::objects::service::Service;
use crate::provider::web_service::model::{Autoscaling, Settings};

/// Bounds and targets as AWS has them. A policy that isn't there stays wanted.
pub(super) fn scaling(settings: &mut Settings, standing: &Standing) {
    let key = key(settings);
    let Some(scaling) = &mut settings.autoscaling else { return };
    let number = |number: i32| u32::try_from(number).unwrap_or_default();
    if let Some(bounds) = actual::<ScalableTarget>(standing, &key) {
        scaling.min_capacity = number(bounds.min_capacity);
        scaling.max_capacity = number(bounds.max_capacity);
    }
    for metric in Metric::ALL {
        let wanted = match metric {
            Metric::Cpu => &mut scaling.cpu_target,
            Metric::Memory => &mut scaling.memory_target,
            Metric::Requests => &mut scaling.requests_per_target,
        };
        let policy = actual::<ScalingPolicy>(standing, &ScalingPolicy::key(&key, metric));
        if let (Some(wanted), Some(policy)) = (wanted, policy) {
            *wanted = target(policy);
            scaling.scale_in_cooldown = number(policy.scale_in_cooldown);
            scaling.scale_out_cooldown = number(policy.scale_out_cooldown);
        }
    }
}

/// What is scaled and by what, as what stands shows it.
pub(super) fn structure(settings: &Settings, standing: &Standing) -> Option<Autoscaling> {
    let key = key(settings);
    actual::<ScalableTarget>(standing, &key)?;
    let has = |metric| actual::<ScalingPolicy>(standing, &ScalingPolicy::key(&key, metric)).map(target);
    let (cpu_target, memory_target) = (has(Metric::Cpu), has(Metric::Memory));
    Some(Autoscaling {
        cpu_target,
        memory_target,
        requests_per_target: has(Metric::Requests),
        ..Autoscaling::default()
    })
}

fn key(settings: &Settings) -> String {
    ScalableTarget::key(&Service::key(settings.cluster.arn.as_deref()))
}

/// Targets are whole here. One that somebody set between two is told as drift.
fn target(policy: &ScalingPolicy) -> u32 {
    policy.target.round().clamp(0.0, f64::from(u32::MAX)) as u32
}
