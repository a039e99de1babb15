//! The bench: whatever happens at whatever moment, the next apply converges on the world of an undisturbed run, nothing is
//! there twice, nothing is left in the end, nobody else's object is touched, every error tells what is wrong.
//!
//! Each class of misfortune has a file here, and prints a line: how many points were tried, how many converged, how many of
//! them by the import that an error printed. `make test` tries a part of them, `make bench` all (`FARGATE_BENCH=all`).

mod crashes;
mod failures;
mod faults;
mod handed_over;
mod inconsistency;
mod interrupted;
mod lost_state;
mod safeguards;
mod schedules;
mod strangers;
mod two_at_once;

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::inside::user::End;

/// Whether every point is tried.
fn all() -> bool {
    std::env::var("FARGATE_BENCH").as_deref() == Ok("all")
}

/// Every point, or every n-th of them: each time others, over the works.
fn some<P>(points: Vec<P>, nth: usize) -> Vec<P> {
    let chosen = |at: usize| all() || at.is_multiple_of(nth);
    points.into_iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, point)| point).collect()
}

/// Tries every point, on all cores; prints what became of them, and fails if one is broken.
fn everywhere<P: Debug + Sync>(class: &str, points: &[P], run: impl Fn(&P) -> Result<End, String> + Sync) {
    let tally = tried(points, run);
    eprintln!("{class:42} {tally}");
    assert!(!points.is_empty(), "{class}: no points");
    assert!(tally.broken.is_empty(), "{class}: {} broken:\n{}", tally.broken.len(), tally.broken.join("\n"));
}

/// What became of many points.
#[derive(Debug, Default)]
struct Tally {
    points: usize,
    converged: usize,
    imported: usize,
    unharmed: usize,
    broken: Vec<String>,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { points, converged, imported, unharmed, broken } = self;
        let broken = broken.len();
        write!(out, "{points:>7} points {converged:>7} converged {imported:>5} by import {broken:>3} broken")?;
        if *unharmed > 0 { write!(out, " {unharmed:>5} not met") } else { Ok(()) }
    }
}

fn tried<P: Debug + Sync>(points: &[P], run: impl Fn(&P) -> Result<End, String> + Sync) -> Tally {
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = catch_unwind(AssertUnwindSafe(|| run(point))).unwrap_or_else(|panic| Err(told(&panic)));
                    let mut tally = tally.lock().expect("no panic while counting");
                    tally.points += 1;
                    match end {
                        Ok(End::Converged) => tally.converged += 1,
                        Ok(End::Imported) => tally.imported += 1,
                        Ok(End::Unharmed) => tally.unharmed += 1,
                        Err(why) => tally.broken.push(format!("{point:?}: {why}")),
                    }
                }
            });
        }
    });
    tally.into_inner().expect("no panic while counting")
}

fn told(panic: &Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or_default())
}
