//! Services: what they are, how they are answered, DescribeServices and ListServices.

use serde_json::{Map, Value as Json, json};

use super::cluster::{self, short};
use super::deployment::{Deployment, Plan};
use super::history::Record;
use super::{Due, ServiceKey, history, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::durations::SCHEDULER_ROUND;
use crate::simulator::refusal::Answer;
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::{self, World};

#[derive(Clone, Debug)]
pub struct Service {
    pub cluster: String,
    pub name: String,
    pub arn: String,
    /// ACTIVE, DRAINING or INACTIVE.
    pub status: &'static str,
    pub desired: i64,
    /// What the present deployment runs.
    pub plan: Plan,
    pub configuration: Json,
    pub grace: Option<i64>,
    /// Other members, as they are answered.
    pub others: Map<String, Json>,
    /// The present one first.
    pub deployments: Vec<Deployment>,
    pub history: Vec<Record>,
    /// What ran when a deployment was last completed: a rollback goes there.
    pub completed: Option<Plan>,
    /// Newest first, at most 100 (API reference, Service).
    pub events: Vec<Json>,
    pub created: f64,
    pub tags: Tags,
    /// What it was created by.
    pub request: Json,
    pub serial: u64,
    /// Whether the last round found it steady.
    pub steady: bool,
    /// A task started to balance the zones, until it is healthy.
    pub moving: Option<String>,
    /// No task is started before this time, after failures.
    pub not_before: f64,
}

impl Service {
    /// Adds an event; `{}` stands for `(service web)`.
    pub fn tell(&mut self, world: &mut World, message: &str) {
        let message = message.replacen("{}", &format!("(service {})", self.name), 1);
        world.note(message.clone());
        let event = json!({ "id": world.uuid(), "createdAt": world.epoch(), "message": message });
        self.events.insert(0, event);
        self.events.truncate(100);
    }

    pub fn primary(&mut self) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|one| one.status == "PRIMARY")
    }

    pub fn deployment(&mut self, id: &str) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|one| one.id == id)
    }

    pub fn percent(&self, member: &str, usual: i64) -> i64 {
        self.configuration[member].as_i64().unwrap_or(usual)
    }
}

/// Takes the service out of the world for the while of `change`, so that both can be changed.
pub fn with<R>(world: &mut World, key: &ServiceKey, change: impl FnOnce(&mut World, &mut Service) -> R) -> Option<R> {
    let mut service = world.ecs.services.remove(key)?;
    let result = change(world, &mut service);
    world.ecs.services.insert(key.clone(), service);
    Some(result)
}

pub fn next_round(world: &mut World, key: &ServiceKey, serial: u64) {
    world.after(SCHEDULER_ROUND, world::Due::Ecs(Due::Round(key.clone(), serial)));
}

/// How many tasks of a deployment run, and how many are on their way.
pub fn counts(world: &World, deployment: &str) -> (i64, i64) {
    let of_it = || world.ecs.tasks.values().filter(|task| task.deployment == deployment);
    let running = of_it().filter(|task| task.status == "RUNNING").count();
    let pending =
        of_it().filter(|task| matches!(task.status, "PROVISIONING" | "PENDING") && task.stop.is_none()).count();
    (running as i64, pending as i64)
}

pub fn view(world: &World, service: &Service, with_tags: bool) -> Json {
    let deployments: Vec<Json> = service.deployments.iter().map(|one| one.view(world)).collect();
    let sum = |member: &str| deployments.iter().filter_map(|one| one[member].as_i64()).sum::<i64>();
    let mut view = json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": world.arn("ecs", &format!("cluster/{}", service.cluster)),
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": sum("runningCount"),
        "pendingCount": sum("pendingCount"),
        "loadBalancers": service.plan.balancers,
        "serviceRegistries": service.plan.registries,
        "taskDefinition": service.plan.definition,
        "networkConfiguration": service.plan.network,
        "deploymentConfiguration": service.configuration,
        "deploymentController": { "type": "ECS" },
        "schedulingStrategy": "REPLICA",
        "roleArn": format!(
            "arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", world.account),
        "events": service.events,
        "createdAt": service.created,
        "createdBy": format!("arn:aws:iam::{}:user/simulated", world.account),
        "placementConstraints": [],
        "placementStrategy": [],
        "deployments": deployments,
        "currentServiceRevisions": history::current(world, service),
        "resourceManagementType": "CUSTOMER",
    });
    service.plan.launch(&mut view);
    if let Some(grace) = service.grace {
        view["healthCheckGracePeriodSeconds"] = grace.into();
    }
    for (name, value) in &service.others {
        view[name] = value.clone();
    }
    if with_tags {
        view["tags"] = tags::write(&service.tags, "key", "value");
    }
    if let Some(going) = service.history.first().filter(|record| record.finished.is_none()) {
        view["currentServiceDeployment"] = going.arn.clone().into();
    }
    view
}

/// INACTIVE ones are still shown; missing ones are failures (API reference, DescribeServices).
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let wanted = ask.texts("services");
    if wanted.is_empty() {
        return Err(refuse::parameter("Services cannot be empty."));
    }
    if wanted.len() > 10 {
        return Err(refuse::parameter("Services list can contain at most 10 entries."));
    }
    let with_tags = ask.texts("include").iter().any(|one| one == "TAGS");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in wanted {
        let name = short(&reference);
        let there = world.ecs.services.get(&(cluster.clone(), name.to_owned()));
        match there.filter(|there| !reference.starts_with("arn:") || there.arn == reference) {
            Some(service) => found.push(view(world, service, with_tags)),
            // A name is told without its cluster (seen in the wild: aws-actions/amazon-ecs-deploy-task-definition#312).
            None if reference.starts_with("arn:") => failures.push(json!({ "arn": reference, "reason": "MISSING" })),
            None => {
                let arn = world.arn("ecs", &format!("service/{reference}"));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "services": found, "failures": failures }))
}

/// Ten a page unless asked otherwise; INACTIVE ones are not listed (API reference, ListServices; the latter unverified).
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let launch = ask.text("launchType");
    let here = world.ecs.services.values().filter(|one| one.cluster == cluster && one.status != "INACTIVE");
    let here = here.filter(|one| launch.is_none_or(|launch| one.plan.launch_type.as_deref() == Some(launch)));
    super::paging::page(ask, "serviceArns", here.map(|one| json!(one.arn)).collect(), 10)
}
