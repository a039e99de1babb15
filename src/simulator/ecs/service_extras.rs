//! Members of CreateService and UpdateService that are kept and shown, and do nothing here: alarms, early success, Service
//! Connect, registries. Members that the API doesn't have are passed over in silence, as AWS does. Texts of refusals unverified.

use serde_json::{Map, Value as Json};

use super::refuse;
use crate::simulator::refusal::Refusal;

/// The members that are known of these that were given.
fn known(given: &Json, names: &[&str]) -> Map<String, Json> {
    let members = given.as_object().into_iter().flatten();
    let members = members.filter(|(name, value)| names.contains(&name.as_str()) && !value.is_null());
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// API reference, DeploymentConfiguration and DeploymentAlarms, all of whose members are required.
pub fn deployment(given: &Json) -> Result<Map<String, Json>, Refusal> {
    const NAMES: [&str; 7] = [
        "alarms",
        "bakeTimeInMinutes",
        "deploymentCircuitBreaker",
        "earlySuccessCriteria",
        "maximumPercent",
        "minimumHealthyPercent",
        "strategy",
    ];
    let mut members = known(given, &NAMES);
    if let Some(alarms) = members.get_mut("alarms") {
        let needed = ["alarmNames", "enable", "rollback"];
        if let Some(missing) = needed.iter().find(|name| alarms[**name].is_null()) {
            return Err(refuse::parameter(format!("alarms needs {missing}.")));
        }
        *alarms = known(alarms, &needed).into();
    }
    if let Some(criteria) = members.get_mut("earlySuccessCriteria") {
        *criteria = known(criteria, &["enable", "healthyPercent", "sourceServiceRevisionCleanup"]).into();
    }
    Ok(members)
}

/// API reference, ServiceConnectConfiguration. Without a namespace the cluster's default would be taken, which it has none of.
pub fn connect(given: &Json) -> Result<Json, Refusal> {
    if given.is_null() {
        return Ok(Json::Null);
    }
    let names =
        ["accessLogConfiguration", "containerConfigurations", "enabled", "logConfiguration", "namespace", "services"];
    let mut members = known(given, &names);
    match members.get("enabled").and_then(Json::as_bool) {
        None => return Err(refuse::parameter("serviceConnectConfiguration needs enabled.")),
        Some(true) if !members.contains_key("namespace") => {
            return Err(refuse::parameter("A Service Connect namespace must be specified."));
        }
        Some(_) => {}
    }
    if let Some(logs) = members.get_mut("logConfiguration") {
        *logs = known(logs, &["logDriver", "options", "secretOptions"]).into();
    }
    Ok(members.into())
}

/// At most one ("Only one service registry per service", API reference, CreateService); none if nothing is said.
pub fn registries(given: &Json) -> Result<Option<Json>, Refusal> {
    let Some(all) = given.as_array() else { return Ok(None) };
    let names = ["containerName", "containerPort", "port", "registryArn"];
    match all.as_slice() {
        [_, _, ..] => Err(refuse::parameter("serviceRegistries can have at most 1 item.")),
        [one] if !one["registryArn"].is_string() => Err(refuse::parameter("registryArn can not be empty.")),
        all => Ok(Some(all.iter().map(|one| Json::from(known(one, &names))).collect())),
    }
}

/// Versions for Linux ("Fargate platform versions for Amazon ECS").
pub fn platform(version: &str) -> Result<(), Refusal> {
    match ["LATEST", "1.4.0", "1.3.0"].contains(&version) {
        true => Ok(()),
        false => Err(Refusal::new("PlatformUnknownException", "The specified platform version doesn't exist.")),
    }
}
