//! What a merge patch over the service may say: nothing that an attribute says already, nothing that could not be changed or
//! seen afterwards, and nothing that AWS would pass over in silence, as it does with names that it doesn't know.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::number;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};

const OVERRIDES: &str = "service_overrides";

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    (OVERRIDES, Rule::Long(rules::json_object)),
];

/// Members of CreateService and UpdateService in the ECS API, and what says them here.
const SAID: &[(&str, &str)] = &[
    ("capacityProviderStrategy", "capacity"),
    ("cluster", "cluster.arn"),
    ("deploymentConfiguration.deploymentCircuitBreaker", "deployment.circuit_breaker"),
    ("deploymentConfiguration.maximumPercent", "deployment.maximum_percent"),
    ("deploymentConfiguration.minimumHealthyPercent", "deployment.minimum_healthy_percent"),
    ("desiredCount", "desired_count"),
    ("enableExecuteCommand", "enable_execute_command"),
    ("forceNewDeployment", "redeploy_trigger"),
    ("healthCheckGracePeriodSeconds", "health_check.grace_period"),
    ("launchType", "capacity"),
    ("loadBalancers", "load_balancer and port"),
    ("networkConfiguration", "network"),
    ("service", "name"),
    ("serviceName", "name"),
    ("tags", "tags"),
    ("taskDefinition", "image and the other attributes of the containers"),
];

/// Members that the service cannot have, and why.
const REFUSED: &[(&str, &str)] = &[
    ("clientToken", "is of a single call; the provider gives it"),
    ("deploymentConfiguration.canaryConfiguration", GREEN),
    ("deploymentConfiguration.lifecycleHooks", GREEN),
    ("deploymentConfiguration.linearConfiguration", GREEN),
    ("deploymentConfiguration.strategy", GREEN),
    ("deploymentController", "can only be ECS here: the provider follows ECS's own rollouts"),
    ("gatewayConnectors", PORT_NAME),
    ("monitoring", "is not shown by DescribeServices, so nobody could see whether it is so"),
    ("placementConstraints", NO_INSTANCES),
    ("placementStrategy", NO_INSTANCES),
    ("role", "is of tasks that share a host's network; these have their own, and ECS uses its service-linked role"),
    ("schedulingStrategy", "can only be REPLICA on Fargate"),
    ("serviceConnectConfiguration.services", PORT_NAME),
    ("volumeConfigurations", "needs a volume in the task definition, which no attribute gives"),
    ("vpcLatticeConfigurations", PORT_NAME),
];

const GREEN: &str =
    "needs a second target group to shift requests to; this service has one, and is rolled out in place";
const NO_INSTANCES: &str = "is of tasks on instances: on Fargate there is nothing to place them on";
const PORT_NAME: &str = "needs a port with a name in the task definition, which no attribute gives";

/// What may be said.
enum Shape {
    Words(&'static [&'static str]),
    Version,
    Truth,
    Whole(RangeInclusive<i64>),
    /// The members it may have; the first ones, so many, it must have.
    Object(usize, &'static [&'static str]),
    /// The same for the one element of a list.
    One(usize, &'static [&'static str]),
}

const KNOWN: &[(&str, Shape)] = &[
    ("availabilityZoneRebalancing", Shape::Words(&["ENABLED", "DISABLED"])),
    ("deploymentConfiguration.alarms", Shape::Object(3, &["alarmNames", "enable", "rollback"])),
    ("deploymentConfiguration.bakeTimeInMinutes", Shape::Whole(0..=1440)),
    (
        "deploymentConfiguration.earlySuccessCriteria",
        Shape::Object(1, &["enable", "healthyPercent", "sourceServiceRevisionCleanup"]),
    ),
    ("enableECSManagedTags", Shape::Truth),
    ("platformVersion", Shape::Version),
    ("propagateTags", Shape::Words(&["SERVICE", "TASK_DEFINITION", "NONE"])),
    (
        "serviceConnectConfiguration",
        Shape::Object(
            1,
            &["enabled", "namespace", "logConfiguration", "accessLogConfiguration", "containerConfigurations"],
        ),
    ),
    ("serviceRegistries", Shape::One(1, &["registryArn", "port", "containerName", "containerPort"])),
];

pub fn cross(config: &Value) -> Vec<Diagnostic> {
    let text = config.member(OVERRIDES).as_str().unwrap_or_default();
    let Ok(patch) = serde_json::from_str::<Json>(text) else { return Vec::new() };
    let mut told: Vec<String> = leaves(&patch).into_iter().filter_map(|(path, value)| wrong(&path, value)).collect();
    if told.is_empty() && number(config, "deployment.maximum_percent") == Some(100) && rebalances(&patch) {
        told.push("availabilityZoneRebalancing can't be ENABLED while deployment.maximum_percent is 100.".into());
    }
    told.into_iter().map(|why| invalid(OVERRIDES, why)).collect()
}

fn rebalances(patch: &Json) -> bool {
    patch["availabilityZoneRebalancing"] == "ENABLED"
}

/// The members by their paths; those of the deployment configuration one by one, as some of them are said by attributes. What
/// is refused within another member goes before it.
fn leaves(patch: &Json) -> Vec<(String, &Json)> {
    let mut leaves = Vec::new();
    for (name, value) in patch.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(members) if name == "deploymentConfiguration" => {
                leaves.extend(members.iter().map(|(member, value)| (format!("{name}.{member}"), value)));
            }
            _ if value["services"].is_array() => leaves.push((format!("{name}.services"), value)),
            _ => leaves.push((name.clone(), value)),
        }
    }
    leaves
}

fn wrong(path: &str, value: &Json) -> Option<String> {
    let at = |table: &[(&str, &'static str)]| table.iter().find(|(name, _)| *name == path).map(|(_, why)| *why);
    if let Some(attribute) = at(SAID) {
        return Some(format!("{path} is said by {attribute}."));
    }
    if let Some(why) = at(REFUSED) {
        return Some(format!("{path} {why}."));
    }
    match KNOWN.iter().find(|(name, _)| *name == path) {
        _ if path == "deploymentConfiguration" => Some(format!("{path} is no object.")),
        _ if has_null(value) => {
            Some(format!("{path} is or has null: AWS would keep what it has. Say the value, or leave it out."))
        }
        Some((_, shape)) => misfit(shape, value).map(|why| format!("{path} {why}.")),
        None => Some(format!("The ECS API has no {path} for a service, or none that this provider knows of.")),
    }
}

fn has_null(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(members) => members.values().any(has_null),
        Json::Array(elements) => elements.iter().any(has_null),
        _ => false,
    }
}

fn misfit(shape: &Shape, value: &Json) -> Option<String> {
    let unless = |fits: bool, why: String| (!fits).then_some(why);
    match shape {
        Shape::Words(words) => {
            let fits = value.as_str().is_some_and(|text| words.contains(&text));
            unless(fits, format!("must be one of {}", words.join(", ")))
        }
        Shape::Version => {
            let is_version =
                |text: &str| text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u16>().is_ok());
            let fits = value.as_str().is_some_and(|text| text == "LATEST" || is_version(text));
            unless(fits, "must be LATEST or a platform version such as 1.4.0".into())
        }
        Shape::Truth => unless(value.is_boolean(), "must be true or false".into()),
        Shape::Whole(range) => {
            let fits = value.as_i64().is_some_and(|number| range.contains(&number));
            unless(fits, format!("must be a whole number from {} to {}", range.start(), range.end()))
        }
        Shape::Object(needed, names) => object(*needed, names, value),
        Shape::One(needed, names) => match value.as_array().map(Vec::as_slice) {
            Some([]) => None,
            Some([one]) => object(*needed, names, one),
            _ => Some("must be a list of at most one object".into()),
        },
    }
}

fn object(needed: usize, names: &[&str], value: &Json) -> Option<String> {
    let Some(members) = value.as_object() else { return Some("must be an object".into()) };
    let missing = names.iter().take(needed).find(|name| !members.contains_key(**name));
    let unknown = members.keys().find(|name| !names.contains(&name.as_str()));
    let missing = missing.map(|name| format!("needs the member {name}"));
    missing.or_else(|| Some(format!("has no member {} in the ECS API: it has {}", unknown?, names.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(patch: &str, maximum_percent: i64) -> Vec<String> {
        let deployment = Value::object([("maximum_percent", Value::from(maximum_percent))]);
        let config = Value::object([(OVERRIDES, Value::from(patch)), ("deployment", deployment)]);
        cross(&config).into_iter().map(|told| told.detail).collect()
    }

    #[test]
    fn what_cannot_be_said_is_told_with_the_reason() {
        for (patch, says) in [
            (r#"{"desiredCount": 3}"#, "desiredCount is said by desired_count."),
            (r#"{"deploymentConfiguration": {"maximumPercent": 150}}"#, "said by deployment.maximum_percent"),
            (r#"{"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}"#, "second target group"),
            (r#"{"deploymentConfiguration": []}"#, "is no object"),
            (r#"{"placementStrategy": []}"#, "on instances"),
            (r#"{"platformVersions": "1.4.0"}"#, "has no platformVersions"),
            (r#"{"platformVersion": "newest"}"#, "LATEST or a platform version"),
            (r#"{"platformVersion": null}"#, "AWS would keep what it has"),
            (r#"{"propagateTags": "service"}"#, "one of SERVICE, TASK_DEFINITION, NONE"),
            (r#"{"enableECSManagedTags": "yes"}"#, "true or false"),
            (r#"{"deploymentConfiguration": {"bakeTimeInMinutes": 1.5}}"#, "from 0 to 1440"),
            (r#"{"deploymentConfiguration": {"alarms": {"alarmNames": ["a"]}}}"#, "needs the member enable"),
            (r#"{"serviceConnectConfiguration": {"enabled": true, "namespaces": "a"}}"#, "has no member namespaces"),
            (r#"{"serviceConnectConfiguration": {"enabled": true, "services": [{}]}}"#, "port with a name"),
            (r#"{"serviceConnectConfiguration": {"enabled": true, "namespace": null}}"#, "is or has null"),
            (r#"{"serviceRegistries": [{}]}"#, "needs the member registryArn"),
            (r#"{"serviceRegistries": [{}, {}]}"#, "at most one"),
        ] {
            let told = told(patch, 200);
            assert!(told.len() == 1 && told[0].contains(says), "{patch}: {told:?}");
        }
        let enabled = r#"{"availabilityZoneRebalancing": "ENABLED"}"#;
        assert!(told(enabled, 100)[0].contains("maximum_percent is 100") && told(enabled, 200).is_empty());
    }

    #[test]
    fn every_member_of_the_api_has_one_answer() {
        let all: Vec<&str> =
            SAID.iter().chain(REFUSED).map(|(path, _)| *path).chain(KNOWN.iter().map(|(path, _)| *path)).collect();
        for path in &all {
            assert_eq!(all.iter().filter(|other| other == &path).count(), 1, "{path}");
        }
        let good = r#"{"deploymentConfiguration": {"earlySuccessCriteria": {"enable": true, "healthyPercent": 100}},
            "serviceConnectConfiguration": {"enabled": true, "namespace": "shop"}, "serviceRegistries": [{"registryArn": "a"}]}"#;
        assert_eq!(told(good, 200), Vec::<String>::new());
    }
}
