//! Each mutating call of a create, an update and a destroy, struck once by a fault: throttled (once, and thirty times), refused
//! with 500 and 503, its connection reset, its answer lost after the effect. Everything goes through in one go; the world is
//! that of an undisturbed run; destroy leaves nothing.
//!
//! `make test` strikes every call with one of the faults in turn; `make faults` with each.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use terraform_provider_fargate::simulator::weather::{Fault, Order};

use crate::inside::crash::{Work, calls, struck, undisturbed};

fn faults() -> Vec<(&'static str, u64, Fault)> {
    vec![
        ("throttle", 1, Fault::Throttle),
        ("internal", 1, Fault::Internal),
        ("reply_lost", 1, Fault::ReplyLost),
        ("unavailable", 1, Fault::Unavailable),
        ("reset_before", 1, Fault::ResetBefore),
        ("throttle_burst", 30, Fault::Throttle),
    ]
}

fn strike_everywhere(work: Work) {
    let (expected, calls, kinds) = (undisturbed(work), calls(work), faults());
    let all = std::env::var("FARGATE_FAULTS").as_deref() == Ok("all");
    let of_call = |call: usize| kinds.iter().enumerate().filter(move |(at, _)| all || call % 6 == *at);
    let points: Vec<_> = (0..calls).flat_map(|call| of_call(call).map(move |(_, fault)| (call, fault))).collect();
    let (next, broken) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((call, (name, times, fault))) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let order = Order { after: *call as u64, times: *times, ..Order::new("mutating", fault.clone()) };
                    if let Err(why) = struck(work, order, &expected) {
                        broken.lock().expect("no panic").insert((*call, *name), why);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().expect("no panic");
    eprintln!("{work:?}: {} faults at {calls} calls, {} of them not in one go", points.len(), broken.len());
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_create_goes_through() {
    strike_everywhere(Work::Create);
}

#[test]
fn an_update_goes_through() {
    strike_everywhere(Work::Update);
}

#[test]
fn a_destroy_goes_through() {
    strike_everywhere(Work::Destroy);
}
