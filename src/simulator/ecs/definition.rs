//! Task definitions: numbered revisions of a family. Registering is never idempotent; a deregistered revision stays,
//! INACTIVE, and its number is not used again.

use serde_json::{Value as Json, json};

use super::cluster::short;
use super::{definition_checks, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Definition {
    pub arn: String,
    pub active: bool,
    /// DeleteTaskDefinitions was called for it.
    pub going: bool,
    /// As it is answered, but for the status.
    pub body: Json,
    pub tags: Tags,
    deregistered: Option<f64>,
}

impl Definition {
    pub fn view(&self) -> Json {
        let mut view = self.body.clone();
        view["status"] = match (self.active, self.going) {
            (true, _) => "ACTIVE",
            (false, false) => "INACTIVE",
            (false, true) => "DELETE_IN_PROGRESS",
        }
        .into();
        if let Some(at) = self.deregistered {
            view["deregisteredAt"] = json!(at);
        }
        view
    }

    pub fn containers(&self) -> Vec<Ask> {
        Ask(self.body.clone()).parts("containerDefinitions")
    }
}

pub fn register(world: &mut World, ask: &Ask) -> Answer {
    let body = definition_checks::body(ask)?;
    let family = ask.text("family").unwrap_or_default().to_owned();
    let tags = tags::read(&ask.parts("tags"), "key", "value");
    let number = world.ecs.definitions.get(&family).map_or(0, Vec::len) + 1;
    let arn = world.arn("ecs", &format!("task-definition/{family}:{number}"));
    let mut body = body;
    body["taskDefinitionArn"] = arn.clone().into();
    body["revision"] = number.into();
    body["registeredAt"] = json!(world.epoch());
    body["registeredBy"] = format!("arn:aws:iam::{}:user/simulated", world.account).into();
    let made = Definition { arn, active: true, going: false, body, tags, deregistered: None };
    let answer = json!({ "taskDefinition": made.view(), "tags": tags::write(&made.tags, "key", "value") });
    world.ecs.definitions.entry(family).or_default().push(made);
    Ok(answer)
}

/// Family and revision of `family`, `family:1` or an ARN.
fn parse(reference: &str) -> (&str, Option<&str>) {
    let name = short(reference);
    name.split_once(':').map_or((name, None), |(family, number)| (family, Some(number)))
}

fn place(world: &World, reference: &str) -> Option<(String, usize)> {
    let (family, number) = parse(reference);
    let revisions = world.ecs.definitions.get(family)?;
    let index = match number {
        None => revisions.iter().rposition(|one| one.active)?,
        Some(number) => number.parse::<usize>().ok()?.checked_sub(1)?,
    };
    // The place of a revision that is gone stays empty: its number is not used again.
    revisions.get(index).filter(|one| !one.body.is_null()).map(|_| (family.to_owned(), index))
}

/// A family alone is its latest active revision (API reference, DescribeTaskDefinition).
pub fn find<'a>(world: &'a World, reference: &str) -> Option<&'a Definition> {
    let (family, index) = place(world, reference)?;
    world.ecs.definitions.get(&family)?.get(index)
}

pub fn find_mut<'a>(world: &'a mut World, reference: &str) -> Option<&'a mut Definition> {
    let (family, index) = place(world, reference)?;
    world.ecs.definitions.get_mut(&family)?.get_mut(index)
}

/// What a service may be given: an active one (texts from public reports).
pub fn usable<'a>(world: &'a World, reference: &str) -> Result<&'a Definition, Refusal> {
    let found = find(world, reference).ok_or_else(|| refuse::client("TaskDefinition not found."))?;
    Some(found).filter(|found| found.active).ok_or_else(|| refuse::client("TaskDefinition is inactive"))
}

/// AWS has no code of its own for one that isn't there.
pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    let reference = refuse::needed(ask, "taskDefinition")?;
    let none = || refuse::client("Unable to describe task definition.");
    let found = find(world, reference).ok_or_else(none)?;
    let mut answer = json!({ "taskDefinition": found.view() });
    if ask.texts("include").iter().any(|one| one == "TAGS") {
        answer["tags"] = tags::write(&found.tags, "key", "value");
    }
    Ok(answer)
}

/// Needs the revision; a second time changes nothing (unverified). Running services keep it (API reference).
pub fn deregister(world: &mut World, ask: &Ask) -> Answer {
    let reference = refuse::needed(ask, "taskDefinition")?.to_owned();
    if parse(&reference).1.is_none() {
        return Err(refuse::client("Revision is missing."));
    }
    let now = world.epoch();
    let none = || refuse::client("The specified task definition does not exist.");
    let found = find_mut(world, &reference).ok_or_else(none)?;
    if found.active {
        (found.active, found.deregistered) = (false, Some(now));
    }
    Ok(json!({ "taskDefinition": found.view() }))
}

/// By family in order, then by revision; `familyPrefix` is a whole family's name, whatever it is called
/// (API reference, ListTaskDefinitions).
pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let wanted_state = match ask.text("status") {
        None | Some("ACTIVE") => (true, false),
        Some("INACTIVE") => (false, false),
        Some("DELETE_IN_PROGRESS") => (false, true),
        Some(_) => return Err(refuse::parameter("status should be one of [ACTIVE,INACTIVE,DELETE_IN_PROGRESS]")),
    };
    let wanted = ask.text("familyPrefix");
    let families = world.ecs.definitions.iter().filter(|(family, _)| wanted.is_none_or(|wanted| wanted == *family));
    let matching = families
        .flat_map(|(_, revisions)| revisions)
        .filter(|one| (one.active, one.going) == wanted_state && !one.body.is_null());
    let mut arns: Vec<Json> = matching.map(|one| json!(one.arn)).collect();
    if ask.text("sort") == Some("DESC") {
        arns.reverse();
    }
    super::paging::page(ask, "taskDefinitionArns", arns, 100)
}

#[cfg(test)]
mod tests {
    use super::super::fake::{but, call, definition, refused, register, world};
    use super::*;

    #[test]
    fn revisions_count_up_and_the_latest_active_one_is_the_family() {
        let mut world = world();
        let (first, second) = (register(&mut world, "nginx:1"), register(&mut world, "nginx:2"));
        assert!(first.ends_with("/web:1") && second.ends_with("/web:2"));
        let latest = |world: &mut World, name: &str| {
            let found = call(world, "DescribeTaskDefinition", json!({ "taskDefinition": name, "include": ["TAGS"] }));
            found.map(|found| found["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned())
        };
        assert_eq!(latest(&mut world, "web"), Ok(second.clone()));
        for _ in 0..2 {
            let gone = call(&mut world, "DeregisterTaskDefinition", json!({ "taskDefinition": second })).unwrap();
            assert_eq!(gone["taskDefinition"]["status"], "INACTIVE");
        }
        assert_eq!(latest(&mut world, "web"), Ok(first.clone()));
        assert_eq!(latest(&mut world, "web:2"), Ok(second.clone()));
        assert!(register(&mut world, "nginx:3").ends_with(":3"));
        for name in ["none", "web:9", "web:0", "web:x"] {
            let told = latest(&mut world, name).unwrap_err().to_string();
            assert_eq!(told, "ClientException: Unable to describe task definition.");
        }
        for name in ["web", "web:9"] {
            let told = refused(&mut world, "DeregisterTaskDefinition", json!({ "taskDefinition": name }));
            assert!(told.starts_with("ClientException"), "{told}");
        }
    }

    #[test]
    fn lists_are_of_one_family_sorted_and_paged() {
        let mut world = world();
        for _ in 0..3 {
            register(&mut world, "nginx");
        }
        call(&mut world, "RegisterTaskDefinition", but(definition("nginx"), "family", json!("web-two"))).unwrap();
        call(&mut world, "DeregisterTaskDefinition", json!({ "taskDefinition": "web:2" })).unwrap();
        let list = |world: &mut World, ask: Json| call(world, "ListTaskDefinitions", ask).unwrap();
        let numbers = |found: Json| {
            let arns = found["taskDefinitionArns"].as_array().unwrap().clone();
            arns.iter().map(|arn| short(arn.as_str().unwrap()).to_owned()).collect::<Vec<_>>()
        };
        let web = |more: Json| {
            let mut ask = more;
            ask["familyPrefix"] = json!("web");
            ask
        };
        assert_eq!(numbers(list(&mut world, web(json!({})))), ["web:1", "web:3"]);
        assert_eq!(numbers(list(&mut world, web(json!({ "sort": "DESC" })))), ["web:3", "web:1"]);
        assert_eq!(numbers(list(&mut world, web(json!({ "status": "INACTIVE" })))), ["web:2"]);
        assert_eq!(numbers(list(&mut world, json!({}))).len(), 3);
        let page = list(&mut world, web(json!({ "maxResults": 1 })));
        let last = list(&mut world, web(json!({ "maxResults": 1, "nextToken": page["nextToken"] })));
        assert_eq!(
            (numbers(page), last["nextToken"].is_null(), numbers(last)),
            (vec!["web:1".into()], true, vec!["web:3".into()])
        );
        assert!(refused(&mut world, "ListTaskDefinitions", json!({ "status": "X" })).starts_with("InvalidParameter"));
    }
}
