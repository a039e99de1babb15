//! F1. A provider that dies (kill -9, out of memory, a lost machine) at each of its mutating calls: before it is sent, after
//! AWS has carried it out, after its answer was read; and once more while it recovers.
//!
//! `make test` dies after the effect of every call of create and destroy, and of some of each update of the matrix.

use terraform_provider_fargate::aws::objects::KINDS;

use super::{all, everywhere, some};
use crate::inside::crash::crash;
use crate::inside::door::Moment;
use crate::inside::work::{self, Work};

const MOMENTS: [Moment; 3] = [Moment::Before, Moment::After, Moment::Replied];

/// Every mutating call of a work, at every moment.
fn points(work: &Work) -> Vec<(usize, Moment)> {
    let calls = work.calls();
    assert!(calls > 0, "{} changes nothing", work.name);
    MOMENTS.iter().flat_map(|moment| (1..=calls).map(|call| (call, *moment))).collect()
}

fn die_everywhere(work: &Work) {
    let mut points = points(work);
    points.retain(|(_, moment)| all() || *moment == Moment::After);
    everywhere(&format!("F1 {}", work.name), &points, |point| crash(work, *point, None));
}

#[test]
fn a_create_that_dies_is_gone_on_with() {
    die_everywhere(&work::create());
}

#[test]
fn a_destroy_that_dies_is_gone_on_with() {
    die_everywhere(&work::destroy());
}

#[test]
fn a_guests_create_that_dies_is_gone_on_with() {
    die_everywhere(&work::create_guest());
}

#[test]
fn a_guests_destroy_that_dies_is_gone_on_with() {
    die_everywhere(&work::destroy_guest());
}

/// What connects two things and carries no tags: with another of the two it is another object.
const UNCHANGING: [&str; 3] = ["certificate validation", "listener certificate", "route table association"];

/// The bench says nothing of a kind that no work makes, or changes where it stands, or deletes.
#[test]
fn every_kind_comes_and_changes_and_goes() {
    let works = [work::create(), work::destroy(), work::create_guest(), work::destroy_guest()];
    let all: Vec<_> = works.into_iter().chain(work::updates()).map(|work| work.undisturbed()).collect();
    let mut wrong = Vec::new();
    for kind in KINDS.iter().map(|kind| kind.name) {
        let [made, changed, deleted] = [
            all.iter().any(|one| one.made.contains(kind)),
            all.iter().any(|one| one.changed.contains(kind)),
            all.iter().any(|one| one.deleted.contains(kind)),
        ];
        if !made || !deleted || changed == UNCHANGING.contains(&kind) {
            wrong.push(format!("{kind}: made {made}, changed {changed}, deleted {deleted}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_update_that_dies_is_gone_on_with() {
    let of_all = work::updates().into_iter().flat_map(|work| {
        let of_one = points(&work).into_iter();
        of_one.map(move |point| (work.clone(), point))
    });
    let points = some(of_all.collect(), 40);
    everywhere("F1 updates", &points, |(work, point)| crash(work, *point, None));
}

/// Sampled: the second death strikes the n-th call of the recovery.
#[test]
fn a_recovery_that_dies_is_gone_on_with() {
    let works = [work::create(), work::updates().remove(0), work::destroy()];
    let of_all = works.into_iter().flat_map(|work| {
        let calls = work.calls();
        let pairs = (1..=calls).flat_map(move |first| [1, 2, 3, 5, 8, 13, 21].map(|second| (first, second)));
        pairs.map(move |pair| (work.clone(), pair)).collect::<Vec<_>>()
    });
    let points = some(of_all.collect(), 29);
    everywhere("F1 twice", &points, |(work, (first, second))| {
        let moment = |n: &usize| MOMENTS[n % MOMENTS.len()];
        crash(work, (*first, moment(first)), Some((*second, moment(second))))
    });
}
