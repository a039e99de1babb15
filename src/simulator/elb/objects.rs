//! What stands of load balancing (`observe`).

use serde_json::json;

use crate::simulator::observe::Object;
use crate::simulator::world::World;

/// Load balancers, target groups, listeners, rules; listeners' own default rules go with them.
pub fn objects(world: &World) -> Vec<Object> {
    let state = &world.elb;
    let mut all = Vec::new();
    all.extend(state.load_balancers.iter().map(|(arn, one)| {
        let subnets: Vec<&String> = one.nodes.iter().map(|node| &node.subnet).collect();
        let settings = json!({
            "internal": one.internal, "groups": one.groups, "subnets": subnets, "attributes": one.attributes,
            "active": one.active,
        });
        Object { kind: "elb load balancer", id: arn.clone(), name: one.name.clone(), tags: one.tags.clone(), settings }
    }));
    all.extend(state.target_groups.iter().map(|(arn, one)| {
        let settings = json!({
            "vpc": one.vpc, "protocol": one.protocol, "port": one.port, "check": one.check.written(),
            "attributes": one.attributes,
        });
        Object { kind: "elb target group", id: arn.clone(), name: one.name.clone(), tags: one.tags.clone(), settings }
    }));
    all.extend(state.listeners.iter().map(|(arn, one)| {
        let name = format!("{} of {}", one.port(), one.load_balancer);
        let settings = json!({ "actions": one.actions });
        Object { kind: "elb listener", id: arn.clone(), name, tags: one.tags.clone(), settings }
    }));
    all.extend(state.rules.iter().map(|(arn, one)| {
        let name = format!("{} of {}", one.priority, one.listener);
        let settings = json!({ "actions": one.actions, "conditions": one.conditions });
        Object { kind: "elb rule", id: arn.clone(), name, tags: one.tags.clone(), settings }
    }));
    all
}
