//! ECS's refusals that several operations share.

use crate::simulator::ask::Ask;
use crate::simulator::refusal::Refusal;

#[track_caller]
pub fn parameter(why: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", why)
}

#[track_caller]
pub fn client(why: impl Into<String>) -> Refusal {
    Refusal::new("ClientException", why)
}

#[track_caller]
pub fn no_cluster() -> Refusal {
    Refusal::new("ClusterNotFoundException", "Cluster not found.")
}

#[track_caller]
pub fn no_service() -> Refusal {
    Refusal::new("ServiceNotFoundException", "Service not found.")
}

/// A text that must be there and not empty (text unverified).
pub fn needed<'a>(ask: &'a Ask, member: &str) -> Result<&'a str, Refusal> {
    let text = ask.text(member).filter(|text| !text.is_empty());
    text.ok_or_else(|| parameter(format!("{member} cannot be empty.")))
}

/// Names: up to 255 letters, digits, `_` and `-` (API reference, CreateCluster, CreateService, RegisterTaskDefinition).
pub fn good_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.len() <= 255 && name.chars().all(good)
}
