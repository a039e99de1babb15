//! What keeps the tasks running and tells of them: `deployment`, `logs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Logs {
    /// Days that log events are kept, one of the periods CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653.
    pub retention_in_days: u32,
}

impl Default for Logs {
    fn default() -> Self {
        Self { retention_in_days: 30 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Deployment {
    /// Wait until the wanted number of tasks of the new revision serves, and fail where ECS rolls back. A change that moves the service to another network or load balancer is waited for in any case.
    pub wait: bool,
}

impl Default for Deployment {
    fn default() -> Self {
        Self { wait: true }
    }
}
