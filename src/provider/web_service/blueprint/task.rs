//! The task definition, and what its execution role may do.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::aws::graph::{After, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::log_group::LogGroup;
use crate::aws::objects::role::Role;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::aws::owner::{Owner, hash};
use crate::provider::web_service::model::Settings;

/// Draws the roles, the log group, the task definition.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, owner: &Owner, anchor: Ref<Anchor>) -> Ref<TaskDefinition> {
    let execution = Role::for_tasks(owner, execution_policies(settings, owner));
    let execution = graph.add("role/execution", execution, After(anchor));
    let task = graph.add("role/task", Role::for_tasks(owner, BTreeMap::new()), After(anchor));
    let retention_in_days = i32::try_from(settings.logs.retention_in_days).ok();
    let logs = graph.add(
        "log_group",
        LogGroup { retention_in_days, kms_key_arn: settings.logs.kms_key_arn.clone() },
        After(anchor),
    );
    graph.add("task_definition", task_definition(settings), (execution, task, logs))
}

fn task_definition(settings: &Settings) -> TaskDefinition {
    TaskDefinition {
        image: settings.image.clone(),
        port: settings.port.into(),
        cpu: settings.cpu,
        memory: settings.memory,
        command: settings.command.clone().filter(|command| !command.is_empty()),
        environment: settings.environment.clone().unwrap_or_default(),
    }
}

/// What ECS itself may do for the task: write to its log group, and pull its image where that is in Amazon ECR.
fn execution_policies(settings: &Settings, owner: &Owner) -> BTreeMap<String, Json> {
    let group = owner.arn("logs", &format!("log-group:{}:*", LogGroup::name(owner)));
    let policy = |statements: Vec<Json>| json!({ "Version": "2012-10-17", "Statement": statements });
    let logs = policy(vec![json!({
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": group,
    })]);
    let mut policies = BTreeMap::from([("logs".to_owned(), logs)]);
    if let Some(repository) = ecr_repository(&settings.image, &owner.partition) {
        // A policy of its own for each repository: the one before it stays until the rollout is through.
        let name = format!("pull-{}", hash(&repository));
        let pull = policy(vec![
            json!({ "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" }),
            json!({
                "Effect": "Allow",
                "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": repository,
            }),
        ]);
        policies.insert(name, pull);
    }
    policies
}

/// The ARN of the private ECR repository that an image is in, of `<account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>` or
/// one of the other endpoints (`dkr.ecr-fips`, `dkr-ecr.<region>.on.aws`).
pub(super) fn ecr_repository(image: &str, partition: &str) -> Option<String> {
    let (host, rest) = image.split_once('/')?;
    let parts: Vec<&str> = host.split('.').collect();
    let (account, region) = match parts[..] {
        [account, "dkr", "ecr" | "ecr-fips", region, ..] => (account, region),
        [account, "dkr-ecr" | "dkr-ecr-fips", region, ..] => (account, region),
        _ => return None,
    };
    let name = rest.split(['@', ':']).next()?;
    Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"))
}
