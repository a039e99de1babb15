//! Load balancer, target group and their security group's rules, read back.

use std::collections::BTreeSet;

use super::{Standing, actual};
use crate::aws::erased::Found;
use crate::aws::objects::listener::Listener;
use crate::aws::objects::listener_rule::ListenerRule;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::security_group_rule::{Direction, SecurityGroupRule};
use crate::aws::objects::target_group::TargetGroup;
use crate::provider::web_service::model::{self, Settings};

pub(super) fn balancer(settings: &mut Settings, standing: &Standing) {
    let internal = settings.load_balancer.internal;
    if let Some(balancer) = actual::<LoadBalancer>(standing, LoadBalancer::key(internal)) {
        settings.load_balancer.idle_timeout = balancer.idle_timeout;
        settings.load_balancer.deletion_protection = balancer.deletion_protection;
        settings.load_balancer.drop_invalid_header_fields = balancer.drop_invalid_header_fields;
    }
    if let Some(group) = actual::<TargetGroup>(standing, &TargetGroup::key(&settings.load_balancer.place())) {
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
    rule(settings, standing);
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

/// Host names, paths and priority as AWS has them; a priority that is left to us stays so while it is one of ours.
fn rule(settings: &mut Settings, standing: &Standing) {
    let key = settings.load_balancer.listener_arn.as_deref().and_then(Listener::place).map(ListenerRule::key);
    let Some(rule) = key.and_then(|key| actual::<ListenerRule>(standing, &key)) else { return };
    let some = |texts: &BTreeSet<String>| (!texts.is_empty()).then(|| texts.clone());
    if settings.host_names() != rule.host_names {
        settings.load_balancer.host_names = some(&rule.host_names);
    }
    let given = &mut settings.load_balancer;
    if given.path_patterns.clone().unwrap_or_default() != rule.path_patterns {
        given.path_patterns = some(&rule.path_patterns);
    }
    given.priority = match rule.priority {
        Some(priority) if given.priority.is_none() && rule.chooses(priority) => None,
        priority => priority.and_then(|priority| u32::try_from(priority).ok()),
    };
}

/// The scheme, or the load balancer that was given, as what stands shows it.
pub(super) fn structure(standing: &Standing) -> model::LoadBalancer {
    if let Some(rule) = standing.values().find_map(Found::seen::<ListenerRule>) {
        let groups = standing.values().filter_map(Found::seen::<SecurityGroupRule>);
        let groups =
            groups.filter(|rule| rule.key.starts_with("rule/task/ingress/")).filter_map(|rule| rule.needs.1.as_ref());
        return model::LoadBalancer {
            arn: Listener::balancer(&rule.needs.0.arn),
            listener_arn: Some(rule.needs.0.arn.clone()),
            security_group_ids: Some(groups.map(|group| group.0.clone()).collect()),
            ..Default::default()
        };
    }
    let internal = standing.contains_key(LoadBalancer::key(true)) && !standing.contains_key(LoadBalancer::key(false));
    model::LoadBalancer { internal, security_group_ids: extra_groups(standing, internal), ..Default::default() }
}

/// The groups that the load balancer has besides its own.
fn extra_groups(standing: &Standing, internal: bool) -> Option<BTreeSet<String>> {
    let own = &standing.get("security_group/load_balancer")?.made.id;
    let balancer = standing.get(LoadBalancer::key(internal)).and_then(Found::seen::<LoadBalancer>)?;
    let groups = balancer.needs.1.iter().map(|group| group.0.clone());
    let extra: BTreeSet<String> = groups.filter(|group| group != own).collect();
    (!extra.is_empty()).then_some(extra)
}
