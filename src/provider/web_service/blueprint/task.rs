//! The task definition, the log group that its containers write to, and its roles.

use std::collections::BTreeMap;

use super::policies;
use crate::aws::document::Document;
use crate::aws::graph::{After, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::container::{self, Container};
use crate::aws::objects::log_group::LogGroup;
use crate::aws::objects::role::Role;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::aws::owner::Owner;
use crate::provider::web_service::model::{ContainerHealthCheck, Settings, Sidecar};

/// Draws the roles, the log group, the task definition.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, owner: &Owner, anchor: Ref<Anchor>) -> Ref<TaskDefinition> {
    let iam = &settings.iam;
    let made = |policies| Role {
        permissions_boundary: iam.permissions_boundary_arn.clone(),
        ..Role::for_tasks(owner, policies)
    };
    let execution = match &iam.execution_role_arn {
        Some(arn) => graph.given(arn),
        None => graph.add("role/execution", made(policies::execution(settings, owner)), After(anchor)),
    };
    let task = match &iam.task_role_arn {
        Some(arn) => graph.given(arn),
        None => {
            let attached = iam.task_policy_arns.clone().unwrap_or_default();
            graph.add("role/task", Role { attached, ..made(policies::task(settings)) }, After(anchor))
        }
    };
    let retention_in_days = i32::try_from(settings.logs.retention_in_days).ok();
    let logs = graph.add(
        "log_group",
        LogGroup { retention_in_days, kms_key_arn: settings.logs.kms_key_arn.clone() },
        After(anchor),
    );
    graph.add("task_definition", task_definition(settings), (execution, task, logs))
}

fn task_definition(settings: &Settings) -> TaskDefinition {
    let sidecars = settings.sidecars.iter().flatten();
    let overrides = settings.container_definition_overrides.as_deref();
    TaskDefinition {
        cpu: settings.cpu,
        memory: settings.memory,
        architecture: settings.architecture.word().to_owned(),
        ephemeral_storage: settings.ephemeral_storage.map(whole),
        container: serving(settings),
        sidecars: sidecars.map(|(name, sidecar)| (name.clone(), beside(sidecar))).collect(),
        overrides: overrides.map(Document::new),
        image_elsewhere: settings.image_is_elsewhere(),
    }
}

fn serving(settings: &Settings) -> Container {
    Container {
        image: settings.image.clone(),
        essential: true,
        cpu: None,
        memory: None,
        port: Some(settings.port.into()),
        command: list(settings.command.as_ref()),
        entry_point: list(settings.entry_point.as_ref()),
        environment: settings.environment.clone().unwrap_or_default(),
        secrets: settings.secrets.clone().unwrap_or_default(),
        depends_on: settings.container_depends_on.clone().unwrap_or_default(),
        health_check: settings.container_health_check.as_ref().map(health_check),
        working_directory: settings.working_directory.clone(),
        user: settings.user.clone(),
        readonly_root_filesystem: settings.readonly_root_filesystem,
        init_process_enabled: settings.init_process_enabled,
        stop_timeout: settings.stop_timeout.map(whole),
    }
}

fn beside(sidecar: &Sidecar) -> Container {
    let map = |map: &Option<BTreeMap<String, String>>| map.clone().unwrap_or_default();
    Container {
        image: sidecar.image.clone(),
        essential: sidecar.essential,
        cpu: sidecar.cpu.map(whole),
        memory: sidecar.memory.map(whole),
        port: sidecar.port.map(i32::from),
        command: list(sidecar.command.as_ref()),
        entry_point: list(sidecar.entry_point.as_ref()),
        environment: map(&sidecar.environment),
        secrets: map(&sidecar.secrets),
        depends_on: map(&sidecar.depends_on),
        health_check: sidecar.container_health_check.as_ref().map(health_check),
        working_directory: sidecar.working_directory.clone(),
        user: sidecar.user.clone(),
        readonly_root_filesystem: sidecar.readonly_root_filesystem,
        init_process_enabled: sidecar.init_process_enabled,
        stop_timeout: sidecar.stop_timeout.map(whole),
    }
}

fn health_check(check: &ContainerHealthCheck) -> container::ContainerHealthCheck {
    container::ContainerHealthCheck {
        command: check.command.clone(),
        interval: whole(check.interval),
        timeout: whole(check.timeout),
        retries: whole(check.retries),
        start_period: whole(check.start_period),
    }
}

/// An empty list is none to AWS.
fn list(list: Option<&Vec<String>>) -> Option<Vec<String>> {
    list.filter(|list| !list.is_empty()).cloned()
}

/// In range, as validation has seen to it.
fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
