//! Scalable targets: the bounds of a service's count. One that is gone takes its policies and scheduled actions with it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{DIMENSION, Due, NAMESPACE, limits, no_target, page, policy, resource, schedule};
use crate::simulator::ask::Ask;
use crate::simulator::durations::{BOUNDS_HEEDED, SCALING_LOOK};
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::{self, World};
use crate::simulator::{ecs, iam};

#[derive(Clone, Debug)]
pub struct Target {
    pub arn: String,
    pub serial: u64,
    pub least: i64,
    pub most: i64,
    pub policies: BTreeMap<String, policy::Policy>,
    pub actions: BTreeMap<String, schedule::Action>,
    /// When the count was last changed out and in.
    pub scaled: [Option<f64>; 2],
    suspended: BTreeMap<&'static str, bool>,
    created: f64,
    pub tags: Tags,
}

const SUSPENSIONS: [&str; 3] = ["DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"];
/// Whose role the scaling is done with.
const LINKED: &str = "ecs.application-autoscaling.amazonaws.com";

impl Target {
    /// Whether `DynamicScalingInSuspended` or its siblings are on.
    pub fn suspends(&self, what: &str) -> bool {
        self.suspended.get(what) == Some(&true)
    }
}

/// Cluster and service of `service/CLUSTER/SERVICE`.
pub fn parts(id: &str) -> Option<(&str, &str)> {
    let (cluster, service) = id.strip_prefix("service/")?.split_once('/')?;
    (!cluster.is_empty() && !service.is_empty() && !service.contains('/')).then_some((cluster, service))
}

/// The count that the service wants, if it is active.
pub fn desired(world: &World, id: &str) -> Option<i64> {
    let (cluster, service) = parts(id)?;
    ecs::desired_count(world, cluster, service)
}

/// Makes or changes; what isn't given stays. Bounds are needed at first. "Use this parameter to tag the scalable target when
/// it is created" (API reference, RegisterScalableTarget): later, tags are ignored (unverified).
pub fn register(world: &mut World, ask: &Ask) -> Answer {
    let id = resource(ask)?.to_owned();
    let wrong = || super::invalid(format!("Unsupported service namespace, resource type or scalable dimension: {id}"));
    parts(&id).ok_or_else(wrong)?;
    let there = world.autoscaling.targets.get(&id);
    let bound = |member: &str, now: Option<i64>| -> Result<i64, Refusal> {
        let missing = || super::invalid(format!("{member} is required when registering a new scalable target"));
        limits::count(ask, member)?.or(now).ok_or_else(missing)
    };
    let least = bound("MinCapacity", there.map(|there| there.least))?;
    let most = bound("MaxCapacity", there.map(|there| there.most))?;
    if most < least {
        return Err(super::invalid("Maximum capacity cannot be less than minimum capacity"));
    }
    if desired(world, &id).is_none() {
        return Err(super::invalid(format!("ECS service doesn't exist: {id}")));
    }
    let tags = given_tags(ask)?;
    iam::have_linked_role(world, LINKED);
    let asked = ask.part("SuspendedState");
    if !world.autoscaling.targets.contains_key(&id) {
        world.autoscaling.serial += 1;
        let (serial, hex) = (world.autoscaling.serial, world.hex(36));
        let arn = world.arn("application-autoscaling", &format!("scalable-target/{hex}"));
        let (policies, actions, suspended, created) = Default::default();
        let new = Target { arn, serial, least, most, policies, actions, scaled: [None; 2], suspended, created, tags };
        let new = Target { created: world.epoch(), ..new };
        world.autoscaling.targets.insert(id.clone(), new);
        world.in_seconds(SCALING_LOOK, world::Due::Autoscaling(Due::Look(id.clone(), serial)));
    }
    let target = super::target(world, &id)?;
    (target.least, target.most) = (least, most);
    target.suspended.extend(SUSPENSIONS.into_iter().filter_map(|name| asked.truth(name).map(|on| (name, on))));
    let (arn, serial) = (target.arn.clone(), target.serial);
    world.after(BOUNDS_HEEDED, world::Due::Autoscaling(Due::Bounds(id, serial)));
    Ok(json!({ "ScalableTargetARN": arn }))
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    super::namespace(ask)?;
    let wanted = ask.texts("ResourceIds");
    let role = format!("arn:aws:iam::{}:role/aws-service-role/{LINKED}/", world.account);
    let role = role + "AWSServiceRoleForApplicationAutoScaling_ECSService";
    let shown = world.autoscaling.targets.iter().filter(|(id, _)| {
        (wanted.is_empty() || wanted.contains(id)) && ask.text("ScalableDimension").is_none_or(|one| one == DIMENSION)
    });
    let shown = shown.map(|(id, target)| {
        let suspended = SUSPENSIONS.map(|name| (name.to_owned(), Json::from(target.suspends(name))));
        json!({
            "ServiceNamespace": NAMESPACE,
            "ResourceId": id,
            "ScalableDimension": DIMENSION,
            "MinCapacity": target.least,
            "MaxCapacity": target.most,
            "RoleARN": role,
            "CreationTime": target.created,
            "SuspendedState": suspended.into_iter().collect::<serde_json::Map<_, _>>(),
            "ScalableTargetARN": target.arn,
        })
    });
    page(ask, "ScalableTargets", shown.collect())
}

/// "Deregistering a scalable target deletes the scaling policies that are associated with it" (API reference,
/// DeregisterScalableTarget), and the scheduled actions.
pub fn deregister(world: &mut World, ask: &Ask) -> Answer {
    let id = resource(ask)?;
    world.autoscaling.targets.remove(id).map(|_| json!({})).ok_or_else(|| no_target(id))
}

/// At most 50 tags; no keys of AWS's own.
fn checked(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > 50 {
        let why = "The number of tags exceeds the maximum number of tags that are allowed per resource.";
        return Err(Refusal::new("TooManyTagsException", why));
    }
    let fits = |(key, value): (&String, &String)| {
        (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256 && !key.starts_with("aws:")
    };
    if tags.iter().all(fits) { Ok(()) } else { Err(super::invalid("Tag keys or values are not valid")) }
}

fn given_tags(ask: &Ask) -> Result<Tags, Refusal> {
    let all = ask.get("Tags").as_object().into_iter().flatten();
    let tags: Tags = all.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    checked(&tags).map(|()| tags)
}

fn tagged<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Target, Refusal> {
    let arn = limits::text(ask, "ResourceARN", 1011)?;
    let missing = || Refusal::new("ResourceNotFoundException", format!("The resource doesn't exist: {arn}"));
    world.autoscaling.targets.values_mut().find(|target| target.arn == arn).ok_or_else(missing)
}

pub fn list_tags(world: &mut World, ask: &Ask) -> Answer {
    Ok(json!({ "Tags": tagged(world, ask)?.tags }))
}

pub fn tag(world: &mut World, ask: &Ask) -> Answer {
    let given = given_tags(ask)?;
    let target = tagged(world, ask)?;
    let all: Tags = target.tags.clone().into_iter().chain(given).collect();
    checked(&all)?;
    target.tags = all;
    Ok(json!({}))
}

pub fn untag(world: &mut World, ask: &Ask) -> Answer {
    let keys = ask.texts("TagKeys");
    tagged(world, ask)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
