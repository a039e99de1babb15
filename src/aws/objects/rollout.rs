//! How a rollout goes; and if it fails, why: what ECS says of the deployment and its tasks, for the person at 2 a.m.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, DesiredStatus, Service as Described, Task, TaskStopCode};
use aws_sdk_elasticloadbalancingv2::types::{TargetHealth, TargetHealthStateEnum};
use aws_smithy_types::DateTime;

use super::service::ServiceOutput;
use crate::aws::client::Aws;
use crate::aws::error::{Error, Result};

/// One rollout, as ECS answered when it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollout {
    /// ID of its deployment.
    pub id: String,
    /// ID of the deployment before it. While that is still shown as the present one, the answer is an old one.
    pub before: String,
    /// The service moves to another target group or network: what it leaves is removed afterwards, so this must be waited
    /// for in any case.
    pub moves: bool,
    /// What it is to be remembered for once it is through; see `redeploy`.
    pub mark: Option<String>,
    /// Members of the overrides that AWS has answered without.
    pub unheeded: Vec<String>,
}

/// How a rollout goes, with what there is to see: ECS's events are all that tells why it starts no tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// ECS gave it up, and went back where it could.
    Failed,
    Going(String),
    /// Tasks have failed, but ECS goes on trying.
    Faltering(String),
}

/// An error if AWS takes no notice of something that was asked for: it would be asked for again and again.
pub fn is_heeded(rollout: &Rollout) -> Result<()> {
    if rollout.unheeded.is_empty() {
        return Ok(());
    }
    let unheeded = rollout.unheeded.join(", ");
    Err(Error::Failed(format!("AWS takes no notice of these members of service_overrides: {unheeded}")))
}

/// The deployment that ECS works on, or keeps up.
pub fn primary(service: &Described) -> Option<&Deployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

/// Judges by the deployment's ID: a revision may come back by a rollback, and a stale answer shows the one before.
pub fn judge(service: &Described, rollout: &Rollout) -> Verdict {
    let Some(primary) = primary(service) else { return Verdict::Going("the service has no deployment yet".into()) };
    let ours = service.deployments().iter().find(|deployment| deployment.id() == Some(&rollout.id));
    let failed = ours.is_some_and(|ours| ours.rollout_state() == Some(&DeploymentRolloutState::Failed));
    let present = primary.id().unwrap_or_default();
    if failed || (present != rollout.id && present != rollout.before) {
        return Verdict::Failed;
    }
    let (running, wanted, failed) = (primary.running_count(), primary.desired_count(), primary.failed_tasks());
    let completed = primary.rollout_state() == Some(&DeploymentRolloutState::Completed);
    let told = vec![format!("{running} of {wanted} tasks run, {failed} failed so far")];
    let events = ours.map(|ours| events(service, ours.created_at())).unwrap_or_default();
    let told = [told, events].concat().join("\n");
    match present == rollout.id && completed && running >= wanted {
        true => Verdict::Done,
        false if failed > 0 => Verdict::Faltering(told),
        false => Verdict::Going(told),
    }
}

/// The error for a failed or rolled back rollout. What cannot be looked at is left out.
pub async fn failed(aws: &Aws, service: &ServiceOutput, found: &Described) -> Error {
    let ours = found.deployments().iter().find(|deployment| deployment.id() == Some(&service.rollout.id));
    let mut told = vec![match ours.and_then(|deployment| deployment.rollout_state_reason()) {
        Some(reason) => format!("the rollout failed: {reason}"),
        None => "the rollout failed: ECS went back to the revision before it, or somebody began another".to_owned(),
    }];
    told.extend(reasons(aws, service).await);
    told.extend(unhealthy(aws, found).await);
    told.extend(events(found, ours.and_then(|deployment| deployment.created_at())));
    Error::Failed(told.join("\n"))
}

/// What ECS has told of the service since a deployment was begun, newest first, at most three. What goes well is told only
/// where nothing else is; nothing is decided by it.
fn events(service: &Described, begun: Option<&DateTime>) -> Vec<String> {
    const WELL: [&str; 7] = [
        " has started ",
        " has stopped ",
        " registered ",
        " deregistered ",
        " has begun draining ",
        " has reached a steady state",
        " deployment completed",
    ];
    let since = service.events().iter().filter(|event| event.created_at() >= begun);
    let (well, trouble): (Vec<&str>, Vec<&str>) =
        since.filter_map(|event| event.message()).partition(|event| WELL.iter().any(|text| event.contains(text)));
    let mut seen = BTreeSet::new();
    let told = if trouble.is_empty() { well } else { trouble };
    let told = told.into_iter().filter(|event| seen.insert(without_tasks(event))).take(3);
    told.map(|event| format!("event: {event}")).collect()
}

/// An event without the tasks that it names: of each the same is told.
fn without_tasks(event: &str) -> String {
    let mut parts = event.split("(task ");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once(')').map_or(part, |(_, rest)| rest)).collect::<String>()
}

/// Why the load balancer finds tasks unhealthy, each reason once, at most three. What cannot be looked at is left out.
pub async fn unhealthy(aws: &Aws, found: &Described) -> Vec<String> {
    let mut told = BTreeSet::new();
    for group in found.load_balancers().iter().filter_map(|at| at.target_group_arn()) {
        let ask = || aws.elb.describe_target_health().target_group_arn(group).send();
        let answer = aws.call("elasticloadbalancing:DescribeTargetHealth", ask).await;
        let targets = answer.ok().and_then(|answer| answer.target_health_descriptions).unwrap_or_default();
        told.extend(targets.iter().filter_map(|target| sickness(target.target_health()?)));
    }
    told.into_iter().take(3).map(|why| format!("a target is unhealthy: {why}")).collect()
}

fn sickness(health: &TargetHealth) -> Option<String> {
    if health.state() != Some(&TargetHealthStateEnum::Unhealthy) {
        return None;
    }
    let why = health.description().unwrap_or("AWS gives no reason");
    Some(health.reason().map_or_else(|| why.to_owned(), |code| format!("{why} ({})", code.as_str())))
}

/// Why tasks of the rollout stopped, each reason once, at most three.
pub async fn reasons(aws: &Aws, service: &ServiceOutput) -> Vec<String> {
    let tasks = stopped(aws, service).await.unwrap_or_default();
    // Those that the scheduler stopped by itself have no fault.
    let failed = |task: &&Task| task.stop_code() != Some(&TaskStopCode::ServiceSchedulerInitiated);
    let ours = tasks.iter().filter(|task| task.started_by() == Some(&service.rollout.id)).filter(failed);
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
        let new = container.reason().filter(|reason| !told.iter().any(|text| text.contains(reason)));
        told.extend(new.map(|reason| format!("{name}: {reason}")));
    }
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeploymentRolloutState::{Completed, Failed, InProgress};
    use aws_sdk_ecs::types::ServiceEvent;

    fn service(deployments: &[(&str, &str, DeploymentRolloutState, i32, i32)]) -> Described {
        let deployment = |(id, status, state, running, failed): &(&str, &str, DeploymentRolloutState, i32, i32)| {
            let deployment = Deployment::builder().id(*id).status(*status).rollout_state(state.clone());
            deployment.desired_count(2).running_count(*running).failed_tasks(*failed).build()
        };
        Described::builder().set_deployments(Some(deployments.iter().map(deployment).collect())).build()
    }

    fn verdict(deployments: &[(&str, &str, DeploymentRolloutState, i32, i32)]) -> Verdict {
        let rollout = Rollout { id: "new".into(), before: "old".into(), ..Rollout::default() };
        judge(&service(deployments), &rollout)
    }

    #[test]
    fn it_is_done_when_our_deployment_is_complete_and_all_tasks_run() {
        assert_eq!(verdict(&[("new", "PRIMARY", Completed, 2, 0)]), Verdict::Done);
        assert!(matches!(verdict(&[("new", "PRIMARY", Completed, 1, 0)]), Verdict::Going(_)), "scaling");
        assert!(matches!(
            verdict(&[("new", "PRIMARY", InProgress, 2, 0), ("old", "ACTIVE", Completed, 2, 0)]),
            Verdict::Going(_)
        ));
        assert!(matches!(verdict(&[("new", "PRIMARY", InProgress, 0, 3)]), Verdict::Faltering(_)));
    }

    #[test]
    fn an_answer_from_before_our_call_decides_nothing() {
        assert!(matches!(verdict(&[("old", "PRIMARY", Completed, 2, 0)]), Verdict::Going(_)));
        assert!(matches!(verdict(&[]), Verdict::Going(_)));
    }

    #[test]
    fn rolled_back_is_failed_even_on_the_revision_we_know() {
        assert_eq!(verdict(&[("back", "PRIMARY", InProgress, 1, 0), ("new", "ACTIVE", Failed, 0, 3)]), Verdict::Failed);
        assert_eq!(verdict(&[("back", "PRIMARY", Completed, 2, 0)]), Verdict::Failed);
        assert_eq!(verdict(&[("new", "PRIMARY", Failed, 0, 3)]), Verdict::Failed, "nothing to go back to");
    }

    /// What is told of a deployment that was begun at 100 s, where ECS has told these events, newest first.
    fn told(events: &[(i64, &str)]) -> Vec<String> {
        let event = |(at, message): &(i64, &str)| {
            ServiceEvent::builder()
                .created_at(DateTime::from_secs(*at))
                .message(format!("(service web) {message}"))
                .build()
        };
        let ours = Deployment::builder().id("new").status("PRIMARY").created_at(DateTime::from_secs(100)).build();
        let service = Described::builder().deployments(ours).set_events(Some(events.iter().map(event).collect()));
        let rollout = Rollout { id: "new".into(), ..Rollout::default() };
        let Verdict::Going(told) = judge(&service.build(), &rollout) else { panic!("it goes on") };
        told.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn the_events_that_explain_are_told_once_each_and_none_from_before() {
        let full = "was unable to place a task. Reason: You've reached the limit on the number of vCPUs.";
        let sick = |task: &str| format!("(task {task}) (port 80) is unhealthy in (target-group web)");
        let (one, other) = (sick("1"), sick("2"));
        let seen = told(&[
            (140, full),
            (135, "has started 2 tasks: (task 1) (task 2)."),
            (130, &other),
            (120, &one),
            (110, full),
            (90, "was unable to assume the role"),
        ]);
        assert_eq!(seen, [format!("event: (service web) {full}"), format!("event: (service web) {other}")]);
        let many: Vec<String> = (0..9).map(|n| format!("failed to launch a task: {n}")).collect();
        let many: Vec<(i64, &str)> = many.iter().map(|text| (150, text.as_str())).collect();
        assert_eq!(told(&many).len(), 3);
        assert_eq!(told(&[(120, "has started 2 tasks: (task 1).")]).len(), 1, "where nothing else is told");
    }
}
