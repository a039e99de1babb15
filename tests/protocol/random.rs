//! Random schemas, and values that conform to them.
//!
//! Few distinct leaves, so that equal values (which is where plans get interesting) are common.

use proptest::collection::{btree_map, vec};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use crate::protocol::schema::{Attribute, Nesting, Presence, Schema, Shape, Type};
use crate::protocol::value::Value;

/// How a value is made: which of its parts may be missing.
#[derive(Clone, Copy)]
pub struct Gaps {
    pub nulls: bool,
    pub unknowns: bool,
}

pub const KNOWN: Gaps = Gaps { nulls: true, unknowns: false };
pub const ANY: Gaps = Gaps { nulls: true, unknowns: true };

pub fn schema() -> BoxedStrategy<Schema> {
    attributes(2, true).prop_map(|attributes| Schema { attributes, ..Schema::default() }).boxed()
}

/// `defaults` is off inside sets: there two elements may become one by their defaults, which no plan can express.
fn attributes(depth: u32, defaults: bool) -> BoxedStrategy<Vec<Attribute>> {
    let named = |attributes: Vec<Attribute>| {
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        names.into_iter().zip(attributes).map(|(name, attribute)| Attribute { name, ..attribute }).collect()
    };
    vec(attribute(depth, defaults), 1..=4).prop_map(named).boxed()
}

fn attribute(depth: u32, defaults: bool) -> BoxedStrategy<Attribute> {
    let with_presence = move |shape: Shape| (Just(shape.clone()), presence(&shape, defaults), any::<[bool; 2]>());
    let attribute = |(shape, presence, [replaces, stable]): (Shape, Presence, [bool; 2])| Attribute {
        name: String::new(),
        description: String::new(),
        sensitive: false,
        replaces: replaces && presence != Presence::Computed,
        stable: stable && presence.computed(),
        shape,
        presence,
    };
    shape(depth, defaults).prop_flat_map(with_presence).prop_map(attribute).boxed()
}

fn shape(depth: u32, defaults: bool) -> BoxedStrategy<Shape> {
    let plain = plain_type(2).prop_map(Shape::Plain);
    if depth == 0 {
        return plain.boxed();
    }
    let nesting = select(vec![Nesting::Single, Nesting::List, Nesting::Set, Nesting::Map]);
    let nested = nesting.prop_flat_map(move |nesting| {
        attributes(depth - 1, defaults && nesting != Nesting::Set)
            .prop_map(move |members| Shape::Nested(nesting, members))
    });
    prop_oneof![2 => plain, 1 => nested].boxed()
}

fn presence(shape: &Shape, defaults: bool) -> BoxedStrategy<Presence> {
    let fixed = select(vec![Presence::Required, Presence::Optional, Presence::OptionalComputed, Presence::Computed]);
    if !defaults {
        return fixed.boxed();
    }
    let gaps = Gaps { nulls: false, unknowns: false };
    let default = configured_shape(shape, gaps).prop_map(Presence::Default);
    prop_oneof![4 => fixed, 1 => default].boxed()
}

pub fn plain_type(depth: u32) -> BoxedStrategy<Type> {
    let leaf = select(vec![Type::Bool, Type::Number, Type::String]);
    if depth == 0 {
        return leaf.boxed();
    }
    let element = || plain_type(depth - 1).prop_map(Box::new);
    let members = btree_map("[x-z]", plain_type(depth - 1), 1..=2).prop_map(|members| members.into_iter().collect());
    prop_oneof![
        4 => leaf,
        1 => element().prop_map(Type::List),
        1 => element().prop_map(Type::Set),
        1 => element().prop_map(Type::Map),
        1 => members.prop_map(Type::Object),
        1 => vec(plain_type(depth - 1), 0..=2).prop_map(Type::Tuple),
    ]
    .boxed()
}

/// A value of the type, or a gap.
pub fn value(ty: &Type, gaps: Gaps) -> BoxedStrategy<Value> {
    let given = given(ty, gaps);
    let unknown = Just(Value::Unknown);
    match (gaps.nulls, gaps.unknowns) {
        (true, true) => prop_oneof![6 => given, 1 => Just(Value::Null), 1 => unknown].boxed(),
        (true, false) => prop_oneof![6 => given, 1 => Just(Value::Null)].boxed(),
        (false, true) => prop_oneof![6 => given, 1 => unknown].boxed(),
        (false, false) => given,
    }
}

/// A value of the type whose root is no gap.
fn given(ty: &Type, gaps: Gaps) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => number(),
        Type::String => select(vec!["", "a", "b", "zürich"]).prop_map(Value::from).boxed(),
        Type::Dynamic => plain_type(2).prop_flat_map(move |ty| value(&ty, gaps)).boxed(),
        Type::List(element) => vec(value(element, gaps), 0..=3).prop_map(Value::List).boxed(),
        Type::Set(element) => vec(value(element, gaps), 0..=3).prop_map(Value::set).boxed(),
        Type::Map(element) => btree_map("[k-m]", value(element, gaps), 0..=3).prop_map(Value::Map).boxed(),
        Type::Tuple(types) => types.iter().map(|ty| value(ty, gaps)).collect::<Vec<_>>().prop_map(Value::Tuple).boxed(),
        Type::Object(types) => object(types.iter().map(|(name, ty)| (name.clone(), value(ty, gaps))).collect()),
    }
}

fn number() -> BoxedStrategy<Value> {
    let decimal = |text: &str| Value::Number(text.parse().expect("a number"));
    let odd =
        ["0.1", "0.5", "-1e-7", "18446744073709551615", "123456789012345678901234567890.25", "-9223372036854775808"];
    prop_oneof![
        4 => (0..3_i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => select(odd.to_vec()).prop_map(decimal),
    ]
    .boxed()
}

fn object(members: Vec<(String, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    values.prop_map(move |values| Value::object(names.iter().cloned().zip(values))).boxed()
}

/// A configuration that Terraform would let pass: required attributes are given, read-only ones aren't.
pub fn config(schema: &Schema, unknowns: bool) -> BoxedStrategy<Value> {
    config_object(&schema.attributes, Gaps { nulls: false, unknowns })
}

fn config_object(attributes: &[Attribute], gaps: Gaps) -> BoxedStrategy<Value> {
    object(attributes.iter().map(|attribute| (attribute.name.clone(), configured(attribute, gaps))).collect())
}

fn configured(attribute: &Attribute, gaps: Gaps) -> BoxedStrategy<Value> {
    let given = configured_shape(&attribute.shape, gaps);
    match attribute.presence {
        Presence::Required => given,
        Presence::Computed => Just(Value::Null).boxed(),
        _ => weighted(0.6, given).prop_map(Option::unwrap_or_default).boxed(),
    }
}

fn configured_shape(shape: &Shape, gaps: Gaps) -> BoxedStrategy<Value> {
    match shape {
        Shape::Plain(ty) => value(ty, gaps),
        Shape::Nested(nesting, members) => {
            let element = config_object(members, gaps);
            let given = match nesting {
                Nesting::Single => element,
                Nesting::List => vec(element, 0..=3).prop_map(Value::List).boxed(),
                Nesting::Set => vec(element, 0..=3).prop_map(Value::set).boxed(),
                Nesting::Map => btree_map("[k-m]", element, 0..=3).prop_map(Value::Map).boxed(),
            };
            let may_be_unknown = move |(value, open): (Value, bool)| if open { Value::Unknown } else { value };
            (given, prop::bool::weighted(if gaps.unknowns { 0.1 } else { 0.0 })).prop_map(may_be_unknown).boxed()
        }
    }
}
