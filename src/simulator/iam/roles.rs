//! Roles: made, read, changed, deleted.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Role, by_arn, checks, document, find, find_mine, paging, tagging};
use crate::simulator::ask::Ask;
use crate::simulator::durations::ROLE_SPREADS;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// IAM quotas.
const TRUST: usize = 2048;

/// A role as IAM shows it. Lists leave out tags, boundary and last use (API reference, ListRoles).
fn show(role: &Role, whole: bool) -> Json {
    let boundary =
        |arn: &String| json!({ "PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn });
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": document::encoded(&role.trust),
        "Description": role.description,
        "MaxSessionDuration": role.max_session,
        "PermissionsBoundary": role.boundary.as_ref().filter(|_| whole).map(boundary),
        "Tags": if whole { tagging::write(&role.tags) } else { None },
    })
}

fn check_trust(world: &World, text: &str) -> Result<(), Refusal> {
    let (own, root) = (format!("arn:aws:iam::{}:role/", world.account), format!("arn:aws:iam::{}:root", world.account));
    let exists = |principal: &str| {
        let account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
        let foreign = principal.starts_with("arn:") && !principal.starts_with(&own);
        principal == "*" || account || principal == root || foreign || by_arn(world, principal).is_some()
    };
    document::check_trust(text, &exists)?;
    match document::size(text) > TRUST {
        true => Err(checks::exceeded(format!("Cannot exceed quota for ACLSizePerRole: {TRUST}"))),
        false => Ok(()),
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let (name, path) = (checks::name(ask, "RoleName", 64)?.to_owned(), checks::path(ask)?);
    let trust = checks::required(ask, "AssumeRolePolicyDocument")?.to_owned();
    let max_session = checks::number(ask, "MaxSessionDuration", 3600, 43_200)?.unwrap_or(3600);
    let (description, tags) = (checks::description(ask)?, tagging::read(ask)?);
    let boundary = if ask.get("PermissionsBoundary").is_null() { None } else { Some(boundary(ask)?) };
    if world.iam.roles.contains_key(&name.to_lowercase()) {
        let why = format!("Role with name {name} already exists.");
        return Err(Refusal::new("EntityAlreadyExists", why).with_status(409));
    }
    check_trust(world, &trust)?;
    if quotas::full(world, quotas::ROLES, world.iam.roles.values().filter(|role| !role.linked).count()) {
        let limit = quotas::limit(world, quotas::ROLES);
        return Err(checks::exceeded(format!("Cannot exceed quota for RolesPerAccount: {limit}")));
    }
    let role = Role { max_session, description, boundary, tags, ..blank(world, &name, &path, trust) };
    let shown = show(&role, true);
    world.iam.roles.insert(name.to_lowercase(), role);
    Ok(json!({ "Role": shown }))
}

/// A managed policy; whether one of the account itself exists is not looked at, as those aren't simulated.
fn boundary(ask: &Ask) -> Result<String, Refusal> {
    let arn = checks::required(ask, "PermissionsBoundary")?;
    checks::length("PermissionsBoundary", arn, 20, 2048)?;
    match arn.starts_with("arn:") && arn.contains(":policy/") {
        true => Ok(arn.to_owned()),
        false => Err(Refusal::new("InvalidInput", format!("ARN {arn} is not valid."))),
    }
}

/// Sets or replaces it (API reference, PutRolePermissionsBoundary).
pub fn put_boundary(world: &mut World, ask: &Ask) -> Answer {
    let boundary = boundary(ask)?;
    find_mine(world, ask)?.boundary = Some(boundary);
    Ok(json!({}))
}

/// Of a role without one it is not found (unverified).
pub fn delete_boundary(world: &mut World, ask: &Ask) -> Answer {
    let role = find_mine(world, ask)?;
    let absent = checks::no_entity(format!("The role {} has no permissions boundary.", role.name));
    role.boundary.take().map(|_| json!({})).ok_or(absent)
}

/// A role of which only the necessary is set.
pub fn blank(world: &mut World, name: &str, path: &str, trust: String) -> Role {
    let usable = world.now() + Duration::from_secs_f64(world.draw_tail(ROLE_SPREADS));
    Role {
        name: name.to_owned(),
        path: path.to_owned(),
        id: format!("AROA{}", world.hex(17).to_uppercase()),
        arn: format!("arn:aws:iam::{}:role{path}{name}", world.account),
        // To the second.
        created: format!("{:.19}Z", world.iso()),
        usable,
        trust,
        description: None,
        max_session: 3600,
        boundary: None,
        tags: Default::default(),
        inline: Default::default(),
        spread: Default::default(),
        attached: Default::default(),
        linked: false,
    }
}

pub fn answer(role: &Role) -> Json {
    json!({ "Role": show(role, true) })
}

pub fn get(world: &mut World, ask: &Ask) -> Answer {
    find(world, ask).map(|role| answer(role))
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let prefix = checks::path_prefix(ask)?;
    let there = world.iam.roles.iter().filter(|(_, role)| role.path.starts_with(&prefix));
    paging::page(ask, "Roles", there.map(|(key, role)| (key.clone(), show(role, false))))
}

/// "Make sure that the role has no policies attached" (API reference, DeleteRole).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let role = find_mine(world, ask)?;
    let conflict = |why: &str| Err(Refusal::new("DeleteConflict", why).with_status(409));
    if !role.attached.is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if !role.inline.is_empty() {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    let key = role.name.to_lowercase();
    world.iam.roles.remove(&key);
    Ok(json!({}))
}

pub fn update_trust(world: &mut World, ask: &Ask) -> Answer {
    let text = checks::required(ask, "PolicyDocument")?;
    find_mine(world, ask)?;
    check_trust(world, text)?;
    find_mine(world, ask)?.trust = text.to_owned();
    Ok(json!({}))
}

/// A member that didn't come stays as it is (unverified).
pub fn update(world: &mut World, ask: &Ask) -> Answer {
    let (description, session) = (checks::description(ask)?, checks::number(ask, "MaxSessionDuration", 3600, 43_200)?);
    let role = find_mine(world, ask)?;
    role.description = description.or(role.description.take());
    role.max_session = session.unwrap_or(role.max_session);
    Ok(json!({}))
}

/// Always none: instance profiles aren't simulated.
pub fn list_instance_profiles(world: &mut World, ask: &Ask) -> Answer {
    find(world, ask)?;
    paging::page(ask, "InstanceProfiles", std::iter::empty())
}
