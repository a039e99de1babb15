//! The network, read back; on import its structure too.

use std::collections::BTreeSet;

use super::{Standing, actual, service};
use crate::aws::erased::Found;
use crate::aws::object::{Object, Outputs};
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::security_group::SecurityGroup;
use crate::aws::objects::service::Service;
use crate::aws::objects::subnet::SubnetId;
use crate::aws::objects::vpc::Vpc;
use crate::provider::web_service::model::{Egress, Network, Settings};

pub(super) fn network(settings: &mut Settings, standing: &Standing) {
    if let Some(vpc) = actual::<Vpc>(standing, "vpc") {
        settings.network.cidr_block = Some(vpc.cidr_block.clone());
    }
}

/// Zones and egress, or the network that was given, as what stands shows them.
pub(super) fn structure(standing: &Standing) -> Network {
    let public = actual::<Service>(standing, &service::key(standing)).is_some_and(|service| service.assign_public_ip);
    let security_group_ids = extra_groups(standing);
    // A group of ours in a VPC that isn't: the VPC was given. In an own one that has gone, subnets are left.
    let vpc = needs::<SecurityGroup>(standing, "security_group/task").map(|vpc| vpc.0);
    let ours = |key: &String| key == "vpc" || key.starts_with("subnet/") || key.starts_with("route_table/");
    if let Some(vpc) = vpc.filter(|_| !standing.keys().any(ours)) {
        return existing(standing, vpc, public, security_group_ids);
    }
    let of = |prefix: &str| -> BTreeSet<String> {
        standing.keys().filter_map(|key| key.strip_prefix(prefix)).map(str::to_owned).collect()
    };
    let zones = &of("subnet/public/") | &of("subnet/private/");
    let egress = match of("nat/").len() {
        _ if public => Egress::Public,
        0 if !zones.is_empty() && of("route/private/").is_empty() => Egress::None,
        1 if zones.len() > 1 => Egress::NatSingle,
        _ => Egress::NatPerAz,
    };
    Network {
        cidr_block: None,
        availability_zone_count: u32::try_from(zones.len()).ok(),
        availability_zones: Some(zones),
        egress: Some(egress),
        s3_endpoint: Some(standing.contains_key("endpoint/s3")),
        security_group_ids,
        ..Network::default()
    }
}

/// The tasks' subnets are told by the service, the load balancer's by the load balancer. Zones are looked up.
fn existing(standing: &Standing, vpc: String, public: bool, security_group_ids: Option<BTreeSet<String>>) -> Network {
    let ids = |subnets: &BTreeSet<SubnetId>| subnets.iter().map(|subnet| subnet.0.clone()).collect::<BTreeSet<_>>();
    let tasks = needs::<Service>(standing, &service::key(standing)).map(|needs| ids(&needs.3)).unwrap_or_default();
    let balanced = |internal| needs::<LoadBalancer>(standing, LoadBalancer::key(internal)).map(|needs| ids(&needs.0));
    let (mut open, mut closed) = (balanced(false).unwrap_or_default(), balanced(true).unwrap_or_default());
    if public {
        open.extend(tasks)
    } else {
        closed.extend(tasks)
    };
    let some = |ids: BTreeSet<String>| (!ids.is_empty()).then_some(ids);
    Network {
        vpc_id: Some(vpc),
        public_subnet_ids: some(open),
        private_subnet_ids: some(closed),
        egress: public.then_some(Egress::Public),
        security_group_ids,
        ..Network::default()
    }
}

/// The groups that the tasks have besides their own.
fn extra_groups(standing: &Standing) -> Option<BTreeSet<String>> {
    let own = &standing.get("security_group/task")?.made.id;
    let groups = needs::<Service>(standing, &service::key(standing))?.4;
    let extra: BTreeSet<String> = groups.into_iter().map(|group| group.0).filter(|group| group != own).collect();
    (!extra.is_empty()).then_some(extra)
}

fn needs<O: Object>(standing: &Standing, key: &str) -> Option<Outputs<O>> {
    standing.get(key).and_then(Found::seen::<O>).map(|seen| seen.needs.clone())
}
