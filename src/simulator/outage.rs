//! A whole availability zone down for a while.
//!
//! While it is down, nothing in it answers: targets there fail their checks, tasks there are lost (ECS learns of running ones
//! a little later), no task is placed there, its NAT gateways lead nowhere, load balancers have no node in it. What is being
//! made in it waits (NAT gateways stay pending, load balancers provisioning; unverified): the calls themselves are regional
//! and succeed. Descriptions of NAT gateways and load balancers still say what they said before (AWS Fault Isolation
//! Boundaries: control planes may know nothing of the data plane; unverified for each).

use std::collections::BTreeMap;
use std::time::Duration;

use super::world::{self, World};
use super::{ec2, ecs, elb};

#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// A zone is back, unless it went down anew.
    Up(String),
}

/// Zones that are down, and when they are back.
#[derive(Clone, Debug, Default)]
pub struct State {
    down: BTreeMap<String, Duration>,
}

/// Longer than any world lives.
const LONGEST: f64 = 1e9;

/// Takes a zone down for so many seconds; one that is down already stays so at least as long. False if the region has no
/// such zone.
pub fn zone_down(world: &mut World, zone: &str, seconds: f64) -> bool {
    if !ec2::zone_names(world).iter().any(|name| name == zone) {
        return false;
    }
    let seconds = if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, LONGEST) };
    let until = world.now() + Duration::from_secs_f64(seconds);
    let before = world.outage.down.get(zone).copied();
    world.outage.down.insert(zone.to_owned(), before.map_or(until, |before| before.max(until)));
    world.in_seconds(seconds, world::Due::Outage(Due::Up(zone.to_owned())));
    if before.is_none() {
        world.note(format!("zone {zone} is down"));
        elb::lose_zone(world, zone);
        ecs::lose_zone(world, zone);
    }
    true
}

pub fn happen(world: &mut World, due: Due) {
    let Due::Up(zone) = due;
    if world.outage.down.get(&zone).is_some_and(|until| *until <= world.now()) {
        world.outage.down.remove(&zone);
        world.note(format!("zone {zone} is back"));
    }
}

pub fn is_down(world: &World, zone: &str) -> bool {
    world.outage.down.contains_key(zone)
}

/// The seconds until a zone is back; none if it isn't down.
pub fn seconds_left(world: &World, zone: &str) -> Option<f64> {
    world.outage.down.get(zone).map(|until| until.saturating_sub(world.now()).as_secs_f64())
}

#[cfg(test)]
pub mod tests;
