//! The log group that Container Insights makes of itself goes with the service, however late it was made and whoever died.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::Core;
use crate::inside::door::{Moment, looks};
use crate::inside::on_paused_clock;
use crate::inside::stage::Stage;

/// The log groups that AWS has made.
fn made_by_aws(stage: &Stage) -> Vec<String> {
    let all = observe::standing(&stage.aws.world()).into_iter().filter(|one| one.kind == "logs group");
    all.map(|one| one.name).filter(|name| name.starts_with("/aws/")).collect()
}

/// A service whose metrics AWS has written.
async fn metered(stage: &mut Stage, config: &Json) -> String {
    stage.apply(config).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    made_by_aws(stage).pop().expect("metrics")
}

#[test]
fn the_metrics_log_group_goes_with_the_cluster() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        metered(&mut stage, &Stage::config(json!({}))).await;
        // Switched off it is written no more, but stays as long as the cluster.
        stage.apply(&Stage::config(json!({ "cluster": { "container_insights": "disabled" } }))).await;
        assert_eq!(made_by_aws(&stage).len(), 1);
        stage.destroy().await;

        metered(&mut stage, &Stage::config(json!({}))).await;
        let theirs = json!({ "clusterName": "theirs", "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
        let theirs = stage.call("ecs", "CreateCluster", theirs)["cluster"]["clusterArn"].take();
        tokio::time::sleep(Duration::from_secs(10)).await;
        stage.apply(&Stage::config(json!({ "cluster": { "arn": theirs } }))).await;
        assert_eq!(made_by_aws(&stage), [""; 0], "the service has left its cluster");
    });
}

#[test]
fn the_metrics_log_group_is_deleted_though_it_comes_after_the_cluster_has_gone() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let name = metered(&mut stage, &Stage::config(json!({}))).await;
        let there = stage.aws.clone();
        let late = tokio::spawn(async move {
            while observe::standing(&there.world()).iter().any(|one| one.kind == "ecs cluster") {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            // The cluster's step has had its last look.
            tokio::time::sleep(Duration::from_secs(20)).await;
            let ask = Ask(json!({ "logGroupName": name }));
            there.world().call("logs", "CreateLogGroup", &ask).expect("a group that has gone before");
        });
        stage.destroy().await;
        assert!(late.is_finished(), "it came after the destroy");
    });
}

/// Destroys a service whose metrics AWS has written, dying at its n-th call if there is one; gives the calls of a whole destroy.
fn destroyed(death: Option<(usize, Moment)>) -> Vec<String> {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        metered(&mut stage, &Stage::config(json!({}))).await;
        let from = stage.aws.world().log.len();
        if let Some((call, moment)) = death {
            let state = stage.core.state.clone();
            assert!(stage.aws.killed(call, moment, stage.core.destroy()).await.is_none(), "no call {call}");
            stage.core = Core::new(&stage.aws, state);
            // Long enough for AWS to make it again.
            tokio::time::sleep(Duration::from_secs(120)).await;
        }
        stage.destroy().await;
        let world = stage.aws.world();
        let calls = world.log[from..].iter().filter(|event| event.source == "call" && !looks(&event.what));
        calls.map(|event| event.what.clone()).collect()
    })
}

/// Whoever dies at one of the calls that matter to it, the next destroy finds it.
#[test]
fn the_metrics_log_group_is_found_by_who_goes_on_with_a_destroy() {
    let calls = destroyed(None);
    let matters =
        |what: &str| ["ecs:UpdateClusterSettings", "logs:DeleteLogGroup", "ecs:DeleteCluster"].contains(&what);
    let at: Vec<usize> = (0..calls.len()).filter(|at| matters(&calls[*at])).map(|at| at + 1).collect();
    assert_eq!(at.len(), 4, "{calls:?}");
    for call in at.into_iter().chain([calls.len()]) {
        for moment in [Moment::Before, Moment::After] {
            destroyed(Some((call, moment)));
        }
    }
}
