//! Whatever schema, state and configuration, our plans pass Terraform's judgement and settle down after one apply.

use proptest::prelude::*;

use crate::core_rules::{assert_applied, assert_final_plan, assert_plan_valid, proposed_new};
use crate::protocol::lifecycle::{nulls_for_unknowns, propose, replacements};
use crate::protocol::path::Path;
use crate::protocol::schema::{Attribute, Nesting, Presence, Schema, Shape, Type};
use crate::protocol::value::Value;
use crate::random;

/// A schema, what stands (null or anything the schema allows), and what the user wants now.
fn situation() -> impl Strategy<Value = (Schema, Value, Value)> {
    random::schema().prop_flat_map(|schema| {
        let (prior, config) = (random::value(&schema.implied_type(), random::KNOWN), random::config(&schema, true));
        (Just(schema), prior, config)
    })
}

/// A schema and two configurations without unknowns: one to create, one to update.
fn two_applies() -> impl Strategy<Value = (Schema, Value, Value)> {
    random::schema().prop_flat_map(|schema| {
        let configs = (random::config(&schema, false), random::config(&schema, false));
        (Just(schema), configs).prop_map(|(schema, (first, second))| (schema, first, second))
    })
}

fn plan(schema: &Schema, prior: &Value, config: &Value) -> Value {
    propose(schema, prior, &proposed_new(schema, prior, config), config)
}

/// What becomes of unknowns at apply: something known, and new each time, for every unknown.
fn apply(ty: &Type, planned: Value, made: &mut i64) -> Value {
    *made += 1;
    match (ty, planned) {
        (Type::Bool, Value::Unknown) => Value::Bool(true),
        (Type::Number, Value::Unknown) => Value::from(1000 + *made),
        (Type::String | Type::Dynamic, Value::Unknown) => Value::from(format!("made {made}")),
        (Type::List(_), Value::Unknown) => Value::List(Vec::new()),
        (Type::Set(_), Value::Unknown) => Value::Set(Vec::new()),
        (Type::Map(_), Value::Unknown) => Value::map::<String>([]),
        (Type::Tuple(types), Value::Unknown) => {
            Value::Tuple(types.iter().map(|ty| apply(ty, Value::Unknown, made)).collect())
        }
        (Type::Object(types), Value::Unknown) => {
            Value::object(types.iter().map(|(name, ty)| (name, apply(ty, Value::Unknown, made))))
        }
        (Type::Object(types), planned @ Value::Object(_)) => {
            Value::object(types.iter().map(|(name, ty)| (name, apply(ty, planned.member(name).clone(), made))))
        }
        (Type::Tuple(types), Value::Tuple(elements)) => {
            Value::Tuple(types.iter().zip(elements).map(|(ty, part)| apply(ty, part, made)).collect())
        }
        (Type::List(element) | Type::Set(element) | Type::Map(element), planned) => {
            planned.map_parts(|part| apply(element, part, made))
        }
        (_, planned) => planned,
    }
}

/// The configuration once everything in it is known. Still a configuration: nothing read-only in it.
fn resolve(attributes: &[Attribute], config: &Value, made: &mut i64) -> Value {
    let member = |attribute: &Attribute, config: &Value, made: &mut i64| match (&attribute.shape, config) {
        (Shape::Nested(Nesting::Single, members), Value::Unknown) => {
            let required = |member: &&Attribute| member.presence == Presence::Required;
            let given = members.iter().filter(required).map(|member| (&member.name, Value::Unknown));
            resolve(members, &Value::object(given), made)
        }
        (Shape::Nested(Nesting::Single, members), config) => resolve(members, config, made),
        (Shape::Nested(_, members), config) if !config.is_unknown() => {
            config.clone().map_parts(|part| resolve(members, &part, made))
        }
        _ => apply(&attribute.implied_type(), config.clone(), made),
    };
    match config {
        Value::Object(_) => Value::object(
            attributes
                .iter()
                .map(|attribute| (&attribute.name, member(attribute, config.member(&attribute.name), made))),
        ),
        other => other.clone(),
    }
}

/// A path is there if the value reaches it, or is unknown before it ends.
fn exists(value: &Value, path: &Path) -> bool {
    (0..=path.0.len()).rev().any(|length| {
        let here = value.at(&Path(path.0[..length].to_vec()));
        here.is_some_and(|here| length == path.0.len() || here.is_unknown())
    })
}

/// Two set elements that differ only in what is open can fall together at apply: a boolean offers no third value. That
/// is for a provider to avoid, so such cases are passed over.
fn sets_stay_apart(planned: &Value, new: &Value) -> bool {
    set_elements(planned) == set_elements(new)
}

fn set_elements(value: &Value) -> usize {
    let here = if matches!(value, Value::Set(_)) { value.parts().len() } else { 0 };
    here + value.parts().into_iter().map(set_elements).sum::<usize>()
}

proptest! {
    #[test]
    fn random_schemas_are_such_as_terraform_takes(schema in random::schema()) {
        prop_assert_eq!(schema.validate(), []);
    }

    #[test]
    fn every_plan_is_valid((schema, prior, config) in situation()) {
        let planned = plan(&schema, &prior, &config);
        prop_assert_eq!(assert_plan_valid(&schema, &prior, &config, &planned), Ok(()));
    }

    #[test]
    fn a_final_plan_keeps_what_the_first_one_said((schema, prior, config) in situation()) {
        let first = plan(&schema, &prior, &config);
        let resolved = resolve(&schema.attributes, &config, &mut 0);
        prop_assume!(sets_stay_apart(&config, &resolved));
        let last = plan(&schema, &prior, &resolved);
        prop_assert_eq!(assert_plan_valid(&schema, &prior, &resolved, &last), Ok(()));
        prop_assert_eq!(assert_final_plan(&first, &last), Ok(()));
    }

    #[test]
    fn unchanged_configuration_plans_nothing((schema, config, _) in two_applies()) {
        let planned = plan(&schema, &Value::Null, &config);
        let new = apply(&schema.implied_type(), planned.clone(), &mut 0);
        prop_assume!(sets_stay_apart(&planned, &new));
        prop_assert_eq!(assert_applied(&schema, &planned, &new), Ok(()));
        prop_assert_eq!(plan(&schema, &new, &config), new);
    }

    #[test]
    fn an_update_settles_too((schema, first, second) in two_applies()) {
        let ty = schema.implied_type();
        let mut made = 0;
        let before = apply(&ty, plan(&schema, &Value::Null, &first), &mut made);
        let planned = plan(&schema, &before, &second);
        prop_assert_eq!(assert_plan_valid(&schema, &before, &second, &planned), Ok(()));
        let new = apply(&ty, planned.clone(), &mut made);
        prop_assume!(sets_stay_apart(&planned, &new));
        prop_assert_eq!(assert_applied(&schema, &planned, &new), Ok(()));
        prop_assert_eq!(plan(&schema, &new, &second), new);
    }

    #[test]
    fn without_defaults_what_the_user_sets_is_what_core_proposes((schema, prior, config) in situation()) {
        let proposed = proposed_new(&schema, &prior, &config);
        let planned = propose(&schema, &prior, &proposed, &config);
        for attribute in &schema.attributes {
            if matches!(attribute.presence, Presence::Required | Presence::Optional)
                && matches!(attribute.shape, Shape::Plain(_))
            {
                prop_assert_eq!(planned.member(&attribute.name), proposed.member(&attribute.name));
            }
        }
    }

    #[test]
    fn every_replacing_path_exists_and_differs((schema, prior, config) in situation()) {
        let planned = plan(&schema, &prior, &config);
        for path in replacements(&schema, &prior, &planned) {
            prop_assert!(exists(&prior, &path) || exists(&planned, &path), "{} is nowhere", path);
            prop_assert!(prior.at(&path) != planned.at(&path), "{} does not differ", path);
        }
    }

    #[test]
    fn what_changed_nothing_replaces_nothing((schema, prior, _) in situation()) {
        prop_assert_eq!(replacements(&schema, &prior, &prior), []);
        prop_assert_eq!(replacements(&schema, &Value::Null, &prior), []);
    }

    #[test]
    fn nulls_leave_nothing_unknown((schema, prior, config) in situation()) {
        let planned = plan(&schema, &prior, &config);
        prop_assert!(nulls_for_unknowns(planned).is_wholly_known());
    }
}
