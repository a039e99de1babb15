//! What the service, its scaling and its logs may be.

use super::complain;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::value::Value;
use crate::provider::rules::{Rule, account_id, invalid, region, whole};
use crate::provider::web_service::model::{DEFAULT_TASKS, Deployment, Settings};

/// The periods that CloudWatch Logs knows (API reference, PutRetentionPolicy).
const RETENTION: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

#[rustfmt::skip]
pub const RULES: &[(&str, Rule)] = &[
    ("desired_count", Rule::Whole(0..=5000)),
    ("capacity.fargate.base", Rule::Whole(0..=100_000)),
    ("capacity.fargate.weight", Rule::Whole(0..=1000)),
    ("capacity.fargate_spot.base", Rule::Whole(0..=100_000)),
    ("capacity.fargate_spot.weight", Rule::Whole(0..=1000)),
    ("cluster.container_insights", Rule::Words(&["disabled", "enabled", "enhanced"])),
    ("deployment.minimum_healthy_percent", Rule::Whole(0..=100)),
    ("deployment.maximum_percent", Rule::Whole(100..=10_000)),
    ("logs.retention_in_days", Rule::OneOf(RETENTION)),
    ("logs.kms_key_arn", Rule::Text(kms_key)),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    [percents(config), capacity(config)].into_iter().flatten().collect()
}

fn percents(config: &Value) -> Option<Diagnostic> {
    let usual = Deployment::default();
    let low = settled(config, "deployment.minimum_healthy_percent", usual.minimum_healthy_percent)?;
    let high = settled(config, "deployment.maximum_percent", usual.maximum_percent)?;
    let why =
        "With maximum_percent = 100 no new task can begin before an old one has ended, so this must be less than 100.";
    (low >= 100 && high == 100).then(|| invalid("deployment.minimum_healthy_percent", why))
}

/// A rollout that could neither start a task nor end one: ECS rounds what must stay up, and what may run down.
pub fn stuck(settings: &Settings) -> Option<Diagnostic> {
    let count = settings.desired_count.unwrap_or(DEFAULT_TASKS);
    let Deployment { minimum_healthy_percent: low, maximum_percent: high, .. } = settings.deployment;
    let (least, most) = ((count * low).div_ceil(100), count * high / 100);
    let why = format!(
        "With desired_count = {count}, at least {least} and at most {most} tasks may run during a rollout: it could neither \
         start a new task nor end an old one. Raise maximum_percent or lower minimum_healthy_percent."
    );
    (count > 0 && least >= count && most <= count).then(|| invalid("deployment.maximum_percent", why))
}

/// One provider with a base, some with a weight (API reference, CapacityProviderStrategyItem).
fn capacity(config: &Value) -> Option<Diagnostic> {
    let given = config.member("capacity");
    if !matches!(given, Value::Object(_)) || !given.is_wholly_known() {
        return None;
    }
    let of = |member: &str| {
        ["fargate", "fargate_spot"].map(|provider| {
            let path = format!("capacity.{provider}.{member}");
            settled(config, &path, 0).unwrap_or_default()
        })
    };
    if of("base").iter().all(|base| *base > 0) {
        return Some(invalid("capacity.fargate_spot.base", "Only one of fargate and fargate_spot can have a base."));
    }
    let why = "Neither fargate nor fargate_spot has a weight above 0, so tasks beyond the base could not be placed.";
    of("weight").iter().all(|weight| *weight == 0).then(|| invalid("capacity", why))
}

/// A number that was given, or else this one; none while it is unknown.
fn settled(config: &Value, path: &str, usual: u32) -> Option<u32> {
    match config.at(&Path::from(path)) {
        Some(Value::Number(number)) => whole(number).and_then(|number| u32::try_from(number).ok()),
        Some(Value::Unknown) => None,
        _ => Some(usual),
    }
}

/// Service and resource of an ARN of a single account and region.
fn arn_parts(text: &str) -> Option<(&str, &str)> {
    match text.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", partition, service, place, account, resource]
            if partition.starts_with("aws") && region(place).is_none() && account_id(account).is_none() =>
        {
            Some((service, resource))
        }
        _ => None,
    }
}

fn kms_key(text: &str) -> Option<String> {
    let key = |resource: &str| resource.strip_prefix("key/").is_some_and(|id| !id.is_empty());
    let fits = arn_parts(text).is_some_and(|(service, resource)| service == "kms" && key(resource));
    complain(
        fits,
        "is not the ARN of a KMS key such as \"arn:aws:kms:eu-west-3:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\" (an alias won't do)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_that_could_not_move_is_refused() {
        let stuck = |count: u32, low: u32, high: u32| {
            let mut settings = Settings { desired_count: Some(count), ..Settings::named("web") };
            settings.deployment.minimum_healthy_percent = low;
            settings.deployment.maximum_percent = high;
            super::stuck(&settings).is_some()
        };
        assert!(stuck(1, 62, 182) && stuck(1, 1, 199) && stuck(2, 51, 149));
        assert!(!stuck(1, 100, 200) && !stuck(1, 0, 100) && !stuck(2, 50, 149) && !stuck(2, 100, 150));
        assert!(!stuck(0, 100, 100), "nothing runs");
    }
}
