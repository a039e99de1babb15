//! A task's life: PROVISIONING (its interface) → PENDING (pull) → RUNNING → DEACTIVATING (its targets drain) → STOPPING →
//! DEPROVISIONING (the interface goes) → STOPPED, forgotten after an hour (Developer Guide, "Amazon ECS task lifecycle").

use std::collections::BTreeMap;

use super::service::{self, Service};
use super::startup::{self, write};
use super::task::Task;
use super::{Due, capacity, container_health, container_life, containers, definition, fargate, insights, outside};
use crate::simulator::durations::{self, Span};
use crate::simulator::ec2::InterfaceAsk;
use crate::simulator::outage;
use crate::simulator::tags::Tags;
use crate::simulator::world::{self, World};

/// Stopped tasks are shown for at least an hour (API reference, DescribeTasks).
const REMEMBERED: f64 = 3600.0;
/// How long placement waits when the account has no vCPUs left.
const CROWDED: f64 = 30.0;
/// How often a draining target is looked at.
const DRAIN_LOOK: f64 = 2.0;

fn names(ids: &[String]) -> String {
    ids.iter().map(|id| format!("(task {id})")).collect::<Vec<_>>().join(" ")
}

fn after(world: &mut World, span: Span, id: &str, from: &'static str) {
    world.after(span, world::Due::Ecs(Due::Task(id.to_owned(), from)));
}

/// Starts tasks, spread over the zones, then over the subnets.
pub fn start(world: &mut World, service: &mut Service, deployment: &str, count: usize) {
    let plan = service.plan.clone();
    if let Some(why) = startup::role_in_the_way(world, &plan.definition) {
        return not_launched(world, service, deployment, &why);
    }
    let mut ids = Vec::new();
    for _ in 0..count {
        if fargate::beyond(world, &plan.definition) {
            // Tried again after a while (how long is unverified); it isn't a failed task.
            service.not_before = world.epoch() + CROWDED;
            service.tell(world, &format!("{{}} was unable to place a task. Reason: {}.", fargate::TOO_MANY));
            break;
        }
        let live: Vec<(String, String)> = world
            .ecs
            .tasks
            .values()
            .filter(|task| task.stop.is_none() && task.deployment == deployment)
            .map(|task| (task.zone.clone(), task.subnet.clone()))
            .collect();
        let place = |subnet: &String| outside::subnet_place(world, subnet).map(|(_, zone)| zone).unwrap_or_default();
        let crowd = |subnet: &String| {
            let zone = place(subnet);
            (live.iter().filter(|one| one.0 == zone).count(), live.iter().filter(|one| one.1 == *subnet).count())
        };
        let lit = plan.subnets().into_iter().filter(|subnet| !outage::is_down(world, &place(subnet)));
        let Some(subnet) = lit.min_by_key(crowd) else { return nowhere(world, service) };
        let (zone, id) = (place(&subnet), world.hex(32));
        let attachment = world.uuid();
        let on = |name: &str| {
            let mine = world.ecs.tasks.values().filter(|task| task.stop.is_none() && task.deployment == deployment);
            mine.filter(|task| task.provider.as_deref() == Some(name)).count()
        };
        let provider = capacity::next(&plan.strategy, on);
        let task = Task {
            id: id.clone(),
            cluster: service.cluster.clone(),
            service: service.name.clone(),
            deployment: deployment.to_owned(),
            definition: plan.definition.clone(),
            status: "PROVISIONING",
            subnet,
            zone,
            groups: plan.groups(),
            public_ip: plan.public_ip(),
            execute: service.others["enableExecuteCommand"] == true,
            platform: plan.platform.clone(),
            launch_type: plan.launch_type.clone(),
            provider,
            interface: None,
            targets: plan.targets(),
            healthy: false,
            stop: None,
            begun: None,
            ended: BTreeMap::new(),
            exit: None,
            exit_reason: None,
            attachment,
            created: world.epoch(),
            started: None,
            stopping: None,
            stopped: None,
            tags: tags(world, service),
        };
        world.ecs.tasks.insert(id.clone(), task);
        after(world, durations::TASK_PROVISIONING, &id, "PROVISIONING");
        ids.push(id);
    }
    if ids.is_empty() {
        return;
    }
    service.steady = false;
    service.tell(world, &format!("{{}} has started {} tasks: {}.", ids.len(), names(&ids)));
}

/// Nothing is started, and tried again later. That it counts for the circuit breaker, once for a try, is unverified.
fn not_launched(world: &mut World, service: &mut Service, deployment: &str, why: &str) {
    service.not_before = world.epoch() + world.draw(durations::ROLE_RETRY);
    if let Some(one) = service.deployment(deployment).filter(|one| one.rollout == "IN_PROGRESS") {
        one.failed += 1;
    }
    service.tell(world, &format!("{{}} failed to launch a task with (error {why})."));
}

/// All its zones are down (text: Developer Guide, "Service event messages"; how soon ECS tries again is unverified).
fn nowhere(world: &mut World, service: &mut Service) {
    service.not_before = world.epoch() + 30.0;
    let why = "Capacity is unavailable at this time. Please try again later or in a different availability zone.";
    service.tell(world, &format!("{{}} was unable to place a task. Reason: {why}"));
}

/// A task is gone with its zone. One that never ran counts as failed, one that did doesn't (both unverified, as are the code
/// and reason of one that did).
pub fn lose(world: &mut World, id: &str) {
    let over = |status| matches!(status, "DEPROVISIONING" | "STOPPED");
    let Some(task) = world.ecs.tasks.get(id).filter(|task| !over(task.status)).cloned() else { return };
    if matches!(task.status, "PROVISIONING" | "PENDING") {
        // Developer Guide, "Stopped tasks error messages".
        let why = "Timeout waiting for network interface provisioning to complete.";
        return fail_to_start(world, &task, why.into(), None);
    }
    with_service(world, &task, |_, service| service.steady = false);
    let now = world.epoch();
    deregister(world, &task);
    if let Some(task) = world.ecs.tasks.get_mut(id) {
        let why = "The task was stopped because of a failure of the underlying infrastructure.".to_owned();
        task.stop.get_or_insert(("TerminationNotice", why));
        task.stopping = Some(now);
    }
    deprovision(world, id);
}

fn tags(world: &World, service: &Service) -> Tags {
    let mut tags = match service.others["propagateTags"].as_str() {
        Some("SERVICE") => service.tags.clone(),
        Some("TASK_DEFINITION") => {
            definition::find(world, &service.plan.definition).map(|one| one.tags.clone()).unwrap_or_default()
        }
        _ => BTreeMap::new(),
    };
    if service.others["enableECSManagedTags"] == true {
        tags.insert("aws:ecs:clusterName".into(), service.cluster.clone());
        tags.insert("aws:ecs:serviceName".into(), service.name.clone());
    }
    tags
}

/// The next step of a task, if it is still in the state that the step was for.
pub fn step(world: &mut World, id: &str, from: &'static str) {
    let Some(task) = world.ecs.tasks.get(id).filter(|task| task.status == from).cloned() else { return };
    match from {
        "PROVISIONING" => provision(world, &task),
        "PENDING" if task.begun.is_none() => container_life::begin(world, &task),
        "PENDING" => run(world, &task),
        "DEACTIVATING" => deactivate(world, &task),
        "STOPPING" => {
            if let Some(task) = world.ecs.tasks.get_mut(id) {
                // A server that heeds SIGTERM.
                task.exit = task.exit.or(Some(0));
            }
            deprovision(world, id);
        }
        "DEPROVISIONING" => {
            if let Some(interface) = &task.interface {
                outside::release_interface(world, &interface.id);
            }
            let now = world.epoch();
            become_(world, id, "STOPPED");
            if let Some(task) = world.ecs.tasks.get_mut(id) {
                task.stopped = Some(now);
            }
            world.in_seconds(REMEMBERED, world::Due::Ecs(Due::Task(id.to_owned(), "STOPPED")));
        }
        "STOPPED" => {
            world.ecs.tasks.remove(id);
        }
        _ => {}
    }
}

fn become_(world: &mut World, id: &str, status: &'static str) {
    if let Some(task) = world.ecs.tasks.get_mut(id) {
        task.status = status;
        world.note(format!("task {id} is {status}"));
    }
}

fn provision(world: &mut World, task: &Task) {
    let (requester, description) =
        (world.account.clone(), world.arn("ecs", &format!("attachment/{}", task.attachment)));
    let ask = InterfaceAsk {
        subnet: &task.subnet,
        groups: &task.groups,
        description: &description,
        requester: &requester,
        public_ip: task.public_ip,
    };
    match outside::take_interface(world, &ask) {
        Ok(interface) => {
            outside::task_starts(world, &task.subnet);
            if let Some(task) = world.ecs.tasks.get_mut(&task.id) {
                task.interface = Some(interface);
            }
            become_(world, &task.id, "PENDING");
            after(world, durations::TASK_PENDING, &task.id, "PENDING");
        }
        Err(refusal) => {
            let why = format!(
                "Unexpected EC2 error while attempting to Create Network Interface in subnet '{}': {}",
                task.subnet, refusal.code
            );
            fail_to_start(world, task, why, None);
        }
    }
}

/// All its containers have started.
pub fn run(world: &mut World, task: &Task) {
    let now = world.epoch();
    become_(world, &task.id, "RUNNING");
    insights::begin(world, &task.cluster);
    let checked = container_health::of_task(world, task).is_some();
    if let Some(task) = world.ecs.tasks.get_mut(&task.id) {
        (task.started, task.healthy) = (Some(now), task.targets.is_empty() && !checked);
    }
    for (group, port) in &task.targets {
        // Whom the security groups keep out gets no answer.
        let reached = outside::lets_in(world, group, &task.groups, *port);
        let answers = containers::answers(world, task, *port).filter(|_| reached);
        let answers_after = answers.zip(task.begun).map(|(at, begun)| (begun + at - now).max(0.0));
        outside::register_target(world, group, &task.ip(), *port, answers_after);
    }
    with_service(world, task, |world, service| {
        if let Some(one) = service.deployment(&task.deployment) {
            one.start_failures = 0;
            if task.targets.is_empty() && !checked {
                one.failed = 0;
            }
        }
        for (group, _) in &task.targets {
            service.tell(world, &format!("{{}} registered 1 targets in (target-group {group})"));
        }
    });
}

/// Carries something out on the task's service, if it is still the one that started it.
pub fn with_service(world: &mut World, task: &Task, change: impl FnOnce(&mut World, &mut Service)) {
    let key = (task.cluster.clone(), task.service.clone());
    service::with(world, &key, |world, service| {
        if service.deployment(&task.deployment).is_some() {
            change(world, service);
        }
    });
}

/// One more failed task of a deployment in progress.
pub fn count_failure(world: &World, service: &mut Service, id: &str) {
    let Some(task) = world.ecs.tasks.get(id).filter(|task| task.stop.is_none()) else { return };
    if let Some(one) = service.deployment(&task.deployment).filter(|one| one.rollout == "IN_PROGRESS") {
        one.failed += 1;
    }
}

pub fn fail_to_start(world: &mut World, task: &Task, why: String, container: Option<String>) {
    let now = world.epoch();
    with_service(world, task, |world, service| {
        count_failure(world, service, &task.id);
        let failures = service.deployment(&task.deployment).map_or(0, |one| {
            one.start_failures += 1;
            one.start_failures
        });
        // Tasks that never run are started with growing gaps, up to 15 minutes (Developer Guide, "Service throttle logic";
        // the steps are unverified).
        if failures >= 3 {
            service.not_before = now + (10.0 * 2f64.powi(failures.min(12) as i32 - 3)).min(900.0);
        }
        if failures == 3 {
            let more = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
            service.tell(world, &format!("{{}} is unable to consistently start tasks successfully. {more}"));
        }
    });
    if let Some(task) = world.ecs.tasks.get_mut(&task.id) {
        (task.stop, task.stopping, task.exit_reason) = (Some(("TaskFailedToStart", why)), Some(now), container);
        task.exit = task.begun.map(|_| 0);
    }
    deprovision(world, &task.id);
}

pub fn deprovision(world: &mut World, id: &str) {
    become_(world, id, "DEPROVISIONING");
    after(world, durations::TASK_DEPROVISIONING, id, "DEPROVISIONING");
}

pub fn deregister(world: &mut World, task: &Task) {
    for (group, port) in &task.targets {
        outside::deregister_target(world, group, &task.ip(), *port);
    }
}

/// Stops tasks that aren't wanted any more.
pub fn scale_down(world: &mut World, service: &mut Service, ids: &[String]) {
    if ids.is_empty() {
        return;
    }
    let cause = service.primary().map(|one| one.id.clone()).unwrap_or_default();
    for id in ids {
        let reason = format!("Scaling activity initiated by (deployment {cause})");
        stop(world, service, id, "ServiceSchedulerInitiated", reason);
    }
    service.tell(world, &format!("{{}} has stopped {} running tasks: {}.", ids.len(), names(ids)));
}

/// Asks one task to stop; nothing happens to one that does already.
pub fn stop(world: &mut World, service: &mut Service, id: &str, code: &'static str, reason: String) {
    let now = world.epoch();
    let Some(task) = world.ecs.tasks.get_mut(id).filter(|task| task.stop.is_none()) else { return };
    (task.stop, task.stopping) = (Some((code, reason)), Some(now));
    service.steady = false;
    let task = task.clone();
    match task.status {
        "RUNNING" if !task.targets.is_empty() => {
            deregister(world, &task);
            become_(world, id, "DEACTIVATING");
            for (group, _) in &task.targets {
                service.tell(world, &format!("{{}} deregistered 1 targets in (target-group {group})"));
            }
            service.tell(world, "{} has begun draining connections on 1 tasks.");
            deactivate(world, &task);
        }
        "RUNNING" => begin_stopping(world, &task),
        _ => deprovision(world, id),
    }
}

/// Waits until no target group drains it any more.
fn deactivate(world: &mut World, task: &Task) {
    let draining =
        |(group, port): &(String, i64)| outside::target_state(world, group, &task.ip(), *port) == Some("draining");
    if task.targets.iter().any(draining) {
        world.in_seconds(DRAIN_LOOK, world::Due::Ecs(Due::Task(task.id.clone(), "DEACTIVATING")));
    } else {
        begin_stopping(world, task);
    }
}

fn begin_stopping(world: &mut World, task: &Task) {
    become_(world, &task.id, "STOPPING");
    let ended = task.ended.clone();
    write(world, task, &|course| !ended.contains_key(&course.name), "terminated");
    after(world, durations::TASK_STOPPING, &task.id, "STOPPING");
}
