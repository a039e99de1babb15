//! A pretended outside for ECS's unit tests: any subnet and group exists unless its name says `missing`; a target is
//! healthy 20 s after it answers and drains for 10 s.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::simulator::ask::Ask;
use crate::simulator::ec2::{Interface, InterfaceAsk};
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Fake {
    pub interfaces: BTreeSet<String>,
    pub subnets: Vec<String>,
    pub way_out: bool,
    pub lines: Vec<String>,
    pub targets: BTreeMap<(String, String, i64), Target>,
    count: u8,
}

#[derive(Clone, Debug)]
pub struct Target {
    since: f64,
    healthy_after: Option<f64>,
    draining: Option<f64>,
}

pub fn take_interface(world: &mut World, ask: &InterfaceAsk<'_>) -> Result<Interface, Refusal> {
    let Some((vpc, availability_zone)) = subnet_place(ask.subnet) else {
        let why = format!("The subnet ID '{}' does not exist", ask.subnet);
        return Err(Refusal::new("InvalidSubnetID.NotFound", why));
    };
    let id = world.id("eni");
    let fake = world.ecs.fake.as_mut().unwrap();
    fake.count += 1;
    fake.interfaces.insert(id.clone());
    fake.subnets.push(ask.subnet.to_owned());
    let public_ip = ask.public_ip.then(|| "203.0.113.7".to_owned());
    Ok(Interface { id, private_ip: format!("10.0.0.{}", fake.count), public_ip, availability_zone, vpc })
}

pub fn subnet_place(subnet: &str) -> Option<(String, String)> {
    let zone = format!("eu-central-1{}", &subnet[subnet.len() - 1..]);
    let vpc = if subnet.ends_with("vpc-2") { "vpc-2" } else { "vpc-1" };
    (!subnet.contains("missing")).then(|| (vpc.to_owned(), zone))
}

pub fn register_target(world: &mut World, group: &str, ip: &str, port: i64, healthy_after: Option<f64>) {
    let target = Target { since: world.epoch(), healthy_after, draining: None };
    world.ecs.fake.as_mut().unwrap().targets.insert((group.into(), ip.into(), port), target);
}

pub fn deregister_target(world: &mut World, group: &str, ip: &str, port: i64) {
    let now = world.epoch();
    if let Some(target) = world.ecs.fake.as_mut().unwrap().targets.get_mut(&(group.into(), ip.into(), port)) {
        target.draining.get_or_insert(now);
    }
}

pub fn target_state(world: &World, group: &str, ip: &str, port: i64) -> Option<&'static str> {
    let target = world.ecs.fake.as_ref()?.targets.get(&(group.into(), ip.into(), port))?;
    let age = world.epoch() - target.since;
    match (target.draining, target.healthy_after) {
        (Some(at), _) if world.epoch() - at > 10.0 => None,
        (Some(_), _) => Some("draining"),
        (_, Some(after)) if age >= after + 20.0 => Some("healthy"),
        _ if age < 20.0 => Some("initial"),
        _ => Some("unhealthy"),
    }
}

pub const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef";

/// A world with an active cluster `home`.
pub fn world() -> World {
    let mut world = World::new(7, "eu-central-1");
    world.ecs.fake = Some(Fake {
        interfaces: BTreeSet::new(),
        subnets: Vec::new(),
        way_out: true,
        lines: Vec::new(),
        targets: BTreeMap::new(),
        count: 0,
    });
    call(&mut world, "CreateCluster", json!({ "clusterName": "home", "capacityProviders": ["FARGATE"] })).unwrap();
    pass(&mut world, 5);
    world
}

pub fn call(world: &mut World, action: &str, ask: Json) -> Answer {
    world.call("ecs", action, &Ask(ask))
}

/// The code and message of the refusal.
pub fn refused(world: &mut World, action: &str, ask: Json) -> String {
    call(world, action, ask).unwrap_err().to_string()
}

pub fn pass(world: &mut World, seconds: u64) {
    world.advance(world.now() + std::time::Duration::from_secs(seconds));
}

/// What registers a task definition `web` with this image.
pub fn definition(image: &str) -> Json {
    let logs = json!({ "logDriver": "awslogs", "options": {
        "awslogs-group": "/web", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app" } });
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
        "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{ "name": "app", "image": image, "portMappings": [{ "containerPort": 80 }],
            "logConfiguration": logs }],
    })
}

pub fn register(world: &mut World, image: &str) -> String {
    let made = call(world, "RegisterTaskDefinition", definition(image)).unwrap();
    made["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned()
}

/// What creates the service `web` of two tasks.
pub fn service() -> Json {
    json!({
        "cluster": "home", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
        "loadBalancers": [{ "targetGroupArn": GROUP, "containerName": "app", "containerPort": 80 }],
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": ["subnet-a", "subnet-b"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED" } },
        "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": true, "rollback": true } },
        "healthCheckGracePeriodSeconds": 30,
    })
}

/// A member of a template replaced.
pub fn but(mut template: Json, member: &str, value: Json) -> Json {
    template[member] = value;
    template
}

pub fn look(world: &mut World) -> Json {
    let found = call(world, "DescribeServices", json!({ "cluster": "home", "services": ["web"] })).unwrap();
    found["services"][0].clone()
}

/// All tasks, stopped ones after the others.
pub fn tasks(world: &mut World) -> Vec<Json> {
    let mut arns = Vec::new();
    for desired in ["RUNNING", "STOPPED"] {
        let found = call(world, "ListTasks", json!({ "cluster": "home", "desiredStatus": desired })).unwrap();
        arns.extend(found["taskArns"].as_array().unwrap().clone());
    }
    if arns.is_empty() {
        return Vec::new();
    }
    let found = call(world, "DescribeTasks", json!({ "cluster": "home", "tasks": arns })).unwrap();
    found["tasks"].as_array().unwrap().clone()
}

pub fn events(world: &mut World) -> String {
    let service = look(world);
    let texts = service["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap().to_owned());
    texts.collect::<Vec<_>>().join("\n")
}
