//! The lives of a task's containers: each starts once what it depends on is so far (API reference, ContainerDependency), and
//! does what its image's script says. The task runs once all have started, as the container agent counts it (unverified for
//! Fargate), and stops with the first essential one that ends.
//!
//! All of it follows from the scripts, so nothing is stored but when the first began and who has ended; times are seconds
//! from that beginning.

use std::collections::BTreeMap;

use super::task::Task;
use super::{container_health, definition, image};
use crate::simulator::ask::Ask;
use crate::simulator::world::World;

/// What becomes of one container.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    pub name: String,
    pub essential: bool,
    /// When it starts; or when it is given up, and why.
    pub start: Result<f64, (f64, String)>,
    /// When it ends by itself, with which code, and its reason.
    pub end: Option<(f64, i64, Option<&'static str>)>,
    /// When it first answers those who ask it.
    pub answers: Option<f64>,
}

/// "For tasks using the Fargate launch type … the default value of 3 minutes is used" (API reference, startTimeout).
const PATIENCE: i64 = 180;

/// The courses of all containers of a definition. Dependencies are never circular: that was refused.
pub fn courses(containers: &[Ask]) -> Vec<Course> {
    let mut known: BTreeMap<String, Course> = BTreeMap::new();
    let name = |one: &Ask| one.text("name").unwrap_or_default().to_owned();
    // Each turn knows at least one more.
    for _ in containers {
        for one in containers {
            let needs = one.parts("dependsOn");
            let ready = needs.iter().all(|on| known.contains_key(on.text("containerName").unwrap_or_default()));
            if ready && !known.contains_key(&name(one)) {
                let course = course(one, containers, &known);
                known.insert(name(one), course);
            }
        }
    }
    containers.iter().filter_map(|one| known.remove(&name(one))).collect()
}

fn course(one: &Ask, all: &[Ask], known: &BTreeMap<String, Course>) -> Course {
    let mut start = Ok(0.0);
    for on in one.parts("dependsOn") {
        let of = |other: &&Ask| other.text("name") == on.text("containerName");
        let Some((other, before)) =
            all.iter().find(of).and_then(|other| Some((other, known.get(other.text("name")?)?)))
        else {
            continue;
        };
        start = match (start, met(other, before, on.text("condition").unwrap_or("START"))) {
            (Ok(so_far), Ok(at)) => Ok(f64::max(so_far, at)),
            (Err(first), Err(second)) => Err(if second.0 < first.0 { second } else { first }),
            (Err(given_up), _) | (_, Err(given_up)) => Err(given_up),
        };
    }
    let script = image::behaviour(one.text("image").unwrap_or_default());
    let begun = start.as_ref().ok().copied();
    Course {
        name: one.text("name").unwrap_or_default().to_owned(),
        essential: one.truth("essential") != Some(false),
        end: begun.zip(script.exit).map(|(begun, (after, code, reason))| (begun + after, code, reason)),
        answers: begun.zip(script.answers_after).map(|(begun, after)| begun + after),
        start,
    }
}

/// When a container is as far as another waits for; or when that other gives up, and why (text unverified).
fn met(one: &Ask, course: &Course, condition: &str) -> Result<f64, (f64, String)> {
    let name = &course.name;
    let begun = course.start.clone()?;
    let until = begun + one.number("startTimeout").unwrap_or(PATIENCE) as f64;
    let late = |at: f64| match at <= until {
        true => Ok(at),
        false => Err((until, format!("Container {name} did not reach {condition} in time"))),
    };
    match (condition, course.end) {
        ("COMPLETE", Some((at, ..))) => late(at),
        ("SUCCESS", Some((at, code, _))) => {
            late(at)?;
            let why = || (at, format!("Container {name} ended with code {code}, and others wait for its SUCCESS"));
            if code == 0 { Ok(at) } else { Err(why()) }
        }
        ("HEALTHY", _) => late(container_health::first_success(one).map_or(f64::INFINITY, |after| begun + after)),
        ("COMPLETE" | "SUCCESS", None) => late(f64::INFINITY),
        _ => Ok(begun),
    }
}

/// Of one task.
pub fn of(world: &World, task: &Task) -> Vec<Course> {
    definition::find(world, &task.definition).map(|one| courses(&one.containers())).unwrap_or_default()
}

pub fn named(world: &World, task: &Task, name: &str) -> Option<Course> {
    of(world, task).into_iter().find(|course| course.name == name)
}

/// For how long a container has run or ran: until now, or until the task was told to stop. None if it never started.
pub fn age(world: &World, task: &Task, course: &Course) -> Option<f64> {
    let until = task.stopping.unwrap_or(world.epoch());
    let begun = task.begun? + course.start.as_ref().ok()?;
    // Times are kept to the nanosecond, the clock is a float of many digits.
    Some(until - begun).filter(|age| *age > -1e-3)
}

/// Seconds from the task's beginning until all its containers have started; none if that never happens.
pub fn all_started(courses: &[Course]) -> Option<f64> {
    let starts: Option<Vec<f64>> = courses.iter().map(|course| course.start.as_ref().ok().copied()).collect();
    starts.map(|starts| starts.into_iter().fold(0.0, f64::max))
}

/// When what listens on a port answers; none if it never does.
pub fn answers(world: &World, task: &Task, port: i64) -> Option<f64> {
    let containers = definition::find(world, &task.definition)?.containers();
    let listens = |one: &&Ask| one.parts("portMappings").iter().any(|map| map.number("containerPort") == Some(port));
    let name = containers.iter().find(listens)?.text("name")?;
    courses(&containers).into_iter().find(|course| course.name == name)?.answers
}

#[cfg(test)]
pub mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    pub fn side(name: &str, image: &str, more: Json) -> Json {
        let mut one = json!({ "name": name, "image": image, "essential": false });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    }

    pub fn after(name: &str, condition: &str) -> Json {
        json!({ "dependsOn": [{ "containerName": name, "condition": condition }] })
    }

    pub fn check() -> Json {
        json!({ "healthCheck": { "command": ["CMD", "true"], "interval": 10, "retries": 2 } })
    }

    #[test]
    fn each_condition_is_waited_for() {
        for (other, condition, expected) in [
            (side("side", "x", json!({})), "START", Ok(0.0)),
            (side("side", "x:exits-3-after-40s", json!({})), "COMPLETE", Ok(40.0)),
            (side("side", "x:exits-0-after-40s", json!({})), "SUCCESS", Ok(40.0)),
            (side("side", "x:exits-3-after-40s", json!({})), "SUCCESS", Err(40.0)),
            (side("side", "x:exits-0-after-200s", json!({})), "SUCCESS", Err(180.0)),
            (side("side", "x:exits-0-after-200s", json!({ "startTimeout": 60 })), "COMPLETE", Err(60.0)),
            (side("side", "x", json!({})), "COMPLETE", Err(180.0)),
            (side("side", "x:slow-25s", check()), "HEALTHY", Ok(30.0)),
            (side("side", "x:never-healthy", check()), "HEALTHY", Err(180.0)),
        ] {
            let all = [Ask(side("app", "nginx", after("side", condition))), Ask(other.clone())];
            let found = courses(&all)[0].start.clone().map_err(|(at, _)| at);
            assert_eq!(found, expected, "{condition} of {other}");
        }
    }

    #[test]
    fn waits_add_up_and_the_latest_counts() {
        let mut last = side("c", "nginx:slow-5s", after("b", "SUCCESS"));
        last["dependsOn"].as_array_mut().unwrap().push(json!({ "containerName": "a", "condition": "START" }));
        let second = side("b", "x:exits-0-after-20s", after("a", "SUCCESS"));
        let all = [last, side("a", "x:exits-0-after-10s", json!({})), second].map(Ask);
        let found = courses(&all);
        assert_eq!((&found[0].start, found[0].answers), (&Ok(30.0), Some(35.0)));
        assert_eq!(all_started(&found), Some(30.0));
        let mut broken = all.clone();
        broken[1].0["image"] = json!("x:exits-1-after-10s");
        let told = courses(&broken)[0].start.clone().unwrap_err();
        assert!(told.0 == 10.0 && told.1.contains("ended with code 1"), "{told:?}");
        assert_eq!(all_started(&courses(&broken)), None);
    }
}
