//! Certificates, and what is told about one.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{existing, validation};
use crate::simulator::ask::Ask;
use crate::simulator::elb;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

/// 13 months (User Guide, "ACM certificate characteristics").
const VALID: f64 = 395.0 * 86_400.0;
const YEAR: f64 = 365.0 * 86_400.0;

#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// The order in which they were made.
    pub number: u64,
    /// The first one is the certificate's own; none if an imported one has none.
    pub names: Vec<String>,
    /// None: imported.
    pub method: Option<&'static str>,
    pub status: &'static str,
    pub reason: Option<String>,
    /// Whether its validation records can be read already.
    pub recorded: bool,
    /// Names (without `*.`) whose records were found, and that will soon be proven.
    pub found: BTreeSet<String>,
    pub proven: BTreeSet<String>,
    pub created: f64,
    pub issued: Option<f64>,
    pub key: String,
    pub transparency: String,
    pub export: String,
    /// Where mails go, by name.
    pub mail: Vec<(String, String)>,
    pub tags: Tags,
    /// What was asked with an idempotency token.
    pub token: Option<(String, Json)>,
    /// Certificate and chain as they were imported.
    pub pem: Option<(String, Option<String>)>,
}

impl Certificate {
    pub fn kind(&self) -> &'static str {
        if self.method.is_some() { "AMAZON_ISSUED" } else { "IMPORTED" }
    }

    pub fn not_after(&self) -> Option<f64> {
        self.issued.map(|at| at + if self.method.is_some() { VALID } else { YEAR })
    }

    /// Amazon's are renewed as long as they are in use (User Guide, "Managed certificate renewal").
    pub fn eligibility(&self, used: bool) -> &'static str {
        let renewed = self.method.is_some() && self.status == "ISSUED" && used;
        if renewed { "ELIGIBLE" } else { "INELIGIBLE" }
    }

    /// In answers with a hyphen, unlike the model's `RSA_2048` (CLI Reference, describe-certificate, Examples).
    pub fn shown_key(&self) -> String {
        self.key.replace('_', "-")
    }

    fn signature(&self) -> &'static str {
        match self.key.as_str() {
            "EC_prime256v1" => "SHA256WITHECDSA",
            "EC_secp384r1" | "EC_secp521r1" => "SHA384WITHECDSA",
            _ => "SHA256WITHRSA",
        }
    }
}

pub const USAGES: [&str; 2] = ["DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT"];
pub const EXTENDED: [(&str, &str); 2] =
    [("TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"), ("TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2")];

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn serial(arn: &str) -> String {
    let digits = digest(arn);
    let pairs: Vec<&str> = (0..16).filter_map(|at| digits.get(at * 2..at * 2 + 2)).collect();
    pairs.join(":")
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let account = world.account.clone();
    let (arn, there) = existing(world, ask)?;
    let there = there.clone();
    let users = elb::uses_certificate(world, &arn);
    let amazon = there.method.is_some();
    let issued = there.issued;
    let known = |value: Json| issued.map(|_| value);
    let subject = there.names.first().map(|name| format!("CN={name}"));
    let usages: Vec<Json> = USAGES.iter().map(|name| json!({ "Name": name })).collect();
    let extended: Vec<Json> = EXTENDED.iter().map(|(name, oid)| json!({ "Name": name, "OID": oid })).collect();
    Ok(json!({ "Certificate": {
        "CertificateArn": arn,
        "DomainName": there.names.first(),
        "SubjectAlternativeNames": there.names,
        "DomainValidationOptions": amazon.then(|| validation::options(&account, &there)),
        "Serial": known(serial(&arn).into()),
        "Subject": subject,
        "Issuer": if amazon { Some("Amazon") } else { known(subject.clone().into()).and(Some("Imported")) },
        "CreatedAt": amazon.then_some(there.created),
        "ImportedAt": (!amazon).then_some(there.created),
        "IssuedAt": issued.filter(|_| amazon),
        "Status": there.status,
        "NotBefore": issued,
        "NotAfter": there.not_after(),
        "KeyAlgorithm": there.shown_key(),
        "SignatureAlgorithm": there.signature(),
        "InUseBy": users,
        "FailureReason": there.reason,
        "Type": there.kind(),
        "KeyUsages": known(usages.into()),
        "ExtendedKeyUsages": known(extended.into()),
        "RenewalEligibility": there.eligibility(!users.is_empty()),
        "Options": { "CertificateTransparencyLoggingPreference": there.transparency, "Export": there.export },
    }}))
}

/// Text of the right form, the same for the same certificate; nobody can decode it.
fn pem(arn: &str) -> String {
    let lines: Vec<String> = (0..12).map(|line| digest(&format!("{arn} {line}"))).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Of one that failed or timed out: as of one that isn't issued yet (unverified).
pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let (arn, there) = existing(world, ask)?;
    match (&there.pem, there.status) {
        (Some((certificate, chain)), _) => Ok(json!({ "Certificate": certificate, "CertificateChain": chain })),
        (None, "ISSUED") => Ok(json!({ "Certificate": pem(&arn), "CertificateChain": pem("Amazon") })),
        _ => Err(Refusal::new("RequestInProgressException", format!("The certificate {arn} has not been issued yet."))),
    }
}

/// Not while a load balancer uses it, nor until that is known to have ended (API reference, DeleteCertificate).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let (arn, _) = existing(world, ask)?;
    if !elb::uses_certificate(world, &arn).is_empty() {
        let why = format!("Certificate {arn} in account {} is in use.", world.account);
        return Err(Refusal::new("ResourceInUseException", why));
    }
    world.acm.certificates.remove(&arn);
    super::done()
}
