//! ExecuteCommand.

use super::cluster::{self, short};
use super::refuse;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::world::World;

/// Refused unless the task was started with it enabled (API reference, ExecuteCommand); the session itself is not simulated.
pub fn command(world: &mut World, ask: &Ask) -> Answer {
    let cluster = cluster::find(world, ask)?.name.clone();
    let id = short(refuse::needed(ask, "task")?).to_owned();
    refuse::needed(ask, "command")?;
    let none = || refuse::parameter("The referenced task was not found.");
    let task = world.ecs.tasks.get(&id).filter(|task| task.cluster == cluster).ok_or_else(none)?;
    if !task.execute || task.status != "RUNNING" {
        let why = "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.";
        return Err(refuse::parameter(why));
    }
    Err(Refusal::new("NotImplemented", "sessions in containers are not simulated").with_status(501))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::{self, call, pass, refused, register, tasks};
    use super::*;

    #[test]
    fn commands_are_refused_unless_enabled() {
        let mut world = fake::world();
        register(&mut world, "nginx");
        call(&mut world, "CreateService", fake::service()).unwrap();
        pass(&mut world, 200);
        let told = |world: &mut World, task: &str| {
            refused(
                world,
                "ExecuteCommand",
                json!({ "cluster": "home", "task": task, "command": "sh", "interactive": true }),
            )
        };
        let id = tasks(&mut world)[0]["taskArn"].as_str().unwrap().to_owned();
        assert!(told(&mut world, &id).contains("was not enabled") && told(&mut world, "x").contains("not found"));
        let on =
            json!({ "cluster": "home", "service": "web", "enableExecuteCommand": true, "forceNewDeployment": true });
        let without = refused(&mut world, "UpdateService", on.clone());
        assert!(without.contains("couldn't be updated because a valid taskRoleArn"), "{without}");
        let created = fake::but(fake::service(), "serviceName", json!("other"));
        let without = refused(&mut world, "CreateService", fake::but(created, "enableExecuteCommand", json!(true)));
        assert!(without.contains("couldn't be created because a valid taskRoleArn"), "{without}");
        let role = json!("arn:aws:iam::123456789012:role/task");
        call(&mut world, "RegisterTaskDefinition", fake::but(fake::definition("nginx"), "taskRoleArn", role)).unwrap();
        call(&mut world, "UpdateService", fake::but(on, "taskDefinition", json!("web"))).unwrap();
        pass(&mut world, 300);
        let task = tasks(&mut world)[0].clone();
        assert_eq!(task["enableExecuteCommand"], true);
        assert!(told(&mut world, task["taskArn"].as_str().unwrap()).starts_with("NotImplemented"));
    }
}
