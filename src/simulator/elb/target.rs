//! Targets: addresses with ports in a group, and the calls that put and take them. Their health is in `health`.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::health_check::HealthCheck;
use super::naming::{Kind, existing};
use super::{ground, health, invalid};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Target {
    pub phase: Phase,
    /// When the application begins to answer; none: never.
    pub answers: Option<Duration>,
    /// None if no interface has the address.
    pub zone: Option<String>,
    pub turn: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// No load balancer uses the group, or none of its zones is the target's.
    Unused,
    /// The load balancer still comes up.
    Registering,
    Initial,
    Healthy,
    Unhealthy,
    Draining,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Registering | Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Draining => "draining",
        }
    }
}

/// Puts a target into the group. One that is there stays as it is; one that drains is back (unverified).
pub fn put(world: &mut World, arn: &str, ip: &str, port: i64, healthy_after: Option<f64>) {
    let Some(vpc) = world.elb.target_groups.get(arn).map(|group| group.vpc.clone()) else { return };
    let (key, zone) = ((ip.to_owned(), port), ground::zone_of(world, &vpc, ip));
    // Longer than a century is never.
    let delay = healthy_after.filter(|seconds| *seconds < 4e9).map(|seconds| Duration::from_secs_f64(seconds.max(0.0)));
    let answers = delay.map(|delay| world.now() + delay);
    let Some(group) = world.elb.target_groups.get_mut(arn) else { return };
    let there = group.targets.get(&key);
    if there.is_some_and(|there| there.phase != Phase::Draining) {
        return;
    }
    let turn = there.map_or(0, |there| there.turn + 1);
    group.targets.insert(key, Target { phase: Phase::Unused, answers, zone, turn });
    health::reconsider_one(world, arn);
}

/// The targets that a call names; without a port, the group's.
fn asked(world: &World, arn: &str, ask: &Ask) -> Result<Vec<(String, i64)>, Refusal> {
    let usual = world.elb.target_groups.get(arn).map_or(80, |group| group.port);
    let target = |target: &Ask| {
        let id = target.text("Id").unwrap_or_default();
        let port = if target.get("Port").is_null() { Some(usual) } else { target.number("Port") };
        let port = port.filter(|port| (1..=65_535).contains(port));
        let port = port.ok_or_else(|| invalid("A target's port must be between 1 and 65535"))?;
        if id.parse::<Ipv4Addr>().is_err() {
            return Err(invalid(format!("The IP address '{id}' is not a valid IPv4 address")));
        }
        Ok((id.to_owned(), port))
    };
    ask.parts("Targets").iter().map(target).collect()
}

fn group_of(world: &World, ask: &Ask) -> Result<String, Refusal> {
    existing(ask, "TargetGroupArn", Kind::TargetGroup, |arn| world.elb.target_groups.contains_key(arn))
}

/// What is registered by hand never answers: nothing is known to listen there.
pub fn register(world: &mut World, ask: &Ask) -> Answer {
    let arn = group_of(world, ask)?;
    let targets = asked(world, &arn, ask)?;
    if targets.is_empty() {
        return Err(invalid("At least one target must be specified"));
    }
    // API reference, CreateTargetGroup, TargetType ip: public addresses are refused.
    let outside = |(ip, _): &&(String, i64)| {
        let carrier = |ip: Ipv4Addr| ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
        !ip.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_private() || carrier(ip))
    };
    if let Some((ip, _)) = targets.iter().find(outside) {
        let why = format!("The IP address '{ip}' is not within the allowed ranges");
        return Err(Refusal::new("InvalidTarget", why));
    }
    let there = world.elb.target_groups.get(&arn).map_or(0, |group| group.targets.len());
    if quotas::full(world, quotas::TARGETS, there + targets.len() - 1) {
        return Err(Refusal::new("TooManyTargets", "You've reached the limit on the number of targets"));
    }
    for (ip, port) in targets {
        put(world, &arn, &ip, port, None);
    }
    Ok(json!({}))
}

/// Succeeds for what isn't there (API reference, DeregisterTargets).
pub fn deregister(world: &mut World, ask: &Ask) -> Answer {
    let arn = group_of(world, ask)?;
    for target in asked(world, &arn, ask)? {
        health::drain(world, &arn, &target);
    }
    Ok(json!({}))
}

/// State, reason and AWS's words for both (API reference, TargetHealth; the words from the user guide).
fn health_of(check: &HealthCheck, (_, port): &(String, i64), target: Option<&Target>, used: bool) -> Json {
    let Some(target) = target else {
        let why = "Target is not registered to the target group";
        return json!({ "State": "unused", "Reason": "Target.NotRegistered", "Description": why });
    };
    let (reason, why) = match target.phase {
        Phase::Unused if used => {
            ("Target.NotInUse", "Target is in an Availability Zone that is not enabled for the load balancer")
        }
        Phase::Unused => {
            ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
        }
        Phase::Registering => ("Elb.RegistrationInProgress", "Target registration is in progress"),
        Phase::Initial => ("Elb.InitialHealthChecking", "Initial health checks in progress"),
        Phase::Healthy => return json!({ "State": "healthy" }),
        Phase::Unhealthy if target.answers.is_some() && check.reaches(*port) && !check.accepts() => {
            ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [200]")
        }
        Phase::Unhealthy => ("Target.Timeout", "Request timed out"),
        Phase::Draining => ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    };
    json!({ "State": target.phase.name(), "Reason": reason, "Description": why })
}

pub fn describe_health(world: &mut World, ask: &Ask) -> Answer {
    let arn = existing(ask, "TargetGroupArn", Kind::TargetGroup, |_| true)?;
    let named = asked(world, &arn, ask)?;
    let group = world.elb.target_groups.get(&arn).ok_or_else(|| Kind::TargetGroup.not_found())?;
    let used = world.elb.in_front_of(&arn).is_some();
    let described = |key: &(String, i64)| {
        let target = group.targets.get(key);
        json!({
            "Target": { "Id": key.0, "Port": key.1, "AvailabilityZone": target.and_then(|target| target.zone.clone()) },
            "HealthCheckPort": group.check.port_of(key.1),
            "TargetHealth": health_of(&group.check, key, target, used),
        })
    };
    let found: Json = match named.is_empty() {
        true => group.targets.keys().map(described).collect(),
        false => named.iter().map(described).collect(),
    };
    Ok(json!({ "TargetHealthDescriptions": found }))
}
