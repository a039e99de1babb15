//! UpdateService. A new deployment begins if the task definition is another one, or if network, load balancers, platform
//! or forceNewDeployment are given; a change of the count alone keeps the deployment.

use serde_json::{Value as Json, json};

use super::deployment;
use super::service::{self, Service};
use super::{capacity, cluster, definition, refuse, service_checks, service_extras};
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
    service_checks::commands(world, &service.plan, &service.others, "updated")?;
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

const UNFORCED: &str = "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.";

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
        service_extras::platform(platform)?;
        begins |= platform != service.plan.platform;
        service.plan.platform = platform.to_owned();
    }
    // Both trigger a new deployment (API reference, UpdateService); the same once more is taken for none (unverified).
    if !ask.get("serviceConnectConfiguration").is_null() {
        let connect = service_extras::connect(ask.get("serviceConnectConfiguration"))?;
        begins |= connect != service.plan.connect;
        service.plan.connect = connect;
    }
    if let Some(registries) = service_extras::registries(ask.get("serviceRegistries"))? {
        begins |= registries != service.plan.registries;
        service.plan.registries = registries;
    }
    // An empty list goes "back to the launch type" (API reference, UpdateService, capacityProviderStrategy). Any change must be
    // forced (public reports: pipe-cd/pipecd#6385, for the empty list aws/aws-cdk#34631).
    let asked = ask.get("capacityProviderStrategy").as_array().map(|strategy| match strategy.is_empty() {
        true => Json::Null,
        false => json!(strategy),
    });
    if asked.is_some_and(|asked| asked != service.plan.strategy) && ask.truth("forceNewDeployment") != Some(true) {
        return Err(refuse::parameter(UNFORCED));
    }
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
        let connect = |enabled: bool| json!({ "enabled": enabled, "namespace": "shop" });
        let registries = json!([{ "registryArn": "arn:aws:servicediscovery:eu-central-1:123456789012:service/srv-1" }]);
        for more in [
            json!({ "forceNewDeployment": true }),
            json!({ "networkConfiguration": network }),
            json!({ "loadBalancers": balancers }),
            json!({ "platformVersion": "1.4.0" }),
            json!({ "serviceConnectConfiguration": connect(true) }),
            json!({ "serviceConnectConfiguration": connect(false) }),
            json!({ "serviceRegistries": registries }),
            json!({ "serviceRegistries": [] }),
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
    fn another_strategy_must_be_forced_and_an_empty_one_goes_back_to_the_launch_type() {
        let mut world = world();
        register(&mut world, "nginx:1");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 300);
        let ask =
            |strategy: &Json| json!({ "cluster": "home", "service": "web", "capacityProviderStrategy": strategy });
        let unforced = |world: &mut World, strategy: &Json| {
            let told = refused(world, "UpdateService", ask(strategy));
            assert!(told.ends_with("you must force a new deployment."), "{told}");
        };
        let update = |world: &mut World, strategy: Json| {
            call(world, "UpdateService", fake::but(ask(&strategy), "forceNewDeployment", json!(true))).unwrap();
            pass(world, 300);
            let tasks = fake::tasks(world);
            tasks
                .iter()
                .filter(|task| task["desiredStatus"] == "RUNNING" && !task["capacityProviderName"].is_null())
                .count()
        };
        let fargate = json!([{ "capacityProvider": "FARGATE", "weight": 1 }]);
        unforced(&mut world, &fargate);
        assert_eq!(update(&mut world, fargate.clone()), 2);
        assert_eq!(look(&mut world)["capacityProviderStrategy"], fargate);
        call(&mut world, "UpdateService", ask(&fargate)).unwrap();
        assert_eq!(look(&mut world)["deployments"].as_array().unwrap().len(), 1, "the same is no change");
        unforced(&mut world, &json!([]));
        assert_eq!(update(&mut world, json!([])), 0);
        assert_eq!(look(&mut world)["launchType"], "FARGATE");
        let mine = ask(&json!([{ "capacityProvider": "MINE", "weight": 1 }]));
        let mine = fake::but(mine, "forceNewDeployment", json!(true));
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
