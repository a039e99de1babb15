//! What other objects an account has beside ours, where AWS lists by no tag: whose an old certificate is doesn't change, so
//! this process asks once. With hundreds of certificates each look would otherwise take a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::owner::{Identity, STACK_TAG, Tags};

/// By ARN: the stack that an object is of, none if of no stack.
#[derive(Debug, Default)]
pub(super) struct Others(Mutex<BTreeMap<String, Option<String>>>);

impl Others {
    /// Whether this is known to be no object of this stack.
    pub(super) fn know(&self, arn: &str, identity: &Identity) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(arn).is_some_and(|stack| stack.as_deref() != Some(&identity.to_string()))
    }

    /// Of an object whose tags no copy can be behind with any more.
    pub(super) fn remember(&self, arn: String, tags: &Tags) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(arn, tags.get(STACK_TAG).cloned());
    }
}
