//! Container Insights: while tasks run in a cluster that has it switched on, AWS writes their metrics into a log group that it
//! makes of itself, untagged, a minute after the first task runs; and once more within a minute after the last has ended. It
//! leaves the group behind, and makes it again if it is deleted before (CloudWatch User Guide, "Using Container Insights"; the
//! times are a judgement, and that nothing is written once it is switched off or the cluster is gone is unverified).

use super::Due;
use super::cluster::Cluster;
use crate::simulator::logs;
use crate::simulator::world::{self, World};

const MINUTE: f64 = 60.0;

fn runs(world: &World, cluster: &str) -> bool {
    let of = |status| matches!(status, "RUNNING" | "DEACTIVATING" | "STOPPING");
    world.ecs.tasks.values().any(|task| task.cluster == cluster && of(task.status))
}

fn is_on(cluster: &Cluster) -> bool {
    matches!(cluster.settings[0]["value"].as_str(), Some("enabled" | "enhanced"))
}

/// A task has begun to run, or the cluster's settings have changed.
pub fn begin(world: &mut World, name: &str) {
    if !runs(world, name) {
        return;
    }
    let Some(cluster) = world.ecs.clusters.get_mut(name).filter(|cluster| !cluster.metered) else { return };
    cluster.metered = is_on(cluster);
    if cluster.metered {
        world.in_seconds(MINUTE, world::Due::Ecs(Due::Metrics(name.to_owned())));
    }
}

/// Writes what the tasks of the last minute used; again in a minute, if some still run.
pub fn write(world: &mut World, name: &str) {
    let Some(cluster) = world.ecs.clusters.get_mut(name).filter(|cluster| cluster.metered) else { return };
    cluster.metered = false;
    if cluster.status == "INACTIVE" || !is_on(cluster) {
        return;
    }
    logs::make_group(world, &format!("/aws/ecs/containerinsights/{name}/performance"));
    begin(world, name);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fake::{call, pass, register, service, world};
    use super::*;
    use crate::simulator::ask::Ask;

    const GROUP: &str = "/aws/ecs/containerinsights/home/performance";

    fn stands(world: &mut World) -> bool {
        let ask = Ask(json!({ "logGroupNamePrefix": GROUP }));
        world.call("logs", "DescribeLogGroups", &ask).unwrap()["logGroups"][0]["logGroupName"] == GROUP
    }

    fn remove(world: &mut World) {
        world.call("logs", "DeleteLogGroup", &Ask(json!({ "logGroupName": GROUP }))).unwrap();
    }

    fn set(world: &mut World, value: &str) {
        let settings: Json = json!([{ "name": "containerInsights", "value": value }]);
        call(world, "UpdateClusterSettings", json!({ "cluster": "home", "settings": settings })).unwrap();
    }

    #[test]
    fn its_group_comes_with_the_tasks_and_comes_back_until_it_is_switched_off() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", service()).unwrap();
        pass(&mut world, 300);
        assert!(!stands(&mut world), "it is off");
        set(&mut world, "enhanced");
        pass(&mut world, 50);
        assert!(!stands(&mut world));
        pass(&mut world, 20);
        assert!(stands(&mut world));
        remove(&mut world);
        pass(&mut world, 60);
        assert!(stands(&mut world), "tasks run");

        call(&mut world, "DeleteService", json!({ "cluster": "home", "service": "web", "force": true })).unwrap();
        while runs(&world, "home") {
            pass(&mut world, 1);
        }
        remove(&mut world);
        pass(&mut world, 60);
        assert!(stands(&mut world), "the last metrics are late");
        remove(&mut world);
        pass(&mut world, 600);
        assert!(!stands(&mut world), "no task runs any more");
    }

    #[test]
    fn nothing_is_written_once_it_is_off_or_the_cluster_gone() {
        for gone in [false, true] {
            let mut world = world();
            register(&mut world, "nginx");
            set(&mut world, "enabled");
            call(&mut world, "CreateService", service()).unwrap();
            pass(&mut world, 300);
            call(&mut world, "DeleteService", json!({ "cluster": "home", "service": "web", "force": true })).unwrap();
            while runs(&world, "home") {
                pass(&mut world, 1);
            }
            pass(&mut world, 10);
            match gone {
                true => drop(call(&mut world, "DeleteCluster", json!({ "cluster": "home" })).unwrap()),
                false => set(&mut world, "disabled"),
            }
            pass(&mut world, 5);
            assert!(stands(&mut world), "AWS leaves it behind");
            remove(&mut world);
            pass(&mut world, 300);
            assert!(!stands(&mut world), "{gone}");
        }
    }
}
