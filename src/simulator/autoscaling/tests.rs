//! Drives scaling on a service whose outside is pretended.

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::ecs::tried::{events, look, pass, service_in};

fn call(world: &mut World, action: &str, mut ask: Json) -> Result<Json, String> {
    for (member, value) in
        [("ServiceNamespace", NAMESPACE), ("ScalableDimension", DIMENSION), ("ResourceId", "service/home/web")]
    {
        if ask[member].is_null() {
            ask[member] = value.into();
        }
    }
    world.call("application-autoscaling", action, &Ask(ask)).map_err(|refusal| refusal.code)
}

fn register(world: &mut World, least: i64, most: i64) -> String {
    let ask = json!({ "MinCapacity": least, "MaxCapacity": most, "Tags": { "a": "1" } });
    call(world, "RegisterScalableTarget", ask).unwrap()["ScalableTargetARN"].as_str().unwrap().to_owned()
}

fn cpu(world: &mut World, more: Json) -> Result<Json, String> {
    let mut tracking = json!({ "TargetValue": 50.0,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } });
    for (name, value) in more.as_object().unwrap() {
        tracking[name] = value.clone();
    }
    call(
        world,
        "PutScalingPolicy",
        json!({ "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking }),
    )
}

fn count(world: &mut World) -> i64 {
    look(world)["desiredCount"].as_i64().unwrap()
}

#[test]
fn a_target_needs_a_service_and_bounds() {
    let mut world = service_in();
    let mut refused = |ask: Json| call(&mut world, "RegisterScalableTarget", ask).unwrap_err();
    assert_eq!(refused(json!({ "MinCapacity": 1 })), "ValidationException");
    assert_eq!(refused(json!({ "MinCapacity": 3, "MaxCapacity": 2 })), "ValidationException");
    assert_eq!(refused(json!({ "MinCapacity": -1, "MaxCapacity": 2 })), "ValidationException");
    let other = json!({ "MinCapacity": 1, "MaxCapacity": 2, "ResourceId": "service/home/none" });
    assert_eq!(refused(other.clone()), "ValidationException");
    assert_eq!(refused(json!({ "ServiceNamespace": "rds" })), "NotImplemented");
    assert_eq!(refused(json!({ "ScalableDimension": "x" })), "ValidationException");
    let mut other = other;
    (other["ServiceNamespace"], other["ScalableDimension"]) = (NAMESPACE.into(), DIMENSION.into());
    let told = world.call("application-autoscaling", "RegisterScalableTarget", &Ask(other)).unwrap_err().message;
    assert_eq!(told, "ECS service doesn't exist: service/home/none");
    let arn = register(&mut world, 1, 4);
    assert_eq!(register(&mut world, 2, 4), arn);
    world.advance(world.now() + std::time::Duration::from_secs(60));
    assert!(crate::simulator::iam::linked_role_stands(&world, "ecs.application-autoscaling.amazonaws.com"));
    let tags =
        |world: &mut World| call(world, "ListTagsForResource", json!({ "ResourceARN": arn })).unwrap()["Tags"].clone();
    call(&mut world, "TagResource", json!({ "ResourceARN": arn, "Tags": { "b": "2" } })).unwrap();
    assert_eq!(tags(&mut world), json!({ "a": "1", "b": "2" }));
    call(&mut world, "UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["a"] })).unwrap();
    assert_eq!(tags(&mut world), json!({ "b": "2" }));
    let many: serde_json::Map<String, Json> = (0..50).map(|number| (format!("k{number}"), json!(""))).collect();
    let many = json!({ "ResourceARN": arn, "Tags": many });
    assert_eq!(call(&mut world, "TagResource", many).unwrap_err(), "TooManyTagsException");
    assert_eq!(
        call(&mut world, "ListTagsForResource", json!({ "ResourceARN": "x" })).unwrap_err(),
        "ResourceNotFoundException"
    );
    let found = call(&mut world, "DescribeScalableTargets", json!({ "ResourceIds": ["service/home/web"] })).unwrap();
    assert_eq!(found["ScalableTargets"][0]["MinCapacity"], 2);
    for (ask, code) in [
        (json!({ "MaxResults": 51 }), "ValidationException"),
        (json!({ "NextToken": "x" }), "InvalidNextTokenException"),
    ] {
        assert_eq!(call(&mut world, "DescribeScalableTargets", ask).unwrap_err(), code);
    }
}

#[test]
fn what_is_deregistered_takes_all_with_it() {
    let mut world = service_in();
    assert_eq!(cpu(&mut world, json!({})).unwrap_err(), "ObjectNotFoundException");
    register(&mut world, 1, 4);
    let made = cpu(&mut world, json!({})).unwrap();
    assert!(made["PolicyARN"].as_str().unwrap().ends_with(":resource/ecs/service/home/web:policyName/cpu"));
    let alarm = made["Alarms"][0]["AlarmName"].as_str().unwrap();
    assert!(alarm.starts_with("TargetTracking-service/home/web-AlarmHigh-"), "{alarm}");
    assert_eq!(cpu(&mut world, json!({ "TargetValue": 60.0 })).unwrap(), made, "the same policy");
    let action = json!({ "ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)", "ScalableTargetAction": { "MaxCapacity": 1 } });
    call(&mut world, "PutScheduledAction", action).unwrap();
    call(&mut world, "DeregisterScalableTarget", json!({})).unwrap();
    assert_eq!(call(&mut world, "DeregisterScalableTarget", json!({})).unwrap_err(), "ObjectNotFoundException");
    for (action, list) in [
        ("DescribeScalingPolicies", "ScalingPolicies"),
        ("DescribeScheduledActions", "ScheduledActions"),
        ("DescribeScalableTargets", "ScalableTargets"),
    ] {
        assert_eq!(call(&mut world, action, json!({})).unwrap()[list], json!([]));
    }
}

#[test]
fn policies_are_checked_and_page() {
    let mut world = service_in();
    register(&mut world, 1, 4);
    let metric = |kind: &str| json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": kind } });
    for wrong in [
        json!({ "TargetValue": 0.0 }),
        metric("RDSReaderAverageCPUUtilization"),
        metric("ALBRequestCountPerTarget"),
        json!({ "ScaleInCooldown": -1 }),
    ] {
        assert_eq!(cpu(&mut world, wrong).unwrap_err(), "ValidationException");
    }
    let step = |steps: Json| {
        json!({ "PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {
        "AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps } })
    };
    let overlap = json!([{ "MetricIntervalUpperBound": 5.0, "ScalingAdjustment": 1 }, { "MetricIntervalLowerBound": 4.0, "ScalingAdjustment": 2 }]);
    for wrong in [json!([]), overlap, json!([{}])] {
        assert_eq!(call(&mut world, "PutScalingPolicy", step(wrong)).unwrap_err(), "ValidationException");
    }
    let made = call(
        &mut world,
        "PutScalingPolicy",
        step(json!([{ "MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1 }])),
    )
    .unwrap();
    assert_eq!(made["Alarms"], json!([]));
    cpu(&mut world, json!({})).unwrap();
    let page = call(&mut world, "DescribeScalingPolicies", json!({ "MaxResults": 1 })).unwrap();
    let rest = call(&mut world, "DescribeScalingPolicies", json!({ "NextToken": page["NextToken"] })).unwrap();
    assert_eq!(
        (&page["ScalingPolicies"][0]["PolicyName"], &rest["ScalingPolicies"][0]["PolicyName"]),
        (&json!("cpu"), &json!("steps"))
    );
    assert!(rest["NextToken"].is_null());
    call(&mut world, "DeleteScalingPolicy", json!({ "PolicyName": "cpu" })).unwrap();
    assert_eq!(
        call(&mut world, "DeleteScalingPolicy", json!({ "PolicyName": "cpu" })).unwrap_err(),
        "ObjectNotFoundException"
    );
}

#[test]
fn a_count_outside_of_the_bounds_is_set_inside() {
    let mut world = service_in();
    register(&mut world, 4, 5);
    assert_eq!(count(&mut world), 2);
    pass(&mut world, 25);
    assert_eq!(count(&mut world), 4);
    let activity = call(&mut world, "DescribeScalingActivities", json!({})).unwrap()["ScalingActivities"][0].clone();
    assert_eq!(
        (&activity["Cause"], &activity["StatusCode"]),
        (&json!("minimum capacity was set to 4"), &json!("Successful"))
    );
    assert!(events(&mut world).contains("Successfully set desired count to 4."));
    world
        .call("ecs", "UpdateService", &Ask(json!({ "cluster": "home", "service": "web", "desiredCount": 0 })))
        .unwrap();
    pass(&mut world, 61);
    assert_eq!(count(&mut world), 4, "it scales back");
}

#[test]
fn tracking_scales_out_and_in_with_cooldowns() {
    let mut world = service_in();
    register(&mut world, 1, 10);
    cpu(&mut world, json!({ "ScaleOutCooldown": 300, "ScaleInCooldown": 600 })).unwrap();
    let metric = "ECSServiceAverageCPUUtilization";
    set_load(&mut world, "home", "web", metric, Some(100.0)).unwrap();
    pass(&mut world, 170);
    assert_eq!(count(&mut world), 2);
    pass(&mut world, 15);
    assert_eq!(count(&mut world), 4);
    pass(&mut world, 280);
    assert_eq!(count(&mut world), 4, "the cooldown");
    pass(&mut world, 60);
    assert_eq!(count(&mut world), 8);
    set_load(&mut world, "home", "web", metric, Some(20.0)).unwrap();
    pass(&mut world, 800);
    assert_eq!(count(&mut world), 8);
    pass(&mut world, 120);
    assert_eq!(count(&mut world), 4);
    set_load(&mut world, "home", "web", metric, None).unwrap();
    pass(&mut world, 3600);
    assert_eq!(count(&mut world), 4, "no data, no alarm");
    let cause =
        call(&mut world, "DescribeScalingActivities", json!({})).unwrap()["ScalingActivities"][0]["Cause"].clone();
    assert!(cause.as_str().unwrap().contains("AlarmLow-"), "{cause}");
    cpu(&mut world, json!({ "DisableScaleIn": true })).unwrap();
    set_load(&mut world, "home", "web", metric, Some(1.0)).unwrap();
    pass(&mut world, 3600);
    assert_eq!(count(&mut world), 4);
}

#[test]
fn suspended_targets_stay() {
    let mut world = service_in();
    call(
        &mut world,
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 10,
        "SuspendedState": { "DynamicScalingOutSuspended": true } }),
    )
    .unwrap();
    cpu(&mut world, json!({})).unwrap();
    set_load(&mut world, "home", "web", "ECSServiceAverageCPUUtilization", Some(100.0)).unwrap();
    pass(&mut world, 600);
    assert_eq!(count(&mut world), 2);
}

#[test]
fn scheduled_actions_come_due() {
    let mut world = service_in();
    register(&mut world, 1, 10);
    let put = |world: &mut World, schedule: &str, least: i64| {
        let action = json!({ "MinCapacity": least });
        call(
            world,
            "PutScheduledAction",
            json!({ "ScheduledActionName": "s", "Schedule": schedule, "ScalableTargetAction": action }),
        )
    };
    for wrong in ["", "at(2026-13-01T00:00:00)", "rate(0 minutes)", "rate(5 weeks)", "cron(1 2)", "every day"] {
        assert_eq!(put(&mut world, wrong, 3).unwrap_err(), "ValidationException", "{wrong}");
    }
    put(&mut world, "at(2026-01-01T01:00:00)", 3).unwrap();
    pass(&mut world, 3000);
    assert_eq!(count(&mut world), 2);
    pass(&mut world, 700);
    assert_eq!(count(&mut world), 3);
    put(&mut world, "rate(1 hour)", 5).unwrap();
    pass(&mut world, 3700);
    assert_eq!(count(&mut world), 5);
    let there = call(&mut world, "DescribeScheduledActions", json!({})).unwrap()["ScheduledActions"].clone();
    assert_eq!((there.as_array().unwrap().len(), &there[0]["Schedule"]), (1, &json!("rate(1 hour)")));
    call(&mut world, "DeleteScheduledAction", json!({ "ScheduledActionName": "s" })).unwrap();
    assert_eq!(
        call(&mut world, "DeleteScheduledAction", json!({ "ScheduledActionName": "s" })).unwrap_err(),
        "ObjectNotFoundException"
    );
}

#[test]
fn a_deleted_service_takes_its_target_along() {
    let mut world = service_in();
    register(&mut world, 1, 10);
    world.call("ecs", "DeleteService", &Ask(json!({ "cluster": "home", "service": "web", "force": true }))).unwrap();
    let targets = |world: &mut World| {
        call(world, "DescribeScalableTargets", json!({})).unwrap()["ScalableTargets"].as_array().unwrap().len()
    };
    assert_eq!(targets(&mut world), 1);
    pass(&mut world, 300);
    assert_eq!((targets(&mut world), look(&mut world)["status"].as_str()), (0, Some("INACTIVE")));
}

#[test]
fn what_scaling_does_not_take_is_refused() {
    let mut world = service_in();
    let w = &mut world;
    register(w, 1, 4);
    assert_eq!(
        call(w, "RegisterScalableTarget", json!({ "ResourceId": "home/web", "MinCapacity": 1 })).unwrap_err(),
        "ValidationException"
    );
    let reserved = json!({ "MinCapacity": 1, "MaxCapacity": 4, "Tags": { "aws:x": "" } });
    assert_eq!(call(w, "RegisterScalableTarget", reserved).unwrap_err(), "ValidationException");
    let metric = json!({ "PredefinedMetricType": "ECSServiceAverageCPUUtilization", "ResourceLabel": "x" });
    assert_eq!(cpu(w, json!({ "PredefinedMetricSpecification": metric })).unwrap_err(), "ValidationException");
    assert_eq!(cpu(w, json!({ "CustomizedMetricSpecification": {} })).unwrap_err(), "NotImplemented");
    let steps = json!({ "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{ "ScalingAdjustment": 1 }] });
    let policy = |name: &str, kind: &str, steps: &Json| json!({ "PolicyName": name, "PolicyType": kind, "StepScalingPolicyConfiguration": steps });
    let mut odd = steps.clone();
    odd["AdjustmentType"] = "Odd".into();
    cpu(w, json!({})).unwrap();
    for (ask, expected) in [
        (policy("p", "PredictiveScaling", &steps), "NotImplemented"),
        (policy("p", "OddScaling", &steps), "ValidationException"),
        (policy("p", "StepScaling", &Json::Null), "ValidationException"),
        (policy("p", "StepScaling", &odd), "ValidationException"),
        (policy("cpu", "StepScaling", &steps), "ValidationException"),
        (policy("", "StepScaling", &steps), "ValidationException"),
        (policy(&"p".repeat(257), "StepScaling", &steps), "ValidationException"),
        (policy("p\u{7}", "StepScaling", &steps), "ValidationException"),
        (json!({ "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": steps }), "ValidationException"),
    ] {
        assert_eq!(call(w, "PutScalingPolicy", ask.clone()).unwrap_err(), expected, "{ask}");
    }
    let at_night = |name: &str, schedule: &str, bounds: Json| json!({ "ScheduledActionName": name, "Schedule": schedule, "ScalableTargetAction": bounds });
    let night = "cron(0 22 * * ? *)";
    let mut unplanned = at_night("night", night, json!({ "MinCapacity": 1 }));
    unplanned["Schedule"] = Json::Null;
    for ask in [
        unplanned,
        at_night("night", "soon", json!({ "MinCapacity": 1 })),
        at_night("night", night, json!({})),
        at_night("night", night, json!({ "MinCapacity": 2, "MaxCapacity": 1 })),
        at_night("a:b", night, json!({ "MinCapacity": 1 })),
    ] {
        assert_eq!(call(w, "PutScheduledAction", ask.clone()).unwrap_err(), "ValidationException", "{ask}");
    }
    // Service quotas: 50 policies and 200 scheduled actions for a target.
    for number in 1..50 {
        call(w, "PutScalingPolicy", policy(&format!("p{number}"), "StepScaling", &steps)).unwrap();
    }
    assert_eq!(
        call(w, "PutScalingPolicy", policy("more", "StepScaling", &steps)).unwrap_err(),
        "LimitExceededException"
    );
    let bounds = json!({ "MaxCapacity": 3 });
    for number in 0..200 {
        call(w, "PutScheduledAction", at_night(&format!("a{number}"), night, bounds.clone())).unwrap();
    }
    assert_eq!(call(w, "PutScheduledAction", at_night("more", night, bounds)).unwrap_err(), "LimitExceededException");
}

/// A service behind a real load balancer, tracked by its requests; loads come as people send them.
#[test]
fn requests_for_each_target_are_tracked() {
    use crate::simulator::journal::{Deed, Load};
    let mut world = crate::simulator::outage::tests::stack();
    let w = &mut world;
    register(w, 2, 5);
    let elb = "elasticloadbalancing";
    let of = |world: &mut World, action: &str, pointer: &str, kind: &str| {
        let found = world.call(elb, action, &Ask(json!({}))).unwrap();
        let arn = found.pointer(pointer).and_then(Json::as_str).unwrap().to_owned();
        arn.split_once(kind).unwrap().1.to_owned()
    };
    let balancer = of(w, "DescribeLoadBalancers", "/LoadBalancers/0/LoadBalancerArn", ":loadbalancer/");
    let group = of(w, "DescribeTargetGroups", "/TargetGroups/0/TargetGroupArn", ":targetgroup/");
    let policy = |label: &str| {
        let metric = json!({ "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label });
        json!({ "PolicyName": "requests", "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": { "TargetValue": 100.0, "PredefinedMetricSpecification": metric } })
    };
    for label in ["", "app/web/0/targetgroup/web/0", &format!("{balancer}/{group}")] {
        assert_eq!(call(w, "PutScalingPolicy", policy(label)).unwrap_err(), "ValidationException", "{label}");
    }
    call(w, "PutScalingPolicy", policy(&format!("{balancer}/targetgroup/{group}"))).unwrap();
    let load = |metric: &str, value: f64| {
        let (cluster, service) = ("home".to_owned(), "web".to_owned());
        Deed::Load(Load { cluster, service, metric: metric.to_owned(), value: Some(value) })
    };
    load("ALBRequestCountPerTarget", 900.0).carry_out(w).unwrap();
    pass(w, 600);
    let found = w.call("ecs", "DescribeServices", &Ask(json!({ "cluster": "home", "services": ["web"] }))).unwrap();
    assert_eq!(found["services"][0]["desiredCount"], 5, "no more than the target allows");
    for wrong in
        [load("Requests", 1.0), load("ALBRequestCountPerTarget", -1.0), load("ALBRequestCountPerTarget", f64::NAN)]
    {
        assert!(wrong.carry_out(w).is_err());
    }
}
