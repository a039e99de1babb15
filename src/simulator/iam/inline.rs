//! Inline policies of roles.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{checks, document, find, find_mine, paging};
use crate::simulator::ask::Ask;
use crate::simulator::durations::ROLE_SPREADS;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// All inline policies of a role together (IAM quotas).
const MOST: usize = 10_240;

#[track_caller]
fn absent(name: &str) -> Refusal {
    checks::no_entity(format!("The role policy with name {name} cannot be found."))
}

/// Makes it or overwrites it (API reference, PutRolePolicy).
pub fn put(world: &mut World, ask: &Ask) -> Answer {
    let name = checks::name(ask, "PolicyName", 128)?;
    let text = checks::required(ask, "PolicyDocument")?;
    let counts = world.now() + Duration::from_secs_f64(world.draw_tail(ROLE_SPREADS));
    let role = find_mine(world, ask)?;
    document::check_grants(text)?;
    let others = role.inline.iter().filter(|(there, _)| *there != name).map(|(_, text)| document::size(text));
    if others.sum::<usize>() + document::size(text) > MOST {
        let why = format!("Maximum policy size of {MOST} bytes exceeded for role {}", role.name);
        return Err(checks::exceeded(why));
    }
    // What stands unchanged is spread already.
    if role.inline.insert(name.to_owned(), text.to_owned()).as_deref() != Some(text) {
        role.spread.insert(name.to_owned(), counts);
    }
    Ok(json!({}))
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    let name = checks::name(ask, "PolicyName", 128)?;
    let role = find(world, ask)?;
    let text = role.inline.get(name).ok_or_else(|| absent(name))?;
    Ok(json!({ "RoleName": role.name, "PolicyName": name, "PolicyDocument": document::encoded(text) }))
}

pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let name = checks::name(ask, "PolicyName", 128)?;
    find_mine(world, ask)?.inline.remove(name).map(|_| json!({})).ok_or_else(|| absent(name))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let names = find(world, ask)?.inline.keys();
    paging::page(ask, "PolicyNames", names.map(|name| (name.clone(), Json::String(name.clone()))))
}
