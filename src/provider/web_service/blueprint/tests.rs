//! What the blueprint draws: the whole graph as a snapshot, and what each setting changes in it.

use super::network::subnet_block;
use super::*;
use crate::aws::owner::Identity;

pub fn settings(text: &str) -> Settings {
    let mut settings: Settings = serde_json::from_str(text).unwrap();
    let zones = || ["eu-west-3a".to_owned(), "eu-west-3b".to_owned()].into();
    settings.network.availability_zones.get_or_insert_with(zones);
    settings
}

pub fn owner() -> Owner {
    let identity = Identity { account: "123456789012".into(), region: "eu-west-3".into(), name: "hello".into() };
    Owner { identity, partition: "aws".into(), ..Owner::default() }
}

/// `key <- keys it needs`, in the graph's order.
fn edges(graph: &Graph) -> String {
    let line = |node: &crate::aws::graph::Node| {
        let needs: Vec<_> = node.needs.iter().map(|need| graph.nodes[*need].key.as_str()).collect();
        format!("{} <- {}\n", node.key, needs.join(", "))
    };
    graph.nodes.iter().map(line).collect()
}

fn keys(text: &str) -> Vec<String> {
    draw(&settings(text), &owner()).nodes.into_iter().map(|node| node.key).collect()
}

#[test]
fn eight_lines_draw_this_graph() {
    insta::assert_snapshot!(edges(&draw(&settings(r#"{"name": "hello", "image": "nginx"}"#), &owner())));
}

#[test]
fn a_single_nat_serves_every_zone_and_public_egress_has_none() {
    let single = r#"{"name": "hello", "image": "nginx", "network": {"egress": "nat_single"}}"#;
    let nats = |text| keys(text).into_iter().filter(|key| key.starts_with("nat/")).collect::<Vec<_>>();
    assert_eq!(nats(single), ["nat/eu-west-3a"]);
    let graph = edges(&draw(&settings(single), &owner()));
    assert!(graph.contains("route/private/eu-west-3b <- nat/eu-west-3a, route_table/private/eu-west-3b"), "{graph}");
    let public = r#"{"name": "hello", "image": "nginx", "network": {"egress": "public"}}"#;
    assert!(nats(public).is_empty() && !keys(public).iter().any(|key| key.starts_with("route/private")));
}

#[test]
fn what_aws_cannot_change_is_another_object() {
    let internal = keys(r#"{"name": "hello", "image": "nginx", "load_balancer": {"internal": true}}"#);
    for key in ["load_balancer/internal", "target_group/internal", "listener/internal/80"] {
        assert!(internal.iter().any(|other| other == key), "{key} is not in {internal:?}");
    }
    assert!(!internal.iter().any(|key| key.ends_with("internet-facing")));
}

#[test]
fn on_a_load_balancer_that_was_given_a_rule_and_what_a_domain_needs_are_ours() {
    let text = r#"{
        "name": "hello", "image": "nginx",
        "domain": { "name": "www.example.com", "zone_id": "Z1" },
        "network": { "vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1"] },
        "load_balancer": {
            "listener_arn": "arn:aws:elasticloadbalancing:eu-west-3:123456789012:listener/app/shop/1/2",
            "security_group_ids": ["sg-1"]
        }
    }"#;
    insta::assert_snapshot!(edges(&draw(&settings(text), &owner())));
}

#[test]
fn a_new_load_balancer_has_its_own_group_and_those_given() {
    let text = r#"{"name": "hello", "image": "nginx", "load_balancer": {"security_group_ids": ["sg-1", "sg-2"]}}"#;
    let graph = edges(&draw(&settings(text), &owner()));
    let expected = "security_group/load_balancer, given/security_group/sg-1, given/security_group/sg-2";
    let balancer = graph.lines().find(|line| line.starts_with("load_balancer/internet-facing <- ")).unwrap();
    assert!(balancer.contains(expected) && !graph.contains("rule/sg-"), "{graph}");
}

#[test]
fn subnets_keep_their_place_whatever_zones_there_are() {
    assert_eq!(subnet_block("10.0.0.0/16", "eu-west-3a", false), "10.0.0.0/20");
    assert_eq!(subnet_block("10.0.0.0/16", "eu-west-3c", false), "10.0.32.0/20");
    assert_eq!(subnet_block("10.0.0.0/16", "eu-west-3c", true), "10.0.160.0/20");
    assert_eq!(subnet_block("192.168.0.0/23", "us-east-1h", true), "192.168.1.224/27");
}

#[test]
fn a_health_check_on_its_own_port_is_let_through() {
    let keys = keys(r#"{"name": "hello", "image": "nginx", "health_check": {"port": 9000}}"#);
    assert!(keys.contains(&"rule/task/ingress/load_balancer:9000".to_owned()));
    assert!(keys.contains(&"rule/load_balancer/egress/task:9000".to_owned()));
}

#[test]
fn a_given_role_is_named_and_not_made() {
    let arn = "arn:aws:iam::123456789012:role/team/app";
    let text = format!(r#"{{"name": "hello", "image": "nginx", "iam": {{"task_role_arn": "{arn}"}}}}"#);
    let graph = edges(&draw(&settings(&text), &owner()));
    let expected = format!("task_definition <- role/execution, given/iam_role/{arn}, log_group");
    assert!(graph.contains(&expected) && !graph.contains("role/task"), "{graph}");
}
