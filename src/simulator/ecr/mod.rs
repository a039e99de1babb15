//! ECR: repositories and images, as far as a preflight check reads them.

use super::world::Operation;

#[derive(Clone, Debug, Default)]
pub struct State {}

pub fn operation(_: &str) -> Option<Operation> {
    None
}
