//! The network: subnets in each zone, and their ways out.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::association::Association;
use crate::aws::objects::elastic_ip::ElasticIp;
use crate::aws::objects::gateway_endpoint::GatewayEndpoint;
use crate::aws::objects::internet_gateway::InternetGateway;
use crate::aws::objects::nat_gateway::NatGateway;
use crate::aws::objects::route::Route;
use crate::aws::objects::route_table::RouteTable;
use crate::aws::objects::security_group::SecurityGroup;
use crate::aws::objects::subnet::Subnet;
use crate::aws::objects::vpc::Vpc;
use crate::aws::owner::Owner;
use crate::provider::web_service::model::{Egress, Settings};

/// A network's parts, as the others need them.
pub(super) struct Network {
    pub vpc: Ref<Vpc>,
    pub internet: Option<Ref<InternetGateway>>,
    pub public: Vec<Ref<Subnet>>,
    pub private: Vec<Ref<Subnet>>,
    /// Ways out: the service starts no task before them.
    pub routes: Vec<Ref<Route>>,
    pub associations: Vec<Ref<Association>>,
    pub endpoint: Option<Ref<GatewayEndpoint>>,
    /// Groups of the user's that the tasks get.
    pub groups: Vec<Ref<SecurityGroup>>,
}

impl Network {
    /// Where the load balancer is.
    pub fn balancers(&self, internal: bool) -> &[Ref<Subnet>] {
        if internal && !self.private.is_empty() { &self.private } else { &self.public }
    }

    /// Where the tasks are.
    pub fn tasks(&self, public: bool) -> &[Ref<Subnet>] {
        if public { &self.public } else { &self.private }
    }
}

/// Draws the network, or names the one that was given.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, owner: &Owner, anchor: Ref<Anchor>) -> Network {
    let network = match &settings.network.vpc_id {
        Some(vpc) => existing(graph, settings, vpc),
        None => own(graph, settings, owner, anchor),
    };
    let groups = settings.network.security_group_ids.iter().flatten();
    Network { groups: groups.map(|id| graph.given(id)).collect(), ..network }
}

fn existing(graph: &mut Graph, settings: &Settings, vpc: &str) -> Network {
    let mut subnets = |ids: &Option<BTreeSet<String>>| ids.iter().flatten().map(|id| graph.given(id)).collect();
    let (public, private) = (&settings.network.public_subnet_ids, &settings.network.private_subnet_ids);
    let (public, private) = (subnets(public), subnets(private));
    Network {
        vpc: graph.given(vpc),
        internet: None,
        public,
        private,
        routes: Vec::new(),
        associations: Vec::new(),
        endpoint: None,
        groups: Vec::new(),
    }
}

fn own(graph: &mut Graph, settings: &Settings, owner: &Owner, anchor: Ref<Anchor>) -> Network {
    let (zones, block, ways) = (zones(settings), settings.network.block(), settings.network.ways_out());
    let vpc = graph.add("vpc", Vpc::new(block), After(anchor));
    let internet = graph.add("internet_gateway", InternetGateway {}, vpc);

    let table = graph.add("route_table/public", RouteTable {}, vpc);
    let out = graph.add("route/public", Route::default_route(), (table, Some(internet), None));
    let (mut public, mut private, mut routes, mut associations) = (Vec::new(), Vec::new(), vec![out], Vec::new());
    let mut tables = vec![table];
    let mut gateways: BTreeMap<&str, Ref<NatGateway>> = BTreeMap::new();
    let subnet = |zone: &str, private: bool| Subnet {
        availability_zone: zone.to_owned(),
        cidr_block: subnet_block(block, zone, private),
    };

    for (place, zone) in zones.iter().enumerate() {
        let one = graph.add(format!("subnet/public/{zone}"), subnet(zone, false), vpc);
        let association = graph.add(format!("association/public/{zone}"), Association {}, (table, one));
        associations.push(association);
        public.push(one);
        let gateway = match ways {
            Egress::NatPerAz => true,
            Egress::NatSingle => place == 0,
            Egress::Public | Egress::None => false,
        };
        if gateway {
            let address = graph.add(format!("address/{zone}"), ElasticIp {}, After(anchor));
            let nat = graph.add(
                format!("nat/{zone}"),
                NatGateway {},
                (one, address, After((internet, AllOf(vec![association])))),
            );
            gateways.insert(zone, nat);
        }
    }
    // Private subnets and tables stand whatever the egress, so that changing it moves routes only.
    for zone in &zones {
        let one = graph.add(format!("subnet/private/{zone}"), subnet(zone, true), vpc);
        let table = graph.add(format!("route_table/private/{zone}"), RouteTable {}, vpc);
        associations.push(graph.add(format!("association/private/{zone}"), Association {}, (table, one)));
        private.push(one);
        tables.push(table);
        let nat = gateways.get(zone.as_str()).or_else(|| gateways.values().next());
        if let Some(nat) = nat {
            let needs = (table, None, Some(*nat));
            routes.push(graph.add(format!("route/private/{zone}"), Route::default_route(), needs));
        }
    }
    let endpoint = settings.network.has_s3_endpoint();
    let endpoint = endpoint.then(|| graph.add("endpoint/s3", GatewayEndpoint::s3(owner), (vpc, AllOf(tables))));
    let internet = Some(internet);
    Network { vpc, internet, public, private, routes, associations, endpoint, groups: Vec::new() }
}

/// The zones of a service, in order.
pub fn zones(settings: &Settings) -> Vec<String> {
    settings.network.availability_zones.iter().flatten().cloned().collect()
}

/// A zone's part of the VPC: one of sixteen equal slots, chosen by the zone's letter (a to h), so that zones can come and
/// go without moving another.
pub(super) fn subnet_block(vpc: &str, zone: &str, private: bool) -> String {
    let slot = zone_slot(zone).unwrap_or_default() + if private { 8 } else { 0 };
    let slots = vpc.parse::<Ipv4Net>().ok().and_then(|net| net.subnets(net.prefix_len() + 4).ok());
    slots.and_then(|mut slots| slots.nth(slot)).map(|net| net.to_string()).unwrap_or_default()
}

/// Which of the eight slots a zone has: `eu-west-3a` has the first.
pub fn zone_slot(zone: &str) -> Option<usize> {
    let letter = zone.bytes().last()?;
    (b'a'..=b'h').contains(&letter).then(|| usize::from(letter - b'a'))
}
