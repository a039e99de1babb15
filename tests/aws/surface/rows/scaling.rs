//! Who changes the number of tasks by the load.

use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{Removal, Row, row};

pub fn rows() -> Vec<Row> {
    let bound = |path, set: u32, change: u32, place| scaling(path, set, change, place).removal(Removal::WithParent);
    vec![
        bound(
            "autoscaling.min_capacity",
            1,
            2,
            Place::Own(|at| target(at)["MinCapacity"].take(), Some(|at, to| bind(at, "MinCapacity", to))),
        ),
        bound(
            "autoscaling.max_capacity",
            6,
            8,
            Place::Own(|at| target(at)["MaxCapacity"].take(), Some(|at, to| bind(at, "MaxCapacity", to))),
        ),
        scaling(
            "autoscaling.cpu_target",
            50,
            60,
            Place::Own(|at| value(at, CPU), Some(|at, to| aim(at, CPU, "TargetValue", to))),
        ),
        scaling(
            "autoscaling.memory_target",
            50,
            60,
            Place::Own(|at| value(at, MEMORY), Some(|at, to| aim(at, MEMORY, "TargetValue", to))),
        )
        .with(with("cpu_target")),
        scaling(
            "autoscaling.requests_per_target",
            500,
            600,
            Place::Own(|at| value(at, REQUESTS), Some(|at, to| aim(at, REQUESTS, "TargetValue", to))),
        ),
        scaling(
            "autoscaling.scale_in_cooldown",
            60,
            90,
            Place::Own(|at| of(at, MEMORY, "ScaleInCooldown"), Some(|at, to| aim(at, MEMORY, "ScaleInCooldown", to))),
        ),
        scaling(
            "autoscaling.scale_out_cooldown",
            60,
            90,
            Place::Own(|at| of(at, MEMORY, "ScaleOutCooldown"), Some(|at, to| aim(at, MEMORY, "ScaleOutCooldown", to))),
        ),
    ]
}

const CPU: &str = "ECSServiceAverageCPUUtilization";
const MEMORY: &str = "ECSServiceAverageMemoryUtilization";
const REQUESTS: &str = "ALBRequestCountPerTarget";

/// Bounds and policies only: the service is left to them.
const CALLS: &[&str] = &[
    "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:RegisterScalableTarget",
];

/// Scaled by one metric besides.
fn with(target: &str) -> Json {
    json!({ "autoscaling": { "min_capacity": 1, "max_capacity": 4, target: 70 } })
}

fn scaling(path: &'static str, set: u32, change: u32, place: Place) -> Row {
    row(path, set, change).at(place).with(with("memory_target")).calls(CALLS)
}

fn ask(at: &mut At<'_>, action: &str) -> Vec<Json> {
    let all = at.ask("application-autoscaling", action, json!({ "ServiceNamespace": "ecs" }));
    let found = ["ScalableTargets", "ScalingPolicies"].iter().find_map(|name| all[*name].as_array());
    found.cloned().unwrap_or_default()
}

fn target(at: &mut At<'_>) -> Json {
    ask(at, "DescribeScalableTargets").into_iter().next().unwrap_or_default()
}

fn bind(at: &mut At<'_>, member: &str, to: &Json) {
    let target = target(at);
    let mut asked = json!({
        "ServiceNamespace": "ecs", "ResourceId": target["ResourceId"], "ScalableDimension": target["ScalableDimension"],
    });
    asked[member] = to.clone();
    at.ask("application-autoscaling", "RegisterScalableTarget", asked);
}

fn policy(at: &mut At<'_>, metric: &str) -> Json {
    let of = |policy: &Json| {
        policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]
            == metric
    };
    ask(at, "DescribeScalingPolicies").into_iter().find(of).unwrap_or_default()
}

fn of(at: &mut At<'_>, metric: &str, member: &str) -> Json {
    policy(at, metric)["TargetTrackingScalingPolicyConfiguration"][member].take()
}

/// A whole number, however AWS writes it.
fn value(at: &mut At<'_>, metric: &str) -> Json {
    of(at, metric, "TargetValue").as_f64().map_or(Json::Null, |value| json!(value as i64))
}

fn aim(at: &mut At<'_>, metric: &str, member: &str, to: &Json) {
    let policy = policy(at, metric);
    let mut configuration = policy["TargetTrackingScalingPolicyConfiguration"].clone();
    configuration[member] = to.clone();
    let asked = json!({
        "ServiceNamespace": "ecs", "ResourceId": policy["ResourceId"], "ScalableDimension": policy["ScalableDimension"],
        "PolicyName": policy["PolicyName"], "PolicyType": policy["PolicyType"],
        "TargetTrackingScalingPolicyConfiguration": configuration,
    });
    at.ask("application-autoscaling", "PutScalingPolicy", asked);
}
