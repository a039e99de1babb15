//! Application load balancers: born provisioning, active some minutes later. Listeners may be made before that. Deleting one
//! takes effect at once, but its interfaces stay for a while.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::naming::{Kind, check_name, existing, needed};
use super::placement::Node;
use super::{Due, State, attributes, certificate, ground, health, invalid, page, placement, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::durations;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::weather;
use crate::simulator::world::World;
use crate::simulator::{iam, outage};

#[derive(Clone, Debug)]
pub struct LoadBalancer {
    pub name: String,
    /// The last part of its ARN.
    pub id: String,
    pub internal: bool,
    pub vpc: String,
    pub groups: Vec<String>,
    pub nodes: Vec<Node>,
    pub active: bool,
    /// The time to become active has come.
    settled: bool,
    /// What goes wrong then: state and reason.
    trouble: Option<(&'static str, &'static str)>,
    pub attributes: BTreeMap<String, String>,
    pub tags: Tags,
    pub dns_name: String,
    created: String,
}

/// The zones that AWS keeps its load balancers' names in (General Reference, Elastic Load Balancing endpoints).
pub fn hosted_zone(region: &str) -> &'static str {
    match region {
        "us-east-2" => "Z3AADJGX6KTTL2",
        "us-west-1" => "Z368ELLRRE2KJ0",
        "us-west-2" => "Z1H1FL5HABSF5",
        "eu-central-1" => "Z215JYRZR1TBD5",
        "eu-west-1" => "Z32O12XQLNTSW2",
        "eu-west-2" => "ZHURV8PSTC4K8",
        _ => "Z35SXDOTRQ7X7K",
    }
}

pub fn described(world: &World, arn: &str, balancer: &LoadBalancer) -> Json {
    json!({
        "LoadBalancerArn": arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": hosted_zone(&world.region),
        "CreatedTime": balancer.created,
        "LoadBalancerName": balancer.name,
        "Scheme": if balancer.internal { "internal" } else { "internet-facing" },
        "VpcId": balancer.vpc,
        "State": state(balancer),
        "Type": "application",
        "AvailabilityZones": placement::described(&balancer.nodes),
        "SecurityGroups": balancer.groups,
        "IpAddressType": "ipv4",
    })
}

/// A trouble shows when it would be active otherwise.
fn state(balancer: &LoadBalancer) -> Json {
    match balancer.trouble.filter(|_| balancer.settled) {
        Some((code, reason)) => json!({ "Code": code, "Reason": reason }),
        None => json!({ "Code": if balancer.active { "active" } else { "provisioning" } }),
    }
}

fn scheme(ask: &Ask) -> Result<bool, Refusal> {
    match ask.text("Scheme").unwrap_or("internet-facing") {
        "internal" => Ok(true),
        "internet-facing" => Ok(false),
        other => Err(Refusal::new("InvalidScheme", format!("The scheme '{other}' is not valid"))),
    }
}

/// Network and gateway load balancers are not simulated.
fn check_kind(ask: &Ask) -> Result<(), Refusal> {
    let unlike = |name: &str, only: &str| ask.text(name).filter(|text| *text != only).map(str::to_owned);
    match unlike("Type", "application").or_else(|| unlike("IpAddressType", "ipv4")) {
        Some(other) => {
            Err(Refusal::new("NotImplemented", format!("load balancers of {other} are not simulated")).with_status(501))
        }
        None => Ok(()),
    }
}

/// Idempotent by name: with equal settings the same one is answered (API reference, CreateLoadBalancer). Whether tags count
/// as settings is unverified; here they don't.
pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let name = needed(ask, "Name")?.to_owned();
    check_name("The load balancer", &name)?;
    if name.starts_with("internal-") {
        return Err(invalid(format!("The load balancer name '{name}' cannot begin with 'internal-'")));
    }
    check_kind(ask)?;
    let (internal, tags) = (scheme(ask)?, tagging::given(ask)?);
    let (vpc, places) = placement::places(world, &placement::subnets(ask))?;
    let groups = placement::groups(world, ask, &vpc);
    let named = world.elb.load_balancers.iter().find(|(_, balancer)| balancer.name == name);
    if let Some((arn, there)) = named {
        let sorted = |texts: &[String]| texts.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        let subnets = there.nodes.iter().map(|node| node.subnet.clone()).collect::<Vec<_>>();
        let asked = places.iter().map(|(subnet, _)| subnet.clone()).collect::<Vec<_>>();
        let equal = there.internal == internal && sorted(&subnets) == sorted(&asked);
        if equal && sorted(&there.groups) == sorted(&groups) {
            return Ok(json!({ "LoadBalancers": [described(world, arn, there)] }));
        }
        let why = format!("A load balancer with the same name '{name}' exists, but with different settings");
        return Err(Refusal::new("DuplicateLoadBalancerName", why));
    }
    if quotas::full(world, quotas::BALANCERS, world.elb.load_balancers.len()) {
        return Err(Refusal::new("TooManyLoadBalancers", "You've reached the limit on the number of load balancers"));
    }
    // User Guide, Create an Application Load Balancer: public subnets for an internet-facing one (code unverified).
    if !internal && !ground::has_gateway(world, &vpc) {
        return Err(Refusal::new("InvalidSubnet", format!("VPC {vpc} has no internet gateway")));
    }
    let id = world.hex(16);
    let nodes = placement::take(world, &format!("ELB app/{name}/{id}"), &places, &groups, internal)?;
    let number = u32::from_str_radix(&world.hex(8), 16).unwrap_or_default();
    let front = if internal { "internal-" } else { "" };
    let balancer = LoadBalancer {
        dns_name: format!("{front}{name}-{number}.{}.elb.amazonaws.com", world.region),
        created: world.iso(),
        attributes: attributes::of_load_balancer(internal),
        active: false,
        settled: false,
        trouble: weather::load_balancer_trouble(world),
        name,
        id,
        internal,
        vpc,
        groups,
        nodes,
        tags,
    };
    iam::need_linked_role(world, "elasticloadbalancing.amazonaws.com");
    let arn = world.arn("elasticloadbalancing", &format!("loadbalancer/app/{}/{}", balancer.name, balancer.id));
    world.after(durations::LOAD_BALANCER_ACTIVE, Due::Active { load_balancer: arn.clone() }.into());
    let answer = json!({ "LoadBalancers": [described(world, &arn, &balancer)] });
    world.elb.load_balancers.insert(arn, balancer);
    Ok(answer)
}

/// Its nodes begin to check the targets behind it.
pub fn become_active(world: &mut World, arn: &str) {
    let nodes = world.elb.load_balancers.get(arn).map(|balancer| balancer.nodes.as_slice()).unwrap_or_default();
    let waits = nodes.iter().filter_map(|node| outage::seconds_left(world, &node.zone));
    if let Some(seconds) = waits.reduce(f64::max) {
        // Nothing comes up in a zone that is down (unverified).
        let due = Due::Active { load_balancer: arn.to_owned() };
        return world.in_seconds(seconds + durations::LOAD_BALANCER_ACTIVE.0, due.into());
    }
    let Some(balancer) = world.elb.load_balancers.get_mut(arn) else { return };
    balancer.settled = true;
    balancer.active = balancer.trouble.is_none_or(|(code, _)| code != "failed");
    let code = balancer.trouble.map_or("active", |(code, _)| code);
    let (note, impaired) = (format!("load balancer {} is {code}", balancer.name), code == "active_impaired");
    world.note(note);
    if impaired {
        world.after(durations::LOAD_BALANCER_IMPAIRED, Due::Recovered { load_balancer: arn.to_owned() }.into());
    }
    health::reconsider(world, &world.elb.behind(arn));
}

/// Is no longer impaired.
pub fn recovered(world: &mut World, arn: &str) {
    let Some(balancer) = world.elb.load_balancers.get_mut(arn) else { return };
    balancer.trouble = None;
    let note = format!("load balancer {} is active", balancer.name);
    world.note(note);
}

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let (arns, names) = (ask.texts("LoadBalancerArns"), ask.texts("Names"));
    if !arns.is_empty() && !names.is_empty() {
        return Err(invalid("Load balancer names and load balancer ARNs cannot be specified at the same time"));
    }
    let all = &world.elb.load_balancers;
    for arn in &arns {
        Kind::LoadBalancer.check(arn, all.contains_key(arn))?;
    }
    if let Some(name) = names.iter().find(|name| !all.values().any(|balancer| balancer.name == **name)) {
        return Err(Refusal::new("LoadBalancerNotFound", format!("Load balancers '[{name}]' not found")));
    }
    let asked = |(arn, balancer): &(&String, &LoadBalancer)| {
        (arns.is_empty() || arns.contains(arn)) && (names.is_empty() || names.contains(&balancer.name))
    };
    let found = all.iter().filter(asked).map(|(arn, balancer)| (arn.clone(), described(world, arn, balancer)));
    page::page(ask, "LoadBalancers", found)
}

/// Succeeds if it is gone already, and takes its listeners with it; refused under deletion protection (API reference,
/// DeleteLoadBalancer).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let arn = existing(ask, "LoadBalancerArn", Kind::LoadBalancer, |_| true)?;
    let Some(balancer) = world.elb.load_balancers.get(&arn) else { return Ok(json!({})) };
    if balancer.attributes.get(attributes::DELETION_PROTECTION).is_some_and(|value| value == "true") {
        let why = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(Refusal::new("OperationNotPermitted", why));
    }
    let served = world.elb.behind(&arn);
    let before = certificate::held(world);
    let State { listeners, rules, load_balancers, .. } = &mut world.elb;
    listeners.retain(|_, listener| listener.load_balancer != arn);
    rules.retain(|_, rule| listeners.contains_key(&rule.listener));
    let nodes = load_balancers.remove(&arn).map(|balancer| balancer.nodes).unwrap_or_default();
    placement::let_go(world, nodes);
    certificate::let_go(world, before);
    health::reconsider(world, &served);
    Ok(json!({}))
}
