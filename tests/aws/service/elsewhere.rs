//! What isn't ours alone: an image that a pipeline deploys, a cluster that the user gave, a log group that outlives its
//! service.

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::Core;
use crate::inside::on_paused_clock;
use crate::inside::stage::{NAME, Stage};

/// What a pipeline registers of the present revision: another image, no tags.
const REGISTERED: [&str; 8] = [
    "containerDefinitions",
    "cpu",
    "executionRoleArn",
    "family",
    "memory",
    "networkMode",
    "requiresCompatibilities",
    "taskRoleArn",
];

fn definition(stage: &Stage) -> Json {
    let ask = json!({ "taskDefinition": stage.service()["taskDefinition"] });
    stage.call("ecs", "DescribeTaskDefinition", ask)["taskDefinition"].take()
}

fn image(stage: &Stage) -> Json {
    definition(stage)["containerDefinitions"][0]["image"].take()
}

/// A pipeline registers a revision with this image, and deploys it or not.
fn pipeline(stage: &Stage, image: &str, deploys: bool) {
    let mut revision = definition(stage);
    revision["containerDefinitions"][0]["image"] = json!(image);
    let ask: serde_json::Map<String, Json> =
        REGISTERED.iter().map(|name| ((*name).to_owned(), revision[*name].clone())).collect();
    let made = stage.call("ecs", "RegisterTaskDefinition", ask.into());
    if deploys {
        let arn = &made["taskDefinition"]["taskDefinitionArn"];
        let ask = json!({ "cluster": stage.state("cluster_arn"), "service": NAME, "taskDefinition": arn });
        stage.call("ecs", "UpdateService", ask);
    }
}

#[test]
fn what_a_pipeline_deploys_is_told_kept_and_never_planned_back() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let ours = Stage::config(json!({}));
        let theirs = Stage::config(json!({ "managed_elsewhere": ["image"] }));
        stage.apply(&ours).await;
        assert_eq!(stage.apply(&theirs).await, [""; 0], "handing over changes nothing");

        pipeline(&stage, "nginx:2", true);
        assert_eq!(stage.apply(&theirs).await, [""; 0]);
        assert_eq!((stage.state("image"), image(&stage)), (json!("nginx:2"), json!("nginx:2")));
        // What it registers and doesn't deploy doesn't count.
        pipeline(&stage, "nginx:3", false);
        assert_eq!(stage.apply(&theirs).await, [""; 0]);
        let small = Stage::config(json!({ "managed_elsewhere": ["image"], "health_check": { "grace_period": 90 } }));
        assert_eq!(stage.apply(&small).await, ["ecs:UpdateService"]);
        assert_eq!(image(&stage), "nginx:2");

        // A revision made for another reason takes the image that runs.
        let larger = Stage::config(json!({ "managed_elsewhere": ["image"], "memory": 1024 }));
        assert_eq!(stage.apply(&larger).await, ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]);
        assert_eq!((image(&stage), definition(&stage)["memory"].take()), (json!("nginx:2"), json!("1024")));

        // Taken back: exactly the difference.
        let back = Stage::config(json!({ "memory": 1024 }));
        let open = stage.core.open(&back).await;
        assert!(
            open.iter().any(|line| line.starts_with("image: ")) && !open.iter().any(|line| line.starts_with("memory"))
        );
        assert_eq!(stage.apply(&back).await, ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]);
        assert_eq!(image(&stage), "nginx:1");
        stage.destroy().await;
    });
}

#[test]
fn a_pipeline_that_deploys_between_plan_and_apply_is_not_undone() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let theirs = |memory: u32| Stage::config(json!({ "managed_elsewhere": ["image"], "memory": memory }));
        stage.apply(&theirs(512)).await;
        let plan = stage.core.planned(&theirs(1024)).await;
        pipeline(&stage, "nginx:2", true);
        let told = stage.core.applied(plan).await;
        assert!(told.is_empty(), "{told:#?}");
        assert_eq!((image(&stage), definition(&stage)["memory"].take()), (json!("nginx:2"), json!("1024")));
        assert_eq!(stage.core.open(&theirs(1024)).await, [""; 0]);
        // Its image is the one that is wanted: nothing rolls out, but the revision becomes ours.
        pipeline(&stage, "nginx:3", true);
        let back = Stage::config(json!({ "image": "nginx:3", "memory": 1024 }));
        assert_eq!(stage.apply(&back).await, ["ecs:TagResource"]);
        stage.destroy().await;
    });
}

/// A cluster that somebody else has made.
fn cluster(stage: &Stage, name: &str) -> Json {
    let ask = json!({ "clusterName": name, "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
    stage.call("ecs", "CreateCluster", ask)["cluster"]["clusterArn"].take()
}

#[test]
fn a_service_moves_between_clusters_new_before_old_and_leaves_theirs_alone() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let (blue, green) = (cluster(&stage, "blue"), cluster(&stage, "green"));
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        let scaling = json!({ "min_capacity": 2, "max_capacity": 4, "cpu_target": 50 });
        let at = |cluster: Option<&Json>| {
            Stage::config(json!({ "autoscaling": scaling, "cluster": cluster.map(|arn| json!({ "arn": arn })) }))
        };
        stage.apply(&at(Some(&blue))).await;
        assert_eq!((stage.state("cluster_arn"), stage.state("cluster_name")), (blue.clone(), json!("blue")));
        assert!(stage.state("objects")["cluster"].is_null());
        assert_eq!(stage.imported(&at(Some(&blue))).await, [""; 0]);

        let other = at(Some(&green));
        let calls = moved(&mut stage, &other).await;
        assert!(!calls.iter().any(|call| call.contains("Cluster")), "{calls:?}");
        assert_eq!(stage.state("cluster_name"), "green");
        let calls = moved(&mut stage, &at(None)).await;
        assert!(calls.contains(&"ecs:CreateCluster".to_owned()));
        moved(&mut stage, &other).await;

        // No state: what was made in their cluster is found all the same.
        let mut core = Core::new(&stage.aws, None);
        assert!(core.import(NAME).await.is_empty());
        stage.core = core;
        assert!(stage.core.destroy().await.errors().is_empty());
        let left = observe::is_empty(&stage.aws.world());
        assert_eq!(left.len(), 2, "their clusters alone: {left:#?}");
    });
}

/// Moves while somebody looks: the old service goes only once the new one serves.
async fn moved(stage: &mut Stage, config: &Json) -> Vec<String> {
    let from = stage.aws.world().log.len();
    let calls = stage.apply(config).await;
    let world = stage.aws.world();
    let at = |what: &str| world.log[from..].iter().position(|event| event.what == what && event.outcome.is_empty());
    let (created, deleted) = (at("ecs:CreateService"), at("ecs:DeleteService"));
    let reached = world.log[from..].iter().position(|event| event.what.contains("has reached a steady state"));
    let in_order = created.is_some() && created < reached && reached < deleted;
    assert!(in_order, "{created:?} {reached:?} {deleted:?}");
    drop(world);
    calls
}

#[test]
fn a_cluster_that_is_not_there_is_told_at_the_attribute() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let account = stage.aws.world().account.clone();
        let none = format!("arn:aws:ecs:eu-west-3:{account}:cluster/none");
        let said = stage.refused(&Stage::config(json!({ "cluster": { "arn": none } }))).await;
        assert!(format!("{said:?}").contains("there is no ECS cluster"), "{said:?}");
        stage.destroy().await;
        let far = format!("arn:aws:ecs:us-east-1:{account}:cluster/far");
        let said = stage.refused(&Stage::config(json!({ "cluster": { "arn": far } }))).await;
        assert!(format!("{said:?}").contains("region us-east-1"), "{said:?}");
    });
}

#[test]
fn a_log_group_outlives_its_service_and_is_taken_over_by_the_next() {
    on_paused_clock(1, async {
        let mut stage = Stage::new();
        let kept = Stage::config(json!({ "logs": { "retain_on_destroy": true }, "tags": { "team": "shop" } }));
        stage.apply(&kept).await;
        let created = |stage: &Stage| {
            let ask = json!({ "logGroupNamePrefix": "/fargate/" });
            stage.call("logs", "DescribeLogGroups", ask)["logGroups"][0]["creationTime"].take()
        };
        let first = created(&stage);
        assert!(stage.core.destroy().await.errors().is_empty());
        let left = observe::is_empty(&stage.aws.world());
        assert!(left.len() == 1 && left[0].contains("log"), "{left:?}");
        let (taken, gone) = (Stage::config(json!({ "logs": { "retention_in_days": 7 } })), created(&stage));
        assert!(first != Json::Null && first == gone);
        let calls = stage.apply(&taken).await;
        assert!(calls.contains(&"logs:TagResource".to_owned()), "{calls:?}");
        assert_eq!(created(&stage), first, "the same group");
        stage.destroy().await;

        // One that somebody else has made is in the way.
        stage.call("logs", "CreateLogGroup", json!({ "logGroupName": format!("/fargate/{NAME}") }));
        stage.refused(&taken).await;
        assert!(!observe::is_empty(&stage.aws.world()).is_empty());
    });
}
