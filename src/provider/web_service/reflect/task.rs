//! The task definition and the roles, read back. Null and empty are one to AWS: the user's spelling stays.

use std::collections::BTreeMap;

use super::{Standing, actual};
use crate::aws::document::Document;
use crate::aws::erased::Found;
use crate::aws::object::Outputs;
use crate::aws::objects::container::{self, Container};
use crate::aws::objects::role::{Role, RoleOutput};
use crate::aws::objects::task_definition::TaskDefinition;
use crate::provider::web_service::model::{Architecture, ContainerHealthCheck, Iam, Settings, Sidecar};

pub(super) fn task(settings: &mut Settings, standing: &Standing) {
    if let Some(task) = actual::<TaskDefinition>(standing, TaskDefinition::KEY) {
        (settings.cpu, settings.memory) = (task.cpu, task.memory);
        let arm = task.architecture == Architecture::Arm64.word();
        settings.architecture = if arm { Architecture::Arm64 } else { Architecture::X8664 };
        settings.ephemeral_storage = task.ephemeral_storage.and_then(whole);
        serving(settings, &task.container);
        sidecars(settings, &task.sidecars);
        keep_json(&mut settings.container_definition_overrides, task.overrides.as_ref());
    }
    let boundaries = ["role/task", "role/execution"].map(|key| actual::<Role>(standing, key));
    if let Some(role) = boundaries[0] {
        roles(&mut settings.iam, role);
    }
    // Of two that differ, the one that isn't as wanted is shown.
    let wanted = settings.iam.permissions_boundary_arn.clone();
    let other = boundaries.into_iter().flatten().find(|role| role.permissions_boundary != wanted);
    if let Some(role) = other {
        settings.iam.permissions_boundary_arn.clone_from(&role.permissions_boundary);
    }
}

/// Roles that were given: those that the tasks are in and that aren't ours.
pub(super) fn structure(standing: &Standing) -> Iam {
    let seen = standing.get(TaskDefinition::KEY).and_then(Found::seen::<TaskDefinition>);
    let given = |ours: &str, role: fn(&Outputs<TaskDefinition>) -> &RoleOutput| {
        let arn = seen.map(|seen| role(&seen.needs).arn.clone()).filter(|arn| !arn.is_empty());
        arn.filter(|_| !standing.contains_key(ours))
    };
    Iam {
        execution_role_arn: given("role/execution", |(execution, ..)| execution),
        task_role_arn: given("role/task", |(_, task, _)| task),
        ..Iam::default()
    }
}

fn serving(settings: &mut Settings, container: &Container) {
    settings.image.clone_from(&container.image);
    settings.port = container.port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
    keep(&mut settings.command, container.command.clone());
    keep(&mut settings.entry_point, container.entry_point.clone());
    keep(&mut settings.environment, Some(container.environment.clone()));
    keep(&mut settings.secrets, Some(container.secrets.clone()));
    keep(&mut settings.container_depends_on, Some(container.depends_on.clone()));
    settings.container_health_check = container.health_check.as_ref().map(health_check);
    settings.working_directory.clone_from(&container.working_directory);
    settings.user.clone_from(&container.user);
    settings.readonly_root_filesystem = container.readonly_root_filesystem;
    settings.init_process_enabled = container.init_process_enabled;
    settings.stop_timeout = container.stop_timeout.and_then(whole);
}

fn sidecars(settings: &mut Settings, containers: &BTreeMap<String, Container>) {
    let before = settings.sidecars.clone().unwrap_or_default();
    let read = |(name, container): (&String, &Container)| {
        let before = before.get(name).cloned().unwrap_or_default();
        (name.clone(), sidecar(before, container))
    };
    keep(&mut settings.sidecars, Some(containers.iter().map(read).collect()));
}

fn sidecar(mut sidecar: Sidecar, container: &Container) -> Sidecar {
    sidecar.image.clone_from(&container.image);
    sidecar.essential = container.essential;
    sidecar.cpu = container.cpu.and_then(whole);
    sidecar.memory = container.memory.and_then(whole);
    sidecar.port = container.port.and_then(|port| u16::try_from(port).ok());
    keep(&mut sidecar.command, container.command.clone());
    keep(&mut sidecar.entry_point, container.entry_point.clone());
    keep(&mut sidecar.environment, Some(container.environment.clone()));
    keep(&mut sidecar.secrets, Some(container.secrets.clone()));
    keep(&mut sidecar.depends_on, Some(container.depends_on.clone()));
    sidecar.container_health_check = container.health_check.as_ref().map(health_check);
    sidecar.working_directory.clone_from(&container.working_directory);
    sidecar.user.clone_from(&container.user);
    sidecar.readonly_root_filesystem = container.readonly_root_filesystem;
    sidecar.init_process_enabled = container.init_process_enabled;
    sidecar.stop_timeout = container.stop_timeout.and_then(whole);
    sidecar
}

fn health_check(check: &container::ContainerHealthCheck) -> ContainerHealthCheck {
    let number = |number: i32| whole(number).unwrap_or_default();
    ContainerHealthCheck {
        command: check.command.clone(),
        interval: number(check.interval),
        timeout: number(check.timeout),
        retries: number(check.retries),
        start_period: number(check.start_period),
    }
}

fn roles(iam: &mut Iam, role: &Role) {
    // The mark of one that isn't attached is no policy.
    let attached = role.attached.iter().filter(|policy| policy.starts_with("arn:")).cloned();
    keep(&mut iam.task_policy_arns, Some(attached.collect()));
    keep_json(&mut iam.task_policy_json, role.policies.get("task"));
}

/// What AWS shows, unless it comes to the same.
fn keep<T: Clone + Default + PartialEq>(setting: &mut Option<T>, actual: Option<T>) {
    let actual = actual.unwrap_or_default();
    if setting.clone().unwrap_or_default() != actual {
        *setting = Some(actual);
    }
}

/// The same for a text in JSON, whose spaces and order say nothing.
fn keep_json(setting: &mut Option<String>, actual: Option<&Document>) {
    if setting.as_deref().map(Document::new).as_ref() != actual {
        *setting = actual.map(|document| document.text().to_owned());
    }
}

fn whole(number: i32) -> Option<u32> {
    u32::try_from(number).ok()
}
