//! What tests and benches ask of a world without calling AWS: who serves, and what stands.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::tags::Tags;
use super::world::World;
use super::{acm, autoscaling, ec2, ecr, ecs, elb, iam, logs, route53, secretsmanager, ssm};

/// A task that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    pub cluster: String,
    pub service: String,
    pub zone: String,
    pub task: String,
    /// All its target groups find it healthy, and requests reach it; true without any target group.
    pub healthy: bool,
    /// It reaches the internet.
    pub way_out: bool,
}

/// A listener, as somebody on the internet knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// ARN of its load balancer.
    pub balancer: String,
    pub port: i64,
    /// A request is let in, and a healthy target answers it; where it is redirected, to another door of the load balancer.
    pub answers: bool,
}

/// Something that stands, whatever its service. What AWS forgets by itself is not among them: deleted and failed NAT
/// gateways, INACTIVE clusters, services and revisions, stopped tasks; nor is what comes and goes with something else: main
/// route tables, default groups and their rules, default rules of listeners; nor service-linked roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// `ec2 subnet`
    pub kind: &'static str,
    /// ID or ARN.
    pub id: String,
    /// What tells it from its like, without random parts; of other objects, their ids.
    pub name: String,
    pub tags: Tags,
    /// May hold ids of other objects.
    pub settings: Json,
}

/// Every task that runs, of every service.
pub fn serving(world: &World) -> Vec<Serving> {
    ecs::serving(world)
}

/// Every listener of every load balancer.
pub fn doors(world: &World) -> Vec<Door> {
    let doors = elb::doors(world).into_iter();
    doors.map(|(balancer, port, answers)| Door { balancer, port, answers }).collect()
}

/// Everything that stands.
pub fn standing(world: &World) -> Vec<Object> {
    let all = [
        acm::objects,
        autoscaling::objects,
        ec2::objects,
        ecr::objects,
        ecs::objects,
        elb::objects,
        iam::objects,
        logs::objects,
        route53::objects,
        secretsmanager::objects,
        ssm::objects,
    ];
    all.iter().flat_map(|objects: &fn(&World) -> Vec<Object>| objects(world)).collect()
}

/// What still stands, told one by one: none in an empty world.
pub fn is_empty(world: &World) -> Vec<String> {
    standing(world).into_iter().map(|one| format!("{} {} {:?}", one.kind, one.id, one.tags)).collect()
}

/// Every object by kind and name, as `named` tells them.
pub fn objects(world: &World) -> BTreeMap<String, String> {
    named(&standing(world))
}

/// These objects by kind and name, with their settings and tags: equal for two worlds in which the same was built, whatever its
/// ids. Of two objects with the same name the second is called `… (2)`.
pub fn named(all: &[Object]) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    // Names may hold ids of objects whose own names hold ids: three levels are the deepest (rule, listener, balancer).
    for _ in 0..3 {
        let known = names.clone();
        for one in all {
            let name = format!("<{} {}>", one.kind, replaced(&one.name, &known));
            let tail = one.id.rsplit('/').next().filter(|tail| tail.len() >= 16 && *tail != one.id).map(str::to_owned);
            names.extend([Some(one.id.clone()), tail].into_iter().flatten().map(|id| (id, name.clone())));
        }
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for one in all {
        let name = format!("{} {}", one.kind, replaced(&one.name, &names));
        let told = json!({ "settings": normal(&one.settings, &names), "tags": one.tags }).to_string();
        found.push((name, replaced(&told, &names)));
    }
    found.sort();
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let numbered = found.into_iter().map(|(name, told)| {
        let count = counted.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
        (if *count > 1 { format!("{name} ({count})") } else { name }, told)
    });
    numbered.collect()
}

/// Ids replaced, members by name, lists of texts sorted: SDKs send maps in any order, and ids decide over that of their lists.
fn normal(value: &Json, names: &BTreeMap<String, String>) -> Json {
    match value {
        Json::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().map(|(name, value)| (name, normal(value, names))).collect();
            members.into_iter().map(|(name, value)| (name.clone(), value)).collect::<serde_json::Map<_, _>>().into()
        }
        Json::Array(elements) => {
            let mut elements: Vec<Json> = elements.iter().map(|element| normal(element, names)).collect();
            if elements.iter().all(Json::is_string) {
                elements.sort_by_key(|element| element.as_str().map(str::to_owned));
            }
            elements.into()
        }
        Json::String(text) => replaced(text, names).into(),
        other => other.clone(),
    }
}

/// The ids in a text, replaced: longer ones first, as an ARN may hold another.
fn replaced(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut ids: Vec<_> = names.iter().filter(|(id, _)| text.contains(id.as_str())).collect();
    ids.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
    ids.into_iter().fold(text.to_owned(), |text, (id, name)| text.replace(id.as_str(), name))
}

/// Objects of one kind with the same values of all these tags: what should be there once and is there twice. Of task
/// definitions and tasks, which are there many times by nature, nothing is told.
pub fn twins(world: &World, keys: &[&str]) -> Vec<String> {
    let mut seen: BTreeMap<(&str, Vec<String>), Vec<String>> = BTreeMap::new();
    let by_nature = |kind: &str| matches!(kind, "ecs task" | "ecs task definition" | "ec2 network interface");
    for one in standing(world).into_iter().filter(|one| !by_nature(one.kind)) {
        if let Some(values) = keys.iter().map(|key| one.tags.get(*key).cloned()).collect::<Option<Vec<_>>>() {
            seen.entry((one.kind, values)).or_default().push(one.id);
        }
    }
    let twice = seen.into_iter().filter(|(_, ids)| ids.len() > 1);
    twice.map(|((kind, values), ids)| format!("{kind} {}: {}", values.join(" "), ids.join(", "))).collect()
}

#[cfg(test)]
mod tests;
