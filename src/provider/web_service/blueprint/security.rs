//! Security groups: who may reach the load balancer, and that nobody else may reach the tasks.

use std::iter;

use super::network::Network;
use crate::aws::graph::{Graph, Ref};
use crate::aws::objects::security_group::SecurityGroup;
use crate::aws::objects::security_group_rule::{Direction, SecurityGroupRule};
use crate::provider::web_service::model::Settings;

/// The security groups, and the rules without which no task gets a request.
pub(super) struct Groups {
    /// The load balancer's: its own, and those given beside it; none where it was given itself.
    pub balancers: Vec<Ref<SecurityGroup>>,
    pub tasks: Ref<SecurityGroup>,
    pub rules: Vec<Ref<SecurityGroupRule>>,
    /// Those among them that let requests in on the HTTPS port.
    pub https: Vec<Ref<SecurityGroupRule>>,
}

/// Draws the security groups and their rules.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, network: &Network) -> Groups {
    let tasks = SecurityGroup::new("Tasks: let in the load balancer only");
    let rule = SecurityGroupRule::all_traffic_out("Anywhere");
    let (tasks, mut groups) = if settings.load_balancer.is_given() {
        let tasks = graph.add("security_group/task", tasks, network.vpc);
        let mut groups = Groups { balancers: Vec::new(), tasks, rules: Vec::new(), https: Vec::new() };
        for id in settings.load_balancer.security_group_ids.iter().flatten() {
            let given = graph.given(id);
            groups.rules.extend(between(graph, settings, (id, given), tasks));
        }
        (tasks, groups)
    } else {
        let balancers = SecurityGroup::new("Load balancer: lets in those who may send requests");
        let balancers = graph.add("security_group/load_balancer", balancers, network.vpc);
        let tasks = graph.add("security_group/task", tasks, network.vpc);
        let (mut rules, https) = into(graph, settings, balancers);
        rules.extend(between(graph, settings, ("load_balancer", balancers), tasks));
        let others = settings.load_balancer.security_group_ids.iter().flatten().map(|id| graph.given(id));
        let balancers = iter::once(balancers).chain(others).collect();
        (tasks, Groups { balancers, tasks, rules, https })
    };
    groups.rules.push(graph.add("rule/task/egress/0.0.0.0/0", rule, (tasks, None)));
    groups
}

/// The rules that let requests into the load balancer, and of them those for HTTPS.
fn into(
    graph: &mut Graph,
    settings: &Settings,
    balancers: Ref<SecurityGroup>,
) -> (Vec<Ref<SecurityGroupRule>>, Vec<Ref<SecurityGroupRule>>) {
    let mut let_in = |port: u16| -> Vec<Ref<SecurityGroupRule>> {
        let blocks = settings.load_balancer.allowed_cidr_blocks.iter();
        let rules = blocks.map(|block| {
            let rule = SecurityGroupRule::tcp(Direction::Ingress, port, Some(block), "Requests");
            graph.add(format!("rule/load_balancer/ingress/{block}:{port}"), rule, (balancers, None))
        });
        rules.collect()
    };
    let http = let_in(80);
    let https = if settings.tls().is_some() { let_in(443) } else { Vec::new() };
    (http.into_iter().chain(https.iter().copied()).collect(), https)
}

/// The rules by which one of the load balancer's groups reaches the tasks.
fn between(
    graph: &mut Graph,
    settings: &Settings,
    (name, balancers): (&str, Ref<SecurityGroup>),
    tasks: Ref<SecurityGroup>,
) -> Vec<Ref<SecurityGroupRule>> {
    let mut rules = Vec::new();
    let mut ports = vec![settings.port];
    ports.extend(settings.health_check.port.filter(|port| *port != settings.port));
    for port in ports {
        let rule = SecurityGroupRule::tcp(Direction::Egress, port, None, "To the tasks");
        rules.push(graph.add(format!("rule/{name}/egress/task:{port}"), rule, (balancers, Some(tasks))));
        let rule = SecurityGroupRule::tcp(Direction::Ingress, port, None, "From the load balancer");
        rules.push(graph.add(format!("rule/task/ingress/{name}:{port}"), rule, (tasks, Some(balancers))));
    }
    rules
}
