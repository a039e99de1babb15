//! Load balancer, target group and their security group's rules, read back.

use std::collections::BTreeSet;

use super::{Standing, actual};
use crate::aws::erased::Found;
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

/// The scheme, as what stands shows it.
pub(super) fn structure(standing: &Standing) -> model::LoadBalancer {
    let internal = standing.contains_key(LoadBalancer::key(true)) && !standing.contains_key(LoadBalancer::key(false));
    model::LoadBalancer { internal, ..Default::default() }
}
