//! What stands in front of the tasks: load balancer, target group.

use super::network::Network;
use super::security::Groups;
use super::tls::{self, Proven};
use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::certificate::Certificate;
use crate::aws::objects::listener::{HTTP, HTTPS, Listener};
use crate::aws::objects::listener_certificate::ListenerCertificate;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::target_group::TargetGroup;
use crate::provider::web_service::model::{HealthCheck, Settings};

/// What the service needs of what stands in front of it.
pub(super) struct Front {
    pub balancer: Ref<LoadBalancer>,
    pub target: Ref<TargetGroup>,
    /// Without these no request comes to the target group.
    pub listeners: Vec<Ref<Listener>>,
}

/// Draws the load balancer, its listeners, the target group, and what HTTPS needs.
pub(super) fn draw(
    graph: &mut Graph,
    settings: &Settings,
    anchor: Ref<Anchor>,
    network: &Network,
    groups: &Groups,
) -> Front {
    let internal = settings.load_balancer.internal;
    let ways = After((network.internet, AllOf(network.associations.clone())));
    let needs = (AllOf(network.balancers(internal).to_vec()), AllOf(vec![groups.balancers]), ways);
    let balancer = graph.add(LoadBalancer::key(internal), load_balancer(settings), needs);
    let target = graph.add(TargetGroup::key(internal), target_group(settings), network.vpc);

    let tls = settings.tls().zip(tls::certificate(graph, settings, anchor));
    let https = tls.as_ref().map(|(https, Proven { certificate, validation })| {
        let after = After((AllOf(groups.https.clone()), None, *validation));
        let needs = (balancer, Some(target), Some(*certificate), after);
        graph.add(Listener::key(internal, HTTPS), Listener::https(&https.ssl_policy), needs)
    });
    let redirects = tls.as_ref().is_some_and(|(https, _)| https.redirect_http);
    let after = After((AllOf(Vec::new()), https.filter(|_| redirects), None));
    let needs = (balancer, (!redirects).then_some(target), None, after);
    let http = graph.add(Listener::key(internal, HTTP), Listener::http(redirects), needs);
    let listeners: Vec<_> = [http].into_iter().chain(https).collect();
    if let (Some(listener), Some((settled, proven))) = (https, tls) {
        for arn in &settled.additional_certificate_arns {
            let needs = (listener, graph.given::<Certificate>(arn), After(None));
            let key = ListenerCertificate::key(Listener::key(internal, HTTPS).trim_start_matches("listener/"), arn);
            graph.add(key, ListenerCertificate {}, needs);
        }
        tls::aliases(graph, settings, balancer, proven, &listeners);
    }
    Front { balancer, target, listeners }
}

fn load_balancer(settings: &Settings) -> LoadBalancer {
    let wanted = &settings.load_balancer;
    LoadBalancer {
        internal: wanted.internal,
        idle_timeout: wanted.idle_timeout,
        deletion_protection: wanted.deletion_protection,
        drop_invalid_header_fields: wanted.drop_invalid_header_fields,
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
