//! The table: one row for each attribute.

mod load_balancer;
mod network;
mod service;
mod task;

use super::row::Row;

pub fn all() -> Vec<Row> {
    [task::rows(), service::rows(), network::rows(), load_balancer::rows()].concat()
}
