//! What stands in front of the tasks: `load_balancer`, `health_check`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HealthCheck {
    /// Path that is requested.
    pub path: String,
    /// HTTP status codes that mean healthy, such as `200`, `200,204` or `200-399`.
    pub matcher: String,
    /// Seconds between two checks of a task, 5 to 300.
    pub interval: u32,
    /// Seconds until an unanswered check counts as failed, 2 to 120 and less than `interval`.
    pub timeout: u32,
    /// Good checks in a row until a task is healthy, 2 to 10.
    pub healthy_threshold: u32,
    /// Failed checks in a row until a task is unhealthy, 2 to 10.
    pub unhealthy_threshold: u32,
    /// Port that is asked; by default the container's `port`.
    pub port: Option<u16>,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    /// Seconds after its start during which a task's failed checks are ignored.
    pub grace_period: u32,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            path: "/".into(),
            matcher: "200-399".into(),
            interval: 10,
            timeout: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
            port: None,
            protocol: "HTTP".into(),
            grace_period: 60,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LoadBalancer {
    /// Reachable from inside the VPC only. A change makes another load balancer, with another DNS name, before the old one goes.
    pub internal: bool,
    /// IPv4 ranges that may send requests, 1 to 55; with HTTPS, which doubles the rules, at most 27.
    pub allowed_cidr_blocks: BTreeSet<String>,
    /// Seconds until an idle connection is closed, 1 to 4000.
    pub idle_timeout: u32,
    /// Seconds that a stopping task still gets to finish its requests, 0 to 3600.
    pub deregistration_delay: u32,
    /// Refuse to delete the load balancer, and with it the service. To destroy, set this to false and apply first.
    pub deletion_protection: bool,
    /// Drop header fields whose names are not valid, instead of passing them on to the tasks.
    pub drop_invalid_header_fields: bool,
}

impl Default for LoadBalancer {
    fn default() -> Self {
        Self {
            internal: false,
            allowed_cidr_blocks: ["0.0.0.0/0".to_owned()].into(),
            idle_timeout: 60,
            deregistration_delay: 30,
            deletion_protection: false,
            drop_invalid_header_fields: true,
        }
    }
}
