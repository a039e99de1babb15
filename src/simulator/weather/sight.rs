//! What was seen: whether two answers differ, whether one shows less, and what kind of inconsistency that is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use super::Call;
use crate::simulator::refusal::{Answer, Refusal};

/// Members that don't say which objects are meant.
const UNSPECIFIC: &[&str] =
    &["cluster", "filter", "filters", "include", "marker", "maxitems", "maxresults", "nexttoken", "pagesize", "limit"];

/// Whether it says that something isn't there; `InvalidSecurityGroup` is load balancing's word for that (API reference).
pub fn is_absence(refusal: &Refusal) -> bool {
    let code = refusal.code.as_str();
    code.contains("NotFound") || code.starts_with("NoSuch") || code == "InvalidSecurityGroup"
}

pub fn differs(one: &Answer, other: &Answer) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one != other,
        (Err(one), Err(other)) => one.code != other.code,
        _ => true,
    }
}

/// A list, or a read that names no object, where something is missing; or else a read of what is no longer so.
pub fn kind(call: &Call, stale: &Answer, truth: &Answer) -> &'static str {
    let members = call.ask.0.as_object();
    let named = members.into_iter().flatten().any(|(name, _)| !UNSPECIFIC.contains(&name.to_lowercase().as_str()));
    let lists = call.action.starts_with("List") || !named;
    if lists && amount(stale) < amount(truth) { "list_omits_newest" } else { "stale_read" }
}

/// How much an answer shows; a refusal shows nothing.
fn amount(answer: &Answer) -> usize {
    fn of(tree: &Json) -> usize {
        match tree {
            Json::Null => 0,
            Json::Object(members) => 1 + members.values().map(of).sum::<usize>(),
            Json::Array(elements) => elements.iter().map(of).sum(),
            _ => 1,
        }
    }
    answer.as_ref().map_or(0, of)
}

/// How much the reads of the last seconds showed, by what was asked.
#[derive(Clone, Debug, Default)]
pub struct Reads(BTreeMap<String, (Duration, usize)>);

impl Reads {
    /// Whether this answer shows less than one to the same question did, no longer ago than `kept`.
    pub fn saw_less(&mut self, now: Duration, kept: Duration, call: &Call, answer: &Answer) -> bool {
        self.0.retain(|_, (at, _)| *at + kept >= now);
        let seen = amount(answer);
        let question = format!("{}:{} {}", call.service, call.action, call.ask.0);
        let before = self.0.insert(question, (now, seen));
        before.is_some_and(|(_, before)| seen < before)
    }
}
