//! UpdateService. A new deployment begins if the task definition is another one, or if network, load balancers, platform
//! or forceNewDeployment are given; a change of the count alone keeps the deployment.

use serde_json::{Value as Json, json};

use super::deployment;
use super::service::{self, Service};
use super::{capacity, cluster, definition, refuse, service_checks};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

pub fn update(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::standing(world, ask)?.name.clone();
    let name = cluster::short(refuse::needed(ask, "service")?).to_owned();
    let key = (cluster, name);
    let before = world.ecs.services.get(&key).ok_or_else(|| refuse::no_service())?.clone();
    if before.status != "ACTIVE" {
        return Err(Refusal::new("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    let mut service = before;
    let begins = change(world, &mut service, ask)?;
    if begins || !ask.get("capacityProviderStrategy").is_null() {
        let providers = world.ecs.clusters.get(&key.0).map(|cluster| cluster.providers.clone()).unwrap_or_default();
        capacity::check(&service.plan.strategy, &providers)?;
        service_checks::plan(world, &service.plan)?;
    }
    service_checks::grace(ask.number("healthCheckGracePeriodSeconds"), &service.plan)?;
    let (now, desired) = (world.epoch(), service.desired);
    if begins {
        deployment::begin(world, &mut service, false);
    } else if let Some(primary) = service.primary().filter(|primary| primary.desired != desired) {
        (primary.desired, primary.updated) = (desired, now);
        service.steady = false;
    }
    let answer = service::view(world, &service, true);
    world.ecs.services.insert(key, service);
    Ok(json!({ "service": answer }))
}

/// Whether a new deployment begins.
fn change(world: &World, service: &mut Service, ask: &Ask) -> Result<bool, Refusal> {
    let mut begins = ask.truth("forceNewDeployment").unwrap_or(false);
    if let Some(reference) = ask.text("taskDefinition") {
        // The present one may have been deregistered meanwhile; AWS refuses that too.
        let arn = definition::usable(world, reference)?.arn.clone();
        begins |= arn != service.plan.definition;
        service.plan.definition = arn;
    }
    if ask.get("networkConfiguration").is_object() {
        service.plan.network = ask.get("networkConfiguration").clone();
        let vpc = &mut service.plan.network["awsvpcConfiguration"];
        if vpc.is_object() && vpc["assignPublicIp"].is_null() {
            vpc["assignPublicIp"] = "DISABLED".into();
        }
        begins = true;
    }
    if let Some(balancers) = ask.get("loadBalancers").as_array() {
        (service.plan.balancers, begins) = (json!(balancers), true);
    }
    if let Some(platform) = ask.text("platformVersion") {
        begins |= platform != service.plan.platform;
        service.plan.platform = platform.to_owned();
    }
    // "This parameter doesn't trigger a new service deployment"; an empty list goes "back to the launch type" (API reference,
    // UpdateService, capacityProviderStrategy).
    match ask.get("capacityProviderStrategy").as_array() {
        Some(strategy) if strategy.is_empty() => {
            (service.plan.strategy, service.plan.launch_type) = (Json::Null, Some("FARGATE".into()));
        }
        Some(strategy) => (service.plan.strategy, service.plan.launch_type) = (json!(strategy), None),
        None => {}
    }
    if let Some(count) = ask.number("desiredCount") {
        service.desired = service_checks::desired(count)?;
    }
    service.configuration = service_checks::configuration(&service.configuration, ask.get("deploymentConfiguration"))?;
    if let Some(grace) = ask.number("healthCheckGracePeriodSeconds") {
        service.grace = Some(grace);
    }
    for name in ["enableECSManagedTags", "enableExecuteCommand", "propagateTags", "availabilityZoneRebalancing"] {
        if !ask.get(name).is_null() {
            service.others.insert(name.into(), ask.get(name).clone());
        }
    }
    Ok(begins)
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, call, look, pass, refused, register, world};
    use super::*;

    #[test]
    fn a_count_keeps_the_deployment_and_anything_else_begins_one() {
        let mut world = world();
        register(&mut world, "nginx:1");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 300);
        let first = look(&mut world)["deployments"][0]["id"].clone();
        let update = |world: &mut World, mut more: serde_json::Value| {
            (more["cluster"], more["service"]) = ("home".into(), "web".into());
            let made = call(world, "UpdateService", more).unwrap();
            made["service"]["deployments"].as_array().unwrap().clone()
        };
        let same =
            update(&mut world, json!({ "desiredCount": 3, "taskDefinition": "web", "deploymentConfiguration": {} }));
        assert_eq!((same.len(), &same[0]["id"], &same[0]["desiredCount"]), (1, &first, &json!(3)));
        pass(&mut world, 300);
        assert_eq!(look(&mut world)["runningCount"], 3);
        let network = fake::service()["networkConfiguration"].clone();
        let balancers = fake::service()["loadBalancers"].clone();
        for more in [
            json!({ "forceNewDeployment": true }),
            json!({ "networkConfiguration": network }),
            json!({ "loadBalancers": balancers }),
            json!({ "platformVersion": "1.4.0" }),
        ] {
            let before = look(&mut world)["deployments"][0]["id"].clone();
            let after = update(&mut world, more);
            assert_eq!((&after[0]["status"], &after[1]["id"]), (&json!("PRIMARY"), &before));
            assert_eq!(after[1]["status"], "ACTIVE");
        }
        pass(&mut world, 600);
        assert_eq!(look(&mut world)["deployments"].as_array().unwrap().len(), 1);
        update(&mut world, json!({ "desiredCount": 0 }));
        pass(&mut world, 120);
        assert_eq!((&look(&mut world)["runningCount"], &look(&mut world)["pendingCount"]), (&json!(0), &json!(0)));
    }

    #[test]
    fn another_strategy_waits_for_a_deployment_and_an_empty_one_goes_back_to_the_launch_type() {
        let mut world = world();
        register(&mut world, "nginx:1");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 300);
        let update = |world: &mut World, strategy: Json, forced: bool| {
            let ask = json!({ "cluster": "home", "service": "web", "capacityProviderStrategy": strategy });
            call(world, "UpdateService", fake::but(ask, "forceNewDeployment", json!(forced))).unwrap();
            pass(world, 300);
            let tasks = fake::tasks(world);
            tasks
                .iter()
                .filter(|task| task["desiredStatus"] == "RUNNING" && !task["capacityProviderName"].is_null())
                .count()
        };
        let fargate = json!([{ "capacityProvider": "FARGATE", "weight": 1 }]);
        assert_eq!(update(&mut world, fargate.clone(), false), 0);
        assert_eq!(look(&mut world)["capacityProviderStrategy"], fargate);
        assert_eq!(update(&mut world, fargate, true), 2);
        assert_eq!(update(&mut world, json!([]), true), 0);
        assert_eq!(look(&mut world)["launchType"], "FARGATE");
        let mine = json!({ "cluster": "home", "service": "web", "capacityProviderStrategy": [{ "capacityProvider": "MINE", "weight": 1 }] });
        assert!(refused(&mut world, "UpdateService", mine).contains("not associated"));
    }

    #[test]
    fn it_refuses_what_creation_refuses() {
        let mut world = world();
        register(&mut world, "nginx:1");
        let missing = json!({ "cluster": "home", "service": "web" });
        assert!(refused(&mut world, "UpdateService", missing.clone()).starts_with("ServiceNotFoundException"));
        call(&mut world, "CreateService", fake::service()).unwrap();
        for (member, value) in [
            ("taskDefinition", json!("none")),
            ("loadBalancers", json!([{ "targetGroupArn": "unused", "containerName": "app", "containerPort": 80 }])),
            ("networkConfiguration", json!({})),
            ("desiredCount", json!(5001)),
        ] {
            refused(&mut world, "UpdateService", fake::but(missing.clone(), member, value));
        }
        assert_eq!(look(&mut world)["deployments"].as_array().unwrap().len(), 1, "nothing has changed");
        call(&mut world, "DeleteService", fake::but(missing.clone(), "force", json!(true))).unwrap();
        assert_eq!(refused(&mut world, "UpdateService", missing), "ServiceNotActiveException: Service was not ACTIVE.");
    }
}
