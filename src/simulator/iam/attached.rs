//! Managed policies on roles. They are taken to exist, AWS's own and the account's, whatever their name, as making one isn't
//! simulated; but not one called `missing`, nor one of another account.

use std::time::Duration;

use serde_json::json;

use super::{checks, find, find_mine, paging};
use crate::simulator::ask::Ask;
use crate::simulator::durations::ROLE_SPREADS;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

const OURS: &str = "arn:aws:iam::aws:policy/";

fn arn(ask: &Ask) -> Result<&str, Refusal> {
    let arn = checks::required(ask, "PolicyArn")?;
    checks::length("PolicyArn", arn, 20, 2048)?;
    match arn.strip_prefix("arn:") {
        Some(_) => Ok(arn),
        None => Err(Refusal::new("InvalidInput", format!("ARN {arn} is not valid."))),
    }
}

/// Nothing happens if it is attached already (API reference, AttachRolePolicy).
pub fn attach(world: &mut World, ask: &Ask) -> Answer {
    let arn = arn(ask)?;
    let mine = format!("arn:aws:iam::{}:policy/", world.account);
    let counts = world.now() + Duration::from_secs_f64(world.draw_tail(ROLE_SPREADS));
    let most = quotas::limit(world, quotas::ATTACHED_POLICIES);
    let role = find_mine(world, ask)?;
    let name = arn.strip_prefix(OURS).or(arn.strip_prefix(&mine));
    if name.is_none_or(|name| name.is_empty() || name == "missing" || name.starts_with("aws-service-role/")) {
        return Err(checks::no_entity(format!("Policy {arn} does not exist or is not attachable.")));
    }
    if !role.attached.contains(arn) && role.attached.len() as i64 >= most {
        return Err(checks::exceeded(format!("Cannot exceed quota for PoliciesPerRole: {most}")));
    }
    if role.attached.insert(arn.to_owned()) {
        role.spread.insert(arn.to_owned(), counts);
    }
    Ok(json!({}))
}

pub fn detach(world: &mut World, ask: &Ask) -> Answer {
    let arn = arn(ask)?;
    let gone = find_mine(world, ask)?.attached.remove(arn);
    if gone { Ok(json!({})) } else { Err(checks::no_entity(format!("Policy {arn} was not found."))) }
}

/// The prefix is one of the policies' own paths.
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let prefix = checks::path_prefix(ask)?;
    let there = find(world, ask)?.attached.iter();
    let there = there.filter(|arn| arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(&prefix)));
    let policy = |arn: &String| {
        let name = arn.rsplit('/').next();
        (arn.clone(), json!({ "PolicyName": name, "PolicyArn": arn }))
    };
    paging::page(ask, "AttachedPolicies", there.map(policy))
}
