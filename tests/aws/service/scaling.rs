//! Autoscaling, and whose the number of tasks is.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::autoscaling;

use crate::inside::on_paused_clock;
use crate::inside::stage::{NAME, Stage};

const PUT: &str = "application-autoscaling:PutScalingPolicy";
const REGISTER: &str = "application-autoscaling:RegisterScalableTarget";
/// Longer than CloudWatch takes to see a load, and too short to scale out twice.
const WHILE: Duration = Duration::from_secs(400);

fn scaled(scaling: Json) -> Json {
    Stage::config(json!({ "autoscaling": scaling }))
}

/// What a load makes of the number of tasks, after a while.
async fn under_load(stage: &Stage, metric: &str, load: f64) -> Json {
    let cluster = stage.state("cluster_name");
    let cluster = cluster.as_str().expect("a cluster");
    autoscaling::set_load(&mut stage.aws.world(), cluster, NAME, metric, Some(load)).expect("a metric of the service");
    tokio::time::sleep(WHILE).await;
    stage.service()["desiredCount"].take()
}

fn shown(stage: &Stage) -> Json {
    let ask = || json!({ "ServiceNamespace": "ecs" });
    let target = stage.call("application-autoscaling", "DescribeScalableTargets", ask())["ScalableTargets"].take();
    let target = target.get(0).cloned().unwrap_or_default();
    let policies = stage.call("application-autoscaling", "DescribeScalingPolicies", ask())["ScalingPolicies"].take();
    let policies: Vec<Json> = policies
        .as_array()
        .into_iter()
        .flatten()
        .map(|policy| {
            let tracking = &policy["TargetTrackingScalingPolicyConfiguration"];
            let metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"].clone();
            json!([metric, tracking["TargetValue"], tracking["ScaleInCooldown"], tracking["ScaleOutCooldown"]])
        })
        .collect();
    json!([target["MinCapacity"], target["MaxCapacity"], policies])
}

#[test]
fn the_count_is_autoscalings_while_that_is_on_and_terraforms_otherwise() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        stage.apply(&Stage::config(json!({ "desired_count": 2 }))).await;
        let on = scaled(json!({ "min_capacity": 1, "max_capacity": 6, "cpu_target": 50 }));
        assert_eq!(stage.apply(&on).await, [REGISTER, PUT]);
        assert_eq!(shown(&stage), json!([1, 6, [["ECSServiceAverageCPUUtilization", 50.0, 300, 300]]]));
        assert_eq!(stage.imported(&on).await, [""; 0]);

        assert_eq!(under_load(&stage, "ECSServiceAverageCPUUtilization", 100.0).await, 4);
        assert_eq!(stage.apply(&on).await, [""; 0], "never planned back");
        assert_eq!(stage.state("desired_count"), 4);
        // What else is changed leaves the count alone too.
        let more = Stage::config(json!({ "autoscaling": on["autoscaling"], "health_check": { "grace_period": 90 } }));
        assert_eq!(stage.apply(&more).await, ["ecs:UpdateService"]);
        assert_eq!(stage.service()["desiredCount"], 4);

        // Off: what runs is kept.
        let off = ["application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget"];
        let plain = Stage::config(json!({ "health_check": { "grace_period": 90 } }));
        assert_eq!(stage.apply(&plain).await, off);
        assert_eq!((stage.service()["desiredCount"].take(), shown(&stage)), (json!(4), json!([null, null, []])));

        // On, and off with a count: that is set once nothing can undo it any more.
        stage.apply(&more).await;
        let count = Stage::config(json!({ "desired_count": 1, "health_check": { "grace_period": 90 } }));
        assert_eq!(stage.apply(&count).await, [off[0], off[1], "ecs:UpdateService"]);
        tokio::time::sleep(WHILE).await;
        assert_eq!(stage.service()["desiredCount"], 1);
        stage.destroy().await;
    });
}

#[test]
fn bounds_targets_and_cooldowns_are_changed_in_place() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let first =
            scaled(json!({ "min_capacity": 3, "max_capacity": 4, "cpu_target": 60, "requests_per_target": 100 }));
        stage.apply(&first).await;
        // It begins within the bounds.
        assert_eq!((stage.state("desired_count"), stage.service()["runningCount"].take()), (json!(3), json!(3)));
        assert_eq!(stage.imported(&first).await, [""; 0]);
        let second = scaled(
            json!({ "min_capacity": 2, "max_capacity": 5, "memory_target": 70, "requests_per_target": 100, "scale_in_cooldown": 60, "scale_out_cooldown": 30 }),
        );
        stage.apply(&second).await;
        let policies =
            json!([["ECSServiceAverageMemoryUtilization", 70.0, 60, 30], ["ALBRequestCountPerTarget", 100.0, 60, 30]]);
        let mut found = shown(&stage);
        found[2].as_array_mut().unwrap().sort_by_key(|policy| policy[1].as_f64().unwrap() as i64);
        assert_eq!(found, json!([2, 5, policies]));
        let wider = scaled(
            json!({ "min_capacity": 2, "max_capacity": 9, "memory_target": 70, "requests_per_target": 100, "scale_in_cooldown": 60, "scale_out_cooldown": 30 }),
        );
        assert_eq!(stage.apply(&wider).await, [REGISTER]);

        // Requests are counted at another load balancer once the service has moved behind it.
        let mut inner = wider.clone();
        inner["load_balancer"] = json!({ "internal": true });
        assert!(stage.apply(&inner).await.contains(&PUT.to_owned()));
        assert_eq!(under_load(&stage, "ALBRequestCountPerTarget", 900.0).await, 9);

        // Somebody widens the bounds: drift, and healed.
        let resource = format!("service/{}/{}", stage.state("cluster_name").as_str().unwrap(), NAME);
        let ask = json!({ "ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": "ecs:service:DesiredCount", "MaxCapacity": 50 });
        stage.call("application-autoscaling", "RegisterScalableTarget", ask);
        assert!(stage.core.open(&inner).await.iter().any(|line| line.starts_with("autoscaling")));
        assert_eq!(stage.apply(&inner).await, [REGISTER]);
        stage.destroy().await;
    });
}

#[test]
fn a_scalable_target_that_somebody_else_has_made_is_not_taken_over() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        stage.apply(&Stage::config(json!({}))).await;
        let resource = format!("service/{}/{}", stage.state("cluster_name").as_str().unwrap(), NAME);
        let ask = json!({ "ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 50 });
        stage.call("application-autoscaling", "RegisterScalableTarget", ask);
        let said = stage.refused(&scaled(json!({ "min_capacity": 1, "max_capacity": 2, "cpu_target": 50 }))).await;
        assert!(format!("{said:?}").contains("somebody else scales it already"), "{said:?}");
        assert_eq!(shown(&stage), json!([1, 50, []]));
    });
}

#[test]
fn a_count_managed_elsewhere_is_told_and_never_planned_back() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let theirs = Stage::config(json!({ "desired_count": 3, "managed_elsewhere": ["desired_count"] }));
        stage.apply(&theirs).await;
        assert_eq!(stage.service()["desiredCount"], 3, "a create begins with it");
        let (cluster, service) = (stage.state("cluster_arn"), stage.state("service_arn"));
        stage.call("ecs", "UpdateService", json!({ "cluster": cluster, "service": service, "desiredCount": 5 }));
        assert_eq!(stage.apply(&theirs).await, [""; 0]);
        assert_eq!(stage.state("desired_count"), 5);
        let mut other = theirs.clone();
        other["image"] = json!("nginx:2");
        assert_eq!(stage.apply(&other).await, ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]);
        assert_eq!(stage.service()["desiredCount"], 5);
        other["managed_elsewhere"] = Json::Null;
        assert_eq!(stage.apply(&other).await, ["ecs:UpdateService"]);
        assert_eq!(stage.service()["desiredCount"], 3);
        stage.destroy().await;
    });
}
