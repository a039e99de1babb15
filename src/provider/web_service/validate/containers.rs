//! What the containers of a task may be, each by itself and beside the others: the service's own and the sidecars.

use std::collections::{BTreeMap, BTreeSet};

use super::image::image;
use super::{complain, number};
use crate::aws::objects::task_definition::CONTAINER;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};
use crate::provider::web_service::model::Settings;

/// Where a container that is no sidecar says on whom it depends; a resource has an attribute `depends_on` of Terraform's.
const DEPENDS_ON: &str = "container_depends_on";
const CONDITIONS: [&str; 4] = ["START", "COMPLETE", "SUCCESS", "HEALTHY"];

/// Of the service's container at the root, and of each sidecar.
#[rustfmt::skip]
const EACH: &[(&str, Rule)] = &[
    ("image", Rule::Text(image)),
    ("port", Rule::Whole(1..=65535)),
    ("command", Rule::NoNulls),
    ("entry_point", Rule::NoNulls),
    ("environment", Rule::NoNulls),
    ("environment", Rule::Keys(variable)),
    ("secrets", Rule::NoNulls),
    ("secrets", Rule::Keys(variable)),
    ("secrets", Rule::EachHidden(secret)),
    ("working_directory", Rule::Text(directory)),
    ("user", Rule::Text(user)),
    ("stop_timeout", Rule::Whole(0..=120)),
    ("container_health_check.command", Rule::NoNulls),
    ("container_health_check.interval", Rule::Whole(5..=300)),
    ("container_health_check.timeout", Rule::Whole(2..=60)),
    ("container_health_check.retries", Rule::Whole(1..=10)),
    ("container_health_check.start_period", Rule::Whole(0..=300)),
    (DEPENDS_ON, Rule::NoNulls),
    (DEPENDS_ON, Rule::Each(condition)),
];

#[rustfmt::skip]
const SIDECAR: &[(&str, Rule)] = &[
    ("cpu", Rule::Whole(1..=16384)),
    ("memory", Rule::Whole(6..=122_880)),
    ("depends_on", Rule::NoNulls),
    ("depends_on", Rule::Each(condition)),
];

#[rustfmt::skip]
const ALL: &[(&str, Rule)] = &[
    ("sidecars", Rule::NoNulls),
    // AWS allows ten containers in a task.
    ("sidecars", Rule::Size(0..=9)),
    ("sidecars", Rule::Keys(name)),
];

/// A container, with its place in the configuration.
struct Container<'a> {
    name: &'a str,
    value: &'a Value,
    path: Path,
}

impl Container<'_> {
    fn is_serving(&self) -> bool {
        self.path.0.is_empty()
    }

    fn depends_on(&self) -> (&Value, Path) {
        let attribute = if self.is_serving() { DEPENDS_ON } else { "depends_on" };
        (self.value.member(attribute), self.path.clone().attribute(attribute))
    }

    /// What this container waits for.
    fn waits_for(&self) -> Vec<&str> {
        let (Value::Map(on), _) = self.depends_on() else { return Vec::new() };
        on.keys().map(String::as_str).collect()
    }

    /// Whether a condition can come true; unknown parts are taken for good.
    fn can_be(&self, condition: &str) -> Result<(), &'static str> {
        let check = self.value.member("container_health_check");
        let ends = !self.is_serving() && matches!(self.value.member("essential"), Value::Bool(false) | Value::Unknown);
        match condition {
            "HEALTHY" if check.is_null() => Err("has no container_health_check, so it is never HEALTHY"),
            "COMPLETE" | "SUCCESS" if !ends => Err("is essential: when it ends, the task ends"),
            _ => Ok(()),
        }
    }
}

fn all(config: &Value) -> Vec<Container<'_>> {
    let serving = Container { name: CONTAINER, value: config, path: Path::root() };
    let mut all = vec![serving];
    if let Value::Map(sidecars) = config.member("sidecars") {
        let path = |name: &str| Path::root().attribute("sidecars").key(name);
        all.extend(sidecars.iter().map(|(name, value)| Container { name, value, path: path(name) }));
    }
    all
}

/// What is wrong with each container by itself.
pub fn each(config: &Value) -> Vec<Diagnostic> {
    let mut told = rules::apply(config, ALL);
    for container in all(config) {
        told.extend(rules::apply_within(config, &container.path, EACH));
        if !container.is_serving() {
            told.extend(rules::apply_within(config, &container.path, SIDECAR));
        }
        told.extend(health_check(&container));
    }
    told
}

/// What is wrong with them together.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    let all = all(config);
    let each = all.iter().flat_map(|container| [twice_named(container), readable(config, container)]);
    let mut told: Vec<Diagnostic> = each.flatten().collect();
    told.extend(dependencies(&all));
    told.extend(ports(&all));
    told.extend(sizes(config, &all));
    told
}

fn health_check(container: &Container<'_>) -> Option<Diagnostic> {
    let path = container.path.clone().attribute("container_health_check").attribute("command");
    let check = container.value.member("container_health_check");
    let Value::List(words) = check.member("command") else { return None };
    let first = words.first().map_or(Some(""), |first| if first.is_unknown() { None } else { first.as_str() })?;
    let fits = matches!(first, "CMD" | "CMD-SHELL") && words.len() > 1;
    let why = "It begins with CMD or CMD-SHELL, and something to run follows.";
    (!fits).then(|| invalid(path, why))
}

/// A variable can have one value only.
fn twice_named(container: &Container<'_>) -> Option<Diagnostic> {
    let (Value::Map(plain), Value::Map(secrets)) =
        (container.value.member("environment"), container.value.member("secrets"))
    else {
        return None;
    };
    let name = secrets.keys().find(|name| plain.contains_key(*name))?;
    let why = "It is in environment too: a variable has one value.".to_owned();
    Some(invalid(container.path.clone().attribute("secrets").key(name), why))
}

/// ECS Exec writes into each container.
fn readable(config: &Value, container: &Container<'_>) -> Option<Diagnostic> {
    let both = *config.member("enable_execute_command") == Value::Bool(true)
        && *container.value.member("readonly_root_filesystem") == Value::Bool(true);
    let why = "ECS Exec needs a root file system that it can write to: enable_execute_command is true.";
    both.then(|| invalid(container.path.clone().attribute("readonly_root_filesystem"), why))
}

fn dependencies(all: &[Container<'_>]) -> Vec<Diagnostic> {
    let named = |name: &str| all.iter().find(|container| container.name == name);
    let mut told = Vec::new();
    for container in all {
        let (Value::Map(on), path) = container.depends_on() else { continue };
        for (name, condition) in on {
            let path = path.clone().key(name);
            let wrong = match (named(name), condition.as_str()) {
                (None, _) => Some(format!("There is no container {name:?}: there are {}.", names(all))),
                (Some(other), Some(condition)) => {
                    other.can_be(condition).err().map(|why| format!("The container {name:?} {why}."))
                }
                (Some(_), None) => None,
            };
            told.extend(wrong.map(|why| invalid(path, why)));
        }
    }
    if told.is_empty() {
        told.extend(circle(all));
    }
    told
}

fn names(all: &[Container<'_>]) -> String {
    all.iter().map(|container| container.name).collect::<Vec<_>>().join(", ")
}

/// A container that waits for itself, over whichever others: told once, where one of them says so.
fn circle(all: &[Container<'_>]) -> Option<Diagnostic> {
    let waits: BTreeMap<&str, Vec<&str>> =
        all.iter().map(|container| (container.name, container.waits_for())).collect();
    let reaches = |from: &str| {
        let (mut reached, mut next) = (BTreeSet::new(), waits.get(from).cloned().unwrap_or_default());
        while let Some(name) = next.pop() {
            if reached.insert(name) {
                next.extend(waits.get(name).into_iter().flatten());
            }
        }
        reached
    };
    let container = all.iter().find(|container| reaches(container.name).contains(container.name))?;
    let others = reaches(container.name);
    let on = container.waits_for().into_iter().find(|on| *on == container.name || reaches(on).contains(container.name));
    let why = format!(
        "The container {:?} waits for itself: those it depends on, directly or through others, are {}.",
        container.name,
        others.into_iter().collect::<Vec<_>>().join(", ")
    );
    Some(invalid(container.depends_on().1.key(on.unwrap_or_default()), why))
}

/// The containers of a task share one network interface.
fn ports(all: &[Container<'_>]) -> Vec<Diagnostic> {
    let default = Settings::named("").port;
    let port = |container: &Container<'_>| match container.value.member("port") {
        Value::Null if container.is_serving() => Some(default),
        _ => number(container.value, "port").and_then(|port| u16::try_from(port).ok()),
    };
    let mut taken: BTreeMap<u16, &str> = BTreeMap::new();
    let mut told = Vec::new();
    for container in all {
        let Some(port) = port(container) else { continue };
        if let Some(other) = taken.insert(port, container.name) {
            let why = format!("The container {other:?} listens on port {port} already: all share the task's network.");
            told.push(invalid(container.path.clone().attribute("port"), why));
        }
    }
    told
}

/// The sidecars' shares of the task.
fn sizes(config: &Value, all: &[Container<'_>]) -> Vec<Diagnostic> {
    let settings = Settings::named("");
    let task = |attribute: &str, default: u32| match config.member(attribute) {
        Value::Null => Some(default),
        _ => number(config, attribute),
    };
    let sum = |attribute: &str| -> u64 {
        let sidecars = all.iter().filter(|container| !container.is_serving());
        sidecars.filter_map(|sidecar| number(sidecar.value, attribute)).map(u64::from).sum()
    };
    let mut told = Vec::new();
    if let Some(cpu) = task("cpu", settings.cpu).filter(|cpu| sum("cpu") > u64::from(*cpu)) {
        let why = format!("Their cpu is {} together, and the whole task's is {cpu}.", sum("cpu"));
        told.push(invalid("sidecars", why));
    }
    if let Some(memory) = task("memory", settings.memory).filter(|memory| sum("memory") >= u64::from(*memory)) {
        let why = format!(
            "Their memory is {} MiB together, which leaves the service's container nothing of the task's {memory}.",
            sum("memory")
        );
        told.push(invalid("sidecars", why));
    }
    told
}

fn name(text: &str) -> Option<String> {
    if text == CONTAINER {
        return Some("is the name of the service's own container".into());
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    complain(
        (1..=255).contains(&text.len()) && text.bytes().all(allowed),
        "is not a container name of 1 to 255 letters, digits, hyphens and underscores",
    )
}

fn variable(name: &str) -> Option<String> {
    complain(
        !name.is_empty() && !name.contains(['=', '\0']),
        "is no name of an environment variable: it is empty or has a =",
    )
}

/// A reference, never a value: that would stand in the state for all to read.
fn secret(text: &str) -> Option<String> {
    let fits = match text.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", partition, service, region, account, resource] => {
            let stands =
                partition.starts_with("aws") && rules::region(region).is_none() && rules::account_id(account).is_none();
            let parts: Vec<&str> = resource.split(':').collect();
            let named = match (service, &parts[..]) {
                ("ssm", [name]) => name.strip_prefix("parameter/").is_some_and(|name| !name.is_empty()),
                ("secretsmanager", ["secret", name]) => !name.is_empty(),
                ("secretsmanager", ["secret", name, _, stage, id]) => {
                    // A version is told by its stage or by its ID.
                    !name.is_empty() && (stage.is_empty() || id.is_empty())
                }
                _ => false,
            };
            stands && named && !text.contains(char::is_whitespace)
        }
        _ => false,
    };
    complain(
        fits,
        "is not the ARN of an SSM parameter (arn:aws:ssm:REGION:ACCOUNT:parameter/NAME) or of a Secrets Manager secret \
         (arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-123456, with :JSON-KEY:VERSION-STAGE:VERSION-ID after it if wanted)",
    )
}

fn directory(text: &str) -> Option<String> {
    complain(text.starts_with('/'), "is not an absolute path: it doesn't begin with /")
}

fn user(text: &str) -> Option<String> {
    let part = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    let fits = match text.split(':').collect::<Vec<_>>()[..] {
        [user] => part(user),
        [user, group] => part(user) && part(group),
        _ => false,
    };
    complain(fits, "is not a user such as \"nginx\", \"1000\" or \"1000:1000\"")
}

fn condition(text: &str) -> Option<String> {
    complain(CONDITIONS.contains(&text), "is not one of \"START\", \"COMPLETE\", \"SUCCESS\", \"HEALTHY\"")
}

#[cfg(test)]
mod tests;
