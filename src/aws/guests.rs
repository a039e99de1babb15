//! Guests: what others have put into objects of ours, such as another service's rule on our listener. They are never drift,
//! and nothing is deleted under them: whatever a run would delete is asked for its guests before the first step.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::client::Aws;
use super::erased::{Found, Kind};
use super::error::{Error, Result};
use super::execute::StepError;
use super::observe::settled;
use super::owner::{Owner, STACK_TAG, Tags};

/// An error for each of these objects that has guests, or that could not be looked into. AWS may still list one that has
/// just gone: guests are believed once they have been seen for a while.
pub async fn of(aws: &Aws, owner: &Owner, kinds: &[Kind], doomed: &[Found]) -> Vec<StepError> {
    let looks = doomed.iter().filter_map(|found| {
        let kind = kinds.iter().find(|kind| kind.name == found.kind)?;
        Some(async move {
            let look = || (kind.guests)(aws, owner, found);
            let seen: Result<BTreeSet<String>> = settled(aws, look, BTreeSet::is_empty).await;
            let error = match seen {
                Ok(guests) if guests.is_empty() => return None,
                Ok(guests) => Error::Guests(guests),
                // AWS refuses to delete under them in any case, only later.
                Err(error) if error.is_access_denied() => {
                    tracing::warn!(key = found.key, %error, "guests could not be looked for");
                    return None;
                }
                Err(error) => error,
            };
            Some(StepError { key: found.key.clone(), kind: found.kind, deleting: true, error })
        })
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// A guest in words: what it is, and whose. None if it is the owner's own.
pub fn in_words(owner: &Owner, what: &str, tags: &Tags) -> Option<String> {
    match tags.get(STACK_TAG) {
        Some(stack) if *stack == owner.identity.to_string() => None,
        Some(stack) => Some(format!("{what}, of the service {stack}")),
        None => Some(format!("{what}, which this provider did not make")),
    }
}
