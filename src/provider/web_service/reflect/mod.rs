//! The way back: from the AWS objects that stand to the settings that would have made them. Pure.
//!
//! What an attribute can show is shown there, so that the plan speaks of `desired_count` 3 instead of 2. Where an object is
//! missing, what was set before is kept; on import there is nothing before, and the defaults take its place.

mod balancing;
mod network;
mod scaling;
mod service;
mod task;
mod tls;

use std::collections::BTreeMap;

use super::model::{Settings, Tags};
use crate::aws::erased::Found;
use crate::aws::object::Object;
use crate::aws::objects::anchor::Anchor;
use crate::aws::owner::Owner;

/// The objects found, by key.
pub type Standing = BTreeMap<String, Found>;

/// The tags of the user that the stack really carries: those of its anchor.
pub fn tags(owner: &Owner, standing: &Standing) -> Option<Tags> {
    let anchor = standing.get("anchor")?.seen::<Anchor>()?;
    Some(owner.tags_of_the_user("anchor", &anchor.tags))
}

/// Settings as AWS shows them. The structure (zones, egress, scheme) stays what it was: an object missing from it is drift.
pub fn settings(mut settings: Settings, standing: &Standing) -> Settings {
    task::task(&mut settings, standing);
    service::service(&mut settings, standing);
    scaling::scaling(&mut settings, standing);
    balancing::balancer(&mut settings, standing);
    tls::tls(&mut settings, standing);
    network::network(&mut settings, standing);
    settings
}

/// Settings for a stack of which nothing is known but its name and what stands, structure included.
pub fn import(name: &str, standing: &Standing) -> Settings {
    let network = network::structure(standing);
    let load_balancer = balancing::structure(standing);
    let iam = task::structure(standing);
    let (https, domain) = tls::structure(standing, load_balancer.internal);
    let cluster = service::structure(standing);
    let mut settings = Settings { network, load_balancer, https, domain, iam, cluster, ..Settings::named(name) };
    settings.autoscaling = scaling::structure(&settings, standing);
    self::settings(settings, standing)
}

fn actual<'a, O: Object>(standing: &'a Standing, key: &str) -> Option<&'a O> {
    standing.get(key)?.seen::<O>().map(|seen| &seen.actual)
}
