//! The section `## Schema` of a page: every attribute with type, default and effect, nested ones below with anchors.

use terraform_provider_fargate::protocol::schema::{Attribute, Nesting, Presence, Schema, Shape, Type};
use terraform_provider_fargate::protocol::value::Value;

/// A title, and which attributes stand under it.
type Group = (&'static str, fn(&Presence) -> bool);

/// In the order in which a page lists them.
const GROUPS: [Group; 3] = [
    ("Required", Presence::required),
    ("Optional", Presence::optional),
    ("Read-Only", |presence| *presence == Presence::Computed),
];

pub fn section(schema: &Schema) -> String {
    let mut parts = vec!["## Schema".to_owned()];
    for (title, members) in groups(&schema.attributes) {
        parts.push(format!("### {title}"));
        parts.push(list(&members, ""));
    }
    nested(&schema.attributes, "", &mut parts);
    parts.join("\n\n")
}

/// A part for each attribute with members, each followed by those within it.
fn nested(attributes: &[Attribute], above: &str, parts: &mut Vec<String>) {
    let in_order = groups(attributes).into_iter().flat_map(|(_, members)| members);
    for attribute in in_order.filter(|attribute| !attribute.members().is_empty()) {
        let path = format!("{above}{}", attribute.name);
        parts.push(format!("<a id=\"{}\"></a>\n### Nested Schema for `{path}`", anchor(&path)));
        for (title, members) in groups(attribute.members()) {
            parts.push(format!("{title}:"));
            parts.push(list(&members, &format!("{path}.")));
        }
        nested(attribute.members(), &format!("{path}."), parts);
    }
}

/// The groups that have members.
fn groups(attributes: &[Attribute]) -> Vec<(&'static str, Vec<&Attribute>)> {
    let of = |given_by: fn(&Presence) -> bool| attributes.iter().filter(move |attribute| given_by(&attribute.presence));
    let groups = GROUPS.map(|(title, given_by)| (title, of(given_by).collect::<Vec<_>>()));
    groups.into_iter().filter(|(_, members)| !members.is_empty()).collect()
}

fn list(attributes: &[&Attribute], above: &str) -> String {
    attributes.iter().map(|attribute| item(attribute, above)).collect::<Vec<_>>().join("\n")
}

fn item(attribute: &Attribute, above: &str) -> String {
    let mut said = vec![attribute.description.replace('\n', "\n  ")];
    let nested = !attribute.members().is_empty();
    if let (Presence::Default(value), false) = (&attribute.presence, nested) {
        said.push(format!("Default: `{}`.", hcl(value)));
    }
    if attribute.replaces {
        said.push("Changing it replaces the resource.".to_owned());
    }
    if nested {
        let path = format!("{above}{}", attribute.name);
        said.push(format!("(see [below for nested schema](#{}))", anchor(&path)));
    }
    let sensitive = if attribute.sensitive { ", Sensitive" } else { "" };
    format!("- `{}` ({}{sensitive}) {}", attribute.name, shape(&attribute.shape), said.join(" "))
}

fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Plain(plain) => name(plain),
        Shape::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        Shape::Nested(nesting, _) => format!("Attributes {nesting:?}"),
    }
}

fn name(plain: &Type) -> String {
    match plain {
        Type::Bool => "Boolean".to_owned(),
        Type::List(element) => format!("List of {}", name(element)),
        Type::Set(element) => format!("Set of {}", name(element)),
        Type::Map(element) => format!("Map of {}", name(element)),
        Type::Object(_) => "Object".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Number | Type::String | Type::Dynamic => format!("{plain:?}"),
    }
}

/// A value as the user would write it.
fn hcl(value: &Value) -> String {
    let all = |parts: Vec<&Value>| parts.into_iter().map(hcl).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null | Value::Unknown => format!("{value:?}").to_lowercase(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_plain_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => format!("[{}]", all(value.parts())),
        Value::Map(members) | Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{name} = {}", hcl(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
    }
}
