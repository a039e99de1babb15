//! A data source's calls.

use super::values::{decode, encode, tell};
use super::{Call, wire};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::schema::{Presence, Schema};
use crate::protocol::value::Value;

pub async fn validate(
    call: Call,
    request: wire::validate_data_resource_config::Request,
) -> Result<wire::validate_data_resource_config::Response, Diagnostic> {
    let source = call.data_source(&request.type_name)?;
    let config = decode(source.schema(), request.config.as_ref())?;
    Ok(wire::validate_data_resource_config::Response { diagnostics: tell(source.validate(&config)) })
}

/// Terraform itself waits with what isn't known yet, unless it can defer: then it is told why nothing is known.
pub async fn read(
    call: Call,
    request: wire::read_data_source::Request,
) -> Result<wire::read_data_source::Response, Diagnostic> {
    let source = call.data_source(&request.type_name)?;
    let schema = source.schema();
    let config = decode(schema, request.config.as_ref())?;
    let told = source.validate(&config);
    if told.iter().any(Diagnostic::is_error) {
        return Ok(wire::read_data_source::Response { diagnostics: tell(told), ..Default::default() });
    }
    if !config.is_wholly_known() {
        let reason = wire::deferred::Reason::ResourceConfigUnknown.into();
        let deferred = request.client_capabilities.is_some_and(|client| client.deferral_allowed);
        return Ok(wire::read_data_source::Response {
            state: Some(encode(schema, &open(schema, &config))?),
            deferred: deferred.then_some(wire::Deferred { reason }),
            ..Default::default()
        });
    }
    let (value, told) = source.read(&call.context, config).await;
    Ok(wire::read_data_source::Response {
        state: Some(encode(schema, &value)?),
        diagnostics: tell(told),
        ..Default::default()
    })
}

/// What was configured, everything else unknown.
fn open(schema: &Schema, config: &Value) -> Value {
    Value::object(schema.attributes.iter().map(|attribute| {
        let told = attribute.presence == Presence::Computed;
        let name = attribute.name.as_str();
        (name, if told { Value::Unknown } else { config.member(name).clone() })
    }))
}
