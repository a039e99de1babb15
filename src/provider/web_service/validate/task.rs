//! What a task and its container may be.

use super::{complain, number};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{Rule, invalid};
use crate::provider::web_service::model::Settings;

/// CPU of a task, and what memory goes with it: from, to, in steps of (MiB; ECS developer guide, task size).
const SIZES: &[(u32, u32, u32, u32)] = &[
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("image", Rule::Text(image)),
    ("port", Rule::Whole(1..=65535)),
    ("cpu", Rule::OneOf(&[256, 512, 1024, 2048, 4096, 8192, 16384])),
    ("memory", Rule::Whole(512..=122_880)),
    ("command", Rule::NoNulls),
    ("environment", Rule::NoNulls),
    ("environment", Rule::Keys(variable)),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    size(config).into_iter().collect()
}

fn size(config: &Value) -> Option<Diagnostic> {
    let unknown = |path: &str| config.at(&Path::from(path)).is_some_and(Value::is_unknown);
    if unknown("cpu") || unknown("memory") {
        return None;
    }
    let settings = Settings::named("");
    let (cpu, memory) = (number(config, "cpu"), number(config, "memory"));
    let at = if memory.is_some() { "memory" } else { "cpu" };
    let (cpu, memory) = (cpu.unwrap_or(settings.cpu), memory.unwrap_or(settings.memory));
    let (_, from, to, step) = SIZES.iter().find(|(size, ..)| *size == cpu)?;
    let fits = (*from..=*to).contains(&memory) && (memory - from).is_multiple_of(*step);
    (!fits).then(|| {
        let steps = format!("from {from} to {to} in steps of {step}");
        invalid(at, format!("With cpu = {cpu}, Fargate knows memory {steps} MiB, not {memory}."))
    })
}

/// The grammar of container image references, as far as registries enforce it.
fn image(text: &str) -> Option<String> {
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("is not a container image: it is empty or has spaces".into());
    }
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    let hex = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
    if digest.is_some_and(|digest| !digest.strip_prefix("sha256:").is_some_and(hex)) {
        return Some("has no digest of the form sha256:<64 hexadecimal digits> after @".into());
    }
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, rest),
    };
    let (path, tag) = path.rsplit_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
    let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if tag.is_some_and(|tag| !(1..=128).contains(&tag.len()) || !tag.chars().all(word) || tag.starts_with(['.', '-'])) {
        return Some("has no tag of 1 to 128 letters, digits, dots, hyphens and underscores after :".into());
    }
    let lower = |c: char| word(c) && !c.is_ascii_uppercase();
    let component = |part: &str| {
        part.chars().all(lower)
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !part.ends_with(['.', '-', '_'])
    };
    let host_fits = host.is_none_or(|host| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c)));
    complain(
        host_fits && path.split('/').all(component),
        "is not a container image: repositories are lower-case letters, digits and . _ -, separated by /",
    )
}

fn variable(name: &str) -> Option<String> {
    complain(
        !name.is_empty() && !name.contains(['=', '\0']),
        "is no name of an environment variable: it is empty or has a =",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_from_what_is_none() {
        let digest = "0123456789abcdef".repeat(4);
        for good in [
            "nginx".to_owned(),
            "nginx:1.27".into(),
            "public.ecr.aws/nginx/nginx:stable".into(),
            "localhost:5000/a/b".into(),
            format!("123456789012.dkr.ecr.eu-west-3.amazonaws.com/team/shop:1@sha256:{digest}"),
        ] {
            assert_eq!(image(&good), None, "{good}");
        }
        for bad in ["", "a b", "Nginx", "nginx:", "nginx@sha256:12", "a//b", "https://docker.io/nginx", "nginx:-x"] {
            assert!(image(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn every_pair_of_cpu_and_memory_that_fargate_knows_is_taken_and_no_other() {
        let fits = |cpu: u32, memory: u32| {
            size(&Value::object([("cpu", Value::from(i64::from(cpu))), ("memory", Value::from(i64::from(memory)))]))
                .is_none()
        };
        for (cpu, from, to, step) in SIZES {
            assert!((*from..=*to).step_by(*step as usize).all(|memory| fits(*cpu, memory)), "{cpu}");
            assert!(!fits(*cpu, from - 1) && !fits(*cpu, to + step) && !fits(*cpu, from + 1), "{cpu}");
        }
    }
}
