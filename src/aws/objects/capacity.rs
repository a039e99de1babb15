//! How a service's tasks are spread over Fargate and Fargate Spot. None at all is plain Fargate, by launch type; a strategy
//! of nothing but Fargate is the same thing said otherwise.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::CapacityProviderStrategyItem;
use serde::{Deserialize, Serialize};

use crate::aws::error::{Error, Result};

pub const FARGATE: &str = "FARGATE";
pub const FARGATE_SPOT: &str = "FARGATE_SPOT";

/// One provider's part of the tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Tasks that it gets before any others are shared out.
    pub base: i32,
    pub weight: i32,
}

/// The shares by capacity provider; empty for plain Fargate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Capacity(BTreeMap<String, Share>);

impl Capacity {
    /// What has neither base nor weight gets no task, and doesn't count.
    pub fn of(shares: impl IntoIterator<Item = (String, Share)>) -> Self {
        let shares: BTreeMap<String, Share> =
            shares.into_iter().filter(|(_, share)| *share != Share::default()).collect();
        if shares.keys().all(|provider| provider == FARGATE) { Self::default() } else { Self(shares) }
    }

    pub fn read(strategy: &[CapacityProviderStrategyItem]) -> Self {
        let share = |item: &CapacityProviderStrategyItem| Share { base: item.base(), weight: item.weight() };
        Self::of(strategy.iter().map(|item| (item.capacity_provider().to_owned(), share(item))))
    }

    pub fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    pub fn share(&self, provider: &str) -> Option<Share> {
        self.0.get(provider).copied()
    }

    /// As a strategy. A service that had one gets plain Fargate as a strategy too: which launch type it would go back to
    /// without one, AWS doesn't say.
    pub fn strategy(&self) -> Result<Vec<CapacityProviderStrategyItem>> {
        let plain = [(FARGATE.to_owned(), Share { base: 0, weight: 1 })];
        let shares = if self.is_plain() { plain.into() } else { self.0.clone() };
        let item = |(provider, share): (String, Share)| {
            let item = CapacityProviderStrategyItem::builder().capacity_provider(provider);
            item.base(share.base).weight(share.weight).build().map_err(|error| Error::Unexpected(error.to_string()))
        };
        shares.into_iter().map(item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(shares: &[(&str, i32, i32)]) -> Capacity {
        Capacity::of(
            shares.iter().map(|(name, base, weight)| ((*name).to_owned(), Share { base: *base, weight: *weight })),
        )
    }

    #[test]
    fn nothing_but_fargate_is_plain_however_it_is_said() {
        assert!(capacity(&[]).is_plain() && capacity(&[(FARGATE, 2, 1)]).is_plain());
        assert!(capacity(&[(FARGATE, 0, 1), (FARGATE_SPOT, 0, 0)]).is_plain());
        assert!(!capacity(&[(FARGATE_SPOT, 0, 1)]).is_plain());
        let mix = capacity(&[(FARGATE, 1, 1), (FARGATE_SPOT, 0, 3)]);
        assert_eq!(Capacity::read(&mix.strategy().unwrap()), mix);
        assert_eq!(Capacity::read(&capacity(&[]).strategy().unwrap()), Capacity::default());
    }
}
