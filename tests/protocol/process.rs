//! The life of a provider process: how it begins, what it survives, how it ends.

use std::process::Stdio;

use terraform_provider_fargate::protocol::wire::plugin::grpc_stdio_client::GrpcStdioClient;
use tokio::process::Command;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::BINARY;
use crate::client::{COOKIE, Plugin, Terraform, eventually};

#[tokio::test]
async fn the_handshake_line_tells_all_that_terraform_asks_for() {
    let plugin = Plugin::start(BINARY).await;
    let [core, protocol, network, address, kind, certificate] = &plugin.handshake.fields[..] else {
        panic!("{}", plugin.handshake.line)
    };
    assert_eq!([core, protocol, network, kind], ["1", "6", "unix", "grpc"]);
    assert!(std::path::Path::new(address).exists());
    assert!(certificate.len() > 50, "Terraform ignores anything shorter");
    assert!(!plugin.handshake.certificate().is_empty());
}

#[tokio::test]
async fn a_seventh_field_answers_a_client_that_asks_about_multiplexing() {
    let plugin = Plugin::start_with(Command::new(BINARY), |command| {
        command.env("PLUGIN_MULTIPLEX_GRPC", "true");
    });
    assert_eq!(plugin.await.handshake.fields[6], "false");
}

#[tokio::test]
async fn a_human_is_told_what_this_is() {
    let outcome = Command::new(BINARY).env_remove(COOKIE.0).output().await.unwrap();
    assert_eq!(outcome.status.code(), Some(1));
    assert!(outcome.stdout.is_empty());
    let told = String::from_utf8(outcome.stderr).unwrap();
    assert!(told.contains("Terraform provider") && told.contains("terraform init"), "{told}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_socket_is_nobody_elses_business_and_fits_where_paths_are_short() {
    use std::os::unix::fs::PermissionsExt;
    let long = tempfile::tempdir().unwrap();
    let deep = long.path().join("a-directory-such-as-only-continuous-integration-can-love".repeat(3));
    std::fs::create_dir(&deep).unwrap();
    let plugin = Plugin::start_with(Command::new(BINARY), |command| {
        command.env("TMPDIR", &deep);
    });
    let mut plugin = plugin.await;
    let address = plugin.handshake.address();
    assert!(address.as_os_str().len() < 104);
    let mode = address.parent().unwrap().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    plugin.dial().await.shutdown().await;
    plugin.ended().await;
}

#[tokio::test]
async fn health_is_told() {
    let plugin = Plugin::start(BINARY).await;
    let mut health = HealthClient::new(plugin.dial().await.channel);
    let answer = health.check(HealthCheckRequest { service: "plugin".into() }).await.unwrap();
    assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
}

#[tokio::test]
async fn without_a_client_certificate_there_is_no_tls() {
    let plugin = Plugin::start_with(Command::new(BINARY), |command| {
        command.env_remove("PLUGIN_CLIENT_CERT");
    });
    let plugin = plugin.await;
    assert_eq!(plugin.handshake.fields[5], "");
    let mut terraform = Terraform::over(plugin.handshake.dial_plain().await.unwrap());
    assert!(terraform.schema().await.provider.is_some());
}

#[tokio::test]
async fn shutdown_ends_the_process_in_time_even_with_streams_open_and_removes_the_socket() {
    let start = Plugin::start_with(Command::new(BINARY), |command| {
        command.env("TF_LOG_PROVIDER", "warn");
    });
    let mut plugin = start.await;
    let terraform = plugin.dial().await;
    let mut quiet = GrpcStdioClient::new(terraform.channel.clone()).stream_stdio(()).await.unwrap().into_inner();
    terraform.shutdown().await;
    assert!(plugin.ended().await.success());
    assert!(!plugin.stderr().contains("work in flight"), "it waited for something: {}", plugin.stderr());
    assert!(!matches!(quiet.message().await, Ok(Some(_))));
    assert!(!plugin.handshake.address().parent().unwrap().exists());
}

#[cfg(unix)]
#[tokio::test]
async fn interrupts_are_left_to_terraform() {
    let mut plugin = Plugin::start(BINARY).await;
    let mut terraform = plugin.dial().await;
    for signal in ["INT", "TERM", "INT"] {
        plugin.signal(signal);
        assert!(terraform.schema().await.provider.is_some());
    }
    assert!(plugin.child.try_wait().unwrap().is_none());
    terraform.shutdown().await;
    assert!(plugin.ended().await.success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_provider_whose_terraform_was_killed_ends_by_itself() {
    // The shell plays Terraform. The socket's end tells the process's end: its pid is no longer ours to ask about.
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$0\" & wait", BINARY]);
    let mut plugin = Plugin::start_with(shell, |_| {}).await;
    let _still_connected = plugin.dial().await;
    assert!(plugin.handshake.address().exists());
    plugin.child.kill().await.unwrap();
    eventually("the orphan removes its socket", || !plugin.handshake.address().exists()).await;
}

#[tokio::test]
async fn logs_reach_terraform_only_when_asked_for() {
    for (level, expected) in [("info", true), ("error", false), ("", false)] {
        let plugin = Plugin::start_with(Command::new(BINARY), |command| {
            command.env_remove("TF_LOG").env("TF_LOG_PROVIDER", level).stderr(Stdio::piped());
        });
        let mut plugin = plugin.await;
        let mut terraform = plugin.dial().await;
        terraform.stop().await;
        terraform.shutdown().await;
        plugin.ended().await;
        if expected {
            assert!(plugin.stderr().contains(r#""@message":"asked to stop""#), "{}", plugin.stderr());
        } else {
            assert_eq!(plugin.stderr(), "");
        }
    }
}
