//! The JSON form of values, as in state files. It has no unknowns, and numbers of any length.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Error, Place, attribute, index, key, number, types};
use crate::protocol::schema::Type;
use crate::protocol::value::Value;

pub fn read(ty: &Type, json: &Json) -> Result<Value, Error> {
    read_at(ty, json, &mut Place::default())
}

fn read_at(ty: &Type, json: &Json, place: &mut Place) -> Result<Value, Error> {
    Ok(match (ty, json) {
        (_, Json::Null) => Value::Null,
        (Type::Bool, Json::Bool(truth)) => Value::Bool(*truth),
        (Type::Number, Json::Number(given)) => {
            Value::Number(number::parse(given.as_str()).ok_or_else(|| place.error("is no number of sensible size"))?)
        }
        (Type::String, Json::String(text)) => Value::String(text.clone()),
        (Type::Dynamic, Json::Object(pair)) => {
            let (Some(notation), Some(value), 2) = (pair.get("type"), pair.get("value"), pair.len()) else {
                return Err(place.error("is dynamic, but no pair of type and value"));
            };
            let ty = types::read_type(notation, place)?;
            place.inside(None, |place| read_at(&ty, value, place))?
        }
        (Type::List(element), Json::Array(elements)) => {
            let elements = elements.iter().enumerate();
            let read = elements.map(|(at, json)| place.inside(index(at), |place| read_at(element, json, place)));
            Value::List(read.collect::<Result<_, _>>()?)
        }
        (Type::Set(element), Json::Array(elements)) => {
            let read = elements.iter().map(|json| place.inside(None, |place| read_at(element, json, place)));
            Value::set(read.collect::<Result<Vec<_>, _>>()?)
        }
        (Type::Tuple(types), Json::Array(elements)) if types.len() == elements.len() => {
            let pairs = types.iter().zip(elements).enumerate();
            let read = pairs.map(|(at, (ty, json))| place.inside(index(at), |place| read_at(ty, json, place)));
            Value::Tuple(read.collect::<Result<_, _>>()?)
        }
        (Type::Map(element), Json::Object(elements)) => {
            let read = elements.iter().map(|(name, json)| {
                Ok((name.clone(), place.inside(key(name), |place| read_at(element, json, place))?))
            });
            Value::Map(read.collect::<Result<_, _>>()?)
        }
        (Type::Object(types), Json::Object(given)) => {
            place.only_known_names(types, given.keys())?;
            let mut members = BTreeMap::new();
            for (name, ty) in types {
                let json = given.get(name).unwrap_or(&Json::Null);
                members.insert(name.clone(), place.inside(attribute(name), |place| read_at(ty, json, place))?);
            }
            Value::Object(members)
        }
        (ty, _) => return Err(place.error(format!("is not of type {}", types::type_json(ty)))),
    })
}

pub fn write(ty: &Type, value: &Value) -> Result<Json, Error> {
    write_at(ty, value, &mut Place::default())
}

fn write_at(ty: &Type, value: &Value, place: &mut Place) -> Result<Json, Error> {
    Ok(match (ty, value) {
        (_, Value::Null) => Json::Null,
        (_, Value::Unknown) => return Err(place.error("is not known yet, which JSON cannot say")),
        (Type::Dynamic, value) => {
            let ty = types::infer(value, place)?;
            let written = place.inside(None, |place| write_at(&ty, value, place))?;
            json!({"type": types::type_json(&ty), "value": written})
        }
        (Type::Bool, Value::Bool(truth)) => Json::Bool(*truth),
        (Type::Number, Value::Number(given)) => {
            Json::Number(number::text(given).parse().map_err(|_| place.error("is no number that JSON can write"))?)
        }
        (Type::String, Value::String(text)) => Json::String(text.clone()),
        (Type::List(element), Value::List(elements)) => {
            let elements = elements.iter().enumerate();
            let written = elements.map(|(at, value)| place.inside(index(at), |place| write_at(element, value, place)));
            Json::Array(written.collect::<Result<_, _>>()?)
        }
        (Type::Set(element), Value::Set(elements)) => {
            let written = elements.iter().map(|value| place.inside(None, |place| write_at(element, value, place)));
            Json::Array(written.collect::<Result<_, _>>()?)
        }
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            let pairs = types.iter().zip(elements).enumerate();
            let written = pairs.map(|(at, (ty, value))| place.inside(index(at), |place| write_at(ty, value, place)));
            Json::Array(written.collect::<Result<_, _>>()?)
        }
        (Type::Map(element), Value::Map(elements)) => {
            let written = elements.iter().map(|(name, value)| {
                Ok((name.clone(), place.inside(key(name), |place| write_at(element, value, place))?))
            });
            Json::Object(written.collect::<Result<_, _>>()?)
        }
        (Type::Object(types), Value::Object(members)) => {
            place.only_known_names(types, members.keys())?;
            let written = types.iter().map(|(name, ty)| {
                let value = members.get(name).unwrap_or(&Value::Null);
                Ok((name.clone(), place.inside(attribute(name), |place| write_at(ty, value, place))?))
            });
            Json::Object(written.collect::<Result<_, _>>()?)
        }
        (ty, _) => return Err(place.error(format!("is not of type {}", types::type_json(ty)))),
    })
}
