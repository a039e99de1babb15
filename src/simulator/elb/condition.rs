//! When a rule applies (User Guide, "Condition types for listener rules"): fields, their values, limits.

use serde_json::{Value as Json, json};

use super::invalid;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

/// Field, the structure that holds its values, the longest value, how often in a rule.
const FIELDS: &[(&str, &str, usize, usize)] = &[
    ("host-header", "HostHeaderConfig", 128, 1),
    ("path-pattern", "PathPatternConfig", 128, 1),
    ("http-header", "HttpHeaderConfig", 128, usize::MAX),
    ("query-string", "QueryStringConfig", 128, usize::MAX),
    ("source-ip", "SourceIpConfig", 43, 1),
    ("http-request-method", "HttpRequestMethodConfig", 40, 1),
];
/// Quotas for Application Load Balancers: condition values and wildcards in a rule.
const VALUES: usize = 5;
const WILDCARDS: usize = 6;

/// The conditions of a call, completed as AWS gives them back: values of hosts and paths in both of their forms.
pub fn asked(conditions: &[Ask]) -> Result<Json, Refusal> {
    if conditions.is_empty() {
        return Err(invalid("At least one condition must be specified"));
    }
    let mut all = Vec::new();
    let (mut written, mut count, mut wild) = (Vec::new(), 0, 0);
    for condition in conditions {
        let field = condition.text("Field").unwrap_or_default();
        let Some((_, member, longest, often)) = FIELDS.iter().find(|(known, ..)| *known == field) else {
            return Err(invalid(format!("Condition field '{field}' must be one of '[{}]'", names())));
        };
        all.push(field.to_owned());
        if all.iter().filter(|one| *one == field).count() > *often {
            return Err(invalid(format!("A rule can only have one '{field}' condition")));
        }
        let values = values(condition, field, member)?;
        if values.is_empty() {
            return Err(invalid(format!("A condition of '{field}' must have at least one value")));
        }
        values.iter().try_for_each(|value| check(field, value, *longest))?;
        count += values.len();
        wild += values.iter().flat_map(|value| value.chars()).filter(|sign| matches!(sign, '*' | '?')).count();
        written.push(completed(condition, field, member, &values));
    }
    if count > VALUES {
        return Err(invalid("A rule can have at most 5 condition values"));
    }
    match wild > WILDCARDS {
        true => Err(invalid("A rule can have at most 6 wildcards")),
        false => Ok(written.into()),
    }
}

fn names() -> String {
    FIELDS.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
}

/// A key and a value of a query string count as one.
fn values(condition: &Ask, field: &str, member: &str) -> Result<Vec<String>, Refusal> {
    let config = condition.part(member);
    if field == "query-string" {
        let pair = |pair: &Ask| {
            let value = pair.text("Value").filter(|value| !value.is_empty());
            value.map(|value| format!("{}{value}", pair.text("Key").unwrap_or_default()))
        };
        let pairs = config.parts("Values").iter().map(pair).collect::<Option<Vec<_>>>();
        return pairs.ok_or_else(|| invalid("A query string condition must have a value"));
    }
    if field == "http-header" {
        // RFC 7230's token, up to 40 characters; the host header has its own condition.
        let name = config.text("HttpHeaderName").unwrap_or_default();
        let token = |sign: char| sign.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(sign);
        if name.is_empty() || name.len() > 40 || !name.chars().all(token) || name.eq_ignore_ascii_case("host") {
            return Err(invalid(format!("The HTTP header name '{name}' is not valid")));
        }
    }
    let (old, new) = (condition.texts("Values"), config.texts("Values"));
    match (old.is_empty(), new.is_empty()) {
        (false, false) => Err(invalid(format!("Only one of Values and {member} can be specified"))),
        (false, true) if !matches!(field, "host-header" | "path-pattern") => {
            Err(invalid(format!("The values of '{field}' must be in {member}")))
        }
        (false, true) => Ok(old),
        _ => Ok(new),
    }
}

fn check(field: &str, value: &str, longest: usize) -> Result<(), Refusal> {
    let fits = match field {
        // a-z, 0-9, - and . with wildcards, at least one dot.
        "host-header" => {
            value.contains('.') && value.chars().all(|sign| sign.is_ascii_alphanumeric() || "-.*?".contains(sign))
        }
        "path-pattern" => {
            value.starts_with(['/', '*', '?'])
                && value.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-.$/~\"'@:+&*?".contains(sign))
        }
        "source-ip" => value.parse::<ipnet::IpNet>().is_ok_and(|block| block.trunc() == block),
        "http-request-method" => value.chars().all(|sign| sign.is_ascii_uppercase() || "-_".contains(sign)),
        _ => true,
    };
    match fits && !value.is_empty() && value.chars().count() <= longest {
        true => Ok(()),
        false => Err(invalid(format!("Condition value '{value}' is not valid for the field '{field}'"))),
    }
}

fn completed(condition: &Ask, field: &str, member: &str, values: &[String]) -> Json {
    let mut written = condition.0.clone();
    if matches!(field, "host-header" | "path-pattern") {
        (written["Values"], written[member]) = (json!(values), json!({ "Values": values }));
    }
    written
}
