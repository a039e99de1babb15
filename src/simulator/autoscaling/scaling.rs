//! What scaling does, and the list of what it did.

use serde_json::{Value as Json, json};

use super::target::{desired, parts};
use super::{DIMENSION, Due, NAMESPACE, page, shows};
use crate::simulator::ask::Ask;
use crate::simulator::durations::SCALING_LOOK;
use crate::simulator::ecs;
use crate::simulator::refusal::Answer;
use crate::simulator::world::{self, World};

/// Looks in a row that make the alarms of ECS services: 3 of a minute above the target, 15 below 90 % of it (ECS Developer
/// Guide, "Target tracking scaling policies", shows them so; the 90 % are unverified).
const HIGH: u32 = 3;
const LOW: u32 = 15;
const BELOW: f64 = 0.9;

/// A service that is gone takes its target with it; else bounds, then tracking.
pub fn look(world: &mut World, id: &str, serial: u64) {
    if world.autoscaling.targets.get(id).is_none_or(|target| target.serial != serial) {
        return;
    }
    if desired(world, id).is_none() {
        if parts(id).is_none_or(|(cluster, service)| ecs::service_gone(world, cluster, service)) {
            world.autoscaling.targets.remove(id);
            world.note(format!("the scalable target of {id} is gone with its service"));
            return;
        }
    } else if !bounds(world, id, serial) {
        track(world, id);
    }
    world.in_seconds(SCALING_LOOK, world::Due::Autoscaling(Due::Look(id.to_owned(), serial)));
}

/// Sets a count outside of the bounds inside; whether it did.
pub fn bounds(world: &mut World, id: &str, serial: u64) -> bool {
    let Some(count) = desired(world, id) else { return false };
    let Some(target) = world.autoscaling.targets.get(id).filter(|target| target.serial == serial) else { return false };
    let (least, most) = (target.least, target.most);
    match count {
        _ if count < least => set(world, id, least, &format!("minimum capacity was set to {least}")),
        _ if count > most => set(world, id, most, &format!("maximum capacity was set to {most}")),
        _ => return false,
    }
    true
}

/// Of several policies the one that wants most tasks wins; fewer there are only if all want fewer (Application Auto Scaling
/// User Guide, "Target tracking scaling policies", multiple policies).
fn track(world: &mut World, id: &str) {
    let (now, Some(count)) = (world.epoch(), desired(world, id)) else { return };
    let loads = world.autoscaling.loads.clone();
    let Some(target) = world.autoscaling.targets.get_mut(id) else { return };
    let [may_go_out, may_go_in] =
        ["DynamicScalingOutSuspended", "DynamicScalingInSuspended"].map(|what| !target.suspends(what));
    let (scaled, least, most) = (target.scaled, target.least, target.most);
    let rested = |since: Option<f64>, cooldown: f64| since.is_none_or(|since| now - since >= cooldown);
    let (mut out, mut inward, mut all_low) = (None, None, true);
    for (name, policy) in &mut target.policies {
        let alarms = [policy.alarm(true), policy.alarm(false)].map(str::to_owned);
        let Some(tracking) = &mut policy.tracking else { continue };
        let Some(load) = loads.get(&(id.to_owned(), tracking.metric.clone())) else {
            (tracking.high, tracking.low, all_low) = (0, 0, false);
            continue;
        };
        tracking.high = if *load > tracking.target { tracking.high.saturating_add(1) } else { 0 };
        tracking.low = if *load < tracking.target * BELOW { tracking.low.saturating_add(1) } else { 0 };
        let wanted = ((count as f64 * load / tracking.target).ceil() as i64).clamp(least, most);
        let cause = |alarm: &str| format!("monitor alarm {alarm} in state ALARM triggered policy {name}");
        let last = if scaled[0] > scaled[1] { scaled[0] } else { scaled[1] };
        if tracking.high >= HIGH && wanted > count && rested(scaled[0], tracking.cooldown[0]) {
            out = out.max(Some((wanted, cause(&alarms[0]))));
        }
        if tracking.low >= LOW && tracking.scales_in && wanted < count && rested(last, tracking.cooldown[1]) {
            inward = inward.max(Some((wanted, cause(&alarms[1]))));
        } else {
            all_low = false;
        }
    }
    let (side, change) = match (out, inward) {
        (Some(change), _) if may_go_out => (0, change),
        (None, Some(change)) if may_go_in && all_low => (1, change),
        _ => return,
    };
    target.scaled[side] = Some(now);
    set(world, id, change.0, &change.1);
}

/// Sets the count, and notes the activity.
fn set(world: &mut World, id: &str, count: i64, cause: &str) {
    let Some((cluster, service)) = parts(id) else { return };
    let done = format!("Successfully set desired count to {count}. Change successfully fulfilled by ecs.");
    ecs::set_desired_count(world, cluster, service, count, &format!("Message: {done} Cause: {cause}"));
    let now = world.epoch();
    let activity = json!({
        "ActivityId": world.uuid(),
        "ServiceNamespace": NAMESPACE,
        "ResourceId": id,
        "ScalableDimension": DIMENSION,
        "Description": format!("Setting desired count to {count}."),
        "Cause": cause,
        "StartTime": now,
        "EndTime": now,
        "StatusCode": "Successful",
        "StatusMessage": done,
    });
    world.autoscaling.activities.insert(0, activity);
}

/// Newest first; those of six weeks on AWS, all of them here (API reference, DescribeScalingActivities).
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    super::namespace(ask)?;
    let shown = |one: &&Json| shows(ask, one["ResourceId"].as_str().unwrap_or_default());
    page(ask, "ScalingActivities", world.autoscaling.activities.iter().filter(shown).cloned().collect())
}
