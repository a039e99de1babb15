//! Rules for single values, as data: what is allowed, and the sentence for what isn't. Unknown and null parts are left
//! out: Terraform asks again when it knows them.

use std::ops::RangeInclusive;

use ipnet::Ipv4Net;

use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;

/// The complaint about a text, if there is one: what follows the text itself in a sentence.
pub type Check = fn(&str) -> Option<String>;

/// What an attribute's value must obey.
pub enum Rule {
    /// A whole number in this range.
    Whole(RangeInclusive<i64>),
    /// One of these numbers.
    OneOf(&'static [i64]),
    /// One of these texts.
    Words(&'static [&'static str]),
    Text(Check),
    /// A text too long for the complaint to repeat it.
    Long(Check),
    /// Each element of a list, set or map.
    Each(Check),
    /// Each element of a map that may hold secrets by mistake: the complaint doesn't repeat it.
    EachHidden(Check),
    /// Each key of a map.
    Keys(Check),
    /// Number of elements.
    Size(RangeInclusive<usize>),
    /// No element of a list, set or map is null.
    NoNulls,
}

/// Applies rules to the attributes at their dotted paths.
pub fn apply(config: &Value, rules: &[(&str, Rule)]) -> Vec<Diagnostic> {
    apply_within(config, &Path::root(), rules)
}

/// The same for rules whose paths begin at this one.
pub fn apply_within(config: &Value, base: &Path, rules: &[(&str, Rule)]) -> Vec<Diagnostic> {
    let complaints = rules.iter().flat_map(|(dotted, rule)| {
        let path = Path::from(*dotted).0.into_iter().fold(base.clone(), |mut path, step| {
            path.0.push(step);
            path
        });
        let value = config.at(&path).cloned().unwrap_or_default();
        rule.complaints(&value, &path)
    });
    complaints.map(|(path, why)| invalid(path, why)).collect()
}

/// The diagnostic for a value that isn't allowed.
pub fn invalid(path: impl Into<Path>, why: impl Into<String>) -> Diagnostic {
    let path = path.into();
    Diagnostic::error(format!("Invalid {path}"), why).at(path)
}

impl Rule {
    fn complaints(&self, value: &Value, path: &Path) -> Vec<(Path, String)> {
        match (self, value) {
            (_, Value::Null | Value::Unknown) => Vec::new(),
            (Self::Whole(range), Value::Number(number)) => {
                let whole = whole(number);
                let fits = whole.is_some_and(|whole| range.contains(&whole));
                let (low, high) = (range.start(), range.end());
                one(
                    path,
                    (!fits).then(|| format!("{} is not a whole number from {low} to {high}.", number.normalized())),
                )
            }
            (Self::OneOf(allowed), Value::Number(number)) => {
                let fits = whole(number).is_some_and(|whole| allowed.contains(&whole));
                let list = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                one(path, (!fits).then(|| format!("{number} is not among the values AWS knows: {list}.")))
            }
            (Self::Words(allowed), Value::String(text)) => {
                let list = allowed.join("\", \"");
                one(path, (!allowed.contains(&text.as_str())).then(|| format!("{text:?} is not one of \"{list}\".")))
            }
            (Self::Text(check), Value::String(text)) => one(path, complaint(*check, text)),
            (Self::Long(check), Value::String(text)) => one(path, check(text).map(|why| format!("It {why}."))),
            (Self::EachHidden(check), Value::Map(elements)) => {
                let told = elements.iter().filter_map(|(key, value)| {
                    Some((path.clone().key(key), format!("Its value {}.", check(value.as_str()?)?)))
                });
                told.collect()
            }
            (Self::Each(check), Value::List(elements)) => {
                let elements = elements.iter().zip(0..);
                let told =
                    elements.filter_map(|(e, at)| Some((path.clone().index(at), complaint(*check, e.as_str()?)?)));
                told.collect()
            }
            // An element of a set has no place of its own.
            (Self::Each(check), Value::Set(elements)) => {
                elements.iter().filter_map(|e| Some((path.clone(), complaint(*check, e.as_str()?)?))).collect()
            }
            (Self::Each(check), Value::Map(elements)) => {
                let told =
                    elements.iter().filter_map(|(k, v)| Some((path.clone().key(k), complaint(*check, v.as_str()?)?)));
                told.collect()
            }
            (Self::Keys(check), Value::Map(elements)) => {
                let keys = elements.keys().filter_map(|key| Some((path.clone().key(key), complaint(*check, key)?)));
                keys.collect()
            }
            (Self::Size(range), value) => {
                let (size, low, high) = (value.parts().len(), range.start(), range.end());
                let known = value.parts().iter().all(|part| !part.is_unknown());
                let given = if size == 1 { "1 is given".to_owned() } else { format!("{size} are given") };
                one(
                    path,
                    (known && !range.contains(&size)).then(|| format!("{given}; from {low} to {high} are allowed.")),
                )
            }
            (Self::NoNulls, Value::Map(elements)) => {
                let nulls = elements.iter().filter(|(_, element)| element.is_null());
                nulls
                    .map(|(key, _)| (path.clone().key(key), "It is null: leave it out, or give a value.".into()))
                    .collect()
            }
            (Self::NoNulls, value) => {
                let null = value.parts().into_iter().any(Value::is_null);
                one(path, null.then(|| "An element is null: leave it out, or give a value.".into()))
            }
            _ => Vec::new(),
        }
    }
}

fn one(path: &Path, complaint: Option<String>) -> Vec<(Path, String)> {
    complaint.into_iter().map(|why| (path.clone(), why)).collect()
}

fn complaint(check: Check, text: &str) -> Option<String> {
    check(text).map(|why| format!("{text:?} {why}."))
}

pub fn whole(number: &bigdecimal::BigDecimal) -> Option<i64> {
    use bigdecimal::ToPrimitive;
    number.is_integer().then(|| number.to_i64()).flatten()
}

fn unless(fits: bool, why: &str) -> Option<String> {
    (!fits).then(|| why.to_owned())
}

/// An IPv4 range, written by its first address.
pub fn cidr_block(text: &str) -> Option<String> {
    match text.parse::<Ipv4Net>() {
        Err(_) => Some("is not an IPv4 range such as \"10.0.0.0/16\"".into()),
        Ok(net) if net.trunc() != net => Some(format!("is not written by its first address: use \"{}\"", net.trunc())),
        Ok(_) => None,
    }
}

pub fn tag_key(key: &str) -> Option<String> {
    if key.starts_with("aws:") || key.starts_with("fargate:") {
        return Some("is reserved: tags may not begin with \"aws:\" or \"fargate:\"".into());
    }
    unless((1..=128).contains(&key.chars().count()), "is not a tag key of 1 to 128 characters")
        .or_else(|| tag_text(key))
}

pub fn tag_value(value: &str) -> Option<String> {
    unless(value.chars().count() <= 256, "is longer than a tag value may be: 256 characters")
        .or_else(|| tag_text(value))
}

fn tag_text(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c);
    unless(
        text.chars().all(allowed),
        "has characters that AWS doesn't take in tags: letters, digits, spaces and + - = . _ : / @ are",
    )
}

pub fn duration(text: &str) -> Option<String> {
    super::duration::parse(text).err().map(|_| "is not a duration such as \"30m\" or \"1h30m\"".into())
}

pub fn url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.and_then(|rest| rest.split('/').next());
    let fits = host.is_some_and(|host| !host.is_empty()) && !text.contains(char::is_whitespace);
    unless(fits, "is not a URL that begins with http:// or https://")
}

pub fn region(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let fits = parts.len() >= 3 && parts.last().is_some_and(digits) && parts[..parts.len() - 1].iter().all(letters);
    unless(fits, "is not an AWS region such as \"eu-west-3\"")
}

pub fn account_id(text: &str) -> Option<String> {
    unless(text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()), "is not an AWS account ID of 12 digits")
}

/// How long AWS STS lets an assumed role's credentials live.
pub fn session_duration(text: &str) -> Option<String> {
    let Ok(time) = super::duration::parse(text) else { return duration(text) };
    unless((900..=43200).contains(&time.as_secs()), "is not a duration from 15m to 12h")
}

pub fn session_name(text: &str) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    let fits = (2..=64).contains(&text.len()) && text.bytes().all(allowed);
    unless(fits, "is not a session name of 2 to 64 letters, digits and _ + = , . @ -")
}

/// The ARN of a managed policy, AWS's own or an account's.
pub fn policy_arn(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = matches!(parts[..], ["arn", partition, "iam", "", account, policy]
        if partition.starts_with("aws") && (account == "aws" || account_id(account).is_none())
            && policy.len() > 7 && policy.starts_with("policy/"));
    unless(fits, "is not the ARN of an IAM policy such as \"arn:aws:iam::123456789012:policy/shop\"")
}

/// An object in JSON.
pub fn json_object(text: &str) -> Option<String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => unless(value.is_object(), "is JSON, but no object"),
        Err(error) => Some(format!("is not JSON: {error}")),
    }
}

pub fn role_arn(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let fits = matches!(parts[..], ["arn", partition, "iam", "", account, role]
        if partition.starts_with("aws") && account_id(account).is_none() && role.len() > 5 && role.starts_with("role/"));
    unless(fits, "is not the ARN of an IAM role such as \"arn:aws:iam::123456789012:role/deploy\"")
}
