//! Security groups: who may reach the load balancer, and that nobody else may reach the tasks.

use super::network::Network;
use crate::aws::graph::{Graph, Ref};
use crate::aws::objects::security_group::SecurityGroup;
use crate::aws::objects::security_group_rule::{Direction, SecurityGroupRule};
use crate::provider::web_service::model::Settings;

/// The two security groups, and the rules without which no task gets a request.
pub(super) struct Groups {
    pub balancers: Ref<SecurityGroup>,
    pub tasks: Ref<SecurityGroup>,
    pub rules: Vec<Ref<SecurityGroupRule>>,
    /// Those among them that let requests in on the HTTPS port.
    pub https: Vec<Ref<SecurityGroupRule>>,
}

/// Draws the security groups and their rules.
pub(super) fn draw(graph: &mut Graph, settings: &Settings, network: &Network) -> Groups {
    let balancers = SecurityGroup::new("Load balancer: lets in those who may send requests");
    let balancers = graph.add("security_group/load_balancer", balancers, network.vpc);
    let tasks = SecurityGroup::new("Tasks: let in the load balancer only");
    let tasks = graph.add("security_group/task", tasks, network.vpc);

    let mut rules = Vec::new();
    let let_in = |graph: &mut Graph, port: u16| -> Vec<Ref<SecurityGroupRule>> {
        let blocks = settings.load_balancer.allowed_cidr_blocks.iter();
        let rules = blocks.map(|block| {
            let rule = SecurityGroupRule::tcp(Direction::Ingress, port, Some(block), "Requests");
            graph.add(format!("rule/load_balancer/ingress/{block}:{port}"), rule, (balancers, None))
        });
        rules.collect()
    };
    rules.extend(let_in(graph, 80));
    let https = if settings.tls().is_some() { let_in(graph, 443) } else { Vec::new() };
    rules.extend(&https);
    let mut ports = vec![settings.port];
    ports.extend(settings.health_check.port.filter(|port| *port != settings.port));
    for port in ports {
        let rule = SecurityGroupRule::tcp(Direction::Egress, port, None, "To the tasks");
        rules.push(graph.add(format!("rule/load_balancer/egress/task:{port}"), rule, (balancers, Some(tasks))));
        let rule = SecurityGroupRule::tcp(Direction::Ingress, port, None, "From the load balancer");
        rules.push(graph.add(format!("rule/task/ingress/load_balancer:{port}"), rule, (tasks, Some(balancers))));
    }
    let rule = SecurityGroupRule::all_traffic_out("Anywhere");
    rules.push(graph.add("rule/task/egress/0.0.0.0/0", rule, (tasks, None)));
    Groups { balancers, tasks, rules, https }
}
