//! The read-only attributes: from which object each one is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::blueprint::{certificate_key, zones};
use super::model::{Attributes, Egress, Settings};
use crate::aws::erased::Made;
use crate::aws::graph::Graph;
use crate::aws::objects::cluster::{Cluster, ClusterOutput};
use crate::aws::objects::elastic_ip::Address;
use crate::aws::objects::listener::{HTTP, HTTPS, Listener};
use crate::aws::objects::load_balancer::{LoadBalancer, LoadBalancerOutput};
use crate::aws::objects::role::{Role, RoleOutput};
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
    let balancer = LoadBalancer::key(internal);
    let cluster = settings.cluster.arn.as_deref().map_or_else(|| "cluster".to_owned(), Graph::given_key::<Cluster>);
    let one = |key: &str| vec![key.to_owned()];
    BTreeMap::from([
        ("url", answers(settings, balancer)),
        ("dns_name", one(balancer)),
        ("hosted_zone_id", one(balancer)),
        ("load_balancer_arn", one(balancer)),
        ("listener_arn", vec![listener(settings)]),
        ("target_group_arn", one(TargetGroup::key(internal))),
        ("vpc_id", vec![network.vpc_id.as_deref().map_or_else(|| "vpc".to_owned(), Graph::given_key::<Vpc>)]),
        ("public_subnet_ids", subnets("public", &network.public_subnet_ids)),
        ("private_subnet_ids", subnets("private", &network.private_subnet_ids)),
        ("nat_public_ips", addresses(settings)),
        ("load_balancer_security_group_id", one("security_group/load_balancer")),
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
    Listener::key(settings.load_balancer.internal, if settings.tls().is_some() { HTTPS } else { HTTP })
}

/// What a URL is made of: with another name or protocol it is another.
fn answers(settings: &Settings, balancer: &str) -> Vec<String> {
    let certificate = settings.domain.as_ref().map(certificate_key);
    [balancer.to_owned(), listener(settings)].into_iter().chain(certificate).collect()
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
    let cluster = key("cluster_name").and_then(output::<ClusterOutput>);
    let task_role = key("task_role_name").and_then(output::<RoleOutput>);
    let addresses = sources["nat_public_ips"].iter().map(|key| Some(output::<Address>(made.get(key)?)?.public_ip));
    Attributes {
        url: balancer.as_ref().map(|balancer| {
            let scheme = if settings.tls().is_some() { "https" } else { "http" };
            let name = settings.domain.as_ref().map_or(&balancer.dns_name, |domain| &domain.name);
            format!("{scheme}://{name}")
        }),
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
