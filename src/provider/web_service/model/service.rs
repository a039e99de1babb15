//! What keeps the tasks running and tells of them: `autoscaling`, `capacity`, `cluster`, `deployment`, `logs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Logs {
    /// Days that log events are kept, one of the periods CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653.
    pub retention_in_days: u32,
    /// ARN of a KMS key to encrypt the logs with; its policy must let CloudWatch Logs use it. By default CloudWatch Logs encrypts them with a key of its own. A change counts for what is written from then on.
    pub kms_key_arn: Option<String>,
    /// Leave the log group standing when the service is destroyed. A service of the same name takes it over again.
    pub retain_on_destroy: bool,
}

impl Default for Logs {
    fn default() -> Self {
        Self { retention_in_days: 30, kms_key_arn: None, retain_on_destroy: false }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Deployment {
    /// Wait until the wanted number of tasks of the new revision serves, and fail where ECS rolls back. A change that moves the service to another network or load balancer is waited for in any case.
    pub wait: bool,
    /// How many tasks must at least be healthy during a rollout, in percent of the wanted number: 0 to 100.
    pub minimum_healthy_percent: u32,
    /// How many tasks may at most run during a rollout, in percent of the wanted number: 100 to 10000. With 100, old tasks must end before new ones begin, so `minimum_healthy_percent` must be less; ECS then doesn't even the zones out either.
    pub maximum_percent: u32,
    /// What happens to a rollout whose tasks don't come up.
    pub circuit_breaker: CircuitBreaker,
}

impl Default for Deployment {
    fn default() -> Self {
        let circuit_breaker = CircuitBreaker::default();
        Self { wait: true, minimum_healthy_percent: 100, maximum_percent: 200, circuit_breaker }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CircuitBreaker {
    /// Give a rollout up when its tasks keep failing. Without it ECS tries for ever, and the apply waits until its time is over.
    pub enabled: bool,
    /// Go back to the last revision that was rolled out well; means nothing where `enabled` is false.
    pub rollback: bool,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self { enabled: true, rollback: true }
    }
}

/// How the number of tasks follows the load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Autoscaling {
    /// Number of tasks that there are at least, 0 to 5000.
    pub min_capacity: u32,
    /// Number of tasks that there are at most, 1 to 5000.
    pub max_capacity: u32,
    /// CPU use that the tasks are kept near, in percent of what they have: 1 to 100.
    pub cpu_target: Option<u32>,
    /// Memory use that the tasks are kept near, in percent of what they have: 1 to 100.
    pub memory_target: Option<u32>,
    /// Requests that each task is to get in a minute.
    pub requests_per_target: Option<u32>,
    /// Seconds after a change until tasks are taken away.
    #[serde(default = "default_cooldown")]
    pub scale_in_cooldown: u32,
    /// Seconds after tasks were added until more are.
    #[serde(default = "default_cooldown")]
    pub scale_out_cooldown: u32,
}

impl Default for Autoscaling {
    fn default() -> Self {
        let (min_capacity, max_capacity, cooldown) = (1, 1, default_cooldown());
        let (cpu_target, memory_target, requests_per_target) = (None, None, None);
        let (scale_in_cooldown, scale_out_cooldown) = (cooldown, cooldown);
        Self {
            min_capacity,
            max_capacity,
            cpu_target,
            memory_target,
            requests_per_target,
            scale_in_cooldown,
            scale_out_cooldown,
        }
    }
}

/// What AWS has for ECS services.
fn default_cooldown() -> u32 {
    300
}

/// Fargate's on-demand tasks and its spare ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    /// On-demand tasks.
    pub fargate: Option<Share>,
    /// Tasks on Fargate Spot: about 70 % cheaper, and stopped with a warning of two minutes when AWS needs the capacity back.
    pub fargate_spot: Option<Share>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Share {
    /// Number of tasks that run here before any others are shared out, 0 to 100000; one of the two may have such.
    pub base: u32,
    /// Part of the other tasks, compared with the other's weight: 0 to 1000.
    pub weight: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cluster {
    /// ARN of an existing cluster to run in, which must have the capacity providers `FARGATE` and, for `capacity`, `FARGATE_SPOT`; it isn't changed. By default the service has a cluster of its own. Moved to another cluster, the service is made anew there before the old one goes, behind the same load balancer.
    pub arn: Option<String>,
    /// CloudWatch Container Insights: `enabled`, `enhanced` (metrics of each task and container, which cost more) or `disabled`. Of the service's own cluster; an existing one keeps what it has.
    pub container_insights: String,
}

impl Default for Cluster {
    fn default() -> Self {
        Self { arn: None, container_insights: "enabled".into() }
    }
}
