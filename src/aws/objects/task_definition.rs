//! Task definition: what runs. AWS keeps numbered revisions of a family; an update is a new revision.
//!
//! Old revisions stay, so that ECS can roll back to them. The family's name carries our hash, so every revision of it is
//! ours, whoever registered it; deletion deregisters them all.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    Compatibility, CpuArchitecture, EphemeralStorage, LogConfiguration, LogDriver, NetworkMode, OsFamily,
    RuntimePlatform, TaskDefinition as Described, TaskDefinitionStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::container::Container;
use super::ecs_tags;
use super::log_group::{LogGroup, LogGroupName};
use super::role::{Role, RoleOutput};
use super::service::Service;
use crate::aws::client::Aws;
use crate::aws::document::Document;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};
use crate::aws::patch::{Bodies, merge, shown, unheeded};

crate::id!(TaskDefinitionArn);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Fargate units: 1024 are one vCPU.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
    /// `X86_64` or `ARM64`.
    pub architecture: String,
    /// GiB; none is Fargate's own 20.
    pub ephemeral_storage: Option<i32>,
    /// The one that serves, named `CONTAINER`.
    pub container: Container,
    /// The others, by name.
    pub sidecars: BTreeMap<String, Container>,
    /// A merge patch over the serving container's definition, for what `Container` doesn't know.
    pub overrides: Option<Document>,
    /// Somebody else deploys images: a new revision takes the one that runs. Ours alone: AWS doesn't know of it.
    #[serde(skip)]
    pub image_elsewhere: bool,
}

/// The container's name in the task definition and in the service's load balancer entry.
pub const CONTAINER: &str = "app";

/// Carries the patch on the container that it was applied to: AWS shows the outcome only, which may be any patch's.
pub const OVERRIDES_LABEL: &str = "fargate.overrides";

impl TaskDefinition {
    /// Its key in the graph.
    pub const KEY: &str = "task_definition";

    fn family(owner: &Owner) -> String {
        owner.unique_name(Self::KEY, 255)
    }

    async fn revisions(aws: &Aws, family: &str) -> Result<Vec<String>> {
        let ask = || async {
            let ask = aws.ecs.list_task_definitions().family_prefix(family).status(TaskDefinitionStatus::Active);
            ask.into_paginator().items().send().try_collect().await
        };
        aws.call("ecs:ListTaskDefinitions", ask).await
    }

    /// As it is described, typed and raw.
    fn of(described: &Described, raw: &Json) -> Option<Self> {
        let containers = described.container_definitions();
        let main = containers.iter().find(|one| one.name() == Some(CONTAINER)).or(containers.first())?;
        let name = |of: &aws_sdk_ecs::types::ContainerDefinition| of.name().unwrap_or_default().to_owned();
        let sidecars = containers.iter().filter(|one| one.name() != main.name());
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        let platform = described.runtime_platform();
        let architecture = platform.and_then(RuntimePlatform::cpu_architecture).unwrap_or(&CpuArchitecture::X8664);
        Some(Self {
            cpu: number(described.cpu()),
            memory: number(described.memory()),
            architecture: architecture.as_str().to_owned(),
            ephemeral_storage: described.ephemeral_storage().map(EphemeralStorage::size_in_gib),
            container: Container::of(main),
            sidecars: sidecars.map(|one| (name(one), Container::of(one))).collect(),
            overrides: overrides(raw),
            image_elsewhere: false,
        })
    }

    /// A revision, or a family's latest active one, typed and raw. Where there is none, AWS has no code of its own for it.
    async fn describe(aws: &Aws, name: &str) -> Result<Option<(Described, Json)>> {
        let bodies = Bodies::kept();
        let ask = aws.ecs.describe_task_definition().task_definition(name);
        let ask = || ask.clone().customize().interceptor(bodies.clone()).send();
        let found = aws.call("ecs:DescribeTaskDefinition", ask).await.absent(&["ClientException"])?;
        let described = found.and_then(|found| found.task_definition);
        Ok(described.map(|described| (described, bodies.answer()["taskDefinition"].take())))
    }

    /// With the image that runs now, where that is somebody else's to choose.
    async fn with_image_that_runs(&self, site: Site<'_>) -> Result<Self> {
        let mut wanted = self.clone();
        let running = if self.image_elsewhere { Service::running(site.aws, site.owner).await? } else { None };
        if let Some(revision) = running
            && let Some((described, raw)) = Self::describe(site.aws, &revision).await?
            && let Some(running) = Self::of(&described, &raw)
        {
            wanted.container.image = running.container.image;
        }
        Ok(wanted)
    }

    async fn register(&self, site: Site<'_>, (execution, task, group): &Outputs<Self>) -> Result<TaskDefinitionArn> {
        let logs = |name: &str| logs(site.owner, group, name);
        let mut containers = vec![self.container.definition(CONTAINER, logs(CONTAINER))?];
        for (name, sidecar) in &self.sidecars {
            containers.push(sidecar.definition(name, logs(name))?);
        }
        let architecture = CpuArchitecture::from(self.architecture.as_str());
        let platform =
            RuntimePlatform::builder().cpu_architecture(architecture).operating_system_family(OsFamily::Linux);
        let storage = |size| EphemeralStorage::builder().size_in_gib(size).build();
        let ask = site.aws.ecs.register_task_definition().family(Self::family(site.owner));
        let ask = ask.requires_compatibilities(Compatibility::Fargate).network_mode(NetworkMode::Awsvpc);
        let ask = ask.cpu(self.cpu.to_string()).memory(self.memory.to_string()).runtime_platform(platform.build());
        let ask = ask.set_ephemeral_storage(self.ephemeral_storage.map(storage));
        let ask = ask.execution_role_arn(&execution.arn).task_role_arn(&task.arn);
        let ask = ask.set_container_definitions(Some(containers)).set_tags(ecs_tags::of(site));
        let patch = self.overrides.clone();
        let bodies = Bodies::changed(move |body| patch.iter().for_each(|patch| apply(body, patch)));
        let made =
            site.aws.call("ecs:RegisterTaskDefinition", || ask.clone().customize().interceptor(bodies.clone()).send());
        let made = made.await?;
        let arn = TaskDefinitionArn::of(made.task_definition().and_then(|made| made.task_definition_arn()))?;
        let (container, _) = unlabelled(&bodies.answer()["taskDefinition"]);
        let ignored = self.overrides.as_ref().map(|patch| unheeded(&patch.json(), &container)).unwrap_or_default();
        if ignored.is_empty() {
            return Ok(arn);
        }
        // A revision that isn't what was asked for must not be taken for ours later on.
        Self::deregister(site.aws, &arn.0).await?;
        let ignored = ignored.join(", ");
        Err(Error::Failed(format!("AWS takes no notice of these members of container_definition_overrides: {ignored}")))
    }

    /// An inactive one is success.
    async fn deregister(aws: &Aws, arn: &str) -> Result<()> {
        let ask = || aws.ecs.deregister_task_definition().task_definition(arn).send();
        aws.call("ecs:DeregisterTaskDefinition", ask).await.absent(&["ClientException"]).map(drop)
    }
}

/// Each container writes streams of its own name.
fn logs(owner: &Owner, group: &LogGroupName, container: &str) -> Option<LogConfiguration> {
    let logs = LogConfiguration::builder()
        .log_driver(LogDriver::Awslogs)
        .options("awslogs-group", &group.0)
        .options("awslogs-region", &owner.identity.region)
        .options("awslogs-stream-prefix", container);
    logs.build().ok()
}

/// The serving container in a task definition's JSON, and the patch in its label.
fn unlabelled(definition: &Json) -> (Json, Option<Document>) {
    let containers = definition["containerDefinitions"].as_array();
    let main = containers.into_iter().flatten().find(|one| one["name"] == CONTAINER);
    let mut container = main.cloned().unwrap_or_default();
    let labels = container.get_mut("dockerLabels").and_then(Json::as_object_mut);
    let label = labels.and_then(|labels| labels.shift_remove(OVERRIDES_LABEL));
    let patch = label.as_ref().and_then(Json::as_str).map(Document::new);
    (container, patch)
}

/// Puts a patch over the serving container of a request, and the patch itself in a label.
fn apply(request: &mut Json, patch: &Document) {
    let containers = request["containerDefinitions"].as_array_mut().into_iter().flatten();
    for container in containers.filter(|one| one["name"] == CONTAINER) {
        merge(container, &patch.json());
        merge(container, &json!({ "dockerLabels": { OVERRIDES_LABEL: patch.text() } }));
    }
}

/// The patch that a definition says was applied, as far as it still shows it.
fn overrides(definition: &Json) -> Option<Document> {
    let (container, patch) = unlabelled(definition);
    let patch = patch?;
    let (wanted, shown) = (patch.json(), shown(&patch.json(), &container));
    Some(if shown == wanted { patch } else { shown.into() })
}

/// What a task definition hangs on; roles as far as it names them.
fn needs_of(described: &Described, owner: &Owner, overrides: Option<&Document>) -> Outputs<TaskDefinition> {
    let role = |arn: Option<&str>| {
        let arn = arn.unwrap_or_default().to_owned();
        RoleOutput { name: arn.rsplit('/').next().unwrap_or_default().to_owned(), arn }
    };
    let group = match overrides.is_some_and(|patch| patch.json().get("logConfiguration").is_some()) {
        // Where the user sends the logs is the patch's to tell.
        true => LogGroup::name(owner),
        false => {
            let containers = described.container_definitions();
            let container = containers.iter().find(|one| one.name() == Some(CONTAINER)).or(containers.first());
            let options = container.and_then(|one| one.log_configuration()).and_then(|logs| logs.options());
            options.and_then(|options| options.get("awslogs-group")).cloned().unwrap_or_default()
        }
    };
    (role(described.execution_role_arn()), role(described.task_role_arn()), LogGroupName(group))
}

impl Object for TaskDefinition {
    const KIND: &'static str = "task definition";
    type Needs = (Ref<Role>, Ref<Role>, Ref<LogGroup>);
    type Output = TaskDefinitionArn;
    const RENEWS: bool = true;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let running = if owner.image_elsewhere { Service::running(aws, owner).await? } else { None };
        let revision = running.unwrap_or_else(|| Self::family(owner));
        let Some((described, raw)) = Self::describe(aws, &revision).await? else { return Ok(vec![]) };
        let latest = Error::required(described.task_definition_arn(), "taskDefinitionArn")?;
        let ask = || aws.ecs.list_tags_for_resource().resource_arn(&latest).send();
        let tags = ecs_tags::read(aws.call("ecs:ListTagsForResource", ask).await?.tags());
        let (key, Some(actual)) = (Self::KEY.to_owned(), Self::of(&described, &raw)) else { return Ok(vec![]) };
        let active = described.status() == Some(&TaskDefinitionStatus::Active);
        let life = if active { Life::Standing } else { Life::Gone };
        let (output, needs) = (TaskDefinitionArn(latest), needs_of(&described, owner, actual.overrides.as_ref()));
        Ok(vec![Seen { key, output, needs, life, actual, tags }])
    }

    async fn create(&self, site: Site<'_>, needs: &Outputs<Self>) -> Result<TaskDefinitionArn> {
        self.with_image_that_runs(site).await?.register(site, needs).await
    }

    async fn settle(
        &self,
        site: Site<'_>,
        arn: &TaskDefinitionArn,
        needs: &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<TaskDefinitionArn> {
        match seen {
            None => Ok(arn.clone()),
            Some(_) => self.with_image_that_runs(site).await?.register(site, needs).await,
        }
    }

    /// A revision that somebody else registered has their image, and seldom our tags.
    fn regard(&self, owner: &Owner, seen: &Seen<Self>) -> Seen<Self> {
        let mut seen = seen.clone();
        if self.image_elsewhere {
            (seen.actual.container.image, seen.actual.image_elsewhere) = (self.container.image.clone(), true);
            if owner.key_in(&seen.tags).is_none() {
                seen.tags = owner.tags_of(&seen.key);
            }
        }
        seen
    }

    async fn retag(aws: &Aws, arn: &TaskDefinitionArn, set: &Tags, remove: &[String]) -> Result<()> {
        ecs_tags::retag(aws, &arn.0, set, remove).await
    }

    async fn delete(aws: &Aws, owner: &Owner, _: &Seen<Self>) -> Result<()> {
        for arn in Self::revisions(aws, &Self::family(owner)).await? {
            Self::deregister(aws, &arn).await?;
        }
        Ok(())
    }
}
