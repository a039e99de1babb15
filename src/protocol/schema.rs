//! A schema as plain data: what Terraform is told about a block, and what codec and plan rules work by.
//!
//! Build one from a Rust struct with `declare`; check it with [`Schema::validate`], because Terraform refuses the whole
//! provider over one attribute it doesn't like.

mod validate;

use super::path::{Path, Step};
use super::value::Value;

pub use validate::Fault;

/// A type of Terraform's type system, for attributes that aren't nested objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    Number,
    String,
    Dynamic,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Object(Vec<(String, Type)>),
}

/// How the objects of a nested attribute stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    Single,
    List,
    Set,
    Map,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A value of a plain type.
    Plain(Type),
    /// Nested attributes, each with its own rules.
    Nested(Nesting, Vec<Attribute>),
}

/// Who sets an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may; null stays null.
    Optional,
    /// The user may; otherwise the provider decides, and what it decided stays until it decides anew (optional + computed).
    OptionalComputed,
    /// The user may; otherwise this value (optional + computed on the wire, filled in by the plan rules).
    /// For a nested attribute the default is built from the defaults of its members when the whole is left out.
    Default(Value),
    /// The provider alone.
    Computed,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub shape: Shape,
    pub presence: Presence,
    /// Markdown.
    pub description: String,
    pub sensitive: bool,
    /// A changed value replaces the resource.
    pub replaces: bool,
    /// A computed value that, once known, never changes during the life of the resource: an update keeps it.
    pub stable: bool,
}

/// The schema of a resource, a data source or the provider block. Attributes only: this provider has no nested blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub version: i64,
    /// Markdown.
    pub description: String,
    /// Sorted by name.
    pub attributes: Vec<Attribute>,
}

impl Presence {
    /// The wire's `required`: the configuration must give it.
    pub fn required(&self) -> bool {
        *self == Self::Required
    }

    /// The wire's `optional`: the configuration may give it.
    pub fn optional(&self) -> bool {
        !matches!(self, Self::Required | Self::Computed)
    }

    /// The wire's `computed`: the provider may give a value where the configuration has none. A default does.
    pub fn computed(&self) -> bool {
        !matches!(self, Self::Required | Self::Optional)
    }
}

impl Shape {
    /// The type of values of this shape; nested attributes become objects.
    pub fn implied_type(&self) -> Type {
        match self {
            Self::Plain(plain) => plain.clone(),
            Self::Nested(nesting, members) => {
                let object = object_of(members);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::List(Box::new(object)),
                    Nesting::Set => Type::Set(Box::new(object)),
                    Nesting::Map => Type::Map(Box::new(object)),
                }
            }
        }
    }
}

impl Attribute {
    /// The type of its values; nested attributes become objects.
    pub fn implied_type(&self) -> Type {
        self.shape.implied_type()
    }

    /// The attributes nested in it; none for a plain type.
    pub fn members(&self) -> &[Attribute] {
        match &self.shape {
            Shape::Plain(_) => &[],
            Shape::Nested(_, members) => members,
        }
    }
}

impl Schema {
    /// The object type of this schema's values.
    pub fn implied_type(&self) -> Type {
        object_of(&self.attributes)
    }

    /// The attribute of this name, at the root.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        named(&self.attributes, name)
    }

    /// The innermost attribute that `path` lies in: for `tags["a"]` that is `tags`. None for the root and for names
    /// that don't exist. Indexes and keys are passed over, whatever the nesting.
    pub fn at(&self, path: &Path) -> Option<&Attribute> {
        let mut found: Option<&Attribute> = None;
        for step in &path.0 {
            let Step::Attribute(name) = step else { continue };
            found = match found {
                // A member of a plain object type has no attribute of its own.
                Some(Attribute { shape: Shape::Plain(_), .. }) => return found,
                Some(outer) => Some(named(outer.members(), name)?),
                None => Some(self.attribute(name)?),
            };
        }
        found
    }
}

fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name == name)
}

fn object_of(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|attribute| (attribute.name.clone(), attribute.implied_type())).collect())
}
