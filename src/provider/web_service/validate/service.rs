//! What the service, its scaling and its logs may be.

use super::{complain, number};
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
    ("autoscaling.min_capacity", Rule::Whole(0..=5000)),
    ("autoscaling.max_capacity", Rule::Whole(1..=5000)),
    ("autoscaling.cpu_target", Rule::Whole(1..=100)),
    ("autoscaling.memory_target", Rule::Whole(1..=100)),
    ("autoscaling.requests_per_target", Rule::Whole(1..=1_000_000_000)),
    ("autoscaling.scale_in_cooldown", Rule::Whole(0..=86_400)),
    ("autoscaling.scale_out_cooldown", Rule::Whole(0..=86_400)),
    ("capacity.fargate.base", Rule::Whole(0..=100_000)),
    ("capacity.fargate.weight", Rule::Whole(0..=1000)),
    ("capacity.fargate_spot.base", Rule::Whole(0..=100_000)),
    ("capacity.fargate_spot.weight", Rule::Whole(0..=1000)),
    ("cluster.arn", Rule::Text(cluster_arn)),
    ("cluster.container_insights", Rule::Words(&["disabled", "enabled", "enhanced"])),
    ("deployment.minimum_healthy_percent", Rule::Whole(0..=100)),
    ("deployment.maximum_percent", Rule::Whole(100..=10_000)),
    ("logs.retention_in_days", Rule::OneOf(RETENTION)),
    ("logs.kms_key_arn", Rule::Text(kms_key)),
    ("managed_elsewhere", Rule::NoNulls),
    ("managed_elsewhere", Rule::Each(elsewhere)),
];

/// What needs several good attributes.
pub fn cross(config: &Value) -> Vec<Diagnostic> {
    let all = [percents(config), capacity(config), insights(config), scaling(config), counts(config)];
    all.into_iter().flatten().collect()
}

/// What only the provider's account and region tell: they are known at plan.
pub fn place(settings: &Settings, account: &str, region: &str) -> Option<Diagnostic> {
    let cluster = settings.cluster.arn.as_deref().map(|arn| ("cluster.arn", arn, true));
    let key = settings.logs.kms_key_arn.as_deref().map(|arn| ("logs.kms_key_arn", arn, false));
    [cluster, key].into_iter().flatten().find_map(|(path, arn, of_account)| {
        let (at, of) = (arn.split(':').nth(3)?, arn.split(':').nth(4)?);
        let why = format!(
            "{arn:?} is in account {of}, region {at}; the provider works in account {account}, region {region}."
        );
        (at != region || (of_account && of != account)).then(|| invalid(path, why))
    })
}

fn insights(config: &Value) -> Option<Diagnostic> {
    let why = "An existing cluster is not changed: leave this out, or set it where the cluster is managed.";
    (given(config, "cluster.arn") && given(config, "cluster.container_insights"))
        .then(|| invalid("cluster.container_insights", why))
}

fn scaling(config: &Value) -> Option<Diagnostic> {
    let scaling = config.member("autoscaling");
    if !matches!(scaling, Value::Object(_)) {
        return None;
    }
    let targets = ["cpu_target", "memory_target", "requests_per_target"];
    if targets.iter().all(|target| scaling.member(target).is_null()) {
        let why =
            "There is nothing to scale by: give cpu_target, memory_target, requests_per_target, or several of them.";
        return Some(invalid("autoscaling", why));
    }
    let (least, most) = (number(config, "autoscaling.min_capacity")?, number(config, "autoscaling.max_capacity")?);
    let why = format!("min_capacity ({least}) must not be more than max_capacity ({most}).");
    (least > most).then(|| invalid("autoscaling.min_capacity", why))
}

/// Who sets the number of tasks.
fn counts(config: &Value) -> Option<Diagnostic> {
    if !matches!(config.member("autoscaling"), Value::Object(_)) {
        return None;
    }
    if given(config, "desired_count") {
        let why = "Autoscaling sets the number of tasks: leave desired_count out, or autoscaling.";
        return Some(invalid("desired_count", why));
    }
    let elsewhere = config.member("managed_elsewhere").parts();
    let why = "Autoscaling sets the number of tasks: it is not managed elsewhere.";
    elsewhere.into_iter().any(|one| one.as_str() == Some("desired_count")).then(|| invalid("managed_elsewhere", why))
}

fn given(config: &Value, path: &str) -> bool {
    config.at(&Path::from(path)).is_some_and(|value| !value.is_null() && !value.is_unknown())
}

fn elsewhere(word: &str) -> Option<String> {
    complain(["image", "desired_count"].contains(&word), "is not one of \"image\", \"desired_count\"")
}

fn cluster_arn(text: &str) -> Option<String> {
    let cluster = |resource: &str| resource.strip_prefix("cluster/").is_some_and(|name| !name.is_empty());
    let fits = arn_parts(text).is_some_and(|(service, resource)| service == "ecs" && cluster(resource));
    complain(fits, "is not the ARN of an ECS cluster such as \"arn:aws:ecs:eu-west-3:123456789012:cluster/shared\"")
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
