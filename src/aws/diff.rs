//! What has to change: the wanted graph compared with what is recorded or was found. Pure.
//!
//! A *digest* stands for all that can be known of an object before it is made: settings, tags, the keys of the objects
//! it takes its needs from. Two equal digests mean: nothing to do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::erased::{Found, Kind, Made};
use super::graph::Graph;
use super::object::Life;
use super::owner::{Owner, Tags, hash};

/// An object as it is recorded between runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub kind: String,
    pub id: String,
    pub digest: String,
}

/// By key.
pub type Records = BTreeMap<String, Record>;

/// The digest of an object that AWS has made, but that isn't finished.
pub const UNFINISHED: &str = "unfinished";

/// The digest of an object that failed to come up: where it is wanted, another is made.
pub const FAILED: &str = "failed";

/// What happens to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Keep,
    Create,
    Update,
    /// Made anew under the same key: its id changes.
    Renew,
    Delete,
}

/// The digest of each wanted object, in the graph's order.
pub fn digests(graph: &Graph, owner: &Owner) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for place in 0..graph.nodes.len() {
        let node = &graph.nodes[place];
        let digest = digest(graph, place, &all, &node.wanted.settings(), &node.wanted.tags(owner, &node.key));
        all.push(digest);
    }
    all
}

fn digest(graph: &Graph, place: usize, before: &[String], settings: &Json, tags: &Tags) -> String {
    let takes = graph.nodes[place].takes.iter().map(|need| &graph.nodes[*need]);
    let keys: BTreeSet<&String> = takes.map(|node| &node.key).collect();
    let renewed = graph.nodes[place].takes.iter().filter(|need| graph.nodes[**need].wanted.renews());
    let renewed: Vec<&String> = renewed.map(|need| &before[*need]).collect();
    hash(&json!([settings, tags, keys, renewed]).to_string())
}

/// What has to happen to reach the graph from what is recorded, by key.
pub fn changes(graph: &Graph, owner: &Owner, recorded: &Records) -> BTreeMap<String, Change> {
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    for (node, digest) in graph.nodes.iter().zip(digests(graph, owner)).filter(|(node, _)| !node.is_given()) {
        let moved = |need: &usize| {
            let key = &graph.nodes[*need].key;
            matches!(changes.get(key), Some(Change::Create | Change::Renew))
        };
        let change = match recorded.get(&node.key) {
            None => Change::Create,
            Some(record) if record.digest == FAILED => Change::Create,
            Some(record) if record.digest == digest && !node.takes.iter().any(moved) => Change::Keep,
            Some(_) if node.wanted.renews() => Change::Renew,
            Some(_) => Change::Update,
        };
        changes.insert(node.key.clone(), change);
    }
    for key in recorded.keys() {
        changes.entry(key.clone()).or_insert(Change::Delete);
    }
    changes
}

/// What was found, told as records, and in sentences how it differs from the graph that it should be. What is recorded of
/// `unseen` kinds, and of what hangs on those or on a given object that isn't in `looked_up`, stays.
pub fn compare(
    graph: &Graph,
    owner: &Owner,
    (found, looked_up): (&BTreeMap<String, Found>, &BTreeMap<String, Made>),
    recorded: &Records,
    unseen: &[&str],
) -> (Records, Vec<String>) {
    let is_unseen = |place: usize| match &graph.nodes[place] {
        node if node.is_given() => !looked_up.contains_key(&node.key),
        node => unseen.contains(&node.wanted.kind()),
    };
    let (mut records, mut drift) = (Records::new(), Vec::new());
    let (mut given, mut digests) = (BTreeMap::new(), Vec::new());
    for (place, node) in graph.nodes.iter().enumerate() {
        if node.is_given() {
            given.extend(looked_up.get(&node.key).map(|made| (place, made.output.clone())));
            digests.push(digest(graph, place, &digests, &Json::Null, &Tags::new()));
            continue;
        }
        if is_unseen(place) || node.takes.iter().any(|need| is_unseen(*need)) {
            let record = recorded.get(&node.key);
            digests.push(record.map(|record| record.digest.clone()).unwrap_or_default());
            records.extend(record.map(|record| (node.key.clone(), record.clone())));
            continue;
        }
        let found = found.get(&node.key).filter(|found| matches!(found.life, Life::Standing | Life::Rising));
        let Some(found) = found else {
            drift.push(format!("{}: the {} is gone", node.key, node.wanted.kind()));
            digests.push(String::new());
            continue;
        };
        let found = &node.wanted.regard(owner, found).unwrap_or_else(|_| found.clone());
        let mut digest = digest(graph, place, &digests, &found.settings, &found.tags);
        let differences = differences(&node.wanted.settings(), &found.settings);
        drift.extend(differences.into_iter().map(|difference| format!("{}: {difference}", node.key)));
        if found.tags != node.wanted.tags(owner, &node.key) {
            drift.push(format!("{}: its tags were changed", node.key));
        }
        match node.wanted.hangs_on(&given) {
            Ok(needs) if needs == found.needs => (),
            Ok(needs) => {
                drift.push(format!("{}: {}", node.key, rewired(&needs, &found.needs)));
                digest = "rewired".into();
            }
            // Something it needs is gone, which is told already.
            Err(_) => digest = "rewired".into(),
        }
        given.insert(place, found.made.output.clone());
        records.insert(node.key.clone(), record(found.kind, &found.made, &digest));
        digests.push(digest);
    }
    for (key, found) in found {
        if !records.contains_key(key) && graph.nodes.iter().all(|node| node.key != *key) {
            drift.push(format!("{key}: this {} is left over", found.kind));
            let digest = if found.life == Life::Dead { FAILED } else { UNFINISHED };
            records.insert(key.clone(), record(found.kind, &found.made, digest));
        }
    }
    (records, drift)
}

pub fn record(kind: &str, made: &Made, digest: &str) -> Record {
    Record { kind: kind.to_owned(), id: made.id.clone(), digest: digest.to_owned() }
}

fn differences(wanted: &Json, actual: &Json) -> Vec<String> {
    match (wanted, actual) {
        (Json::Object(wanted), Json::Object(actual)) => wanted
            .iter()
            .filter_map(|(name, want)| {
                let have = actual.get(name).unwrap_or(&Json::Null);
                (have != want).then(|| format!("{name} is {have} instead of {want}"))
            })
            .collect(),
        _ if wanted == actual => Vec::new(),
        _ => vec!["it was changed".into()],
    }
}

/// What an object hangs on that it shouldn't, and what it should hang on instead.
fn rewired(wanted: &Json, actual: &Json) -> String {
    fn texts<'a>(json: &'a Json, found: &mut BTreeSet<&'a str>) {
        match json {
            Json::String(text) => drop(found.insert(text)),
            Json::Array(parts) => parts.iter().for_each(|part| texts(part, found)),
            Json::Object(members) => members.values().for_each(|part| texts(part, found)),
            _ => (),
        }
    }
    let (mut want, mut have) = (BTreeSet::new(), BTreeSet::new());
    texts(wanted, &mut want);
    texts(actual, &mut have);
    let named = |these: &BTreeSet<&str>, others: &BTreeSet<&str>| {
        let these: Vec<&str> = these.difference(others).copied().filter(|text| !text.is_empty()).collect();
        if these.is_empty() { "nothing".to_owned() } else { these.join(", ") }
    };
    format!("it is connected to {} instead of {}", named(&have, &want), named(&want, &have))
}

/// The kinds whose objects need one of this kind, directly or through others: what must let go before it is deleted.
pub fn dependants(kinds: &[Kind], of: &str) -> BTreeSet<&'static str> {
    let mut all = BTreeSet::new();
    let mut next = vec![of.to_owned()];
    while let Some(kind) = next.pop() {
        for dependant in kinds.iter().filter(|other| (other.needs)().contains(&kind.as_str())) {
            if all.insert(dependant.name) {
                next.push(dependant.name.to_owned());
            }
        }
    }
    all
}
