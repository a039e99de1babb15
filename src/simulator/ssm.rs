//! Systems Manager: parameters.

use std::collections::BTreeMap;

use serde_json::json;

use super::ask::Ask;
use super::observe::Object;
use super::refusal::{Answer, Refusal};
use super::tags::{self, Tags};
use super::world::{Operation, World};

#[derive(Clone, Debug, Default)]
pub struct State {
    parameters: BTreeMap<String, Parameter>,
}

#[derive(Clone, Debug)]
struct Parameter {
    value: String,
    kind: String,
    version: i64,
    modified: f64,
    tags: Tags,
}

pub fn operation(action: &str) -> Option<Operation> {
    Some(match action {
        "AddTagsToResource" => add_tags,
        "DeleteParameter" => delete_parameter,
        "GetParameter" => get_parameter,
        "GetParameters" => get_parameters,
        "GetParametersByPath" => get_parameters_by_path,
        "ListTagsForResource" => list_tags,
        "PutParameter" => put_parameter,
        "RemoveTagsFromResource" => remove_tags,
        _ => return None,
    })
}

#[track_caller]
fn not_found() -> Refusal {
    Refusal::new("ParameterNotFound", "")
}

/// Without Overwrite an existing parameter is refused; with it the version grows by one. Tags only on creation, for which
/// there must be a type, even with Overwrite (API reference, PutParameter; the words as moto has them).
fn put_parameter(world: &mut World, ask: &Ask) -> Answer {
    let name = ask.required("Name")?.to_owned();
    let value = ask.required("Value")?.to_owned();
    let overwrite = ask.truth("Overwrite").unwrap_or(false);
    let modified = world.epoch();
    let kind = ask.text("Type").map(str::to_owned);
    let known = [
        ("Type", &["String", "StringList", "SecureString"]),
        ("Tier", &["Standard", "Advanced", "Intelligent-Tiering"]),
    ];
    for (member, values) in known {
        if let Some(other) = ask.text(member).filter(|given| !values.contains(given)) {
            return Err(Refusal::new("ValidationException", format!("{member} {other} is not valid")));
        }
    }
    let given = tags::read(&ask.parts("Tags"), "Key", "Value");
    if overwrite && !given.is_empty() {
        let why = "Invalid request: tags and overwrite can't be used together.";
        return Err(Refusal::new("ValidationException", why));
    }
    if value.len() > 4096 {
        return Err(Refusal::new(
            "ValidationException",
            "Standard tier parameters support a maximum parameter value of 4096 characters.",
        ));
    }
    let version = match world.ssm.parameters.get_mut(&name) {
        Some(_) if !overwrite => {
            let why = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
            return Err(Refusal::new("ParameterAlreadyExists", why));
        }
        Some(there) => {
            (there.value, there.version, there.modified) = (value, there.version + 1, modified);
            there.version
        }
        None => {
            let why = "A parameter type is required when you create a parameter.";
            let kind = kind.ok_or_else(|| Refusal::new("ValidationException", why))?;
            world.ssm.parameters.insert(name, Parameter { value, kind, version: 1, modified, tags: given });
            1
        }
    };
    Ok(json!({ "Version": version, "Tier": "Standard" }))
}

fn get_parameter(world: &mut World, ask: &Ask) -> Answer {
    let name = ask.required("Name")?;
    let there = named(world, name).ok_or_else(|| not_found())?;
    Ok(json!({ "Parameter": shown(world, there.0, there.1) }))
}

/// A parameter by its name or ARN.
fn named<'a>(world: &'a World, reference: &str) -> Option<(&'a String, &'a Parameter)> {
    let arn = |name: &str| world.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
    world.ssm.parameters.iter().find(|(name, _)| *name == reference || arn(name) == reference)
}

/// Whether a parameter stands, by its name or ARN.
pub fn parameter_stands(world: &World, reference: &str) -> bool {
    named(world, reference).is_some()
}

/// 1 to 10 names; those that aren't there are told in the answer (API reference, GetParameters).
fn get_parameters(world: &mut World, ask: &Ask) -> Answer {
    let names = ask.texts("Names");
    if names.is_empty() || names.len() > 10 {
        return Err(Refusal::new("ValidationException", "Names must have 1 to 10 members"));
    }
    let (there, missing): (Vec<_>, Vec<_>) = names.iter().partition(|name| parameter_stands(world, name));
    let there = there.into_iter().filter_map(|name| named(world, name)).map(|(name, one)| shown(world, name, one));
    Ok(json!({ "Parameters": there.collect::<Vec<_>>(), "InvalidParameters": missing }))
}

/// Ten in a page unless MaxResults (1 to 10) says otherwise; Recursive brings deeper ones too (API reference,
/// GetParametersByPath). The token is the last name, so what comes and goes between two pages shifts nothing.
fn get_parameters_by_path(world: &mut World, ask: &Ask) -> Answer {
    let path = ask.required("Path")?;
    if !path.starts_with('/') {
        let why = "The parameter path must begin with a forward slash (/).";
        return Err(Refusal::new("ValidationException", why));
    }
    let most = match ask.get("MaxResults") {
        most if most.is_null() => 10,
        _ => ask
            .number("MaxResults")
            .filter(|most| (1..=10).contains(most))
            .ok_or_else(|| Refusal::new("ValidationException", "MaxResults must be between 1 and 10"))?,
    };
    let under = format!("{}/", path.trim_end_matches('/'));
    let deep = ask.truth("Recursive").unwrap_or(false);
    let after = ask.text("NextToken").unwrap_or_default();
    let lies = |name: &str| name.strip_prefix(&under).is_some_and(|rest| deep || !rest.contains('/'));
    let mut all = world.ssm.parameters.iter().filter(|(name, _)| lies(name) && name.as_str() > after);
    let page: Vec<_> = all.by_ref().take(usize::try_from(most).unwrap_or_default()).collect();
    let next = all.next().and_then(|_| page.last()).map(|(name, _)| name.as_str());
    let shown: Vec<_> = page.iter().map(|(name, one)| shown(world, name, one)).collect();
    Ok(json!({ "Parameters": shown, "NextToken": next }))
}

fn shown(world: &World, name: &str, there: &Parameter) -> serde_json::Value {
    json!({
        "Name": name,
        "Type": there.kind,
        "Value": there.value,
        "Version": there.version,
        "LastModifiedDate": there.modified,
        "ARN": world.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))),
        "DataType": "text",
    })
}

fn delete_parameter(world: &mut World, ask: &Ask) -> Answer {
    world.ssm.parameters.remove(ask.required("Name")?).map(|_| json!({})).ok_or_else(|| not_found())
}

fn tagged<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Parameter, Refusal> {
    let invalid = || Refusal::new("InvalidResourceId", "The resource ID is invalid.");
    world.ssm.parameters.get_mut(ask.required("ResourceId")?).ok_or_else(invalid)
}

fn list_tags(world: &mut World, ask: &Ask) -> Answer {
    Ok(json!({ "TagList": tags::write(&tagged(world, ask)?.tags, "Key", "Value") }))
}

fn add_tags(world: &mut World, ask: &Ask) -> Answer {
    let given = tags::read(&ask.parts("Tags"), "Key", "Value");
    tagged(world, ask)?.tags.extend(given);
    Ok(json!({}))
}

fn remove_tags(world: &mut World, ask: &Ask) -> Answer {
    let keys = ask.texts("TagKeys");
    tagged(world, ask)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

/// Parameters that stand.
pub fn objects(world: &World) -> Vec<Object> {
    let object = |(name, one): (&String, &Parameter)| Object {
        kind: "ssm parameter",
        id: world.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))),
        name: name.clone(),
        tags: one.tags.clone(),
        settings: json!({ "type": one.kind, "value": one.value }),
    };
    world.ssm.parameters.iter().map(object).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    fn call(world: &mut World, action: &str, ask: Json) -> Result<Json, String> {
        world.call("ssm", action, &Ask(ask)).map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_parameter_is_put_read_and_goes() {
        let mut world = World::new(7, "eu-west-3");
        let w = &mut world;
        let first =
            json!({ "Name": "/db", "Value": "x", "Type": "SecureString", "Tags": [{ "Key": "a", "Value": "1" }] });
        assert_eq!(call(w, "PutParameter", first).unwrap()["Version"], 1);
        let again = json!({ "Name": "/db", "Value": "y", "Overwrite": true });
        assert_eq!(call(w, "PutParameter", again).unwrap()["Version"], 2);
        let arn = "arn:aws:ssm:eu-west-3:123456789012:parameter/db";
        let found = call(w, "GetParameter", json!({ "Name": arn })).unwrap()["Parameter"].clone();
        assert_eq!(
            (&found["Value"], &found["Type"], &found["ARN"]),
            (&json!("y"), &json!("SecureString"), &json!(arn))
        );
        let found = call(w, "GetParameters", json!({ "Names": ["/db", "/none"] })).unwrap();
        assert_eq!((&found["Parameters"][0]["Name"], &found["InvalidParameters"]), (&json!("/db"), &json!(["/none"])));
        let of = |more: Json| {
            let mut ask = json!({ "ResourceType": "Parameter", "ResourceId": "/db" });
            ask.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ask
        };
        call(w, "AddTagsToResource", of(json!({ "Tags": [{ "Key": "b", "Value": "2" }] }))).unwrap();
        call(w, "RemoveTagsFromResource", of(json!({ "TagKeys": ["a"] }))).unwrap();
        let tags = call(w, "ListTagsForResource", of(json!({}))).unwrap()["TagList"].clone();
        assert_eq!(tags, json!([{ "Key": "b", "Value": "2" }]));
        call(w, "DeleteParameter", json!({ "Name": "/db" })).unwrap();
        assert!(!parameter_stands(w, "/db") && objects(w).is_empty());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut world = World::new(7, "eu-west-3");
        let w = &mut world;
        call(w, "PutParameter", json!({ "Name": "/db", "Value": "x", "Type": "String" })).unwrap();
        let tags = json!([{ "Key": "a", "Value": "1" }]);
        let lost = json!({ "ResourceType": "Parameter", "ResourceId": "/none" });
        for (action, ask, expected) in [
            ("PutParameter", json!({ "Value": "x" }), "MissingParameter"),
            ("PutParameter", json!({ "Name": "/db" }), "MissingParameter"),
            ("PutParameter", json!({ "Name": "/db", "Value": "y" }), "ParameterAlreadyExists"),
            ("PutParameter", json!({ "Name": "/a", "Value": "x", "Type": "Number" }), "ValidationException"),
            (
                "PutParameter",
                json!({ "Name": "/a", "Value": "x".repeat(4097), "Type": "String" }),
                "ValidationException",
            ),
            ("PutParameter", json!({ "Name": "/a", "Value": "x" }), "ValidationException"),
            ("PutParameter", json!({ "Name": "/a", "Value": "x", "Overwrite": true }), "ValidationException"),
            ("PutParameter", json!({ "Name": "/db", "Value": "x", "Tier": "Cheap" }), "ValidationException"),
            (
                "PutParameter",
                json!({ "Name": "/db", "Value": "x", "Overwrite": true, "Tags": tags }),
                "ValidationException",
            ),
            ("GetParameter", json!({}), "MissingParameter"),
            ("GetParameter", json!({ "Name": "/none" }), "ParameterNotFound"),
            ("GetParameters", json!({ "Names": [] }), "ValidationException"),
            ("GetParameters", json!({ "Names": vec!["/db"; 11] }), "ValidationException"),
            ("DeleteParameter", json!({}), "MissingParameter"),
            ("DeleteParameter", json!({ "Name": "/none" }), "ParameterNotFound"),
            ("AddTagsToResource", lost.clone(), "InvalidResourceId"),
            ("RemoveTagsFromResource", lost.clone(), "InvalidResourceId"),
            ("ListTagsForResource", lost, "InvalidResourceId"),
            ("ListTagsForResource", json!({}), "MissingParameter"),
        ] {
            assert_eq!(call(w, action, ask.clone()).unwrap_err(), expected, "{action} {ask}");
        }
    }

    #[test]
    fn what_lies_under_a_path_comes_in_pages_of_ten() {
        let mut world = World::new(1, "eu-west-3");
        let mut call = |action: &str, ask: serde_json::Value| operation(action).unwrap()(&mut world, &Ask(ask));
        let names: Vec<String> = (10..33).map(|number| format!("/under/{number}")).collect();
        for name in names.iter().chain(["/under/10/deeper".to_owned(), "/underneath".to_owned()].iter()) {
            call("PutParameter", json!({ "Name": name, "Value": "v", "Type": "String" })).unwrap();
        }
        let (mut seen, mut token) = (Vec::new(), json!(null));
        for expected in [10, 10, 3] {
            let page = call("GetParametersByPath", json!({ "Path": "/under/", "NextToken": token })).unwrap();
            let found = page["Parameters"].as_array().unwrap().clone();
            assert_eq!(found.len(), expected);
            seen.extend(found.iter().map(|one| one["Name"].as_str().unwrap_or_default().to_owned()));
            token = page["NextToken"].clone();
        }
        assert!(token.is_null());
        assert_eq!(seen, names);
        let deep = call("GetParametersByPath", json!({ "Path": "/under/10", "Recursive": true })).unwrap();
        assert_eq!(deep["Parameters"][0]["Name"], "/under/10/deeper");
        for wrong in [json!({ "Path": "under" }), json!({ "Path": "/under", "MaxResults": 11 })] {
            assert_eq!(call("GetParametersByPath", wrong).unwrap_err().code, "ValidationException");
        }
    }
}
