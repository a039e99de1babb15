//! The judge: the real `terraform`, where there is one.

use std::path::Path;
use std::process::Output;

use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::BINARY;
use crate::client::{COOKIE, Plugin, eventually};

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    fargate = { source = "fargate-rs/fargate" }
  }
}
"#;

/// A directory with a configuration that needs the provider, and no way to get it from anywhere else.
fn workspace(provider_installation: &str) -> TempDir {
    let workspace = tempfile::tempdir().unwrap();
    std::fs::write(workspace.path().join("main.tf"), CONFIGURATION).unwrap();
    let settings = format!("provider_installation {{\n{provider_installation}\n}}\n");
    std::fs::write(workspace.path().join("settings.tfrc"), settings).unwrap();
    workspace
}

/// Runs terraform; `None` where it isn't installed (there is OpenTofu then, with which `tests/aws` runs).
async fn terraform(workspace: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(workspace).env_remove("TF_LOG").env("CHECKPOINT_DISABLE", "1");
    command.env("TF_CLI_CONFIG_FILE", workspace.join("settings.tfrc")).envs(variables.iter().copied());
    command.kill_on_drop(true);
    match tokio::time::timeout(std::time::Duration::from_secs(120), command.output()).await.expect("in time") {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: there is no terraform on the PATH");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn schema_of(output: &Output) -> Json {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Json = serde_json::from_slice(&output.stdout).unwrap();
    let schema = told["provider_schemas"]["registry.terraform.io/fargate-rs/fargate"].clone();
    assert!(!schema["resource_schemas"].as_object().unwrap().is_empty(), "{told}");
    schema
}

#[cfg(unix)]
#[tokio::test]
async fn terraform_accepts_the_schema() {
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(BINARY, home.path().join("terraform-provider-fargate")).unwrap();
    let workspace = workspace(&format!("dev_overrides {{ \"fargate-rs/fargate\" = {:?} }}", home.path()));
    if let Some(output) = terraform(workspace.path(), &[], &["providers", "schema", "-json"]).await {
        assert!(schema_of(&output)["provider"].is_object());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn terraform_uses_a_provider_under_debug_again_and_again_until_ctrl_c() {
    let mut command = Command::new(BINARY);
    command.arg("--debug");
    let started = Plugin::start_with(command, |command| {
        command.env_remove(COOKIE.0).env_remove("PLUGIN_CLIENT_CERT");
    });
    let mut debugged = started.await;
    let (name, json) = debugged.handshake.line.split_once('=').expect("a shell's assignment");
    assert_eq!(name, "TF_REATTACH_PROVIDERS");
    let json = json.trim_matches('\'').to_owned();
    let told: Json = serde_json::from_str(&json).unwrap();
    let reattach = &told["registry.terraform.io/fargate-rs/fargate"];
    assert_eq!(reattach["Pid"].as_u64(), debugged.child.id().map(u64::from));
    assert_eq!((&reattach["Test"], &reattach["ProtocolVersion"]), (&true.into(), &6.into()));

    let workspace = workspace("filesystem_mirror { path = \"/nowhere\" }");
    for _ in 0..2 {
        let variables = [("TF_REATTACH_PROVIDERS", json.as_str())];
        if let Some(output) = terraform(workspace.path(), &variables, &["providers", "schema", "-json"]).await {
            schema_of(&output);
        }
    }
    let socket = std::path::PathBuf::from(reattach["Addr"]["String"].as_str().unwrap());
    assert!(socket.exists());
    debugged.signal("INT");
    assert!(debugged.ended().await.success());
    eventually("the socket is gone", || !socket.exists()).await;
}
