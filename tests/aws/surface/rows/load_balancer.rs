//! What stands in front of the tasks.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::network::existing;
use crate::surface::place::{At, Place};
use crate::surface::row::{Effect, Row, row, text};

pub fn rows() -> Vec<Row> {
    let check = |path, set: Json, change: Json, pointer| {
        row(path, set, change).at(Place::TargetGroup(pointer)).calls(&["elasticloadbalancing:ModifyTargetGroup"])
    };
    // Nobody answers where they are checked: no tasks, no trouble.
    let none = || json!({ "desired_count": 0 });
    let balancer = |path, set: Json, change: Json, key| {
        let row = row(path, set, change).at(Place::LoadBalancerAttribute(key)).wire(text);
        row.calls(&["elasticloadbalancing:ModifyLoadBalancerAttributes"])
    };
    vec![
        check("health_check.path", json!("/healthz"), json!("/ready"), "/HealthCheckPath"),
        check("health_check.matcher", json!("200"), json!("200-299"), "/Matcher/HttpCode"),
        check("health_check.interval", json!(15), json!(20), "/HealthCheckIntervalSeconds"),
        check("health_check.timeout", json!(4), json!(3), "/HealthCheckTimeoutSeconds"),
        check("health_check.healthy_threshold", json!(3), json!(4), "/HealthyThresholdCount"),
        check("health_check.unhealthy_threshold", json!(4), json!(5), "/UnhealthyThresholdCount"),
        check("health_check.protocol", json!("HTTPS"), json!("HTTP"), "/HealthCheckProtocol").with(none()),
        check("health_check.port", json!(8080), json!(9090), "/HealthCheckPort").wire(text).with(none()).calls(&[
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
            "elasticloadbalancing:ModifyTargetGroup",
        ]),
        row("health_check.grace_period", 90, 120)
            .at(Place::Service("healthCheckGracePeriodSeconds"))
            .calls(&["ecs:UpdateService"]),
        row("load_balancer.internal", true, false)
            .at(Place::Own(is_internal, None))
            .effect(Effect::Anew("load_balancer"))
            .calls(MOVE),
        row("load_balancer.allowed_cidr_blocks", json!(["10.0.0.0/8"]), json!(["192.168.0.0/16", "198.51.100.0/24"]))
            .at(Place::Own(callers, Some(let_in)))
            .calls(&["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]),
        balancer("load_balancer.idle_timeout", json!(90), json!(120), "idle_timeout.timeout_seconds"),
        balancer("load_balancer.deletion_protection", json!(true), json!(false), "deletion_protection.enabled"),
        balancer(
            "load_balancer.drop_invalid_header_fields",
            json!(false),
            json!(true),
            "routing.http.drop_invalid_header_fields.enabled",
        ),
        row("load_balancer.deregistration_delay", 60, 10)
            .at(Place::TargetGroupAttribute("deregistration_delay.timeout_seconds"))
            .wire(text)
            .calls(&["elasticloadbalancing:ModifyTargetGroupAttributes"]),
        row("load_balancer.security_group_ids", json!(["${security_group}"]), json!(["${other_security_group}"]))
            .at(Place::Own(groups, Some(set_groups)))
            .with(existing())
            .calls(&["elasticloadbalancing:SetSecurityGroups"]),
    ]
}

/// Another load balancer with all that belongs to it, the service moved over, the old one taken away.
const MOVE: &[&str] = &[
    "ecs:UpdateService",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
];

fn is_internal(at: &mut At<'_>) -> Json {
    json!(at.load_balancer()["Scheme"] == "internal")
}

fn rules(at: &mut At<'_>) -> Vec<Json> {
    let group = json!([{ "Name": "group-id", "Value": [at.told["load_balancer_security_group_id"]] }]);
    let found = at.ask("ec2", "DescribeSecurityGroupRules", json!({ "Filter": group }))["securityGroupRuleSet"].take();
    found.as_array().into_iter().flatten().filter(|rule| rule["isEgress"] == false).cloned().collect()
}

/// Who may send requests.
fn callers(at: &mut At<'_>) -> Json {
    let blocks: BTreeSet<String> =
        rules(at).iter().filter_map(|rule| Some(rule["cidrIpv4"].as_str()?.to_owned())).collect();
    json!(blocks)
}

/// Lets others in besides.
fn let_in(at: &mut At<'_>, blocks: &Json) {
    let ranges: Json = blocks.as_array().into_iter().flatten().map(|block| json!({ "CidrIp": block })).collect();
    let permission = json!({ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": ranges });
    let asked = json!({ "GroupId": at.told["load_balancer_security_group_id"], "IpPermissions": [permission] });
    at.ask("ec2", "AuthorizeSecurityGroupIngress", asked);
}

/// The load balancer's security groups, but for its own.
fn groups(at: &mut At<'_>) -> Json {
    let (all, own) = (at.load_balancer()["SecurityGroups"].take(), at.told["load_balancer_security_group_id"].clone());
    let others: BTreeSet<&str> =
        all.as_array().into_iter().flatten().filter(|id| **id != own).filter_map(Json::as_str).collect();
    json!(others)
}

fn set_groups(at: &mut At<'_>, ids: &Json) {
    let mut all = vec![at.told["load_balancer_security_group_id"].clone()];
    all.extend(ids.as_array().into_iter().flatten().cloned());
    let asked = json!({ "LoadBalancerArn": at.told["load_balancer_arn"], "SecurityGroups": all });
    at.ask("elasticloadbalancing", "SetSecurityGroups", asked);
}
