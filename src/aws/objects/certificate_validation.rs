//! The records that prove a certificate's names to ACM, and the wait until it is issued.
//!
//! The record of a name is the same for all certificates of an account, in every region: other certificates may live by it
//! too, now and at each renewal. So one that stands already, with whatever TTL, is left as it is; and at the end one goes
//! only if it is as we write it, TTL included, and no other certificate of this account and region has it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus as Status, Filters, KeyAlgorithm};
use aws_sdk_route53::types::{ChangeAction, ResourceRecord, ResourceRecordSet, RrType};
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, CertificateArn, Ours, failure};
use super::hosted_zone_records::{change, find, incomplete, plain};
use crate::aws::client::Aws;
use crate::aws::error::{Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Pace, Ready, Seen, Site};
use crate::aws::observe::settled;
use crate::aws::owner::{Owner, Tags};

crate::id!(
    /// The certificate's ARN, marked: who needs the certificate doesn't mention this.
    ValidationId
);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateValidation {
    pub zone_id: String,
    /// Records that should stand, and don't. We want none missing.
    pub missing: BTreeSet<String>,
}

/// Another TTL than people and tools usually write (60, 300): by it ours are told from theirs.
const TTL: i64 = 3600;

const MARK: &str = "#validation";

impl CertificateValidation {
    pub fn in_zone(zone_id: &str) -> Self {
        Self { zone_id: zone_id.to_owned(), missing: BTreeSet::new() }
    }

    /// The key of the validation of the certificate with this key.
    pub fn key(certificate: &str) -> String {
        certificate.replacen("certificate/", "certificate_validation/", 1)
    }

    /// Writes what is missing of a certificate's records.
    async fn prove(&self, aws: &Aws, arn: &str) -> Result<()> {
        let Some(detail) = Certificate::look(aws, arn).await? else { return Err(Error::lacks("the certificate")) };
        let mut changes = Vec::new();
        for (name, value) in records(&detail) {
            let there = find(aws, &self.zone_id, &name, RrType::Cname).await?;
            if !there.is_some_and(|there| says(&there, &value)) {
                changes.push((ChangeAction::Upsert, record(&name, &value)?));
            }
        }
        if !changes.is_empty() {
            change(aws, &self.zone_id, changes).await?;
        }
        Ok(())
    }
}

impl ValidationId {
    fn of_certificate(arn: &CertificateArn) -> Self {
        Self(format!("{}{MARK}", arn.0))
    }

    fn certificate(&self) -> &str {
        self.0.trim_end_matches(MARK)
    }
}

/// Name and value of each record that proves a name; a wildcard has that of the name below it.
fn records(detail: &CertificateDetail) -> BTreeMap<String, String> {
    let records = detail.domain_validation_options().iter().filter_map(|option| option.resource_record());
    records.map(|record| (plain(record.name()), record.value().to_owned())).collect()
}

fn says(set: &ResourceRecordSet, value: &str) -> bool {
    set.resource_records().iter().any(|record| plain(record.value()) == plain(value))
}

fn record(name: &str, value: &str) -> Result<ResourceRecordSet> {
    let value = ResourceRecord::builder().value(value).build().map_err(incomplete)?;
    let set = ResourceRecordSet::builder().name(name).r#type(RrType::Cname).ttl(TTL).resource_records(value);
    set.build().map_err(incomplete)
}

impl Object for CertificateValidation {
    const KIND: &'static str = "certificate validation";
    type Needs = Ref<Certificate>;
    type Output = ValidationId;
    const TAGGED: bool = false;
    // Seen to take one to two minutes once the records stand; up to half an hour.
    const PACE: Pace = Pace::seconds(20, 10);

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Vec::new();
        for Ours { key, arn, detail, .. } in Certificate::of(aws, owner).await? {
            let Some(zone) = Certificate::zone(&key) else { continue };
            let (all, mut missing) = (records(&detail), BTreeSet::new());
            for (name, value) in &all {
                if !find(aws, zone, name, RrType::Cname).await?.is_some_and(|there| says(&there, value)) {
                    missing.insert(name.clone());
                }
            }
            if missing.len() < all.len() {
                seen.push(Seen {
                    key: Self::key(&key),
                    output: ValidationId::of_certificate(&arn),
                    needs: arn,
                    // Its records stand, and ACM has not found them yet: a listener would be refused.
                    life: if is_pending(&detail) { Life::Rising } else { Life::Standing },
                    actual: Self { zone_id: zone.to_owned(), missing },
                    tags: Tags::new(),
                });
            }
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, arn: &CertificateArn) -> Result<ValidationId> {
        self.prove(site.aws, &arn.0).await?;
        Ok(ValidationId::of_certificate(arn))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        _: &ValidationId,
        arn: &CertificateArn,
        seen: Option<&Seen<Self>>,
    ) -> Result<ValidationId> {
        if seen.is_some() {
            self.prove(site.aws, &arn.0).await?;
        }
        Ok(ValidationId::of_certificate(arn))
    }

    async fn ready(&self, aws: &Aws, id: &ValidationId) -> Result<Ready> {
        let Some(detail) = Certificate::look(aws, id.certificate()).await? else {
            return Ok(Ready::NotYet("the certificate is not visible yet".into()));
        };
        match failure(&detail) {
            Some(why) => Err(Error::Failed(why)),
            None if is_pending(&detail) => Ok(Ready::NotYet(format!(
                "ACM has not found the records of {} yet. They stand in hosted zone {}: is it the one whose name servers \
                 the domain's registrar, or the zone above it, names?",
                detail.domain_name().unwrap_or_default(),
                self.zone_id
            ))),
            None => Ok(Ready::Yes),
        }
    }

    async fn delete(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        // The records are told by the certificate alone.
        let look = || Certificate::look(aws, &seen.needs.0);
        let Some(detail) = settled(aws, look, Option::is_some).await? else { return Ok(()) };
        let shared = others(aws, owner, &detail, &seen.actual.zone_id).await?;
        for (name, value) in records(&detail).into_iter().filter(|(name, _)| !shared.contains(name)) {
            let (zone, ours) = (&seen.actual.zone_id, record(&name, &value)?);
            let there = find(aws, zone, &name, RrType::Cname).await?;
            if there.is_some_and(|there| there.ttl() == Some(TTL) && says(&there, &value)) {
                // Gone or changed meanwhile: not ours any more.
                match change(aws, zone, vec![(ChangeAction::Delete, ours)]).await {
                    Err(error) if error.code() == Some("InvalidChangeBatch") => (),
                    changed => drop(changed?),
                }
            }
        }
        Ok(())
    }
}

/// Whether ACM has yet to issue it.
fn is_pending(detail: &CertificateDetail) -> bool {
    matches!(detail.status(), Some(Status::PendingValidation) | None)
}

/// All kinds of keys.
const KEYS: [KeyAlgorithm; 7] = [
    KeyAlgorithm::EcPrime256v1,
    KeyAlgorithm::EcSecp384r1,
    KeyAlgorithm::EcSecp521r1,
    KeyAlgorithm::Rsa1024,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
];

/// The records that other certificates have too; those of this stack that are proven in another zone have theirs there.
async fn others(aws: &Aws, owner: &Owner, detail: &CertificateDetail, zone: &str) -> Result<BTreeSet<String>> {
    let ask = || async {
        // Without their mention ACM lists none with keys of elliptic curves, or longer than 2048.
        let all = Filters::builder().set_key_types(Some(KEYS.to_vec())).build();
        let pages = aws.acm.list_certificates().includes(all).max_items(1000).into_paginator();
        pages.items().send().try_collect().await
    };
    let all: Vec<_> = aws.call("acm:ListCertificates", ask).await?;
    let ours = Certificate::of(aws, owner).await?;
    let elsewhere = |arn: &str| ours.iter().any(|one| one.arn.0 == arn && Certificate::zone(&one.key) != Some(zone));
    let mut found = BTreeSet::new();
    for arn in all.into_iter().filter_map(|one| one.certificate_arn).filter(|arn| !elsewhere(arn)) {
        if Some(arn.as_str()) != detail.certificate_arn()
            && let Some(other) = Certificate::look(aws, &arn).await?
        {
            found.extend(records(&other).into_keys());
        }
    }
    Ok(found)
}
