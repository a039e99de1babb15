//! What runs in a task, and in which roles: `container_health_check`, `sidecars`, `iam`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Architecture {
    #[default]
    #[serde(rename = "X86_64")]
    X8664,
    #[serde(rename = "ARM64")]
    Arm64,
}

impl Architecture {
    pub const WORDS: &[&str] = &["X86_64", "ARM64"];

    pub fn word(self) -> &'static str {
        match self {
            Self::X8664 => "X86_64",
            Self::Arm64 => "ARM64",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContainerHealthCheck {
    /// The command: `CMD` and its arguments, or `CMD-SHELL` and a line for the container's shell. 0 means healthy.
    pub command: Vec<String>,
    /// Seconds between two checks, 5 to 300.
    #[serde(default = "thirty")]
    pub interval: u32,
    /// Seconds until a check counts as failed, 2 to 60.
    #[serde(default = "five")]
    pub timeout: u32,
    /// Failed checks in a row until the container is unhealthy, 1 to 10.
    #[serde(default = "three")]
    pub retries: u32,
    /// Seconds after the container's start during which failed checks don't count, 0 to 300.
    #[serde(default)]
    pub start_period: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sidecar {
    /// Container image. One of Amazon ECR may be pulled like the service's own.
    pub image: String,
    /// Stop the task, which is then replaced, when this container stops.
    #[serde(default = "yes")]
    pub essential: bool,
    /// CPU that this container gets at least, in Fargate units; all sidecars' together at most the task's `cpu`.
    pub cpu: Option<u32>,
    /// Memory in MiB beyond which this container is killed; all sidecars' together less than the task's `memory`.
    pub memory: Option<u32>,
    /// Port on which it listens, other than the service's.
    pub port: Option<u16>,
    /// Command to run instead of the image's own.
    pub command: Option<Vec<String>>,
    /// Entry point to run instead of the image's own.
    pub entry_point: Option<Vec<String>>,
    /// Environment variables. They are stored in the Terraform state and shown by the ECS console: no place for secrets.
    pub environment: Option<BTreeMap<String, String>>,
    /// As the service's `secrets`.
    pub secrets: Option<BTreeMap<String, String>>,
    /// Containers that must have reached a condition before this one starts: from a name in `sidecars`, or `app` for the service's container, to `START`, `HEALTHY`, `COMPLETE` or `SUCCESS`.
    pub depends_on: Option<BTreeMap<String, String>>,
    /// A command within the container that tells whether it is healthy.
    pub container_health_check: Option<ContainerHealthCheck>,
    /// Directory to run in instead of the image's own.
    pub working_directory: Option<String>,
    /// User to run as instead of the image's own.
    pub user: Option<String>,
    /// Make the container's root file system read-only.
    #[serde(default)]
    pub readonly_root_filesystem: bool,
    /// Run an init process in the container, which forwards signals and reaps processes.
    #[serde(default)]
    pub init_process_enabled: bool,
    /// Seconds that the container gets to end by itself before it is killed, 0 to 120; without it, 30.
    pub stop_timeout: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Iam {
    /// ARN of a role for the container's own calls to AWS, in place of one that is made. ECS tasks must be allowed to assume it. It is never changed.
    pub task_role_arn: Option<String>,
    /// ARN of a role with which ECS starts the tasks, in place of one that is made. ECS tasks must be allowed to assume it, and it must allow `logs:CreateLogStream` and `logs:PutLogEvents` on the log group, to pull the images that are in Amazon ECR, and to read the `secrets`. It is never changed.
    pub execution_role_arn: Option<String>,
    /// ARNs of managed policies to attach to the task role. Others that somebody attached are left alone.
    pub task_policy_arns: Option<BTreeSet<String>>,
    /// What the task role may do, as a policy in JSON: `jsonencode(..)` or an `aws_iam_policy_document`.
    pub task_policy_json: Option<String>,
    /// ARN of a policy that bounds what the roles made here may do at most.
    pub permissions_boundary_arn: Option<String>,
}

fn yes() -> bool {
    true
}

fn three() -> u32 {
    3
}

fn five() -> u32 {
    5
}

fn thirty() -> u32 {
    30
}
