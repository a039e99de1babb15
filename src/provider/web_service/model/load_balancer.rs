//! What stands in front of the tasks: `load_balancer`, `health_check`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::objects::listener::Listener;
use crate::aws::objects::load_balancer as balancer;

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
    /// ARN of an existing Application Load Balancer to use instead of a new one, such as another service's `load_balancer_arn`; needs `network.vpc_id`, the VPC it stands in. The requests that `host_names` and `path_patterns` name come to this service, by a rule on its HTTPS listener, or on its HTTP listener if it has no other; the one in use is kept. To follow a service of the same configuration from HTTP to HTTPS give its `listener_arn` instead. All else of it stays as it is, and the attributes for a new one (`internal` and so on) and `https` can't be set. A change moves the service without a new one: it is behind both before it leaves the old.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub arn: Option<String>,
    /// ARN of the existing load balancer's listener that the rule is put on, instead of `arn`, which is then found by it. With `arn` it tells the listener that was found.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub listener_arn: Option<String>,
    /// Host names whose requests on the existing load balancer come here; `*` and `?` stand for any characters and one. With `domain` its names, if not given. At most five together with `path_patterns`.
    pub host_names: Option<BTreeSet<String>>,
    /// Paths whose requests on the existing load balancer come here, such as `/api/*`; together with `host_names`, those that meet both.
    pub path_patterns: Option<BTreeSet<String>>,
    /// Priority of the rule on the existing load balancer, 1 to 50000: of several that fit, the lowest decides. If not given, a free one from 10000 on is taken, the lower the more characters the names and patterns fix, and kept.
    pub priority: Option<u32>,
    /// IDs of existing security groups. Of a new load balancer: groups that it gets besides its own, at most 4, such as one that other security groups let in; they must be in its VPC, and their rules stay as they are and count beside `allowed_cidr_blocks`. With `arn` or `listener_arn`: those of the load balancer's by which it reaches the tasks; found if not given. They get a rule that lets requests out to the tasks: one whose rules are kept within an `aws_security_group` (`egress` blocks) would lose it at each apply, so keep those in `aws_vpc_security_group_egress_rule`.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub security_group_ids: Option<BTreeSet<String>>,
}

impl LoadBalancer {
    /// Whether the user gave it: of it only a rule is ours.
    pub fn is_given(&self) -> bool {
        self.arn.is_some() || self.listener_arn.is_some()
    }

    /// The ARN of the one that was given.
    pub fn given_arn(&self) -> Option<String> {
        self.arn.clone().or_else(|| Listener::balancer(self.listener_arn.as_deref()?))
    }

    /// Where it is, as the keys of what belongs to it say.
    pub fn place(&self) -> String {
        let given = self.given_arn();
        let place = given.as_deref().and_then(balancer::LoadBalancer::place);
        place.unwrap_or_else(|| balancer::LoadBalancer::own_place(self.internal)).to_owned()
    }
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
            arn: None,
            listener_arn: None,
            host_names: None,
            path_patterns: None,
            priority: None,
            security_group_ids: None,
        }
    }
}
