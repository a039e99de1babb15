//! Mutual TLS: Terraform gets in, and nobody else, even someone who can reach the socket.

use terraform_provider_fargate::protocol::wire::tfplugin6::get_provider_schema::Request;

use crate::BINARY;
use crate::client::{Identity, Plugin, Terraform};

/// With TLS 1.3 a client learns that it was refused only when it reads; so dialing alone proves nothing.
async fn gets_in(plugin: &Plugin, identity: Option<&Identity>) -> bool {
    match plugin.handshake.dial(identity).await {
        Ok(channel) => Terraform::over(channel).provider.get_provider_schema(Request {}).await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test]
async fn only_the_client_that_started_us_gets_in() {
    let plugin = Plugin::start(BINARY).await;
    assert!(!gets_in(&plugin, Some(&Identity::new())).await, "a certificate of the same form, but another");
    assert!(!gets_in(&plugin, None).await, "no certificate at all");
    let plain = match plugin.handshake.dial_plain().await {
        Ok(channel) => Terraform::over(channel).provider.get_provider_schema(Request {}).await.is_ok(),
        Err(_) => false,
    };
    assert!(!plain, "no TLS");
    assert!(gets_in(&plugin, Some(&plugin.identity)).await, "the right one, after all those");
}

#[tokio::test]
async fn the_certificate_without_its_key_is_worth_nothing() {
    let plugin = Plugin::start(BINARY).await;
    let thief = plugin.identity.with_key_of(&Identity::new());
    assert!(!gets_in(&plugin, Some(&thief)).await);
}

#[tokio::test]
async fn a_silent_peer_holds_up_nobody() {
    let plugin = Plugin::start(BINARY).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(plugin.handshake.connect().await);
    }
    assert!(gets_in(&plugin, Some(&plugin.identity)).await);
}

#[tokio::test]
async fn an_unreadable_client_certificate_is_an_error_and_not_plain_text() {
    let mut command = tokio::process::Command::new(BINARY);
    command.env(crate::client::COOKIE.0, crate::client::COOKIE.1).env("PLUGIN_CLIENT_CERT", "nonsense");
    let outcome = command.output().await.unwrap();
    assert_eq!(outcome.status.code(), Some(1));
    assert!(outcome.stdout.is_empty());
    assert!(String::from_utf8(outcome.stderr).unwrap().contains("PLUGIN_CLIENT_CERT"));
}
