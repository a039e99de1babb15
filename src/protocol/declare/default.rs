//! Defaults. That of a nested struct is made of its members' defaults, so that leaving out the whole and leaving out
//! each member come to the same.

use serde_json::Value as Json;

use super::Fault;
use crate::protocol::codec;
use crate::protocol::schema::{Attribute, Nesting, Presence, Shape};
use crate::protocol::value::Value;

/// The default that serde names, as a value.
pub fn from_json(shape: &Shape, json: &Json) -> Result<Value, Fault> {
    let given =
        codec::value_from_json(&shape.implied_type(), json).map_err(|error| Fault::Default(error.to_string()))?;
    match shape {
        Shape::Nested(Nesting::Single, members) => {
            let made = of_members(members);
            agree(members, &given, &made)?;
            Ok(made)
        }
        _ => Ok(given),
    }
}

/// An object of the members' defaults, null where a member has none.
pub fn of_members(members: &[Attribute]) -> Value {
    Value::object(members.iter().map(|member| match &member.presence {
        Presence::Default(default) => (&member.name, default.clone()),
        _ => (&member.name, Value::Null),
    }))
}

/// Refuses a struct whose `Default` says other than its members: which one the user gets would be a matter of luck.
fn agree(members: &[Attribute], given: &Value, made: &Value) -> Result<(), Fault> {
    let differs = |member: &&Attribute| {
        matches!(member.presence, Presence::Default(_) | Presence::Optional)
            && given.member(&member.name) != made.member(&member.name)
    };
    members.iter().find(differs).map_or(Ok(()), |member| Err(Fault::TwoDefaults(member.name.clone())))
}
