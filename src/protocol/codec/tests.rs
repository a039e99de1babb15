//! Each rule of the wire format by itself; whole values come back in the property tests.

use serde_json::json;

use super::*;
use crate::protocol::schema::{Attribute, Nesting, Presence, Shape};

fn attribute(name: &str, shape: Shape) -> Attribute {
    let (name, description) = (name.to_owned(), String::new());
    Attribute {
        name,
        shape,
        presence: Presence::Optional,
        description,
        sensitive: false,
        replaces: false,
        stable: false,
    }
}

/// A schema whose one attribute is `a`, of this type.
fn of(ty: Type) -> Schema {
    Schema { attributes: vec![attribute("a", Shape::Plain(ty))], ..Schema::default() }
}

fn nested(nesting: Nesting) -> Schema {
    let members = vec![attribute("b", Shape::Plain(Type::Bool))];
    Schema { attributes: vec![attribute("a", Shape::Nested(nesting, members))], ..Schema::default() }
}

/// `{"a": ` and then these bytes.
fn packed(rest: &[u8]) -> Vec<u8> {
    [b"\x81\xa1a", rest].concat()
}

#[track_caller]
fn reads(ty: Type, bytes: &[u8], wanted: impl Into<Value>) {
    let object = decode(&of(ty), &packed(bytes)).unwrap();
    assert_eq!(object.member("a"), &wanted.into());
}

#[track_caller]
fn writes(ty: Type, value: impl Into<Value>, wanted: &[u8]) {
    let bytes = encode(&of(ty), &Value::object([("a", value.into())])).unwrap();
    assert_eq!(bytes, packed(wanted));
}

#[track_caller]
fn refuses(ty: Type, bytes: &[u8], wanted: &str) {
    assert_eq!(decode(&of(ty), &packed(bytes)).unwrap_err().to_string(), wanted);
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn boxed(ty: Type) -> Box<Type> {
    Box::new(ty)
}

#[test]
fn nothing_at_all_is_null() {
    assert_eq!(decode(&of(Type::Bool), b""), Ok(Value::Null));
    assert_eq!(encode(&of(Type::Bool), &Value::Null).unwrap(), b"\xc0");
}

#[test]
fn every_form_of_number_is_read() {
    reads(Type::Number, b"\x07", 7);
    reads(Type::Number, b"\xff", -1);
    reads(Type::Number, b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", number("18446744073709551615"));
    reads(Type::Number, b"\xd3\x80\0\0\0\0\0\0\0", i64::MIN);
    reads(Type::Number, b"\xca\x3f\0\0\0", number("0.5"));
    reads(Type::Number, b"\xcb\x3f\xe0\0\0\0\0\0\0", number("0.5"));
    reads(Type::Number, b"\xa30.1", number("0.1"));
}

#[test]
fn numbers_are_written_in_the_smallest_exact_form() {
    writes(Type::Number, 7, b"\x07");
    writes(Type::Number, 300, b"\xcd\x01\x2c");
    writes(Type::Number, i64::MIN, b"\xd3\x80\0\0\0\0\0\0\0");
    writes(Type::Number, number("7.0"), b"\x07");
    writes(Type::Number, number("0.5"), b"\xcb\x3f\xe0\0\0\0\0\0\0");
    writes(Type::Number, number("0.1"), b"\xa30.1");
    writes(Type::Number, number("1e20"), b"\xb5100000000000000000000");
}

#[test]
fn infinities_and_absurd_numbers_are_refused() {
    refuses(Type::Number, b"\xcb\x7f\xf0\0\0\0\0\0\0", "a: is no number");
    refuses(Type::Number, b"\xab1e999999999", "a: is no number");
}

#[test]
fn an_extension_of_any_kind_is_unknown() {
    reads(Type::String, b"\xd4\0\0", Value::Unknown);
    let refined = b"\xc7\x03\x0c\x81\x01\xc2";
    reads(Type::String, refined, Value::Unknown);
    assert_eq!(decode(&of(Type::String), b"\xd4\0\0"), Ok(Value::Unknown));
}

#[test]
fn unknown_is_written_in_its_canonical_form() {
    writes(Type::String, Value::Unknown, b"\xd4\0\0");
    writes(Type::Dynamic, Value::Unknown, b"\xd4\0\0");
}

#[test]
fn sets_are_read_in_canonical_form() {
    reads(Type::Set(boxed(Type::String)), b"\x93\xa1b\xa1a\xa1b", Value::set(["a".into(), "b".into()]));
    reads(Type::Set(boxed(Type::String)), b"\x92\xd4\0\0\xd4\0\0", Value::Set(vec![Value::Unknown, Value::Unknown]));
}

#[test]
fn tuples_have_their_exact_length() {
    let pair = || Type::Tuple(vec![Type::Bool, Type::String]);
    reads(pair(), b"\x92\xc3\xa1x", Value::Tuple(vec![true.into(), "x".into()]));
    refuses(pair(), b"\x91\xc3", "a: is not of type [\"tuple\",[\"bool\",\"string\"]]");
}

#[test]
fn a_dynamic_value_is_a_pair_of_type_and_value() {
    writes(Type::Dynamic, true, b"\x92\xc4\x06\"bool\"\xc3");
    reads(Type::Dynamic, b"\x92\xc4\x06\"bool\"\xc3", true);
    writes(Type::Dynamic, Value::Null, b"\xc0");
    refuses(Type::Dynamic, b"\xc3", "a: is not of type \"dynamic\"");
    refuses(Type::Dynamic, b"\x91\xc3", "a: is dynamic, but no pair of type and value");
    refuses(Type::Dynamic, b"\x92\xc4\x03\"x\"\xc3", "a: has a dynamic type in no notation of Terraform's");
}

#[test]
fn the_type_of_a_dynamic_value_is_read_off_it() {
    let written =
        |value| to_json(&of(Type::Dynamic), &Value::object([("a", value)])).map(|json| json["a"]["type"].clone());
    assert_eq!(written(Value::list([Value::Null, 1.into()])), Ok(json!(["list", "number"])));
    assert_eq!(written(Value::list([])), Ok(json!(["list", "dynamic"])));
    assert_eq!(written(Value::Tuple(vec![1.into(), "x".into()])), Ok(json!(["tuple", ["number", "string"]])));
    assert_eq!(written(Value::object([("k", true.into())])), Ok(json!(["object", {"k": "bool"}])));
    assert!(written(Value::list([1.into(), "x".into()])).is_err());
}

#[test]
fn every_attribute_is_written_and_none_is_invented() {
    let schema = of(Type::Bool);
    assert_eq!(encode(&schema, &Value::object::<&str>([])).unwrap(), packed(b"\xc0"));
    let other = Value::object([("other", Value::Null)]);
    assert_eq!(encode(&schema, &other).unwrap_err().to_string(), "has an attribute \"other\" that the schema lacks");
    assert!(decode(&schema, b"\x81\xa1b\xc0").is_err());
    assert!(from_json(&schema, &json!({"b": null})).is_err());
    assert_eq!(from_json(&schema, &json!({})).unwrap(), Value::object([("a", Value::Null)]));
}

#[test]
fn all_four_nestings_are_read() {
    let object = || Value::object([("b", true.into())]);
    let (single, many, map) = (json!({"b": true}), json!([{"b": true}]), json!({"k": {"b": true}}));
    for (nesting, json, wanted) in [
        (Nesting::Single, single, object()),
        (Nesting::List, many.clone(), Value::list([object()])),
        (Nesting::Set, many, Value::set([object()])),
        (Nesting::Map, map, Value::map([("k", object())])),
    ] {
        let value = from_json(&nested(nesting), &json!({"a": json})).unwrap();
        assert_eq!(value.member("a"), &wanted);
        assert_eq!(decode(&nested(nesting), &encode(&nested(nesting), &value).unwrap()), Ok(value));
    }
}

#[test]
fn errors_name_the_place() {
    let at = |nesting, json| from_json(&nested(nesting), &json!({"a": json})).unwrap_err().path.to_string();
    assert_eq!(at(Nesting::Single, json!({"b": 1})), "a.b");
    assert_eq!(at(Nesting::List, json!([{"b": true}, {"b": 1}])), "a[1].b");
    assert_eq!(at(Nesting::Map, json!({"k": {"b": 1}})), "a[\"k\"].b");
    assert_eq!(at(Nesting::List, json!([{"b": true}, 1])), "a[1]");
}

#[test]
fn json_numbers_keep_every_digit() {
    let text = r#"{"a":123456789012345678901234567890.000000000000000000001}"#;
    let value = from_json(&of(Type::Number), &serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(to_json(&of(Type::Number), &value).unwrap().to_string(), text);
}

#[test]
fn json_cannot_say_unknown() {
    let error = to_json(&of(Type::Bool), &Value::object([("a", Value::Unknown)])).unwrap_err();
    assert_eq!(error.to_string(), "a: is not known yet, which JSON cannot say");
}

#[test]
fn hostile_input_is_refused_without_harm() {
    let schema = of(Type::Dynamic);
    assert!(decode(&schema, &vec![0x91; 1_000_000]).is_err(), "nested a million deep");
    assert!(
        decode(&schema, b"\xdf\xff\xff\xff\xff").is_err(),
        "a map of four thousand million pairs that aren't there"
    );
    assert!(decode(&schema, b"\x81\xa1a\xc0\xc0").is_err(), "something after the value");
    assert!(decode(&schema, b"\x82\xa1a\xc0\xa1a\xc0").is_err(), "a key twice");
    assert!(decode(&of(Type::String), b"\x81\xa1a\xa1\xff").is_err(), "no UTF-8");

    let mut dynamic = json!({"type": "bool", "value": true});
    for _ in 0..500 {
        dynamic = json!({"type": "dynamic", "value": dynamic});
    }
    let error = from_json(&schema, &json!({"a": dynamic})).unwrap_err();
    assert_eq!(error.to_string(), "a: is nested more than 100 levels deep");

    let deep = (0..500).fold(Value::Null, |inner, _| Value::list([inner]));
    assert!(encode(&schema, &Value::object([("a", deep)])).is_err());
}

#[test]
fn types_are_written_in_terraforms_notation() {
    let object = Type::Object(vec![("k".to_owned(), Type::Map(boxed(Type::Dynamic)))]);
    let ty = Type::Tuple(vec![Type::List(boxed(Type::Bool)), Type::Set(boxed(Type::Number)), object]);
    let wanted = json!(["tuple", [["list", "bool"], ["set", "number"], ["object", {"k": ["map", "dynamic"]}]]]);
    assert_eq!(type_json(&ty), wanted);
    assert_eq!(types::read_type(&wanted, &Place::default()), Ok(ty));
}
