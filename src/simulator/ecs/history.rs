//! Service deployments, as ListServiceDeployments and DescribeServiceDeployments show them: one for each change that was
//! asked for; a rollback belongs to the one that failed.

use serde_json::{Value as Json, json};

use super::cluster;
use super::deployment::Deployment;
use super::service::{self, Service};
use super::{breaker, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Record {
    pub arn: String,
    /// ID of its deployment in the service; of the rollback later.
    pub deployment: String,
    pub revision: String,
    pub status: &'static str,
    pub reason: Option<String>,
    pub created: f64,
    pub updated: f64,
    pub finished: Option<f64>,
    pub rollback: Option<Json>,
}

/// A service revision bears the number of the deployment that brought it (seen in answers of AWS).
fn revision(world: &World, service: &Service, deployment: &str) -> String {
    let number = deployment.trim_start_matches("ecs-svc/");
    world.arn("ecs", &format!("service-revision/{}/{}/{number}", service.cluster, service.name))
}

/// The revision of each deployment that is there, and its tasks; a rollback brings the one back that it names (unverified).
pub fn current(world: &World, service: &Service) -> Vec<Json> {
    let named = |one: &Deployment| {
        let record = service.history.iter().find(|record| one.rollback && record.deployment == one.id);
        let back = record.and_then(|record| record.rollback.as_ref()?["serviceRevisionArn"].as_str());
        back.map_or_else(|| revision(world, service, &one.id), str::to_owned)
    };
    let brief = |one: &Deployment| {
        let (running, pending) = service::counts(world, &one.id);
        json!({
            "arn": named(one),
            "requestedTaskCount": one.desired,
            "runningTaskCount": running,
            "pendingTaskCount": pending,
        })
    };
    service.deployments.iter().map(brief).collect()
}

impl Record {
    pub fn new(world: &mut World, service: &Service, deployment: &str) -> Self {
        let (created, place) = (world.epoch(), format!("{}/{}", service.cluster, service.name));
        let id = world.hex(21);
        Self {
            arn: world.arn("ecs", &format!("service-deployment/{place}/{id}")),
            deployment: deployment.to_owned(),
            revision: revision(world, service, deployment),
            status: "IN_PROGRESS",
            reason: None,
            created,
            updated: created,
            finished: None,
            rollback: None,
        }
    }

    pub fn finish(&mut self, now: f64, status: &'static str, reason: &str) {
        (self.updated, self.finished, self.status) = (now, Some(now), status);
        if !reason.is_empty() {
            self.reason = Some(reason.to_owned());
        }
    }

    fn brief(&self, world: &World, service: &Service) -> Json {
        let mut view = json!({
            "serviceDeploymentArn": self.arn,
            "serviceArn": service.arn,
            "clusterArn": world.arn("ecs", &format!("cluster/{}", service.cluster)),
            "createdAt": self.created,
            "startedAt": self.created,
            "status": self.status,
            "targetServiceRevisionArn": self.revision,
        });
        if let Some(at) = self.finished {
            view["finishedAt"] = json!(at);
        }
        if let Some(reason) = &self.reason {
            view["statusReason"] = reason.clone().into();
        }
        view
    }

    fn whole(&self, world: &World, service: &Service) -> Json {
        let mut view = self.brief(world, service);
        if let Some(members) = view.as_object_mut() {
            members.remove("targetServiceRevisionArn");
        }
        let (running, pending) = service::counts(world, &self.deployment);
        let now = service.deployments.iter().find(|one| one.id == self.deployment);
        view["updatedAt"] = json!(self.updated);
        view["targetServiceRevision"] = json!({
            "arn": self.revision,
            "requestedTaskCount": now.map_or(0, |one| one.desired),
            "runningTaskCount": running,
            "pendingTaskCount": pending,
        });
        view["deploymentConfiguration"] = service.configuration.clone();
        let status = match (breaker::enabled(service), self.status) {
            (false, _) => "DISABLED",
            (true, "IN_PROGRESS") => "MONITORING",
            (true, status) if status.starts_with("ROLLBACK") || status == "STOPPED" && self.reason.is_some() => {
                "TRIGGERED"
            }
            (true, _) => "MONITORING_COMPLETE",
        };
        view["deploymentCircuitBreaker"] = json!({
            "status": status,
            "failureCount": now.map_or(0, |one| one.failed),
            "threshold": breaker::threshold(service),
        });
        if let Some(rollback) = &self.rollback {
            view["rollback"] = rollback.clone();
        }
        view
    }
}

/// Newest first, twenty a page unless asked otherwise (API reference, ListServiceDeployments).
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let name = cluster::short(refuse::needed(ask, "service")?).to_owned();
    let service = world.ecs.services.get(&(cluster, name)).ok_or_else(|| refuse::no_service())?;
    let (status, created) = (ask.texts("status"), ask.part("createdAt"));
    let (after, before) = (created.get("after").as_f64(), created.get("before").as_f64());
    let wanted = |one: &&Record| {
        (status.is_empty() || status.iter().any(|status| status == one.status))
            && after.is_none_or(|after| one.created >= after)
            && before.is_none_or(|before| one.created <= before)
    };
    let found = service.history.iter().filter(wanted).map(|one| one.brief(world, service)).collect();
    super::paging::page(ask, "serviceDeployments", found, 20)
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let wanted = ask.texts("serviceDeploymentArns");
    if wanted.is_empty() || wanted.len() > 20 {
        return Err(refuse::parameter("serviceDeploymentArns must contain between 1 and 20 entries."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in wanted {
        let mut all = world.ecs.services.values().flat_map(|one| one.history.iter().map(move |record| (one, record)));
        match all.find(|(_, record)| record.arn == arn) {
            Some((service, record)) => found.push(record.whole(world, service)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "serviceDeployments": found, "failures": failures }))
}
