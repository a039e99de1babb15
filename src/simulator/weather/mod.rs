//! Weather: what AWS does to a caller beyond refusing. Reads that lag behind writes, throttling, faults on order, zones down.
//!
//! A world's weather is calm unless somebody orders otherwise. Everything is drawn from the world's seed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The weather of a world.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub climate: Climate,
    pub orders: Vec<Order>,
    /// How often each kind of fault and inconsistency struck.
    pub strikes: BTreeMap<String, u64>,
}

/// What may happen at any call, drawn from the seed. All zero: calm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Climate {
    /// Share of reads (0 to 1) that may be answered from before the newest writes.
    pub stale: f64,
    /// Seconds that a write may stay unseen at most.
    pub lag: f64,
    /// Calls are counted against AWS's published token buckets.
    pub throttling: bool,
    /// Share of calls (0 to 1) that a fault strikes.
    pub faults: f64,
}

/// A fault on order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `ec2:CreateVpc`, `ec2:*` or `*`.
    #[serde(default = "any")]
    pub action: String,
    /// So many such calls are let pass before.
    #[serde(default)]
    pub after: u64,
    /// How many calls are struck.
    #[serde(default = "once")]
    pub times: u64,
    pub fault: Fault,
}

fn any() -> String {
    "*".into()
}

fn once() -> u64 {
    1
}

/// What strikes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Refused as throttled, without effect.
    Throttle,
}
