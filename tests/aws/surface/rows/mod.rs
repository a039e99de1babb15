//! The table: one row for each attribute.

mod iam;
mod load_balancer;
mod network;
mod scaling;
mod service;
mod shared;
mod sidecars;
mod task;
mod tls;

use super::row::Row;

pub fn all() -> Vec<Row> {
    [
        task::rows(),
        sidecars::rows(),
        iam::rows(),
        service::rows(),
        scaling::rows(),
        network::rows(),
        load_balancer::rows(),
        shared::rows(),
        tls::rows(),
    ]
    .concat()
}
