//! What AWS would refuse, told before AWS is asked, at the attribute it is about. Pure and offline.

use std::collections::BTreeSet;

use super::blueprint::zone_slot;
use super::model::{Settings, Tags};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};

/// The periods that CloudWatch Logs knows (API reference, PutRetentionPolicy).
const RETENTION: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

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

/// AWS allows 50 tags on an object; three are ours.
const MOST_TAGS: usize = 47;

#[rustfmt::skip]
const RULES: &[(&str, Rule)] = &[
    ("name", Rule::Text(name)),
    ("image", Rule::Text(image)),
    ("port", Rule::Whole(1..=65535)),
    ("cpu", Rule::OneOf(&[256, 512, 1024, 2048, 4096, 8192, 16384])),
    ("memory", Rule::Whole(512..=122_880)),
    ("desired_count", Rule::Whole(0..=5000)),
    ("command", Rule::NoNulls),
    ("environment", Rule::NoNulls),
    ("environment", Rule::Keys(variable)),
    ("health_check.path", Rule::Text(health_check_path)),
    ("health_check.matcher", Rule::Text(matcher)),
    ("health_check.interval", Rule::Whole(5..=300)),
    ("health_check.timeout", Rule::Whole(2..=120)),
    ("health_check.healthy_threshold", Rule::Whole(2..=10)),
    ("health_check.unhealthy_threshold", Rule::Whole(2..=10)),
    ("health_check.port", Rule::Whole(1..=65535)),
    ("health_check.protocol", Rule::Words(&["HTTP", "HTTPS"])),
    ("health_check.grace_period", Rule::Whole(0..=2_147_483_647)),
    ("network.cidr_block", Rule::Text(network_block)),
    ("network.availability_zones", Rule::NoNulls),
    ("network.availability_zones", Rule::Size(2..=8)),
    ("network.availability_zones", Rule::Each(zone)),
    ("network.availability_zone_count", Rule::Whole(2..=8)),
    ("network.egress", Rule::Words(&["nat_per_az", "nat_single", "public"])),
    ("load_balancer.allowed_cidr_blocks", Rule::NoNulls),
    ("load_balancer.allowed_cidr_blocks", Rule::Size(1..=55)),
    ("load_balancer.allowed_cidr_blocks", Rule::Each(rules::cidr_block)),
    ("load_balancer.idle_timeout", Rule::Whole(1..=4000)),
    ("load_balancer.deregistration_delay", Rule::Whole(0..=3600)),
    ("logs.retention_in_days", Rule::OneOf(RETENTION)),
    ("tags", Rule::NoNulls),
    ("tags", Rule::Size(0..=MOST_TAGS)),
    ("tags", Rule::Keys(rules::tag_key)),
    ("tags", Rule::Each(rules::tag_value)),
    ("timeouts.create", Rule::Text(rules::duration)),
    ("timeouts.update", Rule::Text(rules::duration)),
    ("timeouts.delete", Rule::Text(rules::duration)),
];

/// Everything that is wrong with a configuration, as far as it is known.
pub fn check(config: &Value) -> Vec<Diagnostic> {
    let mut told = rules::apply(config, RULES);
    // Each attribute's own error first; what needs two good ones only then.
    if told.is_empty() {
        told.extend(size(config));
        told.extend(health_check_times(config));
        told.extend(zones(config));
    }
    told
}

/// The service's tags with the provider's under them.
pub fn check_tags_all(tags: &Tags) -> Option<Diagnostic> {
    let lower: BTreeSet<String> = tags.keys().map(|key| key.to_lowercase()).collect();
    if lower.len() < tags.len() {
        let why = "Two keys, the provider's default_tags included, differ in case only: IAM takes them for one.";
        return Some(invalid("tags", why));
    }
    let count = tags.len();
    let why = format!("With the provider's default_tags they are {count}; AWS allows {MOST_TAGS} beside ours.");
    (count > MOST_TAGS).then(|| invalid("tags", why))
}

fn number(config: &Value, path: &str) -> Option<u32> {
    config.at(&Path::from(path)).and_then(|value| typed::from_value(value).ok())
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

fn health_check_times(config: &Value) -> Option<Diagnostic> {
    let default = super::model::HealthCheck::default();
    let interval = number(config, "health_check.interval").unwrap_or(default.interval);
    let timeout = number(config, "health_check.timeout").unwrap_or(default.timeout);
    let open = |path: &str| config.at(&Path::from(path)).is_some_and(Value::is_unknown);
    if open("health_check.interval") || open("health_check.timeout") || timeout < interval {
        return None;
    }
    let at = if number(config, "health_check.timeout").is_some() { "timeout" } else { "interval" };
    let why = format!("The timeout ({timeout}) must be less than the interval ({interval}).");
    Some(invalid(format!("health_check.{at}").as_str(), why))
}

fn zones(config: &Value) -> Option<Diagnostic> {
    // What is unknown may turn out to be null.
    let given = |path: &str| config.at(&Path::from(path)).filter(|value| !value.is_null() && !value.is_unknown());
    let zones = given("network.availability_zones")?;
    if given("network.availability_zone_count").is_some() {
        let why = "Give either availability_zones or availability_zone_count.";
        return Some(invalid("network.availability_zone_count", why));
    }
    let regions: BTreeSet<&str> =
        zones.parts().into_iter().filter_map(Value::as_str).map(|zone| &zone[..zone.len() - 1]).collect();
    let why = "These zones are of more than one region.";
    (regions.len() > 1).then(|| invalid("network.availability_zones", why))
}

fn complain(fits: bool, why: &str) -> Option<String> {
    (!fits).then(|| why.to_owned())
}

fn name(text: &str) -> Option<String> {
    let allowed = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fits = (1..=64).contains(&text.len()) && allowed && !text.starts_with('-') && !text.ends_with('-');
    complain(fits, "is not a name of 1 to 64 letters, digits and hyphens (no hyphen first or last)")
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

fn health_check_path(text: &str) -> Option<String> {
    let fits = text.starts_with('/') && text.len() <= 1024 && !text.contains(char::is_whitespace);
    complain(fits, "is not a path that begins with / and has at most 1024 characters")
}

fn matcher(text: &str) -> Option<String> {
    let code = |text: &str| text.parse::<u16>().ok().filter(|code| text.len() == 3 && (200..=499).contains(code));
    let range = |part: &str| match part.split_once('-') {
        None => code(part).is_some(),
        Some((from, to)) => code(from).zip(code(to)).is_some_and(|(from, to)| from <= to),
    };
    complain(
        text.split(',').all(range),
        "is not a list of HTTP codes from 200 to 499, such as \"200\" or \"200-299,404\"",
    )
}

fn network_block(text: &str) -> Option<String> {
    rules::cidr_block(text).or_else(|| {
        let prefix = text.rsplit('/').next().and_then(|prefix| prefix.parse::<u8>().ok())?;
        complain(
            (16..=23).contains(&prefix),
            "is too large or too small: from /16, the most AWS allows, to /23, which leaves each load-balancer subnet its /27",
        )
    })
}

fn zone(text: &str) -> Option<String> {
    let region = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    complain(
        zone_slot(text).is_some() && rules::region(region).is_none(),
        "is not an availability zone such as \"eu-west-3a\"",
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
