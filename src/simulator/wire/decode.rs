//! From a request to a call.
//!
//! A JSON call is known by its `X-Amz-Target`. A form names its service only in the credential scope of its signature; a
//! client that doesn't sign is known by the API version that it sends, as a parameter or at the beginning of the path.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::services::{ANY_JSON, ANY_QUERY, Protocol, Service, named, of_path, of_target, of_version};
use super::{Request, query, rest};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

/// A request understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub service: &'static Service,
    pub action: String,
    pub ask: Ask,
}

const TARGET: &str = "x-amz-target";

/// Understands a request.
///
/// # Errors
/// What AWS answers to a request that it can't make sense of.
pub fn decode(request: &Request) -> Result<Call, Refusal> {
    match request.header(TARGET) {
        Some(target) => json(request, target),
        None => match service(request) {
            service if service.protocol == Protocol::RestXml => {
                let (action, ask) = rest::read(request, service.version)?;
                Ok(Call { service, action: action.into(), ask: Ask(ask) })
            }
            service => form(request, service),
        },
    }
}

/// The service that a request is for, as far as that can be told without understanding it.
pub fn service(request: &Request) -> &'static Service {
    if let Some(target) = request.header(TARGET) {
        return target.split_once('.').and_then(|(prefix, _)| of_target(prefix)).unwrap_or(ANY_JSON);
    }
    let version = || {
        let fields = [request.query.as_bytes(), &request.body];
        let mut fields = fields.into_iter().flat_map(form_urlencoded::parse);
        fields.find(|(name, _)| name == "Version").and_then(|(_, version)| of_version(&version))
    };
    let path = || of_path(&request.path);
    scope(request).and_then(|name| named(&name)).or_else(path).or_else(version).unwrap_or(ANY_QUERY)
}

/// The service in the credential scope: `Credential=KEY/DATE/REGION/SERVICE/aws4_request` (Signature Version 4), in the
/// header or in a presigned query.
pub fn scope(request: &Request) -> Option<Cow<'_, str>> {
    let service = |credential: &str| credential.split('/').nth_back(1).map(|name| Cow::Owned(name.to_owned()));
    if let Some((_, rest)) = request.header("authorization").and_then(|header| header.split_once("Credential=")) {
        return service(rest.split([',', ' ']).next()?);
    }
    let mut fields = form_urlencoded::parse(request.query.as_bytes());
    fields.find(|(name, _)| name == "X-Amz-Credential").and_then(|(_, credential)| service(&credential))
}

fn json(request: &Request, target: &str) -> Result<Call, Refusal> {
    let unknown = || Refusal::new("UnknownOperationException", "");
    let (prefix, action) = target.split_once('.').ok_or_else(unknown)?;
    let service = of_target(prefix).ok_or_else(unknown)?;
    if request.method != "POST" || !is_name(action) {
        return Err(unknown());
    }
    if request.body.is_empty() {
        return Ok(Call { service, action: action.into(), ask: Ask(Json::Object(serde_json::Map::new())) });
    }
    // The parser goes 128 levels deep, no further.
    match serde_json::from_slice(&request.body) {
        Ok(ask @ Json::Object(_)) => Ok(Call { service, action: action.into(), ask: Ask(ask) }),
        Ok(_) => Err(Refusal::new("SerializationException", "Start of structure or map found where not expected.")),
        Err(error) => Err(Refusal::new("SerializationException", format!("The request isn't JSON: {error}"))),
    }
}

fn form(request: &Request, service: &'static Service) -> Result<Call, Refusal> {
    if matches!(service.protocol, Protocol::Json(_)) {
        return Err(Refusal::new("UnknownOperationException", ""));
    }
    if !matches!(request.method.as_str(), "GET" | "POST") {
        let why = format!("{} is not a method of this protocol", request.method);
        return Err(Refusal::new("MethodNotAllowed", why).with_status(405));
    }
    let mut ask = query::tree(&[request.query.as_bytes(), &request.body], service.protocol == Protocol::Query)?;
    let take = |name: &str| ask.get(name).and_then(Json::as_str).map(str::to_owned);
    let (action, version) = (take("Action"), take("Version"));
    if let Some(fields) = ask.as_object_mut() {
        fields.retain(|name, _| name != "Action" && name != "Version" && !name.starts_with("X-Amz-"));
    }
    // "MissingAction: The request is missing an action or a required parameter" (Common Errors of the query APIs).
    let missing = "The request must contain the parameter Action";
    let action = action.filter(|action| is_name(action)).ok_or_else(|| Refusal::new("MissingAction", missing))?;
    match version {
        _ if service == ANY_QUERY => {
            let why = "Neither the credential scope nor the parameter Version tells which service is meant";
            Err(Refusal::new("InvalidAction", why))
        }
        // Classic load balancers share the newer ones' scope.
        Some(version) if version != service.version => {
            let why = format!("Version {version} of {} is not simulated", service.name);
            Err(Refusal::new("NotImplemented", why).with_status(501))
        }
        _ => Ok(Call { service, action, ask: Ask(ask) }),
    }
}

/// Whether it can be the name of an operation, and so of an XML element.
fn is_name(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    letters && text.len() <= 128 && text.starts_with(|first: char| first.is_ascii_alphabetic())
}
