//! Many services in one apply share AWS's rates: they slow down, and none fails. Within this process, on a paused clock, on a
//! simulated AWS that counts against the published buckets.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use terraform_provider_fargate::aws::budget::Budgets;
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::weather::{self, Climate};
use terraform_provider_fargate::simulator::{observe, quotas};
use tokio::time::Instant;

use crate::inside::core::Core;
use crate::inside::work::{self, Work};
use crate::inside::{Inside, on_paused_clock};

/// More than any bucket's burst lets create at once.
const SERVICES: usize = 32;

/// What an apply of all of them came to.
#[derive(Debug)]
struct Outcome {
    throttled: u64,
    calls: usize,
    lasted: Duration,
}

/// Applies and destroys all at once, through one session: as one process does for all resources of a configuration.
fn all_at_once(limited: bool) -> Outcome {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        for quota in
            [quotas::VPCS, quotas::INTERNET_GATEWAYS, quotas::FARGATE_VCPUS, quotas::BALANCERS, quotas::ENDPOINTS]
        {
            quotas::set(&mut aws.world(), quota, 1000);
        }
        weather::climate(&mut aws.world(), Climate { throttling: true, ..Climate::default() }).expect("a climate");
        let mut session = aws.session();
        if !limited {
            let clock = session.aws.clock;
            session.aws = session.aws.on(Budgets::unlimited(clock));
        }
        let mut cores: Vec<Core> = (0..SERVICES).map(|_| Core::over(session.clone())).collect();
        let begun = Instant::now();
        let applies = cores.iter_mut().enumerate().map(|(number, core)| async move {
            let config =
                json!({ "name": format!("s{number}"), "image": "nginx:1.27", "network": { "egress": "public" } });
            core.apply(&config).await
        });
        for said in join_all(applies).await {
            assert!(said.errors().is_empty(), "{:#?}", said.errors());
        }
        let lasted = begun.elapsed();
        let throttled = aws.world().weather.strikes.get("throttled").copied().unwrap_or_default();
        let calls = aws.world().log.iter().filter(|event| event.source == "call").count();
        for said in join_all(cores.iter_mut().map(Core::destroy)).await {
            assert!(said.errors().is_empty(), "{:#?}", said.errors());
        }
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
        Outcome { throttled, calls, lasted }
    })
}

#[test]
fn many_services_in_one_apply_slow_down_and_none_fails() {
    let (with, without) = (all_at_once(true), all_at_once(false));
    for (how, Outcome { throttled, calls, lasted }) in [("with", &with), ("without", &without)] {
        eprintln!("{SERVICES} services at once {how} budgets: {throttled} of {calls} calls throttled, in {lasted:?}");
    }
    assert!(without.throttled > 100, "AWS must have been pressed too hard: {without:?}");
    assert!(with.throttled * 10 <= without.throttled, "{with:?} {without:?}");
}

/// Several kinds of objects are found by the same load balancer, the same certificates, the same route tables.
#[test]
fn a_look_at_all_objects_asks_nothing_twice() {
    // One call tells one of several attributes, policies or records of the same object; rules are asked for by their tags,
    // and those of others by the group they are in.
    const PARTS: [&str; 4] = [
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeVpcAttribute",
        "iam:GetRolePolicy",
        "route53:ListResourceRecordSets",
    ];
    let mut config = work::base();
    config["domain"] = json!({ "name": "app.example.com" });
    let service = Work { name: "destroy".into(), around: false, before: Some(config.clone()), goal: None };
    on_paused_clock(1, async {
        let (aws, mut core) = service.begin(1);
        assert_eq!(core.open(&config).await, Vec::<String>::new());
        let mut asked: BTreeMap<(String, String), usize> = BTreeMap::new();
        for event in &aws.world().log {
            *asked.entry((event.what.clone(), event.subject.clone())).or_default() += 1;
        }
        let objects = core.told()["objects"].as_object().map_or(0, |all| all.len());
        eprintln!("an empty plan over {objects} objects asks AWS {} times", asked.values().sum::<usize>());
        let looks = asked.iter().filter(|((what, _), _)| what == "ec2:DescribeVpcs").map(|(_, times)| times).sum();
        asked.retain(|(what, _), times| *times > looks && !PARTS.contains(&what.as_str()));
        assert!(asked.is_empty(), "asked more than {looks} times: {asked:#?}");
    });
}

/// ACM lists by no tag. A process asks once whose an old certificate is; of a young one the tags may not show yet.
#[test]
fn whose_an_old_certificate_is_is_asked_once() {
    const OF_OTHERS: usize = 30;
    let config = work::base();
    let service = Work { name: "destroy".into(), around: false, before: Some(config.clone()), goal: None };
    on_paused_clock(1, async {
        let (aws, mut core) = service.begin(1);
        for number in 0..OF_OTHERS {
            let ask = json!({ "DomainName": format!("shop{number}.example.net"), "ValidationMethod": "DNS" });
            aws.world().call("acm", "RequestCertificate", &Ask(ask)).expect("a certificate");
        }
        let asked = |aws: &Inside| {
            let world = aws.world();
            world.log.iter().filter(|event| event.what == "acm:ListTagsForCertificate").count()
        };
        for (hours, more) in [(0, OF_OTHERS), (0, OF_OTHERS), (2, OF_OTHERS), (0, 0), (0, 0)] {
            let begun = asked(&aws);
            tokio::time::sleep(Duration::from_secs(hours * 3600)).await;
            assert_eq!(core.open(&config).await, Vec::<String>::new());
            // And of ours, if it has one.
            assert!((more..=more + 1).contains(&(asked(&aws) - begun)), "{} asked, not {more}", asked(&aws) - begun);
        }
    });
}
