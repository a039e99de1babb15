//! The roles of the tasks, and what they may do.

use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{Row, row};

pub fn rows() -> Vec<Row> {
    let policy = |action: &str| {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    vec![
        row("iam.task_role_arn", "${task_role_arn}", "${other_task_role_arn}")
            .at(Place::Definition("/taskRoleArn"))
            .calls(GIVEN),
        row("iam.execution_role_arn", "${execution_role_arn}", "${other_execution_role_arn}")
            .at(Place::Definition("/executionRoleArn"))
            .calls(GIVEN),
        row(
            "iam.task_policy_arns",
            json!(["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]),
            json!(["arn:aws:iam::aws:policy/AmazonSQSFullAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        )
        .at(Place::Own(attached, Some(detach_all)))
        .calls(&["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:TagRole", "iam:UntagRole"]),
        row("iam.task_policy_json", policy("s3:GetObject"), policy("sqs:SendMessage"))
            .at(Place::Own(inline, Some(set_inline)))
            .wire(|text| serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or_default())
            .calls(&["iam:DeleteRolePolicy", "iam:PutRolePolicy"]),
        row(
            "iam.permissions_boundary_arn",
            "arn:aws:iam::123456789012:policy/team/most",
            "arn:aws:iam::aws:policy/PowerUserAccess",
        )
        .at(Place::Own(boundary, Some(set_boundary)))
        .calls(&["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]),
    ]
}

/// In place of a given role one is made, or the other way round.
const GIVEN: &[&str] = &[
    "ecs:RegisterTaskDefinition",
    "ecs:UpdateService",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
];

fn name(at: &At<'_>) -> Json {
    at.told["task_role_name"].clone()
}

fn attached(at: &mut At<'_>) -> Json {
    let asked = json!({ "RoleName": name(at) });
    let found = at.ask("iam", "ListAttachedRolePolicies", asked);
    found["AttachedPolicies"].as_array().into_iter().flatten().map(|one| one["PolicyArn"].clone()).collect()
}

fn detach_all(at: &mut At<'_>, _: &Json) {
    for arn in attached(at).as_array().into_iter().flatten() {
        let asked = json!({ "RoleName": name(at), "PolicyArn": arn });
        at.ask("iam", "DetachRolePolicy", asked);
    }
}

fn inline(at: &mut At<'_>) -> Json {
    let asked = json!({ "RoleName": name(at) });
    let names = at.ask("iam", "ListRolePolicies", asked)["PolicyNames"].take();
    if !names.as_array().into_iter().flatten().any(|one| one == "task") {
        return Json::Null;
    }
    let asked = json!({ "RoleName": name(at), "PolicyName": "task" });
    let text = at.ask("iam", "GetRolePolicy", asked)["PolicyDocument"].take();
    let text = percent_decode_str(text.as_str().unwrap_or_default()).decode_utf8_lossy().into_owned();
    serde_json::from_str(&text).unwrap_or_default()
}

fn set_inline(at: &mut At<'_>, policy: &Json) {
    let asked = json!({ "RoleName": name(at), "PolicyName": "task", "PolicyDocument": policy.to_string() });
    at.ask("iam", "PutRolePolicy", asked);
}

/// Of both roles; where they differ, both are told.
fn boundary(at: &mut At<'_>) -> Json {
    let roles = [at.told["task_role_arn"].clone(), at.told["execution_role_arn"].clone()];
    let [task, execution] = roles.map(|arn| {
        let name = arn.as_str().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
        let found = at.ask("iam", "GetRole", json!({ "RoleName": name }));
        found["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"].clone()
    });
    if task == execution { task } else { json!([task, execution]) }
}

fn set_boundary(at: &mut At<'_>, policy: &Json) {
    let asked = json!({ "RoleName": name(at), "PermissionsBoundary": policy });
    at.ask("iam", "PutRolePermissionsBoundary", asked);
}
