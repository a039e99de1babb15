//! The wire format of values. Unknowns are extension values, big numbers are decimal strings.
//!
//! Terraform may send refined unknowns ("not null", "starts with …"). They are read as plain unknowns and never sent:
//! what a plan refines, Terraform enforces at apply.

use std::collections::BTreeMap;

use rmpv::Value as Pack;

use super::{Error, Place, attribute, index, key, number, types};
use crate::protocol::schema::Type;
use crate::protocol::value::Value;

/// The reader counts two levels for each array, and the type notation inside a dynamic value has its own limit.
const READER_DEPTH: usize = 3 * super::DEPTH;

/// Ends up as `d4 00 00`, the canonical unknown.
const UNKNOWN: (i8, u8) = (0, 0);

pub fn decode(ty: &Type, mut bytes: &[u8]) -> Result<Value, Error> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let mut place = Place::default();
    let pack = rmpv::decode::read_value_with_max_depth(&mut bytes, READER_DEPTH)
        .map_err(|error| place.error(format!("is not msgpack: {error}")))?;
    if !bytes.is_empty() {
        return Err(place.error("is not msgpack: more bytes follow the value"));
    }
    read(ty, pack, &mut place)
}

fn read(ty: &Type, pack: Pack, place: &mut Place) -> Result<Value, Error> {
    Ok(match (ty, pack) {
        (_, Pack::Nil) => Value::Null,
        (_, Pack::Ext(..)) => Value::Unknown,
        (Type::Bool, Pack::Boolean(truth)) => Value::Bool(truth),
        (Type::Number, pack) => read_number(&pack).map(Value::Number).ok_or_else(|| place.error("is no number"))?,
        (Type::String, Pack::String(text)) => {
            Value::String(text.into_str().ok_or_else(|| place.error("is not UTF-8"))?)
        }
        (Type::Dynamic, Pack::Array(pair)) => read_dynamic(pair, place)?,
        (Type::List(element), Pack::Array(packs)) => Value::List(read_list(element, packs, place)?),
        (Type::Set(element), Pack::Array(packs)) => {
            let elements = packs.into_iter().map(|pack| place.inside(None, |place| read(element, pack, place)));
            Value::set(elements.collect::<Result<Vec<_>, _>>()?)
        }
        (Type::Tuple(types), Pack::Array(packs)) if types.len() == packs.len() => {
            let pairs = types.iter().zip(packs).enumerate();
            let read = pairs.map(|(at, (ty, pack))| place.inside(index(at), |place| read(ty, pack, place)));
            Value::Tuple(read.collect::<Result<_, _>>()?)
        }
        (Type::Map(element), Pack::Map(pairs)) => {
            let mut elements = BTreeMap::new();
            for (name, pack) in named(pairs, place)? {
                let value = place.inside(key(&name), |place| read(element, pack, place))?;
                elements.insert(name, value);
            }
            Value::Map(elements)
        }
        (Type::Object(types), Pack::Map(pairs)) => {
            let mut packs = named(pairs, place)?;
            place.only_known_names(types, packs.keys())?;
            let mut members = BTreeMap::new();
            for (name, ty) in types {
                let pack = packs.remove(name).unwrap_or(Pack::Nil);
                members.insert(name.clone(), place.inside(attribute(name), |place| read(ty, pack, place))?);
            }
            Value::Object(members)
        }
        (ty, _) => return Err(place.error(format!("is not of type {}", types::type_json(ty)))),
    })
}

fn read_number(pack: &Pack) -> Option<bigdecimal::BigDecimal> {
    match pack {
        Pack::Integer(integer) => integer.as_i64().map(Into::into).or_else(|| integer.as_u64().map(Into::into)),
        Pack::F32(float) => number::from_f64(f64::from(*float)),
        Pack::F64(double) => number::from_f64(*double),
        Pack::String(text) => number::parse(text.as_str()?),
        _ => None,
    }
}

fn read_list(element: &Type, packs: Vec<Pack>, place: &mut Place) -> Result<Vec<Value>, Error> {
    let packs = packs.into_iter().enumerate();
    packs.map(|(at, pack)| place.inside(index(at), |place| read(element, pack, place))).collect()
}

/// The type's notation, then the value.
fn read_dynamic(pair: Vec<Pack>, place: &mut Place) -> Result<Value, Error> {
    let Ok([notation, value]) = <[Pack; 2]>::try_from(pair) else {
        return Err(place.error("is dynamic, but no pair of type and value"));
    };
    let notation = match &notation {
        Pack::Binary(bytes) => serde_json::from_slice(bytes).ok(),
        Pack::String(text) => serde_json::from_slice(text.as_bytes()).ok(),
        _ => None,
    };
    let ty = types::read_type(&notation.unwrap_or_default(), place)?;
    place.inside(None, |place| read(&ty, value, place))
}

fn named(pairs: Vec<(Pack, Pack)>, place: &Place) -> Result<BTreeMap<String, Pack>, Error> {
    let mut members = BTreeMap::new();
    for (name, pack) in pairs {
        let name = name.as_str().ok_or_else(|| place.error("has a key that is no string"))?.to_owned();
        if members.insert(name.clone(), pack).is_some() {
            return Err(place.error(format!("has the key {name:?} twice")));
        }
    }
    Ok(members)
}

pub fn encode(ty: &Type, value: &Value) -> Result<Vec<u8>, Error> {
    let mut place = Place::default();
    let pack = write(ty, value, &mut place)?;
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &pack).map_err(|error| place.error(error.to_string()))?;
    Ok(bytes)
}

fn write(ty: &Type, value: &Value, place: &mut Place) -> Result<Pack, Error> {
    Ok(match (ty, value) {
        (_, Value::Null) => Pack::Nil,
        (_, Value::Unknown) => Pack::Ext(UNKNOWN.0, vec![UNKNOWN.1]),
        (Type::Dynamic, value) => {
            let ty = types::infer(value, place)?;
            let notation = types::type_json(&ty).to_string().into_bytes();
            Pack::Array(vec![Pack::Binary(notation), place.inside(None, |place| write(&ty, value, place))?])
        }
        (Type::Bool, Value::Bool(truth)) => Pack::Boolean(*truth),
        (Type::Number, Value::Number(number)) => write_number(number),
        (Type::String, Value::String(text)) => Pack::from(text.as_str()),
        (Type::List(element), Value::List(elements)) => {
            let elements = elements.iter().enumerate();
            let packs = elements.map(|(at, value)| place.inside(index(at), |place| write(element, value, place)));
            Pack::Array(packs.collect::<Result<_, _>>()?)
        }
        (Type::Set(element), Value::Set(elements)) => {
            let packs = elements.iter().map(|value| place.inside(None, |place| write(element, value, place)));
            Pack::Array(packs.collect::<Result<_, _>>()?)
        }
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            let pairs = types.iter().zip(elements).enumerate();
            let packs = pairs.map(|(at, (ty, value))| place.inside(index(at), |place| write(ty, value, place)));
            Pack::Array(packs.collect::<Result<_, _>>()?)
        }
        (Type::Map(element), Value::Map(elements)) => {
            let pairs = elements.iter().map(|(name, value)| {
                Ok((Pack::from(name.as_str()), place.inside(key(name), |place| write(element, value, place))?))
            });
            Pack::Map(pairs.collect::<Result<_, _>>()?)
        }
        (Type::Object(types), Value::Object(members)) => {
            place.only_known_names(types, members.keys())?;
            let pairs = types.iter().map(|(name, ty)| {
                let value = members.get(name).unwrap_or(&Value::Null);
                Ok((Pack::from(name.as_str()), place.inside(attribute(name), |place| write(ty, value, place))?))
            });
            Pack::Map(pairs.collect::<Result<_, _>>()?)
        }
        (ty, _) => return Err(place.error(format!("is not of type {}", types::type_json(ty)))),
    })
}

/// The smallest integer form, else a double that is exactly it, else its digits.
fn write_number(number: &bigdecimal::BigDecimal) -> Pack {
    if let Some(integer) = number::as_i64(number) {
        Pack::from(integer)
    } else if let Some(double) = number::as_exact_f64(number).filter(|_| !number.is_integer()) {
        Pack::F64(double)
    } else {
        Pack::from(number::text(number))
    }
}
