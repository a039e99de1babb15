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
        row("tags", json!({ "team": "shop" }), json!({ "team": "till", "stage": "live" }))
            .at(Place::Own(tags, Some(set_tags)))
            .calls(TAGGING),
        row("deployment.wait", false, true).ours(),
        row("timeouts.create", "45m", "1h").ours(),
        row("timeouts.update", "45m", "1h").ours(),
        row("timeouts.delete", "45m", "1h").ours(),
    ]
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
