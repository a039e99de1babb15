//! What the load balancer and its health check may be.

use super::{complain, number};
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};
use crate::provider::web_service::model::HealthCheck;

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("health_check.path", Rule::Text(health_check_path)),
    ("health_check.matcher", Rule::Text(matcher)),
    ("health_check.interval", Rule::Whole(5..=300)),
    ("health_check.timeout", Rule::Whole(2..=120)),
    ("health_check.healthy_threshold", Rule::Whole(2..=10)),
    ("health_check.unhealthy_threshold", Rule::Whole(2..=10)),
    ("health_check.port", Rule::Whole(1..=65535)),
    ("health_check.protocol", Rule::Words(&["HTTP", "HTTPS"])),
    ("health_check.grace_period", Rule::Whole(0..=2_147_483_647)),
    ("load_balancer.allowed_cidr_blocks", Rule::NoNulls),
    ("load_balancer.allowed_cidr_blocks", Rule::Size(1..=55)),
    ("load_balancer.allowed_cidr_blocks", Rule::Each(rules::cidr_block)),
    ("load_balancer.idle_timeout", Rule::Whole(1..=4000)),
    ("load_balancer.deregistration_delay", Rule::Whole(0..=3600)),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    health_check_times(config).into_iter().collect()
}

fn health_check_times(config: &Value) -> Option<Diagnostic> {
    let default = HealthCheck::default();
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
