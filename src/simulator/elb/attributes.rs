//! Attributes of load balancers and target groups: the whole default set, as AWS gives it back (API reference,
//! LoadBalancerAttribute and TargetGroupAttribute), and what each may be.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::naming::{Kind, existing};
use super::{invalid, misconfigured};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

pub const DELETION_PROTECTION: &str = "deletion_protection.enabled";
pub const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";

type Attributes = BTreeMap<String, String>;

/// What a value may be.
enum May {
    Truth,
    Range(i64, i64),
    /// Off, or a number of this range.
    Off(&'static str, i64, i64),
    OneOf(&'static [&'static str]),
    Text,
    Only(&'static str),
}
use May::{Off, OneOf, Only, Range, Text, Truth};

const LOAD_BALANCER: &[(&str, &str, May)] = &[
    ("access_logs.s3.bucket", "", Text),
    ("access_logs.s3.enabled", "false", Truth),
    ("access_logs.s3.prefix", "", Text),
    ("client_keep_alive.seconds", "3600", Range(60, 604_800)),
    ("connection_logs.s3.bucket", "", Text),
    ("connection_logs.s3.enabled", "false", Truth),
    ("connection_logs.s3.prefix", "", Text),
    (DELETION_PROTECTION, "false", Truth),
    ("health_check_logs.s3.bucket", "", Text),
    ("health_check_logs.s3.enabled", "false", Truth),
    ("health_check_logs.s3.prefix", "", Text),
    ("idle_timeout.timeout_seconds", "60", Range(1, 4000)),
    ("ipv6.deny_all_igw_traffic", "false", Truth),
    ("load_balancing.cross_zone.enabled", "true", Only("true")),
    ("routing.http.desync_mitigation_mode", "defensive", OneOf(&["monitor", "defensive", "strictest"])),
    ("routing.http.drop_invalid_header_fields.enabled", "false", Truth),
    ("routing.http.preserve_host_header.enabled", "false", Truth),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Truth),
    ("routing.http.xff_client_port.enabled", "false", Truth),
    ("routing.http.xff_header_processing.mode", "append", OneOf(&["append", "preserve", "remove"])),
    ("routing.http2.enabled", "true", Truth),
    ("waf.fail_open.enabled", "false", Truth),
    ("zonal_shift.config.enabled", "false", Truth),
];

const WEEK: i64 = 604_800;
const TARGET_GROUP: &[(&str, &str, May)] = &[
    (DEREGISTRATION_DELAY, "300", Range(0, 3600)),
    ("load_balancing.algorithm.anomaly_mitigation", "off", OneOf(&["on", "off"])),
    (
        "load_balancing.algorithm.type",
        "round_robin",
        OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    ("slow_start.duration_seconds", "0", Off("0", 30, 900)),
    ("stickiness.app_cookie.cookie_name", "", Text),
    ("stickiness.app_cookie.duration_seconds", "86400", Range(1, WEEK)),
    ("stickiness.enabled", "false", Truth),
    ("stickiness.lb_cookie.duration_seconds", "86400", Range(1, WEEK)),
    ("stickiness.type", "lb_cookie", OneOf(&["lb_cookie", "app_cookie"])),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1", Off("off", 1, 1000)),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", Off("off", 1, 100)),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", Range(1, 1000)),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", Off("off", 1, 100)),
];

impl May {
    fn be(&self, value: &str) -> bool {
        let within = |low: &i64, high: &i64| value.parse().is_ok_and(|number: i64| (*low..=*high).contains(&number));
        match self {
            Truth => matches!(value, "true" | "false"),
            Range(low, high) => within(low, high),
            Off(off, low, high) => value == *off || within(low, high),
            OneOf(these) => these.contains(&value),
            Text => value.len() <= 1024,
            Only(this) => value == *this,
        }
    }
}

fn defaults(known: &[(&str, &str, May)]) -> Attributes {
    known.iter().map(|(key, value, _)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub fn of_load_balancer(internal: bool) -> Attributes {
    let mut all = defaults(LOAD_BALANCER);
    all.insert("ipv6.deny_all_igw_traffic".into(), internal.to_string());
    all
}

pub fn of_target_group() -> Attributes {
    defaults(TARGET_GROUP)
}

fn written(attributes: &Attributes) -> Json {
    let list: Json = attributes.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({ "Attributes": list })
}

/// All or nothing; at most 20 in a call (aws.md §1.2).
fn changed(ask: &Ask, what: &str, known: &[(&str, &str, May)], now: &Attributes) -> Result<Attributes, Refusal> {
    let asked = ask.parts("Attributes");
    if asked.is_empty() || asked.len() > 20 {
        return Err(invalid("Between 1 and 20 attributes must be specified"));
    }
    let mut then = now.clone();
    for attribute in asked {
        let (key, value) = (attribute.text("Key").unwrap_or_default(), attribute.text("Value").unwrap_or_default());
        let Some((_, _, may)) = known.iter().find(|(name, ..)| *name == key) else {
            return Err(invalid(format!("{what} attribute key '{key}' is not recognized")));
        };
        if !may.be(value) {
            return Err(invalid(format!("{what} attribute value '{value}' is not valid for the key '{key}'")));
        }
        then.insert(key.to_owned(), value.to_owned());
    }
    Ok(then)
}

/// Logs need a bucket (API reference, LoadBalancerAttribute).
fn check_buckets(attributes: &Attributes) -> Result<(), Refusal> {
    for kind in ["access_logs", "connection_logs", "health_check_logs"] {
        let value = |name: &str| attributes.get(&format!("{kind}.s3.{name}")).map_or("", String::as_str);
        if value("enabled") == "true" && value("bucket").is_empty() {
            return Err(misconfigured(format!("{kind}.s3.bucket must be specified when {kind} are enabled")));
        }
    }
    Ok(())
}

pub fn describe_load_balancer(world: &mut World, ask: &Ask) -> Answer {
    let all = &world.elb.load_balancers;
    let arn = existing(ask, "LoadBalancerArn", Kind::LoadBalancer, |arn| all.contains_key(arn))?;
    Ok(written(&all[&arn].attributes))
}

pub fn modify_load_balancer(world: &mut World, ask: &Ask) -> Answer {
    let all = &mut world.elb.load_balancers;
    let arn = existing(ask, "LoadBalancerArn", Kind::LoadBalancer, |_| true)?;
    let balancer = all.get_mut(&arn).ok_or_else(|| Kind::LoadBalancer.not_found())?;
    let then = changed(ask, "Load balancer", LOAD_BALANCER, &balancer.attributes)?;
    check_buckets(&then)?;
    balancer.attributes = then;
    Ok(written(&balancer.attributes))
}

pub fn describe_target_group(world: &mut World, ask: &Ask) -> Answer {
    let all = &world.elb.target_groups;
    let arn = existing(ask, "TargetGroupArn", Kind::TargetGroup, |arn| all.contains_key(arn))?;
    Ok(written(&all[&arn].attributes))
}

pub fn modify_target_group(world: &mut World, ask: &Ask) -> Answer {
    let all = &mut world.elb.target_groups;
    let arn = existing(ask, "TargetGroupArn", Kind::TargetGroup, |_| true)?;
    let group = all.get_mut(&arn).ok_or_else(|| Kind::TargetGroup.not_found())?;
    group.attributes = changed(ask, "Target group", TARGET_GROUP, &group.attributes)?;
    Ok(written(&group.attributes))
}
