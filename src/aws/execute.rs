//! Makes the graph stand, and removes what isn't wanted any more: every step the moment its prerequisites are done.
//!
//! There are no waves: independent branches never wait for each other. An error skips what depends on it, the others
//! finish, and all errors are gathered. What AWS has made is noted before it is waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::client::Aws;
use super::diff::{self, Record, Records, UNFINISHED};
use super::erased::{Found, Kind, Made, Stood};
use super::error::{Error, Result};
use super::graph::Graph;
use super::guests;
use super::object::Site;
use super::owner::Owner;

/// An error, and at which object.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{key}: {error}")]
pub struct StepError {
    pub key: String,
    pub kind: &'static str,
    pub deleting: bool,
    pub error: Error,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All that stands now, as far as the run knows.
    pub records: Records,
    /// The outputs of what stands and was wanted, by key.
    pub outputs: BTreeMap<String, Stood>,
    pub errors: Vec<StepError>,
    /// Steps that were not tried, because of an error before them or because we were stopped.
    pub skipped: usize,
}

/// Told of every change of the records; must be quick.
pub type Report<'a> = &'a (dyn Fn(&Records) + Send + Sync);

/// One run of the engine: its surroundings.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub aws: &'a Aws,
    pub owner: &'a Owner,
    pub kinds: &'a [Kind],
    /// What was recorded before: stands for what this run doesn't come to touch.
    pub recorded: &'a Records,
    pub report: Report<'a>,
}

impl Run<'_> {
    /// Brings AWS from what was `found` to what the graph wants. An empty graph deletes everything found. Where others use
    /// something that would have to go, nothing at all is done.
    pub async fn apply(&self, graph: &Graph, found: Vec<Found>) -> Outcome {
        let (current, doomed) = sort(graph, found);
        let digests = diff::digests(graph, self.owner);
        let known = doomed.iter().chain(current.values());
        let records = known.map(|found| (found.key.clone(), self.known(found))).collect();
        let outcome = Mutex::new(Outcome { records, ..Outcome::default() });

        let steps = self.steps(graph, &doomed);
        let used = guests::of(self.aws, self.owner, self.kinds, &doomed).await;
        if !used.is_empty() {
            let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
            (outcome.errors, outcome.skipped) = (used, steps.len());
            (self.report)(&outcome.records);
            return outcome;
        }
        let results = schedule(&self.prerequisites(graph, &steps, &current), &self.aws.stop, |step| {
            let (outcome, digests, current, step) = (&outcome, &digests, &current, &steps[step]);
            async move {
                match *step {
                    Step::Stand(place) => self.stand(graph, place, &digests[place], current, outcome).await,
                    Step::Complete(place) => self.complete(graph, place, outcome).await,
                    Step::Remove(doomed) => self.remove(doomed, graph, outcome).await,
                }
            }
        })
        .await;

        let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome.skipped = steps.len() - results.len();
        for (step, error) in results.into_iter().filter_map(|(step, result)| Some((step, result.err()?))) {
            let (key, kind, deleting) = match steps[step] {
                Step::Stand(place) | Step::Complete(place) => {
                    (graph.nodes[place].key.clone(), graph.nodes[place].wanted.kind(), false)
                }
                Step::Remove(doomed) => (doomed.key.clone(), doomed.kind, true),
            };
            outcome.errors.push(StepError { key, kind, deleting, error });
        }
        outcome
    }

    fn steps<'a>(&self, graph: &Graph, doomed: &'a [Found]) -> Vec<Step<'a>> {
        let places = 0..graph.nodes.len();
        let all = places.clone().map(Step::Stand).chain(places.map(Step::Complete));
        all.chain(doomed.iter().map(Step::Remove)).collect()
    }

    async fn stand(
        &self,
        graph: &Graph,
        place: usize,
        digest: &str,
        current: &BTreeMap<String, Found>,
        outcome: &Mutex<Outcome>,
    ) -> Result<()> {
        let node = &graph.nodes[place];
        let given = given(graph, place, outcome);
        let note = |made: Made| self.note(outcome, &node.key, diff::record(node.wanted.kind(), &made, UNFINISHED));
        let site = Site { aws: self.aws, owner: self.owner, key: &node.key };
        let span = tracing::info_span!("step", key = node.key, kind = node.wanted.kind());
        let found = current.get(&node.key);
        let stood = node.wanted.stand(site, &given, found, &note).instrument(span).await?;
        if !node.is_given() {
            self.note(outcome, &node.key, diff::record(node.wanted.kind(), &stood.made, digest));
        }
        lock(outcome).outputs.insert(node.key.clone(), stood);
        Ok(())
    }

    async fn complete(&self, graph: &Graph, place: usize, outcome: &Mutex<Outcome>) -> Result<()> {
        let node = &graph.nodes[place];
        let Some(stood) = lock(outcome).outputs.get(&node.key).cloned() else { return Ok(()) };
        if stood.changed {
            let span = tracing::info_span!("step", key = node.key, kind = node.wanted.kind(), change = "complete");
            let given = given(graph, place, outcome);
            let completed = node.wanted.complete(self.aws, &given, &stood.made).instrument(span).await;
            if completed.is_err() {
                self.note(outcome, &node.key, diff::record(node.wanted.kind(), &stood.made, UNFINISHED));
            }
            completed?;
        }
        Ok(())
    }

    async fn remove(&self, doomed: &Found, graph: &Graph, outcome: &Mutex<Outcome>) -> Result<()> {
        let kind = self.kinds.iter().find(|kind| kind.name == doomed.kind);
        let kind = kind.ok_or_else(|| Error::Unexpected(format!("unknown kind {}", doomed.kind)))?;
        let span = tracing::info_span!("step", key = doomed.key, kind = doomed.kind, change = "delete");
        async {
            tracing::info!("deleting");
            (kind.delete)(self.aws, self.owner, doomed).await
        }
        .instrument(span)
        .await?;
        if graph.nodes.iter().all(|node| node.key != doomed.key) {
            let mut outcome = lock(outcome);
            outcome.records.remove(&doomed.key);
            (self.report)(&outcome.records);
        }
        Ok(())
    }

    fn known(&self, found: &Found) -> Record {
        let recorded = self.recorded.get(&found.key).filter(|record| record.id == found.made.id);
        recorded.cloned().unwrap_or_else(|| diff::record(found.kind, &found.made, UNFINISHED))
    }

    fn note(&self, outcome: &Mutex<Outcome>, key: &str, record: Record) {
        let mut outcome = lock(outcome);
        outcome.records.insert(key.to_owned(), record);
        (self.report)(&outcome.records);
    }

    /// For each step the steps before it: a wanted object stands after its needs, and is complete after all that hang on
    /// it stand; a doomed one goes after everything, wanted or doomed, of the kinds that may hang on its own. A kind may say
    /// that one takes another's place (`Object::SUCCEEDS`), or must leave first (`Object::LEAVES_FIRST`).
    fn prerequisites(
        &self,
        graph: &Graph,
        steps: &[Step<'_>],
        current: &BTreeMap<String, Found>,
    ) -> Vec<BTreeSet<usize>> {
        let kind = |name: &str| self.kinds.iter().find(|kind| kind.name == name);
        // What hangs on the object that serves this key, and must be gone before that is changed.
        let first = |place: usize| {
            let serves = current.get(&graph.nodes[place].key);
            let leaves = move |step: &Step<'_>| match (step, serves) {
                (Step::Remove(doomed), Some(serves)) => {
                    kind(doomed.kind).is_some_and(|kind| kind.leaves_first) && mentions(&doomed.needs, &serves.made.id)
                }
                _ => false,
            };
            (0..steps.len()).filter(move |at| leaves(&steps[*at]))
        };
        let before = |step: &Step<'_>| match step {
            Step::Stand(place) => graph.nodes[*place].needs.iter().copied().chain(first(*place)).collect(),
            Step::Complete(place) => above(graph, *place),
            Step::Remove(doomed) => {
                let dependants = diff::dependants(self.kinds, doomed.kind);
                let waits = |at: &usize| match &steps[*at] {
                    Step::Stand(place) | Step::Complete(place) => {
                        let node = &graph.nodes[*place];
                        let of_its_kind = node.wanted.kind() == doomed.kind;
                        let succeeds = of_its_kind && kind(doomed.kind).is_some_and(|kind| kind.succeeds);
                        dependants.contains(node.wanted.kind()) || node.key == doomed.key || succeeds
                    }
                    Step::Remove(other) if other.kind == doomed.kind => mentions(&other.needs, &doomed.made.id),
                    Step::Remove(other) => dependants.contains(other.kind),
                };
                (0..steps.len()).filter(waits).collect()
            }
        };
        steps.iter().map(before).collect()
    }
}

/// The outputs that this object needs, of those that stand.
fn given(graph: &Graph, place: usize, outcome: &Mutex<Outcome>) -> BTreeMap<usize, Json> {
    let outcome = lock(outcome);
    let output = |need: &usize| Some((*need, outcome.outputs.get(&graph.nodes[*need].key)?.made.output.clone()));
    graph.nodes[place].needs.iter().filter_map(output).collect()
}

/// The place itself and all that need it, directly or through others.
fn above(graph: &Graph, place: usize) -> BTreeSet<usize> {
    let mut all = BTreeSet::from([place]);
    for (other, node) in graph.nodes.iter().enumerate().skip(place) {
        if node.needs.iter().any(|need| all.contains(need)) {
            all.insert(other);
        }
    }
    all
}

/// Whether something hangs on the object with this id.
fn mentions(needs: &Json, id: &str) -> bool {
    match needs {
        Json::String(text) => text == id,
        Json::Array(parts) => parts.iter().any(|part| mentions(part, id)),
        Json::Object(members) => members.values().any(|part| mentions(part, id)),
        _ => false,
    }
}

/// One step of a run; wanted objects by their place in the graph.
enum Step<'a> {
    Stand(usize),
    Complete(usize),
    Remove(&'a Found),
}

/// What was found, parted into the one object that serves each key of the graph, and what has to go: what isn't wanted
/// any more, and duplicates.
pub fn sort(graph: &Graph, found: Vec<Found>) -> (BTreeMap<String, Found>, Vec<Found>) {
    let (found, mut doomed) = one_of_each(found);
    let is_wanted = |key: &String| graph.nodes.iter().any(|node| node.key == *key);
    let (current, unwanted): (BTreeMap<_, _>, BTreeMap<_, _>) = found.into_iter().partition(|(key, _)| is_wanted(key));
    doomed.extend(unwanted.into_values());
    (current, doomed)
}

/// The one object that serves each key, and the others. Of several that stand under one key it is the one on which something
/// hangs, else that with the smallest id: everybody chooses alike, and an idle twin never takes the place of what is in use.
pub fn one_of_each(mut found: Vec<Found>) -> (BTreeMap<String, Found>, Vec<Found>) {
    let twins = found.iter().filter(|one| found.iter().filter(|other| other.key == one.key).nth(1).is_some());
    let used = twins.filter(|one| found.iter().any(|other| mentions(&other.needs, &one.made.id)));
    let used: BTreeSet<String> = used.map(|one| one.made.id.clone()).collect();
    found.sort_by_cached_key(|one| (one.life, !used.contains(&one.made.id), one.made.id.clone()));
    let (mut serving, mut others) = (BTreeMap::<String, Found>::new(), Vec::new());
    for found in found {
        match serving.contains_key(&found.key) {
            false => drop(serving.insert(found.key.clone(), found)),
            true => others.push(found),
        }
    }
    (serving, others)
}

/// Runs the steps, each as soon as all its prerequisites have succeeded; gives the results of those that ran.
/// Once stopped, no further step starts. A panicking step counts as failed.
pub async fn schedule<F>(
    prerequisites: &[BTreeSet<usize>],
    stop: &CancellationToken,
    step: impl Fn(usize) -> F,
) -> BTreeMap<usize, Result<()>>
where
    F: Future<Output = Result<()>>,
{
    let mut waiting: BTreeSet<usize> = (0..prerequisites.len()).collect();
    let (mut running, mut results) = (FuturesUnordered::new(), BTreeMap::new());
    let mut done = BTreeSet::new();
    loop {
        if !stop.is_cancelled() {
            let ready: Vec<usize> =
                waiting.iter().copied().filter(|step| prerequisites[*step].is_subset(&done)).collect();
            for place in ready {
                waiting.remove(&place);
                let future = AssertUnwindSafe(step(place)).catch_unwind();
                running.push(future.map(move |result| (place, result.unwrap_or_else(|panic| Err(told(&panic))))));
            }
        }
        let Some((place, result)) = running.next().await else { return results };
        if result.is_ok() {
            done.insert(place);
        }
        results.insert(place, result);
    }
}

fn told(panic: &Box<dyn std::any::Any + Send>) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Error::Unexpected(format!("a bug in this provider: {}", text.unwrap_or("it panicked")))
}

fn lock(outcome: &Mutex<Outcome>) -> MutexGuard<'_, Outcome> {
    outcome.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
