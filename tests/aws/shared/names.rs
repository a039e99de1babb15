//! Names and certificates of a service on a load balancer that isn't its own.

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;
use terraform_provider_fargate::simulator::weather::{self, Fault, Order};

use super::{destroyed, done, healthy, named, refused, rules, told};
use crate::inside::core::Core;
use crate::inside::standing::Strangers;
use crate::inside::{Inside, on_paused_clock};
use crate::surroundings::{self, Surroundings};

#[test]
fn a_domain_brings_its_certificate_to_a_listener_that_was_given() {
    on_paused_clock(4, async {
        let aws = Inside::new(4);
        let around = Surroundings::ready(&aws).await;
        let before = Strangers::of(&aws);
        let mut core = Core::new(&aws, None);
        let config = |name: &str, more: Json| {
            let network =
                json!({ "vpc_id": "${vpc_id}", "private_subnet_ids": ["${private_subnet_a}", "${private_subnet_b}"] });
            let mut balancer = json!({ "arn": "${load_balancer_arn}" });
            balancer.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap_or_default());
            let domain = json!({ "name": name, "zone_id": "${zone_id}" });
            around.fill(&json!({
                "name": "web", "image": "nginx:1.27", "network": network, "load_balancer": balancer, "domain": domain,
            }))
        };
        for name in ["www.example.com", "app.example.com"] {
            let config = config(name, json!({}));
            // The answers to its proof, which is then written again, and to its alias record.
            for after in [0, 2] {
                let lost = Order { after, ..Order::new("route53:ChangeResourceRecordSets", Fault::ReplyLost) };
                weather::order(&mut aws.world(), lost).expect("an order");
            }
            done(&mut core, &config).await;
            assert_eq!(told(&core, "url"), format!("https://{name}"));
            assert_eq!(told(&core, "listener_arn"), around.id("https_listener_arn"));
            let rule = rules(&aws, around.id("https_listener_arn")).remove(0);
            assert_eq!(rule["Conditions"][0]["HostHeaderConfig"]["Values"], json!([name]));
            let asked = json!({ "ListenerArn": around.id("https_listener_arn") });
            let action = "DescribeListenerCertificates";
            let served =
                surroundings::ask(&mut aws.world(), "elasticloadbalancing", action, asked)["Certificates"].take();
            assert_eq!(served.as_array().map_or(0, Vec::len), 2, "the owner's and its own: {served}");
            let alias =
                observe::standing(&aws.world()).into_iter().find(|one| one.name.starts_with(&format!("{name}. A")));
            let alias = alias.expect("an alias record").settings.to_string();
            assert!(alias.contains(around.id("load_balancer_arn")), "{alias}");
            assert_eq!(healthy(&aws, "web"), 2);
            // Somebody without the state.
            let mut other = Core::new(&aws, None);
            let told = other.import("web").await;
            assert!(told.is_empty(), "{told:#?}");
            assert_eq!(other.open(&config).await, Vec::<String>::new());
        }
        let http = config("app.example.com", json!({ "arn": null, "listener_arn": "${http_listener_arn}" }));
        refused(&mut core, &http, "load_balancer.listener_arn", "domain needs a listener for HTTPS").await;
        destroyed(&mut core).await;
        before.are_alone(&aws).expect("only what was there before");
    });
}

#[test]
fn a_name_that_leads_to_the_load_balancer_already_is_not_taken_over() {
    on_paused_clock(8, async {
        let aws = Inside::new(8);
        let around = Surroundings::ready(&aws).await;
        let config = |name: &str, domain: &str, path: &str| {
            let network = json!({ "vpc_id": "${vpc_id}", "private_subnet_ids": ["${private_subnet_a}"] });
            let balancer = json!({ "arn": "${load_balancer_arn}", "path_patterns": [path] });
            let domain = json!({ "name": domain, "zone_id": "${zone_id}" });
            around.fill(&json!({
                "name": name, "image": "nginx:1.27", "network": network, "load_balancer": balancer, "domain": domain,
            }))
        };
        let mut first = Core::new(&aws, None);
        done(&mut first, &config("web", "www.example.com", "/web/*")).await;
        let alias = |name: &str| {
            let all = observe::standing(&aws.world()).into_iter();
            all.filter(|one| one.kind == "route53 record" && one.name.starts_with(&format!("{name}. A"))).count()
        };
        // Somebody's own record, to the same load balancer.
        let asked = json!({ "LoadBalancerArns": [around.id("load_balancer_arn")] });
        let balancer = surroundings::ask(&mut aws.world(), "elasticloadbalancing", "DescribeLoadBalancers", asked);
        let balancer = &balancer["LoadBalancers"][0];
        let target = json!({
            "HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"], "EvaluateTargetHealth": false,
        });
        let set = json!({ "Name": "old.example.com", "Type": "A", "AliasTarget": target });
        let batch = json!({ "Changes": [{ "Action": "CREATE", "ResourceRecordSet": set }] });
        let asked = json!({ "Id": around.id("zone_id"), "HostedZoneId": around.id("zone_id"), "ChangeBatch": batch });
        surroundings::ask(&mut aws.world(), "route53", "ChangeResourceRecordSets", asked);
        for (domain, whose) in [("www.example.com", "another service's"), ("old.example.com", "did not make")] {
            let mut second = Core::new(&aws, None);
            let told = named(&second.apply(&config("other", domain, "/other/*")).await);
            assert!(told.contains(whose), "{domain}: {told}");
            destroyed(&mut second).await;
            assert_eq!(alias(domain), 1, "{domain}");
        }
        assert_eq!(first.open(&config("web", "www.example.com", "/web/*")).await, Vec::<String>::new());
        destroyed(&mut first).await;
        assert_eq!((alias("www.example.com"), alias("old.example.com")), (0, 1));
    });
}
