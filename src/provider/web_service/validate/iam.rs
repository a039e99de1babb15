//! What the roles of a task may be.

use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("iam.task_role_arn", Rule::Text(rules::role_arn)),
    ("iam.execution_role_arn", Rule::Text(rules::role_arn)),
    ("iam.task_policy_arns", Rule::NoNulls),
    // As many as AWS attaches to a role, once the quota is raised (IAM quotas).
    ("iam.task_policy_arns", Rule::Size(0..=25)),
    ("iam.task_policy_arns", Rule::Each(rules::policy_arn)),
    ("iam.task_policy_json", Rule::Long(policy)),
    ("iam.permissions_boundary_arn", Rule::Text(rules::policy_arn)),
];

/// What is given is not ours to change.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    let given = |name: &str| {
        let value = config.member("iam").member(name);
        !value.is_null() && !value.is_unknown()
    };
    let mut told = Vec::new();
    for name in ["task_policy_arns", "task_policy_json"] {
        if given("task_role_arn") && given(name) {
            let why = "The task role is given by task_role_arn: give it its policies where it is made.";
            told.push(invalid(Path::from("iam").attribute(name), why));
        }
    }
    if given("task_role_arn") && given("execution_role_arn") && given("permissions_boundary_arn") {
        let why = "Both roles are given: there is none to bound.";
        told.push(invalid("iam.permissions_boundary_arn", why));
    }
    told
}

/// What the inline policies of a role may be together, spaces left out (IAM quotas).
const MOST: usize = 10_240;

/// As far as IAM's grammar can be told at once: the rest is IAM's.
fn policy(text: &str) -> Option<String> {
    if text.chars().filter(|letter| !letter.is_whitespace()).count() > MOST {
        return Some(format!("is longer than IAM takes: {MOST} characters without spaces"));
    }
    let told = rules::json_object(text);
    let statements = || serde_json::from_str::<serde_json::Value>(text).ok()?.get("Statement").cloned();
    match told {
        None if statements().is_none() => Some("is no policy: it has no Statement".into()),
        told => told,
    }
}
