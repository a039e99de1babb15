//! Load balancers and target groups as the picture for people needs them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::listener::{self, Listener};
use super::load_balancer::{self, LoadBalancer};
use super::rule;
use super::target_group::TargetGroup;
use crate::simulator::world::World;

pub struct Sketch {
    pub balancers: Vec<Json>,
    pub groups: Vec<Json>,
}

pub fn sketch(world: &World) -> Sketch {
    let balancers = world.elb.load_balancers.iter().map(|(arn, there)| balancer(world, arn, there));
    let groups = world.elb.target_groups.iter().map(|(arn, there)| group(world, arn, there));
    Sketch { balancers: balancers.collect(), groups: groups.collect() }
}

fn balancer(world: &World, arn: &str, there: &LoadBalancer) -> Json {
    let shown = load_balancer::described(world, arn, there);
    let listeners = world.elb.listeners.iter().filter(|(_, listener)| listener.load_balancer == arn);
    let mut listeners: Vec<Json> = listeners.map(|(arn, there)| listening(world, arn, there)).collect();
    listeners.sort_by_key(|listener| listener["port"].as_i64());
    json!({
        "name": there.name,
        "state": shown["State"]["Code"],
        "scheme": shown["Scheme"],
        "dns": shown["DNSName"],
        "vpc": there.vpc,
        "subnets": there.nodes.iter().map(|node| &node.subnet).collect::<Vec<_>>(),
        "listeners": listeners,
    })
}

fn listening(world: &World, arn: &str, there: &Listener) -> Json {
    let shown = listener::described(arn, there);
    let rules = world.elb.rules.iter().filter(|(_, rule)| rule.listener == arn);
    let mut rules: Vec<Json> = rules.map(|(arn, there)| rule::described(arn, there)).collect();
    rules.sort_by_key(|rule| rule["Priority"].as_str().and_then(|text| text.parse::<i64>().ok()));
    let brief = |rule: Json| {
        json!({
            "priority": rule["Priority"],
            "when": rule["Conditions"].as_array().into_iter().flatten().map(condition).collect::<Vec<_>>().join(", "),
            "then": actions(world, &rule["Actions"]),
        })
    };
    json!({
        "port": shown["Port"],
        "protocol": shown["Protocol"],
        "then": actions(world, &shown["DefaultActions"]),
        "rules": rules.into_iter().map(brief).collect::<Json>(),
    })
}

/// `host-header a.example, b.example`.
fn condition(condition: &Json) -> String {
    let mut texts = Vec::new();
    let mut within = vec![condition];
    while let Some(value) = within.pop() {
        match value {
            Json::Array(elements) => within.extend(elements.iter().rev()),
            Json::Object(members) => within.extend(members.iter().filter(|(name, _)| *name != "Field").map(|(_, v)| v)),
            Json::String(text) if !texts.contains(text) => texts.push(text.clone()),
            _ => {}
        }
    }
    format!("{} {}", condition["Field"].as_str().unwrap_or("?"), texts.join(" "))
}

fn actions(world: &World, actions: &Json) -> String {
    let named = |arn: &str| world.elb.target_groups.get(arn).map(|group| group.name.clone());
    let one = |action: &Json| match action["Type"].as_str() {
        Some("forward") => {
            let listed = action["ForwardConfig"]["TargetGroups"].as_array().into_iter().flatten();
            let arns = listed.filter_map(|group| group["TargetGroupArn"].as_str());
            format!("forward to {}", arns.filter_map(named).collect::<Vec<_>>().join(", "))
        }
        Some("redirect") => {
            let to = &action["RedirectConfig"];
            let text = |name: &str| to[name].as_str().unwrap_or_default();
            format!("redirect to {} {} ({})", text("Protocol"), text("Port"), text("StatusCode"))
        }
        Some("fixed-response") => {
            format!("answer {}", action["FixedResponseConfig"]["StatusCode"].as_str().unwrap_or_default())
        }
        other => other.unwrap_or_default().to_owned(),
    };
    actions.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(", ")
}

fn group(world: &World, arn: &str, there: &TargetGroup) -> Json {
    let mut counts = BTreeMap::new();
    for target in there.targets.values() {
        *counts.entry(target.phase.name()).or_insert(0) += 1;
    }
    let front = world.elb.in_front_of(arn).and_then(|arn| world.elb.load_balancers.get(arn));
    json!({
        "name": there.name,
        "protocol": there.protocol,
        "port": there.port,
        "vpc": there.vpc,
        "balancer": front.map(|balancer| &balancer.name),
        "counts": counts,
    })
}
