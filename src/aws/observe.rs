//! Looks at everything that a stack owns, all kinds at once.

use futures::future::join_all;

use super::client::Aws;
use super::erased::{Found, Kind};
use super::error::Error;
use super::object::Life;
use super::owner::Owner;

/// What there is to see.
#[derive(Debug, Default)]
pub struct Survey {
    /// All that stands or is to come; not what AWS still lists though it is gone.
    pub found: Vec<Found>,
    /// Kinds that could not be looked at, and why. Their objects are neither there nor gone.
    pub unseen: Vec<(&'static str, Error)>,
}

impl Survey {
    /// Looks at all objects of this owner.
    pub async fn of(aws: &Aws, owner: &Owner, kinds: &[Kind]) -> Self {
        let looks = kinds.iter().map(|kind| async move { (kind.name, (kind.observe)(aws, owner).await) });
        let mut survey = Self::default();
        for (kind, look) in join_all(looks).await {
            match look {
                Ok(found) => survey.found.extend(found.into_iter().filter(|found| found.life != Life::Gone)),
                Err(error) => survey.unseen.push((kind, error)),
            }
        }
        survey
    }
}
