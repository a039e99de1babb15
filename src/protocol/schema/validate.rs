//! Terraform's own checks of a schema, made before Terraform makes them.
//!
//! One fault in one attribute and Terraform refuses every command, so a unit test should call this for each schema. Some
//! rules are ours: names in snake_case and sorted, defaults that fit their type, marks that mean something.

use std::fmt;

use super::{Attribute, Nesting, Presence, Schema, Shape, Type};
use crate::protocol::codec;
use crate::protocol::path::Path;
use crate::protocol::value::Value;

/// Names that Terraform keeps for itself at the root of a resource.
const RESERVED: [&str; 7] = ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// A rule that an attribute breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: Path,
    pub rule: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.path.lead(), self.rule)
    }
}

impl Schema {
    /// Every fault in the schema, in the order of its attributes; empty when Terraform will take it.
    pub fn validate(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for attribute in &self.attributes {
            if RESERVED.contains(&attribute.name.as_str()) {
                let path = Path::root().attribute(&attribute.name);
                faults.push(Fault { path, rule: "the name is reserved by Terraform" });
            }
        }
        check_all(&self.attributes, &Path::root(), &mut faults);
        faults
    }
}

fn check_all(attributes: &[Attribute], path: &Path, faults: &mut Vec<Fault>) {
    for pair in attributes.windows(2) {
        let rule = match pair[0].name.cmp(&pair[1].name) {
            std::cmp::Ordering::Less => continue,
            std::cmp::Ordering::Equal => "the name is given twice",
            std::cmp::Ordering::Greater => "attributes must be sorted by name",
        };
        faults.push(Fault { path: path.clone().attribute(&pair[1].name), rule });
    }
    for attribute in attributes {
        let path = path.clone().attribute(&attribute.name);
        faults.extend(rules_broken(attribute).map(|rule| Fault { path: path.clone(), rule }));
        check_all(attribute.members(), &path, faults);
    }
}

/// The rules that concern one attribute by itself.
fn rules_broken(attribute: &Attribute) -> impl Iterator<Item = &'static str> {
    let default = match &attribute.presence {
        Presence::Default(default) => Some(default),
        _ => None,
    };
    let rules = [
        (is_snake_case(&attribute.name), "the name must be snake_case"),
        (!is_set_of_dynamic(attribute), "a set may not hold dynamic values"),
        (!has_empty_object(attribute), "an object needs at least one attribute"),
        (!attribute.stable || attribute.presence.computed(), "only a computed attribute can be stable"),
        (!attribute.replaces || attribute.presence != Presence::Computed, "a read-only attribute cannot replace"),
        (default.is_none_or(|value| !value.is_null()), "the default may not be null"),
        (default.is_none_or(|value| value.is_wholly_known()), "the default must be wholly known"),
        (default.is_none_or(|value| codec::fits(&attribute.implied_type(), value)), "the default is of another type"),
        (
            default.is_none_or(|value| !fills_read_only(attribute.members(), value)),
            "the default fills a read-only member",
        ),
    ];
    rules.into_iter().filter(|(kept, _)| !kept).map(|(_, rule)| rule)
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|char| matches!(char, 'a'..='z' | '0'..='9' | '_'))
}

fn is_set_of_dynamic(attribute: &Attribute) -> bool {
    match &attribute.shape {
        Shape::Nested(Nesting::Set, members) => members.iter().any(|member| contains_dynamic(&member.implied_type())),
        // The members of other nestings are checked one by one.
        Shape::Nested(..) => false,
        Shape::Plain(plain) => contains_set_of_dynamic(plain),
    }
}

fn has_empty_object(attribute: &Attribute) -> bool {
    matches!(&attribute.shape, Shape::Nested(_, members) if members.is_empty())
}

fn fills_read_only(members: &[Attribute], default: &Value) -> bool {
    match default {
        Value::Object(_) => members.iter().any(|member| {
            let value = default.member(&member.name);
            let read_only = member.presence == Presence::Computed;
            (read_only && !value.is_null()) || fills_read_only(member.members(), value)
        }),
        _ => !members.is_empty() && default.parts().into_iter().any(|part| fills_read_only(members, part)),
    }
}

fn contains_set_of_dynamic(ty: &Type) -> bool {
    matches!(ty, Type::Set(element) if contains_dynamic(element)) || parts(ty).into_iter().any(contains_set_of_dynamic)
}

fn contains_dynamic(ty: &Type) -> bool {
    *ty == Type::Dynamic || parts(ty).into_iter().any(contains_dynamic)
}

fn parts(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Bool | Type::Number | Type::String | Type::Dynamic => Vec::new(),
        Type::List(element) | Type::Set(element) | Type::Map(element) => vec![element],
        Type::Tuple(elements) => elements.iter().collect(),
        Type::Object(members) => members.iter().map(|(_, member)| member).collect(),
    }
}

#[cfg(test)]
mod tests;
