//! The provider block. Both calls may see unknown parts: a value that another resource has yet to bring.

use super::values::{decode, tell};
use super::{Call, wire};
use crate::protocol::diagnostic::Diagnostic;

pub async fn validate(
    call: Call,
    request: wire::validate_provider_config::Request,
) -> Result<wire::validate_provider_config::Response, Diagnostic> {
    let config = decode(call.provider.schema(), request.config.as_ref())?;
    Ok(wire::validate_provider_config::Response { diagnostics: tell(call.provider.validate(&config)) })
}

pub async fn configure(
    call: Call,
    request: wire::configure_provider::Request,
) -> Result<wire::configure_provider::Response, Diagnostic> {
    let config = decode(call.provider.schema(), request.config.as_ref())?;
    let diagnostics = call.provider.configure(&call.context, request.terraform_version, config).await;
    Ok(wire::configure_provider::Response { diagnostics: tell(diagnostics) })
}
