//! How targets become healthy, unhealthy, and gone.
//!
//! A target is checked while an active load balancer uses its group and serves its zone. It is healthy interval × healthy
//! threshold after it began to answer, unhealthy interval × unhealthy threshold after it was first asked in vain (User
//! Guide, Health checks for your target groups). That the first checks need the whole healthy threshold is the word of the
//! ECS deployment guide; a page of the user guide says one is enough.

use std::collections::BTreeSet;

use super::target::{Phase, Target};
use super::target_group::TargetGroup;
use super::{Due, attributes};
use crate::simulator::world::World;

/// Begins or ends the checks of the groups' targets after something changed about who looks at them.
pub fn reconsider(world: &mut World, groups: &BTreeSet<String>) {
    for group in groups {
        reconsider_one(world, group);
    }
}

pub fn reconsider_one(world: &mut World, arn: &str) {
    let balancer = world.elb.in_front_of(arn).and_then(|front| world.elb.load_balancers.get(front));
    let active = balancer.is_some_and(|balancer| balancer.active);
    let zones = balancer.map(|balancer| balancer.nodes.iter().map(|node| node.zone.clone()).collect::<BTreeSet<_>>());
    let Some(group) = world.elb.target_groups.get_mut(arn) else { return };
    let mut begun = Vec::new();
    for (key, target) in &mut group.targets {
        // An address of unknown zone counts as served.
        let zone = target.zone.as_ref();
        let served = zones.as_ref().is_some_and(|zones| zone.is_none_or(|zone| zones.contains(zone)));
        let then = match (target.phase, served, active) {
            (Phase::Draining, ..) => Phase::Draining,
            (_, false, _) => Phase::Unused,
            (_, true, false) => Phase::Registering,
            (Phase::Unused | Phase::Registering, true, true) => Phase::Initial,
            (phase, true, true) => phase,
        };
        if then != target.phase {
            (target.phase, target.turn) = (then, target.turn + 1);
            if then == Phase::Initial {
                begun.push(key.clone());
            }
        }
    }
    for key in begun {
        judge(world, arn, &key);
    }
}

/// After the health check changed: what was due is void, and every target is judged by the new one.
pub fn check_anew(world: &mut World, arn: &str) {
    let Some(group) = world.elb.target_groups.get_mut(arn) else { return };
    let judged = |target: &Target| matches!(target.phase, Phase::Initial | Phase::Healthy | Phase::Unhealthy);
    let targets = group.targets.iter_mut().filter(|(_, target)| judged(target));
    let keys: Vec<_> = targets.map(|(key, target)| (target.turn += 1, key.clone()).1).collect();
    for key in keys {
        judge(world, arn, &key);
    }
}

/// Nothing in a zone answers from now on: not what runs there, even once the zone is back.
pub fn silence(world: &mut World, zone: &str) {
    let mut asked = Vec::new();
    for (arn, group) in &mut world.elb.target_groups {
        for (key, target) in group.targets.iter_mut().filter(|(_, target)| target.zone.as_deref() == Some(zone)) {
            (target.answers, target.turn) = match target.phase {
                Phase::Draining => (None, target.turn),
                _ => (None, target.turn + 1),
            };
            if matches!(target.phase, Phase::Initial | Phase::Healthy) {
                asked.push((arn.clone(), key.clone()));
            }
        }
    }
    for (arn, key) in asked {
        judge(world, &arn, &key);
    }
}

/// The seconds until the target's next verdicts: healthy, unhealthy.
fn verdicts(now: f64, group: &TargetGroup, port: i64, target: &Target) -> (Option<f64>, Option<f64>) {
    let check = &group.check;
    let after = |count: i64| (check.interval * count) as f64;
    let answers = target.answers.filter(|_| check.accepts() && check.reaches(port));
    let passes_in = answers.map(|at| (at.as_secs_f64() - now).max(0.0));
    let patience = after(check.unhealthy);
    let healthy = passes_in.filter(|_| target.phase != Phase::Healthy).map(|wait| wait + after(check.healthy));
    let fails = passes_in.is_none_or(|wait| wait > patience) && target.phase != Phase::Unhealthy;
    (healthy, fails.then_some(patience))
}

fn judge(world: &mut World, arn: &str, key: &(String, i64)) {
    let now = world.now().as_secs_f64();
    let Some(group) = world.elb.target_groups.get(arn) else { return };
    let Some(target) = group.targets.get(key) else { return };
    let (good, bad) = verdicts(now, group, key.1, target);
    let turn = target.turn;
    let verdict = |healthy| Due::Verdict { group: arn.to_owned(), target: key.clone(), turn, healthy };
    for (seconds, healthy) in [(bad, false), (good, true)] {
        if let Some(seconds) = seconds {
            world.in_seconds(seconds, verdict(healthy).into());
        }
    }
}

pub fn verdict(world: &mut World, arn: &str, key: &(String, i64), turn: u64, healthy: bool) {
    let Some(group) = world.elb.target_groups.get_mut(arn) else { return };
    let name = group.name.clone();
    let Some(target) = group.targets.get_mut(key).filter(|target| target.turn == turn) else { return };
    target.phase = if healthy { Phase::Healthy } else { Phase::Unhealthy };
    let state = target.phase.name();
    world.note(format!("target {}:{} of {name} is {state}", key.0, key.1));
}

/// Begins to deregister. Even a target without requests shows as draining for the whole delay (User Guide, Deregistration
/// delay); one that no load balancer looks at is gone at once (unverified).
pub fn drain(world: &mut World, arn: &str, key: &(String, i64)) {
    let Some(group) = world.elb.target_groups.get_mut(arn) else { return };
    let delay = group.attributes.get(attributes::DEREGISTRATION_DELAY).and_then(|text| text.parse().ok());
    let delay: f64 = delay.unwrap_or(300.0);
    let Some(target) = group.targets.get_mut(key).filter(|target| target.phase != Phase::Draining) else { return };
    let unused = target.phase == Phase::Unused;
    (target.phase, target.turn) = (Phase::Draining, target.turn + 1);
    let turn = target.turn;
    if unused || delay == 0.0 {
        return drained(world, arn, key, turn);
    }
    world.in_seconds(delay, Due::Drained { group: arn.to_owned(), target: key.clone(), turn }.into());
}

pub fn drained(world: &mut World, arn: &str, key: &(String, i64), turn: u64) {
    let Some(group) = world.elb.target_groups.get_mut(arn) else { return };
    if group.targets.get(key).is_some_and(|target| target.turn == turn) {
        group.targets.remove(key);
        let note = format!("target {}:{} of {} is deregistered", key.0, key.1, group.name);
        world.note(note);
    }
}
