//! Tests of the picture: what stands in the world stands in it, where it belongs.

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::ask::Ask;

fn call(world: &mut World, service: &str, action: &str, ask: Json) -> Json {
    world.call(service, action, &Ask(ask)).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
}

fn pass(world: &mut World, seconds: u64) {
    world.advance(world.now() + std::time::Duration::from_secs(seconds));
}

/// A VPC, and in it public subnets in two zones.
fn network(world: &mut World) -> (String, Vec<String>) {
    let tags = json!([{ "ResourceType": "vpc", "Tag": [{ "Key": "Name", "Value": "<b>hello" }] }]);
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let vpc = call(world, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16", "TagSpecification": tags }));
    let vpc = text(&vpc["vpc"]["vpcId"]);
    let gateway = call(world, "ec2", "CreateInternetGateway", json!({}));
    let gateway = text(&gateway["internetGateway"]["internetGatewayId"]);
    call(world, "ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    let tables = call(world, "ec2", "DescribeRouteTables", json!({}));
    let route = json!({
        "RouteTableId": tables["routeTableSet"][0]["routeTableId"],
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": gateway,
    });
    call(world, "ec2", "CreateRoute", route);
    let subnet = |(number, zone)| {
        let ask = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24"), "AvailabilityZone": zone });
        text(&call(world, "ec2", "CreateSubnet", ask)["subnet"]["subnetId"])
    };
    let subnets = [(0, "eu-west-3a"), (1, "eu-west-3b")].map(subnet);
    (vpc, subnets.to_vec())
}

#[test]
fn an_empty_world() {
    let told = picture(&World::new(1, "eu-west-3"));
    assert_eq!(told["world"]["region"], "eu-west-3");
    for list in ["vpcs", "balancers", "groups", "services", "certificates", "records", "last"] {
        assert_eq!(told[list], json!([]), "{list}");
    }
}

#[test]
fn a_network_by_zone_with_what_stands_in_it() {
    let mut world = World::new(1, "eu-west-3");
    let (vpc, subnets) = network(&mut world);
    let address = call(&mut world, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }));
    let nat = json!({ "SubnetId": subnets[0], "AllocationId": address["allocationId"] });
    call(&mut world, "ec2", "CreateNatGateway", nat);
    call(&mut world, "elasticloadbalancing", "CreateLoadBalancer", json!({ "Name": "front", "Subnets": subnets }));
    let told = picture(&world);
    let there = &told["vpcs"][0];
    assert_eq!((&there["id"], &there["name"], &there["state"]), (&json!(vpc), &json!("<b>hello"), &json!("pending")));
    assert!(there["gateway"].as_str().unwrap().starts_with("igw-"));
    let one = &there["zones"][0]["subnets"][0];
    assert_eq!((&there["zones"][0]["name"], &one["way_out"]), (&json!("eu-west-3a"), &json!("internet")));
    assert_eq!((&one["nats"][0]["state"], &one["nats"][0]["ip"]), (&json!("pending"), &address["publicIp"]));
    assert_eq!(one["balancers"], json!([{ "name": "front", "state": "provisioning" }]));
    assert_eq!(there["zones"][1]["subnets"][0]["nats"], json!([]));
    assert_eq!(told["balancers"][0]["listeners"], json!([]));
    pass(&mut world, 600);
    let told = picture(&world);
    assert_eq!(told["vpcs"][0]["zones"][0]["subnets"][0]["nats"][0]["state"], "available");
    assert_eq!(told["balancers"][0]["state"], "active");
}

#[test]
fn calls_newest_first_with_what_was_refused() {
    let mut world = World::new(1, "eu-west-3");
    for number in 0..80 {
        call(&mut world, "sts", "GetCallerIdentity", json!({}));
        pass(&mut world, number);
    }
    let missing = Ask(json!({ "VpcId": "vpc-0123456789abcdef0" }));
    assert!(world.call("ec2", "DeleteVpc", &missing).is_err());
    world.note("nobody called this");
    let told = picture(&world);
    assert_eq!((&told["world"]["calls"], &told["world"]["errors"]), (&json!(81), &json!(1)));
    assert_eq!(told["last"].as_array().unwrap().len(), LAST);
    let newest = json!({
        "seconds": world.now().as_secs_f64(),
        "what": "ec2:DeleteVpc",
        "subject": "vpc-0123456789abcdef0",
        "outcome": "InvalidVpcID.NotFound",
    });
    assert_eq!(told["last"][0], newest);
}

#[test]
fn services_with_their_tasks_and_groups() {
    let mut world = World::new(1, "eu-west-3");
    let (vpc, subnets) = network(&mut world);
    let ask = json!({ "VpcId": vpc, "GroupName": "open", "GroupDescription": "open" });
    let open = call(&mut world, "ec2", "CreateSecurityGroup", ask)["groupId"].clone();
    let all = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    call(&mut world, "ec2", "AuthorizeSecurityGroupIngress", json!({ "GroupId": open, "IpPermissions": all }));
    let ask = json!({ "Name": "front", "Subnets": subnets, "SecurityGroups": [open] });
    let balancer = call(&mut world, "elasticloadbalancing", "CreateLoadBalancer", ask);
    let ask = json!({ "Name": "back", "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip" });
    let group = call(&mut world, "elasticloadbalancing", "CreateTargetGroup", ask);
    let group = &group["TargetGroups"][0]["TargetGroupArn"];
    let ask = json!({
        "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
        "Protocol": "HTTP",
        "Port": 80,
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
    });
    let listener = call(&mut world, "elasticloadbalancing", "CreateListener", ask);
    let ask = json!({
        "ListenerArn": listener["Listeners"][0]["ListenerArn"],
        "Priority": 5,
        "Conditions": [{ "Field": "path-pattern", "Values": ["/old/*"] }],
        "Actions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "410" } }],
    });
    call(&mut world, "elasticloadbalancing", "CreateRule", ask);
    call(&mut world, "ecs", "CreateCluster", json!({ "clusterName": "c" }));
    let container = json!({ "name": "web", "image": "nginx:1", "portMappings": [{ "containerPort": 80 }] });
    let ask = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
        "memory": "512", "containerDefinitions": [container],
    });
    call(&mut world, "ecs", "RegisterTaskDefinition", ask);
    let ask = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": subnets, "securityGroups": [open], "assignPublicIp": "ENABLED" } },
        "loadBalancers": [{ "targetGroupArn": group, "containerName": "web", "containerPort": 80 }],
    });
    pass(&mut world, 60);
    call(&mut world, "ecs", "CreateService", ask);
    let told = picture(&world);
    let listener = &told["balancers"][0]["listeners"][0];
    assert_eq!((&listener["port"], &listener["then"]), (&json!(80), &json!("forward to back")));
    let rule = json!({ "priority": "5", "when": "path-pattern /old/*", "then": "answer 410" });
    assert_eq!(listener["rules"], json!([rule]));
    assert_eq!((&told["groups"][0]["balancer"], &told["groups"][0]["counts"]), (&json!("front"), &json!({})));
    pass(&mut world, 20);
    let tasks = |told: &Json| {
        let zones = told["vpcs"][0]["zones"].as_array().unwrap().clone();
        zones.iter().flat_map(|zone| zone["subnets"][0]["tasks"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    let told = picture(&world);
    assert_eq!((tasks(&told).len(), &tasks(&told)[0]["health"]), (2, &Json::Null));
    let one = &told["services"][0];
    assert_eq!((&one["desired"], &one["running"], &one["pending"]), (&json!(2), &json!(0), &json!(2)));
    pass(&mut world, 900);
    let told = picture(&world);
    let one = &told["services"][0];
    assert_eq!((&one["running"], &one["definition"]), (&json!(2), &json!("web:1")));
    assert!(tasks(&told).iter().all(|task| task["state"] == "RUNNING" && task["ip"].is_string()), "{told}");
    assert_eq!(one["deployments"][0]["status"], "PRIMARY");
    assert!(!one["events"].as_array().unwrap().is_empty());
}
