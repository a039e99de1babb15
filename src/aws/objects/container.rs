//! One container of a task definition, to the SDK's types and back. Part of the task definition, no object of its own.
//!
//! AWS writes out values that nobody set (`cpu` 0, empty lists): they are read as not set.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    ContainerCondition, ContainerDefinition, ContainerDependency, HealthCheck, KeyValuePair, LinuxParameters,
    LogConfiguration, PortMapping, Secret, TransportProtocol,
};
use serde::{Deserialize, Serialize};

use crate::aws::error::{Error, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    pub image: String,
    /// Whether the task stops when this container does.
    pub essential: bool,
    /// Fargate units and MiB that are its own; none leaves it what the task has.
    pub cpu: Option<i32>,
    pub memory: Option<i32>,
    pub port: Option<i32>,
    /// None runs the image's own.
    pub command: Option<Vec<String>>,
    pub entry_point: Option<Vec<String>>,
    pub environment: BTreeMap<String, String>,
    /// What each is called in the container, and where it is.
    pub secrets: BTreeMap<String, String>,
    /// Containers that must have reached a condition before this one starts.
    pub depends_on: BTreeMap<String, String>,
    pub health_check: Option<ContainerHealthCheck>,
    pub working_directory: Option<String>,
    pub user: Option<String>,
    pub readonly_root_filesystem: bool,
    pub init_process_enabled: bool,
    /// Seconds.
    pub stop_timeout: Option<i32>,
}

/// A command that ECS runs within the container; times in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerHealthCheck {
    pub command: Vec<String>,
    pub interval: i32,
    pub timeout: i32,
    pub retries: i32,
    pub start_period: i32,
}

impl Container {
    pub fn definition(&self, name: &str, logs: Option<LogConfiguration>) -> Result<ContainerDefinition> {
        let variable = |(name, value)| KeyValuePair::builder().name(name).value(value).build();
        let port = |port| PortMapping::builder().container_port(port).protocol(TransportProtocol::Tcp).build();
        let linux = || LinuxParameters::builder().init_process_enabled(true).build();
        let mut definition = ContainerDefinition::builder()
            .name(name)
            .image(&self.image)
            .essential(self.essential)
            .set_cpu(self.cpu)
            .set_memory(self.memory)
            .set_port_mappings(self.port.map(|number| vec![port(number)]))
            .set_command(self.command.clone())
            .set_entry_point(self.entry_point.clone())
            .set_environment(Some(self.environment.iter().map(variable).collect()))
            .set_working_directory(self.working_directory.clone())
            .set_user(self.user.clone())
            .set_readonly_root_filesystem(self.readonly_root_filesystem.then_some(true))
            .set_linux_parameters(self.init_process_enabled.then(linux))
            .set_stop_timeout(self.stop_timeout)
            .set_log_configuration(logs);
        for (name, from) in &self.secrets {
            definition = definition.secrets(Secret::builder().name(name).value_from(from).build().map_err(odd)?);
        }
        for (container, condition) in &self.depends_on {
            let condition = ContainerCondition::from(condition.as_str());
            let on = ContainerDependency::builder().container_name(container).condition(condition);
            definition = definition.depends_on(on.build().map_err(odd)?);
        }
        if let Some(check) = &self.health_check {
            let check = HealthCheck::builder()
                .set_command(Some(check.command.clone()))
                .interval(check.interval)
                .timeout(check.timeout)
                .retries(check.retries)
                .start_period(check.start_period);
            definition = definition.health_check(check.build().map_err(odd)?);
        }
        Ok(definition.build())
    }

    pub fn of(described: &ContainerDefinition) -> Self {
        let variable =
            |pair: &KeyValuePair| Some((pair.name()?.to_owned(), pair.value().unwrap_or_default().to_owned()));
        let list = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let secret = |secret: &Secret| (secret.name().to_owned(), secret.value_from().to_owned());
        let on = |on: &ContainerDependency| (on.container_name().to_owned(), on.condition().as_str().to_owned());
        let linux = described.linux_parameters();
        Self {
            image: described.image().unwrap_or_default().to_owned(),
            essential: described.essential().unwrap_or(true),
            cpu: Some(described.cpu()).filter(|cpu| *cpu != 0),
            memory: described.memory(),
            port: described.port_mappings().first().and_then(PortMapping::container_port),
            command: list(described.command()),
            entry_point: list(described.entry_point()),
            environment: described.environment().iter().filter_map(variable).collect(),
            secrets: described.secrets().iter().map(secret).collect(),
            depends_on: described.depends_on().iter().map(on).collect(),
            health_check: described.health_check().map(health_check),
            working_directory: text(described.working_directory()),
            user: text(described.user()),
            readonly_root_filesystem: described.readonly_root_filesystem() == Some(true),
            init_process_enabled: linux.and_then(LinuxParameters::init_process_enabled) == Some(true),
            stop_timeout: described.stop_timeout(),
        }
    }
}

/// With the values that AWS takes where none is given (API reference, HealthCheck).
fn health_check(described: &HealthCheck) -> ContainerHealthCheck {
    ContainerHealthCheck {
        command: described.command().to_vec(),
        interval: described.interval().unwrap_or(30),
        timeout: described.timeout().unwrap_or(5),
        retries: described.retries().unwrap_or(3),
        start_period: described.start_period().unwrap_or(0),
    }
}

fn odd(error: aws_smithy_types::error::operation::BuildError) -> Error {
    Error::Unexpected(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_read_as_it_was_written() {
        let map = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let plain = Container { image: "nginx".into(), essential: true, ..Container::default() };
        let check =
            ContainerHealthCheck { command: vec!["CMD".into()], interval: 7, timeout: 6, retries: 5, start_period: 4 };
        let full = Container {
            image: "side:1".into(),
            essential: false,
            cpu: Some(64),
            memory: Some(128),
            port: Some(9000),
            command: Some(vec!["run".into()]),
            entry_point: Some(vec!["sh".into(), "-c".into()]),
            environment: map("LEVEL", ""),
            secrets: map("TOKEN", "arn:aws:ssm:eu-west-3:123456789012:parameter/token"),
            depends_on: map("app", "HEALTHY"),
            health_check: Some(check),
            working_directory: Some("/srv".into()),
            user: Some("1000:1000".into()),
            readonly_root_filesystem: true,
            init_process_enabled: true,
            stop_timeout: Some(0),
        };
        for container in [plain, full] {
            assert_eq!(Container::of(&container.definition("any", None).unwrap()), container);
        }
    }
}
