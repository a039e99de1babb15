//! Whatever the schema, a value comes back from the wire as it went in; whatever the bytes, nothing breaks.

use proptest::prelude::*;

use crate::protocol::codec;
use crate::protocol::schema::{Attribute, Presence, Schema, Shape, Type};
use crate::protocol::value::Value;
use crate::random;

fn schema_and_value(gaps: random::Gaps) -> impl Strategy<Value = (Schema, Value)> {
    random::schema().prop_flat_map(move |schema| {
        let value = random::value(&schema.implied_type(), gaps);
        (Just(schema), value)
    })
}

fn of_one_dynamic() -> Schema {
    let attribute = Attribute {
        name: "a".to_owned(),
        shape: Shape::Plain(Type::Dynamic),
        presence: Presence::Optional,
        description: String::new(),
        sensitive: false,
        replaces: false,
        stable: false,
    };
    Schema { attributes: vec![attribute], ..Schema::default() }
}

proptest! {
    #[test]
    fn msgpack_comes_back_as_it_went_in((schema, value) in schema_and_value(random::ANY)) {
        let bytes = codec::encode(&schema, &value).expect("it conforms");
        prop_assert_eq!(codec::decode(&schema, &bytes).expect("we wrote it"), value);
    }

    #[test]
    fn json_comes_back_as_it_went_in((schema, value) in schema_and_value(random::KNOWN)) {
        let text = codec::to_json(&schema, &value).expect("it conforms").to_string();
        let json = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(codec::from_json(&schema, &json).expect("we wrote it"), value);
    }

    #[test]
    fn a_dynamic_value_keeps_its_form(value in random::value(&Type::Dynamic, random::ANY)) {
        let schema = of_one_dynamic();
        let value = Value::object([("a", value)]);
        let bytes = codec::encode(&schema, &value).expect("it conforms");
        prop_assert_eq!(codec::decode(&schema, &bytes).expect("we wrote it"), value.clone());
        if value.is_wholly_known() {
            let json = codec::to_json(&schema, &value).expect("it conforms");
            prop_assert_eq!(codec::from_json(&schema, &json).expect("we wrote it"), value);
        }
    }

    #[test]
    fn damaged_bytes_are_an_error_or_a_value_of_the_type(
        (schema, value) in schema_and_value(random::ANY),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = codec::encode(&schema, &value).expect("it conforms");
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(value) = codec::decode(&schema, &bytes) {
            prop_assert!(codec::encode(&schema, &value).is_ok());
        }
    }

    #[test]
    fn any_bytes_at_all_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), schema in random::schema()) {
        let _ = codec::decode(&schema, &bytes);
    }
}
