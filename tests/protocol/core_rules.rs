//! What Terraform's core does with a provider's answers, as far as a provider can break its rules.
//!
//! A fake for tests: it makes the proposal that core sends, and judges plans and results as core does. Wordings are our
//! own. Blocks and write-only attributes are missing, because our schemas have none.

use crate::protocol::codec;
use crate::protocol::path::Path;
use crate::protocol::schema::{Attribute, Nesting, Schema, Shape};
use crate::protocol::value::Value;

/// What the provider did wrong, one line each.
pub type Faults = Vec<String>;

/// The proposed new state for `config`: prior values in place of what the configuration leaves to the provider.
pub fn proposed_new(schema: &Schema, prior: &Value, config: &Value) -> Value {
    propose_object(&schema.attributes, prior, config)
}

fn propose_object(attributes: &[Attribute], prior: &Value, config: &Value) -> Value {
    if !matches!(config, Value::Object(_)) {
        return config.clone();
    }
    Value::object(attributes.iter().map(|attribute| {
        let name = attribute.name.as_str();
        (name, propose_attribute(attribute, prior.member(name), config.member(name)))
    }))
}

fn propose_attribute(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    if attribute.presence.computed() && config.is_null() {
        let users_own = attribute.presence.optional() && holds_users_data(attribute.members(), prior);
        return if users_own { Value::Null } else { prior.clone() };
    }
    match (&attribute.shape, config) {
        (Shape::Nested(Nesting::Single, members), _) => propose_object(members, prior, config),
        (Shape::Nested(_, members), Value::List(elements)) => Value::list(
            elements
                .iter()
                .enumerate()
                .map(|(at, element)| propose_object(members, prior.element(at).unwrap_or(&Value::Null), element)),
        ),
        (Shape::Nested(_, members), Value::Map(elements)) => {
            Value::map(elements.iter().map(|(key, element)| (key, propose_object(members, prior.member(key), element))))
        }
        (Shape::Nested(_, members), Value::Set(elements)) => {
            let mut free = prior.parts();
            Value::set(elements.iter().map(|element| {
                let met = free.iter().position(|prior| may_come_from(members, prior, element));
                let prior = met.map_or(&Value::Null, |at| free.remove(at));
                propose_object(members, prior, element)
            }))
        }
        _ => config.clone(),
    }
}

/// Whether an object in `value` has something that only a user can have written.
fn holds_users_data(members: &[Attribute], value: &Value) -> bool {
    match value {
        Value::Object(_) => members.iter().any(|member| {
            let value = value.member(&member.name);
            (!member.presence.computed() && !value.is_null()) || holds_users_data(member.members(), value)
        }),
        _ => value.parts().into_iter().any(|part| holds_users_data(members, part)),
    }
}

fn may_come_from(members: &[Attribute], prior: &Value, config: &Value) -> bool {
    members.iter().all(|member| {
        let (prior, config) = (prior.member(&member.name), config.member(&member.name));
        prior == config
            || (member.presence.computed() && config.is_null())
            || match (prior, config) {
                (Value::Object(_), Value::Object(_)) => may_come_from(member.members(), prior, config),
                _ => false,
            }
    })
}

/// Core's judgement of a plan: "Provider produced invalid plan".
pub fn assert_plan_valid(schema: &Schema, prior: &Value, config: &Value, planned: &Value) -> Result<(), Faults> {
    let mut faults = Faults::new();
    if let Err(error) = codec::encode(schema, planned) {
        faults.push(format!("the plan is of another type: {error}"));
    } else if planned.is_null() != config.is_null() || planned.is_unknown() {
        faults.push("an object must be planned exactly where one is configured".to_owned());
    } else if !planned.is_null() {
        judge_object(&schema.attributes, prior, config, planned, &Path::root(), &mut faults);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn judge_object(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    faults: &mut Faults,
) {
    for attribute in attributes {
        let path = path.clone().attribute(&attribute.name);
        let [prior, config, planned] = [prior, config, planned].map(|value| value.member(&attribute.name));
        judge(attribute, prior, config, planned, path, faults);
    }
}

fn judge(attribute: &Attribute, prior: &Value, config: &Value, planned: &Value, path: Path, faults: &mut Faults) {
    let presence = &attribute.presence;
    let as_before = planned == prior && !prior.is_null() && !config.is_null();
    let free = presence.computed() && (!presence.optional() || config.is_null());
    if planned == config || as_before || free {
        return;
    }
    if config.is_null() {
        return faults.push(format!("{path}: planned a value for an attribute that only the user can set"));
    }
    let Shape::Nested(nesting, members) = &attribute.shape else {
        return faults.push(format!("{path}: planned neither the configured nor the prior value"));
    };
    if planned.is_unknown() {
        return faults.push(format!("{path}: planned unknown for a configured value"));
    }
    match (nesting, config, planned) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => {
            judge_object(members, prior, config, planned, &path, faults);
        }
        (Nesting::List, Value::List(config), Value::List(planned)) if config.len() == planned.len() => {
            for (at, (config, planned)) in (0..).zip(config.iter().zip(planned)) {
                let prior = prior.element(at).unwrap_or(&Value::Null);
                judge_element(members, prior, config, planned, path.clone().index(at as i64), faults);
            }
        }
        (Nesting::Map, Value::Map(config), Value::Map(planned)) if config.keys().eq(planned.keys()) => {
            for (key, config) in config {
                judge_element(members, prior.member(key), config, &planned[key], path.clone().key(key), faults);
            }
        }
        // Core compares no elements of sets, because nothing tells which is which.
        (Nesting::Set, Value::Set(config), Value::Set(planned)) if config.len() == planned.len() => {}
        _ => faults.push(format!("{path}: planned other elements than are configured")),
    }
}

fn judge_element(
    members: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: Path,
    faults: &mut Faults,
) {
    match (config, planned) {
        (Value::Object(_), Value::Object(_)) => judge_object(members, prior, config, planned, &path, faults),
        _ if config == planned => {}
        _ => faults.push(format!("{path}: planned an object where none is configured, or none where one is")),
    }
}

/// Core's judgement of a result: "Provider produced inconsistent result after apply", and unknowns that are left.
pub fn assert_applied(schema: &Schema, planned: &Value, new: &Value) -> Result<(), Faults> {
    let mut faults = Faults::new();
    if let Err(error) = codec::encode(schema, new) {
        return Err(vec![format!("the result is of another type: {error}")]);
    }
    find_unknown(new, &Path::root(), &mut faults);
    // Core speaks of inconsistencies only where nothing else is wrong.
    if faults.is_empty() {
        compare(planned, new, &Path::root(), &mut faults);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Core's judgement of the second plan, made during apply: "Provider produced inconsistent final plan". What the first
/// plan knew must stand.
pub fn assert_final_plan(first: &Value, last: &Value) -> Result<(), Faults> {
    let mut faults = Faults::new();
    compare(first, last, &Path::root(), &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn find_unknown(new: &Value, path: &Path, faults: &mut Faults) {
    match new {
        Value::Unknown => faults.push(format!("{path}: still unknown after apply")),
        Value::Object(members) => {
            members.iter().for_each(|(name, part)| find_unknown(part, &path.clone().attribute(name), faults));
        }
        _ => new.parts().into_iter().for_each(|part| find_unknown(part, path, faults)),
    }
}

fn compare(planned: &Value, new: &Value, path: &Path, faults: &mut Faults) {
    match (planned, new) {
        (Value::Unknown, _) => {}
        (Value::List(planned), Value::List(new)) | (Value::Tuple(planned), Value::Tuple(new))
            if planned.len() == new.len() =>
        {
            for (at, (planned, new)) in (0..).zip(planned.iter().zip(new)) {
                compare(planned, new, &path.clone().index(at), faults);
            }
        }
        (Value::Map(planned), Value::Map(new)) if planned.keys().eq(new.keys()) => {
            planned.iter().for_each(|(key, planned)| compare(planned, &new[key], &path.clone().key(key), faults));
        }
        (Value::Object(members), Value::Object(_)) => {
            for (name, planned) in members {
                compare(planned, new.member(name), &path.clone().attribute(name), faults);
            }
        }
        (Value::Set(planned), Value::Set(new)) => {
            let met = |planned: &Value, new: &Value| {
                let mut differences = Faults::new();
                compare(planned, new, path, &mut differences);
                differences.is_empty()
            };
            let kept = planned.iter().all(|planned| new.iter().any(|new| met(planned, new)));
            let foreseen = new.iter().all(|new| planned.iter().any(|planned| met(planned, new)));
            if !kept || !foreseen || new.len() > planned.len() {
                faults.push(format!("{path}: set elements that don't correspond to the planned ones"));
            }
        }
        _ if planned == new => {}
        _ => faults.push(format!("{path}: another value than planned")),
    }
}
