//! kill -9, from outside: of the provider, and of Terraform itself, in the middle of a create, an update or a destroy, with the
//! real terraform on the simulated AWS. No process stays behind, the next apply converges, destroy leaves nothing.
//!
//! What dies when is drawn from a seed. `make test` samples ten moments, `make kills` two hundred (`FARGATE_KILLS`,
//! `FARGATE_SEED`). Every single moment, in process, is the crash bench's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;

use crate::deadline::until;
use crate::rehearsal::{Rehearsal, quick};
use crate::stack::Stack;
use crate::terraform::Terraform;

const LONG: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Provider,
    Terraform,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Create,
    Update,
    Destroy,
}

/// Who dies, at what, at which of its changing calls.
#[derive(Clone, Copy, Debug)]
struct Death {
    victim: Victim,
    work: Work,
    call: usize,
}

impl Death {
    fn drawn(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let victim = if seed.is_multiple_of(2) { Victim::Provider } else { Victim::Terraform };
        let work = [Work::Create, Work::Create, Work::Update, Work::Destroy][random.usize(..4)];
        let most = match work {
            Work::Create => 45,
            Work::Update => 12,
            Work::Destroy => 25,
        };
        Self { victim, work, call: random.usize(1..=most) }
    }
}

fn goal(work: Work) -> Stack {
    let stack = quick("killed");
    match work {
        Work::Create | Work::Destroy => stack,
        Work::Update => {
            let zones = "{ egress = \"public\", availability_zone_count = 3 }";
            stack.with("image", "\"nginx:1.28\"").with("network", zones).with("logs", "{ retention_in_days = 7 }")
        }
    }
}

/// Kills once so many calls have changed something, unless all is done before. Tells whether it was in time.
fn kill(aws: &Rehearsal, terraform: &Terraform, death: Death) -> bool {
    let begun = aws.changes();
    let command = if death.work == Work::Destroy { "destroy" } else { "apply" };
    let mut running = terraform.start(&[command, "-auto-approve", "-input=false", "-no-color"]);
    let in_time = until("a moment to kill", LONG, || {
        let ended = running.has_ended();
        (ended || aws.changes() >= begun + death.call).then_some(!ended)
    });
    match death.victim {
        Victim::Provider => drop(terraform.kill_providers()),
        Victim::Terraform => running.kill(),
    }
    running.end();
    until("the provider to notice, and to end", LONG, || terraform.providers().is_empty().then_some(()));
    in_time
}

/// Tells whether the kill was in time.
fn die(death: Death) -> bool {
    let aws = Rehearsal::start();
    let terraform = aws.terraform(&quick("killed").hcl());
    if death.work != Work::Create {
        terraform.apply().ok();
    }
    terraform.write("main.tf", &goal(death.work).hcl());
    let in_time = kill(&aws, &terraform, death);
    eprintln!("{death:?}: {}", if in_time { "killed" } else { "it was done before" });
    if death.work == Work::Destroy {
        terraform.destroy().ok();
        aws.is_empty();
        return in_time;
    }
    let said = terraform.apply();
    if said.code != 0 {
        // All stood, and nobody was left to write it down: the error prints how to have it back.
        assert!(said.said.contains("It is complete") && terraform.attributes().is_null(), "{death:?}: {}", said.said);
        let id = said.said.lines().find_map(|line| line.split_once("id = \"")).expect("an import block");
        let id = id.1.split('"').next().unwrap_or_default();
        terraform.run(&["import", "-no-color", "fargate_web_service.app", id]).ok();
        terraform.apply().ok();
    }
    terraform.plan().empty();
    aws.has_no_twins();
    assert_eq!(aws.ids("ec2 vpc").len(), 1, "{death:?}");
    terraform.destroy().ok();
    aws.is_empty();
    in_time
}

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn kill_minus_nine_of_provider_or_terraform_loses_nothing() {
    let (count, seed) = (number("FARGATE_KILLS", 10), number("FARGATE_SEED", 1));
    let deaths: Vec<Death> = (seed..seed + count).map(Death::drawn).collect();
    let (next, in_time) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(death) = deaths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    in_time.fetch_add(usize::from(die(*death)), Ordering::Relaxed);
                }
            });
        }
    });
    let in_time = in_time.into_inner();
    eprintln!("{in_time} of {count} killed in the midst");
    assert!(in_time * 2 > deaths.len(), "of {count} only {in_time} were killed in the midst");
}
