//! How a certificate comes to be issued: a record for each name, found in a public zone, and some time.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Due;
use super::certificate::Certificate;
use crate::simulator::durations::{CERTIFICATE_ISSUED, CERTIFICATE_JUDGED, CERTIFICATE_RECORDS};
use crate::simulator::route53;
use crate::simulator::world::World;

/// 72 hours (User Guide, "Troubleshoot certificate validation").
const PATIENCE: f64 = 72.0 * 3600.0;

/// botocore's model, FailureReason.
const REASONS: [&str; 17] = [
    "NO_AVAILABLE_CONTACTS",
    "ADDITIONAL_VERIFICATION_REQUIRED",
    "DOMAIN_NOT_ALLOWED",
    "INVALID_PUBLIC_DOMAIN",
    "DOMAIN_VALIDATION_DENIED",
    "CAA_ERROR",
    "PCA_LIMIT_EXCEEDED",
    "PCA_INVALID_ARN",
    "PCA_INVALID_STATE",
    "PCA_REQUEST_FAILED",
    "PCA_NAME_CONSTRAINTS_VALIDATION",
    "PCA_RESOURCE_NOT_FOUND",
    "PCA_INVALID_ARGS",
    "PCA_INVALID_DURATION",
    "PCA_ACCESS_DENIED",
    "SLR_NOT_FOUND",
    "OTHER",
];
/// They show in place of the certificate.
const LATE: [&str; 3] = ["CAA_ERROR", "DOMAIN_VALIDATION_DENIED", "OTHER"];

/// The name without `*.`: both have the same record.
fn base(name: &str) -> &str {
    name.strip_prefix("*.").unwrap_or(name)
}

/// The first labels of a certificate's names: its script, if it has one.
fn labels(certificate: &Certificate) -> impl Iterator<Item = &str> {
    certificate.names.iter().filter_map(|name| base(name).split('.').next())
}

/// Why it will fail, by its script.
fn scripted(certificate: &Certificate) -> Option<&'static str> {
    labels(certificate).find_map(|label| {
        let word = if label == "caa-forbids" { "caa-error" } else { label.strip_prefix("fails-")? };
        let word = word.to_uppercase().replace('-', "_");
        REASONS.into_iter().find(|reason| *reason == word)
    })
}

/// The record that proves a name: the same for the same account and name, in all regions (User Guide, "DNS validation").
pub fn record(account: &str, name: &str) -> (String, String) {
    let name = base(name);
    let digits = |what: &str| {
        let digest = Sha256::digest(format!("{what} {account} {name}").as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (left, right) = (digits("name"), digits("value"));
    let letters: String = right.bytes().skip(32).take(10).map(|byte| char::from(b'a' + byte % 26)).collect();
    (format!("_{:.32}.{name}.", left), format!("_{right:.32}.{letters}.acm-validations.aws."))
}

/// DomainValidationOptions: each name's method, status and record.
pub fn options(account: &str, certificate: &Certificate) -> Json {
    let status = |name: &str| match certificate.status {
        _ if certificate.proven.contains(base(name)) => "SUCCESS",
        "PENDING_VALIDATION" => "PENDING_VALIDATION",
        _ => "FAILED",
    };
    let method = certificate.method.unwrap_or_default();
    let option = |name: &String| {
        let (record, value) = record(account, name);
        let record = json!({ "Name": record, "Type": "CNAME", "Value": value });
        let domain = certificate.mail.iter().find(|(of, _)| of == name).map_or(base(name), |(_, domain)| domain);
        let mails =
            ["admin", "administrator", "hostmaster", "postmaster", "webmaster"].map(|who| format!("{who}@{domain}"));
        json!({
            "DomainName": name,
            "ValidationDomain": domain,
            "ValidationStatus": status(name),
            "ValidationMethod": method,
            "ResourceRecord": Some(record).filter(|_| method == "DNS" && certificate.recorded),
            "ValidationEmails": Some(mails).filter(|_| method == "EMAIL" && certificate.recorded),
        })
    };
    certificate.names.iter().map(option).collect()
}

/// What will happen to a new one.
pub fn begin(world: &mut World, arn: &str) {
    let early = world.acm.certificates.get(arn).and_then(scripted).is_some_and(|reason| !LATE.contains(&reason));
    world.after(CERTIFICATE_RECORDS, Due::Recorded { arn: arn.to_owned() }.into());
    if early {
        world.after(CERTIFICATE_JUDGED, Due::Judged { arn: arn.to_owned() }.into());
    }
    world.in_seconds(PATIENCE, Due::TimedOut { arn: arn.to_owned() }.into());
}

fn pending<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut Certificate> {
    world.acm.certificates.get_mut(arn).filter(|there| there.status == "PENDING_VALIDATION")
}

pub fn recorded(world: &mut World, arn: &str) {
    if let Some(there) = pending(world, arn) {
        there.recorded = true;
        look(world);
    }
}

/// The names, without `*.`, for which what proves them stands now.
fn standing(world: &World, certificate: &Certificate) -> BTreeSet<String> {
    let stands = |name: &&str| {
        let scripted = |word: &str| name.split('.').next() == Some(word);
        match certificate.method {
            _ if scripted("never-validates") => false,
            Some("DNS") => {
                let (record, value) = record(&world.account, name);
                route53::resolves(world, &record, "CNAME", &value)
            }
            _ => scripted("approves"),
        }
    };
    certificate.names.iter().map(|name| base(name)).filter(stands).map(str::to_owned).collect()
}

/// Those that wait look which of their records stand now. Those found together are proven together.
pub fn look(world: &mut World) {
    let waits = |there: &Certificate| there.status == "PENDING_VALIDATION" && there.recorded;
    let waiting = world.acm.certificates.iter().filter(|(_, there)| waits(there));
    let fresh = |there: &Certificate| -> Vec<String> { (&standing(world, there) - &there.found).into_iter().collect() };
    let found: Vec<(String, Vec<String>)> = waiting.map(|(arn, there)| (arn.clone(), fresh(there))).collect();
    for (arn, names) in found.into_iter().filter(|(_, names)| !names.is_empty()) {
        if let Some(there) = pending(world, &arn) {
            there.found.extend(names.iter().cloned());
        }
        world.note(format!("{arn} has found the records of {}", names.join(", ")));
        world.after(CERTIFICATE_ISSUED, Due::Validated { arn, names }.into());
    }
}

/// With all names proven it is issued, or has its late failure. What is gone again is waited for anew.
pub fn validated(world: &mut World, arn: &str, names: Vec<String>) {
    let now = world.epoch();
    let Some(there) = pending(world, arn).cloned() else { return };
    let stands = standing(world, &there);
    let Some(there) = pending(world, arn) else { return };
    let (proven, gone): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| stands.contains(name));
    there.proven.extend(proven);
    there.found.retain(|name| !gone.contains(name));
    if !there.names.iter().all(|name| there.proven.contains(base(name))) {
        return;
    }
    match scripted(there) {
        Some(reason) => fail(world, arn, reason),
        None => {
            (there.status, there.issued) = ("ISSUED", Some(now));
            world.note(format!("{arn} is issued"));
        }
    }
}

pub fn judged(world: &mut World, arn: &str) {
    if let Some(reason) = pending(world, arn).and_then(|there| scripted(there)) {
        fail(world, arn, reason);
    }
}

fn fail(world: &mut World, arn: &str, reason: &str) {
    if let Some(there) = pending(world, arn) {
        (there.status, there.reason) = ("FAILED", Some(reason.to_owned()));
        there.proven.clear();
        world.note(format!("{arn} has failed: {reason}"));
    }
}

pub fn timed_out(world: &mut World, arn: &str) {
    if let Some(there) = pending(world, arn) {
        there.status = "VALIDATION_TIMED_OUT";
        world.note(format!("{arn} was not validated in time"));
    }
}
