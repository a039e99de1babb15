//! What a task needs to come up, and what it is told when that isn't there (Developer Guide, "Stopped tasks error messages").

use serde_json::Value as Json;

use super::containers::{self, Course};
use super::task::Task;
use super::{definition, image, outside};
use crate::simulator::ask::Ask;
use crate::simulator::world::World;

pub const NO_GROUP: &str = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.";

/// Which role of a task definition ECS can't assume, in its words (public reports of service events). A fresh one takes a
/// while.
pub fn role_in_the_way(world: &World, definition: &str) -> Option<String> {
    let body = &definition::find(world, definition)?.body;
    let roles = ["executionRoleArn", "taskRoleArn"].into_iter().filter_map(|role| body[role].as_str());
    let arn = roles.into_iter().find(|arn| !outside::role_usable(world, arn))?;
    Some(format!(
        "ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
    ))
}

/// What the execution role may not do and would have to: images of ECR, secrets, log streams.
fn not_allowed(world: &World, body: &Json, task: &Task) -> Option<String> {
    let role = body["executionRoleArn"].as_str()?;
    let containers = Ask(body.clone()).parts("containerDefinitions");
    let denied = |action: &str| !outside::allows(world, role, action);
    let user = format!(
        "User: arn:aws:sts::{}:assumed-role/{}/{} is not authorized to perform",
        world.account,
        role.rsplit('/').next().unwrap_or_default(),
        task.id
    );
    let of_ecr = |one: &Ask| one.text("image").is_some_and(|image| image.contains(".dkr.ecr."));
    let action = "ecr:GetAuthorizationToken";
    if containers.iter().any(of_ecr) && denied(action) {
        return Some(format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: {user}: {action} on resource: * because no identity-based policy allows the {action} action"
        ));
    }
    let secrets = containers.iter().flat_map(|one| one.parts("secrets"));
    let fetches = secrets.filter_map(|one| match one.text("valueFrom")?.contains(":secretsmanager:") {
        true => Some("secretsmanager:GetSecretValue"),
        false => Some("ssm:GetParameters"),
    });
    if let Some(action) = fetches.into_iter().find(|action| denied(action)) {
        return Some(format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret: service call has been retried 1 time(s): AccessDeniedException: {user}: {action} because no identity-based policy allows the {action} action"
        ));
    }
    let logged = |one: &Ask| one.part("logConfiguration").text("logDriver") == Some("awslogs");
    let action = "logs:CreateLogStream";
    (containers.iter().any(logged) && denied(action)).then(|| {
        format!(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: {user}: {action} because no identity-based policy allows the {action} action"
        )
    })
}

/// Why it can't come up (Developer Guide, "Stopped tasks error messages").
pub fn obstacle(world: &mut World, task: &Task) -> Option<String> {
    let body = definition::find(world, &task.definition)?.body.clone();
    if let Some(why) = role_in_the_way(world, &task.definition).or_else(|| not_allowed(world, &body, task)) {
        return Some(why);
    }
    if !outside::has_way_out(world, &task.subnet, task.public_ip) {
        let image = body["containerDefinitions"][0]["image"].as_str().unwrap_or_default();
        return Some(format!(
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: failed to do request: dial tcp: i/o timeout"
        ));
    }
    let secrets = Ask(body.clone()).parts("containerDefinitions").into_iter().flat_map(|one| one.parts("secrets"));
    let missing = secrets.into_iter().find_map(|one| outside::missing_secret(world, one.text("valueFrom")?));
    if missing.is_some() {
        return missing;
    }
    // All images are pulled before any container starts (unverified for those that aren't essential).
    let containers = Ask(body.clone()).parts("containerDefinitions");
    let mut pulls = containers.iter().filter_map(|one| image::behaviour(one.text("image")?).pull);
    if let Some(why) = pulls.next() {
        let arm = body["runtimePlatform"]["cpuArchitecture"] == "ARM64";
        let why = if arm { why.replace("linux/amd64", "linux/arm64") } else { why };
        return Some(format!("CannotPullContainerError: pull image manifest has been retried 1 time(s): {why}"));
    }
    let at_once = |course: &Course| course.start == Ok(0.0);
    (!write(world, task, &at_once, "started")).then(|| NO_GROUP.to_owned())
}

/// A line in the log stream of each container that speaks; false if a group doesn't exist.
pub fn write(world: &mut World, task: &Task, speaks: &dyn Fn(&Course) -> bool, line: &str) -> bool {
    let containers = definition::find(world, &task.definition).map(|one| one.containers()).unwrap_or_default();
    let speaking: Vec<String> = containers::courses(&containers)
        .into_iter()
        .filter(|course| speaks(course))
        .map(|course| course.name)
        .collect();
    let containers = containers.iter().filter(|one| speaking.iter().any(|name| one.text("name") == Some(name)));
    containers.fold(true, |so_far, one| {
        let logs = one.part("logConfiguration");
        let options = logs.part("options");
        match (logs.text("logDriver"), options.text("awslogs-group")) {
            (Some("awslogs"), Some(group)) => {
                let prefix = options.text("awslogs-stream-prefix").unwrap_or("ecs");
                let stream = format!("{prefix}/{}/{}", one.text("name").unwrap_or_default(), task.id);
                outside::write_line(world, group, &stream, line) && so_far
            }
            _ => so_far,
        }
    })
}
