//! Random schedules: a work, one to three disturbances of any class, the user who tries again, destroy. Each is a pure function
//! of its seed.
//!
//! `FARGATE_SCHEDULES` says how many (500; `make schedules`: 100,000), `FARGATE_SEED` where to begin. A single one prints
//! itself and its log.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use terraform_provider_fargate::simulator::world::World;

use super::tried;
use crate::inside::schedule::Schedule;
use crate::lives::number;

#[test]
fn every_schedule_converges() {
    let (count, first) = (number("FARGATE_SCHEDULES", 500), number("FARGATE_SEED", 0));
    let seeds: Vec<u64> = (first..first + count).collect();
    let (begun, classes, lived) = (Instant::now(), Mutex::new(BTreeMap::new()), AtomicUsize::new(0));
    let tally = tried(&seeds, |seed| {
        let schedule = Schedule::draw(*seed);
        let tell = |world: &World| {
            if count == 1 {
                eprintln!("{schedule:#?}\n{}", world.lines().collect::<Vec<_>>().join("\n"));
            }
        };
        let end = schedule.run(tell).map_err(|why| format!("{schedule:?}: {why}"));
        if let Err(why) = &end {
            // At once: a long run may be ended before its end.
            eprintln!("seed {seed}: {why}");
        }
        let mut classes = classes.lock().expect("no panic while counting");
        *classes.entry(format!("work: {}", schedule.work.name)).or_insert(0) += 1;
        for disturbance in &schedule.disturbances {
            *classes.entry(disturbance.class().to_owned()).or_insert(0) += 1;
        }
        let lived = lived.fetch_add(1, Ordering::Relaxed) + 1;
        if lived.is_multiple_of(5000) {
            eprintln!("{lived} schedules, {:.1} a second", lived as f64 / begun.elapsed().as_secs_f64());
        }
        end
    });
    eprintln!("{:42} {tally}", "random schedules");
    eprintln!("{:.1} schedules a second", seeds.len() as f64 / begun.elapsed().as_secs_f64());
    for (class, points) in classes.into_inner().expect("no panic while counting") {
        eprintln!("{points:>10}  {class}");
    }
    assert!(tally.broken.is_empty(), "{} broken:\n{}", tally.broken.len(), tally.broken.join("\n"));
}
