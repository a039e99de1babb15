//! What AWS would refuse, told before AWS is asked, at the attribute it is about. Pure and offline.

mod containers;
mod iam;
mod image;
mod load_balancer;
mod network;
mod overrides;
pub mod service;
mod service_overrides;
mod task;
mod tls;

use std::collections::BTreeSet;

pub use load_balancer::{elsewhere_than, given_by};
pub use service::place;
pub use tls::elsewhere;

use super::model::Tags;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::path::Path;
use crate::protocol::typed;
use crate::protocol::value::Value;
use crate::provider::rules::{self, Rule, invalid};

/// AWS allows 50 tags on an object; three are ours, and on the ECS service and the task role one more.
const MOST_TAGS: usize = 46;

#[rustfmt::skip]
const RULES: &[(&str, Rule)] = &[
    ("name", Rule::Text(name)),
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
    let parts = [
        RULES,
        task::RULES,
        iam::RULES,
        overrides::RULES,
        service_overrides::RULES,
        load_balancer::RULES,
        tls::RULES,
        network::RULES,
        service::RULES,
    ];
    let mut told: Vec<_> = parts.iter().flat_map(|rules| rules::apply(config, rules)).collect();
    told.extend(containers::each(config));
    // Each attribute's own error first; what needs two good ones only then.
    if told.is_empty() {
        let parts = [
            task::cross,
            containers::cross,
            iam::cross,
            overrides::cross,
            service_overrides::cross,
            load_balancer::cross,
            tls::cross,
            network::cross,
            service::cross,
        ];
        told.extend(parts.iter().flat_map(|cross| cross(config)));
    }
    told
}

/// What is wrong with the name alone.
pub fn check_name(config: &Value) -> Vec<Diagnostic> {
    rules::apply(config, &[("name", Rule::Text(name))])
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

/// What is given at a path; none if it is null, or may turn out to be.
fn given<'a>(config: &'a Value, path: &str) -> Option<&'a Value> {
    config.at(&Path::from(path)).filter(|value| !value.is_null() && !value.is_unknown())
}

fn number(config: &Value, path: &str) -> Option<u32> {
    config.at(&Path::from(path)).and_then(|value| typed::from_value(value).ok())
}

fn complain(fits: bool, why: &str) -> Option<String> {
    (!fits).then(|| why.to_owned())
}

fn name(text: &str) -> Option<String> {
    let allowed = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fits = (1..=64).contains(&text.len()) && allowed && !text.starts_with('-') && !text.ends_with('-');
    complain(fits, "is not a name of 1 to 64 letters, digits and hyphens (no hyphen first or last)")
}
