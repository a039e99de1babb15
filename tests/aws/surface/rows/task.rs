//! What runs: the container and its task definition.

use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{EXTRA, ROLLOUT, Removal, Row, row, text};

pub fn rows() -> Vec<Row> {
    let task = |path, set: Json, change: Json| row(path, set, change).calls(ROLLOUT);
    vec![
        task("image", json!("nginx:1.28"), json!("nginx:1.29"))
            .at(Place::Container("/image"))
            .removal(Removal::Required),
        task("port", json!(8080), json!(8081)).at(Place::Own(port, Some(set_port))).calls(PORT),
        task("cpu", json!(512), json!(1024)).at(Place::Definition("/cpu")).wire(text).with(json!({ "memory": 2048 })),
        task("memory", json!(1024), json!(2048)).at(Place::Definition("/memory")).wire(text),
        task("command", json!(["serve", "--fast"]), json!(["serve"])).at(Place::Container("/command")),
        task("environment", json!({ "LEVEL": "info" }), json!({ "LEVEL": "debug", "MODE": "a" }))
            .at(Place::Container("/environment"))
            .wire(pairs),
        task("architecture", json!("ARM64"), json!("X86_64")).at(Place::Definition("/runtimePlatform/cpuArchitecture")),
        task("ephemeral_storage", json!(30), json!(50)).at(Place::Definition("/ephemeralStorage/sizeInGiB")),
        task("entry_point", json!(["sh", "-c"]), json!(["bash"])).at(Place::Container("/entryPoint")),
        task("working_directory", json!("/srv"), json!("/opt")).at(Place::Container("/workingDirectory")),
        task("user", json!("1000:1000"), json!("nobody")).at(Place::Container("/user")),
        task("readonly_root_filesystem", json!(true), json!(false))
            .at(Place::Container("/readonlyRootFilesystem"))
            .wire(only_true),
        task("init_process_enabled", json!(true), json!(false))
            .at(Place::Container("/linuxParameters/initProcessEnabled"))
            .wire(only_true),
        task("stop_timeout", json!(0), json!(120)).at(Place::Container("/stopTimeout")),
        task("container_depends_on", json!({ "extra": "START" }), json!({ "extra": "HEALTHY" }))
            .at(Place::Container("/dependsOn"))
            .wire(dependencies)
            .with(json!({ "sidecars": { "extra": {
                "image": "side:1", "container_health_check": { "command": ["CMD", "true"] } } } })),
        task(
            "secrets",
            json!({ "TOKEN": "${parameter_arn}" }),
            json!({ "KEY": "${secret_arn}:key::", "TOKEN": "${parameter_arn}" }),
        )
        .at(Place::Container("/secrets"))
        .wire(secrets)
        .calls(SECRETS),
        task(OVERRIDES, ulimits(1024), ulimits(2048)).at(Place::Container("/ulimits")).wire(overridden),
        row("enable_execute_command", true, false).at(Place::Service("enableExecuteCommand")).calls(&[
            "ecs:UpdateService",
            "iam:DeleteRolePolicy",
            "iam:PutRolePolicy",
        ]),
    ]
    .into_iter()
    .chain(health_check("", "container_health_check", Place::Container))
    .collect()
}

/// Those of a container's health check, with what else the configuration says.
pub fn health_check(
    prefix: &'static str,
    name: &'static str,
    place: fn(&'static str) -> Place,
) -> impl Iterator<Item = Row> {
    let with = move |check: Json| match prefix {
        "" => json!({ name: check }),
        _ => json!({ "sidecars": { EXTRA: { "image": "side:1", name: check } } }),
    };
    let paths = match prefix {
        "" => MAIN_CHECK,
        _ => SIDECAR_CHECK,
    };
    let command = row(paths[0], json!(["CMD-SHELL", "true"]), json!(["CMD", "check", "-x"]))
        .at(place("/healthCheck/command"))
        .with(if prefix.is_empty() { json!({}) } else { json!({ "sidecars": { EXTRA: { "image": "side:1" } } }) })
        .removal(Removal::WithParent);
    let number = move |path, member, set: i64, change: i64| {
        row(path, set, change).at(place(member)).with(with(json!({ "command": ["CMD", "true"] })))
    };
    [
        command,
        number(paths[1], "/healthCheck/interval", 10, 20),
        number(paths[2], "/healthCheck/timeout", 3, 4),
        number(paths[3], "/healthCheck/retries", 2, 5),
        number(paths[4], "/healthCheck/startPeriod", 10, 0),
    ]
    .into_iter()
    .map(|row| row.calls(ROLLOUT))
}

const MAIN_CHECK: [&str; 5] = [
    "container_health_check.command",
    "container_health_check.interval",
    "container_health_check.timeout",
    "container_health_check.retries",
    "container_health_check.start_period",
];

const SIDECAR_CHECK: [&str; 5] = [
    "sidecars.*.container_health_check.command",
    "sidecars.*.container_health_check.interval",
    "sidecars.*.container_health_check.timeout",
    "sidecars.*.container_health_check.retries",
    "sidecars.*.container_health_check.start_period",
];

const OVERRIDES: &str = "container_definition_overrides";

/// Rolled out, and the execution role may read other secrets.
pub const SECRETS: &[&str] =
    &["ecs:RegisterTaskDefinition", "ecs:UpdateService", "iam:DeleteRolePolicy", "iam:PutRolePolicy"];

fn ulimits(most: i64) -> Json {
    json!({ "ulimits": [{ "name": "nofile", "softLimit": most, "hardLimit": most }] }).to_string().into()
}

/// What the patch says of the one member that it is about.
fn overridden(text: &Json) -> Json {
    serde_json::from_str::<Json>(text.as_str().unwrap_or_default()).unwrap_or_default()["ulimits"].take()
}

/// AWS isn't told of what is off.
pub fn only_true(value: &Json) -> Json {
    if *value == json!(true) { value.clone() } else { Json::Null }
}

pub fn dependencies(map: &Json) -> Json {
    let members = map.as_object().into_iter().flatten();
    members.map(|(name, condition)| json!({ "containerName": name, "condition": condition })).collect()
}

pub fn secrets(map: &Json) -> Json {
    let members = map.as_object().into_iter().flatten();
    members.map(|(name, from)| json!({ "name": name, "valueFrom": from })).collect()
}

/// Another port is let through before it is served, and the old one closed afterwards.
const PORT: &[&str] = &[
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ecs:RegisterTaskDefinition",
    "ecs:UpdateService",
];

/// Where the container listens and the load balancer sends requests: one port.
fn port(at: &mut At<'_>) -> Json {
    let sent = at.service()["loadBalancers"][0]["containerPort"].take();
    let listens = at.definition()["containerDefinitions"][0]["portMappings"][0]["containerPort"].take();
    if sent == listens { sent } else { json!([sent, listens]) }
}

fn set_port(at: &mut At<'_>, port: &Json) {
    let mapping = json!({ "containerPort": port, "hostPort": port, "protocol": "tcp" });
    let definition = at.register(&[("/containerDefinitions/0/portMappings/0", &mapping)]);
    let mut balancers = at.service()["loadBalancers"].take();
    balancers[0]["containerPort"] = port.clone();
    at.update_service(json!({ "taskDefinition": definition, "loadBalancers": balancers }));
}

/// As ECS writes an environment.
pub fn pairs(map: &Json) -> Json {
    let members = map.as_object().into_iter().flatten();
    members.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
