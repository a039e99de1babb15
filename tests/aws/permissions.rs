//! The permissions guide, held against the simulated AWS: planning needs no more than its first policy allows, and a whole
//! life makes no call that the second lacks.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::inside::core::Core;
use crate::inside::{Inside, on_paused_clock};

/// The actions of the policy after this mark.
fn allowed(to: &str) -> BTreeSet<String> {
    let guide = include_str!("../../docs/guides/permissions.md");
    let (_, rest) = guide.split_once(&format!("<!-- policy to {to} -->\n```json\n")).expect("a policy");
    let policy: Json = serde_json::from_str(rest.split_once("\n```").expect("its end").0).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|one| one["Action"].as_array().expect("actions"));
    actions.filter_map(|action| Some(action.as_str()?.to_owned())).collect()
}

/// The actions called since then.
fn called(aws: &Inside, since: usize) -> BTreeSet<String> {
    let world = aws.world();
    let calls = world.log.iter().skip(since).filter(|event| event.source == "call");
    calls.map(|event| event.what.clone()).filter(|what| what != "sts:GetCallerIdentity").collect()
}

/// A service with most of what there is, and another with other ways.
fn lives() -> [Json; 2] {
    let tags = json!({ "team": "shop" });
    let rich = json!({
        "name": "web", "image": "nginx:1.27", "tags": tags, "environment": { "LEVEL": "1" },
        "network": { "availability_zone_count": 3 }, "logs": { "retention_in_days": 7 },
    });
    let other = json!({
        "name": "web", "image": "nginx:1.28", "desired_count": 3,
        "network": { "egress": "public", "s3_endpoint": false }, "load_balancer": { "internal": true },
    });
    [rich, other]
}

#[test]
fn a_whole_life_calls_nothing_that_the_guide_lacks() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        for config in lives() {
            assert!(core.apply(&config).await.errors().is_empty());
        }
        assert!(core.destroy().await.errors().is_empty());
        let (called, allowed) = (called(&aws, 0), allowed("apply"));
        let missing: Vec<_> = called.difference(&allowed).collect();
        assert!(missing.is_empty() && called.len() > 60, "{} called, {missing:?} not allowed", called.len());
    });
}

#[test]
fn planning_and_importing_need_only_what_the_guide_allows_for_it() {
    on_paused_clock(2, async {
        let aws = Inside::new(2);
        let mut core = Core::new(&aws, None);
        let [config, other] = lives();
        assert!(core.apply(&config).await.errors().is_empty());
        let (all, to_plan) = (allowed("apply"), allowed("plan"));
        aws.world().iam.denied = all.difference(&to_plan).cloned().collect();
        let begun = aws.world().log.len();
        assert_eq!(core.open(&config).await, Vec::<String>::new());
        assert!(!core.open(&other).await.is_empty());
        let mut new = Core::new(&aws, None);
        assert!(new.import("web").await.is_empty());
        assert_eq!(new.open(&config).await, Vec::<String>::new());
        let called = called(&aws, begun);
        let missing: Vec<_> = called.difference(&to_plan).collect();
        assert!(missing.is_empty(), "{missing:?}");
        // With these alone nothing can be changed.
        let refused = core.apply(&other).await;
        assert!(refused.errors().iter().any(|told| told.detail.contains("Allow ")), "{:#?}", refused.errors());
    });
}

/// AWS checks some actions in passing; its message names them, and the call another.
#[test]
fn what_is_checked_in_passing_is_told_by_its_own_name() {
    let checked = ["ec2:CreateTags", "ec2:GetSecurityGroupsForVpc", "elasticloadbalancing:AddTags", "iam:PassRole"];
    for denied in checked {
        assert!(allowed("apply").contains(denied), "the guide lacks {denied}");
        on_paused_clock(3, async {
            let aws = Inside::new(3);
            let mut core = Core::new(&aws, None);
            let config = json!({ "name": "web", "image": "nginx:1.27" });
            aws.world().iam.denied = [denied.to_owned()].into();
            let refused = core.apply(&config).await;
            let way = format!("Allow {denied} in a policy of the identity that runs Terraform");
            assert!(refused.errors().iter().any(|told| told.detail.contains(&way)), "{:#?}", refused.errors());
            aws.world().iam.denied.clear();
            assert!(core.apply(&config).await.errors().is_empty());
        });
    }
}
