//! The deployment circuit breaker (Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures").

use serde_json::json;

use super::deployment;
use super::service::Service;
use crate::simulator::world::World;

pub fn enabled(service: &Service) -> bool {
    service.configuration["deploymentCircuitBreaker"]["enable"] == true
}

fn rolls_back(service: &Service) -> bool {
    service.configuration["deploymentCircuitBreaker"]["rollback"] == true
}

/// Half of the desired count, at least 3 and at most 200; or as the thresholdConfiguration says (API reference,
/// ThresholdConfiguration; that a bounded one keeps to 3 and 200 is unverified).
pub fn threshold(service: &Service) -> i64 {
    let given = &service.configuration["deploymentCircuitBreaker"]["thresholdConfiguration"];
    let value = given["value"].as_i64().unwrap_or(50).max(1);
    let percent = |value: i64| service.desired.saturating_mul(value).saturating_add(99) / 100;
    match given["type"].as_str() {
        Some("COUNT") => value,
        Some("UNBOUNDED_PERCENT") => percent(value).max(1),
        _ => percent(value).clamp(3, 200),
    }
}

/// Fails the deployment that has lost too many tasks, and goes back to what was last completed. A rollback that fails is
/// not rolled back again.
pub fn check(world: &mut World, service: &mut Service) {
    let (on, most) = (enabled(service), threshold(service));
    let now = world.epoch();
    let Some(primary) = service.primary().filter(|one| on && one.rollout == "IN_PROGRESS" && one.failed >= most) else {
        return;
    };
    let (id, is_rollback) = (primary.id.clone(), primary.rollback);
    (primary.rollout, primary.updated) = ("FAILED", now);
    primary.reason = "ECS deployment circuit breaker: tasks failed to start.".into();
    service.tell(world, &format!("{{}} (deployment {id}) deployment failed: tasks failed to start."));
    let last = service.completed.clone().filter(|_| rolls_back(service) && !is_rollback);
    let Some(last) = last else {
        let status = if is_rollback { "ROLLBACK_FAILED" } else { "STOPPED" };
        if let Some(record) = service.history.first_mut() {
            record.finish(now, status, "Service deployment circuit breaker was triggered.");
        }
        return;
    };
    service.plan = last;
    let back = deployment::begin(world, service, true);
    let why = format!("ECS deployment circuit breaker: rolling back to deploymentId {back}.");
    if let Some(primary) = service.primary() {
        primary.reason = why;
    }
    service.tell(world, &format!("{{}} rolling back to deployment {back}."));
    let target = service.history.iter().find(|one| one.status == "SUCCESSFUL").map(|one| one.revision.clone());
    if let Some(record) = service.history.first_mut() {
        let reason = "Service deployment circuit breaker was triggered.";
        (record.status, record.reason, record.updated) = ("ROLLBACK_IN_PROGRESS", Some(reason.into()), now);
        record.deployment = back;
        record.rollback = Some(json!({ "reason": reason, "startedAt": now, "serviceRevisionArn": target }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, call, events, look, pass, refused, register, tasks, world};
    use super::*;

    #[test]
    fn without_anything_to_go_back_to_it_starts_no_more_tasks() {
        let mut world = world();
        register(&mut world, "nginx:fails-to-pull");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 900);
        let there = look(&mut world)["deployments"][0].clone();
        assert_eq!((&there["rolloutState"], &there["status"]), (&json!("FAILED"), &json!("PRIMARY")));
        assert_eq!(there["rolloutStateReason"], "ECS deployment circuit breaker: tasks failed to start.");
        assert!(there["failedTasks"].as_i64().unwrap() >= 3);
        let count = tasks(&mut world).len();
        pass(&mut world, 900);
        assert_eq!(tasks(&mut world).len(), count);
        let task = tasks(&mut world)[0].clone();
        assert_eq!(task["stopCode"], "TaskFailedToStart");
        assert!(task["stoppedReason"].as_str().unwrap().starts_with("CannotPullContainerError"));
        assert!(events(&mut world).contains("deployment failed: tasks failed to start."));
        let found = call(&mut world, "ListServiceDeployments", json!({ "cluster": "home", "service": "web" })).unwrap();
        assert_eq!(found["serviceDeployments"][0]["status"], "STOPPED");
        register(&mut world, "nginx");
        call(&mut world, "UpdateService", json!({ "cluster": "home", "service": "web", "taskDefinition": "web" }))
            .unwrap();
        pass(&mut world, 600);
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "COMPLETED");
    }

    #[test]
    fn it_rolls_back_as_a_new_deployment() {
        for image in ["nginx:fails-to-pull", "nginx:never-healthy", "nginx:exits-1-after-5s", "nginx:out-of-memory"] {
            let mut world = world();
            let first = register(&mut world, "nginx:1");
            call(&mut world, "CreateService", fake::service()).unwrap();
            pass(&mut world, 300);
            let before = look(&mut world)["deployments"][0]["id"].clone();
            register(&mut world, image);
            let update = json!({ "cluster": "home", "service": "web", "taskDefinition": "web" });
            let made = call(&mut world, "UpdateService", update).unwrap();
            let ours = made["service"]["deployments"][0]["id"].clone();
            let (mut failed, mut lost) = (false, false);
            for _ in 0..900 {
                pass(&mut world, 1);
                let there = look(&mut world);
                let all = there["deployments"].as_array().unwrap().clone();
                failed |= all.iter().any(|one| one["id"] == ours && one["rolloutState"] == "FAILED");
                lost |= there["runningCount"].as_i64().unwrap() < 2;
            }
            assert!(failed && !lost, "{image}");
            let there = look(&mut world);
            let now = &there["deployments"][0];
            assert_eq!(
                (&there["taskDefinition"], &now["rolloutState"]),
                (&json!(first), &json!("COMPLETED")),
                "{image}"
            );
            assert!(now["id"] != before && now["id"] != ours);
            let number = before.as_str().unwrap().trim_start_matches("ecs-svc/").to_owned();
            let revision = &there["currentServiceRevisions"][0];
            assert!(revision["arn"].as_str().unwrap().ends_with(&format!(":service-revision/home/web/{number}")));
            assert_eq!((&revision["requestedTaskCount"], &revision["runningTaskCount"]), (&json!(2), &json!(2)));
            assert!(
                events(&mut world)
                    .contains(&format!("(service web) rolling back to deployment {}.", now["id"].as_str().unwrap()))
            );
            let found = call(
                &mut world,
                "ListServiceDeployments",
                json!({ "cluster": "home", "service": "web", "maxResults": 1 }),
            )
            .unwrap();
            assert_eq!(found["serviceDeployments"][0]["status"], "ROLLBACK_SUCCESSFUL");
            assert!(found["nextToken"].is_string());
            let arn = found["serviceDeployments"][0]["serviceDeploymentArn"].clone();
            let ask = json!({ "serviceDeploymentArns": [arn, "x"] });
            let found = call(&mut world, "DescribeServiceDeployments", ask).unwrap();
            assert!(found["serviceDeployments"][0]["rollback"]["serviceRevisionArn"].is_string());
            assert_eq!(found["serviceDeployments"][0]["deploymentCircuitBreaker"]["status"], "TRIGGERED");
            assert_eq!(found["failures"][0]["reason"], "MISSING");
        }
    }

    #[test]
    fn the_threshold_is_half_of_the_tasks_within_bounds_or_as_told() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", fake::service()).unwrap();
        let mut service = world.ecs.services.values().next().unwrap().clone();
        for (desired, expected) in [(1, 3), (7, 4), (20, 10), (1000, 200)] {
            service.desired = desired;
            assert_eq!(threshold(&service), expected);
        }
        for (kind, value, expected) in [("COUNT", 5, 5), ("BOUNDED_PERCENT", 10, 100), ("UNBOUNDED_PERCENT", 90, 900)] {
            service.configuration["deploymentCircuitBreaker"]["thresholdConfiguration"] =
                json!({ "type": kind, "value": value });
            assert_eq!(threshold(&service), expected);
        }
        let told = refused(&mut world, "ListServiceDeployments", json!({ "cluster": "home", "service": "x" }));
        assert!(told.starts_with("ServiceNotFoundException"));
        assert!(refused(&mut world, "DescribeServiceDeployments", json!({})).starts_with("InvalidParameterException"));
    }

    #[test]
    fn without_the_breaker_ecs_goes_on_trying_more_and_more_slowly() {
        let mut world = world();
        register(&mut world, "nginx:fails-to-pull");
        call(&mut world, "CreateService", fake::but(fake::service(), "deploymentConfiguration", json!({}))).unwrap();
        pass(&mut world, 1800);
        let first = world.ecs.tasks.len();
        assert_eq!(look(&mut world)["deployments"][0]["rolloutState"], "IN_PROGRESS");
        assert!(events(&mut world).contains("is unable to consistently start tasks successfully."));
        pass(&mut world, 1700);
        assert!(world.ecs.tasks.len() - first < first);
    }
}
