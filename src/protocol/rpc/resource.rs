//! A managed resource's calls, but for the two with a file of their own: `upgrade` and `apply`.

use super::values::{decode, encode, tell};
use super::{Call, wire};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::lifecycle;
use crate::protocol::provider::Held;

pub async fn validate(
    call: Call,
    request: wire::validate_resource_config::Request,
) -> Result<wire::validate_resource_config::Response, Diagnostic> {
    let resource = call.resource(&request.type_name)?;
    let config = decode(resource.schema(), request.config.as_ref())?;
    Ok(wire::validate_resource_config::Response { diagnostics: tell(resource.validate(&config)) })
}

pub async fn read(
    call: Call,
    request: wire::read_resource::Request,
) -> Result<wire::read_resource::Response, Diagnostic> {
    let resource = call.resource(&request.type_name)?;
    let value = decode(resource.schema(), request.current_state.as_ref())?;
    let answer = resource.read(&call.context, Held { value, private: request.private }).await;
    if !answer.held.value.is_wholly_known() {
        return Err(Diagnostic::error(
            "The provider read a resource and left parts unknown",
            "This is a bug in the provider, please report it.",
        ));
    }
    Ok(wire::read_resource::Response {
        new_state: Some(encode(resource.schema(), &answer.held.value)?),
        private: answer.held.private,
        diagnostics: tell(answer.diagnostics),
        ..Default::default()
    })
}

/// A null proposal is a destroy. Terraform asks again during apply and holds us to the first answer.
pub async fn plan(
    call: Call,
    request: wire::plan_resource_change::Request,
) -> Result<wire::plan_resource_change::Response, Diagnostic> {
    let resource = call.resource(&request.type_name)?;
    let schema = resource.schema();
    let prior = decode(schema, request.prior_state.as_ref())?;
    let config = decode(schema, request.config.as_ref())?;
    let proposed = decode(schema, request.proposed_new_state.as_ref())?;
    let prior = Held { value: prior, private: request.prior_private };
    let (answer, replaces) = lifecycle::plan(resource, &call.context, prior, config, &proposed).await;
    Ok(wire::plan_resource_change::Response {
        planned_state: Some(encode(schema, &answer.held.value)?),
        planned_private: answer.held.private,
        requires_replace: replaces.into_iter().map(Into::into).collect(),
        diagnostics: tell(answer.diagnostics),
        ..Default::default()
    })
}

/// Exactly one resource, or an error: Terraform takes no other answer.
pub async fn import(
    call: Call,
    request: wire::import_resource_state::Request,
) -> Result<wire::import_resource_state::Response, Diagnostic> {
    let resource = call.resource(&request.type_name)?;
    if request.id.is_empty() {
        return Err(Diagnostic::error("An import needs an id", "This provider can't import by identity."));
    }
    let answer = resource.import(&call.context, request.id).await;
    let mut imported = Vec::new();
    if !answer.diagnostics.iter().any(Diagnostic::is_error) {
        imported.push(wire::import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: Some(encode(resource.schema(), &answer.held.value)?),
            private: answer.held.private,
            identity: None,
        });
    }
    Ok(wire::import_resource_state::Response {
        imported_resources: imported,
        diagnostics: tell(answer.diagnostics),
        deferred: None,
    })
}
