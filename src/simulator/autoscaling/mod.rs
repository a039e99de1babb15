//! Application Auto Scaling of ECS services: scalable targets, their policies and scheduled actions.
//!
//! Every 60 s each target looks at its service, as CloudWatch's alarms would: a count outside of its bounds is set inside, and
//! a tracked metric above its target for 3 looks in a row, or below 90 % of it for 15, changes the count (`scaling`). There is
//! no load of itself: a script says what a metric shows (`set_load`).
//!
//! Not simulated: other services than ECS, customized metrics, predictive scaling; step policies are kept but never act, for
//! their alarms are the user's; `cron` schedules are kept but not carried out.

mod limits;
mod policy;
mod scaling;
mod schedule;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::ask::Ask;
use super::observe::Object;
use super::refusal::{Answer, Refusal};
use super::world::{Operation, World};

const NAMESPACE: &str = "ecs";
const DIMENSION: &str = "ecs:service:DesiredCount";

/// What happens by itself, to a target by its resource id; the number tells a new target of an old name apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// The minute's look.
    Look(String, u64),
    /// After a change of the bounds.
    Bounds(String, u64),
    /// A scheduled action, by its name and ARN.
    Scheduled(String, String, String),
}

#[derive(Clone, Debug, Default)]
pub struct State {
    /// By resource id: `service/CLUSTER/SERVICE`.
    targets: BTreeMap<String, target::Target>,
    /// By resource id and metric.
    loads: BTreeMap<(String, String), f64>,
    /// Newest first.
    activities: Vec<Json>,
    serial: u64,
}

/// Every scalable target, its policies and actions with it (`observe`).
pub fn objects(world: &World) -> Vec<Object> {
    let object = |(resource, one): (&String, &target::Target)| Object {
        kind: "autoscaling target",
        id: one.arn.clone(),
        name: resource.clone(),
        tags: one.tags.clone(),
        settings: json!({
            "least": one.least,
            "most": one.most,
            "policies": one.policies.keys().collect::<Vec<_>>(),
            "actions": one.actions.keys().collect::<Vec<_>>(),
        }),
    };
    world.autoscaling.targets.iter().map(object).collect()
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "DeleteScalingPolicy" => policy::delete,
        "DeleteScheduledAction" => schedule::delete,
        "DeregisterScalableTarget" => target::deregister,
        "DescribeScalableTargets" => target::describe,
        "DescribeScalingActivities" => scaling::describe,
        "DescribeScalingPolicies" => policy::describe,
        "DescribeScheduledActions" => schedule::describe,
        "ListTagsForResource" => target::list_tags,
        "PutScalingPolicy" => policy::put,
        "PutScheduledAction" => schedule::put,
        "RegisterScalableTarget" => target::register,
        "TagResource" => target::tag,
        "UntagResource" => target::untag,
        _ => return None,
    })
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::Look(id, serial) => scaling::look(world, &id, serial),
        Due::Bounds(id, serial) => {
            scaling::bounds(world, &id, serial);
        }
        Due::Scheduled(id, name, arn) => schedule::due(world, &id, &name, &arn),
    }
}

/// What a metric of a service shows from now on, such as 80 for `ECSServiceAverageCPUUtilization`; it stays whatever the
/// count becomes, until it is set again. None: no data, so no alarm.
///
/// # Errors
/// No service can be scaled by such a metric.
pub fn set_load(
    world: &mut World,
    cluster: &str,
    service: &str,
    metric: &str,
    value: Option<f64>,
) -> Result<(), String> {
    if !policy::METRICS.contains(&metric) || value.is_some_and(|value| !value.is_finite() || value < 0.0) {
        return Err(format!("a load is a number of at least 0, or null, of one of {}", policy::METRICS.join(", ")));
    }
    let key = (format!("service/{cluster}/{service}"), metric.to_owned());
    match value {
        Some(value) => world.autoscaling.loads.insert(key, value),
        None => world.autoscaling.loads.remove(&key),
    };
    world.note(format!(
        "{metric} of {service} in {cluster} is {}",
        value.map_or("unknown".into(), |value| value.to_string())
    ));
    Ok(())
}

#[track_caller]
fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", why)
}

/// The resource id of a call, after namespace and dimension, which must be ECS's.
fn resource(ask: &Ask) -> Result<&str, Refusal> {
    namespace(ask)?;
    let id = limits::text(ask, "ResourceId", 1600)?;
    match limits::text(ask, "ScalableDimension", 100)? {
        DIMENSION => Ok(id),
        other => Err(invalid(format!("Unsupported service namespace, resource type or scalable dimension: {other}"))),
    }
}

fn namespace(ask: &Ask) -> Result<(), Refusal> {
    match limits::text(ask, "ServiceNamespace", 100)? {
        NAMESPACE => Ok(()),
        other => Err(Refusal::new("NotImplemented", format!("scaling of {other} is not simulated")).with_status(501)),
    }
}

/// Text seen in the wild (cloudposse/terraform-aws-ecs-web-app).
#[track_caller]
fn no_target(id: &str) -> Refusal {
    let of = format!("service namespace: {NAMESPACE}, resource ID: {id}, scalable dimension: {DIMENSION}");
    Refusal::new("ObjectNotFoundException", format!("No scalable target registered for {of}"))
}

/// The text is unverified.
#[track_caller]
fn not_found(what: &str, name: &str, id: &str) -> Refusal {
    let of = format!("service namespace: {NAMESPACE}, resource ID: {id}, scalable dimension: {DIMENSION}");
    Refusal::new("ObjectNotFoundException", format!("No {what} found for {of}, name: {name}"))
}

fn target<'a>(world: &'a mut World, id: &str) -> Result<&'a mut target::Target, Refusal> {
    world.autoscaling.targets.get_mut(id).ok_or_else(|| no_target(id))
}

/// Whether a list with these filters shows what belongs to this resource; a dimension needs no resource here.
fn shows(ask: &Ask, id: &str) -> bool {
    ask.text("ResourceId").is_none_or(|asked| asked == id)
        && ask.text("ScalableDimension").is_none_or(|asked| asked == DIMENSION)
}

/// One page: 1 to 50, 50 unless asked otherwise (API reference, MaxResults). The token is the next position.
fn page(ask: &Ask, member: &str, items: Vec<Json>) -> Answer {
    let size = match ask.get("MaxResults") {
        Json::Null => 50,
        asked => match asked.as_u64() {
            Some(size @ 1..=50) => size as usize,
            _ => return Err(invalid("MaxResults must be between 1 and 50")),
        },
    };
    let wrong = |_| Refusal::new("InvalidNextTokenException", "The next token is not valid");
    let from = ask.text("NextToken").map_or(Ok(0), str::parse::<usize>).map_err(wrong)?;
    let (count, end) = (items.len(), from.saturating_add(size));
    let mut answer = Map::new();
    answer.insert(member.into(), items.into_iter().skip(from).take(size).collect());
    if end < count {
        answer.insert("NextToken".into(), end.to_string().into());
    }
    Ok(answer.into())
}
