//! From an answer to bytes: each protocol has its own envelope, its own form of errors, and its own place for the request's
//! id, which botocore and the other SDKs read back.

use serde_json::{Value as Json, json};

use super::services::{Protocol, Service};
use super::{Reply, rest, xml};
use crate::simulator::refusal::{Answer, Refusal};

const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Writes what a call came to; `id` is the request's.
pub fn encode(service: &Service, action: &str, id: &str, answer: &Answer) -> Reply {
    let mut headers = vec![("x-amzn-RequestId", id.to_owned())];
    let done =
        || rest::route(action).filter(|_| service.protocol == Protocol::RestXml).map_or(200, |route| route.status);
    let status = answer.as_ref().map_or_else(|refusal| refusal.status, |_| done());
    let body = match (service.protocol, answer) {
        (Protocol::Ec2, Ok(answer)) => ec2(service, action, id, answer),
        (Protocol::Ec2, Err(refusal)) => ec2_error(id, refusal),
        (Protocol::Query, Ok(answer)) => query(service, action, id, answer),
        (Protocol::Query, Err(refusal)) => query_error(service, id, refusal),
        (Protocol::RestXml, Ok(answer)) => {
            headers.extend(answer["Location"].as_str().map(|place| ("location", header_text(place))));
            rest_xml(service, action, answer)
        }
        (Protocol::RestXml, Err(refusal)) => query_error(service, id, refusal),
        (Protocol::Json(_), Ok(answer)) => without_nulls(answer.clone()).to_string(),
        (Protocol::Json(_), Err(refusal)) => {
            headers.push(("x-amzn-errortype", header_text(&refusal.code)));
            json_error(refusal)
        }
    };
    let kind = match service.protocol {
        Protocol::Ec2 => "text/xml;charset=UTF-8".to_owned(),
        Protocol::Query | Protocol::RestXml => "text/xml".to_owned(),
        Protocol::Json(version) => format!("application/x-amz-json-{version}"),
    };
    headers.push(("content-type", kind));
    Reply { status, headers, body: body.into_bytes() }
}

fn item(_: &str) -> &'static str {
    "item"
}

fn member(_: &str) -> &'static str {
    "member"
}

fn ec2(service: &Service, action: &str, id: &str, answer: &Json) -> String {
    let mut out = format!("{PROLOGUE}<{action}Response xmlns=\"{}\"><requestId>{id}</requestId>", service.namespace);
    xml::members(&mut out, answer, item);
    out + &format!("</{action}Response>")
}

/// EC2 Developer Guide, "API error response".
fn ec2_error(id: &str, refusal: &Refusal) -> String {
    let error = json!({ "Errors": { "Error": { "Code": refusal.code, "Message": refusal.message } }, "RequestID": id });
    let mut out = PROLOGUE.to_owned();
    xml::write(&mut out, "Response", &error, item);
    out
}

/// What goes into a header doesn't go into the body.
fn rest_xml(service: &Service, action: &str, answer: &Json) -> String {
    let mut out = format!("{PROLOGUE}<{action}Response xmlns=\"{}\">", service.namespace);
    let inside = |(name, _): &(&String, &Json)| *name != "Location";
    for (name, value) in answer.as_object().into_iter().flatten().filter(inside) {
        xml::write(&mut out, name, value, rest::element);
    }
    out + &format!("</{action}Response>")
}

/// The wrapper is written even where it holds nothing; AWS leaves it out in some services, and no SDK minds.
fn query(service: &Service, action: &str, id: &str, answer: &Json) -> String {
    let mut out = format!("{PROLOGUE}<{action}Response xmlns=\"{}\">", service.namespace);
    let none = json!({});
    xml::write(&mut out, &format!("{action}Result"), if answer.is_null() { &none } else { answer }, member);
    xml::write(&mut out, "ResponseMetadata", &json!({ "RequestId": id }), member);
    out + &format!("</{action}Response>")
}

/// Of the query services and of Route 53. The latter's documentation has another form for `InvalidChangeBatch`, which botocore
/// can't read; what it and others show in the wild is this one, the messages in brackets.
fn query_error(service: &Service, id: &str, refusal: &Refusal) -> String {
    let fault = if refusal.status < 500 { "Sender" } else { "Receiver" };
    let error = json!({ "Type": fault, "Code": refusal.code, "Message": refusal.message });
    let mut out = format!("{PROLOGUE}<ErrorResponse xmlns=\"{}\">", service.namespace);
    xml::write(&mut out, "Error", &error, member);
    xml::write(&mut out, "RequestId", &id.into(), member);
    out + "</ErrorResponse>"
}

fn json_error(refusal: &Refusal) -> String {
    match refusal.message.as_str() {
        "" => json!({ "__type": refusal.code }),
        message => json!({ "__type": refusal.code, "message": message }),
    }
    .to_string()
}

/// Codes are plain words; anything else would not do as a header.
fn header_text(code: &str) -> String {
    code.chars().filter(char::is_ascii_graphic).collect()
}

fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let there = members.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(there.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Json::Array(elements) => elements.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
