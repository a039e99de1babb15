//! A further certificate of an HTTPS listener, served to those who ask for its names (SNI). Attaching one is all there is to
//! it: it can't be tagged or changed.
//!
//! On a listener of ours those are ours that the stack made or was given, as its record tells; what others attached there are
//! guests. On a listener that was given only the stack's own certificate is.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::Certificate as Named;
use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, CertificateArn, Ours};
use super::certificate_validation::CertificateValidation;
use super::listener::{self, Listener, ListenerOutput};
use super::load_balancer::LoadBalancer;
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::guests;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(
    /// The listener's ARN and the certificate's.
    Attachment
);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerCertificate {}

const ABSENT: &[&str] = &["ListenerNotFound", "LoadBalancerNotFound"];

impl ListenerCertificate {
    /// The key of a certificate on a listener: of the listener by its place, of the certificate by the end of its ARN.
    pub fn key(place: &str, certificate: &str) -> String {
        let id = certificate.rsplit('/').next().unwrap_or(certificate);
        format!("listener_certificate/{place}/{id}")
    }

    /// The key of the stack's own certificate, which it knows by its key, on a listener that was given.
    pub fn key_of_own(place: &str, certificate: &str) -> String {
        format!("listener_certificate/{place}/{}", certificate.trim_start_matches("certificate/"))
    }

    /// Those on listeners that were given: the stack's own certificates.
    async fn on_given(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Vec::new();
        let mut own = None;
        for balancer in LoadBalancer::given_arns(owner) {
            for listener in Listener::of(aws, balancer).await? {
                let listener = listener::output(&listener)?;
                let Some(place) = Listener::place(&listener.arn).filter(|_| listener.protocol == "HTTPS") else {
                    continue;
                };
                let attached = attached(aws, &listener.arn).await?;
                if own.is_none() {
                    own = Some(Certificate::of(aws, owner).await?);
                }
                for Ours { key, arn, .. } in own.iter().flatten().filter(|one| attached.contains(&one.arn.0)) {
                    seen.push(Seen {
                        key: Self::key_of_own(place, key),
                        output: attachment(&listener.arn, &arn.0),
                        needs: (listener.clone(), arn.clone(), ()),
                        life: Life::Standing,
                        actual: Self {},
                        tags: Tags::new(),
                    });
                }
            }
        }
        Ok(seen)
    }
}

fn attachment(listener: &str, certificate: &str) -> Attachment {
    Attachment(format!("{listener}_{certificate}"))
}

/// The certificates of a listener besides its default one.
async fn attached(aws: &Aws, listener: &str) -> Result<BTreeSet<String>> {
    let ask = || async {
        let pages = aws.elb.describe_listener_certificates().listener_arn(listener).into_paginator();
        pages.items().send().try_collect().await
    };
    let found = aws.call("elasticloadbalancing:DescribeListenerCertificates", ask).await.absent(ABSENT)?;
    let found: Vec<Named> = found.unwrap_or_default();
    let further = found.into_iter().filter(|one| one.is_default() != Some(true));
    Ok(further.filter_map(|one| one.certificate_arn).collect())
}

/// The tags of a certificate on a listener of ours that others attached; none for ours: the stack's own, or one that it was
/// given.
async fn foreign(aws: &Aws, owner: &Owner, arn: &str) -> Result<Option<Tags>> {
    if owner.hosts.contains(arn) {
        return Ok(None);
    }
    Ok(Some(Certificate::tags(aws, arn).await?).filter(|tags| owner.key_in(tags).is_none()))
}

/// Those of others on a listener of ours, in words: they attached them themselves.
pub(super) async fn of_others(aws: &Aws, owner: &Owner, listener: &str) -> Result<BTreeSet<String>> {
    let mut others = BTreeSet::new();
    for arn in attached(aws, listener).await? {
        if let Some(tags) = foreign(aws, owner, &arn).await? {
            others.extend(guests::in_words(owner, &format!("the certificate {arn}"), &tags));
        }
    }
    Ok(others)
}

/// The load balancers on which this stack serves its certificates.
pub(super) async fn balancers(aws: &Aws, owner: &Owner) -> Result<BTreeSet<String>> {
    Ok(LoadBalancer::in_front(aws, owner).await?.into_iter().map(|front| front.arn).collect())
}

/// Whether a listener of this load balancer has the certificate.
pub(super) async fn serves(aws: &Aws, balancer: &str, certificate: &str) -> Result<bool> {
    for listener in Listener::of(aws, balancer).await? {
        let default = listener.certificates().iter().any(|one| one.certificate_arn() == Some(certificate));
        if default || attached(aws, listener.listener_arn().unwrap_or_default()).await?.contains(certificate) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Object for ListenerCertificate {
    const KIND: &'static str = "listener certificate";
    type Needs = (Ref<Listener>, Ref<Certificate>, After<Option<Ref<CertificateValidation>>>);
    type Output = Attachment;
    const TAGGED: bool = false;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Self::on_given(aws, owner).await?;
        for (key, listener) in Listener::ours(aws, owner).await?.into_iter().filter(|(_, one)| one.protocol == "HTTPS")
        {
            let place = key.trim_start_matches("listener/");
            for arn in attached(aws, &listener.arn).await? {
                if foreign(aws, owner, &arn).await?.is_none() {
                    seen.push(Seen {
                        key: Self::key(place, &arn),
                        output: attachment(&listener.arn, &arn),
                        needs: (listener.clone(), CertificateArn(arn), ()),
                        life: Life::Standing,
                        actual: Self {},
                        tags: Tags::new(),
                    });
                }
            }
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, (listener, certificate, ()): &Outputs<Self>) -> Result<Attachment> {
        let named = Named::builder().certificate_arn(&certificate.0).build();
        let ask = site.aws.elb.add_listener_certificates().listener_arn(&listener.arn).certificates(named);
        site.aws.call("elasticloadbalancing:AddListenerCertificates", || ask.clone().send()).await?;
        Ok(attachment(&listener.arn, &certificate.0))
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let (ListenerOutput { arn, .. }, certificate, ()) = &seen.needs;
        let named = Named::builder().certificate_arn(&certificate.0).build();
        let ask = aws.elb.remove_listener_certificates().listener_arn(arn).certificates(named);
        let removed = aws.call("elasticloadbalancing:RemoveListenerCertificates", || ask.clone().send()).await;
        removed.absent(ABSENT).map(drop)
    }
}
