//! A service that doesn't come up says why: what ECS tells of it, what its load balancer finds, and what helps.

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::quotas;

use crate::inside::on_paused_clock;
use crate::inside::stage::Stage;

/// What the one error of an apply says.
async fn told(stage: &mut Stage, config: &Json) -> String {
    let said = stage.refused(config).await;
    let errors = said.errors();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    format!("{}\n{}", errors[0].summary, errors[0].detail)
}

#[track_caller]
fn has(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "{part:?} is not in:\n{told}");
    }
}

#[test]
fn an_account_without_vcpus_is_told_with_the_quota_to_raise() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        quotas::set(&mut stage.aws.world(), quotas::FARGATE_VCPUS, 0);
        let config = Stage::config(json!({ "timeouts": { "create": "15m" } }));
        let told = told(&mut stage, &config).await;
        let event = "event: (service stage) was unable to place a task. Reason: You’ve reached the limit on the number of vCPUs";
        has(&told, &["not done within the time given: 0 of 2 tasks run, 0 failed so far", event]);
        has(&told, &["--service-code fargate --quota-code L-3032A538", "L-36FBB829", "apply again"]);
        assert_eq!(told.matches("event: ").count(), 1, "the same event is told once: {told}");

        quotas::set(&mut stage.aws.world(), quotas::FARGATE_VCPUS, 6);
        stage.apply(&config).await;
        stage.destroy().await;
    });
}

#[test]
fn unhealthy_targets_are_told_with_the_load_balancers_reason() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        // ECS is told to look away for longer than we wait.
        let config = Stage::config(json!({
            "image": "nginx:never-healthy", "health_check": { "grace_period": 7200 }, "timeouts": { "create": "15m" },
        }));
        let waits = told(&mut stage, &config).await;
        has(&waits, &["not done within the time given: 2 of 2 tasks run, 0 failed so far"]);
        has(&waits, &["a target is unhealthy: Request timed out (Target.Timeout)", "timeouts attribute"]);

        let config = Stage::config(json!({ "image": "nginx:never-healthy" }));
        let failed = told(&mut stage, &config).await;
        has(
            &failed,
            &["the rollout failed: ", "event: (service stage) (task ", "(port 80) is unhealthy in (target-group "],
        );
        stage.destroy().await;
    });
}
