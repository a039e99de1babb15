//! Drives the operations over a small fake network of two VPCs.

mod balancers;
mod certificates;
mod groups;
mod listeners;
mod targets;

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::ground::Fake;
use crate::simulator::ask::Ask;
use crate::simulator::world::World;

fn world() -> World {
    let mut world = World::new(7, "us-east-1");
    world.elb.fake = Some(Fake {
        subnets: vec![
            ("subnet-a", "vpc-1", "us-east-1a"),
            ("subnet-b", "vpc-1", "us-east-1b"),
            ("subnet-b2", "vpc-1", "us-east-1b"),
            ("subnet-c", "vpc-1", "us-east-1c"),
            ("subnet-x", "vpc-2", "us-east-1a"),
            ("subnet-y", "vpc-2", "us-east-1b"),
        ],
        groups: vec!["sg-default", "sg-1", "sg-2"],
        addresses: vec![("10.0.0.5", "us-east-1a"), ("10.0.2.5", "us-east-1c")],
        without_gateway: vec!["vpc-2"],
        interfaces: Vec::new(),
    });
    world
}

fn call(world: &mut World, action: &str, ask: Json) -> Result<Json, String> {
    world.call("elasticloadbalancing", action, &Ask(ask)).map_err(|refusal| refusal.code)
}

fn refused(world: &mut World, action: &str, ask: Json) -> String {
    call(world, action, ask).unwrap_err()
}

fn pass(world: &mut World, seconds: f64) {
    let then = world.now() + Duration::from_secs_f64(seconds);
    world.advance(then);
}

/// The call's parameters with some replaced; null takes one away.
fn with(mut ask: Json, other: Json) -> Json {
    for (key, value) in other.as_object().unwrap() {
        ask[key] = value.clone();
    }
    ask
}

fn web() -> Json {
    json!({ "Name": "web", "Subnets": ["subnet-a", "subnet-b"], "SecurityGroups": ["sg-1"], "Type": "application",
        "Scheme": "internet-facing", "IpAddressType": "ipv4", "Tags": [{ "Key": "owner", "Value": "me" }] })
}

fn tasks() -> Json {
    json!({ "Name": "tasks", "VpcId": "vpc-1", "TargetType": "ip", "Protocol": "HTTP", "Port": "80",
        "HealthCheckPath": "/up", "HealthCheckIntervalSeconds": "10", "HealthCheckTimeoutSeconds": "5",
        "HealthyThresholdCount": "2", "UnhealthyThresholdCount": "3", "Matcher": { "HttpCode": "200-299" } })
}

fn balancer(world: &mut World, ask: Json) -> String {
    let made = call(world, "CreateLoadBalancer", ask).unwrap();
    made["LoadBalancers"][0]["LoadBalancerArn"].as_str().unwrap().to_owned()
}

fn group(world: &mut World, ask: Json) -> String {
    let made = call(world, "CreateTargetGroup", ask).unwrap();
    made["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap().to_owned()
}

fn port_80(balancer: &str, group: &str) -> Json {
    json!({ "LoadBalancerArn": balancer, "Port": "80", "Protocol": "HTTP",
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }] })
}

fn listener(world: &mut World, ask: Json) -> String {
    call(world, "CreateListener", ask).unwrap()["Listeners"][0]["ListenerArn"].as_str().unwrap().to_owned()
}

/// A load balancer, a group, and a listener between them.
fn serving(world: &mut World) -> (String, String, String) {
    let (balancer, group) = (balancer(world, web()), group(world, tasks()));
    let listener = listener(world, port_80(&balancer, &group));
    (balancer, group, listener)
}
