//! Scaling policies. Putting one twice changes it; one that tracks a target has two alarms, which go with it.

use serde_json::{Value as Json, json};

use super::{DIMENSION, NAMESPACE, invalid, limits, not_found, page, resource, shows};
use crate::simulator::ask::Ask;
use crate::simulator::elb;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Policy {
    pub tracking: Option<Tracking>,
    arn: String,
    kind: &'static str,
    configuration: Json,
    /// Names.
    alarms: Vec<String>,
    created: f64,
}

/// What tracking does; `high` and `low` count the looks in a row that found the metric above and below.
#[derive(Clone, Debug)]
pub struct Tracking {
    pub metric: String,
    pub target: f64,
    /// Seconds after a change out and in.
    pub cooldown: [f64; 2],
    pub scales_in: bool,
    pub high: u32,
    pub low: u32,
}

/// Per target ("Quotas for Application Auto Scaling").
const MOST: usize = 50;
const TRACKING: &str = "TargetTrackingScalingPolicyConfiguration";
const STEPS: &str = "StepScalingPolicyConfiguration";
const BY_REQUESTS: &str = "ALBRequestCountPerTarget";
/// The predefined ones of ECS services (API reference, PredefinedMetricSpecification).
pub const METRICS: [&str; 3] = ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", BY_REQUESTS];

impl Policy {
    pub fn alarm(&self, high: bool) -> &str {
        self.alarms.get(usize::from(!high)).map_or("", String::as_str)
    }
}

/// The default cooldown for ECS services is 300 s (API reference, TargetTrackingScalingPolicyConfiguration).
fn tracking(world: &World, asked: &Ask) -> Result<Tracking, Refusal> {
    let target = asked.get("TargetValue").as_f64().filter(|target| *target > 0.0 && target.is_finite());
    let target = target.ok_or_else(|| invalid("TargetValue must be greater than 0"))?;
    if !asked.get("CustomizedMetricSpecification").is_null() {
        return Err(Refusal::new("NotImplemented", "customized metrics are not simulated").with_status(501));
    }
    let metric = asked.part("PredefinedMetricSpecification");
    let label = metric.text("ResourceLabel");
    let kind = limits::text(&metric, "PredefinedMetricType", 100)?;
    match (kind, label) {
        ("ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization", None) => {}
        ("ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization", Some(_)) => {
            return Err(invalid(format!("ResourceLabel must not be specified for {kind}")));
        }
        (BY_REQUESTS, Some(label)) if elb::label_stands(world, label) => {}
        (BY_REQUESTS, _) => {
            let form = "app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/<target-group-id>";
            return Err(invalid(format!("ResourceLabel must be {form} of an existing load balancer and target group")));
        }
        (other, _) => return Err(invalid(format!("Unsupported metric for ECS services: {other}"))),
    }
    let cooldown = |member: &str| Ok::<_, Refusal>(limits::count(asked, member)?.unwrap_or(300) as f64);
    Ok(Tracking {
        metric: kind.to_owned(),
        target,
        cooldown: [cooldown("ScaleOutCooldown")?, cooldown("ScaleInCooldown")?],
        scales_in: asked.truth("DisableScaleIn") != Some(true),
        high: 0,
        low: 0,
    })
}

/// API reference, StepScalingPolicyConfiguration; texts unverified.
fn check_steps(asked: &Ask) -> Result<(), Refusal> {
    let kind = limits::text(asked, "AdjustmentType", 100)?;
    if !["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"].contains(&kind) {
        return Err(invalid(format!("AdjustmentType {kind} is not valid")));
    }
    let steps = asked.parts("StepAdjustments");
    let bounds = |step: &Ask| {
        let bound = |member: &str, none: f64| step.get(member).as_f64().unwrap_or(none);
        (bound("MetricIntervalLowerBound", f64::NEG_INFINITY), bound("MetricIntervalUpperBound", f64::INFINITY))
    };
    if steps.is_empty() || steps.len() > 20 {
        return Err(invalid("There must be 1 to 20 step adjustments"));
    }
    if steps.iter().any(|step| step.number("ScalingAdjustment").is_none() || bounds(step).0 >= bounds(step).1) {
        return Err(invalid("Each step needs an adjustment, and a lower bound below its upper bound"));
    }
    let mut ranges: Vec<(f64, f64)> = steps.iter().map(bounds).collect();
    ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
    match ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        true => Err(invalid("Step adjustment intervals can't overlap")),
        false => Ok(()),
    }
}

/// `StepScaling` unless said otherwise; a policy keeps its type (unverified).
pub fn put(world: &mut World, ask: &Ask) -> Answer {
    let (name, id) = (limits::name(ask, "PolicyName", "")?.to_owned(), resource(ask)?.to_owned());
    let (kind, member) = match ask.text("PolicyType") {
        Some("TargetTrackingScaling") => ("TargetTrackingScaling", TRACKING),
        Some("StepScaling") | None => ("StepScaling", STEPS),
        Some("PredictiveScaling") => {
            return Err(Refusal::new("NotImplemented", "predictive scaling is not simulated").with_status(501));
        }
        Some(other) => return Err(invalid(format!("PolicyType {other} is not valid"))),
    };
    super::target(world, &id)?;
    let asked = ask.part(member);
    if !asked.0.is_object() {
        return Err(invalid(format!("{member} must be specified for {kind}")));
    }
    let tracking = match kind {
        "StepScaling" => check_steps(&asked).map(|()| None)?,
        _ => Some(tracking(world, &asked)?),
    };
    let target = super::target(world, &id)?;
    let before = target.policies.get(&name).cloned();
    if before.is_none() && target.policies.len() >= MOST {
        return Err(Refusal::new("LimitExceededException", "The maximum number of scaling policies has been reached"));
    }
    if before.as_ref().is_some_and(|before| before.kind != kind) {
        return Err(invalid("The type of a scaling policy cannot be changed"));
    }
    let policy = match before {
        Some(before) => Policy { tracking, configuration: asked.0, ..before },
        None => {
            let (uuid, created) = (world.uuid(), world.epoch());
            let place = format!("scalingPolicy:{uuid}:resource/{NAMESPACE}/{id}:policyName/{name}");
            let arn = world.arn("autoscaling", &place);
            let sides = ["High", "Low"].iter().filter(|_| tracking.is_some());
            let alarms = sides.map(|side| format!("TargetTracking-{id}-Alarm{side}-{}", world.uuid())).collect();
            Policy { tracking, arn, kind, configuration: asked.0, alarms, created }
        }
    };
    let answer = json!({ "PolicyARN": policy.arn, "Alarms": alarms(world, &policy) });
    super::target(world, &id)?.policies.insert(name, policy);
    Ok(answer)
}

fn alarms(world: &World, policy: &Policy) -> Json {
    let alarm =
        |name: &String| json!({ "AlarmName": name, "AlarmARN": world.arn("cloudwatch", &format!("alarm:{name}")) });
    policy.alarms.iter().map(alarm).collect()
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    super::namespace(ask)?;
    let names = ask.texts("PolicyNames");
    let all = world.autoscaling.targets.iter().filter(|(id, _)| shows(ask, id));
    let all = all.flat_map(|(id, target)| target.policies.iter().map(move |(name, policy)| (id, name, policy)));
    let shown = all.filter(|(_, name, _)| names.is_empty() || names.contains(name)).map(|(id, name, policy)| {
        let member = if policy.tracking.is_some() { TRACKING } else { STEPS };
        json!({
            "PolicyARN": policy.arn,
            "PolicyName": name,
            "ServiceNamespace": NAMESPACE,
            "ResourceId": id,
            "ScalableDimension": DIMENSION,
            "PolicyType": policy.kind,
            member: policy.configuration,
            "Alarms": alarms(world, policy),
            "CreationTime": policy.created,
        })
    });
    page(ask, "ScalingPolicies", shown.collect())
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (name, id) = (limits::text(ask, "PolicyName", 1600)?, resource(ask)?);
    let target = world.autoscaling.targets.get_mut(id);
    let gone = target.and_then(|target| target.policies.remove(name));
    gone.map(|_| json!({})).ok_or_else(|| not_found("scaling policy", name, id))
}
