//! What members may be (botocore's model), and the refusals when they are not.

use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

pub const STATUSES: &[&str] =
    &["PENDING_VALIDATION", "ISSUED", "INACTIVE", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "FAILED"];
pub const KEYS: &[&str] =
    &["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];
pub const SWITCH: &[&str] = &["ENABLED", "DISABLED"];

/// The framework's refusal.
#[track_caller]
pub fn invalid(member: &str, value: &str, why: &str) -> Refusal {
    let why = format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {why}");
    Refusal::new("ValidationException", why)
}

#[track_caller]
pub fn parameter(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

pub fn needed<'a>(ask: &'a Ask, member: &str) -> Result<&'a str, Refusal> {
    let there = ask.text(member).filter(|text| !text.is_empty());
    there.ok_or_else(|| invalid(member, "null", "Member must not be null"))
}

/// One of some words, or nothing.
pub fn one_of<'a>(ask: &'a Ask, member: &str, words: &[&str]) -> Result<Option<&'a str>, Refusal> {
    let value = ask.get(member);
    match value.as_str() {
        _ if value.is_null() => Ok(None),
        Some(text) if words.contains(&text) => Ok(Some(text)),
        other => {
            let why = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            Err(invalid(member, other.unwrap_or_default(), &why))
        }
    }
}

/// A certificate's ARN, by its form only.
pub fn arn(ask: &Ask) -> Result<String, Refusal> {
    let arn = needed(ask, "CertificateArn")?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "acm", region, account, resource]
            if !partition.is_empty() && !region.is_empty() && resource.starts_with("certificate/") =>
        {
            match account.bytes().all(|digit| digit.is_ascii_digit()) && arn.len() <= 2048 {
                true => Ok(arn.to_owned()),
                false => Err(Refusal::new("InvalidArnException", format!("Invalid arn: {arn}"))),
            }
        }
        ["arn", ..] => Err(Refusal::new("InvalidArnException", format!("Invalid arn: {arn}"))),
        _ => Err(invalid(
            "certificateArn",
            arn,
            "Member must satisfy regular expression pattern: arn:[\\w+=/,.@-]+:acm:...",
        )),
    }
}

/// A domain name, perhaps with `*.` before it: two labels at least, 253 characters at most.
pub fn domain(member: &str, name: &str) -> Result<(), Refusal> {
    let letters = |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let fits = |label: &str| {
        (1..=63).contains(&label.len()) && letters(label) && !label.starts_with('-') && !label.ends_with('-')
    };
    let base = name.strip_prefix("*.").unwrap_or(name);
    let last = base.rsplit('.').next().unwrap_or_default();
    match name.len() <= 253 && base.contains('.') && base.split('.').all(fits) && last.len() > 1 {
        true => Ok(()),
        false => Err(invalid(
            member,
            name,
            "Member must satisfy regular expression pattern: \
             (\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])",
        )),
    }
}
