//! The walk through nested attributes, and which prior object an object of the configuration meets there.

use crate::protocol::schema::{Attribute, Nesting, Presence};
use crate::protocol::value::Value;

/// What becomes of one attribute, given its configuration and its prior value (null where there is none).
pub type Rule = fn(&Attribute, config: &Value, prior: &Value) -> Value;

/// An object's members by `rule`. Null and unknown stay what they are.
pub fn members(attributes: &[Attribute], config: &Value, prior: &Value, rule: Rule) -> Value {
    if !matches!(config, Value::Object(_)) {
        return config.clone();
    }
    Value::object(attributes.iter().map(|attribute| {
        let name = attribute.name.as_str();
        (name, rule(attribute, config.member(name), prior.member(name)))
    }))
}

/// The members of each object in a nested attribute by `rule`.
pub fn each(nesting: Nesting, attributes: &[Attribute], config: &Value, prior: &Value, rule: Rule) -> Value {
    match (nesting, config) {
        (Nesting::Single, _) => members(attributes, config, prior, rule),
        (Nesting::List, Value::List(elements)) => Value::list(elements.iter().enumerate().map(|(at, element)| {
            let prior = prior.element(at).unwrap_or(&Value::Null);
            members(attributes, element, prior, rule)
        })),
        (Nesting::Map, Value::Map(elements)) => Value::map(
            elements.iter().map(|(key, element)| (key, members(attributes, element, prior.member(key), rule))),
        ),
        (Nesting::Set, Value::Set(elements)) => {
            let pairs = meet(attributes, elements, prior);
            Value::set(
                pairs
                    .into_iter()
                    .map(|(element, prior)| members(attributes, element, prior.unwrap_or(&Value::Null), rule)),
            )
        }
        _ => config.clone(),
    }
}

/// The objects of a nested attribute changed, wherever they stand in it.
pub fn change_objects(nesting: Nesting, value: Value, change: impl FnMut(Value) -> Value) -> Value {
    match nesting {
        Nesting::Single => std::iter::once(value).map(change).next().unwrap_or_default(),
        Nesting::List | Nesting::Set | Nesting::Map => value.map_parts(change),
    }
}

/// Each element of a set with its prior self, if it has one; no prior element twice.
///
/// As many elements meet as possible: had each the first that fits, one could take what only another fits, and an
/// unchanged configuration would plan a change. The elements that leave least open choose first.
fn meet<'a>(attributes: &[Attribute], elements: &'a [Value], prior: &'a Value) -> Vec<(&'a Value, Option<&'a Value>)> {
    let prior = match prior {
        Value::Set(prior) => prior.as_slice(),
        _ => &[],
    };
    let mut elements: Vec<&Value> = elements.iter().collect();
    elements.sort_by_cached_key(|element| openness(element));
    let fits = |element: &Value| {
        (0..prior.len()).filter(|&at| *element == prior[at] || follows(attributes, element, &prior[at])).collect()
    };
    let fitting: Vec<Vec<usize>> = elements.iter().map(|element| fits(element)).collect();
    let mut holders = vec![None; prior.len()];
    for element in 0..elements.len() {
        claim(element, &fitting, &mut holders, &mut vec![false; prior.len()]);
    }
    let met = |element| holders.iter().position(|holder| *holder == Some(element)).map(|at| &prior[at]);
    elements.iter().enumerate().map(|(at, element)| (*element, met(at))).collect()
}

/// Finds a prior element for this one, if need be by sending its holder to another (an augmenting path).
fn claim(element: usize, fitting: &[Vec<usize>], holders: &mut [Option<usize>], asked: &mut [bool]) -> bool {
    fitting[element].iter().any(|&prior| {
        let fresh = !std::mem::replace(&mut asked[prior], true);
        let free = fresh && holders[prior].is_none_or(|holder| claim(holder, fitting, holders, asked));
        if free {
            holders[prior] = Some(element);
        }
        free
    })
}

/// How much of an element is left open: its nulls counted by depth, so that a null object outweighs any object of nulls.
fn openness(element: &Value) -> Vec<usize> {
    let mut counts = Vec::new();
    let mut level = vec![element];
    while !level.is_empty() {
        counts.push(level.iter().filter(|value| value.is_null()).count());
        level = level.into_iter().flat_map(Value::parts).collect();
    }
    counts
}

/// Whether `prior` may have come from this object of the configuration: equal but for what was left to the provider.
fn follows(attributes: &[Attribute], config: &Value, prior: &Value) -> bool {
    matches!((config, prior), (Value::Object(_), Value::Object(_)))
        && attributes.iter().all(|attribute| {
            let (config, prior) = (config.member(&attribute.name), prior.member(&attribute.name));
            config == prior
                || attribute.presence == Presence::Computed
                || (config.is_null() && attribute.presence.computed())
                || objects_follow(attribute, config, prior)
        })
}

fn objects_follow(attribute: &Attribute, config: &Value, prior: &Value) -> bool {
    let members = attribute.members();
    match (config, prior) {
        _ if members.is_empty() => false,
        (Value::Object(_), Value::Object(_)) => follows(members, config, prior),
        (Value::List(config), Value::List(prior)) => {
            config.len() == prior.len()
                && config.iter().zip(prior).all(|(config, prior)| follows(members, config, prior))
        }
        (Value::Map(config), Value::Map(prior)) => {
            config.keys().eq(prior.keys())
                && config.values().zip(prior.values()).all(|(config, prior)| follows(members, config, prior))
        }
        (Value::Set(elements), Value::Set(before)) => {
            elements.len() == before.len() && meet(members, elements, prior).iter().all(|(_, prior)| prior.is_some())
        }
        _ => false,
    }
}
