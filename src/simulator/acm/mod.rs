//! ACM: certificates that are issued once their validation records stand in a public zone.
//!
//! What comes of a request can be scripted by the first label (after `*.`) of any of its names:
//!
//! | label | what happens |
//! |---|---|
//! | `fails-<reason>` | fails with this `FailureReason`, in lower case with hyphens: `fails-domain-not-allowed.example.com` |
//! | `caa-forbids` | the same as `fails-caa-error` |
//! | `never-validates` | this name's record is never found: `VALIDATION_TIMED_OUT` after 72 hours |
//! | `approves` | somebody approves by mail: validation by `EMAIL` is as if the record stood at once |
//!
//! `CAA_ERROR`, `DOMAIN_VALIDATION_DENIED` and `OTHER` show after the validation, in place of the certificate; the other
//! reasons within a minute (when AWS finds out is unverified). Without a script validation by e-mail is never answered.
//!
//! Not simulated: private authorities, ACME, validation by HTTP, renewal, expiry, migration from e-mail to DNS. An imported
//! certificate is looked at just enough to find its names; its key is taken for `RSA_2048`, its validity for a year.

mod certificate;
mod checks;
mod import;
mod listing;
mod request;
mod tagging;
#[cfg(test)]
mod tests;
mod validation;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::ask::Ask;
use super::observe::Object;
use super::refusal::{Answer, Refusal};
use super::world::{Operation, World};

/// What happens by itself, to the certificate of an ARN.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// The validation records can be read.
    Recorded {
        arn: String,
    },
    /// A name that ACM won't have.
    Judged {
        arn: String,
    },
    /// The records of these names were found.
    Validated {
        arn: String,
        names: Vec<String>,
    },
    TimedOut {
        arn: String,
    },
}

/// Certificates by their ARNs.
#[derive(Clone, Debug, Default)]
pub struct State {
    certificates: BTreeMap<String, certificate::Certificate>,
    /// How many there ever were: their order.
    count: u64,
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "AddTagsToCertificate" => tagging::add,
        "DeleteCertificate" => certificate::delete,
        "DescribeCertificate" => certificate::describe,
        "GetCertificate" => certificate::get,
        "ImportCertificate" => import::import,
        "ListCertificates" => listing::list,
        "ListTagsForCertificate" => tagging::list,
        "RemoveTagsFromCertificate" => tagging::remove,
        "RequestCertificate" => request::request,
        "UpdateCertificateOptions" => request::update_options,
        _ => return None,
    })
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::Recorded { arn } => validation::recorded(world, &arn),
        Due::Judged { arn } => validation::judged(world, &arn),
        Due::Validated { arn, names } => validation::validated(world, &arn, names),
        Due::TimedOut { arn } => validation::timed_out(world, &arn),
    }
}

/// Records have changed: certificates that wait for them look again.
pub fn look(world: &mut World) {
    validation::look(world);
}

/// Every certificate (`observe`).
pub fn objects(world: &World) -> Vec<Object> {
    let object = |(arn, one): (&String, &certificate::Certificate)| Object {
        kind: "acm certificate",
        id: arn.clone(),
        name: one.names.join(" "),
        tags: one.tags.clone(),
        settings: json!({ "method": one.method, "key": one.key, "transparency": one.transparency }),
    };
    world.acm.certificates.iter().map(object).collect()
}

/// `name`, `state`, `arn` of each, for people.
pub fn sketch(world: &World) -> Vec<Json> {
    let one = |(arn, certificate): (&String, &certificate::Certificate)| json!({ "name": certificate.names.first(), "state": certificate.status, "arn": arn });
    world.acm.certificates.iter().map(one).collect()
}

/// Whether a certificate of this region is issued; none if there is no such.
pub fn usable(world: &World, arn: &str) -> Option<bool> {
    world.acm.certificates.get(arn).map(|there| there.status == "ISSUED")
}

/// The certificate that a call names.
fn existing<'a>(world: &'a mut World, ask: &Ask) -> Result<(String, &'a mut certificate::Certificate), Refusal> {
    let arn = checks::arn(ask)?;
    let why = format!("Could not find certificate {arn}.");
    let there = world.acm.certificates.get_mut(&arn);
    there.map(|there| (arn, there)).ok_or_else(|| Refusal::new("ResourceNotFoundException", why))
}

fn done() -> Answer {
    Ok(json!({}))
}

impl From<Due> for super::world::Due {
    fn from(due: Due) -> Self {
        Self::Acm(due)
    }
}
