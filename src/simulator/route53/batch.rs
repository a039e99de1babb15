//! Changes of records: a batch has effect as a whole or not at all (API reference, ChangeResourceRecordSets). Messages as
//! seen in the wild, in brackets, for all that is wrong with the batch.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::record::{Alias, Key, RecordSet};
use super::zone::{Zone, existing};
use super::{change, check, invalid, name, needed, value};
use crate::simulator::ask::Ask;
use crate::simulator::elb;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// Records in a batch, and characters in their values; an upsert counts twice (Developer Guide, Quotas).
const MOST: usize = 1000;
const CHARACTERS: usize = 32_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    Create,
    Delete,
    Upsert,
}

type Records = BTreeMap<Key, RecordSet>;
type Changes = Vec<(Action, RecordSet)>;

#[track_caller]
fn refused(messages: &[String]) -> Refusal {
    Refusal::new("InvalidChangeBatch", format!("[{}]", messages.join(", ")))
}

/// The changes of a call, and what is wrong with their names.
fn asked(batch: &Ask) -> Result<(Changes, Vec<String>), Refusal> {
    let (mut changes, mut messages) = (Vec::new(), Vec::new());
    for change in batch.parts("Changes") {
        let word = needed(&change, "Action", 16)?;
        let action = match word {
            "CREATE" => Action::Create,
            "DELETE" => Action::Delete,
            "UPSERT" => Action::Upsert,
            _ => {
                let why = "failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]";
                let place = "changeBatch.changes.member.action";
                return Err(invalid(format!("1 validation error detected: Value '{word}' at '{place}' {why}")));
            }
        };
        match RecordSet::read(&change, word)? {
            Ok(set) => changes.push((action, set)),
            Err(message) => messages.push(message),
        }
    }
    match changes.is_empty() && messages.is_empty() {
        true => Err(invalid(
            "1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must \
             have length greater than or equal to 1",
        )),
        false => Ok((changes, messages)),
    }
}

fn too_many(changes: &[(Action, RecordSet)]) -> Option<String> {
    let sum = |of: fn(&RecordSet) -> usize| -> usize {
        changes.iter().map(|(action, set)| of(set) * if *action == Action::Upsert { 2 } else { 1 }).sum()
    };
    if sum(|set| set.values.len().max(1)) > MOST {
        return Some(format!("Number of records limit of {MOST} exceeded."));
    }
    let long = sum(|set| set.values.iter().map(|value| value.chars().count()).sum()) > CHARACTERS;
    long.then(|| format!("Number of characters limit of {CHARACTERS} exceeded."))
}

/// What is wrong with a set in itself, or in this zone.
fn flaws(zone: &Zone, action: Action, set: &RecordSet) -> Vec<String> {
    let RecordSet { name: called, kind, .. } = set;
    if !name::within(called, &zone.name) {
        return vec![format!("RRSet with DNS name {called} is not permitted in zone {}", zone.name)];
    }
    let apex = *called == zone.name;
    match (action, kind.as_str()) {
        (Action::Delete, "NS") if apex => {
            vec!["A HostedZone must contain at least one NS record for the zone itself.".into()]
        }
        (Action::Delete, "SOA") if apex => vec!["A HostedZone must contain exactly one SOA record.".into()],
        (Action::Delete, _) => Vec::new(),
        (_, "CNAME") if apex => {
            vec![format!("RRSet of type CNAME with DNS name {called} is not permitted at apex in zone {}", zone.name)]
        }
        (_, "SOA") if !apex => vec!["A HostedZone must contain exactly one SOA record.".into()],
        (_, "NS" | "SOA") if set.alias.is_some() => {
            vec![format!("RRSet of type {kind} with DNS name {called} cannot be an alias")]
        }
        _ => value::flaws(set),
    }
}

/// Carries a change out on the zone's records.
fn apply(records: &mut Records, action: Action, set: &RecordSet) -> Result<(), String> {
    let key = set.key();
    let there = records.get(&key);
    match (action, there) {
        (Action::Create, Some(_)) => {
            Err(format!("Tried to create resource record set {} but it already exists", set.called()))
        }
        (Action::Delete, None) => {
            Err(format!("Tried to delete resource record set {} but it was not found", set.called()))
        }
        (Action::Delete, Some(there)) if !there.means(set) => Err(format!(
            "Tried to delete resource record set {} but the values provided do not match the current values",
            set.called()
        )),
        (Action::Delete, Some(_)) => {
            records.remove(&key);
            Ok(())
        }
        (Action::Create | Action::Upsert, _) => {
            records.insert(key, set.clone());
            Ok(())
        }
    }
}

/// A CNAME stands alone at its name (Developer Guide, CNAME record type); a simple set has no routed ones beside it (that
/// message unverified).
fn conflict(zone: &str, records: &Records, set: &RecordSet) -> Option<String> {
    let RecordSet { name, kind, .. } = set;
    let beside = |other: &&RecordSet| other.name == *name && other.key() != set.key();
    let mut others = records.range((name::order(name), String::new(), String::new())..).map(|(_, other)| other);
    let others: Vec<_> = others.by_ref().take_while(|other| other.name == *name).filter(beside).collect();
    let mixed = |other: &&&RecordSet| other.kind == *kind && other.identifier.is_none() != set.identifier.is_none();
    if others.iter().any(|other| mixed(&other)) {
        let why = "with the same name and type, but another routing policy, already exists";
        return Some(format!(
            "RRSet of type {kind} with DNS name {name} cannot be created because an RRSet {why} in zone {zone}"
        ));
    }
    match others.iter().any(|other| (other.kind == "CNAME") != (kind == "CNAME")) {
        true if kind == "CNAME" => Some(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same DNS \
             name in zone {zone}"
        )),
        true => Some(format!(
            "RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME with the \
             same DNS name already exists in zone {zone}"
        )),
        false => None,
    }
}

/// An alias's target must exist: in this zone, or as a load balancer in its own. Of other zones nothing is known, so they may
/// be anything (unverified).
fn astray(world: &World, zone: &str, id: &str, records: &Records, set: &RecordSet) -> Option<String> {
    let Alias { zone: of, name, .. } = set.alias.as_ref()?;
    let tried = format!("Tried to create an alias that targets {name}, type {} in zone {of}", set.kind);
    let (outside, missing) = (
        format!("{tried}, but the alias target name does not lie within the target zone"),
        format!("{tried}, but that target was not found"),
    );
    if of == id {
        let there = records.values().any(|other| other.name == *name && other.kind == set.kind);
        return match name::within(name, zone) {
            false => Some(outside),
            true => (!there || *name == set.name).then_some(missing),
        };
    }
    let balancers = elb::alias_zone(world);
    match (of == balancers, name.ends_with(".elb.amazonaws.com.")) {
        (true, true) => (!elb::has_name(world, name)).then_some(missing),
        (false, false) => None,
        _ => Some(outside),
    }
}

pub fn change(world: &mut World, ask: &Ask) -> Answer {
    let (id, zone) = existing(world, ask, "HostedZoneId")?;
    let batch = ask.part("ChangeBatch");
    let comment = batch.text("Comment").map(str::to_owned).filter(|text| !text.is_empty());
    check("changeBatch.comment", comment.as_deref().unwrap_or_default(), 256)?;
    let (changes, mut messages) = asked(&batch)?;
    messages.extend(too_many(&changes));
    let (mut records, mut last) = (zone.records.clone(), BTreeMap::new());
    for (action, set) in &changes {
        // Twice the same set: only to delete it and make it anew (unverified).
        let before = last.insert(set.key(), *action);
        if before.is_some() && (before, *action) != (Some(Action::Delete), Action::Create) {
            let why = "The request contains an invalid set of changes for a resource record set";
            messages.push(format!("{why} '{} {}'", set.kind, set.name));
            continue;
        }
        let flaws = flaws(zone, *action, set);
        match flaws.is_empty() {
            true => messages.extend(apply(&mut records, *action, set).err()),
            false => messages.extend(flaws),
        }
    }
    if messages.is_empty() {
        let standing = changes.iter().filter(|(action, _)| *action != Action::Delete).map(|(_, set)| set);
        let wrong = |set| conflict(&zone.name, &records, set).or_else(|| astray(world, &zone.name, &id, &records, set));
        messages.extend(standing.filter_map(wrong));
    }
    if !messages.is_empty() {
        return Err(refused(&messages));
    }
    let keys: BTreeSet<Key> = changes.iter().map(|(_, set)| set.key()).collect();
    let touched = keys.into_iter().map(|key| (key.clone(), records.get(&key).cloned())).collect();
    if let Some(zone) = world.route53.zones.get_mut(&id) {
        zone.records = records;
    }
    Ok(json!({ "ChangeInfo": change::submit(world, &id, comment.as_deref(), touched) }))
}
