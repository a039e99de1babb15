//! Route 53: hosted zones and their records, which take their time to be in sync.

use super::world::{Operation, World};

/// What happens by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {}

#[derive(Clone, Debug, Default)]
pub struct State {}

pub fn operation(_: &str) -> Option<Operation> {
    None
}

pub fn happen(_: &mut World, due: Due) {
    match due {}
}
