//! A rolling deployment, one look at a time: which tasks are healthy, how many may start, how many may stop, whether it is
//! done. Minimum healthy percent is rounded up, maximum percent down (API reference, DeploymentConfiguration).

use super::service::Service;
use super::{container_health, outside, task_life};
use crate::simulator::world::World;

/// IDs of the service's tasks that are known, of one deployment or of all.
pub fn tasks_of(world: &World, service: &Service, deployment: Option<&str>) -> Vec<String> {
    let mine = |id: &str| service.deployments.iter().any(|one| one.id == id);
    let tasks = world.ecs.tasks.iter().filter(|(_, task)| match deployment {
        Some(one) => task.deployment == one,
        None => mine(&task.deployment),
    });
    tasks.map(|(id, _)| id.clone()).collect()
}

/// Not asked to stop, and not ended.
pub fn live(world: &World, id: &str) -> bool {
    world.ecs.tasks.get(id).is_some_and(|task| task.stop.is_none())
}

pub fn healthy(world: &World, id: &str) -> bool {
    world.ecs.tasks.get(id).is_some_and(|task| task.status == "RUNNING" && task.stop.is_none() && task.healthy)
}

/// Learns of the targets' health; stops what is unhealthy after its grace period.
pub fn health(world: &mut World, service: &mut Service) {
    let now = world.epoch();
    for id in tasks_of(world, service, None) {
        let Some(task) = world.ecs.tasks.get(&id).filter(|task| task.status == "RUNNING" && task.stop.is_none()) else {
            continue;
        };
        let states = task
            .targets
            .iter()
            .map(|(group, port)| (group, port, outside::target_state(world, group, &task.ip(), *port)));
        let states: Vec<_> = states.map(|(group, port, state)| (group.clone(), *port, state)).collect();
        let was = task.healthy;
        let container = container_health::of_task(world, task);
        let is = states.iter().all(|(_, _, state)| *state == Some("healthy"))
            && container.is_none_or(|status| status == "HEALTHY");
        let old_enough = now - task.started.unwrap_or(now) > service.grace.unwrap_or(0) as f64;
        let deployment = task.deployment.clone();
        if let Some(task) = world.ecs.tasks.get_mut(&id) {
            task.healthy = is;
        }
        if is && !was {
            proven(service, &deployment);
        }
        // Developer Guide, "Stopped tasks error messages".
        if container == Some("UNHEALTHY") {
            service.tell(world, &format!("{{}} (task {id}) failed container health checks."));
            task_life::count_failure(world, service, &id);
            let reason = "Task failed container health checks".to_owned();
            task_life::stop(world, service, &id, "ServiceSchedulerInitiated", reason);
            continue;
        }
        let sick = states.iter().find(|(_, _, state)| *state == Some("unhealthy")).filter(|_| old_enough);
        if let Some((group, port, _)) = sick {
            let why = "due to (reason Health checks failed)";
            service
                .tell(world, &format!("{{}} (task {id}) (port {port}) is unhealthy in (target-group {group}) {why}."));
            let reason = format!("Task failed ELB health checks in (target-group {group})");
            task_life::count_failure(world, service, &id);
            task_life::stop(world, service, &id, "ServiceSchedulerInitiated", reason);
        }
    }
}

/// A healthy task resets the count of failures, unless told otherwise (API reference, DeploymentCircuitBreaker).
fn proven(service: &mut Service, deployment: &str) {
    let reset = service.configuration["deploymentCircuitBreaker"]["resetOnHealthyTask"] != false;
    if let Some(one) = service.deployment(deployment).filter(|_| reset) {
        one.failed = 0;
    }
}

/// Starts and stops tasks as far as the percentages allow.
pub fn place(world: &mut World, service: &mut Service) {
    let Some((primary, failed)) = service.primary().map(|one| (one.id.clone(), one.rollout == "FAILED")) else {
        return;
    };
    if failed {
        return;
    }
    let mine: Vec<String> = tasks_of(world, service, Some(&primary)).into_iter().filter(|id| live(world, id)).collect();
    let all: Vec<String> = tasks_of(world, service, None).into_iter().filter(|id| live(world, id)).collect();
    let old: Vec<String> = all.iter().filter(|id| !mine.contains(id)).cloned().collect();
    let wanted = service.desired as usize;
    let percent = |percent: i64| service.desired.saturating_mul(percent);
    let most = (percent(service.percent("maximumPercent", 200)) / 100) as usize;
    let least = ((percent(service.percent("minimumHealthyPercent", 100)) + 99) / 100) as usize;
    // Surplus of the present deployment: the newest first, before anything that serves.
    if mine.len() > wanted {
        let mut order = mine.clone();
        order.sort_by_key(|id| healthy(world, id));
        task_life::scale_down(world, service, &order[..mine.len() - wanted]);
    }
    let well = all.iter().filter(|id| healthy(world, id)).count();
    let (serving, idle): (Vec<String>, Vec<String>) = old.into_iter().partition(|id| healthy(world, id));
    let spare = well.saturating_sub(least).min(serving.len());
    let stopping = [idle, serving[..spare].to_vec()].concat();
    task_life::scale_down(world, service, &stopping);
    let room = most.saturating_sub(all.len() - stopping.len());
    let count = wanted.saturating_sub(mine.len()).min(room);
    if count > 0 && world.epoch() >= service.not_before {
        task_life::start(world, service, &primary, count);
    }
}

/// Old deployments leave the list when their tasks are out of service; the present one is complete when all its tasks are
/// well and no other deployment is left.
pub fn finish(world: &mut World, service: &mut Service) {
    let serving = |id: &String| {
        let task = world.ecs.tasks.get(id);
        task.is_some_and(|task| !matches!(task.status, "STOPPING" | "DEPROVISIONING" | "STOPPED"))
    };
    let gone = |id: &str| !tasks_of(world, service, Some(id)).iter().any(&serving);
    let left: Vec<String> = service
        .deployments
        .iter()
        .filter(|one| one.status != "PRIMARY" && gone(&one.id))
        .map(|one| one.id.clone())
        .collect();
    let alone = service.deployments.len() == left.len() + 1;
    // A failed one is shown until the rollback is done, with its reason (unverified).
    let rolling = service.primary().is_some_and(|one| one.rollout == "IN_PROGRESS");
    service.deployments.retain(|one| !left.contains(&one.id) || rolling && one.rollout == "FAILED");
    let now = world.epoch();
    let desired = service.desired as usize;
    let Some(primary) = service.deployments.first().filter(|one| one.status == "PRIMARY") else { return };
    let ids = tasks_of(world, service, Some(&primary.id));
    let well = ids.iter().filter(|id| healthy(world, id)).count();
    let steady = alone && well == desired && ids.iter().filter(|id| live(world, id)).count() == desired;
    let (id, rollout, rollback) = (primary.id.clone(), primary.rollout, primary.rollback);
    if !steady || rollout == "FAILED" {
        service.steady = false;
        return;
    }
    if rollout == "IN_PROGRESS" {
        if let Some(primary) = service.primary() {
            (primary.rollout, primary.updated) = ("COMPLETED", now);
            primary.reason = format!("ECS deployment {id} completed.");
        }
        service.completed = Some(service.plan.clone());
        if let Some(record) = service.history.first_mut() {
            record.finish(now, if rollback { "ROLLBACK_SUCCESSFUL" } else { "SUCCESSFUL" }, "");
        }
        service.tell(world, &format!("{{}} (deployment {id}) deployment completed."));
    }
    if !service.steady {
        service.steady = true;
        service.tell(world, "{} has reached a steady state.");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::{self, call, events, look, pass, register, tasks, world};

    #[test]
    fn a_service_comes_up_spread_and_steady() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 9);
        assert_eq!(look(&mut world)["pendingCount"], 2);
        pass(&mut world, 300);
        let there = look(&mut world);
        assert_eq!(
            (&there["runningCount"], &there["deployments"][0]["rolloutState"]),
            (&json!(2), &json!("COMPLETED"))
        );
        let reason = there["deployments"][0]["rolloutStateReason"].as_str().unwrap();
        assert!(reason.starts_with("ECS deployment ecs-svc/") && reason.ends_with(" completed."), "{reason}");
        let told = events(&mut world);
        for expected in
            ["(service web) has started 2 tasks: (task ", "registered 1 targets in (target-group ", "steady state"]
        {
            assert!(told.contains(expected), "{told}");
        }
        assert_eq!(there["events"][0]["message"], "(service web) has reached a steady state.");
        let mut subnets = world.ecs.fake.as_ref().unwrap().subnets.clone();
        subnets.sort();
        assert_eq!(subnets, ["subnet-a", "subnet-b"]);
    }

    #[test]
    fn a_rolling_deployment_never_has_too_few_or_too_many() {
        for (low, high, most) in [(100, 200, 4), (50, 100, 2), (0, 100, 2), (100, 150, 3)] {
            let mut world = world();
            register(&mut world, "nginx:1");
            let configuration = json!({ "minimumHealthyPercent": low, "maximumPercent": high });
            call(&mut world, "CreateService", fake::but(fake::service(), "deploymentConfiguration", configuration))
                .unwrap();
            pass(&mut world, 300);
            register(&mut world, "nginx:2");
            call(&mut world, "UpdateService", json!({ "cluster": "home", "service": "web", "taskDefinition": "web" }))
                .unwrap();
            let mut seen = 0;
            for _ in 0..900 {
                pass(&mut world, 1);
                let live: Vec<_> = world.ecs.tasks.values().filter(|task| task.stop.is_none()).collect();
                let well = live.iter().filter(|task| task.healthy).count();
                assert!(well * 100 >= low as usize * 2, "{low} {high}: {well} healthy");
                seen = seen.max(live.len());
            }
            assert_eq!(seen, most, "{low} {high}");
            let there = look(&mut world);
            assert_eq!(there["deployments"].as_array().unwrap().len(), 1);
            assert_eq!(there["deployments"][0]["rolloutState"], "COMPLETED");
            assert!(there["taskDefinition"].as_str().unwrap().ends_with(":2"));
        }
    }

    #[test]
    fn an_old_deployment_stays_until_its_targets_have_drained() {
        let mut world = world();
        register(&mut world, "nginx:1");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 300);
        call(&mut world, "UpdateService", json!({ "cluster": "home", "service": "web", "forceNewDeployment": true }))
            .unwrap();
        let mut drained = false;
        while look(&mut world)["deployments"].as_array().unwrap().len() == 2 {
            pass(&mut world, 1);
            drained |= tasks(&mut world).iter().any(|task| task["lastStatus"] == "DEACTIVATING");
        }
        assert!(drained);
        let told = events(&mut world);
        assert!(told.contains("has begun draining connections on 1 tasks.") && told.contains(" running tasks: (task "));
        let stopped: Vec<_> = tasks(&mut world).into_iter().filter(|task| task["desiredStatus"] == "STOPPED").collect();
        assert_eq!((stopped.len(), &stopped[0]["stopCode"]), (2, &json!("ServiceSchedulerInitiated")));
        assert!(
            stopped[0]["stoppedReason"]
                .as_str()
                .unwrap()
                .starts_with("Scaling activity initiated by (deployment ecs-svc/")
        );
    }

    #[test]
    fn slow_tasks_live_by_their_grace_period() {
        for (grace, state) in [(120, "COMPLETED"), (10, "IN_PROGRESS")] {
            let mut world = world();
            register(&mut world, "nginx:slow-60s");
            let ask = fake::but(fake::service(), "healthCheckGracePeriodSeconds", json!(grace));
            call(&mut world, "CreateService", fake::but(ask, "deploymentConfiguration", json!({}))).unwrap();
            pass(&mut world, 400);
            assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], state);
        }
    }

    #[test]
    fn the_same_seed_lives_the_same_life() {
        let life = || {
            let mut world = world();
            register(&mut world, "nginx:exits-1-after-40s");
            call(&mut world, "CreateService", fake::service()).unwrap();
            pass(&mut world, 600);
            format!("{:?}", world.log)
        };
        assert_eq!(life(), life());
    }
}
