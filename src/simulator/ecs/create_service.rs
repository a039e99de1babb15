//! CreateService. The client token is the only thing that makes a second call the same call.

use serde_json::{Map, Value as Json, json};

use super::deployment::{self, Plan};
use super::service::{self, Service};
use super::{capacity, cluster, definition, outside, refuse, service_checks, service_extras};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags;
use crate::simulator::world::World;

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let standing = cluster::standing(world, ask)?;
    let (cluster, provider_strategy) = (standing.name.clone(), standing.strategy.clone());
    let providers = standing.providers.clone();
    let name = refuse::needed(ask, "serviceName")?.to_owned();
    if !refuse::good_name(&name) {
        return Err(refuse::parameter("Service name is not valid."));
    }
    // API reference, CreateService: up to 36 ASCII characters.
    if ask.text("clientToken").is_some_and(|token| token.len() > 36 || !token.bytes().all(|b| (33..=126).contains(&b)))
    {
        return Err(refuse::parameter("clientToken must be up to 36 ASCII characters."));
    }
    let key = (cluster.clone(), name.clone());
    match world.ecs.services.get(&key).map(|there| (there.status, there.request == ask.0)) {
        None | Some(("INACTIVE", _)) => {}
        Some(("DRAINING", _)) => return Err(refuse::parameter("Unable to Start a service that is still Draining.")),
        Some((_, true)) => {
            let there = world.ecs.services.get(&key).map(|there| service::view(world, there, true));
            return Ok(json!({ "service": there }));
        }
        Some(_) => return Err(refuse::parameter("Creation of service was not idempotent.")),
    }
    if standing_is_not_up(world, &cluster) {
        // (unverified; AWS's documents only say that it must be ACTIVE)
        return Err(Refusal::new("ClusterNotFoundException", "Cluster was not ACTIVE."));
    }
    if !outside::linked_role_stands(world) {
        let why = "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
        return Err(refuse::parameter(why));
    }
    let plan = plan(world, ask, provider_strategy)?;
    capacity::check(&plan.strategy, &providers)?;
    let desired = service_checks::desired(ask.number("desiredCount").unwrap_or(1))?;
    service_extras::platform(&plan.platform)?;
    service_checks::plan(world, &plan)?;
    service_checks::commands(world, &plan, &others(ask), "created")?;
    let configuration = service_checks::configuration(&Json::Null, ask.get("deploymentConfiguration"))?;
    let mut grace = ask.number("healthCheckGracePeriodSeconds");
    service_checks::grace(grace, &plan)?;
    if grace.is_none() && !plan.targets().is_empty() {
        grace = Some(0);
    }
    // The code is unverified.
    let mine = |there: &&Service| there.cluster == cluster && there.status != "INACTIVE";
    if quotas::full(world, quotas::SERVICES_IN_CLUSTER, world.ecs.services.values().filter(mine).count()) {
        return Err(refuse::client("The maximum number of services per cluster has been reached."));
    }
    world.ecs.serial += 1;
    let mut service = Service {
        arn: world.arn("ecs", &format!("service/{cluster}/{name}")),
        cluster,
        name,
        status: "ACTIVE",
        desired,
        plan,
        configuration,
        grace,
        others: others(ask),
        deployments: Vec::new(),
        history: Vec::new(),
        completed: None,
        events: Vec::new(),
        created: world.epoch(),
        tags: tags::read(&ask.parts("tags"), "key", "value"),
        request: ask.0.clone(),
        serial: world.ecs.serial,
        steady: false,
        moving: None,
        not_before: 0.0,
    };
    deployment::begin(world, &mut service, false);
    let answer = service::view(world, &service, true);
    service::next_round(world, &key, service.serial);
    world.ecs.services.insert(key, service);
    Ok(json!({ "service": answer }))
}

fn standing_is_not_up(world: &World, cluster: &str) -> bool {
    world.ecs.clusters.get(cluster).is_none_or(|cluster| cluster.status != "ACTIVE")
}

fn plan(world: &World, ask: &Ask, of_cluster: Json) -> Result<Plan, Refusal> {
    let given = ask.get("capacityProviderStrategy").as_array().filter(|list| !list.is_empty());
    let launch_type = ask.text("launchType").map(str::to_owned);
    if launch_type.is_some() && given.is_some() {
        let why =
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.";
        return Err(refuse::parameter(why));
    }
    let strategy = given.map_or(of_cluster, |given| json!(given));
    let (launch_type, strategy) = match (launch_type, strategy.as_array().is_some_and(|list| !list.is_empty())) {
        (None, true) => (None, strategy),
        // Without both, EC2 (API reference, CreateService).
        (launch, _) => (Some(launch.unwrap_or_else(|| "EC2".into())), Json::Null),
    };
    let reference = ask.text("taskDefinition").ok_or_else(|| refuse::parameter("TaskDefinition can not be blank."))?;
    let mut network = ask.get("networkConfiguration").clone();
    if network["awsvpcConfiguration"].is_object() && network["awsvpcConfiguration"]["assignPublicIp"].is_null() {
        network["awsvpcConfiguration"]["assignPublicIp"] = "DISABLED".into();
    }
    Ok(Plan {
        definition: definition::usable(world, reference)?.arn.clone(),
        network,
        balancers: ask.get("loadBalancers").as_array().map_or(json!([]), |list| json!(list)),
        launch_type,
        strategy,
        platform: ask.text("platformVersion").unwrap_or("LATEST").to_owned(),
        connect: service_extras::connect(ask.get("serviceConnectConfiguration"))?,
        registries: service_extras::registries(ask.get("serviceRegistries"))?.unwrap_or_else(|| json!([])),
    })
}

fn others(ask: &Ask) -> Map<String, Json> {
    let truth = |name: &str| json!(ask.truth(name).unwrap_or(false));
    let text = |name: &str, usual: &str| json!(ask.text(name).unwrap_or(usual));
    let mut others = Map::new();
    others.insert("enableECSManagedTags".into(), truth("enableECSManagedTags"));
    others.insert("enableExecuteCommand".into(), truth("enableExecuteCommand"));
    others.insert("propagateTags".into(), text("propagateTags", "NONE"));
    // ENABLED if the service is compatible (API reference, CreateService), which 100 percent at most aren't (Developer Guide,
    // "Balancing an Amazon ECS service across Availability Zones").
    let most = ask.part("deploymentConfiguration").number("maximumPercent");
    let usual = if most == Some(100) { "DISABLED" } else { "ENABLED" };
    others.insert("availabilityZoneRebalancing".into(), text("availabilityZoneRebalancing", usual));
    others
}

#[cfg(test)]
mod tests {
    use super::super::fake::{GROUP, but, call, look, refused, register, world};
    use super::*;
    use crate::simulator::ecs::fake;

    #[test]
    fn each_wrong_service_is_refused() {
        let mut world = world();
        register(&mut world, "nginx");
        let good = fake::service();
        let network = |subnets: Json, groups: Json| json!({ "awsvpcConfiguration": { "subnets": subnets, "securityGroups": groups } });
        let at = |group: &str, name: &str, port: i64| json!([{ "targetGroupArn": group, "containerName": name, "containerPort": port }]);
        for (member, value, expected) in [
            ("cluster", json!("none"), "ClusterNotFoundException: Cluster not found."),
            ("serviceName", json!(""), "serviceName cannot be empty."),
            ("serviceName", json!("a b"), "Service name is not valid."),
            ("clientToken", json!("x".repeat(37)), "clientToken"),
            ("taskDefinition", json!("none"), "ClientException: TaskDefinition not found."),
            ("taskDefinition", Json::Null, "TaskDefinition can not be blank."),
            ("desiredCount", json!(-1), "desiredCount"),
            ("networkConfiguration", Json::Null, "Network Configuration must be provided"),
            ("networkConfiguration", network(json!([]), json!([])), "subnets can not be empty."),
            ("networkConfiguration", network(json!(vec!["s-a"; 17]), json!([])), "at most 16"),
            ("networkConfiguration", network(json!(["s-a"]), json!(vec!["g"; 6])), "at most 5"),
            ("networkConfiguration", network(json!(["missing-a"]), json!([])), "InvalidSubnetID.NotFound"),
            ("networkConfiguration", network(json!(["s-a"]), json!(["sg-missing"])), "InvalidGroup.NotFound"),
            (
                "loadBalancers",
                at("unused", "app", 80),
                "targetGroupArn unused does not have an associated load balancer.",
            ),
            ("loadBalancers", at("missing", "app", 80), "does not exist."),
            ("loadBalancers", at(GROUP, "web", 80), "The container web does not exist in the task definition."),
            ("loadBalancers", at(GROUP, "app", 81), "did not have a container port 81 defined."),
            ("loadBalancers", json!([{}]), "targetGroupArn can not be empty."),
            ("loadBalancers", json!([]), "Health check grace period is only valid"),
            ("healthCheckGracePeriodSeconds", json!(-1), "healthCheckGracePeriodSeconds must"),
            ("launchType", json!("EC2"), "not simulated"),
            ("capacityProviderStrategy", json!([{ "capacityProvider": "FARGATE" }]), "both a launch type and"),
            ("deploymentConfiguration", json!({ "maximumPercent": 100 }), "will block deployments"),
            ("deploymentConfiguration", json!({ "maximumPercent": 50 }), "maximumPercent must"),
            ("deploymentConfiguration", json!({ "maximumPercent": "x" }), "must be numbers"),
            ("deploymentConfiguration", json!({ "strategy": "BLUE_GREEN" }), "not simulated"),
            ("deploymentConfiguration", json!({ "alarms": { "enable": true } }), "alarmNames"),
            ("platformVersion", json!("0.9.0"), "PlatformUnknownException"),
            ("serviceConnectConfiguration", json!({ "namespace": "shop" }), "enabled"),
            ("serviceConnectConfiguration", json!({ "enabled": true }), "namespace"),
            ("serviceRegistries", json!([{ "registryArn": "a" }, { "registryArn": "b" }]), "at most 1"),
            ("serviceRegistries", json!([{}]), "registryArn"),
        ] {
            let told = refused(&mut world, "CreateService", but(good.clone(), member, value));
            assert!(told.contains(expected) && told.contains("Exception: "), "{member}: {told}");
        }
        let elsewhere = network(json!(["subnet-a", "subnet-b-of-vpc-2"]), json!([]));
        let told = refused(&mut world, "CreateService", but(good.clone(), "networkConfiguration", elsewhere));
        assert!(told.ends_with("All subnets must be from the same VPC."), "{told}");
        let mut old = but(fake::definition("nginx"), "family", json!("old"));
        (old["requiresCompatibilities"], old["networkMode"]) = (json!(["EC2"]), json!("awsvpc"));
        call(&mut world, "RegisterTaskDefinition", old).unwrap();
        let on_hosts = but(good.clone(), "taskDefinition", json!("old"));
        let told = refused(&mut world, "CreateService", on_hosts.clone());
        assert!(told.ends_with("does not support launch_type FARGATE."), "{told}");
        let mut spread = but(on_hosts, "launchType", Json::Null);
        spread["capacityProviderStrategy"] = json!([{ "capacityProvider": "FARGATE", "weight": 1 }]);
        let told = refused(&mut world, "CreateService", spread);
        assert!(told.ends_with("requires a task definition that supports FARGATE."), "{told}");
        quotas::set(&mut world, quotas::SERVICES_IN_CLUSTER, 0);
        let told = refused(&mut world, "CreateService", good.clone());
        assert!(told.contains("maximum number of services per cluster"), "{told}");
        call(&mut world, "DeregisterTaskDefinition", json!({ "taskDefinition": "web:1" })).unwrap();
        let told = refused(&mut world, "CreateService", but(good, "taskDefinition", json!("web:1")));
        assert_eq!(told, "ClientException: TaskDefinition is inactive");
    }

    #[test]
    fn the_cluster_must_be_up() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateCluster", json!({ "clusterName": "new", "capacityProviders": ["FARGATE"] })).unwrap();
        let told = refused(&mut world, "CreateService", but(fake::service(), "cluster", json!("new")));
        assert!(told.starts_with("ClusterNotFoundException"), "{told}");
    }

    #[test]
    fn only_the_same_call_is_the_same_service() {
        let mut world = world();
        register(&mut world, "nginx");
        let ask = but(fake::service(), "clientToken", json!("one"));
        let first = call(&mut world, "CreateService", ask.clone()).unwrap();
        let second = call(&mut world, "CreateService", ask.clone()).unwrap();
        assert_eq!(first["service"]["deployments"][0]["id"], second["service"]["deployments"][0]["id"]);
        let told = refused(&mut world, "CreateService", but(ask, "clientToken", json!("two")));
        assert_eq!(told, "InvalidParameterException: Creation of service was not idempotent.");
        let there = look(&mut world);
        assert_eq!((&there["launchType"], &there["healthCheckGracePeriodSeconds"]), (&json!("FARGATE"), &json!(30)));
        assert_eq!(there["deployments"][0]["rolloutState"], "IN_PROGRESS");
        assert_eq!(there["deploymentConfiguration"]["maximumPercent"], 200);
        assert_eq!(
            (&there["platformVersion"], &there["deployments"][0]["platformVersion"]),
            (&json!("LATEST"), &json!("1.4.0"))
        );
        let foreign = there["serviceArn"].as_str().unwrap().replace("/home/", "/away/");
        let ask = json!({ "cluster": "home", "services": ["x", foreign] });
        let found = call(&mut world, "DescribeServices", ask).unwrap();
        let missing = json!([
            { "arn": world.arn("ecs", "service/x"), "reason": "MISSING" },
            { "arn": foreign, "reason": "MISSING" },
        ]);
        assert_eq!(found["failures"], missing);
        for services in [json!([]), json!(vec!["a"; 11])] {
            let told = refused(&mut world, "DescribeServices", json!({ "cluster": "home", "services": services }));
            assert!(told.starts_with("InvalidParameterException"));
        }
        for number in 0..11 {
            call(&mut world, "CreateService", but(fake::service(), "serviceName", json!(format!("s{number}"))))
                .unwrap();
        }
        let page = call(&mut world, "ListServices", json!({ "cluster": "home" })).unwrap();
        assert_eq!(page["serviceArns"].as_array().unwrap().len(), 10);
        let last =
            call(&mut world, "ListServices", json!({ "cluster": "home", "nextToken": page["nextToken"] })).unwrap();
        assert_eq!(last["serviceArns"].as_array().unwrap().len(), 2);
    }
}
