//! What a role may do, as far as ECS asks for its tasks: actions, whatever the resource. Conditions are not looked at.

use std::time::Duration;

use serde_json::Value as Json;

use super::by_arn;
use crate::simulator::world::World;

/// What AWS's own policies allow that are met on such roles (AWS Managed Policy Reference); of others nothing is known, so they
/// allow nothing.
const KNOWN: &[(&str, &[&str])] = &[
    ("AdministratorAccess", &["*"]),
    ("AmazonEC2ContainerRegistryReadOnly", &["ecr:*"]),
    ("CloudWatchLogsFullAccess", &["logs:*"]),
    (
        "AmazonECSTaskExecutionRolePolicy",
        &[
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
];

/// Whether the role's policies that have spread allow an action, and none denies it.
pub fn allows(world: &World, role: &str, action: &str) -> bool {
    let Some(role) = by_arn(world, role) else { return false };
    let counts = |name: &String| role.spread.get(name).copied().unwrap_or(Duration::ZERO) <= world.now();
    let managed = role.attached.iter().filter(|arn| counts(arn)).any(|arn| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        known.is_some_and(|(_, actions)| actions.iter().any(|pattern| fits(pattern, action)))
    });
    let inline: Vec<Json> = role
        .inline
        .iter()
        .filter(|(name, _)| counts(name))
        .filter_map(|(_, text)| serde_json::from_str::<Json>(text).ok())
        .flat_map(|document| several(&document["Statement"]))
        .collect();
    let says = |effect: &str| inline.iter().any(|one| one["Effect"] == effect && concerns(one, action));
    (managed || says("Allow")) && !says("Deny")
}

fn several(value: &Json) -> Vec<Json> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn concerns(statement: &Json, action: &str) -> bool {
    let any =
        |member: &str| several(&statement[member]).iter().any(|one| one.as_str().is_some_and(|one| fits(one, action)));
    match statement["NotAction"].is_null() {
        true => any("Action"),
        false => !any("NotAction"),
    }
}

/// `*` stands for anything, `?` for one character, and case doesn't matter (IAM reference, Action).
fn fits(pattern: &str, text: &str) -> bool {
    fn fit(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) if fit(rest, text) => true,
            (Some((b'*', _)), Some((_, later))) => fit(pattern, later),
            (Some((b'?', rest)), Some((_, later))) => fit(rest, later),
            (Some((one, rest)), Some((other, later))) => one.eq_ignore_ascii_case(other) && fit(rest, later),
            _ => false,
        }
    }
    fit(pattern.as_bytes(), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, action, expected) in [
            ("*", "logs:PutLogEvents", true),
            ("logs:*", "logs:PutLogEvents", true),
            ("LOGS:putlog*", "logs:PutLogEvents", true),
            ("logs:Put?ogEvents", "logs:PutLogEvents", true),
            ("logs:Put", "logs:PutLogEvents", false),
            ("ecr:*", "logs:PutLogEvents", false),
            ("", "logs:PutLogEvents", false),
        ] {
            assert_eq!(fits(pattern, action), expected, "{pattern}");
        }
    }
}
