//! The fake core must refuse what Terraform refuses, or it proves nothing: one case for each rule.

use crate::core_rules::{assert_applied, assert_final_plan, assert_plan_valid, proposed_new};
use crate::protocol::schema::{Attribute, Nesting, Presence, Schema, Shape, Type};
use crate::protocol::value::Value;

fn text(name: &str, presence: Presence) -> Attribute {
    let (name, shape, description) = (name.to_owned(), Shape::Plain(Type::String), String::new());
    Attribute { name, shape, presence, description, sensitive: false, replaces: false, stable: false }
}

fn of(attribute: Attribute) -> Schema {
    Schema { attributes: vec![Attribute { name: "a".to_owned(), ..attribute }], ..Schema::default() }
}

fn plain(presence: Presence) -> Schema {
    of(text("a", presence))
}

/// `a`, a nested attribute of `given` (optional) and `made` (computed).
fn nested(nesting: Nesting, presence: Presence) -> Schema {
    let members = vec![text("given", Presence::Optional), text("made", Presence::Computed)];
    of(Attribute { shape: Shape::Nested(nesting, members), ..text("a", presence) })
}

fn a(value: impl Into<Value>) -> Value {
    Value::object([("a", value.into())])
}

fn element(given: &str, made: impl Into<Value>) -> Value {
    Value::object([("given", given.into()), ("made", made.into())])
}

/// Whether core takes `planned` for `a` of this presence.
fn takes(presence: Presence, prior: Value, config: Value, planned: Value) -> bool {
    assert_plan_valid(&plain(presence), &a(prior), &a(config), &a(planned)).is_ok()
}

fn takes_nested(nesting: Nesting, config: Value, planned: Value) -> bool {
    assert_plan_valid(&nested(nesting, Presence::Optional), &Value::Null, &a(config), &a(planned)).is_ok()
}

#[test]
fn proposal_computed_without_configuration_is_the_prior_value() {
    for presence in [Presence::Computed, Presence::OptionalComputed, Presence::Default("d".into())] {
        assert_eq!(proposed_new(&plain(presence.clone()), &a("old"), &a(Value::Null)), a("old"));
        assert_eq!(proposed_new(&plain(presence), &Value::Null, &a(Value::Null)), a(Value::Null));
    }
}

#[test]
fn proposal_otherwise_is_the_configuration() {
    assert_eq!(proposed_new(&plain(Presence::Optional), &a("old"), &a(Value::Null)), a(Value::Null));
    assert_eq!(proposed_new(&plain(Presence::OptionalComputed), &a("old"), &a("new")), a("new"));
    assert_eq!(proposed_new(&plain(Presence::Required), &a("old"), &a(Value::Unknown)), a(Value::Unknown));
    assert_eq!(proposed_new(&plain(Presence::Required), &a("old"), &Value::Null), Value::Null);
}

#[test]
fn proposal_of_a_decided_object_with_the_users_data_in_it_is_null() {
    let schema = nested(Nesting::Single, Presence::OptionalComputed);
    assert_eq!(proposed_new(&schema, &a(element("x", "m")), &a(Value::Null)), a(Value::Null));
    let made = Value::object([("given", Value::Null), ("made", "m".into())]);
    assert_eq!(proposed_new(&schema, &a(made.clone()), &a(Value::Null)), a(made));
}

#[test]
fn proposal_of_nested_elements_meets_prior_ones_by_index_key_or_likeness() {
    let proposal = |nesting, prior, config| proposed_new(&nested(nesting, Presence::Optional), &a(prior), &a(config));
    let (prior, config) = (|| element("x", "m"), || element("x", Value::Null));
    let new = || element("y", Value::Null);
    assert_eq!(proposal(Nesting::Single, prior(), config()), a(prior()));
    assert_eq!(
        proposal(Nesting::List, Value::list([prior()]), Value::list([new(), config()])),
        a(Value::list([element("y", "m"), config()]))
    );
    assert_eq!(
        proposal(Nesting::Map, Value::map([("k", prior())]), Value::map([("j", config()), ("k", config())])),
        a(Value::map([("j", config()), ("k", prior())]))
    );
    assert_eq!(
        proposal(Nesting::Set, Value::set([prior()]), Value::set([new(), config()])),
        a(Value::set([new(), prior()]))
    );
}

#[test]
fn plan_may_repeat_the_configuration_or_the_prior_value() {
    assert!(takes(Presence::Required, "old".into(), "new".into(), "new".into()));
    assert!(takes(Presence::Required, "old".into(), "new".into(), "old".into()));
    assert!(takes(Presence::Required, "old".into(), Value::Unknown, Value::Unknown));
    assert!(!takes(Presence::Required, "old".into(), "new".into(), "third".into()));
}

#[test]
fn plan_may_not_repeat_a_prior_value_that_was_taken_out() {
    assert!(!takes(Presence::Optional, "old".into(), Value::Null, "old".into()));
    assert!(!takes(Presence::Optional, Value::Null, "new".into(), Value::Null));
}

#[test]
fn plan_of_a_computed_attribute_is_free() {
    for planned in [Value::Null, Value::Unknown, "x".into()] {
        assert!(takes(Presence::Computed, "old".into(), Value::Null, planned.clone()));
        assert!(takes(Presence::OptionalComputed, "old".into(), Value::Null, planned));
    }
    assert!(!takes(Presence::OptionalComputed, "old".into(), "new".into(), "third".into()));
}

#[test]
fn plan_is_null_where_only_the_user_can_set() {
    assert!(takes(Presence::Optional, Value::Null, Value::Null, Value::Null));
    assert!(!takes(Presence::Optional, Value::Null, Value::Null, "x".into()));
    assert!(!takes(Presence::Optional, Value::Null, Value::Null, Value::Unknown));
}

#[test]
fn plan_is_not_unknown_for_a_configured_value() {
    assert!(!takes(Presence::Required, Value::Null, "x".into(), Value::Unknown));
    assert!(!takes_nested(Nesting::Single, element("x", Value::Null), Value::Unknown));
}

#[test]
fn plan_of_nested_objects_is_judged_member_by_member() {
    let config = || element("x", Value::Null);
    assert!(takes_nested(Nesting::Single, config(), element("x", Value::Unknown)));
    assert!(!takes_nested(Nesting::Single, config(), element("y", Value::Unknown)));
    assert!(!takes_nested(Nesting::Single, config(), Value::Null));
    assert!(!takes_nested(Nesting::Single, Value::Null, config()));
    assert!(!takes_nested(Nesting::List, Value::list([config()]), Value::list([element("y", "m")])));
    assert!(!takes_nested(Nesting::Map, Value::map([("k", config())]), Value::map([("k", element("y", "m"))])));
}

#[test]
fn plan_has_as_many_elements_as_are_configured() {
    let config = || element("x", Value::Null);
    let made = || element("x", "m");
    assert!(takes_nested(Nesting::List, Value::list([config()]), Value::list([made()])));
    assert!(!takes_nested(Nesting::List, Value::list([config()]), Value::list([made(), made()])));
    assert!(takes_nested(Nesting::Map, Value::map([("k", config())]), Value::map([("k", made())])));
    assert!(!takes_nested(Nesting::Map, Value::map([("k", config())]), Value::map([("l", made())])));
    assert!(takes_nested(Nesting::Set, Value::set([config()]), Value::set([element("unchecked", "m")])));
    assert!(!takes_nested(Nesting::Set, Value::set([config()]), Value::set([])));
}

#[test]
fn plan_conforms_to_the_schema_and_destroys_only_what_is_destroyed() {
    let schema = plain(Presence::Required);
    assert!(assert_plan_valid(&schema, &Value::Null, &a("x"), &a(1)).is_err());
    assert!(assert_plan_valid(&schema, &Value::Null, &a("x"), &Value::Null).is_err());
    assert!(assert_plan_valid(&schema, &a("x"), &Value::Null, &Value::Null).is_ok());
    assert!(assert_plan_valid(&schema, &a("x"), &Value::Null, &a("x")).is_err());
}

/// Whether core takes `new` where `planned` was planned, for an attribute of this type.
fn applies(ty: Type, planned: Value, new: Value) -> bool {
    let schema = of(Attribute { shape: Shape::Plain(ty), ..text("a", Presence::Computed) });
    assert_applied(&schema, &a(planned), &a(new)).is_ok()
}

fn boxed(ty: Type) -> Box<Type> {
    Box::new(ty)
}

#[test]
fn result_keeps_every_known_value() {
    assert!(applies(Type::String, "x".into(), "x".into()));
    assert!(!applies(Type::String, "x".into(), "X".into()));
    assert!(!applies(Type::String, "x".into(), Value::Null));
    assert!(!applies(Type::String, Value::Null, "x".into()));
}

#[test]
fn result_may_be_anything_of_the_type_where_the_plan_was_open() {
    assert!(applies(Type::String, Value::Unknown, "x".into()));
    assert!(applies(Type::String, Value::Unknown, Value::Null));
    assert!(!applies(Type::String, Value::Unknown, 1.into()));
}

#[test]
fn result_is_wholly_known() {
    assert!(!applies(Type::String, Value::Unknown, Value::Unknown));
    assert!(!applies(Type::List(boxed(Type::String)), Value::Unknown, Value::list([Value::Unknown])));
}

#[test]
fn result_has_the_planned_elements() {
    let list = || Type::List(boxed(Type::String));
    assert!(applies(list(), Value::list([Value::Unknown]), Value::list(["x".into()])));
    assert!(!applies(list(), Value::list([Value::Unknown]), Value::list([])));
    let map = || Type::Map(boxed(Type::String));
    assert!(applies(map(), Value::map([("k", Value::Unknown)]), Value::map([("k", "x".into())])));
    assert!(!applies(map(), Value::map([("k", "x".into())]), Value::map([("l", "x".into())])));
    let pair = || Type::Tuple(vec![Type::String, Type::String]);
    let tuple = |first: Value| Value::Tuple(vec![first, "x".into()]);
    assert!(applies(pair(), tuple(Value::Unknown), tuple("y".into())));
    assert!(!applies(pair(), tuple("y".into()), tuple("z".into())));
}

#[test]
fn result_sets_correspond_both_ways_and_never_grow() {
    let set = || Type::Set(boxed(Type::String));
    let planned = || Value::set(["x".into(), Value::Unknown]);
    assert!(applies(set(), planned(), Value::set(["x".into(), "y".into()])));
    assert!(applies(set(), planned(), Value::set(["x".into()])), "the unknown one turned out the same");
    assert!(!applies(set(), planned(), Value::set(["y".into(), "z".into()])));
    assert!(!applies(set(), planned(), Value::set(["x".into(), "y".into(), "z".into()])));
    assert!(!applies(set(), Value::set(["x".into()]), Value::set(["x".into(), "y".into()])));
}

#[test]
fn result_of_a_delete_is_null_and_only_of_a_delete() {
    let schema = plain(Presence::Required);
    assert!(assert_applied(&schema, &Value::Null, &Value::Null).is_ok());
    assert!(assert_applied(&schema, &Value::Null, &a("x")).is_err());
    assert!(assert_applied(&schema, &a("x"), &Value::Null).is_err());
}

#[test]
fn final_plan_keeps_every_value_that_the_first_one_knew() {
    assert!(assert_final_plan(&a("x"), &a("x")).is_ok());
    assert!(assert_final_plan(&a(Value::Unknown), &a("x")).is_ok());
    assert!(assert_final_plan(&a(Value::Unknown), &a(Value::Unknown)).is_ok());
    assert!(assert_final_plan(&a("x"), &a("y")).is_err());
    assert!(assert_final_plan(&a("x"), &a(Value::Unknown)).is_err());
}
