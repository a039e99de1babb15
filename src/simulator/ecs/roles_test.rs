//! Roles of tasks against the real IAM: fresh ones can't be assumed yet, and ECS's own is made with the first cluster.

use serde_json::{Value as Json, json};

use crate::simulator::ask::Ask;
use crate::simulator::outage::tests::{call, pass, stack};
use crate::simulator::world::World;

fn role(world: &mut World, name: &str) -> Json {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    call(world, "iam", "CreateRole", json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() }))["Role"]
        ["Arn"]
        .clone()
}

fn deployed(world: &mut World, role: &Json) {
    call(
        world,
        "ecs",
        "RegisterTaskDefinition",
        json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "taskRoleArn": role,
        "containerDefinitions": [{ "name": "app", "image": "nginx", "portMappings": [{ "containerPort": 80 }] }] }),
    );
    let breaker = json!({ "deploymentCircuitBreaker": { "enable": true, "rollback": true } });
    call(
        world,
        "ecs",
        "UpdateService",
        json!({
        "cluster": "home", "service": "web", "taskDefinition": "web", "deploymentConfiguration": breaker }),
    );
}

fn service(world: &mut World) -> Json {
    call(world, "ecs", "DescribeServices", json!({ "cluster": "home", "services": ["web"] }))["services"][0].clone()
}

const TOLD: &str = "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/fresh' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).";

#[test]
fn a_fresh_role_is_waited_for() {
    let mut met = 0;
    for seed in 0..6 {
        let mut world = stack();
        (0..seed).for_each(|_| drop(world.uuid()));
        let role = role(&mut world, "fresh");
        deployed(&mut world, &role);
        pass(&mut world, 600);
        let there = service(&mut world);
        assert_eq!(there["deployments"][0]["rolloutState"], "COMPLETED", "{there}");
        met += u32::from(there["events"].as_array().unwrap().iter().any(|event| event["message"] == TOLD));
    }
    assert!(met > 0, "at least one was too fresh");
}

#[test]
fn a_role_that_never_comes_counts_for_the_breaker() {
    let mut world = stack();
    deployed(&mut world, &json!("arn:aws:iam::123456789012:role/fresh"));
    pass(&mut world, 30);
    assert_eq!(service(&mut world)["deployments"][0]["failedTasks"], 1);
    pass(&mut world, 600);
    let there = service(&mut world);
    assert!(
        there["events"].as_array().unwrap().iter().filter(|event| event["message"] == TOLD).count() == 3,
        "{there}"
    );
    assert!(there.to_string().contains("deployment failed: tasks failed to start."));
}

#[test]
fn the_first_cluster_makes_the_linked_role_and_services_wait_for_it() {
    let mut world = stack();
    world.iam = Default::default();
    call(&mut world, "ecs", "CreateCluster", json!({ "clusterName": "first" }));
    let there = service(&mut world);
    let ask = json!({
        "cluster": "first", "serviceName": "web", "taskDefinition": "web", "launchType": "FARGATE",
        "networkConfiguration": there["networkConfiguration"] });
    let told = world.call("ecs", "CreateService", &Ask(ask.clone())).unwrap_err();
    assert_eq!(
        told.to_string(),
        "InvalidParameterException: Unable to assume the service linked role. Please verify that the ECS service linked role exists."
    );
    pass(&mut world, 30);
    call(&mut world, "ecs", "CreateService", ask);
}
