//! DeleteService: DRAINING while tasks run, INACTIVE once they are stopping; their interfaces go later.

use serde_json::json;

use super::service;
use super::{cluster, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Answer;
use crate::simulator::world::World;

/// Refused unless scaled to zero or forced (API reference, DeleteService). Of an INACTIVE one: not found (unverified).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::standing(world, ask)?.name.clone();
    let key = (cluster, cluster::short(refuse::needed(ask, "service")?).to_owned());
    let force = ask.truth("force").unwrap_or(false);
    let there = world.ecs.services.get(&key).filter(|there| there.status != "INACTIVE");
    let there = there.ok_or_else(|| refuse::no_service())?;
    if there.status == "ACTIVE" && there.desired > 0 && !force {
        return Err(refuse::parameter("The service cannot be stopped while it is scaled above 0."));
    }
    let now = world.epoch();
    let answer = service::with(world, &key, |world, service| {
        (service.status, service.desired, service.steady) = ("DRAINING", 0, false);
        for one in &mut service.deployments {
            (one.desired, one.updated) = (0, now);
        }
        if let Some(record) = service.history.first_mut().filter(|record| record.finished.is_none()) {
            record.finish(now, "STOPPED", "Service was deleted.");
        }
        service::view(world, service, true)
    });
    Ok(json!({ "service": answer }))
}

#[cfg(test)]
mod tests {
    use super::super::fake::{self, call, look, pass, refused, register, tasks, world};
    use super::*;

    #[test]
    fn it_drains_is_inactive_and_its_interfaces_go_last() {
        let mut world = world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 300);
        let ask = json!({ "cluster": "home", "service": "web" });
        let told = refused(&mut world, "DeleteService", ask.clone());
        assert_eq!(told, "InvalidParameterException: The service cannot be stopped while it is scaled above 0.");
        let forced = fake::but(ask.clone(), "force", json!(true));
        let gone = call(&mut world, "DeleteService", forced.clone()).unwrap();
        assert_eq!(gone["service"]["status"], "DRAINING");
        call(&mut world, "DeleteService", forced.clone()).unwrap();
        let told = refused(&mut world, "CreateService", fake::service());
        assert_eq!(told, "InvalidParameterException: Unable to Start a service that is still Draining.");
        while look(&mut world)["status"] == "DRAINING" {
            pass(&mut world, 1);
        }
        assert_eq!(world.ecs.fake.as_ref().unwrap().interfaces.len(), 2);
        assert!(refused(&mut world, "DeleteService", forced).starts_with("ServiceNotFoundException"));
        pass(&mut world, 120);
        assert!(world.ecs.fake.as_ref().unwrap().interfaces.is_empty());
        assert_eq!(tasks(&mut world)[0]["lastStatus"], "STOPPED");
        call(&mut world, "CreateService", fake::service()).unwrap();
        assert_eq!(look(&mut world)["status"], "ACTIVE");
        pass(&mut world, 300);
        assert_eq!(look(&mut world)["runningCount"], 2);
    }
}
