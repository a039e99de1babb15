//! What ECS asks of the other services, in one place. In unit tests a world may carry a small pretended outside instead
//! (`fake`), so that ECS's own rules are tried without a network; a world without one asks the real services.

use serde_json::json;

use crate::simulator::ask::Ask;
use crate::simulator::ec2::{self, Interface, InterfaceAsk};
use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;
use crate::simulator::{elb, iam, logs, secretsmanager, ssm};

#[cfg(test)]
use super::fake;

pub fn take_interface(world: &mut World, ask: &InterfaceAsk<'_>) -> Result<Interface, Refusal> {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return fake::take_interface(world, ask);
    }
    ec2::take_interface(world, ask)
}

pub fn release_interface(world: &mut World, id: &str) {
    #[cfg(test)]
    if let Some(fake) = &mut world.ecs.fake {
        fake.interfaces.remove(id);
        return;
    }
    ec2::release_interface(world, id);
}

/// A task has its interface in this subnet.
pub fn task_starts(world: &mut World, subnet: &str) {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return;
    }
    ec2::task_starts(world, subnet);
}

/// VPC and zone.
pub fn subnet_place(world: &World, subnet: &str) -> Option<(String, String)> {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return fake::subnet_place(subnet);
    }
    ec2::subnet_place(world, subnet)
}

pub fn has_way_out(world: &World, subnet: &str, public_ip: bool) -> bool {
    #[cfg(test)]
    if let Some(fake) = &world.ecs.fake {
        return fake.way_out;
    }
    ec2::has_way_out(world, subnet, public_ip)
}

/// EC2's refusal if one of these groups doesn't exist.
pub fn missing_group(world: &mut World, groups: &[String]) -> Option<Refusal> {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        let missing = groups.iter().find(|id| id.contains("missing"))?;
        return Some(Refusal::new("InvalidGroup.NotFound", format!("The security group '{missing}' does not exist")));
    }
    if groups.is_empty() {
        return None;
    }
    let describe = ec2::operation("DescribeSecurityGroups")?;
    describe(world, &Ask(json!({ "GroupId": groups }))).err()
}

/// Whether the load balancer in front of this target group reaches tasks with these security groups.
pub fn lets_in(world: &World, target_group: &str, tasks: &[String], port: i64) -> bool {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return true;
    }
    ec2::lets_through(world, &elb::groups_in_front(world, target_group), tasks, port)
}

pub fn register_target(world: &mut World, group: &str, ip: &str, port: i64, healthy_after: Option<f64>) {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return fake::register_target(world, group, ip, port, healthy_after);
    }
    elb::register_target(world, group, ip, port, healthy_after);
}

pub fn deregister_target(world: &mut World, group: &str, ip: &str, port: i64) {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return fake::deregister_target(world, group, ip, port);
    }
    elb::deregister_target(world, group, ip, port);
}

pub fn target_state(world: &World, group: &str, ip: &str, port: i64) -> Option<&'static str> {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return fake::target_state(world, group, ip, port);
    }
    elb::target_state(world, group, ip, port)
}

/// Whether requests reach this target.
pub fn serves(world: &World, group: &str, ip: &str, port: i64) -> bool {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return fake::target_state(world, group, ip, port) == Some("healthy");
    }
    elb::serves(world, group, ip, port)
}

pub fn group_in_use(world: &World, group: &str) -> Option<bool> {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return (!group.contains("missing")).then(|| !group.contains("unused"));
    }
    elb::group_in_use(world, group)
}

/// Whether a task can be given this role.
pub fn role_usable(world: &World, arn: &str) -> bool {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return !arn.contains("missing");
    }
    iam::role_usable(world, arn, "ecs-tasks.amazonaws.com")
}

pub fn allows(world: &World, role: &str, action: &str) -> bool {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return !role.contains("powerless");
    }
    iam::allows(world, role, action)
}

/// Whether ECS can assume its own role.
pub fn linked_role_stands(world: &World) -> bool {
    #[cfg(test)]
    if world.ecs.fake.is_some() {
        return true;
    }
    iam::linked_role_stands(world, "ecs.amazonaws.com")
}

/// Why a container's secret can't be had: `valueFrom` is a parameter's name or ARN, or a secret's ARN. Texts after public
/// reports of "unable to pull secrets or registry auth".
pub fn missing_secret(world: &World, from: &str) -> Option<String> {
    let why = match from.contains(":secretsmanager:") {
        true if secretsmanager::secret_stands(world, from) => return None,
        true => format!(
            "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {from} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
        ),
        false if ssm::parameter_stands(world, from) => return None,
        false => format!("unable to retrieve secrets from ssm: invalid parameters: {from}"),
    };
    Some(format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: {why}"
    ))
}

pub fn write_line(world: &mut World, group: &str, stream: &str, line: &str) -> bool {
    #[cfg(test)]
    if let Some(fake) = &mut world.ecs.fake {
        fake.lines.push(format!("{group} {stream} {line}"));
        return !group.contains("missing");
    }
    logs::write_line(world, group, stream, line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::{self, call, pass, tasks, world};

    #[test]
    fn a_secret_that_the_role_may_not_read_stops_the_task() {
        for (from, action) in [
            ("arn:aws:ssm:eu-central-1:123456789012:parameter/key", "ssm:GetParameters"),
            (
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-123456:json::",
                "secretsmanager:GetSecretValue",
            ),
        ] {
            let mut world = world();
            let mut definition = fake::definition("nginx");
            definition["executionRoleArn"] = json!("arn:aws:iam::123456789012:role/powerless");
            definition["containerDefinitions"][0]["secrets"] = json!([{ "name": "KEY", "valueFrom": from }]);
            call(&mut world, "RegisterTaskDefinition", definition).unwrap();
            call(&mut world, "CreateService", fake::service()).unwrap();
            pass(&mut world, 120);
            let told = format!("because no identity-based policy allows the {action} action");
            let seen = tasks(&mut world);
            assert!(seen.iter().any(|task| task["stoppedReason"].as_str().is_some_and(|text| text.ends_with(&told))));
        }
    }

    #[test]
    fn a_missing_secret_stops_the_task() {
        let mut world = world();
        let mut definition = fake::definition("nginx");
        definition["containerDefinitions"][0]["secrets"] = json!([{ "name": "KEY", "valueFrom": "/web/key" }]);
        call(&mut world, "RegisterTaskDefinition", definition).unwrap();
        call(&mut world, "CreateService", fake::but(fake::service(), "deploymentConfiguration", json!({}))).unwrap();
        pass(&mut world, 120);
        let why = "ResourceInitializationError: unable to pull secrets or registry auth: ";
        let seen = tasks(&mut world);
        assert!(seen.iter().any(|task| task["stoppedReason"].as_str().is_some_and(|text| text.starts_with(why))));
        let put = json!({ "Name": "/web/key", "Value": "x", "Type": "SecureString" });
        world.call("ssm", "PutParameter", &crate::simulator::ask::Ask(put)).unwrap();
        pass(&mut world, 600);
        assert_eq!(fake::look(&mut world)["runningCount"], 2);
    }
}
