//! Service Quotas: how much of everything an account may have.

use super::world::Operation;

#[derive(Clone, Debug, Default)]
pub struct State {}

pub fn operation(_: &str) -> Option<Operation> {
    None
}
