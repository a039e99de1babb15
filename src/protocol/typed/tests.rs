//! A struct with one field of each kind, there and back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::*;
use crate::protocol::schema::{Attribute, Nesting, Presence, Shape, Type};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Egress {
    NatPerAz,
    None,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Network {
    egress: Egress,
    zones: Option<BTreeSet<String>>,
}

fn eighty() -> u16 {
    80
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Service {
    name: String,
    #[serde(default = "eighty")]
    port: u16,
    network: Option<Network>,
    environment: Option<BTreeMap<String, String>>,
    ratio: Option<f64>,
}

fn attribute(name: &str, shape: Shape) -> Attribute {
    Attribute {
        name: name.to_owned(),
        shape,
        presence: Presence::Optional,
        description: String::new(),
        sensitive: false,
        replaces: false,
        stable: false,
    }
}

fn schema() -> Schema {
    let plain = |name, ty| attribute(name, Shape::Plain(ty));
    let network = vec![plain("egress", Type::String), plain("zones", Type::Set(Box::new(Type::String)))];
    Schema {
        attributes: vec![
            plain("environment", Type::Map(Box::new(Type::String))),
            plain("name", Type::String),
            attribute("network", Shape::Nested(Nesting::Single, network)),
            plain("port", Type::Number),
            plain("ratio", Type::Number),
            plain("url", Type::String),
        ],
        ..Schema::default()
    }
}

fn value() -> Value {
    let zones = Value::set(["a".into(), "b".into()]);
    Value::object([
        ("environment", Value::map([("KEY", "value".into())])),
        ("name", "hello".into()),
        ("network", Value::object([("egress", "nat_per_az".into()), ("zones", zones)])),
        ("port", 8080.into()),
        ("ratio", Value::Number("0.1".parse().unwrap())),
        ("url", Value::Null),
    ])
}

fn with(name: &str, member: Value) -> Value {
    let Value::Object(mut members) = value() else { unreachable!() };
    members.insert(name.to_owned(), member);
    Value::Object(members)
}

#[track_caller]
fn refused(value: &Value) -> (String, Reason) {
    let error = from_value::<Service>(value).unwrap_err();
    (error.path.to_string(), error.reason)
}

#[test]
fn a_struct_comes_out_as_it_went_in() {
    let service: Service = from_value(&value()).unwrap();
    assert_eq!(service.ratio, Some(0.1));
    assert_eq!(to_value(&schema(), &service).unwrap(), value());
}

#[test]
fn null_is_left_out_so_defaults_apply() {
    let service: Service = from_value(&Value::object([("name", "hello".into()), ("port", Value::Null)])).unwrap();
    assert_eq!(service.port, 80);
    assert_eq!(service.network, None);
}

#[test]
fn an_unknown_that_is_asked_for_is_an_error_at_its_path() {
    assert_eq!(refused(&with("port", Value::Unknown)), ("port".to_owned(), Reason::Unknown));
    let network = Value::object([("egress", "none".into()), ("zones", Value::set(["a".into(), Value::Unknown]))]);
    assert_eq!(refused(&with("network", network)), ("network.zones".to_owned(), Reason::Unknown));
    let environment = Value::map([("KEY", Value::Unknown)]);
    assert_eq!(refused(&with("environment", environment)), ("environment[\"KEY\"]".to_owned(), Reason::Unknown));
}

#[test]
fn an_unknown_that_nobody_asks_for_does_no_harm() {
    assert!(from_value::<Service>(&with("url", Value::Unknown)).is_ok());
}

#[test]
fn what_serde_refuses_is_told_at_its_path() {
    let (path, reason) = refused(&with("port", 70000.into()));
    assert_eq!(path, "port");
    assert_eq!(reason.to_string(), "invalid value: integer `70000`, expected u16");
    let (path, _) = refused(&with("network", Value::object([("egress", "carrier_pigeon".into())])));
    assert_eq!(path, "network.egress");
    let (path, reason) = refused(&Value::object([("port", 1.into())]));
    assert_eq!((path.as_str(), reason.to_string().as_str()), ("", "missing field `name`"));
}

#[test]
fn numbers_come_exactly_or_not_at_all() {
    let number = |text: &str| Value::Number(text.parse().unwrap());
    assert_eq!(from_value::<u64>(&number("18446744073709551615")), Ok(u64::MAX));
    assert_eq!(from_value::<i128>(&number("-18446744073709551616")), Ok(-(1 << 64)));
    assert_eq!(from_value::<f64>(&number("0.1")), Ok(0.1));
    assert_eq!(from_value::<f32>(&number("0.1")), Ok(0.1));
    assert_eq!(from_value::<u16>(&number("80.0")), Ok(80));
    assert!(from_value::<u16>(&number("80.5")).is_err());
    assert!(from_value::<f64>(&number("9007199254740993")).is_err());
    assert!(from_value::<f64>(&number("0.10000000000000000001")).is_err());
    assert!(from_value::<f64>(&number("1e400")).is_err());
    assert!(from_value::<u128>(&number("340282366920938463463374607431768211456")).is_err());
}

#[test]
fn a_field_that_the_schema_lacks_is_an_error() {
    #[derive(Serialize)]
    struct Other {
        colour: &'static str,
    }
    let error = to_value(&schema(), &Other { colour: "red" }).unwrap_err();
    assert_eq!(error.to_string(), "has an attribute \"colour\" that the schema lacks");
}
