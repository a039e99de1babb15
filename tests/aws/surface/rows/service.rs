//! What keeps it running and tells of it: the service itself, its log group, tags, and how operations go.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;

use crate::surface::place::{At, Place};
use crate::surface::row::{Effect, Removal, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("name", "first", "second")
            .at(Place::Own(|at| at.service()["serviceName"].take(), None))
            .effect(Effect::Replaces)
            .removal(Removal::Required),
        row("desired_count", 1, 3)
            .at(Place::Service("desiredCount"))
            .calls(&["ecs:UpdateService"])
            .removal(Removal::Kept),
        row("logs.retention_in_days", 7, 90)
            .at(Place::Own(retention, Some(set_retention)))
            .calls(&["logs:PutRetentionPolicy"]),
        row(
            "logs.kms_key_arn",
            "arn:aws:kms:eu-west-3:123456789012:key/one",
            "arn:aws:kms:eu-west-3:123456789012:key/two",
        )
        .at(Place::Own(|at| log_group(at)["kmsKeyId"].take(), Some(set_key)))
        .calls(&["logs:AssociateKmsKey", "logs:DisassociateKmsKey"]),
        row("cluster.container_insights", "enhanced", "disabled")
            .at(Place::Own(insights, Some(set_insights)))
            .calls(&["ecs:UpdateClusterSettings"]),
        row("redeploy_trigger", "one", "two").at(Place::Own(trigger, Some(set_trigger))).calls(&[
            "ecs:TagResource",
            "ecs:UntagResource",
            "ecs:UpdateService",
        ]),
        deployment("deployment.minimum_healthy_percent", json!(50), json!(0), "/minimumHealthyPercent"),
        deployment("deployment.maximum_percent", json!(150), json!(300), "/maximumPercent"),
        deployment("deployment.circuit_breaker.enabled", json!(false), json!(true), "/deploymentCircuitBreaker/enable"),
        deployment(
            "deployment.circuit_breaker.rollback",
            json!(false),
            json!(true),
            "/deploymentCircuitBreaker/rollback",
        ),
        capacity(
            "capacity.fargate.base",
            json!(1),
            json!(2),
            Place::Own(|at| share(at, "FARGATE", "base"), Some(|at, to| set_share(at, "FARGATE", "base", to))),
        ),
        capacity(
            "capacity.fargate.weight",
            json!(2),
            json!(3),
            Place::Own(|at| share(at, "FARGATE", "weight"), Some(|at, to| set_share(at, "FARGATE", "weight", to))),
        ),
        capacity(
            "capacity.fargate_spot.base",
            json!(1),
            json!(2),
            Place::Own(
                |at| share(at, "FARGATE_SPOT", "base"),
                Some(|at, to| set_share(at, "FARGATE_SPOT", "base", to)),
            ),
        ),
        capacity(
            "capacity.fargate_spot.weight",
            json!(2),
            json!(3),
            Place::Own(
                |at| share(at, "FARGATE_SPOT", "weight"),
                Some(|at, to| set_share(at, "FARGATE_SPOT", "weight", to)),
            ),
        ),
        row("service_overrides", platform("1.4.0"), platform("1.3.0"))
            .at(Place::Service("platformVersion"))
            .wire(overridden)
            .calls(&["ecs:UpdateService"]),
        row("tags", json!({ "team": "shop" }), json!({ "team": "till", "stage": "live" }))
            .at(Place::Own(tags, Some(set_tags)))
            .calls(TAGGING),
        row("deployment.wait", false, true).ours(),
        row("logs.retain_on_destroy", true, false).ours(),
        row("managed_elsewhere", json!(["image"]), json!(["desired_count", "image"])).ours(),
        row("cluster.arn", "${given_cluster_arn}", "${other_cluster_arn}")
            .at(Place::Own(|at| at.service()["clusterArn"].take(), None))
            .effect(Effect::Anew("service"))
            .calls(CLUSTER),
        row("timeouts.create", "45m", "1h").ours(),
        row("timeouts.update", "45m", "1h").ours(),
        row("timeouts.delete", "45m", "1h").ours(),
    ]
}

fn platform(version: &str) -> Json {
    json!({ "platformVersion": version }).to_string().into()
}

/// What the patch says of the one member that it is about.
fn overridden(text: &Json) -> Json {
    serde_json::from_str::<Json>(text.as_str().unwrap_or_default()).unwrap_or_default()["platformVersion"].take()
}

fn deployment(path: &'static str, set: Json, change: Json, pointer: &'static str) -> Row {
    row(path, set, change).at(Place::Deployment(pointer)).calls(&["ecs:UpdateService"])
}

/// A mix of both, so that each part can be left out.
fn capacity(path: &'static str, set: Json, change: Json, place: Place) -> Row {
    let both = json!({ "fargate": { "weight": 1 }, "fargate_spot": { "weight": 1 } });
    let with = json!({ "desired_count": 3, "capacity": both });
    row(path, set, change).at(place).with(with).calls(&["ecs:UpdateService"])
}

/// A service made anew in the other cluster, and the old one taken away; a cluster of its own comes or goes.
const CLUSTER: &[&str] = &[
    "ecs:CreateCluster",
    "ecs:CreateService",
    "ecs:DeleteCluster",
    "ecs:DeleteService",
    "elasticloadbalancing:ModifyTargetGroupAttributes",
];

fn share(at: &mut At<'_>, provider: &str, member: &str) -> Json {
    let strategy = at.service()["capacityProviderStrategy"].take();
    let all = strategy.as_array().into_iter().flatten();
    all.filter(|one| one["capacityProvider"] == provider).map(|one| one[member].clone()).next().unwrap_or_default()
}

fn set_share(at: &mut At<'_>, provider: &str, member: &str, to: &Json) {
    let mut strategy = at.service()["capacityProviderStrategy"].take();
    for one in strategy.as_array_mut().into_iter().flatten().filter(|one| one["capacityProvider"] == provider) {
        one[member] = to.clone();
    }
    at.update_service(json!({ "capacityProviderStrategy": strategy, "forceNewDeployment": true }));
}

fn insights(at: &mut At<'_>) -> Json {
    let asked = json!({ "clusters": [at.told["cluster_arn"]], "include": ["SETTINGS"] });
    at.ask("ecs", "DescribeClusters", asked)["clusters"][0]["settings"][0]["value"].take()
}

fn set_insights(at: &mut At<'_>, to: &Json) {
    let settings = json!([{ "name": "containerInsights", "value": to }]);
    at.ask("ecs", "UpdateClusterSettings", json!({ "cluster": at.told["cluster_arn"], "settings": settings }));
}

const TRIGGER: &str = "fargate:redeploy_trigger";

fn trigger(at: &mut At<'_>) -> Json {
    let asked = json!({ "resourceArn": at.told["service_arn"] });
    let tags = at.ask("ecs", "ListTagsForResource", asked)["tags"].take();
    let mark = tags.as_array().into_iter().flatten().find(|tag| tag["key"] == TRIGGER);
    mark.map(|tag| tag["value"].clone()).unwrap_or_default()
}

fn set_trigger(at: &mut At<'_>, to: &Json) {
    let tags = json!([{ "key": TRIGGER, "value": to }]);
    at.ask("ecs", "TagResource", json!({ "resourceArn": at.told["service_arn"], "tags": tags }));
}

fn log_group(at: &mut At<'_>) -> Json {
    let asked = json!({ "logGroupNamePrefix": at.told["log_group_name"] });
    at.ask("logs", "DescribeLogGroups", asked)["logGroups"][0].take()
}

fn retention(at: &mut At<'_>) -> Json {
    log_group(at)["retentionInDays"].take()
}

fn set_retention(at: &mut At<'_>, days: &Json) {
    let asked = json!({ "logGroupName": at.told["log_group_name"], "retentionInDays": days });
    at.ask("logs", "PutRetentionPolicy", asked);
}

fn set_key(at: &mut At<'_>, key: &Json) {
    let asked = json!({ "logGroupName": at.told["log_group_name"], "kmsKeyId": key });
    at.ask("logs", "AssociateKmsKey", asked);
}

/// Tags only: of each service of AWS the calls that set them and take them away.
const TAGGING: &[&str] = &[
    "ec2:CreateTags",
    "ec2:DeleteTags",
    "ecs:TagResource",
    "ecs:UntagResource",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:RemoveTags",
    "iam:TagRole",
    "iam:UntagRole",
    "logs:TagResource",
    "logs:UntagResource",
    "ssm:AddTagsToResource",
    "ssm:RemoveTagsFromResource",
];

/// The user's tags, which all objects carry alike; those that differ are told one by one. Tasks keep those they began with.
fn tags(at: &mut At<'_>) -> Json {
    let of_user = |tags: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let own = |key: &str| key.starts_with("fargate:") || key == "Name";
        tags.iter().filter(|(key, _)| !own(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let ours = |one: &observe::Object| one.tags.contains_key("fargate:stack") && one.kind != "ecs task";
    let all = observe::standing(at.world);
    // Revisions that were registered before keep theirs.
    let latest = at.definition()["taskDefinitionArn"].take();
    let current = |one: &observe::Object| one.kind != "ecs task definition" || latest == *one.id;
    let seen: BTreeSet<_> = all.iter().filter(|one| ours(one) && current(one)).map(|one| of_user(&one.tags)).collect();
    match seen.len() {
        1 => json!(seen.first()),
        _ => json!(seen),
    }
}

fn set_tags(at: &mut At<'_>, tags: &Json) {
    let tags: Json =
        tags.as_object().into_iter().flatten().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let asked = json!({ "ResourceArns": [at.told["target_group_arn"]], "Tags": tags });
    at.ask("elasticloadbalancing", "AddTags", asked);
}
