//! The network, read back; on import its structure too.

use std::collections::BTreeSet;

use super::{Standing, actual};
use crate::aws::objects::service::Service;
use crate::aws::objects::vpc::Vpc;
use crate::provider::web_service::model::{Egress, Network, Settings};

pub(super) fn network(settings: &mut Settings, standing: &Standing) {
    if let Some(vpc) = actual::<Vpc>(standing, "vpc") {
        settings.network.cidr_block.clone_from(&vpc.cidr_block);
    }
}

/// Zones and egress, as what stands shows them.
pub(super) fn structure(standing: &Standing) -> Network {
    let of = |prefix: &str| -> BTreeSet<String> {
        standing.keys().filter_map(|key| key.strip_prefix(prefix)).map(str::to_owned).collect()
    };
    let zones = &of("subnet/public/") | &of("subnet/private/");
    let public = actual::<Service>(standing, "service").is_some_and(|service| service.assign_public_ip);
    let egress = match of("nat/").len() {
        _ if public => Egress::Public,
        1 if zones.len() > 1 => Egress::NatSingle,
        _ => Egress::NatPerAz,
    };
    let count = u32::try_from(zones.len()).ok();
    Network { availability_zones: Some(zones), availability_zone_count: count, egress, ..Network::default() }
}
