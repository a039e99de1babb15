//! Service-linked roles: only the service can use them, and nobody can change them.

use std::time::Duration;

use serde_json::json;

use super::roles::{answer, blank};
use super::{Role, checks};
use crate::simulator::ask::Ask;
use crate::simulator::durations::LINKED_ROLE;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// Service, name of the role, name of its policy (the services' own pages on service-linked roles).
const SERVICES: &[(&str, &str, &str)] = &[
    ("ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"),
    (
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy",
    ),
    (
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
    ),
];

pub fn path(service: &str) -> String {
    format!("/aws-service-role/{service}/")
}

/// API reference, CreateServiceLinkedRole; that an unknown service is `InvalidInput` is unverified.
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let service = checks::name(ask, "AWSServiceName", 128)?;
    let description = checks::description(ask)?;
    let refuse = |why: String| Err(Refusal::new("InvalidInput", why));
    let Some((_, name, policy)) = SERVICES.iter().find(|(known, ..)| *known == service) else {
        return refuse(format!("{service} is not a service that this simulation knows a linked role of"));
    };
    if ask.text("CustomSuffix").is_some() {
        return refuse(format!("Custom suffix is not allowed for {service}"));
    }
    if world.iam.roles.contains_key(&name.to_lowercase()) {
        let why = "has been taken in this account, please try a different suffix.";
        return refuse(format!("Service role name {name} {why}"));
    }
    let role = Role { description, ..made(world, service, name, policy) };
    let shown = answer(&role);
    world.iam.roles.insert(name.to_lowercase(), role);
    Ok(shown)
}

fn made(world: &mut World, service: &str, name: &str, policy: &str) -> Role {
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": [service] }, "Action": ["sts:AssumeRole"] });
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let attached = [format!("arn:aws:iam::aws:policy/aws-service-role/{policy}")].into();
    Role { attached, linked: true, ..blank(world, name, &path(service), trust) }
}

/// A service that needs its role makes it, in an account that hasn't used it before (Developer Guide, "Using service-linked
/// roles for Amazon ECS"): it can be assumed by and by. That reads show it at once is unverified.
pub fn need(world: &mut World, service: &str) {
    let Some((_, name, policy)) = SERVICES.iter().find(|(known, ..)| *known == service) else { return };
    if world.iam.roles.contains_key(&name.to_lowercase()) {
        return;
    }
    let usable = world.now() + Duration::from_secs_f64(world.draw(LINKED_ROLE));
    let role = Role { usable, ..made(world, service, name, policy) };
    world.iam.roles.insert(name.to_lowercase(), role);
    world.note(format!("role {name} is made for {service}"));
}
