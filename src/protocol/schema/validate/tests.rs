//! One case for each rule.

use super::*;

fn plain(name: &str, ty: Type, presence: Presence) -> Attribute {
    let (name, shape, description) = (name.to_owned(), Shape::Plain(ty), String::new());
    Attribute { name, shape, presence, description, sensitive: false, replaces: false, stable: false }
}

fn text(name: &str) -> Attribute {
    plain(name, Type::String, Presence::Optional)
}

fn nested(name: &str, nesting: Nesting, members: Vec<Attribute>) -> Attribute {
    Attribute { shape: Shape::Nested(nesting, members), ..text(name) }
}

fn faults(attributes: Vec<Attribute>) -> Vec<String> {
    let schema = Schema { attributes, ..Schema::default() };
    schema.validate().iter().map(ToString::to_string).collect()
}

#[test]
fn an_ordinary_schema_has_no_faults() {
    let port = plain("port", Type::Number, Presence::Default(80.into()));
    assert_eq!(faults(vec![text("name"), nested("network", Nesting::Set, vec![text("a_1")]), port]), [""; 0]);
}

#[test]
fn names_are_snake_case() {
    for name in ["camelCase", "1st", "with-dash", "", "_under"] {
        assert_eq!(faults(vec![text(name)]), [format!("{name}: the name must be snake_case")]);
    }
}

#[test]
fn terraforms_own_names_are_refused_at_the_root_only() {
    assert_eq!(faults(vec![text("count")]), ["count: the name is reserved by Terraform"]);
    assert_eq!(faults(vec![nested("a", Nesting::Single, vec![text("count")])]), [""; 0]);
}

#[test]
fn names_are_sorted_and_given_once() {
    assert_eq!(faults(vec![text("b"), text("a")]), ["a: attributes must be sorted by name"]);
    let members = vec![text("b"), text("b")];
    assert_eq!(faults(vec![nested("a", Nesting::Map, members)]), ["a.b: the name is given twice"]);
}

#[test]
fn sets_hold_nothing_dynamic() {
    let rule = "a: a set may not hold dynamic values";
    let list = || Type::List(Box::new(Type::Dynamic));
    let dynamic = |ty| plain("b", ty, Presence::Optional);
    assert_eq!(faults(vec![plain("a", Type::Set(Box::new(list())), Presence::Optional)]), [rule]);
    assert_eq!(faults(vec![nested("a", Nesting::Set, vec![dynamic(list())])]), [rule]);
    assert_eq!(faults(vec![nested("a", Nesting::List, vec![dynamic(Type::Dynamic)])]), [""; 0]);
}

#[test]
fn a_nested_attribute_has_members() {
    assert_eq!(faults(vec![nested("a", Nesting::Single, vec![])]), ["a: an object needs at least one attribute"]);
}

#[test]
fn marks_need_the_presence_they_speak_of() {
    let stable = Attribute { stable: true, ..text("a") };
    assert_eq!(faults(vec![stable]), ["a: only a computed attribute can be stable"]);
    let replaces = Attribute { replaces: true, ..plain("a", Type::Bool, Presence::Computed) };
    assert_eq!(faults(vec![replaces]), ["a: a read-only attribute cannot replace"]);
}

#[test]
fn defaults_are_known_and_fit() {
    let with = |default| faults(vec![plain("a", Type::List(Box::new(Type::Bool)), Presence::Default(default))]);
    assert_eq!(with(Value::Null), ["a: the default may not be null"]);
    assert_eq!(with(Value::list([Value::Unknown])), ["a: the default must be wholly known"]);
    assert_eq!(with(Value::list([1.into()])), ["a: the default is of another type"]);
    assert_eq!(with(Value::list([true.into()])), [""; 0]);
}

#[test]
fn a_default_leaves_read_only_members_alone() {
    let members = vec![plain("b", Type::Bool, Presence::Computed)];
    let with = |value| Presence::Default(Value::list([Value::object([("b", value)])]));
    let attribute = |value| Attribute { presence: with(value), ..nested("a", Nesting::List, members.clone()) };
    assert_eq!(faults(vec![attribute(true.into())]), ["a: the default fills a read-only member"]);
    assert_eq!(faults(vec![attribute(Value::Null)]), [""; 0]);
}

#[test]
fn attributes_are_found_by_name_and_path() {
    let schema = Schema {
        attributes: vec![nested(
            "a",
            Nesting::Map,
            vec![plain("b", Type::Map(Box::new(Type::Bool)), Presence::Required)],
        )],
        ..Schema::default()
    };
    let name = |path: Path| schema.at(&path).map(|attribute| attribute.name.as_str());
    assert_eq!(name(Path::from("a").key("k").attribute("b").key("x")), Some("b"));
    assert_eq!(name(Path::from("a").key("k")), Some("a"));
    assert_eq!(name(Path::from("a.c")), None);
    assert_eq!(name(Path::root()), None);
    assert!(schema.attribute("b").is_none());
}

#[test]
fn presence_becomes_the_three_flags_of_the_wire() {
    let flags = |presence: Presence| (presence.required(), presence.optional(), presence.computed());
    assert_eq!(flags(Presence::Required), (true, false, false));
    assert_eq!(flags(Presence::Optional), (false, true, false));
    assert_eq!(flags(Presence::OptionalComputed), (false, true, true));
    assert_eq!(flags(Presence::Default(1.into())), (false, true, true));
    assert_eq!(flags(Presence::Computed), (false, false, true));
}
