//! Listeners and rules.

use super::*;

#[test]
fn one_for_each_port() {
    let mut world = world();
    let (arn, tasks_arn, first) = serving(&mut world);
    assert_eq!(listener(&mut world, port_80(&arn, &tasks_arn)), first);
    let fixed = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]);
    let other = with(port_80(&arn, &tasks_arn), json!({ "DefaultActions": fixed }));
    assert_eq!(refused(&mut world, "CreateListener", other.clone()), "DuplicateListener");
    let second = listener(&mut world, with(other, json!({ "Port": 81 })));
    assert_eq!(
        refused(&mut world, "ModifyListener", json!({ "ListenerArn": second, "Port": 80 })),
        "DuplicateListener"
    );
    let moved = call(&mut world, "ModifyListener", json!({ "ListenerArn": second, "Port": 82 })).unwrap();
    assert_eq!(moved["Listeners"][0]["Port"], 82);
    assert_eq!(moved["Listeners"][0]["DefaultActions"], fixed);
    let page = call(&mut world, "DescribeListeners", json!({ "LoadBalancerArn": arn, "PageSize": 1 })).unwrap();
    let rest = json!({ "LoadBalancerArn": arn, "Marker": page["NextMarker"] });
    let rest = call(&mut world, "DescribeListeners", rest).unwrap();
    assert_eq!(rest["Listeners"].as_array().unwrap().len(), 1);
    assert_eq!(refused(&mut world, "DescribeListeners", json!({})), "ValidationError");
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn })).unwrap();
    for action in ["DeleteListener", "ModifyListener"] {
        assert_eq!(refused(&mut world, action, json!({ "ListenerArn": first })), "ListenerNotFound");
    }
    assert_eq!(refused(&mut world, "DescribeListeners", json!({ "ListenerArns": [first] })), "ListenerNotFound");
    assert_eq!(refused(&mut world, "DescribeListeners", json!({ "LoadBalancerArn": arn })), "LoadBalancerNotFound");
}

#[test]
fn bad_creates_are_refused() {
    let mut world = world();
    let (arn, tasks_arn, _) = serving(&mut world);
    let abroad = group(&mut world, with(tasks(), json!({ "Name": "abroad", "VpcId": "vpc-2" })));
    let second = balancer(&mut world, with(web(), json!({ "Name": "second" })));
    let to = |group: &str| json!([{ "Type": "forward", "TargetGroupArn": group }]);
    for (other, code) in [
        (json!({ "LoadBalancerArn": second }), "TargetGroupAssociationLimit"),
        (json!({ "LoadBalancerArn": format!("{arn}0") }), "LoadBalancerNotFound"),
        (json!({ "Port": "0" }), "ValidationError"),
        (json!({ "Protocol": "TCP" }), "ValidationError"),
        (json!({ "Protocol": "HTTPS" }), "ValidationError"),
        (json!({ "Protocol": "HTTPS", "Certificates": [{ "CertificateArn": "x" }] }), "CertificateNotFound"),
        (json!({ "DefaultActions": [] }), "ValidationError"),
        (json!({ "DefaultActions": [{ "Type": "forward" }] }), "ValidationError"),
        (json!({ "DefaultActions": [{ "Type": "dance" }] }), "InvalidLoadBalancerAction"),
        (json!({ "DefaultActions": [{ "Type": "redirect" }] }), "ValidationError"),
        (json!({ "DefaultActions": ["forward"] }), "ValidationError"),
        (json!({ "DefaultActions": to(&abroad) }), "InvalidConfigurationRequest"),
        (json!({ "DefaultActions": to(&format!("{tasks_arn}0")) }), "TargetGroupNotFound"),
    ] {
        let ask = with(with(port_80(&arn, &tasks_arn), json!({ "Port": 81 })), other.clone());
        assert_eq!(refused(&mut world, "CreateListener", ask), code, "{other}");
    }
    let safe = json!([{ "CertificateArn": "arn:aws:iam::123456789012:server-certificate/1" }]);
    let ask = with(port_80(&arn, &tasks_arn), json!({ "Port": 443, "Protocol": "HTTPS", "Certificates": safe }));
    let odd = with(ask.clone(), json!({ "SslPolicy": "odd" }));
    assert_eq!(refused(&mut world, "CreateListener", odd), "SSLPolicyNotFound");
    let made = call(&mut world, "CreateListener", ask).unwrap();
    assert_eq!(made["Listeners"][0]["SslPolicy"], "ELBSecurityPolicy-2016-08");
    for port in 1000..1048 {
        listener(&mut world, with(port_80(&arn, &tasks_arn), json!({ "Port": port })));
    }
    let more = with(port_80(&arn, &tasks_arn), json!({ "Port": 2000 }));
    assert_eq!(refused(&mut world, "CreateListener", more), "TooManyListeners");
}

#[test]
fn rules_use_groups_too() {
    let mut world = world();
    let (arn, _, of) = serving(&mut world);
    let other = group(&mut world, with(tasks(), json!({ "Name": "other" })));
    let forward = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": other }] } }]);
    let ask = json!({ "ListenerArn": of, "Priority": "5", "Actions": forward,
        "Conditions": [{ "Field": "path-pattern", "Values": ["/a/*"] }] });
    let made = call(&mut world, "CreateRule", ask.clone()).unwrap();
    let rule = made["Rules"][0]["RuleArn"].clone();
    assert_eq!(refused(&mut world, "CreateRule", ask.clone()), "PriorityInUse");
    assert_eq!(refused(&mut world, "CreateRule", with(ask.clone(), json!({ "Priority": 0 }))), "ValidationError");
    assert_eq!(refused(&mut world, "CreateRule", with(ask.clone(), json!({ "Conditions": [] }))), "ValidationError");
    assert_eq!(refused(&mut world, "CreateRule", with(ask.clone(), json!({ "Actions": [] }))), "ValidationError");
    let delete_group = json!({ "TargetGroupArn": other });
    assert_eq!(refused(&mut world, "DeleteTargetGroup", delete_group.clone()), "ResourceInUse");
    let rules = call(&mut world, "DescribeRules", json!({ "ListenerArn": of })).unwrap();
    assert_eq!(rules["Rules"].as_array().unwrap().len(), 2);
    let default = rules["Rules"].as_array().unwrap().iter().find(|rule| rule["IsDefault"] == true).unwrap();
    let delete = json!({ "RuleArn": default["RuleArn"] });
    assert_eq!(refused(&mut world, "DeleteRule", delete), "OperationNotPermitted");
    call(&mut world, "DeleteRule", json!({ "RuleArn": rule })).unwrap();
    assert_eq!(refused(&mut world, "DeleteRule", json!({ "RuleArn": rule })), "RuleNotFound");
    assert_eq!(refused(&mut world, "DescribeRules", json!({ "RuleArns": [rule] })), "RuleNotFound");
    assert_eq!(refused(&mut world, "DescribeRules", json!({})), "ValidationError");
    call(&mut world, "DeleteTargetGroup", delete_group).unwrap();
    let fixed = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } }]);
    for priority in 1..=100 {
        let ask = with(ask.clone(), json!({ "Priority": priority, "Actions": fixed }));
        call(&mut world, "CreateRule", ask).unwrap();
    }
    let more = with(ask, json!({ "Priority": 101, "Actions": fixed }));
    assert_eq!(refused(&mut world, "CreateRule", more), "TooManyRules");
    assert!(arn.contains("/web/"));
}
