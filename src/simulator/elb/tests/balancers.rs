//! Load balancers: life, names, placement, attributes, tags.

use super::*;

fn state(world: &mut World, arn: &str) -> String {
    let found = call(world, "DescribeLoadBalancers", json!({ "LoadBalancerArns": [arn] })).unwrap();
    found["LoadBalancers"][0]["State"]["Code"].as_str().unwrap().to_owned()
}

fn interfaces(world: &World) -> &[(String, String, Vec<String>, String)] {
    &world.elb.fake.as_ref().unwrap().interfaces
}

#[test]
fn comes_up_in_minutes_and_its_interfaces_linger() {
    let mut world = world();
    let arn = balancer(&mut world, web());
    assert!(arn.starts_with("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/"));
    assert_eq!(state(&mut world, &arn), "provisioning");
    assert_eq!(interfaces(&world).len(), 2);
    assert_eq!(interfaces(&world)[0].3, format!("ELB {}", arn.split_once("loadbalancer/").unwrap().1));
    pass(&mut world, 89.0);
    assert_eq!(state(&mut world, &arn), "provisioning");
    pass(&mut world, 102.0);
    assert_eq!(state(&mut world, &arn), "active");
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn })).unwrap();
    assert_eq!(refused(&mut world, "DescribeLoadBalancers", json!({ "Names": ["web"] })), "LoadBalancerNotFound");
    assert_eq!(
        refused(&mut world, "DescribeLoadBalancers", json!({ "LoadBalancerArns": [arn] })),
        "LoadBalancerNotFound"
    );
    assert_eq!(interfaces(&world).len(), 2);
    pass(&mut world, 180.0);
    assert!(interfaces(&world).is_empty());
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn })).unwrap();
    assert!(world.log.iter().any(|event| event.what == "load balancer web is active"));
}

#[test]
fn one_deleted_while_it_comes_up_stays_gone() {
    let mut world = world();
    let arn = balancer(&mut world, web());
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn })).unwrap();
    pass(&mut world, 300.0);
    assert_eq!(call(&mut world, "DescribeLoadBalancers", json!({})).unwrap()["LoadBalancers"], json!([]));
}

#[test]
fn equal_settings_give_the_same_one_and_others_are_refused() {
    let mut world = world();
    let arn = balancer(&mut world, web());
    assert_eq!(balancer(&mut world, with(web(), json!({ "Subnets": ["subnet-b", "subnet-a"] }))), arn);
    for other in [
        json!({ "Subnets": ["subnet-a", "subnet-c"] }),
        json!({ "SecurityGroups": ["sg-2"] }),
        json!({ "Scheme": "internal" }),
    ] {
        assert_eq!(refused(&mut world, "CreateLoadBalancer", with(web(), other)), "DuplicateLoadBalancerName");
    }
    assert_eq!(interfaces(&world).len(), 2);
}

#[test]
fn bad_creates_are_refused() {
    let mut world = world();
    for (other, code) in [
        (json!({ "Name": "a".repeat(33) }), "ValidationError"),
        (json!({ "Name": "under_score" }), "ValidationError"),
        (json!({ "Name": "-web" }), "ValidationError"),
        (json!({ "Name": "web-" }), "ValidationError"),
        (json!({ "Name": "internal-web" }), "ValidationError"),
        (json!({ "Name": null }), "ValidationError"),
        (json!({ "Subnets": ["subnet-a"] }), "ValidationError"),
        (json!({ "Subnets": null }), "ValidationError"),
        (json!({ "Subnets": ["subnet-b", "subnet-b2"] }), "InvalidConfigurationRequest"),
        (json!({ "Subnets": ["subnet-a", "subnet-y"] }), "InvalidConfigurationRequest"),
        (json!({ "Subnets": ["subnet-a", "subnet-none"] }), "SubnetNotFound"),
        (json!({ "Subnets": ["subnet-x", "subnet-y"] }), "InvalidSubnet"),
        (json!({ "SecurityGroups": ["sg-none"] }), "InvalidSecurityGroup"),
        (json!({ "Scheme": "odd" }), "InvalidScheme"),
        (json!({ "Type": "network" }), "NotImplemented"),
        (json!({ "Tags": [{ "Key": "a!" }] }), "ValidationError"),
        (json!({ "Tags": [{ "Key": "aws:a" }] }), "ValidationError"),
        (json!({ "Tags": [{ "Key": "a" }, { "Key": "a" }] }), "DuplicateTagKeys"),
    ] {
        assert_eq!(refused(&mut world, "CreateLoadBalancer", with(web(), other.clone())), code, "{other}");
    }
    assert!(interfaces(&world).is_empty());
    let inside = json!({ "Subnets": ["subnet-x", "subnet-y"], "Scheme": "internal", "SecurityGroups": null });
    let made = call(&mut world, "CreateLoadBalancer", with(web(), inside)).unwrap();
    assert!(made["LoadBalancers"][0]["DNSName"].as_str().unwrap().starts_with("internal-web-"));
    assert_eq!(made["LoadBalancers"][0]["SecurityGroups"], json!(["sg-default"]));
}

#[test]
fn there_is_a_quota_and_lists_page() {
    let mut world = world();
    for number in 0..50 {
        balancer(&mut world, with(web(), json!({ "Name": format!("web{number}") })));
    }
    assert_eq!(refused(&mut world, "CreateLoadBalancer", web()), "TooManyLoadBalancers");
    let (mut seen, mut marker) = (0, Json::Null);
    loop {
        let page = call(&mut world, "DescribeLoadBalancers", json!({ "PageSize": "20", "Marker": marker })).unwrap();
        seen += page["LoadBalancers"].as_array().unwrap().len();
        marker = page["NextMarker"].clone();
        if marker.is_null() {
            break;
        }
    }
    assert_eq!(seen, 50);
    assert_eq!(refused(&mut world, "DescribeLoadBalancers", json!({ "PageSize": "401" })), "ValidationError");
    assert_eq!(refused(&mut world, "DescribeLoadBalancers", json!({ "Marker": "x" })), "ValidationError");
    let both = json!({ "Names": ["a"], "LoadBalancerArns": ["b"] });
    assert_eq!(refused(&mut world, "DescribeLoadBalancers", both), "ValidationError");
    assert_eq!(refused(&mut world, "DescribeLoadBalancers", json!({ "LoadBalancerArns": ["b"] })), "ValidationError");
}

#[test]
fn zones_and_groups_change() {
    let mut world = world();
    let arn = balancer(&mut world, web());
    let set = |subnets: Json| json!({ "LoadBalancerArn": arn, "Subnets": subnets });
    let kept = interfaces(&world)[0].0.clone();
    let answer = call(&mut world, "SetSubnets", set(json!(["subnet-c", "subnet-a"]))).unwrap();
    assert_eq!(answer["AvailabilityZones"][1]["SubnetId"], "subnet-c");
    assert_eq!(interfaces(&world).len(), 3);
    pass(&mut world, 180.0);
    assert_eq!(interfaces(&world).len(), 2);
    assert_eq!(interfaces(&world)[0].0, kept);
    assert_eq!(refused(&mut world, "SetSubnets", set(json!(["subnet-a"]))), "ValidationError");
    assert_eq!(refused(&mut world, "SetSubnets", set(json!(["subnet-x", "subnet-y"]))), "InvalidConfigurationRequest");
    assert_eq!(refused(&mut world, "SetSubnets", set(json!(["subnet-a", "none"]))), "SubnetNotFound");
    let groups = |groups: Json| json!({ "LoadBalancerArn": arn, "SecurityGroups": groups });
    let before: Vec<_> = interfaces(&world).iter().map(|interface| interface.0.clone()).collect();
    let answer = call(&mut world, "SetSecurityGroups", groups(json!(["sg-2"]))).unwrap();
    assert!(interfaces(&world).iter().map(|interface| &interface.0).eq(&before), "the interfaces stay");
    assert_eq!(answer["SecurityGroupIds"], json!(["sg-2"]));
    assert!(interfaces(&world).iter().all(|interface| interface.2 == ["sg-2"]) && interfaces(&world).len() == 2);
    assert_eq!(refused(&mut world, "SetSecurityGroups", groups(json!(["sg-none"]))), "InvalidSecurityGroup");
    assert_eq!(refused(&mut world, "SetSecurityGroups", groups(json!([]))), "ValidationError");
    assert_eq!(interfaces(&world).len(), 2);
    call(&mut world, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn })).unwrap();
    assert_eq!(refused(&mut world, "SetSubnets", set(json!(["subnet-a", "subnet-b"]))), "LoadBalancerNotFound");
    assert_eq!(refused(&mut world, "SetSecurityGroups", groups(json!(["sg-1"]))), "LoadBalancerNotFound");
}

#[test]
fn attributes_come_whole_and_protect() {
    let mut world = world();
    let arn = balancer(&mut world, web());
    let there = call(&mut world, "DescribeLoadBalancerAttributes", json!({ "LoadBalancerArn": arn })).unwrap();
    assert_eq!(there["Attributes"].as_array().unwrap().len(), 23);
    let set =
        |key: &str, value: &str| json!({ "LoadBalancerArn": arn, "Attributes": [{ "Key": key, "Value": value }] });
    for (key, value, code) in [
        ("nothing", "1", "ValidationError"),
        ("idle_timeout.timeout_seconds", "0", "ValidationError"),
        ("idle_timeout.timeout_seconds", "many", "ValidationError"),
        ("deletion_protection.enabled", "yes", "ValidationError"),
        ("load_balancing.cross_zone.enabled", "false", "ValidationError"),
        ("access_logs.s3.enabled", "true", "InvalidConfigurationRequest"),
    ] {
        assert_eq!(refused(&mut world, "ModifyLoadBalancerAttributes", set(key, value)), code, "{key}");
    }
    let none = json!({ "LoadBalancerArn": arn, "Attributes": [] });
    assert_eq!(refused(&mut world, "ModifyLoadBalancerAttributes", none), "ValidationError");
    call(&mut world, "ModifyLoadBalancerAttributes", set("deletion_protection.enabled", "true")).unwrap();
    let delete = json!({ "LoadBalancerArn": arn });
    assert_eq!(refused(&mut world, "DeleteLoadBalancer", delete.clone()), "OperationNotPermitted");
    call(&mut world, "ModifyLoadBalancerAttributes", set("deletion_protection.enabled", "false")).unwrap();
    call(&mut world, "DeleteLoadBalancer", delete.clone()).unwrap();
    assert_eq!(refused(&mut world, "DescribeLoadBalancerAttributes", delete), "LoadBalancerNotFound");
}

#[test]
fn tags_come_and_go() {
    let mut world = world();
    let (balancer, group, listener) = serving(&mut world);
    let all = json!([balancer, group, listener]);
    let tags = json!([{ "Key": "a b", "Value": "c" }]);
    call(&mut world, "AddTags", json!({ "ResourceArns": all, "Tags": tags })).unwrap();
    let found = call(&mut world, "DescribeTags", json!({ "ResourceArns": all })).unwrap();
    assert_eq!(found["TagDescriptions"][0]["Tags"].as_array().unwrap().len(), 2);
    assert_eq!(found["TagDescriptions"][2]["Tags"], tags);
    call(&mut world, "RemoveTags", json!({ "ResourceArns": [balancer], "TagKeys": ["a b"] })).unwrap();
    let found = call(&mut world, "DescribeTags", json!({ "ResourceArns": [balancer] })).unwrap();
    assert_eq!(found["TagDescriptions"][0]["Tags"], json!([{ "Key": "owner", "Value": "me" }]));
    let mut many: Vec<Json> = (0..50).map(|number| json!({ "Key": format!("k{number}"), "Value": "" })).collect();
    assert_eq!(refused(&mut world, "AddTags", json!({ "ResourceArns": [balancer], "Tags": &many })), "TooManyTags");
    many.push(json!({ "Key": "more" }));
    let born = with(web(), json!({ "Name": "born", "Tags": many }));
    assert_eq!(refused(&mut world, "CreateLoadBalancer", born), "TooManyTags");
    assert_eq!(refused(&mut world, "AddTags", json!({ "ResourceArns": [balancer] })), "ValidationError");
    let arns = vec![group.clone(); 21];
    assert_eq!(refused(&mut world, "DescribeTags", json!({ "ResourceArns": arns })), "ValidationError");
    assert_eq!(refused(&mut world, "DescribeTags", json!({ "ResourceArns": ["x"] })), "ValidationError");
    for (arn, code) in
        [(&balancer, "LoadBalancerNotFound"), (&group, "TargetGroupNotFound"), (&listener, "ListenerNotFound")]
    {
        assert_eq!(refused(&mut world, "DescribeTags", json!({ "ResourceArns": [format!("{arn}0")] })), code);
    }
}
