//! Values to and from Rust structs, by serde.
//!
//! A null member counts as left out, so serde's defaults and `Option` apply. An unknown is an error only where the
//! struct asks for it: settings can be read from a plan whose computed attributes are still open. With
//! `#[serde(flatten)]` serde asks for everything.

mod read;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec;
use super::path::Path;
use super::schema::Schema;
use super::value::Value;

/// Why a value doesn't become a struct, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", path.lead())]
pub struct Error {
    /// The attribute; inside a set, the set itself.
    pub path: Path,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Terraform doesn't know the value yet. Asking again at apply will do.
    #[error("the value is not known yet")]
    Unknown,
    /// In serde's words: another type, out of range, a missing field.
    #[error("{0}")]
    Mismatch(String),
}

/// Reads a struct, or anything else that serde can. Numbers come exactly or not at all.
///
/// # Errors
/// [`Reason::Unknown`] where the struct has a field for an unknown value; [`Reason::Mismatch`] where serde refuses.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(read::Reader::new(value))
}

/// Writes a struct as a value of the schema. Attributes that the struct lacks are null.
///
/// # Errors
/// A field the schema lacks or declares with another type, at its path.
pub fn to_value<T: Serialize>(schema: &Schema, model: &T) -> Result<Value, codec::Error> {
    let json = serde_json::to_value(model)
        .map_err(|error| codec::Error { path: Path::root(), reason: format!("cannot be written: {error}") })?;
    codec::from_json(schema, &json)
}

#[cfg(test)]
mod tests;
