//! What else Fargate looks at in a task definition: platform, storage, and how the containers depend on each other. Codes as for
//! the rest of the definition; the texts are unverified.

use super::refuse;
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

pub fn task(ask: &Ask) -> Result<(), Refusal> {
    platform(&ask.part("runtimePlatform"))?;
    // API reference, EphemeralStorage: 21 to 200 GiB.
    let storage = ask.part("ephemeralStorage");
    if !ask.get("ephemeralStorage").is_null()
        && !storage.number("sizeInGiB").is_some_and(|size| (21..=200).contains(&size))
    {
        return Err(refuse::client("Ephemeral storage size must be between 21 and 200 GiB."));
    }
    let containers = ask.parts("containerDefinitions");
    containers.iter().try_for_each(|one| container(ask, one))?;
    containers.iter().try_for_each(|one| dependencies(one, &containers))?;
    if containers.iter().any(|one| in_a_circle(one, &containers)) {
        return Err(refuse::client("Container dependencies must not be circular."));
    }
    Ok(())
}

/// API reference, RuntimePlatform. Windows is not simulated.
fn platform(platform: &Ask) -> Result<(), Refusal> {
    match platform.text("cpuArchitecture") {
        None | Some("X86_64" | "ARM64") => {}
        Some(other) => return Err(refuse::client(format!("Invalid cpuArchitecture '{other}': X86_64 or ARM64."))),
    }
    match platform.text("operatingSystemFamily") {
        None | Some("LINUX") => Ok(()),
        Some(other) => Err(refuse::client(format!("operatingSystemFamily '{other}' is not simulated: LINUX is."))),
    }
}

fn container(ask: &Ask, one: &Ask) -> Result<(), Refusal> {
    let name = one.text("name").unwrap_or_default();
    let within = |holder: &Ask, member: &str, low: i64, high: i64| {
        let given = !holder.get(member).is_null();
        match given && !holder.number(member).is_some_and(|number| (low..=high).contains(&number)) {
            true => Err(refuse::client(format!("{member} of container {name} must be between {low} and {high}."))),
            false => Ok(()),
        }
    };
    // API reference, ContainerDefinition: up to 120 seconds on Fargate.
    within(one, "stopTimeout", 0, 120)?;
    within(one, "startTimeout", 2, 120)?;
    // API reference, HealthCheck.
    let check = one.part("healthCheck");
    for (member, low, high) in [("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300)] {
        within(&check, member, low, high)?;
    }
    if !one.get("healthCheck").is_null()
        && !matches!(check.texts("command").first().map(String::as_str), Some("CMD" | "CMD-SHELL" | "NONE"))
    {
        return Err(refuse::client(format!(
            "The health check command of container {name} must begin with CMD or CMD-SHELL."
        )));
    }
    // API reference, Secret: by ARN or, in the same region, by a parameter's name; fetched by the execution role.
    for secret in one.parts("secrets") {
        if secret.text("name").unwrap_or_default().is_empty() || secret.text("valueFrom").unwrap_or_default().is_empty()
        {
            return Err(refuse::client(format!("A secret of container {name} needs a name and a valueFrom.")));
        }
        if ask.text("executionRoleArn").is_none() {
            let why = "Fargate requires task definition to have execution role ARN to support secrets.";
            return Err(refuse::client(why));
        }
        let twice = |one: &Ask| one.text("name") == secret.text("name");
        if one.parts("environment").iter().any(twice) {
            let why = format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '{}'.",
                secret.text("name").unwrap_or_default()
            );
            return Err(refuse::client(why));
        }
    }
    // Developer Guide, "Fargate task definition differences".
    match one.truth("privileged") {
        Some(true) => Err(refuse::client("Fargate doesn't support privileged containers.")),
        _ => Ok(()),
    }
}

/// API reference, ContainerDependency: START, COMPLETE, SUCCESS, HEALTHY.
fn dependencies(one: &Ask, all: &[Ask]) -> Result<(), Refusal> {
    let name = one.text("name").unwrap_or_default();
    for on in one.parts("dependsOn") {
        let missing =
            || refuse::client(format!("Container {name} depends on a container that is not in the definition."));
        let other = all.iter().find(|one| one.text("name") == on.text("containerName")).ok_or_else(missing)?;
        let essential = other.truth("essential") != Some(false);
        match on.text("condition") {
            Some("START") => {}
            Some("HEALTHY") if !other.get("healthCheck").is_null() => {}
            Some("HEALTHY") => {
                return Err(refuse::client("A container that others wait for to be HEALTHY needs a health check."));
            }
            Some("COMPLETE" | "SUCCESS") if !essential => {}
            Some("COMPLETE" | "SUCCESS") => {
                return Err(refuse::client("A container that others wait for to end must not be essential."));
            }
            _ => return Err(refuse::client("The condition must be one of START, COMPLETE, SUCCESS, HEALTHY.")),
        }
    }
    Ok(())
}

/// Whether a container depends on itself, over whichever others.
fn in_a_circle(one: &Ask, all: &[Ask]) -> bool {
    let mut reached: Vec<String> = Vec::new();
    let mut next = vec![one.clone()];
    while let Some(from) = next.pop() {
        for name in from.parts("dependsOn").iter().filter_map(|on| on.text("containerName")) {
            if !reached.iter().any(|there| there == name) {
                reached.push(name.to_owned());
                next.extend(all.iter().filter(|one| one.text("name") == Some(name)).cloned());
            }
        }
    }
    one.text("name").is_some_and(|name| reached.iter().any(|there| there == name))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fake::{but, call, definition, refused, world};

    fn with(member: &str, value: Json) -> Json {
        let mut ask = definition("nginx");
        ask["containerDefinitions"][0][member] = value;
        ask
    }

    /// With a sidecar, and what the application depends on.
    fn side(sidecar: Json, on: Json) -> Json {
        let mut ask = with("dependsOn", on);
        ask["containerDefinitions"].as_array_mut().unwrap().push(sidecar);
        ask
    }

    #[test]
    fn each_wrong_platform_container_and_dependency_is_refused() {
        let mut world = world();
        let on = |name: &str, condition: &str| json!([{ "containerName": name, "condition": condition }]);
        let sidecar = json!({ "name": "side", "image": "x", "essential": false });
        let secret =
            |name: &str| json!([{ "name": name, "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/p" }]);
        let mut shared = with("secrets", secret("A"));
        shared["containerDefinitions"][0]["environment"] = json!([{ "name": "A", "value": "" }]);
        let mut bare = but(with("secrets", secret("A")), "executionRoleArn", Json::Null);
        bare["containerDefinitions"][0]["logConfiguration"] = Json::Null;
        let check =
            |member: &str, value: i64| with("healthCheck", json!({ "command": ["CMD", "true"], member: value }));
        for (ask, expected) in [
            (but(definition("nginx"), "runtimePlatform", json!({ "cpuArchitecture": "MIPS" })), "cpuArchitecture"),
            (
                but(definition("nginx"), "runtimePlatform", json!({ "operatingSystemFamily": "WINDOWS" })),
                "not simulated",
            ),
            (but(definition("nginx"), "ephemeralStorage", json!({ "sizeInGiB": 20 })), "between 21 and 200"),
            (but(definition("nginx"), "ephemeralStorage", json!({ "sizeInGiB": 201 })), "between 21 and 200"),
            (with("stopTimeout", json!(121)), "stopTimeout"),
            (with("privileged", json!(true)), "privileged"),
            (check("interval", 4), "interval"),
            (check("timeout", 61), "timeout"),
            (check("retries", 11), "retries"),
            (check("startPeriod", 301), "startPeriod"),
            (with("healthCheck", json!({ "command": [] })), "begin with CMD"),
            (with("secrets", json!([{ "name": "A" }])), "valueFrom"),
            (shared, "must be unique"),
            (bare, "execution role ARN"),
            (side(sidecar.clone(), on("none", "START")), "not in the definition"),
            (side(sidecar.clone(), on("side", "READY")), "one of START"),
            (side(sidecar.clone(), on("side", "HEALTHY")), "needs a health check"),
            (side(but(sidecar.clone(), "essential", json!(true)), on("side", "SUCCESS")), "not be essential"),
            (side(but(sidecar.clone(), "dependsOn", on("app", "START")), on("side", "START")), "circular"),
        ] {
            let told = refused(&mut world, "RegisterTaskDefinition", ask);
            assert!(told.starts_with("ClientException") && told.contains(expected), "{expected}: {told}");
        }
        let good = side(sidecar, on("side", "SUCCESS"));
        let good =
            but(good, "runtimePlatform", json!({ "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" }));
        let good = but(good, "ephemeralStorage", json!({ "sizeInGiB": 200 }));
        let made = call(&mut world, "RegisterTaskDefinition", good).unwrap();
        assert_eq!(made["taskDefinition"]["containerDefinitions"][0]["dependsOn"], on("side", "SUCCESS"));
        assert_eq!(made["taskDefinition"]["runtimePlatform"]["cpuArchitecture"], "ARM64");
    }
}
