//! Container health checks (API reference, HealthCheck): what a container with one is at a moment, by its image's script. A
//! failure counts once the start period is over; the first success makes it HEALTHY.

use super::task::Task;
use super::{containers, definition, image};
use crate::simulator::ask::Ask;
use crate::simulator::world::World;

/// HEALTHY, UNHEALTHY, or UNKNOWN before the first verdict; none without a health check.
pub fn of(world: &World, task: &Task, container: &Ask) -> Option<&'static str> {
    let check = container.part("healthCheck");
    if check.texts("command").first().is_none_or(|first| first == "NONE") {
        return None;
    }
    let name = container.text("name").unwrap_or_default();
    let live = matches!(task.status, "PENDING" | "RUNNING") && !task.ended.contains_key(name);
    let age = containers::named(world, task, name).filter(|_| live).and_then(|one| containers::age(world, task, &one));
    let Some(age) = age else { return Some("UNKNOWN") };
    if first_success(container).is_some_and(|after| age >= after) {
        return Some("HEALTHY");
    }
    let patience = number(&check, "startPeriod", 0) + interval(&check) * number(&check, "retries", 3);
    Some(if age >= patience { "UNHEALTHY" } else { "UNKNOWN" })
}

fn number(check: &Ask, member: &str, usual: i64) -> f64 {
    check.number(member).unwrap_or(usual).max(0) as f64
}

fn interval(check: &Ask) -> f64 {
    number(check, "interval", 30).max(1.0)
}

/// Seconds from a container's start to the first check that succeeds: the first look after it answers.
pub fn first_success(container: &Ask) -> Option<f64> {
    let interval = interval(&container.part("healthCheck"));
    let answers = image::behaviour(container.text("image").unwrap_or_default()).answers_after;
    answers.map(|after| ((after / interval).floor() + 1.0) * interval)
}

/// Of a task: the worst of its essential containers (API reference, Task, healthStatus); none if none has a health check.
pub fn of_task(world: &World, task: &Task) -> Option<&'static str> {
    let containers = definition::find(world, &task.definition)?.containers();
    let essential = containers.iter().filter(|one| one.truth("essential") != Some(false));
    let all: Vec<&str> = essential.filter_map(|one| of(world, task, one)).collect();
    ["UNHEALTHY", "UNKNOWN", "HEALTHY"].into_iter().find(|status| all.contains(status))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::{self, but, call, definition, look, pass, tasks, world};

    fn started(image: &str) -> crate::simulator::world::World {
        let mut world = world();
        let mut ask = definition(image);
        ask["containerDefinitions"][0]["healthCheck"] =
            json!({ "command": ["CMD-SHELL", "true"], "interval": 10, "retries": 2, "startPeriod": 15 });
        call(&mut world, "RegisterTaskDefinition", ask).unwrap();
        let ask = but(fake::service(), "loadBalancers", json!([]));
        let ask = but(ask, "healthCheckGracePeriodSeconds", json!(null));
        call(&mut world, "CreateService", but(ask, "desiredCount", json!(1))).unwrap();
        world
    }

    #[test]
    fn a_healthy_container_is_known_after_its_first_check() {
        let mut world = started("nginx");
        let (mut unknown, mut seen) = (0, false);
        for _ in 0..120 {
            pass(&mut world, 1);
            for task in tasks(&mut world).iter().filter(|task| task["lastStatus"] == "RUNNING") {
                seen |= task["healthStatus"] == "HEALTHY" && task["containers"][0]["healthStatus"] == "HEALTHY";
                unknown += u32::from(task["healthStatus"] == "UNKNOWN");
                assert!(unknown == 0 || task["healthStatus"] != "UNHEALTHY");
            }
        }
        assert!(seen && (9..=11).contains(&unknown), "{unknown}");
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "COMPLETED");
    }

    #[test]
    fn an_unhealthy_one_stops_its_task_and_fails_the_deployment() {
        let mut world = started("nginx:never-healthy");
        pass(&mut world, 120);
        let stopped = tasks(&mut world).into_iter().find(|task| task["desiredStatus"] == "STOPPED").unwrap();
        assert_eq!(stopped["stoppedReason"], "Task failed container health checks");
        pass(&mut world, 900);
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "FAILED");
    }
}
