//! What stands of ECS (`observe`).

use serde_json::json;

use crate::simulator::observe::Object;
use crate::simulator::world::World;

/// Clusters, services, ACTIVE revisions, tasks that have not stopped.
pub fn objects(world: &World) -> Vec<Object> {
    let state = &world.ecs;
    let mut all = Vec::new();
    let clusters = state.clusters.values().filter(|one| one.status != "INACTIVE");
    all.extend(clusters.map(|one| {
        let settings = json!({
            "status": one.status, "providers": one.providers, "strategy": one.strategy, "settings": one.settings,
        });
        Object { kind: "ecs cluster", id: one.arn.clone(), name: one.name.clone(), tags: one.tags.clone(), settings }
    }));
    let services = state.services.values().filter(|one| one.status != "INACTIVE");
    all.extend(services.map(|one| {
        let settings = json!({
            "status": one.status, "desired": one.desired, "definition": one.plan.definition,
            "network": one.plan.network, "balancers": one.plan.balancers, "strategy": one.plan.strategy,
            "launch": one.plan.launch_type, "configuration": one.configuration, "grace": one.grace, "others": one.others,
        });
        let name = format!("{} of {}", one.name, one.cluster);
        Object { kind: "ecs service", id: one.arn.clone(), name, tags: one.tags.clone(), settings }
    }));
    let revisions = state.definitions.iter().flat_map(|(family, all)| all.iter().map(move |one| (family, one)));
    all.extend(revisions.filter(|(_, one)| one.active).map(|(family, one)| {
        let settings = json!({
            "containers": one.body["containerDefinitions"], "cpu": one.body["cpu"], "memory": one.body["memory"],
            "roles": [one.body["taskRoleArn"], one.body["executionRoleArn"]],
        });
        let (id, tags) = (one.arn.clone(), one.tags.clone());
        Object { kind: "ecs task definition", id, name: family.clone(), tags, settings }
    }));
    let tasks = state.tasks.values().filter(|one| one.status != "STOPPED");
    all.extend(tasks.map(|one| {
        let settings = json!({ "definition": one.definition, "subnet": one.subnet, "status": one.status });
        let name = format!("of {} of {}", one.service, one.cluster);
        let id = world.arn("ecs", &format!("task/{}/{}", one.cluster, one.id));
        Object { kind: "ecs task", id, name, tags: one.tags.clone(), settings }
    }));
    all
}
