//! The end of task definitions: INACTIVE revisions can be deleted, and go once no service uses them (API reference,
//! DeleteTaskDefinitions). Also the list of families.

use serde_json::{Value as Json, json};

use super::definition::{find, find_mut};
use super::{Due, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;
use crate::simulator::world::{self, World};

/// How often it is looked whether a revision may go (J).
const LOOK: f64 = 60.0;

/// Ten at most, each INACTIVE; others are failures (reasons unverified).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let wanted = ask.texts("taskDefinitions");
    if wanted.is_empty() || wanted.len() > 10 {
        return Err(refuse::parameter("taskDefinitions must contain between 1 and 10 entries."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in wanted {
        let with_number = super::cluster::short(&reference).contains(':');
        match find_mut(world, &reference).filter(|_| with_number) {
            Some(one) if !one.active => {
                one.going = true;
                let (arn, view) = (one.arn.clone(), one.view());
                found.push(view);
                world.in_seconds(LOOK, world::Due::Ecs(Due::DefinitionGone(arn)));
            }
            Some(one) => failures.push(json!({ "arn": one.arn, "reason": "The specified task definition is still in ACTIVE status. Please deregister the target and try again." })),
            None => failures.push(json!({ "arn": reference, "reason": "The specified task definition identifier is invalid. Specify a valid name or ARN and try again." })),
        }
    }
    Ok(json!({ "taskDefinitions": found, "failures": failures }))
}

pub fn gone(world: &mut World, arn: &str) {
    let services = world.ecs.services.values().filter(|one| one.status != "INACTIVE");
    let used = services
        .into_iter()
        .any(|one| one.plan.definition == arn || one.deployments.iter().any(|one| one.plan.definition == arn));
    if used || world.ecs.tasks.values().any(|task| task.definition == arn && task.status != "STOPPED") {
        return world.in_seconds(LOOK, world::Due::Ecs(Due::DefinitionGone(arn.to_owned())));
    }
    if let Some(one) = find_mut(world, arn) {
        one.body = Json::Null;
        world.note(format!("{arn} is gone"));
    }
}

/// By the beginning of their names; ACTIVE families have an ACTIVE revision (API reference, ListTaskDefinitionFamilies).
pub fn families(world: &mut World, ask: &Ask) -> Answer {
    let prefix = ask.text("familyPrefix").unwrap_or_default();
    let status = ask.text("status").unwrap_or("ACTIVE");
    if !matches!(status, "ACTIVE" | "INACTIVE" | "ALL") {
        return Err(refuse::parameter("status should be one of [ACTIVE,INACTIVE,ALL]"));
    }
    let fits = |family: &&String| {
        let active = find(world, family).is_some();
        family.starts_with(prefix) && (status == "ALL" || active == (status == "ACTIVE"))
    };
    let found = world.ecs.definitions.keys().filter(fits).map(|family| json!(family)).collect();
    super::paging::page(ask, "families", found, 100)
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, but, call, definition, pass, refused, register, world};
    use super::*;

    #[test]
    fn revisions_go_once_nobody_uses_them() {
        let mut world = world();
        let arn = register(&mut world, "nginx");
        call(&mut world, "CreateService", fake::service()).unwrap();
        let ask = json!({ "taskDefinitions": [arn, "web", "none:1"] });
        let told = call(&mut world, "DeleteTaskDefinitions", ask.clone()).unwrap();
        assert_eq!(told["failures"].as_array().unwrap().len(), 3, "{told}");
        call(&mut world, "DeregisterTaskDefinition", json!({ "taskDefinition": arn })).unwrap();
        let told = call(&mut world, "DeleteTaskDefinitions", ask).unwrap();
        assert_eq!(told["taskDefinitions"][0]["status"], "DELETE_IN_PROGRESS");
        pass(&mut world, 300);
        let list = |world: &mut World, status: &str| {
            call(world, "ListTaskDefinitions", json!({ "status": status })).unwrap()["taskDefinitionArns"].clone()
        };
        assert_eq!(
            (list(&mut world, "DELETE_IN_PROGRESS"), list(&mut world, "INACTIVE")),
            (json!([arn]), json!([])),
            "a service uses it"
        );
        call(&mut world, "DeleteService", json!({ "cluster": "home", "service": "web", "force": true })).unwrap();
        pass(&mut world, 300);
        assert_eq!(list(&mut world, "DELETE_IN_PROGRESS"), json!([]));
        assert!(
            refused(&mut world, "DescribeTaskDefinition", json!({ "taskDefinition": arn }))
                .starts_with("ClientException")
        );
        assert!(register(&mut world, "nginx").ends_with("web:2"), "the number is not used again");
        for wrong in [json!([]), json!(vec!["a:1"; 11])] {
            assert!(
                refused(&mut world, "DeleteTaskDefinitions", json!({ "taskDefinitions": wrong }))
                    .starts_with("InvalidParameter")
            );
        }
    }

    #[test]
    fn families_are_listed_by_status() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "RegisterTaskDefinition", but(definition("nginx"), "family", json!("old"))).unwrap();
        call(&mut world, "DeregisterTaskDefinition", json!({ "taskDefinition": "old:1" })).unwrap();
        let mut list = |ask: Json| call(&mut world, "ListTaskDefinitionFamilies", ask).unwrap()["families"].clone();
        assert_eq!(list(json!({})), json!(["web"]));
        assert_eq!(list(json!({ "status": "INACTIVE" })), json!(["old"]));
        assert_eq!(list(json!({ "status": "ALL", "familyPrefix": "o" })), json!(["old"]));
        assert!(
            refused(&mut world, "ListTaskDefinitionFamilies", json!({ "status": "X" })).starts_with("InvalidParameter")
        );
    }
}
