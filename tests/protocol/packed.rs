//! Values as Terraform packs them, written as JSON in tests. Owes nothing to the provider's own codec, so that it can
//! judge it.

use rmpv::Value as Pack;
use serde_json::{Value as Json, json};
use terraform_provider_fargate::protocol::wire::tfplugin6::DynamicValue;

/// Stands for a value that isn't known yet.
pub fn unknown() -> Json {
    json!({ "(unknown)": true })
}

pub fn pack(value: &Json) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, &packed(value)).expect("a Vec takes all");
    DynamicValue { msgpack, json: Vec::new() }
}

/// An answer's value. Terraform takes a missing one as null.
pub fn unpack(value: Option<&DynamicValue>) -> Json {
    let Some(value) = value.filter(|value| !value.msgpack.is_empty()) else { return Json::Null };
    let mut rest = &value.msgpack[..];
    let unpacked = unpacked(&rmpv::decode::read_value(&mut rest).expect("msgpack"));
    assert!(rest.is_empty(), "bytes after the value");
    unpacked
}

fn packed(value: &Json) -> Pack {
    match value {
        Json::Null => Pack::Nil,
        Json::Bool(flag) => Pack::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Pack::from(whole),
            (None, Some(float)) => Pack::from(float),
            (None, None) => Pack::from(number.to_string()),
        },
        Json::String(text) => Pack::from(text.as_str()),
        Json::Array(items) => Pack::Array(items.iter().map(packed).collect()),
        Json::Object(_) if *value == unknown() => Pack::Ext(0, vec![0]),
        Json::Object(items) => {
            Pack::Map(items.iter().map(|(key, item)| (Pack::from(key.as_str()), packed(item))).collect())
        }
    }
}

fn unpacked(value: &Pack) -> Json {
    match value {
        Pack::Nil => Json::Null,
        Pack::Boolean(flag) => json!(flag),
        Pack::Integer(number) => number.as_i64().map_or_else(|| json!(number.as_u64()), |number| json!(number)),
        Pack::F32(number) => json!(number),
        Pack::F64(number) => json!(number),
        Pack::String(text) => json!(text.as_str().expect("UTF-8")),
        Pack::Array(items) => items.iter().map(unpacked).collect(),
        Pack::Map(items) => {
            let items = items.iter().map(|(key, item)| (key.as_str().expect("text keys").to_owned(), unpacked(item)));
            Json::Object(items.collect())
        }
        Pack::Ext(..) => unknown(),
        Pack::Binary(_) => panic!("only a dynamic value has bytes"),
    }
}
