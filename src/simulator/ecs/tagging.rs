//! Tags of clusters, services, task definitions and tasks, by ARN. Deleted clusters and services refuse them.

use serde_json::json;

use super::{State, definition, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::{self, Tags};
use crate::simulator::world::World;

impl State {
    /// Clusters, services and task definitions wear the tags that they had then; what wasn't there then, none.
    pub fn tags_as_in(&mut self, then: &Self) {
        for (name, there) in &mut self.clusters {
            there.tags = then.clusters.get(name).map(|then| then.tags.clone()).unwrap_or_default();
        }
        for (key, there) in &mut self.services {
            there.tags = then.services.get(key).map(|then| then.tags.clone()).unwrap_or_default();
        }
        for (family, revisions) in &mut self.definitions {
            let then = then.definitions.get(family).map(Vec::as_slice).unwrap_or_default();
            for (number, there) in revisions.iter_mut().enumerate() {
                there.tags = then.get(number).map(|then| then.tags.clone()).unwrap_or_default();
            }
        }
    }
}

fn tagged<'a>(world: &'a mut World, ask: &Ask) -> Result<&'a mut Tags, Refusal> {
    let arn = refuse::needed(ask, "resourceArn")?.to_owned();
    let invalid = || refuse::parameter(format!("Invalid arn syntax: {arn}"));
    let inactive = |kind: &str| {
        refuse::parameter(format!("The specified {kind} is inactive. Specify an active {kind} and try again."))
    };
    let missing = |kind: &str| refuse::parameter(format!("The specified {kind} does not exist."));
    let rest = arn.strip_prefix("arn:aws:ecs:").and_then(|rest| rest.splitn(3, ':').nth(2)).ok_or_else(invalid)?;
    let (kind, name) = rest.split_once('/').ok_or_else(invalid)?;
    match kind {
        "cluster" => {
            let found = world.ecs.clusters.get_mut(name).ok_or_else(|| refuse::no_cluster())?;
            if found.status == "INACTIVE" { Err(inactive("cluster")) } else { Ok(&mut found.tags) }
        }
        "service" => {
            let (cluster, name) = name.split_once('/').ok_or_else(invalid)?;
            let found = world.ecs.services.get_mut(&(cluster.to_owned(), name.to_owned()));
            let found = found.ok_or_else(|| missing("service"))?;
            if found.status == "INACTIVE" { Err(inactive("service")) } else { Ok(&mut found.tags) }
        }
        "task-definition" if name.contains(':') => {
            // That an inactive one keeps its tags is unverified.
            definition::find_mut(world, name).map(|found| &mut found.tags).ok_or_else(|| missing("task definition"))
        }
        "task" => {
            let found = world.ecs.tasks.get_mut(name.rsplit('/').next().unwrap_or_default());
            found.map(|found| &mut found.tags).ok_or_else(|| missing("task"))
        }
        _ => Err(invalid()),
    }
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    Ok(json!({ "tags": tags::write(tagged(world, ask)?, "key", "value") }))
}

/// Fifty at most; the prefix `aws:` is reserved (API reference, TagResource).
pub fn tag(world: &mut World, ask: &Ask) -> Answer {
    let given = tags::read(&ask.parts("tags"), "key", "value");
    if given.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(refuse::parameter("Tag keys that start with aws: are reserved."));
    }
    let there = tagged(world, ask)?;
    let count = there.len() + given.keys().filter(|key| !there.contains_key(*key)).count();
    if count > 50 {
        return Err(refuse::parameter("The maximum number of tags for a resource is 50."));
    }
    there.extend(given);
    Ok(json!({}))
}

pub fn untag(world: &mut World, ask: &Ask) -> Answer {
    let keys = ask.texts("tagKeys");
    tagged(world, ask)?.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, call, refused, register, world};
    use super::*;

    #[test]
    fn tags_are_set_listed_and_removed() {
        let mut world = world();
        let definition = register(&mut world, "nginx");
        let made = call(&mut world, "CreateService", fake::service()).unwrap();
        let arns = [made["service"]["serviceArn"].clone(), made["service"]["clusterArn"].clone(), json!(definition)];
        for arn in arns {
            let set =
                json!({ "resourceArn": arn, "tags": [{ "key": "a", "value": "1" }, { "key": "b", "value": "2" }] });
            call(&mut world, "TagResource", set).unwrap();
            call(&mut world, "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] })).unwrap();
            let found = call(&mut world, "ListTagsForResource", json!({ "resourceArn": arn })).unwrap();
            assert_eq!(found["tags"], json!([{ "key": "b", "value": "2" }]));
            let many: Vec<_> = (0..50).map(|n| json!({ "key": format!("k{n}"), "value": "" })).collect();
            for tags in [json!(many), json!([{ "key": "aws:x", "value": "" }])] {
                let told = refused(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": tags }));
                assert!(told.starts_with("InvalidParameterException"), "{told}");
            }
        }
    }

    #[test]
    fn what_is_not_there_has_no_tags() {
        let mut world = world();
        call(&mut world, "CreateCluster", json!({ "clusterName": "bare" })).unwrap();
        call(&mut world, "DeleteCluster", json!({ "cluster": "bare" })).unwrap();
        for (rest, expected) in [
            ("cluster/bare", "The specified cluster is inactive. Specify an active cluster and try again."),
            ("cluster/none", "ClusterNotFoundException"),
            ("service/home/none", "InvalidParameterException"),
            ("task-definition/none:1", "InvalidParameterException"),
            ("task/home/none", "InvalidParameterException"),
            ("thing/none", "Invalid arn syntax"),
            ("thing", "Invalid arn syntax"),
        ] {
            let arn = world.arn("ecs", rest);
            let told = refused(&mut world, "ListTagsForResource", json!({ "resourceArn": arn }));
            assert!(told.contains(expected), "{rest}: {told}");
        }
    }
}
