//! Serde's view of a value. Walks lazily, so that unknowns nobody asks for do no harm, and puts the path on errors.

use std::collections::btree_map;
use std::fmt;
use std::iter::Enumerate;

use bigdecimal::{BigDecimal, ToPrimitive};
use serde::de::value::StrDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};

use super::{Error, Reason};
use crate::protocol::path::{Path, Step};
use crate::protocol::value::Value;

#[derive(Clone, Copy)]
pub struct Reader<'a> {
    value: &'a Value,
}

impl<'a> Reader<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self { value }
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { path: Path::root(), reason: Reason::Mismatch(message.to_string()) }
    }
}

impl Error {
    /// The same error seen from one level further out.
    fn within(mut self, step: Option<Step>) -> Self {
        match step {
            Some(step) => self.path.0.insert(0, step),
            // No path leads into a set.
            None => self.path = Path::root(),
        }
        self
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Unknown => Err(Error { path: Path::root(), reason: Reason::Unknown }),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_str(text),
            Value::List(elements) | Value::Tuple(elements) => {
                visitor.visit_seq(Elements { rest: elements.iter().enumerate(), indexed: true })
            }
            Value::Set(elements) => visitor.visit_seq(Elements { rest: elements.iter().enumerate(), indexed: false }),
            Value::Map(members) => visitor.visit_map(Members { rest: members.iter(), object: false, held: None }),
            Value::Object(members) => visitor.visit_map(Members { rest: members.iter(), object: true, held: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// Floats are checked here, because serde would round an integer silently.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Number(number) => visitor.visit_f64(nearest_double(number)?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Number(number) => {
                let float = number.to_string().parse::<f32>().map_err(de::Error::custom)?;
                exactly(float.to_string(), f64::from(float), number)?;
                visitor.visit_f32(float)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// Only enums without data: those are what a string attribute can say.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.value {
            Value::String(text) => {
                let variant: StrDeserializer<'_, Error> = text.as_str().into_deserializer();
                visitor.visit_enum(variant)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &BigDecimal, visitor: V) -> Result<V::Value, Error> {
    if !number.is_integer() {
        return visitor.visit_f64(nearest_double(number)?);
    }
    if let Some(integer) = number.to_i64() {
        visitor.visit_i64(integer)
    } else if let Some(integer) = number.to_u64() {
        visitor.visit_u64(integer)
    } else if let Some(integer) = number.to_i128() {
        visitor.visit_i128(integer)
    } else if let Some(integer) = number.to_u128() {
        visitor.visit_u128(integer)
    } else {
        Err(too_precise(number))
    }
}

fn nearest_double(number: &BigDecimal) -> Result<f64, Error> {
    let double = number.to_string().parse::<f64>().map_err(de::Error::custom)?;
    exactly(double.to_string(), double, number)?;
    Ok(double)
}

/// A float stands for a number if it is that number, or if that is what the float is written as: 0.1, say.
fn exactly(written: String, float: f64, number: &BigDecimal) -> Result<(), Error> {
    let is_number = |candidate: Option<BigDecimal>| candidate.is_some_and(|candidate| candidate == *number);
    if is_number(written.parse().ok()) || is_number(BigDecimal::try_from(float).ok()) {
        Ok(())
    } else {
        Err(too_precise(number))
    }
}

fn too_precise(number: &BigDecimal) -> Error {
    de::Error::custom(format!("the number {number} has more digits than can be kept"))
}

struct Elements<'a> {
    rest: Enumerate<std::slice::Iter<'a, Value>>,
    indexed: bool,
}

impl<'de> de::SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((at, value)) = self.rest.next() else { return Ok(None) };
        let step = i64::try_from(at).ok().filter(|_| self.indexed).map(Step::Index);
        seed.deserialize(Reader { value }).map(Some).map_err(|error| error.within(step))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Members of an object, nulls left out; or elements of a map, nulls included.
struct Members<'a> {
    rest: btree_map::Iter<'a, String, Value>,
    object: bool,
    held: Option<(&'a String, &'a Value)>,
}

impl<'de> de::MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let object = self.object;
        self.held = self.rest.find(|(_, value)| !(object && value.is_null()));
        let Some((name, _)) = self.held else { return Ok(None) };
        let key: StrDeserializer<'_, Error> = name.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let Some((name, value)) = self.held.take() else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        let step = if self.object { Step::Attribute(name.clone()) } else { Step::Key(name.clone()) };
        seed.deserialize(Reader { value }).map_err(|error| error.within(Some(step)))
    }
}
