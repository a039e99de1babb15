//! What a merge patch over the container's definition may say: nothing that an attribute says already. So attributes win.

use crate::aws::objects::task_definition::OVERRIDES_LABEL;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};

const OVERRIDES: &str = "container_definition_overrides";

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    (OVERRIDES, Rule::Long(rules::json_object)),
];

/// Members of a container definition in the ECS API, and what says them here.
const SAID: &[(&str, &str)] = &[
    ("/name", "no attribute: the service finds the container by it"),
    ("/essential", "no attribute: the service's container always is"),
    ("/command", "command"),
    ("/dependsOn", "container_depends_on"),
    ("/entryPoint", "entry_point"),
    ("/environment", "environment"),
    ("/healthCheck", "container_health_check"),
    ("/image", "image"),
    ("/linuxParameters/initProcessEnabled", "init_process_enabled"),
    ("/portMappings", "port"),
    ("/readonlyRootFilesystem", "readonly_root_filesystem"),
    ("/secrets", "secrets"),
    ("/stopTimeout", "stop_timeout"),
    ("/user", "user"),
    ("/workingDirectory", "working_directory"),
];

pub fn cross(config: &Value) -> Vec<Diagnostic> {
    let text = config.member(OVERRIDES).as_str().unwrap_or_default();
    let Ok(patch) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let said = SAID.iter().filter(|(pointer, _)| patch.pointer(pointer).is_some());
    let mut told: Vec<String> = said
        .map(|(pointer, attribute)| format!("{} is said by {attribute}.", pointer[1..].replace('/', ".")))
        .collect();
    // Removing what holds an attribute's member would remove that too.
    if patch.get("linuxParameters").is_some_and(|linux| !linux.is_object()) {
        told.push("linuxParameters is no object.".into());
    }
    if patch.get("dockerLabels").is_some_and(|labels| !labels.is_object() || labels.get(OVERRIDES_LABEL).is_some()) {
        told.push(format!("dockerLabels is no object, or has {OVERRIDES_LABEL}, which is the provider's."));
    }
    told.into_iter().map(|why| invalid(OVERRIDES, why)).collect()
}
