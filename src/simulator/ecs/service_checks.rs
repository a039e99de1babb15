//! What CreateService and UpdateService refuse: networks, target groups, percentages. Texts are from public reports of the
//! real API where nothing else is said.

use serde_json::{Map, Value as Json, json};

use super::deployment::Plan;
use super::{definition, outside, refuse, service_extras};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;
use crate::simulator::world::World;

pub fn plan(world: &mut World, plan: &Plan) -> Result<(), Refusal> {
    definition(world, plan)?;
    network(world, plan)?;
    balancers(world, plan)
}

fn definition(world: &World, plan: &Plan) -> Result<(), Refusal> {
    let found = definition::usable(world, &plan.definition)?;
    let fargate = found.body["requiresCompatibilities"].as_array().is_some_and(|all| all.contains(&json!("FARGATE")));
    match plan.launch_type.as_deref() {
        Some("FARGATE") | None if fargate => Ok(()),
        Some("FARGATE") => Err(refuse::parameter("Task definition does not support launch_type FARGATE.")),
        None => Err(refuse::parameter(
            "The provided capacity provider strategy requires a task definition that supports FARGATE.",
        )),
        Some(other) => Err(refuse::parameter(format!("Launch type {other} is not simulated: FARGATE is."))),
    }
}

fn network(world: &mut World, plan: &Plan) -> Result<(), Refusal> {
    if !plan.network["awsvpcConfiguration"].is_object() {
        let why = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        return Err(refuse::parameter(why));
    }
    let (subnets, groups) = (plan.subnets(), plan.groups());
    if subnets.is_empty() {
        return Err(refuse::parameter("subnets can not be empty."));
    }
    // API reference, AwsVpcConfiguration: 16 subnets, 5 security groups.
    if subnets.len() > 16 {
        return Err(refuse::parameter("subnets can have at most 16 items."));
    }
    if groups.len() > 5 {
        return Err(refuse::parameter("securityGroups can have at most 5 items."));
    }
    let mut vpc = None;
    for subnet in &subnets {
        let Some((of_it, _)) = outside::subnet_place(world, subnet) else {
            let why = format!("The subnet ID '{subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)");
            return Err(refuse::parameter(format!(
                "Error retrieving subnet information for [{}]: {why}",
                subnets.join(", ")
            )));
        };
        if *vpc.get_or_insert_with(|| of_it.clone()) != of_it {
            // API reference, AwsVpcConfiguration: all must be from the same VPC.
            return Err(refuse::parameter("All subnets must be from the same VPC."));
        }
    }
    if let Some(refusal) = outside::missing_group(world, &groups) {
        let why = format!("{} (ErrorCode: {})", refusal.message, refusal.code);
        let told = format!("Error retrieving security group information for [{}]: {why}", groups.join(", "));
        return Err(refuse::parameter(told));
    }
    Ok(())
}

fn balancers(world: &World, plan: &Plan) -> Result<(), Refusal> {
    let containers = definition::usable(world, &plan.definition)?.containers();
    for one in plan.balancers.as_array().into_iter().flatten().cloned().map(Ask) {
        let Some(group) = one.text("targetGroupArn") else {
            return Err(refuse::parameter("targetGroupArn can not be empty."));
        };
        let name = one.text("containerName").unwrap_or_default();
        let missing = || refuse::parameter(format!("The container {name} does not exist in the task definition."));
        let container = containers.iter().find(|one| one.text("name") == Some(name)).ok_or_else(missing)?;
        let port = one.number("containerPort").unwrap_or_default();
        if !container.parts("portMappings").iter().any(|one| one.number("containerPort") == Some(port)) {
            let why = format!("The container {name} did not have a container port {port} defined.");
            return Err(refuse::parameter(why));
        }
        let why = match outside::group_in_use(world, group) {
            Some(true) => continue,
            Some(false) => "does not have an associated load balancer.",
            None => "does not exist.", // text unverified
        };
        return Err(refuse::parameter(format!("The target group with targetGroupArn {group} {why}")));
    }
    Ok(())
}

/// The deployment configuration with its defaults; what isn't given stays as `before` has it.
pub fn configuration(before: &Json, given: &Json) -> Result<Json, Refusal> {
    let breaker = json!({ "enable": false, "rollback": false });
    let standard = json!({
        "deploymentCircuitBreaker": breaker, "maximumPercent": 200, "minimumHealthyPercent": 100,
        "strategy": "ROLLING", "bakeTimeInMinutes": 0,
    });
    let mut merged = if before.is_object() { before.clone() } else { standard };
    for (name, value) in service_extras::deployment(given)? {
        merged[name] = value;
    }
    let (low, high) = (merged["minimumHealthyPercent"].as_i64(), merged["maximumPercent"].as_i64());
    let why = match (low, high) {
        (Some(100), Some(100)) => {
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
        }
        (Some(low), Some(high)) if low < 0 || !(100..=10_000).contains(&high) || low > high => {
            "maximumPercent must be at least 100 and not less than minimumHealthyPercent." // text unverified
        }
        (Some(_), Some(_)) => {
            let strategy = &merged["strategy"];
            return match strategy == "ROLLING" {
                true => Ok(merged),
                false => {
                    Err(refuse::parameter(format!("Deployment strategy {strategy} is not simulated: ROLLING is.")))
                }
            };
        }
        _ => "maximumPercent and minimumHealthyPercent must be numbers.",
    };
    Err(refuse::parameter(why))
}

pub fn grace(grace: Option<i64>, plan: &Plan) -> Result<(), Refusal> {
    let unbalanced = plan.balancers.as_array().is_none_or(Vec::is_empty);
    match grace {
        Some(_) if unbalanced => {
            let why = "Health check grace period is only valid for services configured to use load balancers";
            Err(refuse::parameter(why))
        }
        Some(seconds) if !(0..=2_147_483_647).contains(&seconds) => {
            Err(refuse::parameter("healthCheckGracePeriodSeconds must be between 0 and 2147483647."))
        }
        _ => Ok(()),
    }
}

/// Commands in containers need a task role (Developer Guide, "ECS Exec"; text from public reports).
pub fn commands(world: &World, plan: &Plan, others: &Map<String, Json>, done: &str) -> Result<(), Refusal> {
    let role = definition::find(world, &plan.definition).is_some_and(|one| one.body["taskRoleArn"].is_string());
    if others.get("enableExecuteCommand") == Some(&json!(true)) && !role {
        return Err(refuse::parameter(format!(
            "The service couldn't be {done} because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again."
        )));
    }
    Ok(())
}

/// Desired counts: none below zero; 5000 tasks per service (service quotas).
pub fn desired(count: i64) -> Result<i64, Refusal> {
    match count {
        0..=5000 => Ok(count),
        _ => Err(refuse::parameter("desiredCount must be between 0 and 5000.")),
    }
}
