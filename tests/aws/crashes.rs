//! A provider that dies (kill -9, out of memory, a lost machine) at each of its mutating calls: before it is sent, after AWS
//! has carried it out, after its answer was read. The next apply converges; the world is that of an undisturbed run; nothing
//! exists twice; destroy leaves nothing.
//!
//! `make test` dies after the effect of every call of create, update and destroy; `make crashes` at all three moments.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::inside::crash::{End, Work, calls, crash, undisturbed};
use crate::inside::door::Moment;

fn moments() -> &'static [Moment] {
    match std::env::var("FARGATE_CRASHES").as_deref() {
        Ok("all") => &[Moment::Before, Moment::After, Moment::Replied],
        _ => &[Moment::After],
    }
}

fn die_everywhere(work: Work) {
    let (expected, calls) = (undisturbed(work), calls(work));
    assert!(calls > 20, "{work:?} has {calls} mutating calls");
    let points: Vec<_> = moments().iter().flat_map(|moment| (1..=calls).map(|call| (call, *moment))).collect();
    let (next, ends) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((call, moment)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = crash(work, *call, *moment, &expected);
                    ends.lock().expect("no panic").push((*call, *moment, end));
                }
            });
        }
    });
    let ends = ends.into_inner().expect("no panic");
    assert_eq!(ends.len(), points.len(), "a run panicked");
    let broken: Vec<_> = ends.iter().filter(|(.., end)| end.is_err()).collect();
    let imported = ends.iter().filter(|(.., end)| *end == Ok(End::Imported)).count();
    let converged = ends.iter().filter(|(.., end)| *end == Ok(End::Converged)).count();
    eprintln!("{work:?}: {} deaths at {calls} calls, {converged} converged, {imported} by import", ends.len());
    assert!(broken.is_empty(), "{} broken: {broken:#?}", broken.len());
    assert_eq!(converged + imported, points.len(), "a call was never made: {ends:?}");
}

#[test]
fn a_create_that_dies_is_gone_on_with() {
    die_everywhere(Work::Create);
}

#[test]
fn an_update_that_dies_is_gone_on_with() {
    die_everywhere(Work::Update);
}

#[test]
fn a_destroy_that_dies_is_gone_on_with() {
    die_everywhere(Work::Destroy);
}
