//! Identity and Access Management: roles, their policies and tags. Global on AWS; here it belongs to the one account.
//!
//! Names are one whatever their case, and shown as they were given (IAM User Guide, "IAM identifiers"). A fresh role can't be
//! assumed at once: `usable` says when it can; reads show it from the first moment.

mod attached;
mod checks;
mod document;
mod grants;
mod implied;
mod inline;
mod linked;
mod paging;
mod roles;
mod simulate;
mod tagging;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::ask::Ask;
use super::observe::Object;
use super::refusal::Refusal;
use super::tags::Tags;
use super::world::{Operation, World};

#[derive(Clone, Debug, Default)]
pub struct State {
    /// By their names in lower case.
    roles: BTreeMap<String, Role>,
    /// Actions that the caller may not take, such as `ec2:CreateNat*`.
    pub denied: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Role {
    name: String,
    path: String,
    id: String,
    arn: String,
    created: String,
    usable: Duration,
    trust: String,
    description: Option<String>,
    max_session: i64,
    boundary: Option<String>,
    tags: Tags,
    /// Inline policies by name.
    inline: BTreeMap<String, String>,
    /// When what was put or attached last counts, by name or ARN.
    spread: BTreeMap<String, Duration>,
    /// ARNs of managed policies.
    attached: BTreeSet<String>,
    /// To a service, whose role it is.
    linked: bool,
}

pub use grants::allows;
pub use implied::implied;
pub use linked::need as need_linked_role;

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "AttachRolePolicy" => attached::attach,
        "CreateRole" => roles::create,
        "CreateServiceLinkedRole" => linked::create,
        "DeleteRole" => roles::delete,
        "DeleteRolePolicy" => inline::delete,
        "DeleteRolePermissionsBoundary" => roles::delete_boundary,
        "DetachRolePolicy" => attached::detach,
        "GetRole" => roles::get,
        "GetRolePolicy" => inline::get,
        "ListAttachedRolePolicies" => attached::list,
        "ListInstanceProfilesForRole" => roles::list_instance_profiles,
        "ListRolePolicies" => inline::list,
        "ListRoleTags" => tagging::list,
        "ListRoles" => roles::list,
        "PutRolePermissionsBoundary" => roles::put_boundary,
        "PutRolePolicy" => inline::put,
        "SimulatePrincipalPolicy" => simulate::principal,
        "TagRole" => tagging::tag,
        "UntagRole" => tagging::untag,
        "UpdateAssumeRolePolicy" => roles::update_trust,
        "UpdateRole" => roles::update,
        _ => return None,
    })
}

pub use simulate::denies;

/// Whether the role stands.
pub fn role_stands(world: &World, arn: &str) -> bool {
    by_arn(world, arn).is_some()
}

/// Whether a service, such as `ecs-tasks.amazonaws.com`, can assume the role: it stands, has stood long enough, and trusts it.
pub fn role_usable(world: &World, arn: &str, by: &str) -> bool {
    by_arn(world, arn).is_some_and(|role| role.usable <= world.now() && role.trust.contains(by))
}

/// Whether the role for this service stands, such as `ecs.amazonaws.com`, and the service can assume it.
pub fn linked_role_stands(world: &World, service: &str) -> bool {
    let mut linked = world.iam.roles.values().filter(|role| role.linked && role.path == linked::path(service));
    linked.any(|role| role.usable <= world.now())
}

/// Makes the role for this service unless it stands, as services do when they are first used.
pub fn have_linked_role(world: &mut World, service: &str) {
    if !linked_role_stands(world, service) {
        // Only a service without a known role is refused.
        let _ = linked::create(world, &Ask(serde_json::json!({ "AWSServiceName": service })));
    }
}

/// In an ARN, case matters.
fn by_arn<'a>(world: &'a World, arn: &str) -> Option<&'a Role> {
    let name = arn.rsplit('/').next()?;
    world.iam.roles.get(&name.to_lowercase()).filter(|role| role.arn == arn)
}

/// The role that `RoleName` tells.
fn find<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Role, Refusal> {
    let name = checks::name(ask, "RoleName", 64)?;
    let absent = || checks::no_entity(format!("The role with name {name} cannot be found."));
    world.iam.roles.get_mut(&name.to_lowercase()).ok_or_else(absent)
}

/// The same, to be changed: service-linked roles can't be (API reference, `UnmodifiableEntity`).
fn find_mine<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Role, Refusal> {
    let role = find(world, ask)?;
    if role.linked {
        let why = format!("Cannot perform the operation on the protected role '{}'", role.name);
        return Err(Refusal::new("UnmodifiableEntity", why + " - this role is only modifiable by AWS"));
    }
    Ok(role)
}

/// Roles that stand, but for those linked to a service, which AWS makes and keeps.
pub fn objects(world: &World) -> Vec<Object> {
    let mine = world.iam.roles.values().filter(|role| !role.linked);
    let object = |role: &Role| {
        let settings = json!({
            "trust": role.trust, "inline": role.inline, "attached": role.attached, "boundary": role.boundary,
        });
        let (id, name, tags) = (role.arn.clone(), role.name.clone(), role.tags.clone());
        Object { kind: "iam role", id, name, tags, settings }
    };
    mine.map(object).collect()
}
