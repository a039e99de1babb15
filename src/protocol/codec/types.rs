//! Terraform's JSON notation of types, and the type of a value that stands in a dynamic attribute.

use serde_json::{Value as Json, json};

use super::{DEPTH, Error, Place};
use crate::protocol::schema::Type;
use crate::protocol::value::Value;

/// The wire's notation of a type: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`.
pub fn type_json(ty: &Type) -> Json {
    match ty {
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::Dynamic => json!("dynamic"),
        Type::List(element) => json!(["list", type_json(element)]),
        Type::Set(element) => json!(["set", type_json(element)]),
        Type::Map(element) => json!(["map", type_json(element)]),
        Type::Tuple(elements) => json!(["tuple", elements.iter().map(type_json).collect::<Vec<_>>()]),
        Type::Object(members) => {
            let members: serde_json::Map<_, _> =
                members.iter().map(|(name, member)| (name.clone(), type_json(member))).collect();
            json!(["object", members])
        }
    }
}

/// Reads the notation back. A third element of `object`, the names of optional attributes, is passed over.
pub fn read_type(json: &Json, place: &Place) -> Result<Type, Error> {
    parse(json, DEPTH).ok_or_else(|| place.error("has a dynamic type in no notation of Terraform's"))
}

fn parse(json: &Json, depth: usize) -> Option<Type> {
    let depth = depth.checked_sub(1)?;
    let element = |json: &Json| parse(json, depth).map(Box::new);
    Some(match json {
        Json::String(name) => match name.as_str() {
            "bool" => Type::Bool,
            "number" => Type::Number,
            "string" => Type::String,
            "dynamic" => Type::Dynamic,
            _ => return None,
        },
        Json::Array(parts) => match (parts.first()?.as_str()?, parts.get(1)?) {
            ("list", inner) => Type::List(element(inner)?),
            ("set", inner) => Type::Set(element(inner)?),
            ("map", inner) => Type::Map(element(inner)?),
            ("tuple", Json::Array(inner)) => {
                Type::Tuple(inner.iter().map(|inner| parse(inner, depth)).collect::<Option<_>>()?)
            }
            ("object", Json::Object(inner)) => {
                let members = inner.iter().map(|(name, inner)| Some((name.clone(), parse(inner, depth)?)));
                Type::Object(members.collect::<Option<_>>()?)
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// The type of a value in a dynamic attribute. Where the value doesn't tell (null, unknown, empty), dynamic.
pub fn infer(value: &Value, place: &mut Place) -> Result<Type, Error> {
    Ok(match value {
        Value::Null | Value::Unknown => Type::Dynamic,
        Value::Bool(_) => Type::Bool,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::List(elements) => Type::List(Box::new(infer_common(elements, place)?)),
        Value::Set(elements) => Type::Set(Box::new(infer_common(elements, place)?)),
        Value::Map(elements) => Type::Map(Box::new(infer_common(elements.values(), place)?)),
        Value::Tuple(elements) => {
            let types = elements.iter().map(|element| place.inside(None, |place| infer(element, place)));
            Type::Tuple(types.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let types = members.iter().map(|(name, member)| {
                Ok((name.clone(), place.inside(super::attribute(name), |place| infer(member, place))?))
            });
            Type::Object(types.collect::<Result<_, _>>()?)
        }
    })
}

fn infer_common<'a>(elements: impl IntoIterator<Item = &'a Value>, place: &mut Place) -> Result<Type, Error> {
    let mut common = Type::Dynamic;
    for element in elements {
        let next = place.inside(None, |place| infer(element, place))?;
        common = unify(common, next).ok_or_else(|| place.error("has elements of different types"))?;
    }
    Ok(common)
}

/// The one type that both stand for; dynamic gives way to anything.
fn unify(left: Type, right: Type) -> Option<Type> {
    Some(match (left, right) {
        (Type::Dynamic, other) | (other, Type::Dynamic) => other,
        (Type::List(left), Type::List(right)) => Type::List(Box::new(unify(*left, *right)?)),
        (Type::Set(left), Type::Set(right)) => Type::Set(Box::new(unify(*left, *right)?)),
        (Type::Map(left), Type::Map(right)) => Type::Map(Box::new(unify(*left, *right)?)),
        (Type::Tuple(left), Type::Tuple(right)) if left.len() == right.len() => {
            Type::Tuple(left.into_iter().zip(right).map(|(left, right)| unify(left, right)).collect::<Option<_>>()?)
        }
        (Type::Object(left), Type::Object(right)) if left.len() == right.len() => {
            // Both come from sorted members, so equal names stand at equal places.
            let pairs = left.into_iter().zip(right).map(|((name, left), (other, right))| {
                (name == other).then_some(())?;
                Some((name, unify(left, right)?))
            });
            Type::Object(pairs.collect::<Option<_>>()?)
        }
        (left, right) => return (left == right).then_some(left),
    })
}
