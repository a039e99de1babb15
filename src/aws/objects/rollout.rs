//! Why a rollout failed: what ECS says of the deployment and its tasks, put together for the person at 2 a.m.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{DesiredStatus, Service as Described, Task};

use super::service::ServiceOutput;
use crate::aws::client::Aws;
use crate::aws::error::{Error, Result};

/// The error for a failed or rolled back rollout. What cannot be looked at is left out.
pub async fn failed(aws: &Aws, service: &ServiceOutput, found: &Described) -> Error {
    let ours = found.deployments().iter().find(|deployment| deployment.id() == Some(&service.rollout.id));
    let mut told = vec![match ours.and_then(|deployment| deployment.rollout_state_reason()) {
        Some(reason) => format!("the rollout failed: {reason}"),
        None => "the rollout failed: ECS went back to the revision before it, or somebody began another".to_owned(),
    }];
    told.extend(reasons(aws, service).await);
    let events = found.events().iter().take(3).filter_map(|event| event.message());
    told.extend(events.map(|event| format!("event: {event}")));
    Error::Failed(told.join("\n"))
}

/// Why tasks of the rollout stopped, each reason once, at most three.
pub async fn reasons(aws: &Aws, service: &ServiceOutput) -> Vec<String> {
    let tasks = stopped(aws, service).await.unwrap_or_default();
    let ours = tasks.iter().filter(|task| task.started_by() == Some(&service.rollout.id));
    let reasons: BTreeSet<String> = ours.map(why).collect();
    reasons.into_iter().take(3).map(|reason| format!("a task stopped: {reason}")).collect()
}

async fn stopped(aws: &Aws, service: &ServiceOutput) -> Result<Vec<Task>> {
    let ask = aws.ecs.list_tasks().cluster(&service.cluster).service_name(&service.arn);
    let ask = ask.desired_status(DesiredStatus::Stopped).max_results(100);
    let found = aws.call("ecs:ListTasks", || ask.clone().send()).await?;
    if found.task_arns().is_empty() {
        return Ok(Vec::new());
    }
    let ask = aws.ecs.describe_tasks().cluster(&service.cluster).set_tasks(found.task_arns);
    let found = aws.call("ecs:DescribeTasks", || ask.clone().send()).await?;
    Ok(found.tasks.unwrap_or_default())
}

fn why(task: &Task) -> String {
    let mut told = vec![task.stopped_reason().unwrap_or("AWS gives no reason").to_owned()];
    for container in task.containers() {
        let name = container.name().unwrap_or("a container");
        told.extend(container.exit_code().map(|code| format!("{name} exited with code {code}")));
        told.extend(container.reason().map(|reason| format!("{name}: {reason}")));
    }
    told.join("; ")
}
