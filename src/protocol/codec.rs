//! Values on the wire and in state: msgpack and JSON, read and written by the schema.
//!
//! The bytes alone don't tell a set from a list or a map from an object, so nothing here works without a type. Reading
//! never trusts: whatever the bytes are, the answer is a conforming value or an [`Error`], in bounded depth.

mod json;
mod msgpack;
mod number;
mod types;

use super::path::{Path, Step};
use super::schema::{Schema, Type};
use super::value::Value;

pub use types::type_json;

/// Deeper nesting than this is refused: no honest value has it, and recursion must end somewhere.
const DEPTH: usize = 100;

/// Why a value cannot be read or written, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", path.lead())]
pub struct Error {
    pub path: Path,
    pub reason: String,
}

/// Reads a msgpack value of the schema's object type. Empty input is null.
///
/// # Errors
/// Input that isn't msgpack, or is of another type, or is nested too deeply.
pub fn decode(schema: &Schema, msgpack: &[u8]) -> Result<Value, Error> {
    msgpack::decode(&schema.implied_type(), msgpack)
}

/// Writes msgpack: every attribute of the schema, null where the value lacks it.
///
/// # Errors
/// A value of another type than the schema's.
pub fn encode(schema: &Schema, value: &Value) -> Result<Vec<u8>, Error> {
    msgpack::encode(&schema.implied_type(), value)
}

/// Reads Terraform's JSON form, as it stands in a state file. Attributes left out are null.
///
/// # Errors
/// Names the schema doesn't have, values of another type, and nesting too deep.
pub fn from_json(schema: &Schema, json: &serde_json::Value) -> Result<Value, Error> {
    json::read(&schema.implied_type(), json)
}

/// Writes Terraform's JSON form: every attribute of the schema, null where the value lacks it.
///
/// # Errors
/// Unknown parts, which JSON cannot say, and values of another type than the schema's.
pub fn to_json(schema: &Schema, value: &Value) -> Result<serde_json::Value, Error> {
    json::write(&schema.implied_type(), value)
}

/// As [`from_json`], for a value of any type.
///
/// # Errors
/// As [`from_json`].
pub fn value_from_json(ty: &Type, json: &serde_json::Value) -> Result<Value, Error> {
    json::read(ty, json)
}

/// Whether `value` is of this type. Null and unknown are of every type.
pub fn fits(ty: &Type, value: &Value) -> bool {
    msgpack::encode(ty, value).is_ok()
}

/// Where in a value the work stands. Knows the path for errors and refuses to go too deep.
#[derive(Default)]
struct Place {
    path: Path,
    depth: usize,
}

impl Place {
    /// Works one level deeper. `step` is none inside a set, whose elements no path can name.
    fn inside<T>(&mut self, step: Option<Step>, work: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == DEPTH {
            return Err(self.error(format!("is nested more than {DEPTH} levels deep")));
        }
        let named = step.is_some();
        self.path.0.extend(step);
        self.depth += 1;
        let done = work(self)?;
        self.depth -= 1;
        if named {
            self.path.0.pop();
        }
        Ok(done)
    }

    /// Refuses an object with a name that its type lacks.
    fn only_known_names<'a>(
        &self,
        types: &[(String, Type)],
        mut names: impl Iterator<Item = &'a String>,
    ) -> Result<(), Error> {
        match names.find(|given| !types.iter().any(|(name, _)| name == *given)) {
            Some(name) => Err(self.error(format!("has an attribute {name:?} that the schema lacks"))),
            None => Ok(()),
        }
    }

    fn error(&self, reason: impl Into<String>) -> Error {
        Error { path: self.path.clone(), reason: reason.into() }
    }
}

fn attribute(name: &str) -> Option<Step> {
    Some(Step::Attribute(name.to_owned()))
}

fn key(key: &str) -> Option<Step> {
    Some(Step::Key(key.to_owned()))
}

fn index(index: usize) -> Option<Step> {
    i64::try_from(index).ok().map(Step::Index)
}

#[cfg(test)]
mod tests;
