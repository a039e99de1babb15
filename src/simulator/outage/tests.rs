//! A zone goes down under a whole stack: network, load balancer, service.

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::ask::Ask;
use crate::simulator::observe::{self, Serving};
use crate::simulator::world::World;

pub fn call(world: &mut World, service: &str, action: &str, ask: Json) -> Json {
    world.call(service, action, &Ask(ask)).unwrap_or_else(|refusal| panic!("{service}:{action}: {refusal}"))
}

pub fn pass(world: &mut World, seconds: u64) {
    let until = world.now() + Duration::from_secs(seconds);
    world.advance(until);
}

fn text(answer: &Json, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("{pointer}: {answer}")).to_owned()
}

/// ID of what a call makes.
fn made(world: &mut World, service: &str, action: &str, ask: Json, pointer: &str) -> String {
    text(&call(world, service, action, ask), pointer)
}

/// A service of two tasks behind a load balancer in zones a and b, private subnets, one NAT gateway, in zone a.
pub fn stack() -> World {
    stack_of(3)
}

pub fn stack_of(seed: u64) -> World {
    let mut world = World::new(seed, "eu-west-3");
    let w = &mut world;
    let vpc = made(w, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }), "/vpc/vpcId");
    let gateway = made(w, "ec2", "CreateInternetGateway", json!({}), "/internetGateway/internetGatewayId");
    call(w, "ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    let group = json!({ "VpcId": vpc, "GroupName": "all", "GroupDescription": "all" });
    let group = made(w, "ec2", "CreateSecurityGroup", group, "/groupId");
    let open =
        json!({ "GroupId": group, "IpPermissions": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }] });
    call(w, "ec2", "AuthorizeSecurityGroupIngress", open);
    let mut subnets = Vec::new();
    for (number, zone) in ["a", "b", "a", "b"].into_iter().enumerate() {
        let ask = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24"), "AvailabilityZone": format!("eu-west-3{zone}") });
        subnets.push(made(w, "ec2", "CreateSubnet", ask, "/subnet/subnetId"));
    }
    let address = made(w, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }), "/allocationId");
    let nat = json!({ "SubnetId": subnets[0], "AllocationId": address });
    let nat = made(w, "ec2", "CreateNatGateway", nat, "/natGateway/natGatewayId");
    for (targets, to) in [(&subnets[..2], ("GatewayId", &gateway)), (&subnets[2..], ("NatGatewayId", &nat))] {
        let table = made(w, "ec2", "CreateRouteTable", json!({ "VpcId": vpc }), "/routeTable/routeTableId");
        call(
            w,
            "ec2",
            "CreateRoute",
            json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", to.0: to.1 }),
        );
        for subnet in targets {
            call(w, "ec2", "AssociateRouteTable", json!({ "RouteTableId": table, "SubnetId": subnet }));
        }
    }
    let elb = "elasticloadbalancing";
    let balancer = json!({ "Name": "web", "Subnets": &subnets[..2], "SecurityGroups": [group] });
    let balancer = made(w, elb, "CreateLoadBalancer", balancer, "/LoadBalancers/0/LoadBalancerArn");
    let tasks = json!({ "Name": "web", "VpcId": vpc, "TargetType": "ip", "Protocol": "HTTP", "Port": 80,
        "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2 });
    let tasks = made(w, elb, "CreateTargetGroup", tasks, "/TargetGroups/0/TargetGroupArn");
    let forward = json!([{ "Type": "forward", "TargetGroupArn": tasks }]);
    let listener = json!({ "LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": forward });
    call(w, elb, "CreateListener", listener);
    pass(w, 300);
    call(w, "ecs", "CreateCluster", json!({ "clusterName": "home" }));
    pass(w, 60);
    call(
        w,
        "ecs",
        "RegisterTaskDefinition",
        json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{ "name": "app", "image": "nginx", "portMappings": [{ "containerPort": 80 }] }] }),
    );
    call(
        w,
        "ecs",
        "CreateService",
        json!({
        "cluster": "home", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
        "healthCheckGracePeriodSeconds": 600,
        "loadBalancers": [{ "targetGroupArn": tasks, "containerName": "app", "containerPort": 80 }],
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": &subnets[2..], "securityGroups": [group] } } }),
    );
    pass(w, 300);
    world
}

fn seen(world: &World) -> Vec<(String, bool, bool)> {
    let zone = |one: Serving| (one.zone.trim_start_matches("eu-west-3").to_owned(), one.healthy, one.way_out);
    let mut seen: Vec<_> = observe::serving(world).into_iter().map(zone).collect();
    seen.sort();
    seen
}

fn row(zone: &str, healthy: bool, way_out: bool) -> (String, bool, bool) {
    (zone.to_owned(), healthy, way_out)
}

fn states(world: &mut World) -> Vec<String> {
    let groups = call(world, "elasticloadbalancing", "DescribeTargetGroups", json!({}));
    let arn = groups["TargetGroups"][0]["TargetGroupArn"].clone();
    let found = call(world, "elasticloadbalancing", "DescribeTargetHealth", json!({ "TargetGroupArn": arn }));
    let all = found["TargetHealthDescriptions"].as_array().unwrap().clone();
    let mut states: Vec<_> = all.iter().map(|one| text(one, "/TargetHealth/State")).collect();
    states.sort();
    states
}

#[test]
fn the_zone_with_the_nat_gateway_takes_everyones_way_out() {
    let mut world = stack();
    assert_eq!(seen(&world), [row("a", true, true), row("b", true, true)]);
    assert!(zone_down(&mut world, "eu-west-3a", 400.0));
    assert_eq!(seen(&world), [row("a", false, false), row("b", true, false)]);
    let zones = call(&mut world, "ec2", "DescribeAvailabilityZones", json!({}));
    assert_eq!(
        (text(&zones, "/availabilityZoneInfo/0/zoneState"), text(&zones, "/availabilityZoneInfo/1/zoneState")),
        ("impaired".into(), "available".into())
    );
    pass(&mut world, 14);
    assert_eq!(states(&mut world), ["healthy", "unhealthy"], "its checks fail before ECS knows");
    pass(&mut world, 60);
    assert!(!seen(&world).iter().any(|(zone, ..)| zone == "a"), "its task is lost");
    let found = call(&mut world, "ecs", "ListTasks", json!({ "cluster": "home", "desiredStatus": "STOPPED" }));
    let found = call(&mut world, "ecs", "DescribeTasks", json!({ "cluster": "home", "tasks": found["taskArns"] }));
    assert!(found["tasks"].as_array().unwrap().iter().any(|task| task["stopCode"] == "TerminationNotice"), "{found}");
    pass(&mut world, 200);
    assert_eq!(seen(&world), [row("b", true, false)], "no image can be pulled without a way out");
    let found = call(&mut world, "ecs", "ListTasks", json!({ "cluster": "home", "desiredStatus": "STOPPED" }));
    let ask = json!({ "cluster": "home", "tasks": found["taskArns"] });
    let told = call(&mut world, "ecs", "DescribeTasks", ask).to_string();
    assert!(told.contains("i/o timeout"), "{told}");
    pass(&mut world, 1200);
    assert_eq!(seen(&world), [row("a", true, true), row("b", true, true)], "all is back, and spread");
    let notes: Vec<_> = world
        .log
        .iter()
        .filter(|event| event.what.contains("zone eu-west-3a"))
        .map(|event| event.what.as_str())
        .collect();
    assert_eq!(notes, ["zone eu-west-3a is down", "zone eu-west-3a is back"]);
}

#[test]
fn the_other_zone_is_replaced_here() {
    let mut world = stack();
    zone_down(&mut world, "eu-west-3b", 1000.0);
    pass(&mut world, 450);
    assert_eq!(seen(&world), [row("a", true, true), row("a", true, true)]);
    assert_eq!(states(&mut world), ["healthy", "healthy"]);
}

#[test]
fn with_every_zone_down_nobody_is_reached_and_nothing_is_placed() {
    let mut world = stack();
    for zone in ["eu-west-3a", "eu-west-3b", "eu-west-3c"] {
        assert!(zone_down(&mut world, zone, 500.0));
    }
    assert!(seen(&world).iter().all(|(_, healthy, way_out)| !healthy && !way_out));
    pass(&mut world, 300);
    assert_eq!(seen(&world), []);
    let found = call(&mut world, "ecs", "DescribeServices", json!({ "cluster": "home", "services": ["web"] }));
    assert!(found.to_string().contains("was unable to place a task. Reason: Capacity is unavailable at this time."));
    pass(&mut world, 900);
    assert_eq!(seen(&world).len(), 2);
}

#[test]
fn tasks_on_their_way_fail_and_are_started_elsewhere() {
    let mut world = stack();
    call(&mut world, "ecs", "UpdateService", json!({ "cluster": "home", "service": "web", "desiredCount": 4 }));
    pass(&mut world, 9);
    zone_down(&mut world, "eu-west-3b", 1000.0);
    pass(&mut world, 300);
    assert_eq!(seen(&world), vec![row("a", true, true); 4]);
    assert!(world.log.iter().any(|event| event.what.contains("DEPROVISIONING")));
}

#[test]
fn what_is_being_made_in_it_waits() {
    let mut world = World::new(1, "eu-west-3");
    let w = &mut world;
    let vpc = made(w, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }), "/vpc/vpcId");
    let gateway = made(w, "ec2", "CreateInternetGateway", json!({}), "/internetGateway/internetGatewayId");
    call(w, "ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    zone_down(w, "eu-west-3a", 1000.0);
    let mut subnets = Vec::new();
    for zone in ["a", "b"] {
        let block = format!("10.0.{}.0/24", subnets.len());
        let ask = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": format!("eu-west-3{zone}") });
        subnets.push(made(w, "ec2", "CreateSubnet", ask, "/subnet/subnetId"));
    }
    let address = made(w, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }), "/allocationId");
    call(w, "ec2", "CreateNatGateway", json!({ "SubnetId": subnets[0], "AllocationId": address }));
    call(w, "elasticloadbalancing", "CreateLoadBalancer", json!({ "Name": "web", "Subnets": subnets }));
    for (seconds, nat, balancer) in [(999, "pending", "provisioning"), (200, "available", "active")] {
        pass(w, seconds);
        let gateways = call(w, "ec2", "DescribeNatGateways", json!({}));
        assert_eq!(text(&gateways, "/natGatewaySet/0/state"), nat);
        let balancers = call(w, "elasticloadbalancing", "DescribeLoadBalancers", json!({}));
        assert_eq!(text(&balancers, "/LoadBalancers/0/State/Code"), balancer);
    }
}

#[test]
fn the_longest_outage_counts() {
    let mut world = World::new(1, "eu-west-3");
    assert!(!zone_down(&mut world, "eu-west-3z", 10.0));
    for seconds in [100.0, 10.0, f64::NAN, f64::INFINITY.min(50.0)] {
        assert!(zone_down(&mut world, "eu-west-3a", seconds));
    }
    pass(&mut world, 99);
    assert!(is_down(&world, "eu-west-3a") && seconds_left(&world, "eu-west-3a") == Some(1.0));
    pass(&mut world, 1);
    assert!(!is_down(&world, "eu-west-3a") && seconds_left(&world, "eu-west-3a").is_none());
}

#[test]
fn the_load_balancers_ground_is_the_real_network() {
    let mut world = World::new(1, "eu-west-3");
    let w = &mut world;
    let refused =
        |w: &mut World, action: &str, ask: Json| w.call("elasticloadbalancing", action, &Ask(ask)).unwrap_err().code;
    let tasks = json!({ "Name": "t", "VpcId": "vpc-00", "TargetType": "ip", "Protocol": "HTTP", "Port": 80 });
    assert_eq!(refused(w, "CreateTargetGroup", tasks), "ValidationError");
    let web = json!({ "Name": "web", "Subnets": ["subnet-00", "subnet-01"] });
    assert_eq!(refused(w, "CreateLoadBalancer", web), "SubnetNotFound");
    let vpc = made(w, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }), "/vpc/vpcId");
    let mut subnets = Vec::new();
    for zone in ["a", "b"] {
        let block = format!("10.0.{}.0/24", subnets.len());
        let ask = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": format!("eu-west-3{zone}") });
        subnets.push(made(w, "ec2", "CreateSubnet", ask, "/subnet/subnetId"));
    }
    let web = json!({ "Name": "web", "Subnets": subnets });
    assert_eq!(refused(w, "CreateLoadBalancer", web.clone()), "InvalidSubnet", "without internet gateway");
    let mut inside = web;
    (inside["Scheme"], inside["SecurityGroups"]) = ("internal".into(), json!(["sg-00"]));
    assert_eq!(refused(w, "CreateLoadBalancer", inside.clone()), "InvalidSecurityGroup");
    inside["SecurityGroups"] = json!([]);
    let arn = text(&call(w, "elasticloadbalancing", "CreateLoadBalancer", inside), "/LoadBalancers/0/LoadBalancerArn");
    let ids = |w: &mut World| {
        let found = call(w, "ec2", "DescribeNetworkInterfaces", json!({}));
        let all = found["networkInterfaceSet"].as_array().unwrap().clone();
        all.iter()
            .map(|one| (one["networkInterfaceId"].clone(), one["groupSet"][0]["groupName"].clone()))
            .collect::<Vec<_>>()
    };
    let before = ids(w);
    assert!(before.len() == 2 && before.iter().all(|(_, group)| group == "default"));
    let set = |group: &str| json!({ "LoadBalancerArn": arn, "SecurityGroups": [group] });
    assert_eq!(refused(w, "SetSecurityGroups", set("sg-00")), "InvalidSecurityGroup");
    let group = json!({ "VpcId": vpc, "GroupName": "g", "GroupDescription": "g" });
    let group = made(w, "ec2", "CreateSecurityGroup", group, "/groupId");
    call(w, "elasticloadbalancing", "SetSecurityGroups", set(&group));
    let after = ids(w);
    assert!(
        after.iter().all(|(_, group)| group == "g")
            && after.iter().map(|one| &one.0).eq(before.iter().map(|one| &one.0))
    );
}
