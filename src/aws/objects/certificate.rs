//! Certificate of ACM for the service's names. Its names can't change: they are in its key, with the hosted zone that proves
//! them, so that all that a domain needs can be found by the certificate alone.
//!
//! Here it is only asked for. That ACM issues it is the `certificate_validation`'s to bring about.

use std::collections::BTreeSet;

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus as Status, CertificateType, Tag, ValidationMethod};
use futures::stream::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::elb_tags;
use super::listener_certificate;
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::guests;
use crate::aws::object::{Life, Object, Pace, Ready, Seen, Site};
use crate::aws::owner::{Owner, Tags, hash};

crate::id!(CertificateArn);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub name: String,
    pub additional_names: BTreeSet<String>,
}

/// One of the stack's certificates.
#[derive(Clone)]
pub(super) struct Ours {
    pub key: String,
    pub arn: CertificateArn,
    pub detail: CertificateDetail,
    pub tags: Tags,
}

const ABSENT: &[&str] = &["ResourceNotFoundException"];

/// Of a certificate this old, in seconds, every copy has the tags.
const OLD: i64 = 3600;

impl Certificate {
    /// The key of the certificate for these names, proven in this hosted zone. `*` may not stand in tags, so in no key.
    pub fn key(&self, zone: &str) -> String {
        let others = self.additional_names.iter().cloned().collect::<Vec<_>>().join(" ");
        let others = if others.is_empty() { String::new() } else { format!("/{}", hash(&others)) };
        format!("certificate/{zone}/{}{others}", self.name)
    }

    /// The hosted zone in such a key.
    pub fn zone(key: &str) -> Option<&str> {
        key.strip_prefix("certificate/")?.split('/').next()
    }

    /// The stack's certificates. ACM lists by no tag: each one's tags are asked for, of old ones once.
    pub(super) async fn of(aws: &Aws, owner: &Owner) -> Result<Vec<Ours>> {
        aws.once("certificates", || Self::found(aws, owner)).await
    }

    async fn found(aws: &Aws, owner: &Owner) -> Result<Vec<Ours>> {
        let ask = || async {
            let pages = aws.acm.list_certificates().max_items(1000).into_paginator();
            pages.items().send().try_collect().await
        };
        let all: Vec<_> = aws.call("acm:ListCertificates", ask).await?;
        let requested = all.into_iter().filter(|one| one.r#type() == Some(&CertificateType::AmazonIssued));
        let known = requested.filter_map(|one| {
            let old = one.created_at().is_some_and(|at| at.secs() + OLD < aws.epoch());
            Some((one.certificate_arn?, old))
        });
        let looks = known.filter(|(arn, _)| !aws.others.know(arn, &owner.identity)).map(|(arn, old)| async move {
            let tags = Self::tags(aws, &arn).await?;
            let Some(key) = owner.key_in(&tags) else {
                if old {
                    aws.others.remember(arn, &tags);
                }
                return Ok(None);
            };
            let Some(detail) = Self::look(aws, &arn).await? else { return Ok(None) };
            Ok::<_, Error>(Some(Ours { key, arn: CertificateArn(arn), detail, tags }))
        });
        let found: Vec<_> = futures::stream::iter(looks).buffered(5).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    pub(super) async fn look(aws: &Aws, arn: &str) -> Result<Option<CertificateDetail>> {
        let ask = || aws.acm.describe_certificate().certificate_arn(arn).send();
        let found = aws.call("acm:DescribeCertificate", ask).await.absent(ABSENT)?;
        Ok(found.and_then(|found| found.certificate))
    }

    /// A certificate's tags; none of one in IAM, which ACM doesn't know.
    pub(super) async fn tags(aws: &Aws, arn: &str) -> Result<Tags> {
        if !arn.contains(":acm:") {
            return Ok(Tags::new());
        }
        let ask = || aws.acm.list_tags_for_certificate().certificate_arn(arn).send();
        let found = aws.call("acm:ListTagsForCertificate", ask).await.absent(ABSENT)?;
        let tags = found.and_then(|found| found.tags).unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
    }
}

/// Why ACM will not issue it.
pub(super) fn failure(detail: &CertificateDetail) -> Option<String> {
    let status = detail.status().filter(|status| matches!(status, Status::Failed | Status::ValidationTimedOut))?;
    let reason = detail.failure_reason().map_or("ACM gives no reason", |reason| reason.as_str());
    Some(format!("ACM will not issue the certificate: {} ({reason})", status.as_str()))
}

fn tags_of(set: &Tags) -> Result<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    set.iter().map(tag).collect::<std::result::Result<_, _>>().map_err(|error| Error::Unexpected(error.to_string()))
}

impl Object for Certificate {
    const KIND: &'static str = "certificate";
    type Needs = After<Ref<Anchor>>;
    type Output = CertificateArn;
    const HOSTS: bool = true;
    // The records that prove its names show after some seconds.
    const PACE: Pace = Pace::seconds(3, 5);

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let seen = Self::of(aws, owner).await?.into_iter().map(|Ours { key, arn, detail, tags }| {
            let name = detail.domain_name().unwrap_or_default().to_owned();
            let additional_names = detail.subject_alternative_names().iter().filter(|other| **other != name);
            Seen {
                key,
                output: arn,
                needs: (),
                life: if failure(&detail).is_some() { Life::Dead } else { Life::Standing },
                actual: Self { additional_names: additional_names.cloned().collect(), name },
                tags,
            }
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<CertificateArn> {
        let others = Some(self.additional_names.iter().cloned().collect()).filter(|names: &Vec<_>| !names.is_empty());
        let ask = site.aws.acm.request_certificate().domain_name(&self.name).set_subject_alternative_names(others);
        let ask = ask.validation_method(ValidationMethod::Dns).idempotency_token(site.aws.token());
        let ask = ask.set_tags(Some(tags_of(&site.owner.tags_of(site.key))?));
        let made = site.aws.call("acm:RequestCertificate", || ask.clone().send()).await?;
        CertificateArn::of(made.certificate_arn())
    }

    async fn ready(&self, aws: &Aws, arn: &CertificateArn) -> Result<Ready> {
        let Some(detail) = Self::look(aws, &arn.0).await? else {
            return Ok(Ready::NotYet("the certificate is not visible yet".into()));
        };
        if let Some(why) = failure(&detail) {
            return Err(Error::Failed(why));
        }
        let options = detail.domain_validation_options();
        let recorded = !options.is_empty() && options.iter().all(|option| option.resource_record().is_some());
        Ok(match recorded || detail.status() == Some(&Status::Issued) {
            true => Ready::Yes,
            false => Ready::NotYet("ACM has not said yet by which records the names are proven".into()),
        })
    }

    async fn retag(aws: &Aws, arn: &CertificateArn, set: &Tags, remove: &[String]) -> Result<()> {
        let gone = remove.iter().map(|key| (key.clone(), String::new())).collect::<Tags>();
        if !gone.is_empty() {
            // By key alone: a tag without a value is removed whatever it has.
            let keys = gone.keys().map(|key| Tag::builder().key(key).build());
            let keys = keys.collect::<std::result::Result<Vec<_>, _>>();
            let keys = keys.map_err(|error| Error::Unexpected(error.to_string()))?;
            let ask = aws.acm.remove_tags_from_certificate().certificate_arn(&arn.0).set_tags(Some(keys));
            aws.call("acm:RemoveTagsFromCertificate", || ask.clone().send()).await?;
        }
        if !set.is_empty() {
            let ask = aws.acm.add_tags_to_certificate().certificate_arn(&arn.0).set_tags(Some(tags_of(set)?));
            aws.call("acm:AddTagsToCertificate", || ask.clone().send()).await?;
        }
        Ok(())
    }

    /// A certificate of ACM, or one that was uploaded to IAM, which isn't looked up.
    async fn given(aws: &Aws, arn: &str) -> Result<Option<CertificateArn>> {
        if !arn.contains(":acm:") {
            return Ok(Some(CertificateArn(arn.to_owned())));
        }
        let Some(detail) = Self::look(aws, arn).await? else { return Ok(None) };
        let never = [Status::PendingValidation, Status::Failed, Status::ValidationTimedOut];
        match detail.status().filter(|status| never.contains(status)) {
            None => Ok(Some(CertificateArn(arn.to_owned()))),
            Some(status) => {
                let status = status.as_str();
                Err(Error::Failed(format!(
                    "{arn} is {status}: a load balancer takes only certificates that are issued"
                )))
            }
        }
    }

    /// Who serves it besides this stack: load balancers, or AWS's other services.
    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        let Some(detail) = Self::look(aws, &seen.output.0).await? else { return Ok(BTreeSet::new()) };
        let used = detail.in_use_by().to_vec();
        if used.is_empty() {
            return Ok(BTreeSet::new());
        }
        let ours = listener_certificate::balancers(aws, owner).await?;
        let mut others = BTreeSet::new();
        for user in used.into_iter().filter(|user| !ours.contains(user)) {
            // ACM takes its time to notice that a load balancer has let go.
            let balancer = user.contains(":loadbalancer/");
            if balancer && !listener_certificate::serves(aws, &user, &seen.output.0).await? {
                continue;
            }
            let tags = if balancer { elb_tags::read(aws, vec![user.clone()]).await? } else { Default::default() };
            let tags = tags.get(&user).cloned().unwrap_or_default();
            others.extend(guests::in_words(owner, &format!("{user}, which serves {}", seen.output.0), &tags));
        }
        Ok(others)
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let arn = &seen.output.0;
        let ask = || aws.acm.delete_certificate().certificate_arn(arn).send();
        aws.call("acm:DeleteCertificate", ask).await.absent(ABSENT).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_names_and_zone() {
        let of = |others: &[&str]| {
            let additional_names = others.iter().map(|name| (*name).to_owned()).collect();
            Certificate { name: "www.example.com".into(), additional_names }.key("Z1")
        };
        assert_eq!(of(&[]), "certificate/Z1/www.example.com");
        assert_eq!(Certificate::zone(&of(&["*.example.com"])), Some("Z1"));
        assert!(of(&["a.b"]) != of(&["a.c"]) && !of(&["*.example.com"]).contains('*'));
    }
}
