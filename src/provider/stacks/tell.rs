//! Stacks as they are told: to people, and to machines.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::aws::objects::anchor::{Reading, Status};
use crate::aws::stacks::Stack;
use crate::provider::web_service::import;

/// One stack, as JSON tells it.
#[derive(Debug, Serialize)]
pub struct Told {
    pub id: String,
    pub name: String,
    pub status: State,
    /// When its record was written last, which an operation under way does every 20 seconds.
    last_sign_of_life: Option<String>,
    /// The operation that holds it.
    lease: Option<Lease>,
    pub objects: Vec<Object>,
    /// What to write into a configuration to have it back.
    import: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Complete,
    Unfinished,
    Deleting,
    /// Objects stand, and no record says what they are to become.
    WithoutAnchor,
}

#[derive(Debug, Serialize)]
struct Lease {
    /// Drawn anew by each operation.
    holder: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Object {
    pub kind: String,
    pub key: String,
    pub id: String,
}

impl Told {
    pub fn of(stack: &Stack) -> Self {
        let (identity, record) = (&stack.owner.identity, stack.anchor.as_ref().map(|read| &read.record));
        let object = |found: &crate::aws::erased::Found| Object {
            kind: found.kind.to_owned(),
            key: found.key.clone(),
            id: found.made.id.clone(),
        };
        let mut objects: Vec<Object> = stack.survey.found.iter().map(object).collect();
        objects.sort_unstable();
        let holder = record.map(|record| record.holder.clone()).filter(|holder| !holder.is_empty());
        Self {
            id: identity.to_string(),
            name: identity.name.clone(),
            status: match record.map(|record| record.status) {
                None => State::WithoutAnchor,
                Some(Status::Creating) => State::Unfinished,
                Some(Status::Complete) => State::Complete,
                Some(Status::Deleting) => State::Deleting,
            },
            last_sign_of_life: stack.anchor.as_ref().and_then(Reading::written_at),
            lease: holder.map(|holder| Lease { holder }),
            objects,
            import: import::block(identity, &import::label(identity)),
        }
    }

    fn status(&self) -> String {
        let since = self.last_sign_of_life.as_deref().unwrap_or("an unknown time");
        match self.status {
            State::Complete => "complete".into(),
            State::Unfinished => format!("unfinished since {since}"),
            State::Deleting => format!("deleting since {since}"),
            State::WithoutAnchor => "its record is gone, these objects are left".into(),
        }
    }

    fn counted(&self) -> String {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        self.objects.iter().for_each(|object| *kinds.entry(&object.kind).or_default() += 1);
        let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        kinds.join(", ")
    }
}

pub fn json(stacks: &[Told]) -> String {
    // Of plain texts: it cannot fail.
    serde_json::to_string_pretty(stacks).unwrap_or_default()
}

pub fn text(stacks: &[Told], account: &str, region: &str) -> String {
    let mut out = String::new();
    let count = match stacks.len() {
        0 => "No stack".to_owned(),
        1 => "1 stack".to_owned(),
        count => format!("{count} stacks"),
    };
    let _ = writeln!(out, "{count} in account {account}, region {region}");
    for stack in stacks {
        let _ = writeln!(out, "\n{}: {}", stack.name, stack.status());
        if let Some(Lease { holder }) = &stack.lease {
            let since = stack.last_sign_of_life.as_deref().unwrap_or("an unknown time");
            let _ = writeln!(out, "  held by operation {holder}, last sign of life {since}");
        }
        let _ = writeln!(out, "  {} objects: {}", stack.objects.len(), stack.counted());
        stack.import.lines().for_each(|line| out.extend(["  ", line, "\n"]));
    }
    out
}

/// Every object, one a line.
pub fn objects(stack: &Told) -> String {
    let wide = |of: fn(&Object) -> &str| stack.objects.iter().map(|object| of(object).len()).max().unwrap_or_default();
    let (kind, key) = (wide(|object| &object.kind), wide(|object| &object.key));
    let line = |object: &Object| format!("  {:kind$}  {:key$}  {}\n", object.kind, object.key, object.id);
    stack.objects.iter().map(line).collect()
}
