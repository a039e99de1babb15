//! Every state lasts as long as its constant says: never shorter than the shortest, never longer than the longest.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::outage::tests::{call, pass, stack_of};
use crate::simulator::world::World;

/// The seconds until something is so, to a fifth of a second.
fn until(world: &mut World, so: impl Fn(&mut World) -> bool) -> f64 {
    let (began, step) = (world.now(), Duration::from_millis(200));
    while !so(world) {
        let next = world.now() + step;
        assert!(next - began < Duration::from_secs(1000), "never");
        world.advance(next);
    }
    (world.now() - began).as_secs_f64()
}

fn within(what: &str, seconds: f64, Span(low, _, high): Span) {
    assert!(seconds >= low && seconds <= high + 0.3, "{what}: {seconds} s, of {low} to {high}");
}

/// A member of the first of a list, as a call answers it.
fn is(
    service: &'static str,
    action: &'static str,
    pointer: &'static str,
    value: &'static str,
) -> impl Fn(&mut World) -> bool {
    move |world| call(world, service, action, json!({})).pointer(pointer).and_then(Json::as_str) == Some(value)
}

const ELB: &str = "elasticloadbalancing";

#[test]
fn networks_and_load_balancers() {
    for seed in 0..8 {
        let mut world = World::new(seed, "eu-west-3");
        let w = &mut world;
        let vpc = call(w, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))["vpc"]["vpcId"].clone();
        within("vpc", until(w, is("ec2", "DescribeVpcs", "/vpcSet/0/state", "available")), NETWORK_AVAILABLE);
        let gateway =
            call(w, "ec2", "CreateInternetGateway", json!({}))["internetGateway"]["internetGatewayId"].clone();
        call(w, "ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
        let mut subnets = Vec::new();
        for (number, zone) in ["a", "b"].into_iter().enumerate() {
            let ask = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24"), "AvailabilityZone": format!("eu-west-3{zone}") });
            subnets.push(call(w, "ec2", "CreateSubnet", ask)["subnet"]["subnetId"].clone());
            if number == 0 {
                within(
                    "subnet",
                    until(w, is("ec2", "DescribeSubnets", "/subnetSet/0/state", "available")),
                    NETWORK_AVAILABLE,
                );
            }
        }
        let address = call(w, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }))["allocationId"].clone();
        let nat = json!({ "SubnetId": subnets[0], "AllocationId": address });
        let nat = call(w, "ec2", "CreateNatGateway", nat)["natGateway"]["natGatewayId"].clone();
        let state = "/natGatewaySet/0/state";
        within("nat", until(w, is("ec2", "DescribeNatGateways", state, "available")), NAT_AVAILABLE);
        call(w, "ec2", "DeleteNatGateway", json!({ "NatGatewayId": nat }));
        within("nat goes", until(w, is("ec2", "DescribeNatGateways", state, "deleted")), NAT_DELETED);
        let made = call(w, ELB, "CreateLoadBalancer", json!({ "Name": "web", "Subnets": subnets }));
        let arn = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
        let active = until(w, is(ELB, "DescribeLoadBalancers", "/LoadBalancers/0/State/Code", "active"));
        within("load balancer", active, LOAD_BALANCER_ACTIVE);
        call(w, ELB, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
        let interfaces = |w: &mut World| {
            call(w, "ec2", "DescribeNetworkInterfaces", json!({}))["networkInterfaceSet"].as_array().unwrap().len()
        };
        assert_eq!(interfaces(w), 2);
        within("interfaces", until(w, |w| interfaces(w) == 0), LOAD_BALANCER_INTERFACES_LINGER);
    }
}

/// When the log says something for the first time after a moment.
fn noted(world: &World, from: f64, end: &str) -> f64 {
    let found = world.log.iter().find(|event| event.at.as_secs_f64() >= from && event.what.ends_with(end));
    found.unwrap_or_else(|| panic!("never: {end}")).at.as_secs_f64()
}

#[test]
fn clusters_and_tasks() {
    for seed in 0..8 {
        let mut world = stack_of(seed);
        let w = &mut world;
        call(w, "ecs", "CreateCluster", json!({ "clusterName": "new", "capacityProviders": ["FARGATE"] }));
        let status = |w: &mut World| {
            call(w, "ecs", "DescribeClusters", json!({ "clusters": ["new"] }))["clusters"][0]["status"].clone()
        };
        assert_eq!(status(w), "PROVISIONING");
        within("cluster", until(w, |w| status(w) == "ACTIVE"), CLUSTER_ACTIVE);
        let first = |event: &&crate::simulator::world::Event| {
            event.what.starts_with("task ") && event.what.ends_with(" is PENDING")
        };
        let id = w.log.iter().find(first).unwrap().what.split(' ').nth(1).unwrap().to_owned();
        let of = |status: &str| format!("task {id} is {status}");
        let asked = noted(w, 0.0, "ecs:CreateService");
        let started = w.log.iter().find(|event| event.what.contains(&id)).unwrap().at.as_secs_f64();
        within("round", started - asked, SCHEDULER_ROUND);
        let (pending, running) = (noted(w, 0.0, &of("PENDING")), noted(w, 0.0, &of("RUNNING")));
        within("provisioning", pending - started, TASK_PROVISIONING);
        within("pending", running - pending, TASK_PENDING);
        call(w, "ecs", "DeleteService", json!({ "cluster": "home", "service": "web", "force": true }));
        pass(w, 600);
        let at = |status: &str| noted(w, 0.0, &of(status));
        within("stopping", at("DEPROVISIONING") - at("STOPPING"), TASK_STOPPING);
        within("deprovisioning", at("STOPPED") - at("DEPROVISIONING"), TASK_DEPROVISIONING);
    }
}

#[test]
fn a_loss_is_noticed_in_its_time() {
    for seed in 0..8 {
        let mut world = stack_of(seed);
        let down = world.now().as_secs_f64();
        crate::simulator::outage::zone_down(&mut world, "eu-west-3b", 900.0);
        pass(&mut world, 61);
        within("loss", noted(&world, down, " is DEPROVISIONING") - down, LOSS_NOTICED);
    }
}
