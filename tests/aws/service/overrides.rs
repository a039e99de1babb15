//! `service_overrides` on the simulated AWS: what a patch sets, changes and gives back, how what others set is told, and what
//! AWS takes no notice of.

use serde_json::{Value as Json, json};

use super::UPDATE;
use crate::inside::on_paused_clock;
use crate::inside::stage::Stage;

fn config(patch: &Json) -> Json {
    Stage::config(json!({ "service_overrides": patch.to_string() }))
}

/// The members of the service that a patch can set, with those of its deployment.
fn shown(stage: &Stage) -> Json {
    let service = stage.service();
    let configuration = &service["deploymentConfiguration"];
    json!({
        "availabilityZoneRebalancing": service["availabilityZoneRebalancing"],
        "deploymentConfiguration": {
            "alarms": configuration["alarms"],
            "bakeTimeInMinutes": configuration["bakeTimeInMinutes"],
            "earlySuccessCriteria": configuration["earlySuccessCriteria"],
        },
        "enableECSManagedTags": service["enableECSManagedTags"],
        "platformVersion": service["platformVersion"],
        "propagateTags": service["propagateTags"],
        "serviceConnectConfiguration": service["deployments"][0]["serviceConnectConfiguration"],
        "serviceRegistries": service["serviceRegistries"],
    })
}

fn everything() -> Json {
    let registry = "arn:aws:servicediscovery:eu-west-3:123456789012:service/srv-1";
    json!({
        "availabilityZoneRebalancing": "DISABLED",
        "deploymentConfiguration": {
            "alarms": { "alarmNames": ["errors"], "enable": true, "rollback": true },
            "bakeTimeInMinutes": 5,
            "earlySuccessCriteria": { "enable": true, "healthyPercent": 100, "sourceServiceRevisionCleanup": "DEFERRED" },
        },
        "enableECSManagedTags": false,
        "platformVersion": "1.4.0",
        "propagateTags": "TASK_DEFINITION",
        "serviceConnectConfiguration": { "enabled": true, "namespace": "shop" },
        "serviceRegistries": [{ "registryArn": registry }],
    })
}

#[test]
fn a_patch_is_created_imported_changed_and_given_back() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        stage.apply(&config(&everything())).await;
        assert_eq!(shown(&stage), everything());
        assert_eq!(stage.imported(&config(&everything())).await, [""; 0]);

        let begun = stage.service()["deployments"][0]["id"].clone();
        let mut fewer = everything();
        fewer["deploymentConfiguration"] = json!({ "bakeTimeInMinutes": 1 });
        fewer["propagateTags"] = "NONE".into();
        assert_eq!(stage.apply(&config(&fewer)).await, UPDATE);
        let alarms = shown(&stage)["deploymentConfiguration"]["alarms"].take();
        assert_eq!(alarms, json!({ "alarmNames": [], "enable": false, "rollback": false }));
        assert_eq!(shown(&stage)["propagateTags"], "NONE");
        assert_eq!(stage.service()["deployments"][0]["id"], begun, "no rollout");
        assert_eq!(stage.imported(&config(&fewer)).await, [""; 0]);

        assert_eq!(stage.apply(&Stage::config(json!({}))).await, UPDATE);
        let usual = shown(&stage);
        assert_eq!(usual["availabilityZoneRebalancing"], "ENABLED");
        assert_eq!(usual["deploymentConfiguration"]["earlySuccessCriteria"], json!({ "enable": false }));
        assert_eq!(usual["deploymentConfiguration"]["bakeTimeInMinutes"], 0);
        assert_eq!(usual["enableECSManagedTags"], true);
        assert_eq!(usual["platformVersion"], "LATEST");
        assert_eq!(usual["propagateTags"], "SERVICE");
        assert_eq!(usual["serviceConnectConfiguration"], json!({ "enabled": false }));
        assert_eq!(usual["serviceRegistries"], json!([]));
        assert_eq!(stage.imported(&Stage::config(json!({}))).await, [""; 0]);
        stage.destroy().await;
    });
}

#[test]
fn a_spelling_is_no_change_and_saying_the_usual_is_none() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        stage.apply(&Stage::config(json!({}))).await;
        let usual = r#"{ "serviceRegistries": [], "platformVersion": "LATEST" }"#;
        assert_eq!(stage.apply(&Stage::config(json!({ "service_overrides": usual }))).await, [""; 0]);
        stage.apply(&config(&json!({ "platformVersion": "1.4.0", "propagateTags": "NONE" }))).await;
        let spelled = r#"{ "propagateTags": "NONE",  "platformVersion": "1.4.0" }"#;
        assert_eq!(stage.apply(&Stage::config(json!({ "service_overrides": spelled }))).await, [""; 0]);
        stage.destroy().await;
    });
}

#[test]
fn what_somebody_sets_is_shown_as_a_patch_that_nobody_asked_for_and_healed() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let plain = Stage::config(json!({}));
        stage.apply(&plain).await;
        let (cluster, service) = (stage.state("cluster_arn"), stage.state("service_arn"));
        let connect = json!({ "enabled": true, "namespace": "theirs" });
        for changed in [
            json!({ "enableECSManagedTags": false }),
            json!({ "availabilityZoneRebalancing": "DISABLED" }),
            json!({ "serviceConnectConfiguration": connect }),
        ] {
            let mut asked = changed.clone();
            (asked["cluster"], asked["service"]) = (cluster.clone(), service.clone());
            stage.call("ecs", "UpdateService", asked);
            let open = stage.core.open(&plain).await.join("\n");
            let (name, _) = changed.as_object().and_then(|members| members.iter().next()).expect("a member");
            assert!(open.contains("service_overrides") && open.contains(name), "{open}");
            assert_eq!(stage.apply(&plain).await, UPDATE);
        }
        stage.destroy().await;
    });
}

#[test]
fn a_member_that_aws_takes_no_notice_of_is_an_error_and_no_silence() {
    on_paused_clock(1, async {
        let logs = json!({ "logDriver": "awslogs", "colour": "blue" });
        let patch = |logs: &Json| {
            let connect = json!({ "enabled": true, "namespace": "shop", "logConfiguration": logs });
            config(&json!({ "serviceConnectConfiguration": connect }))
        };
        let mut stage = Stage::new();
        let said = stage.refused(&patch(&logs)).await;
        let detail = &said.errors()[0].detail;
        assert!(detail.contains("serviceConnectConfiguration.logConfiguration.colour"), "{detail}");
        stage.apply(&patch(&json!({ "logDriver": "awslogs" }))).await;
        let said = stage.refused(&patch(&logs)).await;
        assert!(said.errors()[0].detail.contains("no notice of these members of service_overrides"), "{said:#?}");
        stage.apply(&Stage::config(json!({}))).await;
        stage.destroy().await;
    });
}
