//! What the security guide says of the defaults, held against what stands on the simulated AWS after a first apply.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::Core;
use crate::inside::{Inside, on_paused_clock};
use crate::surroundings::ask;

#[test]
fn the_defaults_meet_what_the_security_guide_says() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        let config = json!({ "name": "web", "image": "nginx:1.27" });
        assert!(core.apply(&config).await.errors().is_empty());
        let state = core.state.clone().expect("it stands").held.value;
        let told = |name: &str| json!(state.member(name).as_str().expect("an id"));
        let world = &mut aws.world();

        let balancer = json!({ "LoadBalancerArn": told("load_balancer_arn") });
        let attributes = ask(world, "elasticloadbalancing", "DescribeLoadBalancerAttributes", balancer);
        let attributes: BTreeMap<String, Json> = attributes["Attributes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| (one["Key"].as_str().unwrap_or_default().to_owned(), one["Value"].clone()))
            .collect();
        assert_eq!(attributes["routing.http.drop_invalid_header_fields.enabled"], "true");
        assert_eq!(attributes["routing.http.desync_mitigation_mode"], "defensive");
        assert_eq!(attributes["deletion_protection.enabled"], "false");

        let asked = json!({ "cluster": told("cluster_arn"), "services": [told("service_arn")] });
        let service = ask(world, "ecs", "DescribeServices", asked)["services"][0].take();
        assert_eq!(service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"], "DISABLED");
        assert_eq!(service["platformVersion"], "LATEST");
        assert_ne!(service["enableExecuteCommand"], true);

        let asked = json!({ "taskDefinition": told("task_definition_arn") });
        let task = ask(world, "ecs", "DescribeTaskDefinition", asked)["taskDefinition"].take();
        let container = &task["containerDefinitions"][0];
        assert_eq!(container["logConfiguration"]["logDriver"], "awslogs");
        assert!(container["privileged"] != true && task["pidMode"].is_null(), "{container}");
        assert_ne!(task["executionRoleArn"], task["taskRoleArn"]);

        let vpc = json!([{ "Name": "vpc-id", "Value": [told("vpc_id")] }]);
        let subnets = ask(world, "ec2", "DescribeSubnets", json!({ "Filter": vpc }))["subnetSet"].take();
        let subnets = subnets.as_array().expect("subnets");
        assert!(
            subnets.len() == 4 && subnets.iter().all(|subnet| subnet["mapPublicIpOnLaunch"] == false),
            "{subnets:?}"
        );

        let groups = ask(world, "ec2", "DescribeSecurityGroups", json!({ "Filter": vpc }))["securityGroupInfo"].take();
        let default = groups.as_array().into_iter().flatten().find(|group| group["groupName"] == "default");
        let default = default.expect("the default group")["groupId"].clone();
        let rules = ask(world, "ec2", "DescribeSecurityGroupRules", json!({}))["securityGroupRuleSet"].take();
        for rule in rules.as_array().expect("rules") {
            assert_ne!(rule["groupId"], default);
            assert!(rule["description"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
            let open = rule["isEgress"] == false && rule["cidrIpv4"] == "0.0.0.0/0";
            assert!(!open || rule["fromPort"] == 80 && rule["toPort"] == 80, "{rule}");
        }

        for one in observe::standing(world)
            .iter()
            .filter(|one| ["ecs service", "ecs cluster", "ecs task definition"].contains(&one.kind))
        {
            assert!(one.tags.contains_key("fargate:stack"), "{} has no tags", one.id);
        }
    });
}
