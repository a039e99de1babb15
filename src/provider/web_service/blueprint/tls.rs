//! HTTPS: the certificate, where `domain` asks for one with what proves it, and the names that lead to the load balancer.

use std::collections::BTreeSet;

use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::alias_record::AliasRecord;
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::certificate::Certificate;
use crate::aws::objects::certificate_validation::CertificateValidation;
use crate::aws::objects::listener::Listener;
use crate::aws::objects::listener_certificate::ListenerCertificate;
use crate::aws::objects::listener_rule::ListenerRule;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::provider::web_service::model::{Domain, Settings};

/// The certificate that is served; one of ours only once it is issued.
#[derive(Clone, Copy)]
pub(super) struct Proven {
    pub certificate: Ref<Certificate>,
    pub validation: Option<Ref<CertificateValidation>>,
}

/// Draws the certificate, or names the one that was given.
pub(super) fn certificate(graph: &mut Graph, settings: &Settings, anchor: Ref<Anchor>) -> Option<Proven> {
    let Some(domain) = &settings.domain else {
        let arn = settings.https.as_ref()?.certificate_arn.as_ref()?;
        return Some(Proven { certificate: graph.given(arn), validation: None });
    };
    let (key, zone) = (certificate_key(domain), zone(domain));
    let certificate = graph.add(&*key, wanted(domain), After(anchor));
    let validation = CertificateValidation::in_zone(zone);
    let validation = graph.add(CertificateValidation::key(&key), validation, certificate);
    Some(Proven { certificate, validation: Some(validation) })
}

/// By what requests are answered: listeners of the stack's own, or a rule and a certificate on a listener that was given.
type Ways<'a> = (&'a [Ref<Listener>], Option<Ref<ListenerRule>>, Option<Ref<ListenerCertificate>>);

/// Draws an alias record for each name, which leads there once requests are answered.
pub(super) fn aliases(
    graph: &mut Graph,
    settings: &Settings,
    balancer: Ref<LoadBalancer>,
    proven: Proven,
    (listeners, rule, served): Ways<'_>,
) {
    let Some(domain) = &settings.domain else { return };
    for name in domain.names() {
        let record = AliasRecord {
            zone_id: zone(domain).to_owned(),
            name: name.to_owned(),
            marked: settings.load_balancer.is_given(),
        };
        let after = After((proven.certificate, AllOf(listeners.to_vec()), rule, served));
        graph.add(record.key(), record, (balancer, after));
    }
}

/// The key of the domain's certificate.
pub fn certificate_key(domain: &Domain) -> String {
    wanted(domain).key(zone(domain))
}

fn wanted(domain: &Domain) -> Certificate {
    let additional_names: BTreeSet<String> = domain.additional_names.clone();
    Certificate { name: domain.name.clone(), additional_names }
}

fn zone(domain: &Domain) -> &str {
    domain.zone_id.as_deref().unwrap_or_default()
}
