//! The way back: from the AWS objects that stand to the settings that would have made them. Pure.
//!
//! What an attribute can show is shown there, so that the plan speaks of `desired_count` 3 instead of 2. Where an object is
//! missing, what was set before is kept; on import there is nothing before, and the defaults take its place.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Egress, Network, Settings, Tags};
use crate::aws::erased::Found;
use crate::aws::object::Object;
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::log_group::LogGroup;
use crate::aws::objects::security_group_rule::{Direction, SecurityGroupRule};
use crate::aws::objects::service::Service;
use crate::aws::objects::target_group::TargetGroup;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::aws::objects::vpc::Vpc;
use crate::aws::owner::Owner;

/// The objects found, by key.
pub type Standing = BTreeMap<String, Found>;

/// The tags of the user that the stack really carries: those of its anchor.
pub fn tags(owner: &Owner, standing: &Standing) -> Option<Tags> {
    let anchor = standing.get("anchor")?.seen::<Anchor>()?;
    Some(owner.tags_of_the_user("anchor", &anchor.tags))
}

/// Settings as AWS shows them. The structure (zones, egress, scheme) stays what it was: an object missing from it is drift.
pub fn settings(mut settings: Settings, standing: &Standing) -> Settings {
    task(&mut settings, standing);
    balancer(&mut settings, standing);
    if let Some(vpc) = actual::<Vpc>(standing, "vpc") {
        settings.network.cidr_block.clone_from(&vpc.cidr_block);
    }
    if let Some(logs) = actual::<LogGroup>(standing, "log_group") {
        let days = logs.retention_in_days.and_then(|days| u32::try_from(days).ok());
        settings.logs.retention_in_days = days.unwrap_or_default();
    }
    settings
}

fn task(settings: &mut Settings, standing: &Standing) {
    if let Some(task) = actual::<TaskDefinition>(standing, "task_definition") {
        settings.image.clone_from(&task.image);
        settings.port = u16::try_from(task.port).unwrap_or_default();
        (settings.cpu, settings.memory) = (task.cpu, task.memory);
        // Null and empty are one to AWS: the user's spelling stays.
        if settings.command.clone().unwrap_or_default() != task.command.clone().unwrap_or_default() {
            settings.command.clone_from(&task.command);
        }
        if settings.environment.clone().unwrap_or_default() != task.environment {
            settings.environment = Some(task.environment.clone());
        }
    }
    if let Some(service) = actual::<Service>(standing, "service") {
        settings.desired_count = u32::try_from(service.desired_count).ok();
        settings.health_check.grace_period = u32::try_from(service.health_check_grace_period).unwrap_or_default();
    }
}

/// Settings for a stack of which nothing is known but its name and what stands, structure included.
pub fn import(name: &str, standing: &Standing) -> Settings {
    let of = |prefix: &str| -> BTreeSet<String> {
        standing.keys().filter_map(|key| key.strip_prefix(prefix)).map(str::to_owned).collect()
    };
    let zones = &of("subnet/public/") | &of("subnet/private/");
    let public = actual::<Service>(standing, "service").is_some_and(|service| service.assign_public_ip);
    let egress = match of("nat/").len() {
        _ if public => Egress::Public,
        1 if zones.len() > 1 => Egress::NatSingle,
        _ => Egress::NatPerAz,
    };
    let count = u32::try_from(zones.len()).ok();
    let network =
        Network { availability_zones: Some(zones), availability_zone_count: count, egress, ..Network::default() };
    let internal = standing.contains_key(LoadBalancer::key(true)) && !standing.contains_key(LoadBalancer::key(false));
    let load_balancer = super::model::LoadBalancer { internal, ..Default::default() };
    let settings = Settings { network, load_balancer, ..Settings::named(name) };
    self::settings(settings, standing)
}

fn balancer(settings: &mut Settings, standing: &Standing) {
    let internal = settings.load_balancer.internal;
    if let Some(balancer) = actual::<LoadBalancer>(standing, LoadBalancer::key(internal)) {
        settings.load_balancer.idle_timeout = balancer.idle_timeout;
        settings.load_balancer.deletion_protection = balancer.deletion_protection;
    }
    if let Some(group) = actual::<TargetGroup>(standing, TargetGroup::key(internal)) {
        let number = |number: i32| u32::try_from(number).unwrap_or_default();
        let check = &mut settings.health_check;
        check.path.clone_from(&group.health_check_path);
        check.matcher.clone_from(&group.health_check_matcher);
        check.interval = number(group.health_check_interval);
        check.timeout = number(group.health_check_timeout);
        check.healthy_threshold = number(group.healthy_threshold);
        check.unhealthy_threshold = number(group.unhealthy_threshold);
        check.port = group.health_check_port.parse().ok();
        check.protocol.clone_from(&group.health_check_protocol);
        settings.load_balancer.deregistration_delay = group.deregistration_delay;
    }
    let rules = standing.values().filter_map(Found::seen::<SecurityGroupRule>);
    let blocks: BTreeSet<String> = rules
        .filter(|rule| rule.key.starts_with("rule/load_balancer/ingress/"))
        .filter(|rule| rule.actual.direction == Direction::Ingress)
        .filter_map(|rule| rule.actual.cidr_block.clone())
        .collect();
    if standing.contains_key("security_group/load_balancer") && !blocks.is_empty() {
        settings.load_balancer.allowed_cidr_blocks = blocks;
    }
}

fn actual<'a, O: Object>(standing: &'a Standing, key: &str) -> Option<&'a O> {
    standing.get(key)?.seen::<O>().map(|seen| &seen.actual)
}
