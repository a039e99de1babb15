//! Target groups.

use super::*;
use crate::simulator::elb::group_in_use;

#[test]
fn equal_settings_give_the_same_one_and_others_are_refused() {
    let mut world = world();
    let arn = group(&mut world, tasks());
    assert_eq!(group(&mut world, tasks()), arn);
    for other in [json!({ "Port": 81 }), json!({ "VpcId": "vpc-2" }), json!({ "HealthCheckPath": "/" })] {
        assert_eq!(refused(&mut world, "CreateTargetGroup", with(tasks(), other)), "DuplicateTargetGroupName");
    }
}

#[test]
fn bad_creates_are_refused() {
    let mut world = world();
    for other in [
        json!({ "Name": "a".repeat(33) }),
        json!({ "Name": "-a" }),
        json!({ "Name": "a b" }),
        json!({ "Name": null }),
        json!({ "Port": 0 }),
        json!({ "Protocol": null }),
        json!({ "VpcId": "vpc-none" }),
        json!({ "HealthCheckIntervalSeconds": "4" }),
        json!({ "HealthCheckIntervalSeconds": "often" }),
        json!({ "HealthCheckTimeoutSeconds": 121 }),
        json!({ "HealthCheckTimeoutSeconds": 10 }),
        json!({ "HealthyThresholdCount": 1 }),
        json!({ "UnhealthyThresholdCount": 11 }),
        json!({ "HealthCheckPath": "up" }),
        json!({ "HealthCheckPort": "http" }),
        json!({ "HealthCheckProtocol": "TCP" }),
        json!({ "HealthCheckEnabled": "false" }),
        json!({ "Matcher": { "HttpCode": "200-599" } }),
        json!({ "Matcher": { "HttpCode": "x" } }),
    ] {
        assert_eq!(
            refused(&mut world, "CreateTargetGroup", with(tasks(), other.clone())),
            "ValidationError",
            "{other}"
        );
    }
    for other in
        [json!({ "TargetType": "instance" }), json!({ "Protocol": "TCP" }), json!({ "ProtocolVersion": "GRPC" })]
    {
        assert_eq!(refused(&mut world, "CreateTargetGroup", with(tasks(), other)), "NotImplemented");
    }
}

#[test]
fn describes_modifies_and_is_kept_while_used() {
    let mut world = world();
    let (balancer, arn, listener) = serving(&mut world);
    let other = group(&mut world, with(tasks(), json!({ "Name": "other" })));
    assert_eq!((group_in_use(&world, &arn), group_in_use(&world, &other)), (Some(true), Some(false)));
    assert_eq!(group_in_use(&world, "none"), None);
    let found = call(&mut world, "DescribeTargetGroups", json!({ "LoadBalancerArn": balancer })).unwrap();
    assert_eq!(found["TargetGroups"][0]["TargetGroupName"], "tasks");
    assert_eq!(found["TargetGroups"][0]["LoadBalancerArns"], json!([balancer]));
    let page = call(&mut world, "DescribeTargetGroups", json!({ "PageSize": 1 })).unwrap();
    assert!(page["NextMarker"].is_string());
    assert_eq!(refused(&mut world, "DescribeTargetGroups", json!({ "Names": ["none"] })), "TargetGroupNotFound");
    let both = json!({ "Names": ["tasks"], "TargetGroupArns": [arn] });
    assert_eq!(refused(&mut world, "DescribeTargetGroups", both), "ValidationError");
    let change = json!({ "TargetGroupArn": arn, "HealthCheckPath": "/new", "Matcher": { "HttpCode": "204,301" } });
    let changed = call(&mut world, "ModifyTargetGroup", change).unwrap();
    assert_eq!(changed["TargetGroups"][0]["HealthCheckPath"], "/new");
    assert_eq!(changed["TargetGroups"][0]["HealthCheckIntervalSeconds"], 10);
    let bad = json!({ "TargetGroupArn": arn, "HealthCheckTimeoutSeconds": 30 });
    assert_eq!(refused(&mut world, "ModifyTargetGroup", bad), "ValidationError");
    let delete = json!({ "TargetGroupArn": arn });
    assert_eq!(refused(&mut world, "DeleteTargetGroup", delete.clone()), "ResourceInUse");
    call(&mut world, "DeleteListener", json!({ "ListenerArn": listener })).unwrap();
    call(&mut world, "DeleteTargetGroup", delete.clone()).unwrap();
    call(&mut world, "DeleteTargetGroup", delete.clone()).unwrap();
    assert_eq!(refused(&mut world, "ModifyTargetGroup", delete), "TargetGroupNotFound");
}

#[test]
fn attributes_have_limits() {
    let mut world = world();
    let arn = group(&mut world, tasks());
    let there = call(&mut world, "DescribeTargetGroupAttributes", json!({ "TargetGroupArn": arn })).unwrap();
    let delay = json!({ "Key": "deregistration_delay.timeout_seconds", "Value": "300" });
    assert!(there["Attributes"].as_array().unwrap().contains(&delay));
    let set = |key: &str, value: &str| json!({ "TargetGroupArn": arn, "Attributes": [{ "Key": key, "Value": value }] });
    for (key, value) in
        [("deregistration_delay.timeout_seconds", "3601"), ("slow_start.duration_seconds", "5"), ("x", "")]
    {
        assert_eq!(refused(&mut world, "ModifyTargetGroupAttributes", set(key, value)), "ValidationError");
    }
    call(&mut world, "ModifyTargetGroupAttributes", set("slow_start.duration_seconds", "30")).unwrap();
    let none = json!({ "TargetGroupArn": format!("{arn}0") });
    assert_eq!(refused(&mut world, "DescribeTargetGroupAttributes", none), "TargetGroupNotFound");
}
