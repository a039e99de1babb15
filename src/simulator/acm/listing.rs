//! The list of certificates: in the order in which they were made, in pages; a token is the last one's number.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::certificate::{Certificate, EXTENDED, USAGES};
use super::checks::{self, invalid, one_of};
use crate::simulator::ask::Ask;
use crate::simulator::elb;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

const MOST: i64 = 1000;

fn described(world: &World, arn: &str, there: &Certificate) -> Json {
    let used = !elb::uses_certificate(world, arn).is_empty();
    let (amazon, issued) = (there.method.is_some(), there.issued);
    let extended = EXTENDED.map(|(name, _)| name);
    json!({
        "CertificateArn": arn,
        "DomainName": there.names.first(),
        "SubjectAlternativeNameSummaries": there.names,
        "HasAdditionalSubjectAlternativeNames": false,
        "Status": there.status,
        "Type": there.kind(),
        "KeyAlgorithm": there.shown_key(),
        "KeyUsages": issued.map(|_| USAGES),
        "ExtendedKeyUsages": issued.map(|_| extended),
        "ExportOption": amazon.then_some(&there.export),
        "InUse": used,
        "Exported": issued.filter(|_| amazon).map(|_| false),
        "RenewalEligibility": there.eligibility(used),
        "NotBefore": issued,
        "NotAfter": there.not_after(),
        "CreatedAt": amazon.then_some(there.created),
        "ImportedAt": (!amazon).then_some(there.created),
        "IssuedAt": issued.filter(|_| amazon),
    })
}

/// A list of words, each of which must be known.
fn words(ask: &Ask, member: &str, known: &[&str]) -> Result<BTreeSet<String>, Refusal> {
    let words: BTreeSet<String> = ask.texts(member).into_iter().collect();
    match words.iter().find(|word| !known.contains(&word.as_str())) {
        Some(word) => {
            Err(invalid(member, word, &format!("Member must satisfy enum value set: [{}]", known.join(", "))))
        }
        None => Ok(words),
    }
}

/// "Default filtering returns only RSA_1024 and RSA_2048 certificates" (API reference, Filters).
fn keys(includes: &Ask) -> Result<BTreeSet<String>, Refusal> {
    let asked = words(includes, "keyTypes", checks::KEYS)?;
    Ok(if asked.is_empty() { ["RSA_1024", "RSA_2048"].map(str::to_owned).into() } else { asked })
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let statuses = words(ask, "CertificateStatuses", checks::STATUSES)?;
    let includes = ask.part("Includes");
    let (keys, export) = (keys(&includes)?, one_of(&includes, "exportOption", checks::SWITCH)?);
    let managed = one_of(&includes, "managedBy", &["CLOUDFRONT"])?.is_some();
    let (usage, extended) = (includes.texts("keyUsage"), includes.texts("extendedKeyUsage"));
    let origins = words(ask, "CertificateKeyPairOrigins", &["AWS_MANAGED", "ACME", "CUSTOMER_PROVIDED"])?;
    let size = if ask.get("MaxItems").is_null() { Some(MOST) } else { ask.number("MaxItems") };
    let size = size.filter(|size| (1..=MOST).contains(size)).and_then(|size| usize::try_from(size).ok());
    let size =
        size.ok_or_else(|| invalid("maxItems", "", &format!("Member must have a value between 1 and {MOST}")))?;
    let by = one_of(ask, "SortBy", &["CREATED_AT"])?;
    let order = one_of(ask, "SortOrder", &["ASCENDING", "DESCENDING"])?;
    if by.is_some() != order.is_some() {
        let why = "SortBy and SortOrder must be specified together.";
        return Err(Refusal::new("ValidationException", why));
    }
    let bad = || Refusal::new("ValidationException", "The next token is not valid.");
    let token = ask.text("NextToken").map(|token| token.parse::<u64>().map_err(|_| bad())).transpose()?;
    let origin = |there: &Certificate| if there.method.is_some() { "AWS_MANAGED" } else { "CUSTOMER_PROVIDED" };
    // The usages are those of a certificate issued: all have the same.
    let used = |there: &Certificate| {
        let issued = there.issued.is_some();
        usage.iter().all(|name| issued && (USAGES.contains(&name.as_str()) || name == "ANY"))
            && extended.iter().all(|name| issued && (name == "ANY" || EXTENDED.iter().any(|(known, _)| known == name)))
    };
    let fits = |there: &Certificate| {
        (statuses.is_empty() || statuses.contains(there.status))
            && keys.contains(&there.key)
            && export.is_none_or(|export| there.export == export)
            && (origins.is_empty() || origins.contains(origin(there)))
            && used(there)
            && !managed
    };
    let mut found: Vec<_> = world.acm.certificates.iter().filter(|(_, there)| fits(there)).collect();
    found.sort_by_key(|(_, there)| there.number);
    let down = order == Some("DESCENDING");
    if down {
        found.reverse();
    }
    let after = |number: u64| token.is_none_or(|token| if down { number < token } else { number > token });
    let mut rest = found.into_iter().filter(|(_, there)| after(there.number)).peekable();
    let page: Vec<_> = rest.by_ref().take(size).collect();
    let last = page.last().map(|(_, there)| there.number.to_string()).filter(|_| rest.peek().is_some());
    let page: Vec<Json> = page.into_iter().map(|(arn, there)| described(world, arn, there)).collect();
    Ok(json!({ "CertificateSummaryList": page, "NextToken": last }))
}
