//! What gets built: the settings of one service as a graph of AWS objects. Pure.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::{Value as Json, json};

use super::model::{DEFAULT_TASKS, Egress, HealthCheck, Settings};
use crate::aws::graph::{After, AllOf, Graph, Ref};
use crate::aws::objects::anchor::Anchor;
use crate::aws::objects::association::Association;
use crate::aws::objects::cluster::Cluster;
use crate::aws::objects::elastic_ip::ElasticIp;
use crate::aws::objects::internet_gateway::InternetGateway;
use crate::aws::objects::listener::Listener;
use crate::aws::objects::load_balancer::LoadBalancer;
use crate::aws::objects::log_group::LogGroup;
use crate::aws::objects::nat_gateway::NatGateway;
use crate::aws::objects::role::Role;
use crate::aws::objects::route::Route;
use crate::aws::objects::route_table::RouteTable;
use crate::aws::objects::security_group::SecurityGroup;
use crate::aws::objects::security_group_rule::{Direction, SecurityGroupRule};
use crate::aws::objects::service::Service;
use crate::aws::objects::subnet::Subnet;
use crate::aws::objects::target_group::TargetGroup;
use crate::aws::objects::task_definition::TaskDefinition;
use crate::aws::objects::vpc::Vpc;
use crate::aws::owner::{Owner, hash};

/// The port of the load balancer.
pub const LISTENER_PORT: u16 = 80;

/// A network's parts, as the others need them.
struct Network {
    vpc: Ref<Vpc>,
    internet: Ref<InternetGateway>,
    public: Vec<Ref<Subnet>>,
    private: Vec<Ref<Subnet>>,
    /// Ways out: the service starts no task before them.
    routes: Vec<Ref<Route>>,
    associations: Vec<Ref<Association>>,
}

/// The graph of a service, whose zones must be settled.
pub fn draw(settings: &Settings, owner: &Owner) -> Graph {
    let mut graph = Graph::default();
    let anchor = graph.add("anchor", Anchor {}, ());
    let network = network(&mut graph, settings, anchor);
    let (balancers, tasks, rules) = security(&mut graph, settings, network.vpc);

    let internal = settings.load_balancer.internal;
    let Network { vpc, internet, public, private, routes, associations } = network;
    let balancer_subnets = if internal { private.clone() } else { public.clone() };
    let needs = (AllOf(balancer_subnets), balancers, After((internet, AllOf(associations.clone()))));
    let balancer = graph.add(LoadBalancer::key(internal), load_balancer(settings), needs);
    let target = graph.add(TargetGroup::key(internal), target_group(settings), vpc);
    let listener = graph.add(Listener::key(internal), Listener::http(), (balancer, target));

    let execution = Role::for_tasks(owner, execution_policies(settings, owner));
    let execution = graph.add("role/execution", execution, After(anchor));
    let task = graph.add("role/task", Role::for_tasks(owner, BTreeMap::new()), After(anchor));
    let retention_in_days = i32::try_from(settings.logs.retention_in_days).ok();
    let logs = graph.add("log_group", LogGroup { retention_in_days }, After(anchor));
    let definition = graph.add("task_definition", task_definition(settings), (execution, task, logs));
    let cluster = graph.add("cluster", Cluster::fargate(), After(anchor));

    let task_subnets = if settings.network.egress == Egress::Public { public } else { private };
    let ways = After((AllOf(routes), AllOf(associations), AllOf(rules)));
    let needs = (cluster, definition, target, AllOf(task_subnets), tasks, After(listener), ways);
    graph.add("service", service(settings), needs);
    graph
}

fn network(graph: &mut Graph, settings: &Settings, anchor: Ref<Anchor>) -> Network {
    let zones = zones(settings);
    let vpc = graph.add("vpc", Vpc::new(&settings.network.cidr_block), After(anchor));
    let internet = graph.add("internet_gateway", InternetGateway {}, vpc);

    let table = graph.add("route_table/public", RouteTable {}, vpc);
    let out = graph.add("route/public", Route::default_route(), (table, Some(internet), None));
    let (mut public, mut private, mut routes, mut associations) = (Vec::new(), Vec::new(), vec![out], Vec::new());
    let mut gateways: BTreeMap<&str, Ref<NatGateway>> = BTreeMap::new();
    let subnet = |zone: &str, private: bool| Subnet {
        availability_zone: zone.to_owned(),
        cidr_block: subnet_block(&settings.network.cidr_block, zone, private),
    };

    for (place, zone) in zones.iter().enumerate() {
        let one = graph.add(format!("subnet/public/{zone}"), subnet(zone, false), vpc);
        let association = graph.add(format!("association/public/{zone}"), Association {}, (table, one));
        associations.push(association);
        public.push(one);
        let gateway = match settings.network.egress {
            Egress::NatPerAz => true,
            Egress::NatSingle => place == 0,
            Egress::Public => false,
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
        let nat = gateways.get(zone.as_str()).or_else(|| gateways.values().next());
        if let Some(nat) = nat {
            let needs = (table, None, Some(*nat));
            routes.push(graph.add(format!("route/private/{zone}"), Route::default_route(), needs));
        }
    }
    Network { vpc, internet, public, private, routes, associations }
}

/// The two security groups, and the rules without which no task gets a request.
fn security(
    graph: &mut Graph,
    settings: &Settings,
    vpc: Ref<Vpc>,
) -> (Ref<SecurityGroup>, Ref<SecurityGroup>, Vec<Ref<SecurityGroupRule>>) {
    let balancers = SecurityGroup::new("Load balancer: lets in those who may send requests");
    let balancers = graph.add("security_group/load_balancer", balancers, vpc);
    let tasks = SecurityGroup::new("Tasks: let in the load balancer only");
    let tasks = graph.add("security_group/task", tasks, vpc);

    let mut rules = Vec::new();
    for block in &settings.load_balancer.allowed_cidr_blocks {
        let rule = SecurityGroupRule::tcp(Direction::Ingress, LISTENER_PORT, Some(block), "Requests");
        let key = format!("rule/load_balancer/ingress/{block}:{LISTENER_PORT}");
        rules.push(graph.add(key, rule, (balancers, None)));
    }
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
    (balancers, tasks, rules)
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

fn task_definition(settings: &Settings) -> TaskDefinition {
    TaskDefinition {
        image: settings.image.clone(),
        port: settings.port.into(),
        cpu: settings.cpu,
        memory: settings.memory,
        command: settings.command.clone().filter(|command| !command.is_empty()),
        environment: settings.environment.clone().unwrap_or_default(),
    }
}

fn service(settings: &Settings) -> Service {
    Service {
        desired_count: i32::try_from(settings.desired_count.unwrap_or(DEFAULT_TASKS)).unwrap_or(i32::MAX),
        container_port: settings.port.into(),
        assign_public_ip: settings.network.egress == Egress::Public,
        health_check_grace_period: i32::try_from(settings.health_check.grace_period).unwrap_or(i32::MAX),
        minimum_healthy_percent: 100,
        maximum_percent: 200,
        circuit_breaker: true,
        rollback: true,
        failed_rollout: false,
        wait: settings.deployment.wait,
    }
}

/// What ECS itself may do for the task: write to its log group, and pull its image where that is in Amazon ECR.
fn execution_policies(settings: &Settings, owner: &Owner) -> BTreeMap<String, Json> {
    let group = owner.arn("logs", &format!("log-group:{}:*", LogGroup::name(owner)));
    let policy = |statements: Vec<Json>| json!({ "Version": "2012-10-17", "Statement": statements });
    let logs = policy(vec![json!({
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": group,
    })]);
    let mut policies = BTreeMap::from([("logs".to_owned(), logs)]);
    if let Some(repository) = ecr_repository(&settings.image, &owner.partition) {
        // A policy of its own for each repository: the one before it stays until the rollout is through.
        let name = format!("pull-{}", hash(&repository));
        let pull = policy(vec![
            json!({ "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" }),
            json!({
                "Effect": "Allow",
                "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": repository,
            }),
        ]);
        policies.insert(name, pull);
    }
    policies
}

/// The ARN of the private ECR repository that an image is in, of `<account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>` or
/// one of the other endpoints (`dkr.ecr-fips`, `dkr-ecr.<region>.on.aws`).
fn ecr_repository(image: &str, partition: &str) -> Option<String> {
    let (host, rest) = image.split_once('/')?;
    let parts: Vec<&str> = host.split('.').collect();
    let (account, region) = match parts[..] {
        [account, "dkr", "ecr" | "ecr-fips", region, ..] => (account, region),
        [account, "dkr-ecr" | "dkr-ecr-fips", region, ..] => (account, region),
        _ => return None,
    };
    let name = rest.split(['@', ':']).next()?;
    Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"))
}

/// The zones of a service, in order.
pub fn zones(settings: &Settings) -> Vec<String> {
    settings.network.availability_zones.iter().flatten().cloned().collect()
}

/// A zone's part of the VPC: one of sixteen equal slots, chosen by the zone's letter (a to h), so that zones can come and
/// go without moving another.
fn subnet_block(vpc: &str, zone: &str, private: bool) -> String {
    let slot = zone_slot(zone).unwrap_or_default() + if private { 8 } else { 0 };
    let slots = vpc.parse::<Ipv4Net>().ok().and_then(|net| net.subnets(net.prefix_len() + 4).ok());
    slots.and_then(|mut slots| slots.nth(slot)).map(|net| net.to_string()).unwrap_or_default()
}

/// Which of the eight slots a zone has: `eu-west-3a` has the first.
pub fn zone_slot(zone: &str) -> Option<usize> {
    let letter = zone.bytes().last()?;
    (b'a'..=b'h').contains(&letter).then(|| usize::from(letter - b'a'))
}

#[cfg(test)]
mod tests;
