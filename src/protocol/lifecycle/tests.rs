//! One case for each rule; that all plans are valid is for the property tests.

use super::*;
use crate::protocol::path::Path;
use crate::protocol::schema::{Nesting, Type};

fn text(name: &str, presence: Presence) -> Attribute {
    let (name, shape, description) = (name.to_owned(), Shape::Plain(Type::String), String::new());
    Attribute { name, shape, presence, description, sensitive: false, replaces: false, stable: false }
}

fn nested(name: &str, nesting: Nesting, presence: Presence, members: Vec<Attribute>) -> Attribute {
    Attribute { shape: Shape::Nested(nesting, members), ..text(name, presence) }
}

fn default(text: &str) -> Presence {
    Presence::Default(text.into())
}

fn schema(attributes: impl Into<Vec<Attribute>>) -> Schema {
    Schema { attributes: attributes.into(), ..Schema::default() }
}

/// `name` required, `decided` optional and computed, `id` stable, `port` with a default, `url` computed.
fn service() -> Schema {
    schema([
        text("decided", Presence::OptionalComputed),
        Attribute { stable: true, ..text("id", Presence::Computed) },
        text("name", Presence::Required),
        text("port", default("80")),
        text("url", Presence::Computed),
    ])
}

fn object<const N: usize>(members: [(&str, &str); N]) -> Value {
    Value::object(members.map(|(name, text)| match text {
        "null" => (name, Value::Null),
        "unknown" => (name, Value::Unknown),
        text => (name, text.into()),
    }))
}

fn service_config(name: &str) -> Value {
    object([("decided", "null"), ("id", "null"), ("name", name), ("port", "null"), ("url", "null")])
}

fn standing() -> Value {
    object([("decided", "d"), ("id", "i"), ("name", "n"), ("port", "80"), ("url", "u")])
}

/// `{"a": value}`, the value of a schema of one nested attribute.
fn a(value: Value) -> Value {
    Value::object([("a", value)])
}

fn plan(schema: &Schema, prior: &Value, config: &Value) -> Value {
    // Any non-null proposal will do.
    propose(schema, prior, config, config)
}

#[test]
fn a_destroy_plans_null() {
    assert_eq!(propose(&service(), &standing(), &Value::Null, &Value::Null), Value::Null);
}

#[test]
fn a_create_leaves_open_what_the_provider_decides() {
    let wanted = object([("decided", "unknown"), ("id", "unknown"), ("name", "n"), ("port", "80"), ("url", "unknown")]);
    assert_eq!(plan(&service(), &Value::Null, &service_config("n")), wanted);
}

#[test]
fn no_change_plans_the_prior_state_itself() {
    assert_eq!(plan(&service(), &standing(), &service_config("n")), standing());
}

#[test]
fn an_update_opens_computed_values_but_not_stable_or_decided_ones() {
    let wanted = object([("decided", "d"), ("id", "i"), ("name", "other"), ("port", "80"), ("url", "unknown")]);
    assert_eq!(plan(&service(), &standing(), &service_config("other")), wanted);
}

#[test]
fn a_stable_value_that_was_never_known_is_open() {
    let prior = object([("decided", "null"), ("id", "null"), ("name", "n"), ("port", "80"), ("url", "u")]);
    let planned = plan(&service(), &prior, &service_config("other"));
    assert_eq!((planned.member("id"), planned.member("decided")), (&Value::Unknown, &Value::Unknown));
}

#[test]
fn the_default_comes_back_when_the_attribute_is_taken_out() {
    let prior = object([("decided", "d"), ("id", "i"), ("name", "n"), ("port", "8080"), ("url", "u")]);
    assert_eq!(plan(&service(), &prior, &service_config("n")).member("port"), &"80".into());
}

#[test]
fn what_is_unknown_in_the_configuration_is_unknown_in_the_plan() {
    let config = object([("decided", "unknown"), ("id", "null"), ("name", "n"), ("port", "unknown"), ("url", "null")]);
    let planned = plan(&service(), &standing(), &config);
    assert_eq!((planned.member("decided"), planned.member("port")), (&Value::Unknown, &Value::Unknown));
}

#[test]
fn an_optional_attribute_taken_out_becomes_null() {
    let schema = schema([text("a", Presence::Optional)]);
    assert_eq!(plan(&schema, &object([("a", "x")]), &object([("a", "null")])), object([("a", "null")]));
}

/// A nested attribute with a default made of its members': `port` has one, `zone` is decided, `arn` is computed.
fn network(nesting: Nesting, presence: Presence) -> Schema {
    let members =
        vec![text("arn", Presence::Computed), text("port", default("80")), text("zone", Presence::OptionalComputed)];
    schema([nested("a", nesting, presence, members)])
}

#[test]
fn a_nested_attribute_left_out_comes_with_its_members_defaults() {
    let whole = object([("arn", "null"), ("port", "80"), ("zone", "null")]);
    let schema = network(Nesting::Single, Presence::Default(whole));
    let wanted = a(object([("arn", "unknown"), ("port", "80"), ("zone", "unknown")]));
    assert_eq!(plan(&schema, &Value::Null, &a(Value::Null)), wanted);
}

#[test]
fn taking_a_nested_attribute_out_brings_its_defaults_back_and_keeps_what_was_decided() {
    let whole = object([("arn", "null"), ("port", "80"), ("zone", "null")]);
    let schema = network(Nesting::Single, Presence::Default(whole));
    let prior = a(object([("arn", "x"), ("port", "8080"), ("zone", "z")]));
    let wanted = a(object([("arn", "unknown"), ("port", "80"), ("zone", "z")]));
    assert_eq!(plan(&schema, &prior, &a(Value::Null)), wanted);
}

#[test]
fn members_left_out_get_their_defaults_in_every_nesting() {
    let config = || object([("arn", "null"), ("port", "null"), ("zone", "z")]);
    let wanted = || object([("arn", "unknown"), ("port", "80"), ("zone", "z")]);
    let cases = [
        (Nesting::Single, config(), wanted()),
        (Nesting::List, Value::list([config()]), Value::list([wanted()])),
        (Nesting::Set, Value::set([config()]), Value::set([wanted()])),
        (Nesting::Map, Value::map([("k", config())]), Value::map([("k", wanted())])),
    ];
    for (nesting, config, wanted) in cases {
        let planned = plan(&network(nesting, Presence::Optional), &Value::Null, &a(config));
        assert_eq!(planned, a(wanted), "{nesting:?}");
    }
}

#[test]
fn list_elements_meet_by_index_and_map_elements_by_key() {
    let prior = |zone| object([("arn", "x"), ("port", "80"), ("zone", zone)]);
    let config = || object([("arn", "null"), ("port", "null"), ("zone", "null")]);
    let zones = |planned: &Value| {
        planned.member("a").parts().iter().map(|part| part.member("zone").clone()).collect::<Vec<_>>()
    };

    let list = network(Nesting::List, Presence::Optional);
    let before = a(Value::list([prior("y"), prior("z")]));
    assert_eq!(zones(&plan(&list, &before, &a(Value::list([config()])))), ["y".into()]);
    let longer = plan(&list, &before, &a(Value::list([config(), config(), config()])));
    assert_eq!(zones(&longer), ["y".into(), "z".into(), Value::Unknown]);

    let map = network(Nesting::Map, Presence::Optional);
    let before = a(Value::map([("k", prior("y")), ("l", prior("z"))]));
    let planned = plan(&map, &before, &a(Value::map([("l", config()), ("m", config())])));
    assert_eq!(zones(&planned), ["z".into(), Value::Unknown]);
}

#[test]
fn set_elements_meet_what_differs_only_in_what_was_left_open() {
    let schema = network(Nesting::Set, Presence::Optional);
    let prior = a(Value::set([
        object([("arn", "1"), ("port", "1"), ("zone", "z")]),
        object([("arn", "2"), ("port", "2"), ("zone", "z")]),
    ]));
    let config = a(Value::set([
        object([("arn", "null"), ("port", "2"), ("zone", "null")]),
        object([("arn", "null"), ("port", "3"), ("zone", "null")]),
    ]));
    let wanted = a(Value::set([
        object([("arn", "unknown"), ("port", "2"), ("zone", "z")]),
        object([("arn", "unknown"), ("port", "3"), ("zone", "unknown")]),
    ]));
    assert_eq!(plan(&schema, &prior, &config), wanted);
}

#[test]
fn no_set_element_takes_what_only_another_one_fits() {
    let members = vec![text("x", Presence::OptionalComputed), text("y", Presence::OptionalComputed)];
    let schema = schema([nested("a", Nesting::Set, Presence::Required, members)]);
    let config = a(Value::set([object([("x", "null"), ("y", "1")]), object([("x", "1"), ("y", "null")])]));
    for (x, y) in [("1", "2"), ("2", "1"), ("2", "2")] {
        let prior = a(Value::set([object([("x", x), ("y", "1")]), object([("x", "1"), ("y", y)])]));
        assert_eq!(plan(&schema, &prior, &config), prior);
    }
}

#[test]
fn a_decided_object_is_kept_but_its_computed_members_are_open() {
    let members = vec![text("arn", Presence::Computed), text("port", Presence::Optional)];
    let schema =
        schema([nested("a", Nesting::Single, Presence::OptionalComputed, members), text("b", Presence::Optional)]);
    let with = |arn: &str, b: &str| Value::object([("a", object([("arn", arn), ("port", "80")])), ("b", b.into())]);
    let config = Value::object([("a", Value::Null), ("b", "new".into())]);
    let Value::Object(mut wanted) = with("x", "new") else { unreachable!() };
    wanted.insert("a".to_owned(), object([("arn", "unknown"), ("port", "80")]));
    assert_eq!(plan(&schema, &with("x", "old"), &config), Value::Object(wanted));
}

#[test]
fn a_computed_object_is_open_as_a_whole() {
    let members = vec![text("b", Presence::Computed)];
    let schema = schema([nested("a", Nesting::Single, Presence::Computed, members)]);
    assert_eq!(plan(&schema, &Value::Null, &a(Value::Null)), a(Value::Unknown));
}

#[test]
fn nulls_stand_in_for_unknowns_at_any_depth() {
    let value = Value::object([("a", Value::list([Value::Unknown, "x".into()])), ("b", Value::Unknown)]);
    assert!(!value.is_wholly_known());
    let stored = nulls_for_unknowns(value);
    assert_eq!(stored, Value::object([("a", Value::list([Value::Null, "x".into()])), ("b", Value::Null)]));
    assert!(stored.is_wholly_known());
}

fn replacing(nesting: Nesting) -> Schema {
    let fixed = Attribute { replaces: true, ..text("fixed", Presence::Optional) };
    schema([nested("a", nesting, Presence::Optional, vec![fixed, text("free", Presence::Optional)])])
}

fn element(fixed: &str, free: &str) -> Value {
    object([("fixed", fixed), ("free", free)])
}

#[track_caller]
fn replaces(nesting: Nesting, prior: Value, planned: Value, wanted: &[&str]) {
    let paths = replacements(&replacing(nesting), &a(prior), &a(planned));
    assert_eq!(paths.iter().map(ToString::to_string).collect::<Vec<_>>(), wanted);
}

#[test]
fn a_changed_or_unknown_value_replaces() {
    let schema = schema([Attribute { replaces: true, ..text("a", Presence::Required) }]);
    let old = || a("old".into());
    assert_eq!(replacements(&schema, &old(), &a("new".into())), [Path::from("a")]);
    assert_eq!(replacements(&schema, &old(), &a(Value::Unknown)), [Path::from("a")]);
    assert_eq!(replacements(&schema, &old(), &old()), []);
    assert_eq!(replacements(&schema, &Value::Null, &old()), [], "a create");
    assert_eq!(replacements(&schema, &old(), &Value::Null), [], "a destroy");
}

#[test]
fn nested_members_replace_at_their_own_path() {
    replaces(Nesting::Single, element("1", "1"), element("2", "1"), &["a.fixed"]);
    replaces(Nesting::Single, element("1", "1"), element("1", "2"), &[]);
    replaces(Nesting::Single, element("1", "1"), Value::Null, &["a.fixed"]);
    replaces(Nesting::Single, Value::Null, element("null", "1"), &[]);
    replaces(Nesting::Single, element("1", "1"), Value::Unknown, &["a.fixed"]);
    replaces(
        Nesting::List,
        Value::list([element("1", "1")]),
        Value::list([element("1", "2"), element("2", "2")]),
        &["a[1].fixed"],
    );
    replaces(Nesting::List, Value::list([element("1", "1")]), Value::list([]), &["a[0].fixed"]);
    replaces(
        Nesting::Map,
        Value::map([("k", element("1", "1"))]),
        Value::map([("l", element("1", "1"))]),
        &["a[\"k\"].fixed", "a[\"l\"].fixed"],
    );
}

#[test]
fn of_a_path_that_is_nowhere_the_part_that_exists_is_named() {
    replaces(Nesting::Single, Value::Null, Value::Unknown, &["a"]);
    replaces(Nesting::List, Value::list([]), Value::list([Value::Unknown]), &["a[0]"]);
    replaces(Nesting::Map, Value::Null, Value::Unknown, &["a"]);
}

#[test]
fn a_set_replaces_as_a_whole_and_only_for_what_replaces() {
    let set = |fixed, free| Value::set([element(fixed, free)]);
    replaces(Nesting::Set, set("1", "1"), set("2", "1"), &["a"]);
    replaces(Nesting::Set, set("1", "1"), set("1", "2"), &[]);
    replaces(Nesting::Set, set("1", "1"), Value::Unknown, &["a"]);
}
