//! What happens to a task's containers in time: the first ones start, others follow or are given up, some end.

use super::startup::{self, obstacle, write};
use super::task::Task;
use super::{Due, containers, task_life};
use crate::simulator::world::{self, World};

/// Its images are pulled: the first containers start, the others once what they wait for is so far.
pub fn begin(world: &mut World, task: &Task) {
    if let Some(why) = obstacle(world, task) {
        let container = why.starts_with("CannotPull").then(|| why.clone());
        return task_life::fail_to_start(world, task, why, container);
    }
    let (now, courses) = (world.epoch(), containers::of(world, task));
    if let Some(task) = world.ecs.tasks.get_mut(&task.id) {
        task.begun = Some(now);
    }
    let up = containers::all_started(&courses);
    if up == Some(0.0) {
        task_life::run(world, &Task { begun: Some(now), ..task.clone() });
    }
    // In this order also where one waits for the other and both are at the same moment.
    let at = |world: &mut World, seconds: f64, due: Due| world.in_seconds(seconds, world::Due::Ecs(due));
    for course in &courses {
        if let Some((seconds, ..)) = course.end {
            at(world, seconds, Due::ContainerEnds(task.id.clone(), course.name.clone()));
        }
    }
    for course in &courses {
        let seconds = course.start.as_ref().map_or_else(|(given_up, _)| *given_up, |starts| *starts);
        if seconds > 0.0 {
            at(world, seconds, Due::ContainerStarts(task.id.clone(), course.name.clone()));
        }
    }
    if let Some(seconds) = up.filter(|seconds| *seconds > 0.0) {
        at(world, seconds, Due::Task(task.id.clone(), "PENDING"));
    }
}

/// A container starts after others did, or is given up because what it waited for hasn't come.
pub fn starts(world: &mut World, id: &str, name: &str) {
    let Some(task) = world.ecs.tasks.get(id).filter(|task| task.status == "PENDING").cloned() else { return };
    let Some(course) = containers::named(world, &task, name) else { return };
    match course.start {
        Ok(_) if write(world, &task, &|one| one.name == name, "started") => {}
        Ok(_) => task_life::fail_to_start(world, &task, startup::NO_GROUP.to_owned(), None),
        Err((_, why)) => task_life::fail_to_start(world, &task, why, None),
    }
}

/// A container ends by itself. If it is essential, its task stops, and that is a failure.
pub fn ends(world: &mut World, id: &str, name: &str) {
    let live = |task: &&Task| matches!(task.status, "PENDING" | "RUNNING" | "DEACTIVATING");
    let Some(task) = world.ecs.tasks.get(id).filter(live).cloned() else { return };
    let Some(course) = containers::named(world, &task, name) else { return };
    let Some((_, code, reason)) = course.end else { return };
    if reason.is_none() {
        write(world, &task, &|one| one.name == name, &format!("exits with code {code}"));
    }
    if let Some(task) = world.ecs.tasks.get_mut(id) {
        task.ended.insert(name.to_owned(), (code, reason));
    }
    if !course.essential {
        return;
    }
    task_life::with_service(world, &task, |world, service| {
        task_life::count_failure(world, service, id);
        service.steady = false;
    });
    let now = world.epoch();
    task_life::deregister(world, &task);
    if let Some(task) = world.ecs.tasks.get_mut(id) {
        let why = ("EssentialContainerExited", "Essential container in task exited".to_owned());
        task.stop.get_or_insert(why);
        (task.exit, task.stopping) = (Some(0), Some(now));
    }
    task_life::deprovision(world, id);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::containers::tests::{after, check, side};
    use super::super::fake::{self, call, definition, look, pass, tasks, world};
    use super::*;

    /// A service of one task with these containers beside the application, which waits as `app` says.
    fn started(app: Json, sides: Vec<Json>) -> World {
        let mut world = world();
        let mut ask = definition("nginx");
        let all = ask["containerDefinitions"].as_array_mut().unwrap();
        all[0].as_object_mut().unwrap().extend(app.as_object().unwrap().clone());
        all.extend(sides);
        call(&mut world, "RegisterTaskDefinition", ask).unwrap();
        call(&mut world, "CreateService", fake::but(fake::service(), "desiredCount", json!(1))).unwrap();
        world
    }

    fn containers(task: &Json) -> Vec<(String, Option<i64>)> {
        let all = task["containers"].as_array().unwrap().iter();
        all.map(|one| (one["lastStatus"].as_str().unwrap().to_owned(), one["exitCode"].as_i64())).collect()
    }

    #[test]
    fn a_task_runs_once_its_last_container_has_started() {
        let first = side("migrate", "x:exits-0-after-90s", json!({}));
        let mut world = started(after("migrate", "SUCCESS"), vec![first]);
        pass(&mut world, 100);
        let waiting = tasks(&mut world).pop().unwrap();
        assert_eq!(waiting["lastStatus"], "PENDING");
        assert_eq!(containers(&waiting), [("PENDING".to_owned(), None), ("RUNNING".to_owned(), None)]);
        let lines = |world: &World| world.ecs.fake.as_ref().unwrap().lines.join("\n");
        assert!(!lines(&world).contains("started"));
        pass(&mut world, 200);
        let running = tasks(&mut world).pop().unwrap();
        assert_eq!((&running["lastStatus"], &running["healthStatus"]), (&json!("RUNNING"), &json!("UNKNOWN")));
        assert_eq!(containers(&running), [("RUNNING".to_owned(), None), ("STOPPED".to_owned(), Some(0))]);
        assert!(lines(&world).contains("started"));
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "COMPLETED");
    }

    #[test]
    fn only_an_essential_container_takes_its_task_along() {
        let mut world = started(json!({}), vec![side("helper", "x:exits-7-after-20s", json!({}))]);
        pass(&mut world, 300);
        let task = tasks(&mut world).pop().unwrap();
        assert_eq!((&task["lastStatus"], &task["desiredStatus"]), (&json!("RUNNING"), &json!("RUNNING")));
        assert_eq!(containers(&task), [("RUNNING".to_owned(), None), ("STOPPED".to_owned(), Some(7))]);
        let essential = side("helper", "x:exits-7-after-20s", json!({ "essential": true }));
        let mut world = started(json!({}), vec![essential]);
        pass(&mut world, 200);
        let task = tasks(&mut world).into_iter().find(|task| task["lastStatus"] == "STOPPED").unwrap();
        assert_eq!(task["stopCode"], "EssentialContainerExited");
        assert_eq!(containers(&task), [("STOPPED".to_owned(), Some(0)), ("STOPPED".to_owned(), Some(7))]);
    }

    #[test]
    fn who_waits_in_vain_stops_the_task_and_fails_the_deployment() {
        let first = side("migrate", "x:exits-2-after-5s", json!({}));
        let mut world = started(after("migrate", "SUCCESS"), vec![first]);
        pass(&mut world, 200);
        let task = tasks(&mut world).into_iter().find(|task| task["lastStatus"] == "STOPPED").unwrap();
        let why = "Container migrate ended with code 2, and others wait for its SUCCESS";
        assert_eq!((&task["stopCode"], &task["stoppedReason"]), (&json!("TaskFailedToStart"), &json!(why)));
        assert_eq!(containers(&task), [("STOPPED".to_owned(), None), ("STOPPED".to_owned(), Some(2))]);
        pass(&mut world, 900);
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "FAILED");
    }

    #[test]
    fn a_sidecar_that_never_answers_keeps_nobody_from_the_application() {
        let mut world = started(json!({}), vec![side("helper", "x:never-healthy", json!({}))]);
        pass(&mut world, 300);
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "COMPLETED");
        let mut world = started(after("proxy", "HEALTHY"), vec![side("proxy", "x:slow-12s", check())]);
        pass(&mut world, 300);
        let task = tasks(&mut world).pop().unwrap();
        assert_eq!(
            (&task["lastStatus"], &task["containers"][1]["healthStatus"]),
            (&json!("RUNNING"), &json!("HEALTHY"))
        );
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "COMPLETED");
    }
}
