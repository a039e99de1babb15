//! Targets and their health over time.

use super::*;
use crate::simulator::elb::{deregister_target, groups_in_front, register_target, target_state};

const IP: &str = "10.0.0.5";

fn health(world: &mut World, group: &str) -> Json {
    let found = call(world, "DescribeTargetHealth", json!({ "TargetGroupArn": group })).unwrap();
    found["TargetHealthDescriptions"][0]["TargetHealth"].clone()
}

fn reason(world: &mut World, group: &str) -> String {
    health(world, group)["Reason"].as_str().unwrap_or("none").to_owned()
}

/// With an active load balancer.
fn active() -> (World, String, String, String) {
    let mut world = world();
    let (balancer, group, listener) = serving(&mut world);
    pass(&mut world, 200.0);
    (world, balancer, group, listener)
}

#[test]
fn healthy_once_it_answered_often_enough() {
    let (mut world, _, group, _) = active();
    register_target(&mut world, &group, IP, 8080, Some(5.0));
    assert_eq!(reason(&mut world, &group), "Elb.InitialHealthChecking");
    pass(&mut world, 24.9);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("initial"));
    pass(&mut world, 0.2);
    assert_eq!(health(&mut world, &group), json!({ "State": "healthy" }));
    assert_eq!(groups_in_front(&world, &group), ["sg-1"]);
    assert!(world.log.iter().any(|event| event.what == "target 10.0.0.5:8080 of tasks is healthy"));
}

#[test]
fn unhealthy_while_it_does_not_answer() {
    let (mut world, _, group, _) = active();
    register_target(&mut world, &group, IP, 8080, Some(60.0));
    register_target(&mut world, &group, "10.0.0.6", 8080, None);
    pass(&mut world, 29.9);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("initial"));
    pass(&mut world, 0.2);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("unhealthy"));
    assert_eq!(reason(&mut world, &group), "Target.Timeout");
    pass(&mut world, 50.0);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("healthy"));
    pass(&mut world, 1000.0);
    assert_eq!(target_state(&world, &group, "10.0.0.6", 8080), Some("unhealthy"));
}

#[test]
fn a_changed_check_judges_anew() {
    let (mut world, _, group, _) = active();
    register_target(&mut world, &group, IP, 8080, Some(0.0));
    pass(&mut world, 20.0);
    let change = |code: &str| json!({ "TargetGroupArn": group, "Matcher": { "HttpCode": code } });
    call(&mut world, "ModifyTargetGroup", change("299")).unwrap();
    pass(&mut world, 30.0);
    assert_eq!(reason(&mut world, &group), "Target.ResponseCodeMismatch");
    call(&mut world, "ModifyTargetGroup", change("200")).unwrap();
    pass(&mut world, 20.0);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("healthy"));
    call(&mut world, "ModifyTargetGroup", json!({ "TargetGroupArn": group, "HealthCheckPort": "9" })).unwrap();
    pass(&mut world, 30.0);
    assert_eq!(reason(&mut world, &group), "Target.Timeout");
}

#[test]
fn checked_only_by_a_load_balancer_that_is_active() {
    let mut world = world();
    let group = group(&mut world, tasks());
    register_target(&mut world, &group, IP, 8080, Some(0.0));
    assert_eq!(reason(&mut world, &group), "Target.NotInUse");
    let balancer = balancer(&mut world, web());
    let listener = listener(&mut world, port_80(&balancer, &group));
    assert_eq!(reason(&mut world, &group), "Elb.RegistrationInProgress");
    pass(&mut world, 190.0 + 20.0);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("healthy"));
    call(&mut world, "DeleteListener", json!({ "ListenerArn": listener })).unwrap();
    assert_eq!(target_state(&world, &group, IP, 8080), Some("unused"));
}

#[test]
fn a_zone_that_is_not_served_is_not_in_use() {
    let (mut world, balancer, group, _) = active();
    register_target(&mut world, &group, "10.0.2.5", 8080, Some(0.0));
    assert_eq!(reason(&mut world, &group), "Target.NotInUse");
    let set = |subnets: Json| json!({ "LoadBalancerArn": balancer, "Subnets": subnets });
    call(&mut world, "SetSubnets", set(json!(["subnet-a", "subnet-b", "subnet-c"]))).unwrap();
    pass(&mut world, 20.0);
    assert_eq!(target_state(&world, &group, "10.0.2.5", 8080), Some("healthy"));
    call(&mut world, "SetSubnets", set(json!(["subnet-a", "subnet-b"]))).unwrap();
    assert_eq!(target_state(&world, &group, "10.0.2.5", 8080), Some("unused"));
}

#[test]
fn drains_for_the_delay_then_is_gone() {
    let (mut world, balancer, group, _) = active();
    register_target(&mut world, &group, IP, 8080, Some(0.0));
    pass(&mut world, 30.0);
    deregister_target(&mut world, &group, IP, 8080);
    assert_eq!(reason(&mut world, &group), "Target.DeregistrationInProgress");
    pass(&mut world, 299.0);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("draining"));
    pass(&mut world, 1.0);
    assert_eq!(target_state(&world, &group, IP, 8080), None);
    register_target(&mut world, &group, IP, 8080, Some(0.0));
    deregister_target(&mut world, &group, IP, 8080);
    register_target(&mut world, &group, IP, 8080, Some(0.0));
    assert_eq!(target_state(&world, &group, IP, 8080), Some("initial"));
    pass(&mut world, 400.0);
    assert_eq!(target_state(&world, &group, IP, 8080), Some("healthy"));
    let delay = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "0" }]);
    let set = json!({ "TargetGroupArn": group, "Attributes": delay });
    call(&mut world, "ModifyTargetGroupAttributes", set).unwrap();
    deregister_target(&mut world, &group, IP, 8080);
    assert_eq!(target_state(&world, &group, IP, 8080), None);
    register_target(&mut world, &group, IP, 8080, Some(0.0));
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer })).unwrap();
    assert_eq!(target_state(&world, &group, IP, 8080), Some("unused"));
    register_target(&mut world, "none", IP, 8080, Some(f64::INFINITY));
    deregister_target(&mut world, "none", IP, 8080);
}

#[test]
fn by_hand() {
    let (mut world, _, group, _) = active();
    let ask = |targets: Json| json!({ "TargetGroupArn": group, "Targets": targets });
    call(&mut world, "RegisterTargets", ask(json!([{ "Id": IP, "Port": "81" }, { "Id": IP }]))).unwrap();
    assert_eq!(target_state(&world, &group, IP, 80), Some("initial"));
    let found = call(&mut world, "DescribeTargetHealth", ask(json!([{ "Id": "10.9.9.9" }]))).unwrap();
    assert_eq!(found["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"], "Target.NotRegistered");
    call(&mut world, "DeregisterTargets", ask(json!([{ "Id": IP }, { "Id": "10.9.9.9" }]))).unwrap();
    assert_eq!(target_state(&world, &group, IP, 80), Some("draining"));
    assert_eq!(refused(&mut world, "RegisterTargets", ask(json!([{ "Id": "8.8.8.8" }]))), "InvalidTarget");
    assert_eq!(refused(&mut world, "RegisterTargets", ask(json!([{ "Id": "host" }]))), "ValidationError");
    assert_eq!(refused(&mut world, "RegisterTargets", ask(json!([{ "Id": IP, "Port": 0 }]))), "ValidationError");
    assert_eq!(refused(&mut world, "RegisterTargets", ask(json!([]))), "ValidationError");
    let many: Json = (1..=1000).map(|port| json!({ "Id": IP, "Port": port })).collect();
    assert_eq!(refused(&mut world, "RegisterTargets", ask(many)), "TooManyTargets");
    let none = json!({ "TargetGroupArn": format!("{group}0") });
    for action in ["RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"] {
        assert_eq!(refused(&mut world, action, none.clone()), "TargetGroupNotFound");
    }
}

/// Each call by an ARN of nobody, and by what is no ARN.
#[test]
fn what_is_not_there_is_told_by_its_kind() {
    let mut world = world();
    let (balancer, group, listener) = serving(&mut world);
    let rule = listener.replace(":listener/", ":listener-rule/");
    for (member, arn, code, actions) in [
        (
            "LoadBalancerArn",
            &balancer,
            "LoadBalancerNotFound",
            &["DescribeLoadBalancerAttributes", "ModifyLoadBalancerAttributes", "SetSecurityGroups", "SetSubnets"][..],
        ),
        (
            "TargetGroupArn",
            &group,
            "TargetGroupNotFound",
            &[
                "DeregisterTargets",
                "DescribeTargetGroupAttributes",
                "DescribeTargetHealth",
                "ModifyTargetGroup",
                "ModifyTargetGroupAttributes",
                "RegisterTargets",
            ],
        ),
        (
            "ListenerArn",
            &listener,
            "ListenerNotFound",
            &["CreateRule", "DescribeListenerCertificates", "DescribeRules", "ModifyListener"],
        ),
        ("RuleArn", &rule, "RuleNotFound", &["DeleteRule", "ModifyRule"]),
    ] {
        for action in actions {
            let ask = json!({ member: format!("{arn}0"), "Targets": [{ "Id": "10.0.0.5" }] });
            assert_eq!(refused(&mut world, action, ask), code, "{action}");
            assert_eq!(refused(&mut world, action, json!({ member: "x" })), "ValidationError", "{action}");
        }
    }
    for action in ["AddListenerCertificates", "RemoveListenerCertificates"] {
        let certificate = "arn:aws:iam::123456789012:server-certificate/1";
        let ask = json!({ "ListenerArn": format!("{listener}0"), "Certificates": [{ "CertificateArn": certificate }] });
        assert_eq!(refused(&mut world, action, ask), "ListenerNotFound", "{action}");
    }
    for (arn, code) in [("x".to_owned(), "ValidationError"), (format!("{balancer}0"), "LoadBalancerNotFound")] {
        assert_eq!(refused(&mut world, "DescribeTags", json!({ "ResourceArns": [arn] })), code);
    }
}
