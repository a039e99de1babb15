//! What gets built: the settings of one service as a graph of AWS objects, part by part. Pure.

mod balancing;
mod network;
mod policies;
mod scaling;
mod security;
mod service;
mod task;
mod tls;

pub use network::{zone_slot, zones};
pub use service::{REBALANCING, capacity, overrides, rebalances};
pub use tls::certificate_key;

use super::model::Settings;
use crate::aws::graph::Graph;
use crate::aws::objects::anchor::Anchor;
use crate::aws::owner::Owner;

/// The graph of a service, whose zones must be settled.
pub fn draw(settings: &Settings, owner: &Owner) -> Graph {
    let mut graph = Graph::default();
    let anchor = graph.add("anchor", Anchor {}, ());
    let network = network::draw(&mut graph, settings, owner, anchor);
    let groups = security::draw(&mut graph, settings, &network);
    let front = balancing::draw(&mut graph, settings, anchor, &network, &groups);
    let definition = task::draw(&mut graph, settings, owner, anchor);
    service::draw(&mut graph, settings, anchor, definition, (network, groups, front));
    graph
}

#[cfg(test)]
mod tests;
