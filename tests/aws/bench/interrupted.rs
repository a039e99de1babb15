//! F9. Ctrl-C at each mutating call: the provider comes back quickly, its state has everything that stands, and the next apply
//! goes on with that.

use super::{everywhere, some};
use crate::inside::crash::interrupted;
use crate::inside::work::{self, Work};

/// Every mutating call of these works, or every n-th.
fn points(works: Vec<Work>, nth: usize) -> Vec<(Work, usize)> {
    let of_work = |work: Work| (1..=work.calls()).map(move |call| (work.clone(), call));
    some(works.into_iter().flat_map(of_work).collect(), nth)
}

fn press_everywhere(class: &str, points: &[(Work, usize)]) {
    everywhere(class, points, |(work, call)| interrupted(work, *call));
}

#[test]
fn an_interrupted_create_is_recorded_and_gone_on_with() {
    press_everywhere("F9 create", &points(vec![work::create(), work::create_guest()], 5));
}

#[test]
fn an_interrupted_update_is_recorded_and_gone_on_with() {
    press_everywhere("F9 updates", &points(work::updates(), 41));
}

#[test]
fn an_interrupted_destroy_is_recorded_and_gone_on_with() {
    press_everywhere("F9 destroy", &points(vec![work::destroy(), work::destroy_guest()], 5));
}
