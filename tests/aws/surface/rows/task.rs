//! What runs: the container and its task definition.

use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{ROLLOUT, Removal, Row, row, text};

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
    ]
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
fn pairs(map: &Json) -> Json {
    let members = map.as_object().into_iter().flatten();
    members.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
