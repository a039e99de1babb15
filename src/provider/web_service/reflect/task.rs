//! The task definition, read back.

use super::{Standing, actual};
use crate::aws::objects::task_definition::TaskDefinition;
use crate::provider::web_service::model::Settings;

pub(super) fn task(settings: &mut Settings, standing: &Standing) {
    if let Some(task) = actual::<TaskDefinition>(standing, "task_definition") {
        settings.image.clone_from(&task.image);
        settings.port = u16::try_from(task.port).unwrap_or_default();
        (settings.cpu, settings.memory) = (task.cpu, task.memory);
        // Null and empty are one to AWS: the user's spelling stays.
        if settings.command.clone().unwrap_or_default() != task.command.clone().unwrap_or_default() {
            settings.command.clone_from(&task.command);
        }
        if settings.environment.clone().unwrap_or_default() != task.environment {
            settings.environment = Some(task.environment.clone());
        }
    }
}
