//! Weather: what AWS does to a caller beyond refusing. Reads that lag behind writes, throttling, faults on order or by chance.
//!
//! A world's weather is calm unless somebody orders otherwise (`climate`, `order`). Chance has a generator of its own here,
//! from the world's seed: the ids and durations of a world are the same in any weather.
//!
//! A call passes through `pass`: the fault that strikes it, the token buckets, replicas that don't know of its objects yet,
//! and then it is carried out. What struck is counted (`State::strikes`) and stands in the call's line of the record.

mod bucket;
mod codes;
mod fault;
mod order;
mod quota;
mod replica;
mod sight;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ask::Ask;
use super::iam;
use super::refusal::Answer;
use super::world::{Operation, World};

pub use bucket::drain;
pub use codes::access_denied;
pub use fault::{Fault, attachment_delay, load_balancer_trouble, nat_failure};
pub use order::Order;

/// A call that is simulated.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub service: &'a str,
    pub action: &'a str,
    pub ask: &'a Ask,
    pub operation: Operation,
}

impl Call<'_> {
    /// Whether it changes nothing: by its verb, as AWS names its operations.
    fn reads(&self) -> bool {
        ["Describe", "List", "Get", "Filter", "Batch", "Simulate"].iter().any(|verb| self.action.starts_with(verb))
    }
}

/// The weather of a world.
#[derive(Clone, Debug)]
pub struct State {
    pub climate: Climate,
    /// Those that haven't struck out yet.
    pub orders: Vec<Order>,
    /// How often each kind of fault and inconsistency struck.
    pub strikes: BTreeMap<String, u64>,
    /// What the operation now carried out shall make go wrong later.
    pub coming: Option<Fault>,
    passing: Passing,
    random: fastrand::Rng,
    buckets: bucket::Levels,
    past: replica::Past,
}

/// What becomes of the call that is being answered, beyond its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passing {
    /// The answer comes so much later.
    pub delay: Duration,
    /// No answer comes.
    pub silent: bool,
    /// What struck it.
    pub strikes: Vec<&'static str>,
}

impl State {
    pub fn new(seed: u64) -> Self {
        Self {
            climate: Climate::default(),
            orders: Vec::new(),
            strikes: BTreeMap::new(),
            coming: None,
            passing: Passing::default(),
            // Another stream than the world's own.
            random: fastrand::Rng::with_seed(!seed),
            buckets: bucket::Levels::default(),
            past: replica::Past::default(),
        }
    }

    /// Whether something of this share happens now.
    fn chance(&mut self, share: f64) -> bool {
        share > 0.0 && self.random.f64() < share
    }

    fn strike(&mut self, kind: &'static str) {
        *self.strikes.entry(kind.to_owned()).or_default() += 1;
        self.passing.strikes.push(kind);
    }

    /// The id of a request. Those of what it makes come from the world: neither reads nor retries change them.
    pub fn request_id(&mut self) -> String {
        let hex = format!("{:032x}", self.random.u128(..));
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// What became of the last call; forgotten by that.
    pub fn passed(&mut self) -> Passing {
        std::mem::take(&mut self.passing)
    }

    /// What struck the last call.
    pub fn struck(&self) -> &[&'static str] {
        &self.passing.strikes
    }
}

/// What may happen at any call, drawn from the seed. All zero: calm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Climate {
    /// Share of calls (0 to 1) that meet a replica which doesn't know the newest writes.
    pub stale: f64,
    /// Seconds that a write may stay unseen at most.
    pub lag: f64,
    /// Calls are counted against AWS's published token buckets.
    pub throttling: bool,
    /// Share of calls (0 to 1) that a fault strikes.
    pub faults: f64,
}

/// Beyond this a lag would not be weather.
const LONGEST: f64 = 3600.0;

/// Changes the climate.
///
/// # Errors
/// A share outside 0 to 1, a lag outside 0 to 3600 seconds.
pub fn climate(world: &mut World, climate: Climate) -> Result<(), String> {
    for (name, share) in [("stale", climate.stale), ("faults", climate.faults)] {
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("{name} must be in 0 to 1: {share}"));
        }
    }
    if !(0.0..=LONGEST).contains(&climate.lag) {
        return Err(format!("lag must be in 0 to {LONGEST} seconds: {}", climate.lag));
    }
    world.weather.climate = climate;
    Ok(())
}

/// Orders a fault.
///
/// # Errors
/// The order could never strike: an unknown service or operation, a fault that doesn't go with it, a number out of range.
pub fn order(world: &mut World, order: Order) -> Result<(), String> {
    order.check()?;
    world.weather.orders.push(order);
    Ok(())
}

/// Carries a call out, as the weather lets it.
///
/// # Errors
/// What the operation refuses, and what the weather does.
pub fn pass(world: &mut World, call: &Call) -> Answer {
    let called = format!("{}:{}", call.service, call.action);
    let checked = iam::implied(call.service, call.action, call.ask);
    if let Some(denied) = [called.as_str()].into_iter().chain(checked).find(|action| iam::denies(world, action)) {
        return Err(access_denied(world, call.service, denied));
    }
    let fault = order::fallen_due(world, call).or_else(|| fault::by_chance(world));
    fault::before(world, call, fault.as_ref())?;
    bucket::take(world, call)?;
    replica::not_yet(world, call)?;
    let answer = replica::carry_out(world, call);
    fault::after(world, fault);
    answer
}
