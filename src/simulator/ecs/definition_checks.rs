//! What a task definition must be to run on Fargate, and the values that AWS fills in. Texts are from public reports of
//! the real API where nothing else is said.

use serde_json::{Map, Value as Json, json};

use super::{fargate, refuse};
use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

/// Members that are answered as they were given.
const KEPT: &[&str] = &[
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "requiresCompatibilities",
    "runtimePlatform",
    "ephemeralStorage",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
];

/// The members of a container definition (API reference, ContainerDefinition); others are taken no notice of, as in every
/// JSON protocol of AWS.
const CONTAINER: &[&str] = &[
    "command",
    "cpu",
    "credentialSpecs",
    "dependsOn",
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerLabels",
    "dockerSecurityOptions",
    "entryPoint",
    "environment",
    "environmentFiles",
    "essential",
    "extraHosts",
    "firelensConfiguration",
    "healthCheck",
    "hostname",
    "image",
    "interactive",
    "links",
    "linuxParameters",
    "logConfiguration",
    "memory",
    "memoryReservation",
    "mountPoints",
    "name",
    "portMappings",
    "privileged",
    "pseudoTerminal",
    "readonlyRootFilesystem",
    "repositoryCredentials",
    "resourceRequirements",
    "restartPolicy",
    "secrets",
    "startTimeout",
    "stopTimeout",
    "systemControls",
    "ulimits",
    "user",
    "versionConsistency",
    "volumesFrom",
    "workingDirectory",
];

/// The definition as it is answered, without ARN and revision.
pub fn body(ask: &Ask) -> Result<Json, Refusal> {
    let family = ask.text("family").unwrap_or_default();
    if !refuse::good_name(family) {
        return Err(refuse::client("Family contains invalid characters."));
    }
    let fargate = ask.texts("requiresCompatibilities").iter().any(|one| one == "FARGATE");
    for role in ["taskRoleArn", "executionRoleArn"] {
        if ask.text(role).is_some_and(|arn| arn.starts_with("arn:") && !arn.contains(":role/")) {
            return Err(refuse::client("Role is not valid"));
        }
    }
    let mut body = Map::new();
    for name in KEPT {
        let value = ask.get(name);
        if !value.is_null() {
            body.insert((*name).into(), value.clone());
        }
    }
    if fargate {
        super::container_checks::task(ask)?;
    }
    let size = if fargate { Some(size(ask)?) } else { None };
    if let Some((cpu, memory)) = size {
        body.insert("cpu".into(), cpu.to_string().into());
        body.insert("memory".into(), memory.to_string().into());
    }
    let awsvpc = ask.text("networkMode") == Some("awsvpc");
    body.insert("containerDefinitions".into(), containers(ask, fargate, awsvpc, size)?);
    let compatible = if awsvpc { json!(["EC2", "FARGATE"]) } else { json!(["EC2"]) };
    body.insert("compatibilities".into(), compatible);
    for (name, empty) in
        [("volumes", json!([])), ("placementConstraints", json!([])), ("requiresAttributes", json!([]))]
    {
        body.insert(name.into(), ask.get(name).as_array().map_or(empty, |given| json!(given)));
    }
    Ok(body.into())
}

fn size(ask: &Ask) -> Result<(i64, i64), Refusal> {
    if ask.text("networkMode") != Some("awsvpc") {
        return Err(refuse::client("Fargate only supports network mode ‘awsvpc’."));
    }
    let missing = |what: &str| refuse::client(format!("Fargate requires that '{what}' be defined at the task level."));
    let invalid = |what: &str| refuse::client(format!("Invalid '{what}' setting for task."));
    let cpu = ask.text("cpu").ok_or_else(|| missing("cpu"))?;
    let memory = ask.text("memory").ok_or_else(|| missing("memory"))?;
    let cpu = fargate::cpu(cpu).ok_or_else(|| invalid("cpu"))?;
    let memory = fargate::memory(memory).ok_or_else(|| invalid("memory"))?;
    if !fargate::is_a_pair(cpu, memory) {
        return Err(refuse::client(format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."
        )));
    }
    Ok((cpu, memory))
}

fn containers(ask: &Ask, fargate: bool, awsvpc: bool, size: Option<(i64, i64)>) -> Result<Json, Refusal> {
    let given = ask.parts("containerDefinitions");
    if given.is_empty() {
        return Err(refuse::client("Container definitions should not be empty."));
    }
    // Service quotas: containers per task definition.
    if given.len() > 10 {
        return Err(refuse::client("Too many container definitions: the maximum is 10."));
    }
    let names: Vec<&str> = given.iter().filter_map(|one| one.text("name")).collect();
    if (1..names.len()).any(|at| names[at..].contains(&names[at - 1])) {
        return Err(refuse::client("Container names must be unique within a task definition."));
    }
    // API reference, ContainerDefinition: all tasks must have at least one essential container.
    if given.iter().all(|one| one.truth("essential") == Some(false)) {
        return Err(refuse::client("The task definition must have at least one essential container."));
    }
    let sum = |member: &str| given.iter().filter_map(|one| one.number(member)).fold(0, i64::saturating_add);
    if size.is_some_and(|(cpu, _)| sum("cpu") > cpu) {
        return Err(refuse::client(
            "The sum of all container cpu values cannot be greater than the value of the task cpu.",
        ));
    }
    if let Some((_, memory)) = size
        && given.iter().any(|one| one.number("memory").is_some_and(|of_one| of_one > memory))
    {
        return Err(refuse::client(
            "Invalid setting for container memory. The container memory must not exceed the task memory.",
        ));
    }
    given.iter().map(|one| container(ask, one, fargate, awsvpc)).collect()
}

fn container(ask: &Ask, one: &Ask, fargate: bool, awsvpc: bool) -> Result<Json, Refusal> {
    for member in ["name", "image"] {
        if one.text(member).unwrap_or_default().is_empty() {
            return Err(refuse::client(format!("Container.{member} should not be null or empty.")));
        }
    }
    let awslogs = one.part("logConfiguration").text("logDriver") == Some("awslogs");
    if fargate && awslogs && ask.text("executionRoleArn").is_none() {
        let why = "Fargate requires task definition to have execution role ARN to support log driver awslogs.";
        return Err(refuse::client(why));
    }
    let mut ports = Vec::new();
    for port in one.parts("portMappings") {
        let number = port.number("containerPort").filter(|number| (1..=65_535).contains(number));
        let number = number.ok_or_else(|| refuse::client("Invalid containerPort: it must be between 1 and 65535."))?;
        if awsvpc && port.number("hostPort").is_some_and(|host| host != number) {
            let why = "When networkMode=awsvpc, the host ports and container ports in port mappings must match.";
            return Err(refuse::client(why));
        }
        let mut port = port.0;
        if awsvpc {
            port["hostPort"] = number.into();
        }
        if port["protocol"].is_null() {
            port["protocol"] = "tcp".into();
        }
        ports.push(port);
    }
    let mut view = one.0.clone();
    if let Some(members) = view.as_object_mut() {
        members.retain(|name, _| CONTAINER.contains(&name.as_str()));
    }
    view["portMappings"] = ports.into();
    for (name, usual) in [
        ("essential", json!(true)),
        ("cpu", json!(0)),
        ("environment", json!([])),
        ("mountPoints", json!([])),
        ("volumesFrom", json!([])),
    ] {
        if view[name].is_null() {
            view[name] = usual;
        }
    }
    Ok(view)
}

#[cfg(test)]
mod tests {
    use super::super::fake::{but, call, definition, refused, world};
    use super::*;

    #[test]
    fn each_wrong_definition_is_refused() {
        let mut world = world();
        let good = definition("nginx");
        let mut container = good["containerDefinitions"][0].clone();
        container["portMappings"][0]["hostPort"] = json!(81);
        let optional = but(good["containerDefinitions"][0].clone(), "essential", json!(false));
        let unnamed = json!([{ "image": "nginx" }]);
        let huge = but(good["containerDefinitions"][0].clone(), "memory", json!(1024));
        let busy = but(good["containerDefinitions"][0].clone(), "cpu", json!(512));
        let eleven: Vec<Json> = (0..11).map(|at| json!({ "name": format!("c{at}"), "image": "nginx" })).collect();
        let twins = json!([good["containerDefinitions"][0], good["containerDefinitions"][0]]);
        for (member, value, expected) in [
            ("family", json!("a b"), "ClientException: Family contains invalid characters."),
            ("networkMode", json!("bridge"), "only supports network mode"),
            ("cpu", Json::Null, "'cpu' be defined"),
            ("memory", Json::Null, "'memory' be defined"),
            ("cpu", json!("many"), "Invalid 'cpu'"),
            ("memory", json!("4096"), "No Fargate configuration exists for given values: 256 CPU, 4096 memory."),
            ("containerDefinitions", json!([]), "should not be empty"),
            ("containerDefinitions", json!([container]), "host ports and container ports"),
            ("containerDefinitions", json!([optional]), "essential"),
            ("containerDefinitions", unnamed, "Container.name should not be null or empty."),
            ("containerDefinitions", json!([huge]), "task memory"),
            ("containerDefinitions", json!([busy]), "task cpu"),
            ("containerDefinitions", twins, "unique"),
            ("containerDefinitions", json!(eleven), "the maximum is 10"),
            ("containerDefinitions", json!([{ "name": "a", "image": "b", "portMappings": [{}] }]), "containerPort"),
            ("executionRoleArn", Json::Null, "execution role ARN to support log driver awslogs"),
            ("taskRoleArn", json!("arn:aws:iam::1:user/x"), "Role is not valid"),
        ] {
            let told = refused(&mut world, "RegisterTaskDefinition", but(good.clone(), member, value));
            assert!(told.starts_with("ClientException") && told.contains(expected), "{member}: {told}");
        }
    }

    #[test]
    fn what_no_container_has_is_left_out() {
        let mut world = world();
        let mut ask = definition("nginx");
        ask["containerDefinitions"][0]["ulimits"] = json!([{ "name": "nofile", "softLimit": 1, "hardLimit": 2 }]);
        ask["containerDefinitions"][0]["ulimitz"] = json!([]);
        let made = call(&mut world, "RegisterTaskDefinition", ask).unwrap();
        let container = &made["taskDefinition"]["containerDefinitions"][0];
        assert_eq!((&container["ulimits"][0]["hardLimit"], container.get("ulimitz")), (&json!(2), None));
    }

    #[test]
    fn values_are_filled_in() {
        let mut world = world();
        let made =
            call(&mut world, "RegisterTaskDefinition", but(definition("nginx"), "cpu", json!(".25 vCPU"))).unwrap();
        let made = &made["taskDefinition"];
        assert_eq!((&made["cpu"], &made["memory"], &made["revision"]), (&json!("256"), &json!("512"), &json!(1)));
        let port = &made["containerDefinitions"][0]["portMappings"][0];
        assert_eq!(*port, json!({ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }));
        assert_eq!(made["containerDefinitions"][0]["essential"], json!(true));
        assert_eq!(made["status"], "ACTIVE");
    }
}
