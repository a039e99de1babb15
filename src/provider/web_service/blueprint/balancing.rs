//! What stands in front of the tasks: load balancer, target group.

use super::network::Network;
use super::security::Groups;
use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::listener::Listener;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::target_group::TargetGroup;
use crate::provider::web_service::model::{HealthCheck, Settings};

/// The port of the load balancer.
pub const LISTENER_PORT: u16 = 80;

/// What the service needs of what stands in front of it.
pub(super) struct Front {
    pub target: Ref<TargetGroup>,
    /// Without these no request comes to the target group.
    pub listeners: Vec<Ref<Listener>>,
}

/// Draws the load balancer, its listener, the target group.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, network: &Network, groups: &Groups) -> Front {
    let internal = settings.load_balancer.internal;
    let ways = After((network.internet, AllOf(network.associations.clone())));
    let needs = (AllOf(network.balancers(internal).to_vec()), groups.balancers, ways);
    let balancer = graph.add(LoadBalancer::key(internal), load_balancer(settings), needs);
    let target = graph.add(TargetGroup::key(internal), target_group(settings), network.vpc);
    let listener = graph.add(Listener::key(internal), Listener::http(), (balancer, target));
    Front { target, listeners: vec![listener] }
}

fn load_balancer(settings: &Settings) -> LoadBalancer {
    let wanted = &settings.load_balancer;
    LoadBalancer {
        internal: wanted.internal,
        idle_timeout: wanted.idle_timeout,
        deletion_protection: wanted.deletion_protection,
        drop_invalid_header_fields: true,
    }
}

fn target_group(settings: &Settings) -> TargetGroup {
    let HealthCheck {
        path, matcher, interval, timeout, healthy_threshold, unhealthy_threshold, port, protocol, ..
    } = settings.health_check.clone();
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    TargetGroup {
        health_check_path: path,
        health_check_matcher: matcher,
        health_check_interval: number(interval),
        health_check_timeout: number(timeout),
        healthy_threshold: number(healthy_threshold),
        unhealthy_threshold: number(unhealthy_threshold),
        health_check_port: port.map_or_else(|| "traffic-port".to_owned(), |port| port.to_string()),
        health_check_protocol: protocol,
        deregistration_delay: settings.load_balancer.deregistration_delay,
    }
}
