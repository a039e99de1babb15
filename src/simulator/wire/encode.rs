//! From an answer to bytes: each protocol has its own envelope, its own form of errors, and its own place for the request's
//! id, which botocore and the other SDKs read back.

use serde_json::{Value as Json, json};

use super::services::{Protocol, Service};
use super::{Reply, xml};
use crate::simulator::refusal::{Answer, Refusal};

const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Writes what a call came to; `id` is the request's.
pub fn encode(service: &Service, action: &str, id: &str, answer: &Answer) -> Reply {
    let mut headers = vec![("x-amzn-RequestId", id.to_owned())];
    let status = answer.as_ref().map_or_else(|refusal| refusal.status, |_| 200);
    let body = match (service.protocol, answer) {
        (Protocol::Ec2, Ok(answer)) => ec2(service, action, id, answer),
        (Protocol::Ec2, Err(refusal)) => ec2_error(id, refusal),
        (Protocol::Query, Ok(answer)) => query(service, action, id, answer),
        (Protocol::Query, Err(refusal)) => query_error(service, id, refusal),
        (Protocol::Json(_), Ok(answer)) => without_nulls(answer.clone()).to_string(),
        (Protocol::Json(_), Err(refusal)) => {
            headers.push(("x-amzn-errortype", header_text(&refusal.code)));
            json_error(refusal)
        }
    };
    let kind = match service.protocol {
        Protocol::Ec2 => "text/xml;charset=UTF-8".to_owned(),
        Protocol::Query => "text/xml".to_owned(),
        Protocol::Json(version) => format!("application/x-amz-json-{version}"),
    };
    headers.push(("content-type", kind));
    Reply { status, headers, body: body.into_bytes() }
}

fn ec2(service: &Service, action: &str, id: &str, answer: &Json) -> String {
    let mut out = format!("{PROLOGUE}<{action}Response xmlns=\"{}\"><requestId>{id}</requestId>", service.namespace);
    xml::members(&mut out, answer, "item");
    out + &format!("</{action}Response>")
}

/// EC2 Developer Guide, "API error response".
fn ec2_error(id: &str, refusal: &Refusal) -> String {
    let error = json!({ "Errors": { "Error": { "Code": refusal.code, "Message": refusal.message } }, "RequestID": id });
    let mut out = PROLOGUE.to_owned();
    xml::write(&mut out, "Response", &error, "item");
    out
}

/// The wrapper is written even where it holds nothing; AWS leaves it out in some services, and no SDK minds.
fn query(service: &Service, action: &str, id: &str, answer: &Json) -> String {
    let mut out = format!("{PROLOGUE}<{action}Response xmlns=\"{}\">", service.namespace);
    let none = json!({});
    xml::write(&mut out, &format!("{action}Result"), if answer.is_null() { &none } else { answer }, "member");
    xml::write(&mut out, "ResponseMetadata", &json!({ "RequestId": id }), "member");
    out + &format!("</{action}Response>")
}

fn query_error(service: &Service, id: &str, refusal: &Refusal) -> String {
    let fault = if refusal.status < 500 { "Sender" } else { "Receiver" };
    let error = json!({ "Type": fault, "Code": refusal.code, "Message": refusal.message });
    let mut out = format!("{PROLOGUE}<ErrorResponse xmlns=\"{}\">", service.namespace);
    xml::write(&mut out, "Error", &error, "member");
    xml::write(&mut out, "RequestId", &id.into(), "member");
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
