//! What runs beside the container.

use serde_json::{Value as Json, json};

use super::task::{SECRETS, dependencies, health_check, only_true, pairs, secrets};
use crate::surface::place::Place::Sidecar;
use crate::surface::row::{EXTRA, ROLLOUT, Removal, Row, row};

pub fn rows() -> Vec<Row> {
    let side = |path, set: Json, change: Json| {
        row(path, set, change).with(json!({ "sidecars": { EXTRA: { "image": "side:1" } } })).calls(ROLLOUT)
    };
    vec![
        row("sidecars.*.image", "side:2", "side:3").at(Sidecar("/image")).calls(ROLLOUT).removal(Removal::WithParent),
        side("sidecars.*.essential", json!(false), json!(true)).at(Sidecar("/essential")),
        side("sidecars.*.cpu", json!(64), json!(128)).at(Sidecar("/cpu")),
        side("sidecars.*.memory", json!(64), json!(128)).at(Sidecar("/memory")),
        side("sidecars.*.port", json!(9000), json!(9001)).at(Sidecar("/portMappings")).wire(mapping),
        side("sidecars.*.command", json!(["run", "-v"]), json!(["run"])).at(Sidecar("/command")),
        side("sidecars.*.entry_point", json!(["sh", "-c"]), json!(["bash"])).at(Sidecar("/entryPoint")),
        side("sidecars.*.environment", json!({ "A": "1" }), json!({ "A": "2", "B": "3" }))
            .at(Sidecar("/environment"))
            .wire(pairs),
        side(
            "sidecars.*.secrets",
            json!({ "TOKEN": "${parameter_arn}" }),
            json!({ "TOKEN": "${other_parameter_arn}" }),
        )
        .at(Sidecar("/secrets"))
        .wire(secrets)
        .calls(SECRETS),
        side("sidecars.*.depends_on", json!({ "app": "START" }), json!({ "app": "HEALTHY" }))
            .with(json!({
                "container_health_check": { "command": ["CMD", "true"] },
                "sidecars": { EXTRA: { "image": "side:1" } },
            }))
            .at(Sidecar("/dependsOn"))
            .wire(dependencies),
        side("sidecars.*.working_directory", json!("/srv"), json!("/opt")).at(Sidecar("/workingDirectory")),
        side("sidecars.*.user", json!("1000"), json!("nobody")).at(Sidecar("/user")),
        side("sidecars.*.readonly_root_filesystem", json!(true), json!(false))
            .at(Sidecar("/readonlyRootFilesystem"))
            .wire(only_true),
        side("sidecars.*.init_process_enabled", json!(true), json!(false))
            .at(Sidecar("/linuxParameters/initProcessEnabled"))
            .wire(only_true),
        side("sidecars.*.stop_timeout", json!(5), json!(60)).at(Sidecar("/stopTimeout")),
    ]
    .into_iter()
    .chain(health_check("sidecars.*.", "container_health_check", Sidecar))
    .collect()
}

fn mapping(port: &Json) -> Json {
    json!([{ "containerPort": port, "hostPort": port, "protocol": "tcp" }])
}
