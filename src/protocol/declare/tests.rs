//! One case for each thing a struct can declare, and for each that is refused.

#![expect(dead_code, reason = "the structs are only declared")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::*;
use crate::protocol::schema::{Nesting, Type};
use crate::protocol::value::Value;

fn eighty() -> u16 {
    80
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Egress {
    NatPerAz,
    None,
}

/// What a Rust reader should know; no attribute's description.
#[derive(Default, Serialize, JsonSchema)]
struct Network {
    /// Address range.
    #[serde(default = "cidr_block")]
    cidr_block: String,
    /// Zones.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    zones: Option<BTreeSet<String>>,
    vpc_id: Option<String>,
}

fn cidr_block() -> String {
    "10.0.0.0/16".to_owned()
}

fn network() -> Network {
    Network { cidr_block: cidr_block(), ..Network::default() }
}

#[derive(JsonSchema, Serialize)]
struct Sidecar {
    image: String,
    ratio: Option<f64>,
}

#[derive(JsonSchema)]
struct Settings {
    /// Name of the service. Long docs
    /// are joined.
    ///
    /// Paragraphs stay.
    #[schemars(extend("x-terraform" = "replaces"))]
    name: String,
    #[serde(default = "eighty")]
    port: u16,
    #[schemars(extend("x-terraform" = ["sensitive"]))]
    password: Option<String>,
    #[schemars(extend("x-terraform" = ["computed", "stable"]))]
    id: String,
    environment: Option<BTreeMap<String, String>>,
    sidecars: Option<BTreeMap<String, Sidecar>>,
    rules: Vec<Sidecar>,
    #[serde(default = "network")]
    network: Network,
}

#[derive(JsonSchema)]
struct Whole {
    #[serde(default = "network")]
    network: Network,
}

fn one<T: JsonSchema>() -> Attribute {
    attributes::<T>().unwrap().remove(0)
}

#[track_caller]
fn refused<T: JsonSchema>() -> String {
    attributes::<T>().unwrap_err().to_string()
}

fn find(name: &str) -> Attribute {
    let found = attributes::<Settings>().unwrap().into_iter().find(|attribute| attribute.name == name);
    found.expect("declared above")
}

#[test]
fn a_struct_becomes_sorted_attributes() {
    let names: Vec<String> = attributes::<Settings>().unwrap().into_iter().map(|attribute| attribute.name).collect();
    assert_eq!(names, ["environment", "id", "name", "network", "password", "port", "rules", "sidecars"]);
}

#[test]
fn what_is_no_option_and_has_no_default_is_required() {
    assert_eq!(find("name").presence, Presence::Required);
    assert_eq!(find("environment").presence, Presence::Optional);
    assert_eq!(find("port").presence, Presence::Default(80.into()));
}

#[test]
fn marks_say_what_a_type_cannot() {
    assert!(find("name").replaces);
    assert!(find("password").sensitive);
    assert!(find("id").stable);
    assert_eq!(find("id").presence, Presence::Computed);
}

#[test]
fn a_doc_comment_is_the_description() {
    assert_eq!(find("name").description, "Name of the service. Long docs are joined.\n\nParagraphs stay.");
    assert_eq!(find("port").description, "");
}

#[test]
fn collections_of_structs_are_nested_attributes() {
    let shape = find("sidecars").shape;
    let Shape::Nested(Nesting::Map, members) = &shape else { panic!("{shape:?}") };
    assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["image", "ratio"]);
    assert_eq!(members[1].shape, Shape::Plain(Type::Number));
    assert!(matches!(find("rules").shape, Shape::Nested(Nesting::List, _)));
    assert_eq!(find("environment").shape, Shape::Plain(Type::Map(Box::new(Type::String))));
}

#[test]
fn the_default_of_a_nested_struct_is_made_of_its_members_defaults() {
    let attribute = one::<Whole>();
    let default =
        Value::object([("cidr_block", "10.0.0.0/16".into()), ("vpc_id", Value::Null), ("zones", Value::Null)]);
    assert_eq!(attribute.presence, Presence::Default(default));
    assert_eq!(attribute.members()[2].presence, Presence::OptionalComputed);
    assert_eq!(attribute.members()[2].shape, Shape::Plain(Type::Set(Box::new(Type::String))));
}

#[test]
fn enums_are_strings_with_documented_variants_or_without() {
    #[derive(JsonSchema)]
    enum Documented {
        /// The first.
        One,
        Two,
    }
    #[derive(JsonSchema)]
    struct Of {
        egress: Egress,
    }
    #[derive(JsonSchema)]
    struct OfOption {
        egress: Option<Documented>,
    }
    assert_eq!(one::<Of>().shape, Shape::Plain(Type::String));
    assert_eq!(one::<OfOption>().shape, Shape::Plain(Type::String));
    assert_eq!(one::<OfOption>().presence, Presence::Optional);
}

#[test]
fn an_optional_struct_is_optional_and_nested() {
    #[derive(JsonSchema)]
    struct Of {
        /// The field's own words.
        network: Option<Network>,
    }
    let attribute = one::<Of>();
    assert_eq!(attribute.presence, Presence::Optional);
    assert_eq!(attribute.description, "The field's own words.");
    assert_eq!(attribute.members().len(), 3);
}

#[test]
fn a_keyword_that_nobody_reads_is_refused() {
    #[derive(JsonSchema)]
    struct Length {
        #[schemars(length(min = 3))]
        name: String,
    }
    #[derive(JsonSchema)]
    struct Range {
        #[schemars(range(min = 21, max = 200))]
        size: u32,
    }
    #[derive(JsonSchema)]
    struct Foreign {
        #[schemars(extend("x-other" = true))]
        name: String,
    }
    assert_eq!(refused::<Length>(), "name: the JSON-schema keyword \"minLength\" has no meaning in Terraform's schema");
    assert!(refused::<Range>().starts_with("size: the JSON-schema keyword \"m"), "{}", refused::<Range>());
    assert_eq!(refused::<Foreign>(), "name: the JSON-schema keyword \"x-other\" has no meaning in Terraform's schema");
}

#[test]
fn types_without_a_counterpart_are_refused() {
    #[derive(JsonSchema)]
    struct Anything {
        value: serde_json::Value,
    }
    #[derive(JsonSchema)]
    struct Pair {
        pair: (u8, u8),
    }
    #[derive(JsonSchema)]
    struct Gaps {
        list: Vec<Option<String>>,
    }
    #[derive(JsonSchema)]
    struct Itself {
        again: Option<Box<Itself>>,
    }
    #[derive(JsonSchema)]
    enum WithData {
        Number(u8),
    }
    #[derive(JsonSchema)]
    struct OfData {
        data: WithData,
    }
    for error in [refused::<Anything>(), refused::<Pair>(), refused::<Gaps>(), refused::<Itself>(), refused::<OfData>()]
    {
        assert!(error.contains("no counterpart") || error.contains("no meaning"), "{error}");
    }
}

#[test]
fn marks_are_checked() {
    #[derive(JsonSchema)]
    struct Misspelt {
        #[schemars(extend("x-terraform" = ["sensitiv"]))]
        name: String,
    }
    #[derive(JsonSchema)]
    struct Both {
        #[schemars(extend("x-terraform" = ["computed", "optional_computed"]))]
        name: String,
    }
    assert!(refused::<Misspelt>().starts_with("name: \"sensitiv\" is no mark"));
    assert!(refused::<Both>().contains("exclude each other"));
}

#[test]
fn a_default_that_nobody_can_see_is_refused() {
    #[derive(Default, JsonSchema)]
    enum NotSerialize {
        #[default]
        One,
    }
    #[derive(JsonSchema)]
    struct Of {
        #[serde(default)]
        kind: NotSerialize,
    }
    assert!(refused::<Of>().starts_with("kind: may be left out"));
}

#[test]
fn a_struct_default_that_contradicts_its_members_is_refused() {
    fn other() -> Network {
        Network { cidr_block: "192.168.0.0/16".to_owned(), ..Network::default() }
    }
    #[derive(JsonSchema)]
    struct Of {
        #[serde(default = "other")]
        network: Network,
    }
    assert_eq!(
        refused::<Of>(),
        "network: the struct's default for \"cidr_block\" is not the default that the member declares"
    );
}

#[test]
fn a_read_only_struct_is_computed_throughout() {
    let attribute = computed::<Whole>().unwrap().remove(0);
    assert_eq!(attribute.presence, Presence::Computed);
    assert!(attribute.members().iter().all(|member| member.presence == Presence::Computed));
}

#[test]
fn combining_sorts_and_refuses_duplicates() {
    let names = |schema: Schema| schema.attributes.into_iter().map(|attribute| attribute.name).collect::<Vec<_>>();
    let read_only = || computed::<Sidecar>().unwrap();
    let schema = combine(attributes::<Whole>().unwrap(), read_only()).unwrap();
    assert_eq!(schema.validate(), []);
    assert_eq!(names(schema), ["image", "network", "ratio"]);
    let error = combine(read_only(), read_only()).unwrap_err();
    assert_eq!(error.to_string(), "image: declared twice");
}
