//! Which changes cannot be made to a standing resource.
//!
//! A path that exists on neither side is an error to Terraform, and no path leads into a set: there the set itself is
//! named, but only if the elements differ in what replaces.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::path::Path;
use crate::protocol::schema::{Attribute, Nesting, Schema, Shape};
use crate::protocol::value::Value;

/// The paths of `replaces` attributes whose planned value differs from the prior one or isn't known yet.
///
/// Empty on create and destroy. If a whole nested attribute comes out of nothing and isn't known yet, its own path stands
/// for the members in it.
pub fn replacements(schema: &Schema, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    if !prior.is_null() && !planned.is_null() {
        collect(&schema.attributes, prior, planned, &Path::root(), &mut paths);
    }
    paths
}

fn collect(attributes: &[Attribute], prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    for attribute in attributes {
        let (prior, planned) = (prior.member(&attribute.name), planned.member(&attribute.name));
        let path = path.clone().attribute(&attribute.name);
        match &attribute.shape {
            _ if prior == planned => {}
            _ if attribute.replaces => paths.push(path),
            Shape::Nested(nesting, members) if members.iter().any(can_replace) => {
                collect_nested(*nesting, members, prior, planned, path, paths);
            }
            Shape::Plain(_) | Shape::Nested(..) => {}
        }
    }
}

fn collect_nested(
    nesting: Nesting,
    members: &[Attribute],
    prior: &Value,
    planned: &Value,
    path: Path,
    paths: &mut Vec<Path>,
) {
    if prior.is_null() && planned.is_unknown() {
        return paths.push(path);
    }
    match nesting {
        Nesting::Single => collect(members, prior, &opened(planned, members), &path, paths),
        Nesting::List => {
            let length = |value: &Value| value.parts().len();
            for at in 0..length(prior).max(length(planned)) {
                let [prior, planned] = [prior, planned].map(|value| part(value, value.element(at)));
                let path = path.clone().index(i64::try_from(at).unwrap_or(i64::MAX));
                collect_nested(Nesting::Single, members, prior, planned, path, paths);
            }
        }
        Nesting::Map => {
            for key in keys(prior).chain(keys(planned)).collect::<BTreeSet<_>>() {
                let [prior, planned] = [prior, planned].map(|value| part(value, value.get(key)));
                collect_nested(Nesting::Single, members, prior, planned, path.clone().key(key), paths);
            }
        }
        Nesting::Set => {
            if planned.is_unknown() || replacing_parts(members, prior) != replacing_parts(members, planned) {
                paths.push(path);
            }
        }
    }
}

/// The element of a collection; unknown if the whole collection is.
fn part<'a>(collection: &'a Value, element: Option<&'a Value>) -> &'a Value {
    if collection.is_unknown() { collection } else { element.unwrap_or(&Value::Null) }
}

/// An unknown object as an object of unknowns.
fn opened(value: &Value, members: &[Attribute]) -> Value {
    match value {
        Value::Unknown => Value::object(members.iter().map(|member| (&member.name, Value::Unknown))),
        known => known.clone(),
    }
}

fn keys(value: &Value) -> impl Iterator<Item = &String> {
    let elements: Option<&BTreeMap<String, Value>> = match value {
        Value::Map(elements) => Some(elements),
        _ => None,
    };
    elements.into_iter().flat_map(BTreeMap::keys)
}

fn can_replace(attribute: &Attribute) -> bool {
    attribute.replaces || attribute.members().iter().any(can_replace)
}

/// A nested attribute reduced to what replaces.
fn replacing_parts(members: &[Attribute], value: &Value) -> Value {
    match value {
        Value::Object(_) => Value::object(members.iter().filter(|member| can_replace(member)).map(|member| {
            let value = value.member(&member.name);
            (&member.name, if member.replaces { value.clone() } else { replacing_parts(member.members(), value) })
        })),
        other => other.clone().map_parts(|part| replacing_parts(members, &part)),
    }
}
