//! Terraform's rules for plans, as pure functions: defaults, what becomes "known after apply", what replaces.
//!
//! Terraform plans twice, and the second plan must repeat every value the first one gave: nothing here may depend on
//! anything but the arguments.

mod nested;
mod replace;
mod turn;

use super::schema::{Attribute, Presence, Schema, Shape};
use super::value::Value;

pub use replace::replacements;
pub use turn::{apply, plan};

/// The planned value of a create (`prior` null) or an update; null for a destroy (`proposed` null).
///
/// Each attribute is settled by its [`Presence`]:
///
/// - What the configuration gives stands, unknown where it is unknown.
/// - `Default`: where the configuration has null, the default, never the prior value. So for the members of nested
///   attributes too, and for the whole of one that is left out.
/// - `OptionalComputed`: where the configuration has null, the prior value: what was decided stays until the resource
///   decides anew. Where there is none, unknown.
/// - `Computed`: the prior value if nothing in the resource changed at all. Otherwise unknown, except that a `stable`
///   one keeps its prior value.
///
/// If nothing changed, the answer is `prior` itself.
///
/// Elements of nested attributes meet their prior selves by index or key. Set elements have neither: one meets the prior
/// element that differs only in what the configuration left open. That is how Terraform makes its proposal as well, but
/// where several elements fit, Terraform's choice can hand one prior element to the wrong one. So prior values are taken
/// from `prior`, and `proposed` tells only a destroy.
pub fn propose(schema: &Schema, prior: &Value, proposed: &Value, config: &Value) -> Value {
    if proposed.is_null() {
        return Value::Null;
    }
    let settled = nested::members(&schema.attributes, config, prior, settle);
    if settled == *prior { settled } else { mark_members(&schema.attributes, settled) }
}

/// A planned value with unknown in place of what the provider decides and may decide anew: for a resource that finds a
/// change where `propose` saw none.
pub fn open(schema: &Schema, planned: Value) -> Value {
    mark_members(&schema.attributes, planned)
}

/// Null in place of everything unknown: what can be stored of a plan that was carried out only in part.
pub fn nulls_for_unknowns(value: Value) -> Value {
    match value {
        Value::Unknown => Value::Null,
        known => known.map_parts(nulls_for_unknowns),
    }
}

/// The attribute's value if nothing but the configuration changes: computed values are as before, null if never known.
fn settle(attribute: &Attribute, config: &Value, prior: &Value) -> Value {
    let config = match (&attribute.presence, config) {
        (Presence::Default(default), Value::Null) => default,
        _ => config,
    };
    match (&attribute.presence, config, &attribute.shape) {
        (Presence::Computed, ..) | (Presence::OptionalComputed, Value::Null, _) => prior.clone(),
        (_, Value::Null | Value::Unknown, _) | (_, _, Shape::Plain(_)) => config.clone(),
        (_, _, Shape::Nested(nesting, members)) => nested::each(*nesting, members, config, prior, settle),
    }
}

/// Unknown in place of what the provider decides and may decide anew.
fn mark(attribute: &Attribute, settled: Value) -> Value {
    let open = match attribute.presence {
        Presence::Computed => !attribute.stable || settled.is_null(),
        Presence::OptionalComputed => settled.is_null(),
        Presence::Required | Presence::Optional | Presence::Default(_) => false,
    };
    match &attribute.shape {
        _ if open => Value::Unknown,
        Shape::Nested(nesting, members) if attribute.presence != Presence::Computed => {
            nested::change_objects(*nesting, settled, |object| mark_members(members, object))
        }
        _ => settled,
    }
}

fn mark_members(attributes: &[Attribute], settled: Value) -> Value {
    let Value::Object(mut settled) = settled else { return settled };
    let marked = attributes.iter().map(|attribute| {
        let value = settled.remove(&attribute.name).unwrap_or_default();
        (attribute.name.clone(), mark(attribute, value))
    });
    Value::Object(marked.collect())
}

#[cfg(test)]
mod tests;
