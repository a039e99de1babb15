//! Throttling.

use super::Call;
use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;

#[derive(Clone, Debug, Default)]
pub struct Levels;

pub fn take(_: &mut World, _: &Call) -> Result<(), Refusal> {
    Ok(())
}
