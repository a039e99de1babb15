//! The ECS service and what is around it, on the simulated AWS within this process: each attribute set at create, changed and
//! taken out where it stands, with nothing else touched; the plan is empty after each step, and after an import.

mod elsewhere;
mod insights;
mod overrides;
mod scaling;
mod stuck;

use serde_json::{Value as Json, json};

use crate::inside::on_paused_clock;
use crate::inside::stage::Stage;

/// The only call that a change of the service needs.
const UPDATE: [&str; 1] = ["ecs:UpdateService"];

#[test]
fn a_rollouts_bounds_and_breaker_are_changed_in_place_without_a_rollout() {
    on_paused_clock(1, async {
        let config = |deployment: Json| Stage::config(json!({ "deployment": deployment }));
        let mut stage = Stage::new();
        let careful = config(json!({ "minimum_healthy_percent": 50, "maximum_percent": 150 }));
        stage.apply(&careful).await;
        let id = stage.service()["deployments"][0]["id"].clone();
        let shown = |stage: &Stage| {
            let configuration = stage.service()["deploymentConfiguration"].take();
            let breaker = &configuration["deploymentCircuitBreaker"];
            let of = |name: &str| configuration[name].clone();
            json!([of("minimumHealthyPercent"), of("maximumPercent"), breaker["enable"], breaker["rollback"]])
        };
        assert_eq!(shown(&stage), json!([50, 150, true, true]));
        assert_eq!(stage.imported(&careful).await, [""; 0]);

        // Old before new: then ECS may not even the zones out.
        let breaker = json!({ "enabled": false });
        let recreate =
            config(json!({ "minimum_healthy_percent": 0, "maximum_percent": 100, "circuit_breaker": breaker }));
        assert_eq!(stage.apply(&recreate).await, UPDATE);
        assert_eq!(shown(&stage), json!([0, 100, false, false]));
        assert_eq!(stage.service()["availabilityZoneRebalancing"], "DISABLED");
        assert_eq!(stage.imported(&recreate).await, [""; 0]);

        assert_eq!(stage.apply(&Stage::config(json!({}))).await, UPDATE);
        assert_eq!(shown(&stage), json!([100, 200, true, true]));
        assert_eq!(stage.service()["availabilityZoneRebalancing"], "ENABLED");
        assert_eq!(stage.service()["deployments"][0]["id"], id, "no rollout");
        stage.destroy().await;
    });
}

#[test]
fn a_redeploy_trigger_rolls_the_same_revision_out_again_and_is_remembered() {
    on_paused_clock(1, async {
        let config = |trigger: &str| Stage::config(json!({ "redeploy_trigger": trigger }));
        let mut stage = Stage::new();
        stage.apply(&Stage::config(json!({}))).await;
        let shown = |stage: &Stage| {
            let service = stage.service();
            let tag = service["tags"].as_array().unwrap().iter().find(|tag| tag["key"] == "fargate:redeploy_trigger");
            let tag = tag.map(|tag| tag["value"].clone());
            (service["deployments"][0]["id"].clone(), service["taskDefinition"].clone(), tag)
        };
        let (first, revision, _) = shown(&stage);
        let calls = ["ecs:UpdateService", "ecs:TagResource"];
        assert_eq!(stage.apply(&config("one")).await, calls);
        let (second, same, tag) = shown(&stage);
        assert!(second != first && same == revision && tag == Some(json!("one")), "{tag:?}");
        assert_eq!(stage.imported(&config("one")).await, [""; 0]);

        // What no tag can hold is known by its hash.
        let odd = config("{\"image\": \"é\"}");
        assert_eq!(stage.apply(&odd).await, calls);
        assert!(shown(&stage).0 != second);
        let third = shown(&stage).0;
        assert_eq!(stage.apply(&Stage::config(json!({}))).await, ["ecs:UntagResource"]);
        assert_eq!(shown(&stage), (third, revision, None), "taking it out rolls nothing out");
        stage.destroy().await;
    });
}

#[test]
fn a_redeployment_that_fails_is_not_remembered() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let config = |trigger: &str, image: &str| Stage::config(json!({ "redeploy_trigger": trigger, "image": image }));
        stage.apply(&config("one", "nginx:1")).await;
        stage.refused(&config("two", "nginx:exits-1-after-5s")).await;
        assert_eq!(stage.state("redeploy_trigger"), json!("one"));
        assert!(stage.apply(&config("two", "nginx:1")).await.contains(&"ecs:TagResource".to_owned()));
        assert_eq!(stage.state("redeploy_trigger"), json!("two"));
        stage.destroy().await;
    });
}

#[test]
fn rolling_to_spot_and_back_is_a_rollout_of_the_same_service() {
    on_paused_clock(1, async {
        let plain = Stage::config(json!({ "desired_count": 4 }));
        let capacity = |capacity: Json| Stage::config(json!({ "desired_count": 4, "capacity": capacity }));
        let mix = capacity(json!({ "fargate": { "base": 1, "weight": 1 }, "fargate_spot": { "weight": 2 } }));
        let mut stage = Stage::new();
        stage.apply(&plain).await;
        assert_eq!(stage.service()["launchType"], "FARGATE");
        let arn = stage.state("service_arn");
        assert_eq!(stage.apply(&mix).await, UPDATE);
        let on = |stage: &Stage, provider: &str| {
            let tasks = stage.call("ecs", "ListTasks", json!({ "cluster": stage.state("cluster_arn") }));
            let ask = json!({ "cluster": stage.state("cluster_arn"), "tasks": tasks["taskArns"] });
            let tasks = stage.call("ecs", "DescribeTasks", ask)["tasks"].take();
            let running = tasks.as_array().unwrap().iter().filter(|task| task["desiredStatus"] == "RUNNING");
            running.filter(|task| task["capacityProviderName"] == provider).count()
        };
        assert_eq!((on(&stage, "FARGATE"), on(&stage, "FARGATE_SPOT")), (2, 2));
        assert_eq!(stage.imported(&mix).await, [""; 0]);

        assert_eq!(stage.apply(&capacity(json!({ "fargate_spot": { "weight": 1 } }))).await, UPDATE);
        assert_eq!(on(&stage, "FARGATE_SPOT"), 4);
        assert_eq!(stage.apply(&plain).await, UPDATE);
        assert_eq!((on(&stage, "FARGATE"), on(&stage, "FARGATE_SPOT")), (4, 0));
        assert_eq!(stage.state("service_arn"), arn);
        assert_eq!(stage.imported(&plain).await, [""; 0]);
        // The same said otherwise is no change.
        assert_eq!(stage.apply(&capacity(json!({ "fargate": { "weight": 1 } }))).await, [""; 0]);
        stage.destroy().await;

        stage.apply(&mix).await;
        assert_eq!(stage.service()["launchType"], Json::Null);
        stage.destroy().await;
    });
}

#[test]
fn container_insights_and_the_logs_key_are_changed_in_place() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let plain = Stage::config(json!({}));
        stage.apply(&plain).await;
        let insights = |stage: &Stage| {
            let ask = json!({ "clusters": [stage.state("cluster_arn")], "include": ["SETTINGS"] });
            stage.call("ecs", "DescribeClusters", ask)["clusters"][0]["settings"][0]["value"].take()
        };
        assert_eq!(insights(&stage), "enabled");
        let more = Stage::config(json!({ "cluster": { "container_insights": "enhanced" } }));
        assert_eq!(stage.apply(&more).await, ["ecs:UpdateClusterSettings"]);
        assert_eq!((insights(&stage), stage.imported(&more).await), (json!("enhanced"), Vec::new()));
        assert_eq!(stage.apply(&plain).await, ["ecs:UpdateClusterSettings"]);

        let key = |id: &str| {
            let arn = format!("arn:aws:kms:eu-west-3:123456789012:key/{id}");
            Stage::config(json!({ "logs": { "kms_key_arn": arn } }))
        };
        assert_eq!(stage.apply(&key("one")).await, ["logs:AssociateKmsKey"]);
        assert_eq!(stage.imported(&key("one")).await, [""; 0]);
        assert_eq!(stage.apply(&key("two")).await, ["logs:AssociateKmsKey"]);
        assert_eq!(stage.apply(&plain).await, ["logs:DisassociateKmsKey"]);
        stage.destroy().await;
        stage.apply(&key("one")).await;
        stage.destroy().await;
    });
}
