//! What stands in front of the tasks: load balancer, listeners, target group; or a rule on a load balancer that was given.

use super::network::Network;
use super::security::Groups;
use super::tls::{self, Proven};
use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::certificate::Certificate;
use crate::aws::objects::listener::{HTTP, HTTPS, Listener};
use crate::aws::objects::listener_certificate::ListenerCertificate;
use crate::aws::objects::listener_rule::ListenerRule;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::target_group::TargetGroup;
use crate::provider::web_service::model::{HealthCheck, Settings};

/// What the service needs of what stands in front of it.
pub(super) struct Front {
    pub balancer: Ref<LoadBalancer>,
    pub target: Ref<TargetGroup>,
    /// Without these no request comes to the target group.
    pub listeners: Vec<Ref<Listener>>,
    /// The same on a load balancer that was given.
    pub rule: Option<Ref<ListenerRule>>,
}

/// Draws the load balancer, its listeners, the target group, and what HTTPS needs.
pub(super) fn draw(
    graph: &mut Graph,
    settings: &Settings,
    anchor: Ref<Anchor>,
    network: &Network,
    groups: &Groups,
) -> Front {
    let target = graph.add(TargetGroup::key(&settings.load_balancer.place()), target_group(settings), network.vpc);
    match settings.load_balancer.given_arn() {
        Some(arn) => existing(graph, settings, anchor, &arn, target),
        None => own(graph, settings, anchor, (network, groups), target),
    }
}

/// The rule, and what `domain` needs.
fn existing(
    graph: &mut Graph,
    settings: &Settings,
    anchor: Ref<Anchor>,
    balancer: &str,
    target: Ref<TargetGroup>,
) -> Front {
    let given = &settings.load_balancer;
    let (balancer, arn) = (graph.given(balancer), given.listener_arn.clone().unwrap_or_default());
    let listener = graph.given(&arn);
    let place = Listener::place(&arn).unwrap_or_default();
    let rule = ListenerRule {
        host_names: settings.host_names(),
        path_patterns: given.path_patterns.clone().unwrap_or_default(),
        priority: given.priority.and_then(|priority| i32::try_from(priority).ok()),
    };
    let rule = graph.add(ListenerRule::key(place), rule, (listener, target));
    if let (Some(domain), Some(proven)) = (&settings.domain, tls::certificate(graph, settings, anchor)) {
        let key = ListenerCertificate::key_of_own(place, &tls::certificate_key(domain));
        let needs = (listener, proven.certificate, After(proven.validation));
        let served = graph.add(key, ListenerCertificate {}, needs);
        tls::aliases(graph, settings, balancer, proven, (&[], Some(rule), Some(served)));
    }
    Front { balancer, target, listeners: Vec::new(), rule: Some(rule) }
}

fn own(
    graph: &mut Graph,
    settings: &Settings,
    anchor: Ref<Anchor>,
    (network, groups): (&Network, &Groups),
    target: Ref<TargetGroup>,
) -> Front {
    let internal = settings.load_balancer.internal;
    let ways = After((network.internet, AllOf(network.associations.clone())));
    let needs = (AllOf(network.balancers(internal).to_vec()), AllOf(groups.balancers.clone()), ways);
    let balancer = graph.add(LoadBalancer::key(internal), load_balancer(settings), needs);

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
        tls::aliases(graph, settings, balancer, proven, (&listeners, None, None));
    }
    Front { balancer, target, listeners, rule: None }
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
