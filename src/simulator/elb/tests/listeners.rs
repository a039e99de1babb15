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
    let six = vec![json!({ "TargetGroupArn": tasks_arn, "Weight": 1 }); 6];
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
        (
            json!({ "DefaultActions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": six } }] }),
            "TooManyUniqueTargetGroupsPerLoadBalancer",
        ),
        (json!({ "Tags": [{ "Key": "k".repeat(129) }] }), "ValidationError"),
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

/// A listener, and the parameters of a rule of it.
fn ruled(world: &mut World) -> (String, Json) {
    let (_, _, of) = serving(world);
    let fixed = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "200" } }]);
    let conditions = json!([{ "Field": "path-pattern", "Values": ["/a/*"] }]);
    let ask = json!({ "ListenerArn": of, "Priority": 1, "Actions": fixed, "Conditions": conditions });
    (of, ask)
}

#[test]
fn every_kind_of_condition_is_taken_and_checked() {
    let mut world = world();
    let (_, ask) = ruled(&mut world);
    let one = |field: &str, member: &str, config: Json| json!([{ "Field": field, member: config }]);
    let list = |values: &[&str]| json!({ "Values": values });
    for (priority, conditions) in [
        one("host-header", "HostHeaderConfig", list(&["*.example.com", "example.org"])),
        one("path-pattern", "Values", json!(["/api/*"])),
        one("http-header", "HttpHeaderConfig", json!({ "HttpHeaderName": "X-A", "Values": ["1"] })),
        one(
            "query-string",
            "QueryStringConfig",
            json!({ "Values": [{ "Key": "v", "Value": "1" }, { "Value": "x*" }] }),
        ),
        one("source-ip", "SourceIpConfig", list(&["10.0.0.0/8"])),
        one("http-request-method", "HttpRequestMethodConfig", list(&["GET", "HEAD"])),
    ]
    .into_iter()
    .enumerate()
    {
        let ask = with(ask.clone(), json!({ "Priority": priority + 1, "Conditions": conditions }));
        let made = call(&mut world, "CreateRule", ask).unwrap();
        let made = &made["Rules"][0]["Conditions"][0];
        assert!(
            made["Values"].is_null() || made["PathPatternConfig"].is_object() || made["HostHeaderConfig"].is_object()
        );
    }
    let path = json!({ "Field": "path-pattern", "Values": ["/a"] });
    for conditions in [
        one("colour", "Values", json!(["red"])),
        one("host-header", "Values", json!(["example"])),
        one("host-header", "Values", json!([format!("{}.com", "a".repeat(128))])),
        one("path-pattern", "Values", json!(["a b"])),
        one("path-pattern", "Values", json!(["/1", "/2", "/3", "/4", "/5", "/6"])),
        one("path-pattern", "Values", json!(["/*/*/*/*/*/*/*"])),
        one("path-pattern", "Values", json!([])),
        one("http-header", "HttpHeaderConfig", json!({ "HttpHeaderName": "Host", "Values": ["1"] })),
        one("query-string", "QueryStringConfig", json!({ "Values": [{ "Key": "v" }] })),
        one("source-ip", "SourceIpConfig", list(&["10.0.0.1/8"])),
        one("source-ip", "Values", json!(["10.0.0.0/8"])),
        one("http-request-method", "HttpRequestMethodConfig", list(&["get"])),
        json!([{ "Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": { "Values": ["/b"] } }]),
        json!([path, path]),
    ] {
        let ask = with(ask.clone(), json!({ "Priority": 100, "Conditions": conditions }));
        assert_eq!(refused(&mut world, "CreateRule", ask), "ValidationError", "{conditions}");
    }
}

#[test]
fn rules_change_and_change_places() {
    let mut world = world();
    let (of, ask) = ruled(&mut world);
    let mut rule = |priority: i64| {
        let made = call(&mut world, "CreateRule", with(ask.clone(), json!({ "Priority": priority }))).unwrap();
        made["Rules"][0]["RuleArn"].clone()
    };
    let (first, second) = (rule(1), rule(2));
    let places = |one: i64, other: i64| {
        json!({ "RulePriorities": [
        { "RuleArn": first, "Priority": one }, { "RuleArn": second, "Priority": other }] })
    };
    let set = call(&mut world, "SetRulePriorities", places(2, 1)).unwrap();
    assert_eq!((&set["Rules"][0]["Priority"], &set["Rules"][1]["Priority"]), (&json!("2"), &json!("1")));
    assert_eq!(refused(&mut world, "SetRulePriorities", places(3, 3)), "PriorityInUse");
    assert_eq!(refused(&mut world, "SetRulePriorities", places(3, 0)), "ValidationError");
    assert_eq!(refused(&mut world, "SetRulePriorities", json!({})), "ValidationError");
    let conditions = json!([{ "Field": "host-header", "HostHeaderConfig": { "Values": ["a.example"] } }]);
    let changed = call(&mut world, "ModifyRule", json!({ "RuleArn": first, "Conditions": conditions })).unwrap();
    assert_eq!(changed["Rules"][0]["Conditions"][0]["Values"], json!(["a.example"]));
    assert_eq!(changed["Rules"][0]["Actions"], ask["Actions"], "what isn't given stays");
    let other = group(&mut world, with(tasks(), json!({ "Name": "other" })));
    let forward = json!([{ "Type": "forward", "TargetGroupArn": other }]);
    call(&mut world, "ModifyRule", json!({ "RuleArn": first, "Actions": forward })).unwrap();
    assert_eq!(refused(&mut world, "DeleteTargetGroup", json!({ "TargetGroupArn": other })), "ResourceInUse");
    call(&mut world, "ModifyRule", json!({ "RuleArn": first, "Actions": ask["Actions"] })).unwrap();
    call(&mut world, "DeleteTargetGroup", json!({ "TargetGroupArn": other })).unwrap();
    let rules = call(&mut world, "DescribeRules", json!({ "ListenerArn": of })).unwrap();
    let default =
        rules["Rules"].as_array().unwrap().iter().find(|rule| rule["IsDefault"] == true).unwrap()["RuleArn"].clone();
    assert_eq!(refused(&mut world, "ModifyRule", json!({ "RuleArn": default })), "OperationNotPermitted");
    let pairs = json!({ "RulePriorities": [{ "RuleArn": default, "Priority": 5 }] });
    assert_eq!(refused(&mut world, "SetRulePriorities", pairs), "OperationNotPermitted");
    let none = format!("{}0", first.as_str().unwrap());
    assert_eq!(refused(&mut world, "ModifyRule", json!({ "RuleArn": none })), "RuleNotFound");
}

#[test]
fn redirects_and_fixed_responses_are_checked() {
    let mut world = world();
    let (_, ask) = ruled(&mut world);
    let redirect = |member: &str, value: &str| {
        let config =
            with(json!({ "StatusCode": "HTTP_301", "Protocol": "HTTPS", "Port": "443" }), json!({ member: value }));
        json!([{ "Type": "redirect", "RedirectConfig": config }])
    };
    let fixed = |member: &str, value: &str| {
        let config = with(json!({ "StatusCode": "503", "ContentType": "text/plain" }), json!({ member: value }));
        json!([{ "Type": "fixed-response", "FixedResponseConfig": config }])
    };
    let long = "a".repeat(1025);
    for actions in [
        redirect("StatusCode", "301"),
        redirect("Protocol", "FTP"),
        redirect("Port", "0"),
        redirect("Path", "a"),
        fixed("StatusCode", "301"),
        fixed("StatusCode", "4xx"),
        fixed("ContentType", "image/png"),
        fixed("MessageBody", &long),
    ] {
        let ask = with(ask.clone(), json!({ "Actions": actions }));
        assert_eq!(refused(&mut world, "CreateRule", ask), "ValidationError", "{actions}");
    }
    for (priority, actions) in [(1, redirect("Port", "#{port}")), (2, fixed("MessageBody", "closed"))] {
        call(&mut world, "CreateRule", with(ask.clone(), json!({ "Actions": actions, "Priority": priority }))).unwrap();
    }
}
