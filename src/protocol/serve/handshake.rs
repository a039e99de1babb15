//! The first words between Terraform and us: the environment it starts us in, and the one line it reads from stdout.

use std::env;
use std::io::{self, Write};

use serde_json::json;

use super::Error;
use super::listener::Address;

/// Says "a plugin client started you", no more: it is public and the same for all providers.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The version of go-plugin's own protocol.
const CORE: u8 = 1;

/// The one major version of Terraform's protocol that we speak.
const PROTOCOL: u8 = 6;

/// Fails when a human started us.
pub fn check_cookie() -> Result<(), Error> {
    let (name, value) = COOKIE;
    if env::var(name).is_ok_and(|given| given == value) { Ok(()) } else { Err(Error::NotTerraform) }
}

/// `1|6|unix|/path|grpc|certificate`. A client that doesn't speak version 6 gets the same line and says so in its own
/// words, which are better than any of ours.
pub fn line(address: &Address, certificate: Option<&str>) -> String {
    let versions = env::var("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
    if !versions.split(',').any(|version| version.trim() == PROTOCOL.to_string()) {
        tracing::warn!(versions, "the client doesn't speak plugin protocol 6, which Terraform has since 1.0");
    }
    let mut line =
        format!("{CORE}|{PROTOCOL}|{}|{}|grpc|{}", address.network(), address.text(), certificate.unwrap_or_default());
    // Asked whether several clients may share one connection's worth of us; a client that doesn't ask takes no answer.
    if env::var("PLUGIN_MULTIPLEX_GRPC").is_ok_and(|asked| !asked.is_empty()) {
        line.push_str("|false");
    }
    line
}

/// What a developer sets in Terraform's environment to use this process instead of a fresh one.
pub fn reattach(provider: &str, address: &Address) -> String {
    let here = json!({
        "Protocol": "grpc",
        "ProtocolVersion": PROTOCOL,
        "Pid": std::process::id(),
        "Test": true, // Terraform then leaves the process alone
        "Addr": { "Network": address.network(), "String": address.text() },
    });
    let mut providers = serde_json::Map::new();
    if let Some(path) = provider.strip_prefix("registry.terraform.io/") {
        // OpenTofu reads the same variable, and means another registry by an address without a host.
        providers.insert(format!("registry.opentofu.org/{path}"), here.clone());
    }
    providers.insert(provider.to_owned(), here);
    format!("TF_REATTACH_PROVIDERS='{}'", serde_json::Value::Object(providers))
}

/// The only thing ever written to stdout.
pub fn announce(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
