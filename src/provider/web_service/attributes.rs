//! The read-only attributes: from which object each one is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::blueprint::{certificate_key, zones};
use super::model::{Attributes, Egress, Settings};
use crate::aws::erased::Made;
use crate::aws::graph::{GIVEN, Graph};
use crate::aws::objects::cluster::{Cluster, ClusterOutput};
use crate::aws::objects::elastic_ip::Address;
use crate::aws::objects::listener::{HTTP, HTTPS, Listener, ListenerOutput};
use crate::aws::objects::load_balancer::{LoadBalancer, LoadBalancerOutput};
use crate::aws::objects::role::{Role, RoleOutput};
use crate::aws::objects::security_group::SecurityGroup;
use crate::aws::objects::service::Service;
use crate::aws::objects::subnet::Subnet;
use crate::aws::objects::target_group::TargetGroup;
use crate::aws::objects::vpc::Vpc;

/// The attributes told from objects, each with the keys of those objects.
pub fn sources(settings: &Settings) -> BTreeMap<&'static str, Vec<String>> {
    let internal = settings.load_balancer.internal;
    let zones = zones(settings);
    let network = &settings.network;
    let subnets = |kind: &str, given: &Option<BTreeSet<String>>| match network.is_given() {
        true => given.iter().flatten().map(|id| Graph::given_key::<Subnet>(id)).collect(),
        false => zones.iter().map(|zone| format!("subnet/{kind}/{zone}")).collect::<Vec<_>>(),
    };
    let given = settings.load_balancer.given_arn();
    let balancer =
        given.as_deref().map_or_else(|| LoadBalancer::key(internal).to_owned(), Graph::given_key::<LoadBalancer>);
    let group = match settings.load_balancer.security_group_ids.iter().flatten().next() {
        Some(group) if given.is_some() => Graph::given_key::<SecurityGroup>(group),
        _ => "security_group/load_balancer".to_owned(),
    };
    let cluster = settings.cluster.arn.as_deref().map_or_else(|| "cluster".to_owned(), Graph::given_key::<Cluster>);
    let one = |key: &str| vec![key.to_owned()];
    BTreeMap::from([
        ("url", answers(settings, &balancer)),
        ("dns_name", one(&balancer)),
        ("hosted_zone_id", one(&balancer)),
        ("load_balancer_arn", one(&balancer)),
        ("listener_arn", vec![listener(settings)]),
        ("target_group_arn", one(&TargetGroup::key(&settings.load_balancer.place()))),
        ("vpc_id", vec![network.vpc_id.as_deref().map_or_else(|| "vpc".to_owned(), Graph::given_key::<Vpc>)]),
        ("public_subnet_ids", subnets("public", &network.public_subnet_ids)),
        ("private_subnet_ids", subnets("private", &network.private_subnet_ids)),
        ("nat_public_ips", addresses(settings)),
        ("load_balancer_security_group_id", one(&group)),
        ("task_security_group_id", one("security_group/task")),
        ("cluster_arn", one(&cluster)),
        ("cluster_name", one(&cluster)),
        ("service_arn", one(&Service::key(settings.cluster.arn.as_deref()))),
        ("task_definition_arn", one("task_definition")),
        ("task_role_arn", role(settings.iam.task_role_arn.as_deref(), "role/task")),
        ("task_role_name", role(settings.iam.task_role_arn.as_deref(), "role/task")),
        ("execution_role_arn", role(settings.iam.execution_role_arn.as_deref(), "role/execution")),
        ("log_group_name", one("log_group")),
    ])
}

/// The key of a role that was given, or of the one that is made.
fn role(given: Option<&str>, made: &str) -> Vec<String> {
    vec![given.map_or_else(|| made.to_owned(), Graph::given_key::<Role>)]
}

/// The listener that takes the requests.
fn listener(settings: &Settings) -> String {
    if let (true, Some(arn)) = (settings.load_balancer.is_given(), &settings.load_balancer.listener_arn) {
        return Graph::given_key::<Listener>(arn);
    }
    Listener::key(settings.load_balancer.internal, if settings.tls().is_some() { HTTPS } else { HTTP })
}

/// The host without wildcards and the beginning of the path by which the service is reached on a load balancer that was given.
fn named(settings: &Settings) -> (Option<String>, String) {
    let host = settings.domain.as_ref().map(|domain| domain.name.clone());
    let host = host.or_else(|| settings.host_names().into_iter().find(|host| !host.contains(['*', '?'])));
    let pattern = settings.load_balancer.path_patterns.iter().flatten().next();
    let path = pattern.and_then(|pattern| pattern.split(['*', '?']).next()).unwrap_or_default();
    (host, path.to_owned())
}

/// Where the service answers on a load balancer that was given.
fn url_on_given(settings: &Settings, balancer: &LoadBalancerOutput, listener: &ListenerOutput) -> String {
    let (host, path) = named(settings);
    let (host, scheme) = (host.unwrap_or_else(|| balancer.dns_name.clone()), listener.protocol.to_lowercase());
    match (&*scheme, listener.port) {
        ("https", HTTPS) | ("http", HTTP) => format!("{scheme}://{host}{path}"),
        (_, port) => format!("{scheme}://{host}:{port}{path}"),
    }
}

/// What a URL is made of: with another name or protocol it is another.
fn answers(settings: &Settings, balancer: &str) -> Vec<String> {
    let certificate = settings.domain.as_ref().map(certificate_key);
    let named = settings.load_balancer.is_given().then(|| {
        let (host, path) = named(settings);
        format!("{GIVEN}{}{path}", host.unwrap_or_default())
    });
    [balancer.to_owned(), listener(settings)].into_iter().chain(certificate).chain(named).collect()
}

fn addresses(settings: &Settings) -> Vec<String> {
    let zones = zones(settings);
    let count = match settings.network.ways_out() {
        Egress::NatPerAz => zones.len(),
        Egress::NatSingle => 1,
        Egress::Public | Egress::None => 0,
    };
    zones.iter().take(count).map(|zone| format!("address/{zone}")).collect()
}

/// The attributes told from these objects; what doesn't stand is null.
pub fn told(settings: &Settings, made: &BTreeMap<String, Made>) -> Attributes {
    let sources = sources(settings);
    let key = |attribute: &str| sources[attribute].first().and_then(|key| made.get(key));
    let id = |attribute: &str| key(attribute).map(|made| made.id.clone());
    let all = |attribute: &str| -> Option<Vec<String>> {
        sources[attribute].iter().map(|key| made.get(key).map(|made| made.id.clone())).collect()
    };
    let balancer = key("dns_name").and_then(output::<LoadBalancerOutput>);
    let listener = key("listener_arn").and_then(output::<ListenerOutput>);
    let url = |balancer: &LoadBalancerOutput| {
        if settings.load_balancer.is_given() {
            return Some(url_on_given(settings, balancer, listener.as_ref()?));
        }
        let scheme = if settings.tls().is_some() { "https" } else { "http" };
        let name = settings.domain.as_ref().map_or(&balancer.dns_name, |domain| &domain.name);
        Some(format!("{scheme}://{name}"))
    };
    let cluster = key("cluster_name").and_then(output::<ClusterOutput>);
    let task_role = key("task_role_name").and_then(output::<RoleOutput>);
    let addresses = sources["nat_public_ips"].iter().map(|key| Some(output::<Address>(made.get(key)?)?.public_ip));
    Attributes {
        url: balancer.as_ref().and_then(url),
        dns_name: balancer.as_ref().map(|balancer| balancer.dns_name.clone()),
        hosted_zone_id: balancer.map(|balancer| balancer.hosted_zone_id),
        load_balancer_arn: id("load_balancer_arn"),
        listener_arn: id("listener_arn"),
        target_group_arn: id("target_group_arn"),
        vpc_id: id("vpc_id"),
        public_subnet_ids: all("public_subnet_ids"),
        private_subnet_ids: all("private_subnet_ids"),
        nat_public_ips: addresses.collect(),
        load_balancer_security_group_id: id("load_balancer_security_group_id"),
        task_security_group_id: id("task_security_group_id"),
        cluster_arn: id("cluster_arn"),
        cluster_name: cluster.map(|cluster| cluster.name),
        service_arn: id("service_arn"),
        task_definition_arn: id("task_definition_arn"),
        task_role_arn: id("task_role_arn"),
        task_role_name: task_role.map(|role| role.name),
        execution_role_arn: id("execution_role_arn"),
        log_group_name: id("log_group_name"),
        availability_zones: Some(zones(settings)),
        ..Attributes::default()
    }
}

fn output<T: DeserializeOwned>(made: &Made) -> Option<T> {
    serde_json::from_value(made.output.clone()).ok()
}
