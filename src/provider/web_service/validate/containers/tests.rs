//! Bad containers, each bad in another way: where it is told, and with which words.

use serde_json::{Value as Json, json};

use super::super::check;
use crate::protocol::codec;
use crate::protocol::provider::Resource;
use crate::provider::web_service::{Shared, WebService};

fn told(more: Json) -> Vec<(String, String)> {
    let mut config = json!({ "name": "hello", "image": "nginx" });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let resource = WebService::new(Shared::default()).unwrap();
    let config = codec::from_json(resource.schema(), &config).unwrap();
    let told = check(&config).into_iter();
    told.map(|one| (one.path.to_string(), one.detail)).collect()
}

fn side(more: Json) -> Json {
    let mut side = json!({ "image": "side" });
    side.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "sidecars": { "side": side } })
}

const PARAMETER: &str = "arn:aws:ssm:eu-west-3:123456789012:parameter/shop/token";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop/db-AbCdEf";

#[test]
fn each_bad_container_is_told_at_its_attribute() {
    let check = |more: Json| {
        let mut check = json!({ "command": ["CMD", "true"] });
        check.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "container_health_check": check })
    };
    let secrets = |from: &str| json!({ "secrets": { "TOKEN": from } });
    let at_side = "sidecars[\"side\"]";
    for (config, at, says) in [
        (json!({ "architecture": "arm64" }), "architecture".to_owned(), "ARM64"),
        (json!({ "ephemeral_storage": 20 }), "ephemeral_storage".into(), "21 to 200"),
        (json!({ "stop_timeout": 121 }), "stop_timeout".into(), "0 to 120"),
        (json!({ "working_directory": "srv" }), "working_directory".into(), "begin with /"),
        (json!({ "user": "a b" }), "user".into(), "1000:1000"),
        (json!({ "user": "a:b:c" }), "user".into(), "1000:1000"),
        (json!({ "entry_point": ["sh", null] }), "entry_point".into(), "null"),
        (check(json!({ "command": ["true"] })), "container_health_check.command".into(), "CMD-SHELL"),
        (check(json!({ "command": ["CMD"] })), "container_health_check.command".into(), "something to run"),
        (check(json!({ "command": [] })), "container_health_check.command".into(), "CMD"),
        (check(json!({ "interval": 4 })), "container_health_check.interval".into(), "5 to 300"),
        (check(json!({ "timeout": 61 })), "container_health_check.timeout".into(), "2 to 60"),
        (check(json!({ "retries": 0 })), "container_health_check.retries".into(), "1 to 10"),
        (check(json!({ "start_period": 301 })), "container_health_check.start_period".into(), "0 to 300"),
        (secrets("swordfish"), "secrets[\"TOKEN\"]".into(), "not the ARN"),
        (secrets("arn:aws:s3:::bucket/key"), "secrets[\"TOKEN\"]".into(), "not the ARN"),
        (secrets(&SECRET.replace("eu-west-3", "paris")), "secrets[\"TOKEN\"]".into(), "not the ARN"),
        (secrets(&format!("{SECRET}:key")), "secrets[\"TOKEN\"]".into(), "JSON-KEY:VERSION-STAGE"),
        (secrets(&format!("{SECRET}:key:stage:id")), "secrets[\"TOKEN\"]".into(), "not the ARN"),
        (
            json!({ "secrets": { "A": PARAMETER }, "environment": { "A": "b" } }),
            "secrets[\"A\"]".into(),
            "in environment too",
        ),
        (json!({ "sidecars": { "app": { "image": "x" } } }), "sidecars[\"app\"]".into(), "service's own"),
        (json!({ "sidecars": { "a b": { "image": "x" } } }), "sidecars[\"a b\"]".into(), "letters, digits"),
        (json!({ "sidecars": { "a": null } }), "sidecars[\"a\"]".into(), "null"),
        (side(json!({ "image": "Side" })), format!("{at_side}.image"), "lower-case"),
        (side(json!({ "port": 80 })), format!("{at_side}.port"), "listens on port 80 already"),
        (side(json!({ "cpu": 257 })), "sidecars".into(), "the whole task's is 256"),
        (side(json!({ "memory": 512 })), "sidecars".into(), "leaves the service's container nothing"),
        (side(json!({ "memory": 5 })), format!("{at_side}.memory"), "6 to"),
        (side(json!({ "secrets": { "A": "swordfish" } })), format!("{at_side}.secrets[\"A\"]"), "not the ARN"),
        (side(json!({ "depends_on": { "db": "START" } })), format!("{at_side}.depends_on[\"db\"]"), "app, side"),
        (side(json!({ "depends_on": { "app": "UP" } })), format!("{at_side}.depends_on[\"app\"]"), "HEALTHY"),
        (
            side(json!({ "depends_on": { "app": "HEALTHY" } })),
            format!("{at_side}.depends_on[\"app\"]"),
            "never HEALTHY",
        ),
        (side(json!({ "depends_on": { "app": "SUCCESS" } })), format!("{at_side}.depends_on[\"app\"]"), "essential"),
        (
            side(json!({ "depends_on": { "side": "START" } })),
            format!("{at_side}.depends_on[\"side\"]"),
            "waits for itself",
        ),
    ] {
        let all = told(config.clone());
        assert_eq!(all.len(), 1, "{config}: {all:?}");
        assert!(all[0].0 == at && all[0].1.contains(says), "{config}: {all:?}");
        assert!(!all[0].1.contains("swordfish"), "a secret is told: {all:?}");
    }
}

#[test]
fn a_circle_over_several_containers_is_told_once() {
    let on = |name: &str| json!({ "image": "x", "depends_on": { name: "START" } });
    let config = json!({ "container_depends_on": { "a": "START" }, "sidecars": { "a": on("b"), "b": on("app") } });
    let all = told(config);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].0 == "container_depends_on[\"a\"]" && all[0].1.contains("a, app, b"), "{all:?}");
}

#[test]
fn sessions_need_file_systems_that_can_be_written() {
    let mut config = side(json!({ "readonly_root_filesystem": true }));
    config["enable_execute_command"] = json!(true);
    config["readonly_root_filesystem"] = json!(true);
    let places: Vec<String> = told(config).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["readonly_root_filesystem", "sidecars[\"side\"].readonly_root_filesystem"]);
}

#[test]
fn good_containers_are_taken() {
    let migrate = json!({ "image": "x", "essential": false, "secrets": { "DB": format!("{SECRET}:url::") } });
    let proxy = json!({
        "image": "y", "port": 9000, "cpu": 64, "memory": 128, "depends_on": { "migrate": "SUCCESS" },
        "container_health_check": { "command": ["CMD-SHELL", "true"] },
    });
    let config = json!({
        "architecture": "ARM64",
        "secrets": { "A": PARAMETER, "B": SECRET, "C": format!("{SECRET}::AWSPREVIOUS:") },
        "container_depends_on": { "proxy": "HEALTHY" },
        "sidecars": { "migrate": migrate, "proxy": proxy },
    });
    assert_eq!(told(config), []);
}

#[test]
fn roles_and_overrides_say_nothing_twice() {
    let role = "arn:aws:iam::123456789012:role/app";
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let iam = |iam: Json| json!({ "iam": iam });
    let overrides = |patch: &str| json!({ "container_definition_overrides": patch });
    for (config, at, says) in [
        (iam(json!({ "task_role_arn": "app" })), "iam.task_role_arn", "IAM role"),
        (iam(json!({ "execution_role_arn": policy })), "iam.execution_role_arn", "IAM role"),
        (iam(json!({ "task_policy_arns": [role] })), "iam.task_policy_arns", "IAM policy"),
        (iam(json!({ "task_policy_json": "{" })), "iam.task_policy_json", "not JSON"),
        (iam(json!({ "task_policy_json": "{}" })), "iam.task_policy_json", "no Statement"),
        (iam(json!({ "permissions_boundary_arn": role })), "iam.permissions_boundary_arn", "IAM policy"),
        (iam(json!({ "task_role_arn": role, "task_policy_arns": [policy] })), "iam.task_policy_arns", "is given"),
        (
            iam(json!({ "task_role_arn": role, "execution_role_arn": role, "permissions_boundary_arn": policy })),
            "iam.permissions_boundary_arn",
            "none to bound",
        ),
        (overrides("[]"), "container_definition_overrides", "no object"),
        (overrides("{"), "container_definition_overrides", "not JSON"),
        (overrides(r#"{"image": "x"}"#), "container_definition_overrides", "image is said by image"),
        (
            overrides(r#"{"linuxParameters": {"initProcessEnabled": true}}"#),
            "container_definition_overrides",
            "said by init_process_enabled",
        ),
        (overrides(r#"{"dockerLabels": null}"#), "container_definition_overrides", "dockerLabels"),
    ] {
        let all = told(config.clone());
        assert_eq!(all.len(), 1, "{config}: {all:?}");
        assert!(all[0].0 == at && all[0].1.contains(says), "{config}: {all:?}");
    }
    let good = r#"{"ulimits": [], "linuxParameters": {"sharedMemorySize": 64}, "dockerLabels": {"team": "shop"}}"#;
    assert_eq!(told(overrides(good)), []);
}
