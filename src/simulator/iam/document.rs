//! Policy documents: what IAM checks before it takes one, and how it gives one back.
//!
//! The messages are IAM's own, as public reports quote them; the order in which IAM checks is unverified.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use crate::simulator::refusal::Refusal;

/// "URL-encoded compliant with RFC 3986" (API reference, GetRole).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// "IAM does not count white space" (IAM quotas).
pub fn size(document: &str) -> usize {
    document.chars().filter(|letter| !letter.is_whitespace()).count()
}

#[track_caller]
fn malformed(why: impl Into<String>) -> Refusal {
    Refusal::new("MalformedPolicyDocument", why)
}

/// A policy that says who may assume a role. `exists` tells whether an ARN of the account itself exists.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub fn check_trust(text: &str, exists: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
    for statement in statements(text)? {
        if statement.get("Resource").or(statement.get("NotResource")).is_some() {
            return Err(malformed("Has prohibited field Resource"));
        }
        let actions = texts(statement.get("Action").or(statement.get("NotAction")));
        if actions.is_empty() {
            return Err(malformed("Missing required field Action"));
        }
        if !actions.iter().all(|action| action.to_lowercase().starts_with("sts:")) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        match statement.get("Principal").or(statement.get("NotPrincipal")) {
            None => return Err(malformed("Missing required field Principal")),
            Some(principal) => check_principal(principal, exists)?,
        }
    }
    Ok(())
}

fn check_principal(principal: &Json, exists: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
    if principal == "*" {
        return Ok(());
    }
    let Some(kinds) = principal.as_object() else { return Err(malformed("Syntax errors in policy.")) };
    for (kind, names) in kinds {
        for name in texts(Some(names)) {
            let known = match kind.as_str() {
                "Service" => name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"),
                "AWS" => exists(name),
                "Federated" | "CanonicalUser" => true,
                _ => return Err(malformed("Syntax errors in policy.")),
            };
            if !known {
                return Err(malformed(format!("Invalid principal in policy: \"{kind}\":\"{name}\"")));
            }
        }
    }
    Ok(())
}

/// A policy that says what a role may do.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub fn check_grants(text: &str) -> Result<(), Refusal> {
    for statement in statements(text)? {
        if statement.get("Principal").or(statement.get("NotPrincipal")).is_some() {
            return Err(malformed("Policy document should not specify a principal."));
        }
        let actions = texts(statement.get("Action").or(statement.get("NotAction")));
        if actions.is_empty() {
            return Err(malformed("Policy statement must contain actions."));
        }
        let prefaced =
            |action: &&str| *action == "*" || action.split_once(':').is_some_and(|(vendor, _)| !vendor.is_empty());
        if !actions.iter().all(prefaced) {
            return Err(malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."));
        }
        let resources = texts(statement.get("Resource").or(statement.get("NotResource")));
        if resources.is_empty() {
            return Err(malformed("Policy statement must contain resources."));
        }
        if let Some(odd) = resources.iter().find(|one| **one != "*" && one.split(':').count() < 6 && **one != "arn:*") {
            return Err(malformed(format!("Resource {odd} must be in ARN format or \"*\".")));
        }
    }
    Ok(())
}

/// The statements of a document whose frame is sound.
fn statements(text: &str) -> Result<Vec<Json>, Refusal> {
    let syntax = || malformed("Syntax errors in policy.");
    let mut document: Json = serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    let version = document.get("Version").map(|version| version.as_str().unwrap_or_default());
    if version.is_some_and(|version| !matches!(version, "2012-10-17" | "2008-10-17")) {
        return Err(malformed("The policy must contain a valid version string"));
    }
    let statements = match document.get_mut("Statement").map(Json::take) {
        Some(Json::Array(several)) if !several.is_empty() => several,
        Some(one @ Json::Object(_)) => vec![one],
        _ => return Err(syntax()),
    };
    let sound = |statement: &Json| {
        statement.is_object() && matches!(statement.get("Effect").and_then(Json::as_str), Some("Allow" | "Deny"))
    };
    if statements.iter().all(sound) { Ok(statements) } else { Err(syntax()) }
}

/// One text, or several.
fn texts(value: Option<&Json>) -> Vec<&str> {
    match value {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}
