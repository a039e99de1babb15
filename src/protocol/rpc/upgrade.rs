//! State as it was stored, brought to the current schema. Terraform asks for every object in every run, also where
//! nothing has to change: this must be quick, and work without configuration or network.

use serde_json::{Map, Value as Json};

use super::values::encode;
use super::{Call, wire};
use crate::protocol::codec;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::schema::{Attribute, Nesting, Shape};

pub async fn upgrade(
    call: Call,
    request: wire::upgrade_resource_state::Request,
) -> Result<wire::upgrade_resource_state::Response, Diagnostic> {
    let resource = call.resource(&request.type_name)?;
    let schema = resource.schema();
    let mut state = stored(request.raw_state.unwrap_or_default())?;
    if request.version > schema.version {
        return Err(unreadable("a newer version of the provider wrote it"));
    }
    if request.version < schema.version {
        state = resource.upgrade(request.version, state)?;
    }
    let state = codec::from_json(schema, &fitted(&schema.attributes, state))
        .map_err(|error| unreadable(&error.to_string()).at(error.path))?;
    Ok(wire::upgrade_resource_state::Response {
        upgraded_state: Some(encode(schema, &state)?),
        diagnostics: Vec::new(),
    })
}

/// Never null: to answer null is to forget the resource.
fn stored(raw: wire::RawState) -> Result<Json, Diagnostic> {
    if !raw.flatmap.is_empty() {
        return Err(unreadable("Terraform before 0.12 wrote it"));
    }
    match serde_json::from_slice(&raw.json) {
        Ok(state @ Json::Object(_)) => Ok(state),
        Ok(_) => Err(unreadable("it isn't an object")),
        Err(error) => Err(unreadable(&error.to_string())),
    }
}

/// Exactly the members that the schema has: what it no longer knows is dropped, what it didn't know yet is null.
fn fitted(attributes: &[Attribute], state: Json) -> Json {
    let Json::Object(mut state) = state else { return state };
    let members = attributes.iter().map(|attribute| {
        let stored = state.remove(&attribute.name).unwrap_or_default();
        let member = match (&attribute.shape, stored) {
            (Shape::Nested(Nesting::Single, attributes), stored) => fitted(attributes, stored),
            (Shape::Nested(_, attributes), Json::Array(items)) => {
                items.into_iter().map(|item| fitted(attributes, item)).collect()
            }
            (Shape::Nested(Nesting::Map, attributes), Json::Object(items)) => {
                Json::Object(items.into_iter().map(|(key, item)| (key, fitted(attributes, item))).collect())
            }
            (_, stored) => stored,
        };
        (attribute.name.clone(), member)
    });
    Json::Object(members.collect::<Map<_, _>>())
}

fn unreadable(why: &str) -> Diagnostic {
    Diagnostic::error("The stored state can't be read", format!("The provider doesn't understand it: {why}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::schema::{Presence, Type};

    fn attribute(name: &str, shape: Shape) -> Attribute {
        Attribute {
            name: name.into(),
            shape,
            presence: Presence::Optional,
            description: String::new(),
            sensitive: false,
            replaces: false,
            stable: false,
        }
    }

    #[test]
    fn forgotten_members_go_and_new_ones_are_null_at_every_depth() {
        let leaf = || vec![attribute("a", Shape::Plain(Type::String)), attribute("b", Shape::Plain(Type::Number))];
        let attributes = [
            attribute("list", Shape::Nested(Nesting::List, leaf())),
            attribute("map", Shape::Nested(Nesting::Map, leaf())),
            attribute("none", Shape::Nested(Nesting::Single, leaf())),
            attribute("plain", Shape::Plain(Type::Dynamic)),
        ];
        let state =
            json!({ "gone": 1, "list": [{ "a": "x", "gone": 1 }], "map": { "k": { "b": 2 } }, "plain": { "z": 1 } });
        let expected = json!({
            "list": [{ "a": "x", "b": null }],
            "map": { "k": { "a": null, "b": 2 } },
            "none": null,
            "plain": { "z": 1 },
        });
        assert_eq!(fitted(&attributes, state), expected);
    }
}
