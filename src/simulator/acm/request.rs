//! Requests for public certificates.

use std::collections::BTreeSet;

use serde_json::json;

use super::certificate::Certificate;
use super::checks::{self, invalid, needed, one_of, parameter};
use super::{existing, tagging, validation};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// Names on one (User Guide, Quotas).
const NAMES: usize = 10;
/// Of the common name (RFC 5280; API reference, DomainName).
const COMMON_NAME: usize = 64;
/// How long an idempotency token is known (API reference, IdempotencyToken).
const TOKEN: f64 = 3600.0;
/// What can be requested (User Guide, "Key algorithms"); the others can only be imported.
const KEYS: [&str; 3] = ["RSA_2048", "EC_prime256v1", "EC_secp384r1"];

pub fn full(world: &World) -> Result<(), Refusal> {
    let why = || {
        format!("Error: you have reached your limit of {} certificates.", quotas::limit(world, quotas::CERTIFICATES))
    };
    match quotas::full(world, quotas::CERTIFICATES, world.acm.certificates.len()) {
        true => Err(Refusal::new("LimitExceededException", why())),
        false => Ok(()),
    }
}

/// The certificate's own name first, each once, in lower case.
fn names(ask: &Ask) -> Result<Vec<String>, Refusal> {
    let own = needed(ask, "DomainName")?;
    checks::domain("domainName", own)?;
    if own.len() > COMMON_NAME {
        let why = format!("The first domain name you provide must be within {COMMON_NAME} characters");
        return Err(invalid("domainName", own, &why));
    }
    let others = ask.texts("SubjectAlternativeNames");
    if others.len() > 100 {
        return Err(invalid("subjectAlternativeNames", "[...]", "Member must have length less than or equal to 100"));
    }
    others.iter().try_for_each(|name| checks::domain("subjectAlternativeNames", name))?;
    let mut seen = BTreeSet::new();
    let all = std::iter::once(own).chain(others.iter().map(String::as_str)).map(str::to_lowercase);
    let names: Vec<String> = all.filter(|name| seen.insert(name.clone())).collect();
    match names.len() <= NAMES {
        true => Ok(names),
        false => {
            let why = format!("The number of domain names is beyond the quota of {NAMES}.");
            Err(Refusal::new("LimitExceededException", why))
        }
    }
}

/// Where mails go: the name's own domain, or one above it (API reference, DomainValidationOption).
fn mail(ask: &Ask, names: &[String]) -> Result<Vec<(String, String)>, Refusal> {
    let mut mail = Vec::new();
    for option in ask.parts("DomainValidationOptions") {
        let (name, domain) =
            (needed(&option, "DomainName")?.to_lowercase(), needed(&option, "ValidationDomain")?.to_lowercase());
        let base = name.strip_prefix("*.").unwrap_or(&name);
        let above = base.strip_suffix(domain.as_str()).is_some_and(|front| front.is_empty() || front.ends_with('.'));
        if !names.contains(&name) || !above {
            let why =
                format!("The validation domain {domain} is not a superdomain of a name of the certificate: {name}");
            return Err(Refusal::new("InvalidDomainValidationOptionsException", why));
        }
        mail.push((name, domain));
    }
    Ok(mail)
}

fn token(ask: &Ask) -> Result<Option<&str>, Refusal> {
    let Some(token) = ask.text("IdempotencyToken") else { return Ok(None) };
    let fits = token.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    match fits && (1..=32).contains(&token.len()) {
        true => Ok(Some(token)),
        false => Err(invalid("idempotencyToken", token, "Member must satisfy regular expression pattern: \\w+")),
    }
}

/// The same token with other parameters: another certificate (unverified).
pub fn request(world: &mut World, ask: &Ask) -> Answer {
    let names = names(ask)?;
    if let Some(authority) = ask.text("CertificateAuthorityArn") {
        let why = format!("private certificates are not simulated: {authority}");
        return Err(Refusal::new("NotImplemented", why).with_status(501));
    }
    // E-mail unless told otherwise: what the API did before there was DNS (unverified).
    let method = match one_of(ask, "ValidationMethod", &["EMAIL", "DNS", "HTTP"])? {
        Some("DNS") => "DNS",
        Some("HTTP") => {
            return Err(parameter("HTTP validation is only supported for certificates managed by CloudFront"));
        }
        _ => "EMAIL",
    };
    if one_of(ask, "ManagedBy", &["CLOUDFRONT"])?.is_some() {
        let why = "certificates managed by CloudFront are not simulated";
        return Err(Refusal::new("NotImplemented", why).with_status(501));
    }
    let key = one_of(ask, "KeyAlgorithm", checks::KEYS)?.unwrap_or("RSA_2048");
    if !KEYS.contains(&key) {
        return Err(parameter(format!("Certificates with the key algorithm {key} can't be requested.")));
    }
    let options = ask.part("Options");
    let transparency =
        one_of(&options, "CertificateTransparencyLoggingPreference", checks::SWITCH)?.unwrap_or("ENABLED");
    let export = one_of(&options, "Export", checks::SWITCH)?.unwrap_or("DISABLED");
    let (mail, tags) = (mail(ask, &names)?, tagging::given(ask)?);
    let token = token(ask)?.map(|token| (token.to_owned(), ask.0.clone()));
    let young = world.epoch() - TOKEN;
    let same = |there: &Certificate| token.is_some() && there.token == token && there.created > young;
    if let Some((arn, _)) = world.acm.certificates.iter().find(|(_, there)| same(there)) {
        return Ok(json!({ "CertificateArn": arn }));
    }
    full(world)?;
    let id = world.uuid();
    let arn = world.arn("acm", &format!("certificate/{id}"));
    world.acm.count += 1;
    let certificate = Certificate {
        number: world.acm.count,
        names,
        method: Some(method),
        status: "PENDING_VALIDATION",
        reason: None,
        recorded: false,
        found: BTreeSet::new(),
        proven: BTreeSet::new(),
        created: world.epoch(),
        issued: None,
        key: key.to_owned(),
        transparency: transparency.to_owned(),
        export: export.to_owned(),
        mail,
        tags,
        token,
        pem: None,
    };
    world.acm.certificates.insert(arn.clone(), certificate);
    validation::begin(world, &arn);
    Ok(json!({ "CertificateArn": arn }))
}

/// Only of certificates of Amazon, and not while they are asked for (`InvalidStateException`; when exactly is unverified).
pub fn update_options(world: &mut World, ask: &Ask) -> Answer {
    let options = ask.part("Options");
    if options.0.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(invalid("options", "null", "Member must not be null"));
    }
    let transparency = one_of(&options, "CertificateTransparencyLoggingPreference", checks::SWITCH)?.map(str::to_owned);
    let export = one_of(&options, "Export", checks::SWITCH)?.map(str::to_owned);
    if one_of(&options, "ValidationMethod", &["EMAIL", "DNS", "HTTP"])?.is_some() {
        let why = "changing the validation method is not simulated";
        return Err(Refusal::new("NotImplemented", why).with_status(501));
    }
    let (arn, there) = existing(world, ask)?;
    if there.method.is_none() || there.status != "ISSUED" {
        let why = format!("The certificate {arn} of type {} is {}.", there.kind(), there.status);
        return Err(Refusal::new("InvalidStateException", why));
    }
    // "You cannot update the value of Export after the certificate is created" (API reference, CertificateOptions).
    if export.is_some_and(|export| export != there.export) {
        let why = "The export option of a certificate can't be changed.";
        return Err(Refusal::new("ValidationException", why));
    }
    there.transparency = transparency.unwrap_or_else(|| there.transparency.clone());
    super::done()
}
