//! Availability Zone rebalancing (Developer Guide, "Balancing an Amazon ECS service across Availability Zones"): in a steady
//! service whose zones differ by more than one task, a task is started in the emptiest zone, and when it is healthy one of the
//! fullest is stopped. One at a time; how soon ECS begins is unverified: here at its next look.

use std::collections::BTreeMap;

use super::service::Service;
use super::{outside, rollout, task_life};
use crate::simulator::outage;
use crate::simulator::world::World;

/// Whether a move is under way: then nothing else is started or stopped.
pub fn step(world: &mut World, service: &mut Service) -> bool {
    let mut live = rollout::tasks_of(world, service, None);
    live.retain(|id| rollout::live(world, id));
    if let Some(id) = service.moving.take() {
        return arrive(world, service, &live, id);
    }
    let on = service.others["availabilityZoneRebalancing"] == "ENABLED" && service.percent("maximumPercent", 200) > 100;
    let crowds = crowds(world, service, &live);
    if !on || !service.steady || balanced(&crowds) {
        return false;
    }
    let Some(primary) = service.primary().map(|one| one.id.clone()) else { return false };
    service.tell(world, &format!("{{}} is not AZ balanced with {}. AZ Rebalancing in progress.", told(&crowds)));
    task_life::start(world, service, &primary, 1);
    let now = rollout::tasks_of(world, service, Some(&primary));
    service.moving = now.into_iter().find(|id| rollout::live(world, id) && !live.contains(id));
    service.moving.is_some()
}

/// The new task is waited for, unless something else happens meanwhile; then an old one goes.
fn arrive(world: &mut World, service: &mut Service, live: &[String], id: String) -> bool {
    if service.deployments.len() > 1 || live.len() as i64 != service.desired + 1 || !live.contains(&id) {
        return false;
    }
    if !rollout::healthy(world, &id) {
        service.moving = Some(id);
        return true;
    }
    let crowds = crowds(world, service, live);
    let fullest = crowds.iter().max_by_key(|(_, count)| **count).map(|(zone, _)| zone.clone()).unwrap_or_default();
    let there = |one: &&String| **one != id && world.ecs.tasks.get(*one).is_some_and(|task| task.zone == fullest);
    let Some(old) = live.iter().find(there) else { return false };
    let reason = "Availability Zone rebalancing: a task runs in another zone instead.".to_owned();
    task_life::stop(world, service, old, "ServiceSchedulerInitiated", reason);
    service.tell(world, &format!("{{}} has stopped 1 running tasks in {fullest} to AZ Rebalance: (task {old})."));
    let left: Vec<String> = live.iter().filter(|one| *one != old).cloned().collect();
    let crowds = self::crowds(world, service, &left);
    if balanced(&crowds) {
        service.tell(world, &format!("{{}} is AZ balanced with {}.", told(&crowds)));
    }
    true
}

/// How many tasks run in each zone of the service that is not down.
fn crowds(world: &World, service: &Service, live: &[String]) -> BTreeMap<String, usize> {
    let zones = service.plan.subnets().into_iter().filter_map(|subnet| outside::subnet_place(world, &subnet));
    let lit = zones.map(|(_, zone)| zone).filter(|zone| !outage::is_down(world, zone));
    let at = |id: &String, zone: &str| world.ecs.tasks.get(id).is_some_and(|task| task.zone == zone);
    let crowd = |zone: String| (zone.clone(), live.iter().filter(|id| at(id, &zone)).count());
    lit.map(crowd).collect()
}

fn balanced(crowds: &BTreeMap<String, usize>) -> bool {
    let (most, least) = (crowds.values().max(), crowds.values().min());
    most.zip(least).is_none_or(|(most, least)| most - least <= 1)
}

fn told(crowds: &BTreeMap<String, usize>) -> String {
    crowds.iter().map(|(zone, count)| format!("{count} tasks in {zone}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::{self, but, call, events, look, pass, register, world};
    use super::*;

    fn zones(world: &World) -> BTreeMap<String, usize> {
        let mut zones = BTreeMap::new();
        for task in world.ecs.tasks.values().filter(|task| task.stop.is_none()) {
            *zones.entry(task.zone.clone()).or_default() += 1;
        }
        zones
    }

    fn outlived(rebalancing: &str) -> World {
        let mut world = world();
        register(&mut world, "nginx");
        let ask = but(fake::service(), "availabilityZoneRebalancing", json!(rebalancing));
        call(&mut world, "CreateService", but(ask, "desiredCount", json!(4))).unwrap();
        pass(&mut world, 300);
        outage::zone_down(&mut world, "eu-central-1a", 600.0);
        pass(&mut world, 500);
        assert_eq!(zones(&world), BTreeMap::from([("eu-central-1b".to_owned(), 4)]));
        world
    }

    #[test]
    fn tasks_go_back_one_by_one_and_none_is_missed() {
        let mut world = outlived("ENABLED");
        let mut least = 9;
        for _ in 0..600 {
            pass(&mut world, 1);
            least = least.min(world.ecs.tasks.values().filter(|task| task.stop.is_none() && task.healthy).count());
        }
        assert_eq!(least, 4);
        assert_eq!(zones(&world).into_values().collect::<Vec<_>>(), [2, 2]);
        let told = events(&mut world);
        for expected in [
            "is not AZ balanced with 0 tasks in eu-central-1a, 4 tasks in eu-central-1b. AZ Rebalancing in progress.",
            "has stopped 1 running tasks in eu-central-1b to AZ Rebalance",
            "is AZ balanced with 2 tasks in eu-central-1a, 2 tasks in eu-central-1b.",
        ] {
            assert!(told.contains(expected), "{told}");
        }
        assert_eq!(look(&mut world)["deployments"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn they_stay_where_it_is_off() {
        let mut world = outlived("DISABLED");
        pass(&mut world, 900);
        assert_eq!(zones(&world), BTreeMap::from([("eu-central-1b".to_owned(), 4)]));
        let mut world = fake::world();
        register(&mut world, "nginx");
        let most = json!({ "maximumPercent": 100, "minimumHealthyPercent": 50 });
        let made = call(&mut world, "CreateService", but(fake::service(), "deploymentConfiguration", most)).unwrap();
        assert_eq!(made["service"]["availabilityZoneRebalancing"], "DISABLED");
    }

    #[test]
    fn a_change_ends_a_move() {
        let mut world = outlived("ENABLED");
        while !world.ecs.services.values().any(|service| service.moving.is_some()) {
            pass(&mut world, 1);
        }
        call(&mut world, "UpdateService", json!({ "cluster": "home", "service": "web", "desiredCount": 1 })).unwrap();
        pass(&mut world, 300);
        assert_eq!(look(&mut world)["runningCount"], 1);
    }
}
