//! Listeners: one for each port of a load balancer. They can be made before it is active.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::naming::{Kind, existing};
use super::{action, certificate, health, invalid, page, ssl, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Listener {
    pub load_balancer: String,
    pub actions: Vec<Json>,
    pub default_rule: String,
    pub tags: Tags,
    /// Besides the default one.
    pub certificates: BTreeSet<String>,
    settings: Settings,
}

impl Listener {
    pub fn port(&self) -> i64 {
        self.settings.port
    }

    /// Each HTTPS listener has one, no other has.
    pub fn default_certificate(&self) -> Option<&str> {
        self.settings.certificate.as_deref()
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Settings {
    port: i64,
    protocol: String,
    certificate: Option<String>,
    policy: Option<String>,
}

pub fn described(arn: &str, listener: &Listener) -> Json {
    let Settings { port, protocol, certificate, policy } = &listener.settings;
    let certificates = certificate.iter().map(|arn| json!({ "CertificateArn": arn })).collect::<Vec<_>>();
    json!({
        "ListenerArn": arn,
        "LoadBalancerArn": listener.load_balancer,
        "Port": port,
        "Protocol": protocol,
        "Certificates": Some(certificates).filter(|certificates| !certificates.is_empty()),
        "SslPolicy": policy,
        "DefaultActions": listener.actions,
    })
}

/// What a call sets over what was.
fn settings(world: &World, ask: &Ask, now: Option<&Settings>) -> Result<Settings, Refusal> {
    let port = if ask.get("Port").is_null() { now.map(|now| now.port) } else { ask.number("Port") };
    let port = port.filter(|port| (1..=65_535).contains(port));
    let port = port.ok_or_else(|| invalid("A port between 1 and 65535 must be specified"))?;
    let protocol = ask.text("Protocol").or(now.map(|now| now.protocol.as_str())).unwrap_or_default().to_owned();
    let given = ask.parts("Certificates");
    // The code is unverified.
    if given.len() > 1 {
        return Err(invalid("Up to one certificate can be specified; others can be added later"));
    }
    let given = given.first().and_then(|certificate| certificate.text("CertificateArn")).map(str::to_owned);
    let certificate = given.or(now.and_then(|now| now.certificate.clone()));
    match (protocol.as_str(), certificate) {
        ("HTTP", _) => Ok(Settings { port, protocol, certificate: None, policy: None }),
        ("HTTPS", None) => Err(invalid("A certificate must be specified for HTTPS listeners")),
        ("HTTPS", Some(arn)) => {
            certificate::check(world, &arn)?;
            let was = now.and_then(|now| now.policy.as_deref());
            let policy = ask.text("SslPolicy").or(was).unwrap_or(ssl::DEFAULT);
            ssl::check(policy)?;
            Ok(Settings { port, policy: Some(policy.to_owned()), protocol, certificate: Some(arn) })
        }
        _ => Err(invalid(format!("Listener protocol '{protocol}' must be one of 'HTTPS, HTTP'"))),
    }
}

#[track_caller]
fn taken(load_balancer: &str) -> Refusal {
    let why = format!("A listener already exists on this port for this load balancer '{load_balancer}'");
    Refusal::new("DuplicateListener", why)
}

/// Idempotent: with equal settings the same one is answered (API reference, CreateListener).
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let stands = |arn: &str| world.elb.load_balancers.contains_key(arn);
    let load_balancer = existing(ask, "LoadBalancerArn", Kind::LoadBalancer, stands)?;
    let (settings, tags) = (settings(world, ask, None)?, tagging::given(ask)?);
    let actions = action::asked(&world.elb, &load_balancer, &ask.parts("DefaultActions"))?;
    let there = || world.elb.listeners.iter().filter(|(_, listener)| listener.load_balancer == load_balancer);
    if let Some((arn, same)) = there().find(|(_, listener)| listener.settings.port == settings.port) {
        return match same.settings == settings && same.actions == actions {
            true => Ok(json!({ "Listeners": [described(arn, same)] })),
            false => Err(taken(&load_balancer)),
        };
    }
    if quotas::full(world, quotas::LISTENERS, there().count()) {
        return Err(Refusal::new("TooManyListeners", "You've reached the limit on the number of listeners"));
    }
    let (id, rule) = (world.hex(16), world.hex(16));
    let arn = format!("{}/{id}", load_balancer.replacen(":loadbalancer/", ":listener/", 1));
    let default_rule = format!("{}/{rule}", arn.replacen(":listener/", ":listener-rule/", 1));
    let (load_balancer_arn, certificates) = (load_balancer.clone(), BTreeSet::new());
    let listener = Listener { load_balancer: load_balancer_arn, actions, default_rule, tags, certificates, settings };
    let answer = json!({ "Listeners": [described(&arn, &listener)] });
    world.elb.listeners.insert(arn, listener);
    let served = world.elb.behind(&load_balancer);
    health::reconsider(world, &served);
    Ok(answer)
}

pub fn modify(world: &mut World, ask: &Ask) -> Answer {
    let all = &world.elb.listeners;
    let arn = existing(ask, "ListenerArn", Kind::Listener, |_| true)?;
    let now = all.get(&arn).cloned().ok_or_else(|| Kind::Listener.not_found())?;
    let settings = settings(world, ask, Some(&now.settings))?;
    let other = |(id, listener): (&String, &Listener)| {
        *id != arn && listener.load_balancer == now.load_balancer && listener.settings.port == settings.port
    };
    if all.iter().any(other) {
        return Err(taken(&now.load_balancer));
    }
    let given = ask.parts("DefaultActions");
    let actions = match given.is_empty() {
        true => now.actions,
        false => action::asked(&world.elb, &now.load_balancer, &given)?,
    };
    let mut touched = world.elb.behind(&now.load_balancer);
    let certificates = if settings.certificate.is_some() { now.certificates } else { BTreeSet::new() };
    let listener = Listener { settings, actions, certificates, ..now };
    let answer = json!({ "Listeners": [described(&arn, &listener)] });
    let (load_balancer, before) = (listener.load_balancer.clone(), certificate::held(world));
    world.elb.listeners.insert(arn, listener);
    certificate::let_go(world, before);
    touched.extend(world.elb.behind(&load_balancer));
    health::reconsider(world, &touched);
    Ok(answer)
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let arns = ask.texts("ListenerArns");
    let balancer = ask.text("LoadBalancerArn").filter(|arn| !arn.is_empty());
    if arns.is_empty() == balancer.is_none() {
        return Err(invalid("Either listener ARNs or a load balancer ARN must be specified"));
    }
    if let Some(arn) = balancer {
        Kind::LoadBalancer.check(arn, world.elb.load_balancers.contains_key(arn))?;
    }
    for arn in &arns {
        Kind::Listener.check(arn, world.elb.listeners.contains_key(arn))?;
    }
    let asked = |(arn, listener): &(&String, &Listener)| {
        arns.contains(arn) || balancer == Some(listener.load_balancer.as_str())
    };
    let found = world.elb.listeners.iter().filter(asked);
    page::page(ask, "Listeners", found.map(|(arn, listener)| (arn.clone(), described(arn, listener))))
}

/// Its rules go with it.
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let arn = existing(ask, "ListenerArn", Kind::Listener, |arn| world.elb.listeners.contains_key(arn))?;
    let balancer = world.elb.listeners.get(&arn).map(|listener| listener.load_balancer.clone()).unwrap_or_default();
    let served = world.elb.behind(&balancer);
    let before = certificate::held(world);
    world.elb.listeners.remove(&arn);
    certificate::let_go(world, before);
    world.elb.rules.retain(|_, rule| rule.listener != arn);
    health::reconsider(world, &served);
    Ok(json!({}))
}
