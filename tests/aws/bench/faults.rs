//! F2. Each mutating call struck once by a fault: throttled (once, and thirty times), refused with 500 and 503, its connection
//! reset, its answer lost after the effect; and each action that only looks. Everything goes through in one go.
//!
//! `make test` strikes every call of create and destroy with one of the faults in turn, and some of the others; each
//! create that AWS would carry out twice loses its answer.

use terraform_provider_fargate::aws::retry::MAKES_TWO;
use terraform_provider_fargate::simulator::weather::{Fault, Order};

use super::{all, everywhere, some};
use crate::inside::crash::struck;
use crate::inside::work::{self, Work};

const FAULTS: [(u64, Fault); 6] = [
    (1, Fault::Throttle),
    (1, Fault::Internal),
    (1, Fault::ReplyLost),
    (1, Fault::Unavailable),
    (1, Fault::ResetBefore),
    (30, Fault::Throttle),
];

/// Every call with every fault, as an order.
fn points(work: &Work) -> Vec<Order> {
    let order = |call: usize, (times, fault): &(u64, Fault)| Order {
        after: call as u64,
        times: *times,
        ..Order::new("mutating", fault.clone())
    };
    (0..work.calls()).flat_map(|call| FAULTS.iter().map(move |fault| order(call, fault))).collect()
}

fn strike_everywhere(work: &Work) {
    let undisturbed = work.undisturbed();
    let chosen = |(at, order): &(usize, Order)| {
        let (call, fault) = (at / FAULTS.len(), at % FAULTS.len());
        // Where an answer that is lost is worst.
        let twice = MAKES_TWO.contains(&undisturbed.calls[call].as_str()) && order.fault == Fault::ReplyLost;
        all() || twice || fault == call % FAULTS.len()
    };
    let points: Vec<_> = points(work).into_iter().enumerate().filter(chosen).collect();
    everywhere(&format!("F2 {}", work.name), &points, |(_, order)| struck(work, vec![order.clone()]));
}

#[test]
fn a_create_goes_through() {
    strike_everywhere(&work::create());
}

#[test]
fn a_destroy_goes_through() {
    strike_everywhere(&work::destroy());
}

#[test]
fn a_guests_create_goes_through() {
    strike_everywhere(&work::create_guest());
}

#[test]
fn a_guests_destroy_goes_through() {
    strike_everywhere(&work::destroy_guest());
}

#[test]
fn an_update_goes_through() {
    let of_all = work::updates().into_iter().flat_map(|work| {
        let of_one = points(&work).into_iter();
        of_one.map(move |order| (work.clone(), order))
    });
    let points = some(of_all.collect(), 83);
    everywhere("F2 updates", &points, |(work, order)| struck(work, vec![order.clone()]));
}

/// The first, and a later one, of each action that only looks.
#[test]
fn a_look_that_is_struck_is_taken_again() {
    let works = [work::create(), work::destroy(), work::create_guest(), work::destroy_guest()];
    let points = works.iter().flat_map(|work| {
        let undisturbed = work.undisturbed();
        let orders = undisturbed.looks.iter().flat_map(|action| {
            let order = |after: u64, (times, fault): &(u64, Fault)| Order {
                after,
                times: *times,
                ..Order::new(action, fault.clone())
            };
            [0, 3].map(|after| FAULTS.iter().map(move |fault| order(after, fault)).collect::<Vec<_>>()).concat()
        });
        orders.map(|order| (work, order)).collect::<Vec<_>>()
    });
    let points = some(points.collect(), 31);
    everywhere("F2 looks", &points, |(work, order)| struck(work, vec![order.clone()]));
}
