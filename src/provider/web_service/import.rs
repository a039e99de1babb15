//! Import: a stack that stands comes under a configuration. Also the words by which a user is told how.

use super::elsewhere;
use super::private::Private;
use crate::aws::owner::Identity;
use crate::aws::stacks::Stack;
use crate::protocol::diagnostic::Diagnostic;
use crate::provider::config::Session;
use crate::provider::diagnose;

/// The name to import, by itself or as `account/region/name`: of a stack that stands here, be it without its anchor.
pub(super) async fn named(session: &Session, id: &str) -> Result<(String, Private), Diagnostic> {
    let refuse = |why: String| Diagnostic::error("Cannot import", why);
    let identity = identity(session, id)?;
    let owner = session.owner(&identity.name, session.tags_all(None));
    let stack = Stack::of(&session.aws, owner).await;
    match stack.map_err(|error| diagnose::error("Could not look for the service", &error))? {
        Some(stack) => {
            let generation = stack.anchor.map(|read| read.record.generation).unwrap_or_default();
            Ok((identity.name, Private { generation }))
        }
        None => {
            let Identity { account, region, name } = &identity;
            Err(refuse(format!("There is no service {name:?} in account {account}, region {region}.")))
        }
    }
}

/// The identity that a user has written, which must be one of this session's account and region.
///
/// # Errors
/// It is none, or one of another place.
pub fn identity(session: &Session, text: &str) -> Result<Identity, Diagnostic> {
    let identity = match Identity::parse(text) {
        Some(identity) => identity,
        None if !text.contains('/') => session.identity(text),
        None => {
            let why = format!("{text:?} is neither a service's name nor account/region/name.");
            return Err(Diagnostic::error("Not a service", why));
        }
    };
    match identity == session.identity(&identity.name) {
        true => Ok(identity),
        false => Err(elsewhere(session, &identity)),
    }
}

/// What to write into a configuration to import this stack under a label.
pub fn block(identity: &Identity, label: &str) -> String {
    format!("import {{\n  to = fargate_web_service.{label}\n  id = \"{identity}\"\n}}")
}

/// A label for a stack: its name, where Terraform takes that.
pub fn label(identity: &Identity) -> String {
    let name = &identity.name;
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name.clone() } else { format!("_{name}") }
}
