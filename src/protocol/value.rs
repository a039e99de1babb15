//! A Terraform value as it stands in config, plan and state: any part may be null or unknown.
//!
//! Only this room works in `Value` space. Typed structs (which know neither null marks nor unknowns) come from `typed`.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;

use super::path::{Path, Step};

/// A value of Terraform's type system (cty).
///
/// Sets hold their elements sorted and without duplicates, so that derived equality is set equality: build them with
/// [`Value::set`]. Equal numbers are equal however they are written (`1.0` and `1`).
///
/// A dynamic attribute holds the bare value; its type is read off the value when it is encoded. So an empty list, an
/// empty map or a null inside it carries no element type, and comes back from Terraform as such.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    #[default]
    Null,
    Unknown,
    Bool(bool),
    Number(BigDecimal),
    String(String),
    List(Vec<Value>),
    Set(Vec<Value>),
    Tuple(Vec<Value>),
    Map(BTreeMap<String, Value>),
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// A set in its canonical form. Equal known elements become one; elements with unknown parts may turn out to
    /// differ, so all of them are kept.
    pub fn set(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut elements: Vec<Self> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|second, first| second == first && first.is_wholly_known());
        Self::Set(elements)
    }

    pub fn list(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::List(elements.into_iter().collect())
    }

    pub fn map<K: Into<String>>(elements: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(elements.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    pub fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }

    /// Whether neither this nor any part of it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        !self.is_unknown() && self.parts().into_iter().all(Self::is_wholly_known)
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member of an object or the element of a map. None also where `self` is null or unknown.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) | Self::Map(members) => members.get(name),
            _ => None,
        }
    }

    /// As [`get`](Self::get), with null for what isn't there.
    pub fn member(&self, name: &str) -> &Self {
        self.get(name).unwrap_or(&Self::Null)
    }

    /// The element of a list or tuple. Sets have no places: none.
    pub fn element(&self, index: usize) -> Option<&Self> {
        match self {
            Self::List(elements) | Self::Tuple(elements) => elements.get(index),
            _ => None,
        }
    }

    /// What stands at `path`, or none where the path leaves the value.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.0.iter().try_fold(self, |value, step| match step {
            Step::Attribute(name) | Step::Key(name) => value.get(name),
            Step::Index(index) => value.element(usize::try_from(*index).ok()?),
        })
    }

    /// Elements and members, one level deep.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => elements.iter().collect(),
            Self::Map(members) | Self::Object(members) => members.values().collect(),
            Self::Null | Self::Unknown | Self::Bool(_) | Self::Number(_) | Self::String(_) => Vec::new(),
        }
    }

    /// The same collection with each element or member changed; anything else as it is.
    #[must_use]
    pub fn map_parts(self, mut change: impl FnMut(Self) -> Self) -> Self {
        match self {
            Self::List(elements) => Self::List(elements.into_iter().map(change).collect()),
            Self::Set(elements) => Self::set(elements.into_iter().map(change)),
            Self::Tuple(elements) => Self::Tuple(elements.into_iter().map(change).collect()),
            Self::Map(members) => Self::Map(members.into_iter().map(|(key, part)| (key, change(part))).collect()),
            Self::Object(members) => Self::Object(members.into_iter().map(|(key, part)| (key, change(part))).collect()),
            leaf => leaf,
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_has_no_duplicates() {
        let set = Value::set(["b".into(), "a".into(), "b".into()]);
        assert_eq!(set, Value::Set(vec!["a".into(), "b".into()]));
    }

    #[test]
    fn elements_not_yet_known_may_differ_later_and_are_all_kept() {
        let half = || Value::object([("a", Value::Unknown)]);
        assert_eq!(Value::set([half(), half()]), Value::Set(vec![half(), half()]));
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        let number = |text: &str| Value::Number(text.parse().unwrap());
        assert_eq!(number("1.50"), number("1.5"));
        assert_eq!(number("1e3"), Value::from(1000));
    }

    #[test]
    fn a_path_finds_its_value() {
        let value = Value::object([("a", Value::list([Value::map([("k", Value::from(true))])]))]);
        assert_eq!(value.at(&Path::from("a").index(0).key("k")), Some(&Value::Bool(true)));
        assert_eq!(value.at(&Path::from("a").index(1)), None);
        assert_eq!(value.at(&Path::from("a").index(-1)), None);
        assert_eq!(value.at(&Path::root()), Some(&value));
    }
}
