//! HTTPS and its names, read back; on import its structure too.

use std::collections::BTreeSet;

use super::{Standing, actual};
use crate::aws::erased::Found;
use crate::aws::objects::certificate::Certificate;
use crate::aws::objects::listener::{HTTP, HTTPS, Listener};
use crate::aws::objects::listener_certificate::ListenerCertificate;
use crate::provider::web_service::model::{Domain, Https, Settings};

pub(super) fn tls(settings: &mut Settings, standing: &Standing) {
    let (Some(before), internal) = (settings.tls(), settings.load_balancer.internal) else { return };
    let of = |port| standing.get(&Listener::key(internal, port)).and_then(Found::seen::<Listener>);
    let mut https = before.clone();
    if let Some(listener) = of(HTTPS) {
        https.ssl_policy = listener.actual.ssl_policy.clone().unwrap_or_default();
        if settings.domain.is_none() {
            https.certificate_arn = listener.needs.2.as_ref().map(|arn| arn.0.clone());
        }
        let attached = standing.values().filter_map(Found::seen::<ListenerCertificate>);
        let attached = attached.filter(|one| one.needs.0 == listener.output).map(|one| one.needs.1.0.clone());
        https.additional_certificate_arns = attached.collect();
    }
    if let Some(listener) = of(HTTP) {
        https.redirect_http = listener.actual.redirect;
    }
    // Left out, it stays so while it is as left out.
    if settings.https.is_some() || https != before {
        settings.https = Some(https);
    }
}

/// Whether there is HTTPS, and under which names, as what stands shows it.
pub(super) fn structure(standing: &Standing, internal: bool) -> (Option<Https>, Option<Domain>) {
    let listener = standing.get(&Listener::key(internal, HTTPS)).and_then(Found::seen::<Listener>);
    let served = listener.and_then(|listener| listener.needs.2.as_ref()).map(|arn| arn.0.as_str());
    let certificates = standing.iter().filter(|(_, found)| found.seen::<Certificate>().is_some());
    let mut certificates: Vec<_> =
        certificates.map(|(key, found)| (Some(found.made.id.as_str()) != served, key)).collect();
    certificates.sort();
    let domain = certificates.first().and_then(|(_, key)| {
        let certificate = actual::<Certificate>(standing, key)?;
        let (name, additional_names) = (certificate.name.clone(), certificate.additional_names.clone());
        Some(Domain { name, zone_id: Certificate::zone(key).map(str::to_owned), additional_names })
    });
    let https = listener.filter(|_| domain.is_none()).map(|_| {
        let additional_certificate_arns = BTreeSet::new();
        Https { additional_certificate_arns, ..Https::default() }
    });
    (https, domain)
}
