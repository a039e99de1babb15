//! Whoever calls the service, and whatever its tasks call, is never cut off: an observer looks at every second of a change.
//!
//! It must always see a task that gets requests and passes its checks, every listener that has once answered answering while
//! it stands, and for each task that runs a way out (but for egress `none`, which is to have none). The same holds through the
//! outage of a zone, in the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::future::Future;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::ask::Ask;
use terraform_provider_fargate::simulator::observe::{self, Serving};
use terraform_provider_fargate::simulator::outage;

use crate::inside::core::Core;
use crate::inside::{Inside, on_paused_clock};
use crate::surroundings::{self, Surroundings};

/// How long the observer goes on after the change: what drains, and what comes back by itself.
const AFTERWARDS: Duration = Duration::from_secs(180);

/// A task that may be without a way out.
type Spared<'a> = &'a dyn Fn(&Serving) -> bool;

/// What an observer has seen.
#[derive(Default)]
struct Seen {
    seconds: usize,
    /// Seconds without anybody to answer.
    silent: Vec<u64>,
    /// Tasks that ran without a way out, and since when.
    cut_off: Vec<(u64, Serving)>,
    /// Listeners that have answered, and when they didn't although they had before.
    doors: BTreeMap<(String, i64), Vec<u64>>,
    tasks: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, aws: &Inside, spared: Spared<'_>) {
        let world = aws.world();
        let (now, serving) = (world.now().as_secs(), observe::serving(&world));
        self.seconds += 1;
        if !serving.iter().any(|task| task.healthy) {
            self.silent.push(now);
        }
        for door in observe::doors(&world) {
            let key = (door.balancer, door.port);
            match (door.answers, self.doors.get_mut(&key)) {
                (true, None) => drop(self.doors.insert(key, Vec::new())),
                (false, Some(shut)) => shut.push(now),
                _ => {}
            }
        }
        for task in serving {
            self.tasks.insert(task.task.clone());
            let known = self.cut_off.iter().any(|(_, before)| before.task == task.task);
            if !task.way_out && !known && !spared(&task) {
                self.cut_off.push((now, task));
            }
        }
    }

    /// Forgets the load balancers that have gone: who goes lets the last requests out, and takes no new ones.
    fn end(&mut self, aws: &Inside) {
        let left: BTreeSet<String> = observe::doors(&aws.world()).into_iter().map(|door| door.balancer).collect();
        self.doors.retain(|(balancer, _), _| left.contains(balancer));
    }

    /// What was wrong; nothing if all was well.
    fn told(&self) -> String {
        let mut told = String::new();
        if let (Some(first), count) = (self.silent.first(), self.silent.len()) {
            let _ = write!(told, "nobody answered for {count} of {} seconds, first at {first}; ", self.seconds);
        }
        for ((_, port), shut) in self.doors.iter().filter(|(_, shut)| !shut.is_empty()) {
            let _ = write!(told, "port {port} was shut for {} seconds, first at {}; ", shut.len(), shut[0]);
        }
        for (at, task) in &self.cut_off {
            let _ = write!(told, "at {at} task {} in {} ran without a way out; ", task.task, task.zone);
        }
        told
    }
}

/// Does the work, and looks at every second of it and of the time after it.
async fn watched<T>(aws: &Inside, spared: Spared<'_>, work: impl Future<Output = T>) -> (T, Seen) {
    let mut seen = Seen::default();
    let mut work = std::pin::pin!(async {
        let done = work.await;
        tokio::time::sleep(AFTERWARDS).await;
        done
    });
    loop {
        seen.look(aws, spared);
        tokio::select! {
            biased;
            done = &mut work => {
                seen.end(aws);
                return (done, seen);
            }
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

fn config(with: &Json) -> Json {
    let mut config = json!({ "name": "steady", "image": "nginx:1.27" });
    for (name, value) in with.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

/// Applies one configuration after the other; every change but the first creation is watched.
fn moves(steps: &[Json]) -> Result<usize, String> {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let around = match steps.iter().any(|step| step.to_string().contains("${")) {
            true => Surroundings::make(&mut aws.world()),
            false => Surroundings::none(),
        };
        tokio::time::sleep(Duration::from_secs(surroundings::SECONDS)).await;
        let mut core = Core::new(&aws, None);
        let mut seconds = 0;
        for (step, with) in steps.iter().enumerate() {
            let config = around.fill(&config(with));
            let began: BTreeSet<String> = observe::serving(&aws.world()).into_iter().map(|task| task.task).collect();
            let none = |step: Option<&Json>| step.is_some_and(|step| step["network"]["egress"] == "none");
            let (was_none, is_none) = (none(step.checked_sub(1).map(|before| &steps[before])), none(Some(with)));
            // Tasks that began without a way out, and those that are to have none.
            let spared = |task: &Serving| is_none || was_none && began.contains(&task.task);
            let (said, seen) = watched(&aws, &spared, core.apply(&config)).await;
            if !said.errors().is_empty() {
                return Err(format!("{config}: {:#?}", said.errors()));
            }
            if step > 0 && !seen.told().is_empty() {
                return Err(format!("{} -> {with}: {}", steps[step - 1], seen.told()));
            }
            seconds += if step > 0 { seen.seconds } else { 0 };
            let open = core.open(&config).await;
            if !open.is_empty() {
                return Err(format!("after {config} the plan is {open:?}"));
            }
        }
        Ok(seconds)
    })
}

/// All of these, on as many threads as there are processors.
#[track_caller]
fn all_unbroken(all: &[Vec<Json>]) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let ends = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(steps) = all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let end = moves(steps);
                    ends.lock().expect("no panic").push(end);
                }
            });
        }
    });
    let ends = ends.into_inner().expect("no panic");
    assert_eq!(ends.len(), all.len(), "one of them panicked");
    let broken: Vec<_> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
    let seconds: usize = ends.iter().filter_map(|end| end.as_ref().ok()).sum();
    eprintln!("{} changes watched for {seconds} seconds", all.iter().map(|steps| steps.len() - 1).sum::<usize>());
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(seconds > 120 * all.len(), "{seconds} seconds are no observation");
}

/// An observer that never sees anything proves nothing.
#[test]
fn the_observer_sees_who_is_cut_off_and_when_nobody_answers() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        let said = core.apply(&config(&json!({}))).await;
        assert!(said.errors().is_empty(), "{said:?}");
        let ask = |service: &str, action: &str, asked: Json| {
            aws.world().call(service, action, &Ask(asked)).expect("the simulated AWS does it")
        };
        let sabotage = async {
            let tables = ask("ec2", "DescribeRouteTables", json!({}))["routeTableSet"].take();
            let leads = |table: &&Json| table["routeSet"].to_string().contains("natGatewayId");
            let table = tables.as_array().into_iter().flatten().find(leads).expect("a route to a NAT gateway");
            let route = json!({ "RouteTableId": table["routeTableId"], "DestinationCidrBlock": "0.0.0.0/0" });
            ask("ec2", "DeleteRoute", route);
            tokio::time::sleep(Duration::from_secs(10)).await;
            let services = observe::standing(&aws.world());
            let service = services.iter().find(|one| one.kind == "ecs service").expect("a service");
            let cluster = service.id.split('/').nth(1);
            ask("ecs", "UpdateService", json!({ "cluster": cluster, "service": service.id, "desiredCount": 0 }));
        };
        let ((), seen) = watched(&aws, &|_| false, sabotage).await;
        assert_eq!(seen.cut_off.len(), 1, "{}", seen.told());
        assert!(!seen.silent.is_empty(), "{}", seen.told());
    });
}

const EGRESS: &[&str] = &["nat_per_az", "nat_single", "public"];

#[test]
fn egress_moves_between_any_two_modes() {
    let network = |egress: &str| json!({ "network": { "egress": egress } });
    let pairs = EGRESS.iter().flat_map(|from| EGRESS.iter().map(move |to| (from, to)));
    let moves: Vec<_> =
        pairs.filter(|(from, to)| from != to).map(|(from, to)| vec![network(from), network(to)]).collect();
    all_unbroken(&moves);
}

/// Tasks that are to have no way out keep running, and so do those that are given one again.
#[test]
fn a_way_out_is_taken_away_and_given_back() {
    let network = |egress: &str| json!({ "network": { "egress": egress } });
    let moves = EGRESS.iter().map(|other| vec![network("nat_per_az"), network("none"), network(other)]);
    all_unbroken(&moves.collect::<Vec<_>>());
}

#[test]
fn zones_come_and_go() {
    let zones = |count: u32| json!({ "network": { "availability_zone_count": count } });
    let single = |count: u32| json!({ "network": { "availability_zone_count": count, "egress": "nat_single" } });
    let named = |zones: &[&str]| json!({ "network": { "availability_zones": zones, "egress": "nat_single" } });
    all_unbroken(&[
        vec![zones(2), zones(3), zones(2)],
        vec![single(2), single(3), single(2)],
        // The zone with the only NAT gateway goes.
        vec![named(&["eu-west-3a", "eu-west-3b"]), named(&["eu-west-3b", "eu-west-3c"])],
    ]);
}

#[test]
fn a_rollout_and_a_move_to_another_load_balancer_serve_throughout() {
    let balancer = |internal: bool| json!({ "load_balancer": { "internal": internal } });
    all_unbroken(&[
        vec![json!({}), json!({ "image": "nginx:1.28" })],
        vec![json!({}), json!({ "port": 8080 })],
        vec![balancer(false), balancer(true), balancer(false)],
    ]);
}

#[test]
fn a_service_moves_between_its_own_load_balancer_and_shared_ones() {
    let on = |balancer: Json| {
        let subnets = |kind: &str| ["a", "b"].map(|zone| format!("${{{kind}_subnet_{zone}}}"));
        let (public, private) = (subnets("public"), subnets("private"));
        let network = json!({ "vpc_id": "${vpc_id}", "public_subnet_ids": public, "private_subnet_ids": private });
        json!({ "network": network, "load_balancer": balancer })
    };
    let shared = |which: &str| on(json!({ "arn": format!("${{{which}}}"), "path_patterns": ["/api/*"] }));
    let listener = |which: &str| on(json!({ "listener_arn": format!("${{{which}}}"), "path_patterns": ["/api/*"] }));
    all_unbroken(&[
        vec![on(json!({})), shared("load_balancer_arn"), on(json!({}))],
        vec![shared("load_balancer_arn"), shared("other_load_balancer_arn")],
        vec![listener("https_listener_arn"), listener("http_listener_arn"), listener("other_http_listener_arn")],
    ]);
}

#[test]
fn https_comes_and_goes_and_its_certificates_change() {
    let given = |certificate: &str, redirect: bool| json!({ "https": { "certificate_arn": format!("${{{certificate}}}"), "redirect_http": redirect } });
    let named = |name: &str| json!({ "domain": { "name": name, "zone_id": "${zone_id}" } });
    all_unbroken(&[
        vec![json!({}), given("certificate_arn", true), json!({})],
        vec![
            given("certificate_arn", true),
            given("other_certificate_arn", true),
            given("other_certificate_arn", false),
        ],
        vec![json!({}), named("www.example.com"), named("app.example.com"), given("certificate_arn", true)],
    ]);
}

#[test]
fn on_demand_and_spot_change_places_in_a_rollout() {
    let shares = |fargate: u32, spot: u32| {
        let capacity = json!({ "fargate": { "weight": fargate }, "fargate_spot": { "weight": spot } });
        json!({ "desired_count": 4, "capacity": capacity })
    };
    let plain = json!({ "desired_count": 4 });
    all_unbroken(&[
        vec![plain.clone(), shares(1, 1), plain],
        vec![shares(1, 0), shares(0, 1), shares(1, 3)],
        // Bounds as tight as they can be.
        vec![
            json!({ "desired_count": 4, "deployment": { "minimum_healthy_percent": 50, "maximum_percent": 100 } }),
            json!({ "desired_count": 4, "image": "nginx:1.28",
                "deployment": { "minimum_healthy_percent": 50, "maximum_percent": 100 } }),
        ],
    ]);
}

#[test]
fn a_zones_outage_leaves_the_others_serving_and_is_over_when_it_is_over() {
    on_paused_clock(1, async {
        let aws = Inside::new(1);
        let mut core = Core::new(&aws, None);
        let config = config(&json!({ "desired_count": 4, "network": { "egress": "nat_per_az" } }));
        let said = core.apply(&config).await;
        assert!(said.errors().is_empty(), "{said:?}");
        let whole = || {
            let serving = observe::serving(&aws.world());
            let mut zones: Vec<_> =
                serving.into_iter().filter(|task| task.healthy && task.way_out).map(|task| task.zone).collect();
            zones.sort();
            zones
        };
        tokio::time::sleep(AFTERWARDS).await;
        let before = whole();
        assert_eq!(before.len(), 4);
        for dark in ["eu-west-3a", "eu-west-3b"] {
            assert!(outage::zone_down(&mut aws.world(), dark, 900.0));
            let spared = |task: &Serving| task.zone == dark;
            let ((), seen) = watched(&aws, &spared, tokio::time::sleep(Duration::from_secs(900))).await;
            assert_eq!(seen.told(), "", "while {dark} is down");
            assert!(seen.tasks.len() > 4, "no task took over");
            // ECS spreads its tasks over the zones again in its own time.
            tokio::time::sleep(Duration::from_secs(3600)).await;
            assert_eq!(whole(), before, "after {dark} was down");
            assert_eq!(core.open(&config).await, Vec::<String>::new());
        }
    });
}
