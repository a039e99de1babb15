//! Elastic Load Balancing, version 2: application load balancers with targets by address.
//!
//! Other services know target groups only through the functions at the end of this file. What a target group's load balancer
//! is follows from the listeners and rules that name it, and is kept nowhere else.

mod action;
mod attributes;
mod certificate;
mod condition;
mod ground;
mod health;
mod health_check;
mod listener;
mod load_balancer;
mod naming;
mod objects;
mod page;
mod placement;
mod rule;
mod sketch;
mod ssl;
mod tagging;
mod target;
mod target_group;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use objects::objects;

use super::refusal::Refusal;
use super::world::{Operation, World};
use super::{ec2, outage};

pub use sketch::{Sketch, sketch};

/// What will happen by itself. A target's `turn` grows whenever its checks begin anew: what was due before is void.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    Active { load_balancer: String },
    Recovered { load_balancer: String },
    InterfaceGone { id: String },
    Verdict { group: String, target: (String, i64), turn: u64, healthy: bool },
    Drained { group: String, target: (String, i64), turn: u64 },
}

/// Everything by its ARN.
#[derive(Clone, Debug, Default)]
pub struct State {
    load_balancers: BTreeMap<String, load_balancer::LoadBalancer>,
    target_groups: BTreeMap<String, target_group::TargetGroup>,
    listeners: BTreeMap<String, listener::Listener>,
    rules: BTreeMap<String, rule::Rule>,
    /// Certificates that load balancers used until just now, and until when they count as used.
    released: BTreeMap<(String, String), Duration>,
    #[cfg(test)]
    fake: Option<ground::Fake>,
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "AddListenerCertificates" => certificate::add,
        "AddTags" => tagging::add,
        "CreateListener" => listener::create,
        "CreateLoadBalancer" => load_balancer::create,
        "CreateRule" => rule::create,
        "CreateTargetGroup" => target_group::create,
        "DeleteListener" => listener::delete,
        "DeleteLoadBalancer" => load_balancer::delete,
        "DeleteRule" => rule::delete,
        "DeleteTargetGroup" => target_group::delete,
        "DeregisterTargets" => target::deregister,
        "DescribeListenerCertificates" => certificate::describe,
        "DescribeListeners" => listener::describe,
        "DescribeLoadBalancerAttributes" => attributes::describe_load_balancer,
        "DescribeLoadBalancers" => load_balancer::describe,
        "DescribeRules" => rule::describe,
        "DescribeSSLPolicies" => ssl::describe,
        "DescribeTags" => tagging::describe,
        "DescribeTargetGroupAttributes" => attributes::describe_target_group,
        "DescribeTargetGroups" => target_group::describe,
        "DescribeTargetHealth" => target::describe_health,
        "ModifyListener" => listener::modify,
        "ModifyLoadBalancerAttributes" => attributes::modify_load_balancer,
        "ModifyRule" => rule::modify,
        "ModifyTargetGroup" => target_group::modify,
        "ModifyTargetGroupAttributes" => attributes::modify_target_group,
        "RegisterTargets" => target::register,
        "RemoveListenerCertificates" => certificate::remove,
        "RemoveTags" => tagging::remove,
        "SetRulePriorities" => rule::set_priorities,
        "SetSecurityGroups" => placement::set_security_groups,
        "SetSubnets" => placement::set_subnets,
        _ => return None,
    })
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::Active { load_balancer } => load_balancer::become_active(world, &load_balancer),
        Due::Recovered { load_balancer } => load_balancer::recovered(world, &load_balancer),
        Due::InterfaceGone { id } => {
            ground::release(world, &id);
            world.note(format!("load balancer's interface {id} is gone"));
        }
        Due::Verdict { group, target, turn, healthy } => health::verdict(world, &group, &target, turn, healthy),
        Due::Drained { group, target, turn } => health::drained(world, &group, &target, turn),
    }
}

#[track_caller]
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", message)
}

#[track_caller]
fn misconfigured(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidConfigurationRequest", message)
}

impl State {
    /// The load balancers whose listeners or rules name the group: at most one.
    fn in_front_of(&self, group: &str) -> Option<&str> {
        let of_rule =
            |rule: &'_ rule::Rule| self.listeners.get(&rule.listener).map(|there| there.load_balancer.as_str());
        let mut defaults = self.listeners.values().filter(|listener| action::names(&listener.actions, group));
        let mut rules = self.rules.values().filter(|rule| action::names(&rule.actions, group));
        defaults.next().map(|listener| listener.load_balancer.as_str()).or_else(|| rules.find_map(of_rule))
    }

    /// The groups that listeners or rules of the load balancer name.
    fn behind(&self, load_balancer: &str) -> BTreeSet<String> {
        let serves = |group: &&String| self.in_front_of(group) == Some(load_balancer);
        self.target_groups.keys().filter(serves).cloned().collect()
    }
}

/// Registers a target; its health is checked from now on. Unknown groups are ignored.
///
/// `healthy_after`: seconds from now until the application answers (with 200, on the target's port); none: never.
pub fn register_target(world: &mut World, group: &str, ip: &str, port: i64, healthy_after: Option<f64>) {
    target::put(world, group, ip, port, healthy_after);
}

/// Begins to deregister a target: it drains for the group's deregistration delay.
pub fn deregister_target(world: &mut World, group: &str, ip: &str, port: i64) {
    health::drain(world, group, &(ip.to_owned(), port));
}

/// `initial`, `healthy`, `unhealthy`, `draining`, or none if it isn't registered; `unused` where no load balancer looks.
pub fn target_state(world: &World, group: &str, ip: &str, port: i64) -> Option<&'static str> {
    let group = world.elb.target_groups.get(group)?;
    Some(group.targets.get(&(ip.to_owned(), port))?.phase.name())
}

/// Whether the group exists, and whether a listener uses it.
pub fn group_in_use(world: &World, group: &str) -> Option<bool> {
    world.elb.target_groups.contains_key(group).then(|| world.elb.in_front_of(group).is_some())
}

/// The security groups of the load balancer that looks at the group's targets; empty if none does.
pub fn groups_in_front(world: &World, group: &str) -> Vec<String> {
    let balancer = world.elb.in_front_of(group).and_then(|arn| world.elb.load_balancers.get(arn));
    balancer.map(|balancer| balancer.groups.clone()).unwrap_or_default()
}

/// A zone is down: what runs there answers no more.
pub fn lose_zone(world: &mut World, zone: &str) {
    health::silence(world, zone);
}

/// Whether requests reach a target: it is healthy, its zone has power, and so has that of a node of its load balancer.
pub fn serves(world: &World, group: &str, ip: &str, port: i64) -> bool {
    let balancer = world.elb.in_front_of(group).and_then(|arn| world.elb.load_balancers.get(arn));
    let lit =
        balancer.is_some_and(|one| one.active && one.nodes.iter().any(|node| !outage::is_down(world, &node.zone)));
    let target = world.elb.target_groups.get(group).and_then(|group| group.targets.get(&(ip.to_owned(), port)));
    let dark = |target: &target::Target| target.zone.as_ref().is_some_and(|zone| outage::is_down(world, zone));
    lit && target.is_some_and(|target| target.phase == target::Phase::Healthy && !dark(target))
}

/// Every listener, by its load balancer and port, and whether a healthy target answers a request that comes to it from the
/// internet and does what its default action says. A redirect within the load balancer is followed.
pub fn doors(world: &World) -> Vec<(String, i64, bool)> {
    let listeners = world.elb.listeners.values();
    let door = |one: &listener::Listener| {
        let port = one.port();
        (one.load_balancer.clone(), port, answers(world, &one.load_balancer, port, true))
    };
    listeners.map(door).collect()
}

fn answers(world: &World, balancer: &str, port: i64, follows: bool) -> bool {
    let groups = world.elb.load_balancers.get(balancer).map(|balancer| balancer.groups.clone()).unwrap_or_default();
    let here = |one: &&listener::Listener| one.load_balancer == balancer && one.port() == port;
    let Some(listener) =
        world.elb.listeners.values().find(here).filter(|_| ec2::lets_through(world, &[], &groups, port))
    else {
        return false;
    };
    let healthy = |group: &str| {
        let targets = world.elb.target_groups.get(group).map(|group| group.targets.keys().cloned().collect::<Vec<_>>());
        targets.into_iter().flatten().any(|(ip, port)| serves(world, group, &ip, port))
    };
    let elsewhere =
        listener.actions.iter().filter_map(|action| action["RedirectConfig"]["Port"].as_str()?.parse().ok());
    let answered = action::groups(&listener.actions).into_iter().any(healthy);
    answered || follows && elsewhere.into_iter().any(|port| answers(world, balancer, port, false))
}

/// The load balancers whose listeners use a certificate, or did until just now.
pub fn uses_certificate(world: &World, arn: &str) -> Vec<String> {
    certificate::users(world, arn)
}

/// The hosted zone that this region's load balancers have their names in: aliases name it.
pub fn alias_zone(world: &World) -> &'static str {
    load_balancer::hosted_zone(&world.region)
}

/// Whether a load balancer has this name, with its dot at the end; `dualstack.` may stand before it (Route 53 Developer Guide,
/// "Values specific for simple alias records").
pub fn has_name(world: &World, name: &str) -> bool {
    of_name(world, name).is_some()
}

/// The ARN of the load balancer that has this name.
pub fn of_name<'a>(world: &'a World, name: &str) -> Option<&'a String> {
    let name = name.strip_prefix("dualstack.").unwrap_or(name).trim_end_matches('.');
    let mut all = world.elb.load_balancers.iter();
    all.find(|(_, balancer)| balancer.dns_name.eq_ignore_ascii_case(name)).map(|(arn, _)| arn)
}

/// Whether `app/NAME/ID/targetgroup/NAME/ID` names a load balancer and a target group that stand.
pub fn label_stands(world: &World, label: &str) -> bool {
    let Some((balancer, group)) = label.split_once("/targetgroup/") else { return false };
    let (balancer, group) = (format!(":loadbalancer/{balancer}"), format!(":targetgroup/{group}"));
    world.elb.load_balancers.keys().any(|arn| arn.ends_with(&balancer))
        && world.elb.target_groups.keys().any(|arn| arn.ends_with(&group))
}

impl From<Due> for super::world::Due {
    fn from(due: Due) -> Self {
        Self::Elb(due)
    }
}
