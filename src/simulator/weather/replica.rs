//! Replicas.

use super::Call;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

#[derive(Clone, Debug, Default)]
pub struct Past;

pub fn not_yet(_: &mut World, _: &Call) -> Result<(), Refusal> {
    Ok(())
}

pub fn carry_out(world: &mut World, call: &Call) -> Answer {
    (call.operation)(world, call.ask)
}
