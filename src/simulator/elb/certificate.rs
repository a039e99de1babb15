//! Certificates of listeners: the default one, and more that clients may ask for by name (User Guide, "SSL certificates for
//! your Application Load Balancer").

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::naming::{Kind, existing};
use super::{invalid, page};
use crate::simulator::acm;
use crate::simulator::ask::Ask;
use crate::simulator::durations::CERTIFICATE_RELEASED;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// A certificate and the load balancer that uses it.
type Use = (String, String);

/// Whether a listener may have this certificate. One that doesn't exist in this region isn't found; one that isn't issued is
/// not supported (both seen in the wild: hashicorp/terraform-provider-aws#11334, #41789). IAM's are not simulated: any will do.
pub fn check(world: &World, arn: &str) -> Result<(), Refusal> {
    if arn.starts_with("arn:") && arn.contains(":iam:") {
        return Ok(());
    }
    match acm::usable(world, arn) {
        Some(true) => Ok(()),
        None => Err(Refusal::new("CertificateNotFound", format!("Certificate '{arn}' not found"))),
        Some(false) => {
            let why = "must have a fully-qualified domain name, a supported signature, and a supported key size.";
            Err(Refusal::new("UnsupportedCertificate", format!("The certificate '{arn}' {why}")))
        }
    }
}

/// The certificates in a call, each as it may be. At least one.
fn given(world: &World, ask: &Ask) -> Result<Vec<String>, Refusal> {
    let parts = ask.parts("Certificates");
    let arns: Vec<String> = parts.iter().filter_map(|one| one.text("CertificateArn").map(str::to_owned)).collect();
    if arns.is_empty() || arns.len() < parts.len() {
        return Err(invalid("At least one certificate ARN must be specified"));
    }
    if parts.iter().any(|one| !one.get("IsDefault").is_null()) {
        return Err(invalid("IsDefault must not be specified"));
    }
    arns.iter().try_for_each(|arn| check(world, arn))?;
    Ok(arns)
}

fn listener(ask: &Ask) -> Result<String, Refusal> {
    existing(ask, "ListenerArn", Kind::Listener, |_| true)
}

/// One that is in the list already stays there (API reference, AddListenerCertificates). That an HTTP listener refuses is
/// known, its code unverified.
pub fn add(world: &mut World, ask: &Ask) -> Answer {
    let (id, arns) = (listener(ask)?, given(world, ask)?);
    let most = quotas::limit(world, quotas::LISTENER_CERTIFICATES);
    let listener = world.elb.listeners.get_mut(&id).ok_or_else(|| Kind::Listener.not_found())?;
    if listener.default_certificate().is_none() {
        return Err(invalid("Certificates can only be specified for HTTPS listeners"));
    }
    let mut all = listener.certificates.clone();
    all.extend(arns.iter().cloned());
    if all.len() as i64 > most {
        let why = "You've reached the limit on the number of certificates per listener";
        return Err(Refusal::new("TooManyCertificates", why));
    }
    listener.certificates = all;
    let added: Vec<Json> = arns.iter().map(|arn| json!({ "CertificateArn": arn, "IsDefault": false })).collect();
    Ok(json!({ "Certificates": added }))
}

/// One that isn't in the list is no error (unverified); the default one can't be removed (API reference).
pub fn remove(world: &mut World, ask: &Ask) -> Answer {
    let id = listener(ask)?;
    let arns: Vec<String> =
        ask.parts("Certificates").iter().filter_map(|one| one.text("CertificateArn").map(str::to_owned)).collect();
    if arns.is_empty() {
        return Err(invalid("At least one certificate ARN must be specified"));
    }
    let before = held(world);
    let listener = world.elb.listeners.get_mut(&id).ok_or_else(|| Kind::Listener.not_found())?;
    let default = listener.default_certificate().filter(|arn| arns.iter().any(|asked| asked == arn));
    if let Some(arn) = default.filter(|arn| !listener.certificates.contains(*arn)) {
        return Err(Refusal::new("OperationNotPermitted", format!("Default certificate '{arn}' cannot be removed")));
    }
    listener.certificates.retain(|arn| !arns.contains(arn));
    let_go(world, before);
    Ok(json!({}))
}

/// A default certificate that is in the list too comes twice (API reference, DescribeListenerCertificates).
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let id = listener(ask)?;
    let listener = world.elb.listeners.get(&id).ok_or_else(|| Kind::Listener.not_found())?;
    let shown = |arn: &str, default: bool| json!({ "CertificateArn": arn, "IsDefault": default });
    let default = listener.default_certificate().map(|arn| (arn.to_owned(), shown(arn, true)));
    let listed = listener.certificates.iter().map(|arn| (format!("{arn}#listed"), shown(arn, false)));
    let mut all: Vec<(String, Json)> = default.into_iter().chain(listed).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    page::page(ask, "Certificates", all.into_iter())
}

/// What listeners use now.
pub fn held(world: &World) -> BTreeSet<Use> {
    let of = |listener: &super::listener::Listener| {
        let arns = listener.default_certificate().into_iter().chain(listener.certificates.iter().map(String::as_str));
        arns.map(|arn| (arn.to_owned(), listener.load_balancer.clone())).collect::<Vec<_>>()
    };
    world.elb.listeners.values().flat_map(of).collect()
}

/// What was used before and is no longer counts as used for a while (hashicorp/terraform-provider-aws#3866).
pub fn let_go(world: &mut World, before: BTreeSet<Use>) {
    let now = held(world);
    for gone in before.difference(&now) {
        let until = world.now() + Duration::from_secs_f64(world.draw(CERTIFICATE_RELEASED));
        world.elb.released.insert(gone.clone(), until);
    }
    let at = world.now();
    world.elb.released.retain(|_, until| *until > at);
}

/// The load balancers that use a certificate, or did until just now.
pub fn users(world: &World, arn: &str) -> Vec<String> {
    let released = world.elb.released.iter().filter(|(_, until)| **until > world.now()).map(|(there, _)| there.clone());
    let all: BTreeSet<Use> = held(world).into_iter().chain(released).collect();
    all.into_iter().filter(|(certificate, _)| certificate == arn).map(|(_, balancer)| balancer).collect()
}
