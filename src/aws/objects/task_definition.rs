//! Task definition: what runs. AWS keeps numbered revisions of a family; an update is a new revision.
//!
//! Old revisions stay, so that ECS can roll back to them. The family's name carries our hash, so every revision of it is
//! ours, whoever registered it; deletion deregisters them all.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, KeyValuePair, LogConfiguration, LogDriver, NetworkMode, PortMapping,
    TaskDefinition as Described, TaskDefinitionStatus, TransportProtocol,
};
use serde::{Deserialize, Serialize};

use super::ecs_tags;
use super::log_group::{LogGroup, LogGroupName};
use super::role::{Role, RoleOutput};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(TaskDefinitionArn);

/// One container, named `CONTAINER`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinition {
    pub image: String,
    pub port: i32,
    /// Fargate units: 1024 are one vCPU.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
    /// None runs the image's own.
    pub command: Option<Vec<String>>,
    pub environment: BTreeMap<String, String>,
}

/// The container's name in the task definition and in the service's load balancer entry.
pub const CONTAINER: &str = "app";
const STREAM_PREFIX: &str = "app";

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

    fn of(described: &Described) -> Option<Self> {
        let containers = described.container_definitions();
        let container = containers.iter().find(|one| one.name() == Some(CONTAINER)).or(containers.first())?;
        let variable =
            |pair: &KeyValuePair| Some((pair.name()?.to_owned(), pair.value().unwrap_or_default().to_owned()));
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        Some(Self {
            image: container.image()?.to_owned(),
            port: container.port_mappings().first().and_then(|port| port.container_port()).unwrap_or_default(),
            cpu: number(described.cpu()),
            memory: number(described.memory()),
            command: Some(container.command().to_vec()).filter(|command| !command.is_empty()),
            environment: container.environment().iter().filter_map(variable).collect(),
        })
    }

    fn container(&self, owner: &Owner, group: &LogGroupName) -> ContainerDefinition {
        let variable = |(name, value)| KeyValuePair::builder().name(name).value(value).build();
        let port = PortMapping::builder().container_port(self.port).protocol(TransportProtocol::Tcp).build();
        let logs = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .options("awslogs-group", &group.0)
            .options("awslogs-region", &owner.identity.region)
            .options("awslogs-stream-prefix", STREAM_PREFIX);
        ContainerDefinition::builder()
            .name(CONTAINER)
            .image(&self.image)
            .essential(true)
            .port_mappings(port)
            .set_command(self.command.clone())
            .set_environment(Some(self.environment.iter().map(variable).collect()))
            .set_log_configuration(logs.build().ok())
            .build()
    }

    async fn register(&self, site: Site<'_>, (execution, task, group): &Outputs<Self>) -> Result<TaskDefinitionArn> {
        let ask = site.aws.ecs.register_task_definition().family(Self::family(site.owner));
        let ask = ask.requires_compatibilities(Compatibility::Fargate).network_mode(NetworkMode::Awsvpc);
        let ask = ask.cpu(self.cpu.to_string()).memory(self.memory.to_string());
        let ask = ask.execution_role_arn(&execution.arn).task_role_arn(&task.arn);
        let ask = ask.container_definitions(self.container(site.owner, group)).set_tags(ecs_tags::of(site));
        let made = site.aws.call("ecs:RegisterTaskDefinition", || ask.clone().send()).await?;
        TaskDefinitionArn::of(made.task_definition().and_then(|made| made.task_definition_arn()))
    }
}

/// What a task definition hangs on; roles as far as it names them.
fn needs_of(described: &Described) -> Outputs<TaskDefinition> {
    let role = |arn: Option<&str>| {
        let arn = arn.unwrap_or_default().to_owned();
        RoleOutput { name: arn.rsplit('/').next().unwrap_or_default().to_owned(), arn }
    };
    let container = described.container_definitions().first();
    let options = container.and_then(|one| one.log_configuration()).and_then(|logs| logs.options());
    let group = options.and_then(|options| options.get("awslogs-group")).cloned().unwrap_or_default();
    (role(described.execution_role_arn()), role(described.task_role_arn()), LogGroupName(group))
}

impl Object for TaskDefinition {
    const KIND: &'static str = "task definition";
    type Needs = (Ref<Role>, Ref<Role>, Ref<LogGroup>);
    type Output = TaskDefinitionArn;
    const RENEWS: bool = true;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let family = Self::family(owner);
        // A family's name stands for its latest active revision. Where there is none, AWS has no code of its own for it.
        let ask = || aws.ecs.describe_task_definition().task_definition(&family).send();
        let found = aws.call("ecs:DescribeTaskDefinition", ask).await.absent(&["ClientException"])?;
        let Some(described) = found.as_ref().and_then(|found| found.task_definition()) else { return Ok(vec![]) };
        let latest = Error::required(described.task_definition_arn(), "taskDefinitionArn")?;
        let ask = || aws.ecs.list_tags_for_resource().resource_arn(&latest).send();
        let tags = ecs_tags::read(aws.call("ecs:ListTagsForResource", ask).await?.tags());
        let (key, Some(actual)) = (Self::KEY.to_owned(), Self::of(described)) else { return Ok(vec![]) };
        let active = described.status() == Some(&TaskDefinitionStatus::Active);
        let life = if active { Life::Standing } else { Life::Gone };
        let (output, needs) = (TaskDefinitionArn(latest), needs_of(described));
        Ok(vec![Seen { key, output, needs, life, actual, tags }])
    }

    async fn create(&self, site: Site<'_>, needs: &Outputs<Self>) -> Result<TaskDefinitionArn> {
        self.register(site, needs).await
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
            Some(_) => self.register(site, needs).await,
        }
    }

    async fn retag(aws: &Aws, arn: &TaskDefinitionArn, set: &Tags, remove: &[String]) -> Result<()> {
        ecs_tags::retag(aws, &arn.0, set, remove).await
    }

    async fn delete(aws: &Aws, owner: &Owner, _: &Seen<Self>) -> Result<()> {
        for arn in Self::revisions(aws, &Self::family(owner)).await? {
            let ask = || aws.ecs.deregister_task_definition().task_definition(&arn).send();
            // An inactive one answers so too.
            aws.call("ecs:DeregisterTaskDefinition", ask).await.absent(&["ClientException"])?;
        }
        Ok(())
    }
}
