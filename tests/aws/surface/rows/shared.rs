//! The rule on a load balancer that the account has already.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{Removal, Row, row};

pub fn rows() -> Vec<Row> {
    let rule = |path, set: Json, change: Json, look, meddle| {
        let row = row(path, set, change).at(Place::Own(look, Some(meddle)));
        row.calls(&["elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities"])
    };
    let paths = || json!({ "path_patterns": ["/api/*"] });
    vec![
        row("load_balancer.arn", "${load_balancer_arn}", "${other_load_balancer_arn}")
            .with(on(paths()))
            .at(Place::Own(|at| at.load_balancer()["LoadBalancerName"].take(), None))
            .wire(|arn| arn.as_str().and_then(|arn| arn.split('/').nth(2)).into())
            .calls(MOVE)
            .removal(Removal::WithParent),
        row("load_balancer.listener_arn", "${https_listener_arn}", "${http_listener_arn}")
            .with(on(paths()))
            .at(Place::Own(listener, None))
            .calls(MOVE)
            .removal(Removal::WithParent),
        rule(
            "load_balancer.host_names",
            json!(["a.example.com"]),
            json!(["*.example.org", "b.example.com"]),
            hosts,
            |at, hosts| {
                let pattern = json!({ "Field": "path-pattern", "Values": ["/api/*"] });
                at.modify_rule(json!([{ "Field": "host-header", "Values": hosts }, pattern]));
            },
        )
        .with(on(given(paths()))),
        rule("load_balancer.path_patterns", json!(["/a"]), json!(["/b", "/c/*"]), patterns, |at, patterns| {
            let host = json!({ "Field": "host-header", "Values": ["www.example.com"] });
            at.modify_rule(json!([host, { "Field": "path-pattern", "Values": patterns }]));
        })
        .with(on(given(json!({ "host_names": ["www.example.com"] })))),
        rule(
            "load_balancer.priority",
            json!(10),
            json!(20),
            |at| number(&at.rule()["Priority"]),
            |at, priority| {
                let pair = json!([{ "RuleArn": at.rule()["RuleArn"], "Priority": priority }]);
                at.ask("elasticloadbalancing", "SetRulePriorities", json!({ "RulePriorities": pair }));
            },
        )
        .with(on(given(paths()))),
    ]
}

/// The service moves over to another load balancer: its own, or one that was given.
const MOVE: &[&str] = &[
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateSecurityGroup",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ecs:UpdateService",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:CreateRule",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteRule",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
];

/// A service in the network that the account has, with this said of the load balancer.
fn on(balancer: Json) -> Json {
    // Tasks in the public subnets: private ones would be in use with some of these values only, and import tells what is in use.
    let subnets = ["a", "b"].map(|zone| format!("${{public_subnet_{zone}}}"));
    let network = json!({ "vpc_id": "${vpc_id}", "public_subnet_ids": subnets, "egress": "public" });
    json!({ "network": network, "load_balancer": balancer })
}

fn given(mut balancer: Json) -> Json {
    balancer["arn"] = "${load_balancer_arn}".into();
    balancer
}

fn number(text: &Json) -> Json {
    text.as_str().and_then(|text| text.parse::<u32>().ok()).into()
}

impl At<'_> {
    /// The rule that leads to the service's target group; null if there is none.
    fn rule(&mut self) -> Json {
        let asked = json!({ "LoadBalancerArn": self.told["load_balancer_arn"] });
        let listeners = self.ask("elasticloadbalancing", "DescribeListeners", asked)["Listeners"].take();
        let target = self.told["target_group_arn"].clone();
        for listener in listeners.as_array().into_iter().flatten() {
            let asked = json!({ "ListenerArn": listener["ListenerArn"] });
            let rules = self.ask("elasticloadbalancing", "DescribeRules", asked)["Rules"].take();
            let ours = |rule: &&Json| rule["Actions"][0]["TargetGroupArn"] == target && rule["IsDefault"] == false;
            if let Some(rule) = rules.as_array().into_iter().flatten().find(ours) {
                let mut rule = rule.clone();
                rule["ListenerArn"] = listener["ListenerArn"].clone();
                return rule;
            }
        }
        Json::Null
    }

    fn modify_rule(&mut self, conditions: Json) {
        let asked = json!({ "RuleArn": self.rule()["RuleArn"], "Conditions": conditions });
        self.ask("elasticloadbalancing", "ModifyRule", asked);
    }
}

fn listener(at: &mut At<'_>) -> Json {
    at.rule()["ListenerArn"].take()
}

fn hosts(at: &mut At<'_>) -> Json {
    values(at, "HostHeaderConfig")
}

fn patterns(at: &mut At<'_>) -> Json {
    values(at, "PathPatternConfig")
}

/// The values of a condition; null if the rule has none of the kind.
fn values(at: &mut At<'_>, config: &str) -> Json {
    let conditions = at.rule()["Conditions"].take();
    let found = conditions.as_array().into_iter().flatten().find(|one| !one[config].is_null());
    let values = found.and_then(|found| found[config]["Values"].as_array());
    values
        .map(|values| values.iter().filter_map(Json::as_str).collect::<BTreeSet<_>>())
        .map_or(Json::Null, |all| json!(all))
}
