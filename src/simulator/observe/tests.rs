//! What stands, told for a whole stack.

use serde_json::json;

use super::*;
use crate::simulator::ask::Ask;
use crate::simulator::outage::tests::{call, pass, stack};

#[test]
fn an_empty_world_is_empty() {
    assert_eq!(is_empty(&World::new(1, "eu-west-3")), Vec::<String>::new());
}

#[test]
fn every_kind_is_told_and_what_fades_is_not() {
    let mut world = stack();
    let role = json!({ "RoleName": "r", "AssumeRolePolicyDocument": json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }] }).to_string() });
    call(&mut world, "iam", "CreateRole", role);
    call(&mut world, "logs", "CreateLogGroup", json!({ "logGroupName": "/web" }));
    call(&mut world, "ssm", "PutParameter", json!({ "Name": "/p", "Value": "v", "Type": "String" }));
    let mut kinds: Vec<_> = standing(&world).iter().map(|one| one.kind).collect();
    kinds.dedup();
    kinds.sort_unstable();
    let all = [
        "ec2 address",
        "ec2 internet gateway",
        "ec2 nat gateway",
        "ec2 network interface",
        "ec2 route table",
        "ec2 security group",
        "ec2 security group rule",
        "ec2 subnet",
        "ec2 vpc",
        "ecs cluster",
        "ecs service",
        "ecs task",
        "ecs task definition",
        "elb listener",
        "elb load balancer",
        "elb target group",
        "iam role",
        "logs group",
        "ssm parameter",
    ];
    assert_eq!(kinds, all);
    call(&mut world, "ecs", "DeleteService", json!({ "cluster": "home", "service": "web", "force": true }));
    pass(&mut world, 900);
    call(&mut world, "ecs", "DeregisterTaskDefinition", json!({ "taskDefinition": "web:1" }));
    call(&mut world, "ecs", "DeleteCluster", json!({ "cluster": "home" }));
    pass(&mut world, 30);
    assert!(!is_empty(&world).iter().any(|one| one.starts_with("ecs ")), "{:?}", is_empty(&world));
    let nat = call(&mut world, "ec2", "DescribeNatGateways", json!({}))["natGatewaySet"][0]["natGatewayId"].clone();
    call(&mut world, "ec2", "DeleteNatGateway", json!({ "NatGatewayId": nat }));
    assert!(is_empty(&world).iter().any(|one| one.starts_with("ec2 nat")));
    pass(&mut world, 100);
    assert!(!is_empty(&world).iter().any(|one| one.starts_with("ec2 nat")));
}

#[test]
fn two_worlds_of_the_same_stack_are_equal_whatever_their_ids() {
    let (one, mut other) = (stack(), stack());
    let ids = |world: &World| standing(world).into_iter().map(|one| one.id).collect::<Vec<_>>();
    call(&mut other, "ec2", "DescribeVpcs", json!({}));
    let second = crate::simulator::outage::tests::stack_of(99);
    assert_ne!(ids(&one), ids(&second));
    let (one, second) = (objects(&one), objects(&second));
    assert_eq!(one, second);
    assert!(one.contains_key("elb listener 80 of <elb load balancer web>"), "{:?}", one.keys());
    let vpc = call(&mut other, "ec2", "DescribeVpcs", json!({}))["vpcSet"][0]["vpcId"].clone();
    call(&mut other, "ec2", "CreateSecurityGroup", json!({ "VpcId": vpc, "GroupName": "b", "GroupDescription": "b" }));
    assert_ne!(one, objects(&other));
}

#[test]
fn twins_have_the_same_tags() {
    let mut world = World::new(1, "eu-west-3");
    for node in ["a", "b", "a"] {
        let tags = json!([{ "Key": "stack", "Value": "s" }, { "Key": "node", "Value": node }]);
        let tags = json!([{ "ResourceType": "vpc", "Tag": tags }]);
        world.call("ec2", "CreateVpc", &Ask(json!({ "CidrBlock": "10.0.0.0/16", "TagSpecification": tags }))).unwrap();
    }
    assert_eq!(twins(&world, &["stack", "node"]).len(), 1);
    assert!(twins(&world, &["stack", "node"])[0].starts_with("ec2 vpc s a: vpc-"));
    assert_eq!(twins(&world, &["stack", "none"]), Vec::<String>::new());
}

#[test]
fn a_door_answers_while_somebody_healthy_is_behind_it_or_behind_where_it_leads() {
    let mut world = stack();
    let answers = |world: &World| doors(world).iter().map(|door| (door.port, door.answers)).collect::<Vec<_>>();
    assert_eq!(answers(&world), [(80, true)]);
    let elb = "elasticloadbalancing";
    let balancer = doors(&world)[0].balancer.clone();
    let listeners = call(&mut world, elb, "DescribeListeners", json!({ "LoadBalancerArn": balancer }));
    let listener = &listeners["Listeners"][0];
    let to = json!([{ "Type": "redirect", "RedirectConfig": { "Port": "8080", "StatusCode": "HTTP_301" } }]);
    call(&mut world, elb, "ModifyListener", json!({ "ListenerArn": listener["ListenerArn"], "DefaultActions": to }));
    assert_eq!(answers(&world), [(80, false)], "it leads nowhere");
    let other = json!({
        "LoadBalancerArn": listener["LoadBalancerArn"], "Port": 8080, "Protocol": "HTTP",
        "DefaultActions": listener["DefaultActions"],
    });
    call(&mut world, elb, "CreateListener", other);
    // The new listener's targets are checked anew.
    pass(&mut world, 60);
    let mut seen = answers(&world);
    seen.sort_unstable();
    assert_eq!(seen, [(80, true), (8080, true)]);
    let groups = call(&mut world, "ec2", "DescribeSecurityGroups", json!({}))["securityGroupInfo"].take();
    let group = groups.as_array().into_iter().flatten().find(|group| group["groupName"] == "all").unwrap();
    let open = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let ask = json!({ "GroupId": group["groupId"], "IpPermissions": open });
    call(&mut world, "ec2", "RevokeSecurityGroupIngress", ask);
    assert!(doors(&world).iter().all(|door| !door.answers), "nobody is let in");
}
