//! A deployment: one attempt to run one plan. Its ID says who started a task.

use serde_json::{Value as Json, json};

use super::history::Record;
use super::service::{self, Service};
use crate::simulator::world::World;

/// What a deployment runs, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// ARN of the task definition.
    pub definition: String,
    pub network: Json,
    pub balancers: Json,
    pub launch_type: Option<String>,
    /// Capacity provider strategy; null with a launch type.
    pub strategy: Json,
    /// As asked for, mostly `LATEST`.
    pub platform: String,
    /// Service Connect, null if it was never said; its proxy and its names are not simulated.
    pub connect: Json,
    /// Cloud Map registries, which are not simulated.
    pub registries: Json,
}

/// What the platform version `LATEST` stands for ("Fargate platform versions for Amazon ECS").
pub const LATEST: &str = "1.4.0";

impl Plan {
    /// Writes how it is launched.
    pub fn launch(&self, view: &mut Json) {
        match &self.launch_type {
            Some(launch) => view["launchType"] = launch.clone().into(),
            None => view["capacityProviderStrategy"] = self.strategy.clone(),
        }
        view["platformVersion"] = self.platform.clone().into();
        view["platformFamily"] = "Linux".into();
    }

    fn vpc(&self, member: &str) -> Vec<String> {
        let list = self.network["awsvpcConfiguration"][member].as_array().into_iter().flatten();
        list.filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }

    pub fn subnets(&self) -> Vec<String> {
        self.vpc("subnets")
    }

    pub fn groups(&self) -> Vec<String> {
        self.vpc("securityGroups")
    }

    pub fn public_ip(&self) -> bool {
        self.network["awsvpcConfiguration"]["assignPublicIp"] == "ENABLED"
    }

    /// Target groups with the port.
    pub fn targets(&self) -> Vec<(String, i64)> {
        let target = |one: &Json| Some((one["targetGroupArn"].as_str()?.to_owned(), one["containerPort"].as_i64()?));
        self.balancers.as_array().into_iter().flatten().filter_map(target).collect()
    }
}

#[derive(Clone, Debug)]
pub struct Deployment {
    pub id: String,
    /// PRIMARY or ACTIVE.
    pub status: &'static str,
    pub plan: Plan,
    pub desired: i64,
    /// IN_PROGRESS, COMPLETED or FAILED.
    pub rollout: &'static str,
    pub reason: String,
    pub failed: i64,
    pub rollback: bool,
    pub created: f64,
    pub updated: f64,
    /// Tasks in a row that never ran.
    pub start_failures: u32,
}

impl Deployment {
    pub fn view(&self, world: &World) -> Json {
        let (running, pending) = service::counts(world, &self.id);
        let mut view = json!({
            "id": self.id,
            "status": self.status,
            "taskDefinition": self.plan.definition,
            "desiredCount": self.desired,
            "pendingCount": pending,
            "runningCount": running,
            "failedTasks": self.failed,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "networkConfiguration": self.plan.network,
            "rolloutState": self.rollout,
            "rolloutStateReason": self.reason,
        });
        self.plan.launch(&mut view);
        // Shown here and not by the service itself (API reference, Service and Deployment).
        if self.plan.connect.is_object() {
            view["serviceConnectConfiguration"] = self.plan.connect.clone();
        }
        // Resolved, whatever was asked for (seen in answers of AWS).
        if self.plan.platform == "LATEST" {
            view["platformVersion"] = LATEST.into();
        }
        view
    }
}

/// Nineteen digits.
fn digits(world: &mut World) -> String {
    let number = u64::from_str_radix(&world.hex(15), 16).unwrap_or_default();
    format!("{:019}", number + 1_000_000_000_000_000_000)
}

/// Begins a deployment of the service's plan; the present one becomes an old one. A rollback is part of the service
/// deployment that failed, so it has no record of its own. Returns the new ID.
pub fn begin(world: &mut World, service: &mut Service, rollback: bool) -> String {
    let (now, id) = (world.epoch(), format!("ecs-svc/{}", digits(world)));
    for old in &mut service.deployments {
        (old.status, old.updated, old.desired) = ("ACTIVE", now, 0);
    }
    if !rollback {
        if let Some(record) = service.history.first_mut().filter(|record| record.finished.is_none()) {
            record.finish(now, "STOPPED", "Service deployment was superseded by a new one.");
        }
        let record = Record::new(world, service, &id);
        service.history.insert(0, record);
    }
    let deployment = Deployment {
        reason: format!("ECS deployment {id} in progress."),
        id: id.clone(),
        status: "PRIMARY",
        plan: service.plan.clone(),
        desired: service.desired,
        rollout: "IN_PROGRESS",
        failed: 0,
        rollback,
        created: now,
        updated: now,
        start_failures: 0,
    };
    service.deployments.insert(0, deployment);
    (service.steady, service.not_before) = (false, 0.0);
    id
}
