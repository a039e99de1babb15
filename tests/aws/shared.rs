//! Services that share a load balancer: a rule each on somebody's listener, and nothing else of it touched.

mod names;

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::{Core, Said};
use crate::inside::standing::Strangers;
use crate::inside::{Inside, on_paused_clock};
use crate::surroundings::{self, Surroundings};

fn told(core: &Core, name: &str) -> String {
    core.told()[name].as_str().unwrap_or_default().to_owned()
}

/// A second service, by the outputs of the first.
fn guest(owner: &Core, balancer: &Json, more: &Json) -> Json {
    let outputs = owner.told();
    let mut balancer = balancer.clone();
    balancer["arn"] = outputs["load_balancer_arn"].clone();
    let network = json!({ "vpc_id": outputs["vpc_id"], "private_subnet_ids": outputs["private_subnet_ids"] });
    let mut config = json!({ "name": "guest", "image": "nginx:1.27", "network": network, "load_balancer": balancer });
    config.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap_or_default());
    config
}

async fn done(core: &mut Core, config: &Json) {
    let said = core.apply(config).await;
    assert!(said.errors().is_empty(), "{config}: {:#?}", said.errors());
    assert_eq!(core.open(config).await, Vec::<String>::new(), "{config}");
}

async fn destroyed(core: &mut Core) {
    let said = core.destroy().await;
    assert!(said.errors().is_empty(), "{:#?}", said.errors());
}

/// The mutating calls of a change, but for the lease.
async fn calls(aws: &Inside, core: &mut Core, config: &Json) -> BTreeSet<String> {
    let begun = aws.world().log.len();
    done(core, config).await;
    let world = aws.world();
    let made = world.log.iter().skip(begun).filter(|event| event.source == "call").map(|event| event.what.clone());
    made.filter(|call| !crate::inside::door::looks(call) && !call.starts_with("ssm:")).collect()
}

fn rules(aws: &Inside, listener: &str) -> Vec<Json> {
    let asked = json!({ "ListenerArn": listener });
    let found = surroundings::ask(&mut aws.world(), "elasticloadbalancing", "DescribeRules", asked)["Rules"].take();
    found.as_array().into_iter().flatten().filter(|rule| rule["IsDefault"] == false).cloned().collect()
}

fn healthy(aws: &Inside, service: &str) -> usize {
    let world = aws.world();
    observe::serving(&world).iter().filter(|task| task.service.ends_with(service) && task.healthy).count()
}

async fn refused(core: &mut Core, config: &Json, path: &str, why: &str) {
    let told = core.apply(config).await;
    let [error] = told.errors()[..] else { panic!("{config}: {:#?}", told.errors()) };
    assert!(error.path.to_string() == path && error.detail.contains(why), "{config}: {error:#?}");
}

fn named(said: &Said) -> String {
    said.errors().iter().map(|told| format!("{}\n{}\n", told.summary, told.detail)).collect()
}

#[test]
fn a_second_service_shares_the_firsts_load_balancer_by_its_outputs() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let (mut first, mut second) = (Core::new(&aws, None), Core::new(&aws, None));
        let owner = json!({ "name": "owner", "image": "nginx:1.27" });
        done(&mut first, &owner).await;
        let before = Strangers::of(&aws);
        let api = guest(&first, &json!({ "path_patterns": ["/api/*"] }), &json!({}));
        done(&mut second, &api).await;
        assert_eq!((healthy(&aws, "owner"), healthy(&aws, "guest")), (2, 2));
        assert_eq!(told(&second, "listener_arn"), told(&first, "listener_arn"));
        assert_eq!(told(&second, "url"), format!("{}/api/", told(&first, "url")));
        assert_eq!(told(&second, "load_balancer_security_group_id"), told(&first, "load_balancer_security_group_id"));
        assert_eq!(first.open(&owner).await, Vec::<String>::new(), "a guest is no drift");

        // The owner goes neither wholly nor in part under the guest.
        for said in [
            first.destroy().await,
            first
                .apply(&json!({ "name": "owner", "image": "nginx:1.27", "load_balancer": { "internal": true } }))
                .await,
        ] {
            let told = named(&said);
            assert!(told.contains("Others still use the") && told.contains("/guest"), "{told}");
        }
        assert_eq!(first.open(&owner).await, Vec::<String>::new(), "a refused deletion leaves all as it was");
        assert_eq!(healthy(&aws, "owner") + healthy(&aws, "guest"), 4);

        destroyed(&mut second).await;
        before.are_untouched(&aws).expect("nothing of the owner's was touched");
        assert_eq!(first.open(&owner).await, Vec::<String>::new());
        destroyed(&mut first).await;
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}

#[test]
fn the_rule_changes_in_place_and_its_priority_is_kept() {
    on_paused_clock(2, async {
        let aws = Inside::new(2);
        let (mut first, mut second) = (Core::new(&aws, None), Core::new(&aws, None));
        done(&mut first, &json!({ "name": "owner", "image": "nginx:1.27" })).await;
        let listener = told(&first, "listener_arn");
        let with = |balancer: Json| guest(&first, &balancer, &json!({}));
        done(&mut second, &with(json!({ "path_patterns": ["/api/*"] }))).await;
        let priority = || rules(&aws, &listener)[0]["Priority"].as_str().map(str::to_owned).unwrap_or_default();
        let automatic = priority();
        assert!((10_000..50_000).contains(&automatic.parse().unwrap_or(0)), "{automatic}");
        let elb = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|name| format!("elasticloadbalancing:{name}")).collect()
        };
        let paths = json!(["/api/*", "/app/*"]);
        // As many characters as before: the same place among all.
        assert_eq!(calls(&aws, &mut second, &with(json!({ "path_patterns": paths }))).await, elb(&["ModifyRule"]));
        assert_eq!(priority(), automatic);
        let named = json!({ "path_patterns": paths, "host_names": ["api.example.com"] });
        let both = elb(&["ModifyRule", "SetRulePriorities"]);
        assert_eq!(calls(&aws, &mut second, &with(named.clone())).await, both);
        assert!(priority().parse::<u32>().unwrap_or_default() < automatic.parse().unwrap_or(0), "it says more");
        assert_eq!(told(&second, "url"), "http://api.example.com/api/");
        let mut prior = named.clone();
        prior["priority"] = json!(7);
        assert_eq!(calls(&aws, &mut second, &with(prior)).await, elb(&["SetRulePriorities"]));
        assert_eq!(priority(), "7");
        assert_eq!(calls(&aws, &mut second, &with(named)).await, elb(&["SetRulePriorities"]));
        assert_ne!(priority(), "7");
        destroyed(&mut second).await;
        assert_eq!(rules(&aws, &listener).len(), 0);
    });
}

#[test]
fn priorities_that_are_taken_are_told_or_stepped_over() {
    on_paused_clock(3, async {
        let aws = Inside::new(3);
        let mut first = Core::new(&aws, None);
        done(&mut first, &json!({ "name": "owner", "image": "nginx:1.27" })).await;
        let listener = told(&first, "listener_arn");
        let config =
            |name: &str, balancer: Json| guest(&first, &balancer, &json!({ "name": name, "desired_count": 0 }));
        let mut guests = Vec::new();
        // Three hundred thousand to one that two of these draw the same; taken ones are stepped over all the same.
        for (name, path) in [("a", "/a/*"), ("b", "/b/*")] {
            let mut core = Core::new(&aws, None);
            done(&mut core, &config(name, json!({ "path_patterns": [path] }))).await;
            guests.push(core);
        }
        let taken: BTreeSet<String> =
            rules(&aws, &listener).iter().filter_map(|rule| Some(rule["Priority"].as_str()?.to_owned())).collect();
        assert_eq!(taken.len(), 2);
        let theirs: u32 = taken.iter().next().and_then(|text| text.parse().ok()).expect("a number");
        let mut third = Core::new(&aws, None);
        let wanted = config("c", json!({ "path_patterns": ["/c/*"], "priority": theirs }));
        refused(&mut third, &wanted, "load_balancer.priority", "has this priority on the listener already").await;
        // The place that "c" would take is somebody else's.
        let mut fourth = Core::new(&aws, None);
        done(&mut fourth, &config("c", json!({ "path_patterns": ["/c/*"] }))).await;
        let all = rules(&aws, &listener);
        let own = all.iter().find(|rule| rule.to_string().contains("/c/*")).expect("its rule")["Priority"].clone();
        destroyed(&mut fourth).await;
        let action = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]);
        let condition = json!([{ "Field": "path-pattern", "Values": ["/theirs"] }]);
        let asked = json!({
            "ListenerArn": listener, "Priority": own.as_str().and_then(|text| text.parse::<i64>().ok()),
            "Conditions": condition, "Actions": action,
        });
        surroundings::ask(&mut aws.world(), "elasticloadbalancing", "CreateRule", asked);
        done(&mut fourth, &config("c", json!({ "path_patterns": ["/c/*"] }))).await;
        let all = rules(&aws, &listener);
        let other = all.iter().find(|rule| rule.to_string().contains("/c/*")).expect("its rule")["Priority"].clone();
        assert_ne!(other, own);
    });
}

/// Records that others have made for a name on the same load balancer stay theirs.
#[test]
fn a_guest_follows_its_owner_to_https() {
    on_paused_clock(6, async {
        let aws = Inside::new(6);
        let around = Surroundings::make(&mut aws.world());
        let (mut first, mut second) = (Core::new(&aws, None), Core::new(&aws, None));
        let owner = json!({ "name": "owner", "image": "nginx:1.27" });
        done(&mut first, &owner).await;
        let api = |first: &Core| {
            let mut config = guest(first, &json!({ "path_patterns": ["/api/*"] }), &json!({}));
            config["load_balancer"] =
                json!({ "listener_arn": told(first, "listener_arn"), "path_patterns": ["/api/*"] });
            config
        };
        done(&mut second, &api(&first)).await;
        let mut secure = owner.clone();
        secure["https"] = json!({ "certificate_arn": around.id("certificate_arn") });
        done(&mut first, &secure).await;
        done(&mut second, &api(&first)).await;
        assert_eq!(told(&second, "listener_arn"), told(&first, "listener_arn"));
        assert!(told(&second, "url").starts_with("https://"), "{}", told(&second, "url"));
        // Without HTTPS nobody would lead to the guest: the owner is told.
        let said = named(&first.apply(&owner).await);
        assert!(said.contains("Others still use the") && said.contains("/guest"), "{said}");
    });
}

#[test]
fn a_load_balancer_that_somebody_has_deleted_is_told_and_the_rest_can_be_destroyed() {
    on_paused_clock(7, async {
        let aws = Inside::new(7);
        let around = Surroundings::ready(&aws).await;
        let mut core = Core::new(&aws, None);
        let network = json!({ "vpc_id": "${vpc_id}", "private_subnet_ids": ["${private_subnet_a}"] });
        let balancer = json!({ "arn": "${other_load_balancer_arn}", "path_patterns": ["/api/*"] });
        let config = around.fill(&json!({
            "name": "web", "image": "nginx:1.27", "network": network, "load_balancer": balancer,
        }));
        done(&mut core, &config).await;
        let asked = json!({ "LoadBalancerArn": around.id("other_load_balancer_arn") });
        surroundings::ask(&mut aws.world(), "elasticloadbalancing", "DeleteLoadBalancer", asked);
        tokio::time::sleep(std::time::Duration::from_secs(600)).await;
        refused(&mut core, &config, "load_balancer.arn", "There is no load balancer").await;
        destroyed(&mut core).await;
        let left = observe::standing(&aws.world()).into_iter().filter(|one| one.tags.contains_key("fargate:stack"));
        assert_eq!(left.map(|one| one.id).collect::<Vec<_>>(), Vec::<String>::new());
    });
}

#[test]
fn what_does_not_fit_is_told_by_the_plan() {
    on_paused_clock(5, async {
        let aws = Inside::new(5);
        let around = Surroundings::ready(&aws).await;
        let begun = aws.calls();
        let gone = |arn: &str| format!("{}0", &arn[..arn.len() - 1]);
        let (balancer, listener) = (around.id("load_balancer_arn"), around.id("https_listener_arn"));
        let near = || json!({ "vpc_id": "${vpc_id}", "private_subnet_ids": ["${private_subnet_a}"] });
        let far = json!({ "vpc_id": "${far_vpc_id}", "private_subnet_ids": ["${far_private_subnet_a}"] });
        let paths = || json!({ "arn": "${load_balancer_arn}", "path_patterns": ["/api/*"] });
        let with = |name: &str, value: Json| {
            let mut balancer = paths();
            balancer[name] = value;
            balancer
        };
        for (network, balancer, path, why) in [
            (far, paths(), "network.vpc_id", "The load balancer is in vpc-"),
            (near(), with("arn", json!(gone(balancer))), "load_balancer.arn", "There is no load balancer"),
            (
                near(),
                json!({ "listener_arn": gone(listener), "path_patterns": ["/api/*"] }),
                "load_balancer.listener_arn",
                "has no listener",
            ),
            (
                near(),
                with("arn", json!(balancer.replace("eu-west-3", "eu-west-1"))),
                "load_balancer.arn",
                "region eu-west-1; the service is in 123456789012, eu-west-3",
            ),
            (
                near(),
                with("security_group_ids", json!(["${security_group}"])),
                "load_balancer.security_group_ids",
                "has other security groups",
            ),
        ] {
            let mut core = Core::new(&aws, None);
            let config = json!({ "name": "web", "image": "nginx:1.27", "network": network, "load_balancer": balancer });
            refused(&mut core, &around.fill(&config), path, why).await;
        }
        assert_eq!(aws.calls(), begun, "nothing was made");
    });
}

#[test]
fn the_groups_by_which_the_tasks_are_reached_change_in_place() {
    on_paused_clock(8, async {
        let aws = Inside::new(8);
        let around = Surroundings::ready(&aws).await;
        let before = Strangers::of(&aws);
        let config = |group: &str| {
            let subnets = ["a", "b"].map(|zone| format!("${{public_subnet_{zone}}}"));
            let network = json!({ "vpc_id": "${vpc_id}", "public_subnet_ids": subnets, "egress": "public" });
            let mut balancer = json!({ "arn": "${load_balancer_arn}", "path_patterns": ["/api/*"] });
            if !group.is_empty() {
                balancer["security_group_ids"] = json!([format!("${{{group}}}")]);
            }
            around
                .fill(&json!({ "name": "guest", "image": "nginx:1.27", "network": network, "load_balancer": balancer }))
        };
        let mut core = Core::new(&aws, None);
        done(&mut core, &config("load_balancer_security_group")).await;
        let moved = calls(&aws, &mut core, &config("other_security_group")).await;
        assert!(!moved.is_empty() && moved.iter().all(|call| call.ends_with("gress")), "{moved:?}");
        assert_eq!(told(&core, "load_balancer_security_group_id"), around.id("other_security_group"));
        let mut other = Core::new(&aws, None);
        assert!(other.import("guest").await.is_empty());
        assert_eq!(other.open(&config("other_security_group")).await, Vec::<String>::new(), "after the import");
        assert_eq!(calls(&aws, &mut core, &config("")).await, BTreeSet::new(), "the one in use stays");
        destroyed(&mut core).await;
        before.are_alone(&aws).expect("nothing is left, nothing of the user's was touched");
    });
}

#[test]
fn a_new_load_balancer_takes_no_group_of_another_network() {
    on_paused_clock(9, async {
        let aws = Inside::new(9);
        let around = Surroundings::ready(&aws).await;
        let begun = aws.calls();
        let near = json!({
            "vpc_id": "${vpc_id}",
            "public_subnet_ids": ["${public_subnet_a}", "${public_subnet_b}"],
            "egress": "public",
        });
        for (network, group, why) in [
            (near.clone(), "${far_security_group}", "not in vpc-"),
            (near, "sg-0123456789abcdef0", "There is no sg-0123456789abcdef0"),
            (json!({}), "${security_group}", "not in the VPC that is made"),
        ] {
            let balancer = json!({ "security_group_ids": [group] });
            let config = json!({ "name": "web", "image": "nginx:1.27", "network": network, "load_balancer": balancer });
            let mut core = Core::new(&aws, None);
            refused(&mut core, &around.fill(&config), "load_balancer.security_group_ids", why).await;
        }
        assert_eq!(aws.calls(), begun, "nothing was made");
    });
}
