//! Target groups of addresses. A group belongs to a VPC for ever; which load balancer uses it follows from the listeners.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::health_check::HealthCheck;
use super::naming::{Kind, check_name, existing, needed};
use super::target::Target;
use super::{attributes, ground, health, invalid, page, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct TargetGroup {
    pub name: String,
    pub protocol: String,
    pub port: i64,
    pub vpc: String,
    pub check: HealthCheck,
    pub attributes: BTreeMap<String, String>,
    pub tags: Tags,
    pub targets: BTreeMap<(String, i64), Target>,
    version: String,
}

fn described(world: &World, arn: &str, group: &TargetGroup) -> Json {
    let mut described = json!({
        "TargetGroupArn": arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "Port": group.port,
        "VpcId": group.vpc,
        "LoadBalancerArns": world.elb.in_front_of(arn).into_iter().collect::<Vec<_>>(),
        "TargetType": "ip",
        "ProtocolVersion": group.version,
        "IpAddressType": "ipv4",
    });
    if let (Json::Object(all), Json::Object(check)) = (&mut described, group.check.written()) {
        all.extend(check);
    }
    described
}

/// Idempotent by name, as load balancers are (API reference, CreateTargetGroup).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let name = needed(ask, "Name")?.to_owned();
    check_name("Target group", &name)?;
    // Targets by instance are AWS's default; only those by address are simulated, for HTTP.
    let not_simulated =
        |what: &str| Refusal::new("NotImplemented", format!("{what} is not simulated")).with_status(501);
    if ask.text("TargetType") != Some("ip") {
        return Err(not_simulated("a target group of another target type than ip"));
    }
    let protocol = needed(ask, "Protocol")?.to_owned();
    if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
        return Err(not_simulated(&format!("a target group of protocol {protocol}")));
    }
    let version = ask.text("ProtocolVersion").unwrap_or("HTTP1").to_owned();
    if !matches!(version.as_str(), "HTTP1" | "HTTP2") {
        return Err(not_simulated(&format!("protocol version {version}")));
    }
    let port = ask.number("Port").filter(|port| (1..=65_535).contains(port));
    let port = port.ok_or_else(|| invalid("A port between 1 and 65535 must be specified"))?;
    let vpc = needed(ask, "VpcId")?.to_owned();
    let check = HealthCheck::usual().with(ask)?;
    let tags = tagging::given(ask)?;
    let (attributes, targets) = (attributes::of_target_group(), BTreeMap::new());
    let group = TargetGroup { name, protocol, port, vpc, check, attributes, tags, targets, version };
    if let Some((arn, there)) = world.elb.target_groups.iter().find(|(_, there)| there.name == group.name) {
        let settings = |group: &TargetGroup| {
            (group.protocol.clone(), group.port, group.vpc.clone(), group.version.clone(), group.check.clone())
        };
        if settings(there) == settings(&group) {
            return Ok(json!({ "TargetGroups": [described(world, arn, there)] }));
        }
        let why = format!("A target group with the same name '{}' exists, but with different settings", group.name);
        return Err(Refusal::new("DuplicateTargetGroupName", why));
    }
    if !ground::vpc_stands(world, &group.vpc) {
        return Err(invalid(format!("The VPC ID '{}' is not found", group.vpc)));
    }
    if quotas::full(world, quotas::TARGET_GROUPS, world.elb.target_groups.len()) {
        return Err(Refusal::new("TooManyTargetGroups", "You've reached the limit on the number of target groups"));
    }
    let id = world.hex(16);
    let arn = world.arn("elasticloadbalancing", &format!("targetgroup/{}/{id}", group.name));
    let answer = json!({ "TargetGroups": [described(world, &arn, &group)] });
    world.elb.target_groups.insert(arn, group);
    Ok(answer)
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let (arns, names) = (ask.texts("TargetGroupArns"), ask.texts("Names"));
    let balancer = ask.text("LoadBalancerArn").filter(|arn| !arn.is_empty());
    let kinds = [!arns.is_empty(), !names.is_empty(), balancer.is_some()];
    if kinds.into_iter().filter(|given| *given).count() > 1 {
        return Err(invalid("Only one of target group ARNs, names and load balancer ARN can be specified"));
    }
    let all = &world.elb.target_groups;
    for arn in &arns {
        Kind::TargetGroup.check(arn, all.contains_key(arn))?;
    }
    if names.iter().any(|name| !all.values().any(|group| group.name == *name)) {
        return Err(Kind::TargetGroup.not_found());
    }
    if let Some(arn) = balancer {
        Kind::LoadBalancer.check(arn, world.elb.load_balancers.contains_key(arn))?;
    }
    let asked = |(arn, group): &(&String, &TargetGroup)| {
        (arns.is_empty() || arns.contains(arn))
            && (names.is_empty() || names.contains(&group.name))
            && (balancer.is_none() || world.elb.in_front_of(arn) == balancer)
    };
    let found = all.iter().filter(asked).map(|(arn, group)| (arn.clone(), described(world, arn, group)));
    page::page(ask, "TargetGroups", found)
}

/// Its health check; the rest cannot be changed. Targets are judged by the new one from now on.
pub fn modify(world: &mut World, ask: &Ask) -> Answer {
    let all = &mut world.elb.target_groups;
    let arn = existing(ask, "TargetGroupArn", Kind::TargetGroup, |_| true)?;
    let group = all.get_mut(&arn).ok_or_else(|| Kind::TargetGroup.not_found())?;
    let check = group.check.with(ask)?;
    if check != group.check {
        group.check = check;
        health::check_anew(world, &arn);
    }
    Ok(json!({ "TargetGroups": [described(world, &arn, &world.elb.target_groups[&arn])] }))
}

/// Refused while an action names it; succeeds if it is gone already (API reference, DeleteTargetGroup; the second is
/// unverified). Its targets are forgotten.
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let arn = existing(ask, "TargetGroupArn", Kind::TargetGroup, |_| true)?;
    if world.elb.in_front_of(&arn).is_some() {
        let why = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Refusal::new("ResourceInUse", why));
    }
    world.elb.target_groups.remove(&arn);
    Ok(json!({}))
}
