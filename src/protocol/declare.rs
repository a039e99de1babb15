//! A Rust struct becomes a schema: one declaration from which Terraform's schema, the defaults and the docs derive.
//!
//! Reads what `schemars` derives. What a Rust type cannot say is marked on the field:
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use schemars::JsonSchema;
//! # use serde::{Deserialize, Serialize};
//! # #[derive(JsonSchema, Serialize, Deserialize, Default)]
//! # struct Network { zone: Option<String> }
//! # fn eighty() -> u16 { 80 }
//! #[derive(JsonSchema, Serialize, Deserialize)]
//! struct Settings {
//!     /// Name of the service.
//!     #[schemars(extend("x-terraform" = ["replaces"]))]
//!     name: String,                                  // required
//!     /// Tasks to run.
//!     #[schemars(extend("x-terraform" = ["optional_computed"]))]
//!     desired_count: Option<u16>,
//!     /// Port of the container.
//!     #[serde(default = "eighty")]
//!     port: u16,                                     // a default
//!     /// Own network.
//!     #[serde(default)]
//!     network: Network,                              // nested; its default is made of its members' defaults
//!     /// Environment variables.
//!     environment: Option<BTreeMap<String, String>>, // optional
//! }
//! ```
//!
//! The marks are `computed`, `optional_computed`, `sensitive`, `replaces` and `stable`. Types: `bool`, numbers, `String`,
//! enums without data, `Vec` (list), `BTreeSet` (set), `BTreeMap<String, _>` (map), and structs of these (nested
//! attributes, alone or in a collection). A field with a default must have a type that is `Serialize`, else `schemars`
//! cannot see the default.
//!
//! Any JSON-schema keyword that would be dropped silently is an [`Error`] instead.

mod default;
mod keywords;
mod shape;
mod text;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::path::Path;
use super::schema::{Attribute, Presence, Schema, Shape};

/// What a struct declares that no schema can say, and at which attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}", path.lead())]
pub struct Error {
    pub path: Path,
    pub fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the JSON-schema keyword {0:?} has no meaning in Terraform's schema")]
    Keyword(String),
    #[error("{0:?} is no mark; there are computed, optional_computed, sensitive, replaces and stable")]
    Mark(String),
    #[error("the marks {0:?} and {1:?} exclude each other")]
    Marks(&'static str, &'static str),
    #[error("the type has no counterpart in Terraform: {0}")]
    Type(String),
    #[error("may be left out, but is no Option and has no default that schemars can see (is its type Serialize?)")]
    Absent,
    #[error("the default is of another type: {0}")]
    Default(String),
    #[error("the struct's default for {0:?} is not the default that the member declares")]
    TwoDefaults(String),
    #[error("declared twice")]
    Twice,
}

/// The attributes of a struct, sorted by name.
///
/// # Errors
/// Anything in the struct that Terraform's schema cannot say; see [`Fault`].
pub fn attributes<T: JsonSchema>() -> Result<Vec<Attribute>, Error> {
    // With everything inlined there are no references; a type that contains itself is refused by its `$ref`.
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let root = settings.into_generator().into_root_schema_for::<T>();
    shape::root(root.as_value())
}

/// The attributes of a struct that only the provider fills. `stable` and `sensitive` marks count, whether a field is an
/// `Option` doesn't.
///
/// # Errors
/// As [`attributes`].
pub fn computed<T: JsonSchema>() -> Result<Vec<Attribute>, Error> {
    let mut attributes = attributes::<T>()?;
    attributes.iter_mut().for_each(make_computed);
    Ok(attributes)
}

/// One schema of what the user sets and what only the provider sets. Version and description are the caller's to fill.
///
/// # Errors
/// A name on both sides.
pub fn combine(settings: Vec<Attribute>, attributes: Vec<Attribute>) -> Result<Schema, Error> {
    let mut all = settings;
    all.extend(attributes);
    all.sort_by(|left, right| left.name.cmp(&right.name));
    match all.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => Err(Error { path: Path::root().attribute(&pair[0].name), fault: Fault::Twice }),
        None => Ok(Schema { attributes: all, ..Schema::default() }),
    }
}

fn make_computed(attribute: &mut Attribute) {
    attribute.presence = Presence::Computed;
    if let Shape::Nested(_, members) = &mut attribute.shape {
        members.iter_mut().for_each(make_computed);
    }
}

#[cfg(test)]
mod tests;
