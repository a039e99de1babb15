//! Whole lives of a service within this process, each a pure function of its seed, in bad weather: reads lag, calls are
//! throttled, faults strike. Every life must end with an empty world.
//!
//! `FARGATE_LIVES` says how many (500 by default; `make lives` lives ten thousand), `FARGATE_SEED` where to begin. A single
//! life prints its log: `FARGATE_LIVES=1 FARGATE_SEED=17 cargo test --test aws lives:: -- --nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use terraform_provider_fargate::simulator::weather::Climate;

use crate::inside::life::{Life, live, survive};

/// Worse than AWS on any day.
const CLIMATE: Climate = Climate { stale: 0.05, lag: 5.0, throttling: true, faults: 0.004 };

/// Every kind of fault and inconsistency must have struck.
const KINDS: &[&str] = &[
    "access_denied",
    "delay",
    "flapping",
    "internal",
    "lagging_tags",
    "list_omits_newest",
    "load_balancer_fails",
    "load_balancer_impaired",
    "nat_fails",
    "not_yet",
    "quota",
    "reply_lost",
    "reset_before",
    "stale_read",
    "throttle",
    "throttled",
    "unavailable",
    "zone_down",
];

pub fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text:?}")))
}

/// What many lives came to.
#[derive(Default)]
struct Tally {
    lives: usize,
    logs: BTreeSet<Vec<u8>>,
    calls: usize,
    lasted: Duration,
    repeated: usize,
    strikes: BTreeMap<String, u64>,
    broken: Vec<String>,
}

impl Tally {
    fn add(&mut self, life: Life) {
        self.lives += 1;
        self.logs.insert(Sha256::digest(&life.log).to_vec());
        self.calls += life.calls;
        self.lasted += life.lasted;
        self.repeated += life.repeated;
        for (kind, count) in life.strikes {
            *self.strikes.entry(kind).or_default() += count;
        }
        if let Some(why) = life.broken {
            // At once: a long run may be ended before its end.
            eprintln!("seed {}: {why}", life.seed);
            self.broken.push(format!("seed {}: {why}", life.seed));
        }
    }
}

#[test]
fn every_life_ends_with_an_empty_world() {
    let (lives, first) = (number("FARGATE_LIVES", 500), number("FARGATE_SEED", 0));
    if lives == 1 {
        let life = live(first, &CLIMATE);
        eprintln!("{}", life.log);
        assert_eq!(life.broken, None);
        return;
    }
    let (begun, next, tally) = (Instant::now(), AtomicU64::new(first), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + lives {
                        return;
                    }
                    let life = survive(seed, &CLIMATE);
                    let mut tally = tally.lock().expect("no panic while adding");
                    tally.add(life);
                    if tally.lives.is_multiple_of(1000) {
                        eprintln!("{} lives, {} broken so far", tally.lives, tally.broken.len());
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().expect("no panic while adding");
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!(
        "{} lives, {} distinct event logs, {} calls, {} applies repeated, {:.0} h of AWS's time; {:.1} lives/s on {threads} threads",
        tally.lives,
        tally.logs.len(),
        tally.calls,
        tally.repeated,
        tally.lasted.as_secs_f64() / 3600.0,
        tally.lives as f64 / seconds,
    );
    for (kind, count) in &tally.strikes {
        eprintln!("{count:>10}  {kind}");
    }
    assert!(tally.broken.is_empty(), "{} broken: {}", tally.broken.len(), tally.broken.join("\n"));
    for kind in KINDS {
        assert!(tally.strikes.contains_key(*kind), "{kind} never struck: {:?}", tally.strikes);
    }
}

#[test]
fn the_same_seed_gives_the_same_log_byte_for_byte() {
    let (one, same, other) = (live(1, &CLIMATE), live(1, &CLIMATE), live(2, &CLIMATE));
    assert!(one.log.lines().count() > 300);
    assert_eq!(one.log, same.log);
    assert_ne!(one.log, other.log);
}
