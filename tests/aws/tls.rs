//! HTTPS on the simulated AWS: switched on and off without a moment in which nobody is served, a domain's certificate and
//! records from nothing to nothing, what is in the way, and others on the same listener.

use std::future::Future;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe;

use crate::inside::core::{Core, Said};
use crate::inside::{Inside, on_paused_clock};
use crate::surroundings::Surroundings;

/// Calls the simulated AWS; it must not refuse.
#[track_caller]
fn ask(aws: &Inside, service: &str, action: &str, asked: Json) -> Json {
    let answer = aws.world().call(service, action, &Ask(asked.clone()));
    answer.unwrap_or_else(|refusal| panic!("{service}:{action} {asked}: {refusal:?}"))
}

fn zone(aws: &Inside, name: &str) -> String {
    let made = ask(aws, "route53", "CreateHostedZone", json!({ "Name": name, "CallerReference": name }));
    made["HostedZone"]["Id"].as_str().expect("an id").trim_start_matches("/hostedzone/").to_owned()
}

fn config(with: Json) -> Json {
    let mut config = json!({ "name": "web", "image": "nginx:1.27" });
    for (name, value) in with.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

/// Applies, without an error, and the next plan is empty.
async fn reach(core: &mut Core, config: &Json) {
    let said = core.apply(config).await;
    assert!(said.errors().is_empty(), "{config}: {:#?}", said.errors());
    assert_eq!(core.open(config).await, Vec::<String>::new(), "after {config}");
}

fn told(core: &Core, attribute: &str) -> String {
    let state = core.state.as_ref().expect("a state");
    state.held.value.member(attribute).as_str().unwrap_or_default().to_owned()
}

/// The records that people or services wrote, as `name type value`.
fn records(aws: &Inside) -> Vec<String> {
    let standing = observe::standing(&aws.world());
    let records = standing.into_iter().filter(|one| one.kind == "route53 record");
    records.map(|one| format!("{} {}", one.name, one.settings)).collect()
}

#[track_caller]
fn one_error(said: &Said) -> String {
    let errors = said.errors();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    format!("{:?}", errors[0])
}

/// Whether requests for `http://` are answered by a task in the end; and whether those for `https://` are.
fn served(aws: &Inside) -> (bool, bool) {
    let listeners = observe::standing(&aws.world()).into_iter().filter(|one| one.kind == "elb listener");
    let arns: Vec<String> = listeners.map(|one| one.id).collect();
    if arns.is_empty() {
        return (false, false);
    }
    let found =
        ask(aws, "elasticloadbalancing", "DescribeListeners", json!({ "ListenerArns": arns }))["Listeners"].take();
    let on = |port: i64, action: &str| {
        let all = found.as_array().into_iter().flatten();
        let open = observe::standing(&aws.world()).iter().any(|one| {
            one.kind == "ec2 security group rule" && one.name.contains("into") && one.name.contains(&port.to_string())
        });
        open && all.into_iter().any(|one| one["Port"] == port && one["DefaultActions"][0]["Type"] == action)
    };
    let https = on(443, "forward");
    (on(80, "forward") || on(80, "redirect") && https, https)
}

/// Does the work, and looks at every second of it whether requests are answered.
async fn watched<T>(aws: &Inside, config: &Json, work: impl Future<Output = T>) -> T {
    let (mut work, mut seconds) = (std::pin::pin!(work), 0);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                seconds += 1;
                assert!(served(aws).0, "second {seconds} of the way to {config}");
            }
        }
    }
}

#[test]
fn https_comes_and_goes_without_a_moment_in_which_a_request_fails() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let zone = zone(&aws, "example.com");
        let mut core = Core::new(&aws, None);
        reach(&mut core, &config(json!({}))).await;
        let url = told(&core, "url");
        assert!(url.starts_with("http://web-"), "{url}");
        let domain = json!({ "name": "www.example.com", "zone_id": zone });
        let steps = [
            json!({ "domain": domain }),
            json!({ "domain": domain, "https": { "redirect_http": false } }),
            json!({ "domain": domain }),
            json!({}),
        ];
        for with in steps {
            let config = config(with.clone());
            let said = watched(&aws, &config, core.apply(&config)).await;
            assert!(said.errors().is_empty(), "{config}: {:#?}", said.errors());
            assert_eq!(served(&aws), (true, with["domain"].is_object()), "{config}");
            assert_eq!(core.open(&config).await, Vec::<String>::new());
            let wanted = if with["domain"].is_object() { "https://www.example.com" } else { &url };
            assert_eq!(told(&core, "url"), wanted);
        }
        assert_eq!(records(&aws), Vec::<String>::new());
        assert!(core.destroy().await.errors().is_empty());
    });
}

#[test]
fn a_domain_is_proven_found_and_forgotten_again() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        // The plan finds the zone with the longest name.
        let (outer, inner) = (zone(&aws, "example.com"), zone(&aws, "shop.example.com"));
        let mut core = Core::new(&aws, None);
        let names = |names: &[&str]| json!({ "name": "www.shop.example.com", "additional_names": names });
        reach(&mut core, &config(json!({ "domain": names(&["shop.example.com"]) }))).await;
        let all = records(&aws);
        assert_eq!(all.len(), 4, "{all:#?}");
        assert!(all.iter().all(|record| record.contains(" in shop.example.com.")), "{outer} {inner} {all:#?}");
        // A name comes, a name goes: another certificate; the record that both have stays.
        reach(&mut core, &config(json!({ "domain": names(&["*.shop.example.com"]) }))).await;
        let all = records(&aws);
        assert!(all.iter().any(|record| record.starts_with("\\052.shop.example.com. A")), "{all:#?}");
        assert!(!all.iter().any(|record| record.starts_with("shop.example.com. A")), "{all:#?}");
        let certificates = observe::standing(&aws.world()).into_iter().filter(|one| one.kind == "acm certificate");
        assert_eq!(certificates.count(), 1);
        // The load balancer is another: the names follow it.
        let internal = config(json!({
            "domain": names(&["*.shop.example.com"]), "load_balancer": { "internal": true }
        }));
        reach(&mut core, &internal).await;
        let balancer = told(&core, "load_balancer_arn");
        assert_eq!(records(&aws).iter().filter(|record| record.contains(&balancer)).count(), 2, "{:#?}", records(&aws));
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(records(&aws), Vec::<String>::new());
    });
}

#[test]
fn a_domain_that_cannot_be_is_refused_by_the_plan_at_its_attribute() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let zone = zone(&aws, "example.com");
        for (domain, attribute, why) in [
            (json!({ "name": "www.example.org" }), "domain.name", "No public hosted zone"),
            (json!({ "name": "www.example.org", "zone_id": zone }), "domain.name", "is not in the hosted zone"),
            (json!({ "name": "www.example.com", "zone_id": "ZNOWHERE" }), "domain.zone_id", "There is no hosted zone"),
            (
                json!({ "name": "www.example.com", "additional_names": ["a.example.org"] }),
                "domain.additional_names",
                "is not in the hosted zone",
            ),
        ] {
            let said = Core::new(&aws, None).apply(&config(json!({ "domain": domain }))).await;
            let told = one_error(&said);
            assert!(told.contains(why) && said.errors()[0].summary.contains(attribute), "{told}");
        }
    });
}

#[test]
fn a_record_in_the_way_is_named_and_left_alone() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let zone = zone(&aws, "example.com");
        let theirs = json!({
            "Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{ "Value": "192.0.2.1" }],
        });
        let change = |action: &str| {
            let batch = json!({ "Changes": [{ "Action": action, "ResourceRecordSet": theirs }] });
            ask(&aws, "route53", "ChangeResourceRecordSets", json!({ "HostedZoneId": zone, "ChangeBatch": batch }))
        };
        change("CREATE");
        let config = config(json!({ "domain": { "name": "www.example.com" } }));
        let mut core = Core::new(&aws, None);
        let told = one_error(&core.apply(&config).await);
        assert!(told.contains("www.example.com A = 192.0.2.1"), "{told}");
        assert!(records(&aws).iter().any(|record| record.contains("192.0.2.1")));
        // The creation goes on once it is gone.
        change("DELETE");
        reach(&mut core, &config).await;
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(records(&aws), Vec::<String>::new());
    });
}

#[test]
fn a_proof_that_another_certificate_needs_stays_and_one_that_stood_before_too() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        zone(&aws, "example.com");
        let domain = config(json!({ "domain": { "name": "www.example.com" } }));
        let mut core = Core::new(&aws, None);
        reach(&mut core, &domain).await;
        let request = json!({ "DomainName": "www.example.com", "ValidationMethod": "DNS" });
        let other = ask(&aws, "acm", "RequestCertificate", request)["CertificateArn"].take();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert!(core.destroy().await.errors().is_empty());
        let left = records(&aws);
        assert_eq!(left.len(), 1, "{left:#?}");
        assert!(left[0].contains("CNAME"), "{left:#?}");

        // The next service finds it there, and being the last to need it, takes it away.
        let mut next = Core::new(&aws, None);
        reach(&mut next, &domain).await;
        ask(&aws, "acm", "DeleteCertificate", json!({ "CertificateArn": other }));
        assert!(next.destroy().await.errors().is_empty());
        assert_eq!(records(&aws), Vec::<String>::new());
    });
}

#[test]
fn a_certificate_that_acm_refuses_says_why_and_the_creation_can_go_on() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        zone(&aws, "example.com");
        let mut core = Core::new(&aws, None);
        let said = core.apply(&config(json!({ "domain": { "name": "caa-forbids.example.com" } }))).await;
        let told = one_error(&said);
        assert!(told.contains("FAILED (CAA_ERROR)"), "{told}");
        reach(&mut core, &config(json!({ "domain": { "name": "www.example.com" } }))).await;
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(records(&aws), Vec::<String>::new());
    });
}

/// Its records stand, so nothing of the proof is left to do but to wait.
#[test]
fn a_proof_that_acm_has_yet_to_find_is_waited_for_by_the_apply_that_goes_on() {
    on_paused_clock(9, async {
        let aws = Inside::new(9);
        zone(&aws, "example.com");
        let config = config(json!({ "domain": { "name": "app.example.com" }, "network": { "egress": "public" } }));
        let mut killed = Core::new(&aws, None);
        let done = tokio::time::timeout(Duration::from_secs(40), killed.apply(&config)).await;
        assert!(done.is_err() && records(&aws).iter().any(|one| one.contains("CNAME")), "its records must stand");
        let mut core = Core::new(&aws, None);
        reach(&mut core, &config).await;
        assert!(core.destroy().await.errors().is_empty());
    });
}

#[test]
fn a_listener_is_not_deleted_under_the_rules_of_others() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        let plain = config(json!({}));
        reach(&mut core, &plain).await;
        let listener = told(&core, "listener_arn");
        let fixed = json!({ "StatusCode": "503", "ContentType": "text/plain" });
        let rule = json!({
            "ListenerArn": listener, "Priority": 7,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/api/*"] }],
            "Actions": [{ "Type": "fixed-response", "FixedResponseConfig": fixed }],
            "Tags": [{ "Key": "fargate:stack", "Value": "123456789012/eu-west-3/api" }],
        });
        let rule = ask(&aws, "elasticloadbalancing", "CreateRule", rule)["Rules"][0]["RuleArn"].take();
        // No drift, and no matter to a change in place.
        assert_eq!(core.open(&plain).await, Vec::<String>::new());
        reach(&mut core, &config(json!({ "load_balancer": { "idle_timeout": 99 } }))).await;
        let before = observe::standing(&aws.world()).len();
        let internal = config(json!({ "load_balancer": { "internal": true } }));
        for said in [core.apply(&internal).await, core.destroy().await] {
            let told = one_error(&said);
            assert!(
                told.contains("Others still use the listener") && told.contains("123456789012/eu-west-3/api"),
                "{told}"
            );
            assert_eq!(observe::standing(&aws.world()).len(), before);
        }
        ask(&aws, "elasticloadbalancing", "DeleteRule", json!({ "RuleArn": rule }));
        assert!(core.destroy().await.errors().is_empty());
        assert_eq!(observe::is_empty(&aws.world()), Vec::<String>::new());
    });
}

#[test]
fn certificates_that_others_attach_are_left_alone_and_keep_the_listener() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let around = Surroundings::make(&mut aws.world());
        let mut core = Core::new(&aws, None);
        let https = |further: Json| {
            let arn = around.id("certificate_arn");
            config(json!({ "https": { "certificate_arn": arn, "additional_certificate_arns": further } }))
        };
        let (ours, theirs) = (around.id("other_certificate_arn"), around.id("third_certificate_arn"));
        reach(&mut core, &https(json!([ours]))).await;
        let listener = told(&core, "listener_arn");
        let attached = json!({ "ListenerArn": listener, "Certificates": [{ "CertificateArn": theirs }] });
        ask(&aws, "elasticloadbalancing", "AddListenerCertificates", attached.clone());
        assert_eq!(core.open(&https(json!([ours]))).await, Vec::<String>::new(), "it is no drift");
        reach(&mut core, &https(json!([]))).await;
        let left =
            ask(&aws, "elasticloadbalancing", "DescribeListenerCertificates", json!({ "ListenerArn": listener }));
        let left = left["Certificates"].to_string();
        assert!(left.contains(theirs) && !left.contains(ours), "{left}");
        let said = one_error(&core.destroy().await);
        assert!(said.contains("Others still use the listener") && said.contains(theirs), "{said}");
        ask(&aws, "elasticloadbalancing", "RemoveListenerCertificates", attached);
        assert!(core.destroy().await.errors().is_empty());
    });
}
