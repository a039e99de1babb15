//! THE declaration of `fargate_web_service`: every attribute once. Schema, defaults, documentation and the typed decode
//! all derive from these two structs: what the user sets, and what the provider tells.
//!
//! A doc comment is the attribute's documentation. `x-terraform` marks what Rust's types can't say.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub type Tags = BTreeMap<String, String>;

/// What the user sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Name of the service, and with account and region its identity: 1 to 64 letters, digits and hyphens, no hyphen first or last.
    #[schemars(extend("x-terraform" = ["replaces"]))]
    pub name: String,

    /// Container image, for example `public.ecr.aws/nginx/nginx:stable`. An image of Amazon ECR in the same account needs nothing else: the execution role may pull exactly that repository. A new image is rolled out in place.
    pub image: String,

    /// Port on which the container listens.
    #[serde(default = "default_port")]
    pub port: u16,

    /// CPU of a task in Fargate units: 256, 512, 1024 (one vCPU), 2048, 4096, 8192 or 16384.
    #[serde(default = "default_cpu")]
    pub cpu: u32,

    /// Memory of a task in MiB. What goes with each `cpu`: 256: 512 to 2048 in steps of 512; 512: 1024 to 4096, 1024: 2048 to 8192, 2048: 4096 to 16384 and 4096: 8192 to 30720, all in steps of 1024; 8192: 16384 to 61440 in steps of 4096; 16384: 32768 to 122880 in steps of 8192.
    #[serde(default = "default_memory")]
    pub memory: u32,

    /// Number of tasks to run, 0 to 5000. When not given: 2 at first; after that the number that AWS has is kept.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub desired_count: Option<u32>,

    /// Command to run instead of the image's own.
    pub command: Option<Vec<String>>,

    /// Environment variables of the container. They are stored in the Terraform state and shown by the ECS console: no place for secrets.
    pub environment: Option<BTreeMap<String, String>>,

    /// How the load balancer finds out whether a task is healthy.
    #[serde(default)]
    pub health_check: HealthCheck,

    /// The network the service stands in.
    #[serde(default)]
    pub network: Network,

    /// The Application Load Balancer in front of the tasks.
    #[serde(default)]
    pub load_balancer: LoadBalancer,

    /// The CloudWatch log group that takes the container's output.
    #[serde(default)]
    pub logs: Logs,

    /// How a new revision is rolled out.
    #[serde(default)]
    pub deployment: Deployment,

    /// Tags of every AWS object of this service, over the provider's `default_tags`; together at most 47.
    pub tags: Option<Tags>,

    /// How long an operation may take, as Go durations such as `45m` or `1h30m`.
    pub timeouts: Option<Timeouts>,
}

impl Settings {
    /// All defaults, under this name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            image: String::new(),
            port: default_port(),
            cpu: default_cpu(),
            memory: default_memory(),
            desired_count: None,
            command: None,
            environment: None,
            health_check: HealthCheck::default(),
            network: Network::default(),
            load_balancer: LoadBalancer::default(),
            logs: Logs::default(),
            deployment: Deployment::default(),
            tags: None,
            timeouts: None,
        }
    }
}

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
pub struct Network {
    /// IPv4 range of the VPC, /16 to /23. It is carved into sixteen equal parts, a public and a private one for each possible zone, so that adding a zone never moves another.
    #[schemars(extend("x-terraform" = ["replaces"]))]
    pub cidr_block: String,
    /// Availability zones to use: two to eight, all of the provider's region; not together with `availability_zone_count`. By default as many as that says, by name; those in use are kept.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub availability_zones: Option<BTreeSet<String>>,
    /// Number of availability zones, 2 to 8; not together with `availability_zones`. 2 where neither is given.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub availability_zone_count: Option<u32>,
    /// How tasks reach the internet: `nat_per_az` (private subnets, a NAT gateway in each zone: about 33 USD a month each in us-east-1, plus traffic; an outage of one zone leaves the others their way out), `nat_single` (private subnets, one NAT gateway for all zones) or `public` (public subnets and addresses, no NAT gateway; the security group still lets in nobody but the load balancer).
    pub egress: Egress,
}

impl Default for Network {
    fn default() -> Self {
        let (availability_zones, availability_zone_count) = (None, None);
        Self { cidr_block: "10.0.0.0/16".into(), availability_zones, availability_zone_count, egress: Egress::NatPerAz }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Egress {
    NatPerAz,
    NatSingle,
    Public,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LoadBalancer {
    /// Reachable from inside the VPC only. A change makes another load balancer, with another DNS name, before the old one goes.
    pub internal: bool,
    /// IPv4 ranges that may send requests, 1 to 55.
    pub allowed_cidr_blocks: BTreeSet<String>,
    /// Seconds until an idle connection is closed, 1 to 4000.
    pub idle_timeout: u32,
    /// Seconds that a stopping task still gets to finish its requests, 0 to 3600.
    pub deregistration_delay: u32,
    /// Refuse to delete the load balancer, and with it the service. To destroy, set this to false and apply first.
    pub deletion_protection: bool,
}

impl Default for LoadBalancer {
    fn default() -> Self {
        Self {
            internal: false,
            allowed_cidr_blocks: ["0.0.0.0/0".to_owned()].into(),
            idle_timeout: 60,
            deregistration_delay: 30,
            deletion_protection: false,
        }
    }
}

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

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeouts {
    /// Time to create; `30m` by default.
    pub create: Option<String>,
    /// Time to update; `30m` by default.
    pub update: Option<String>,
    /// Time to delete; `30m` by default.
    pub delete: Option<String>,
}

/// Number of tasks at first, when the user says nothing of it.
pub const DEFAULT_TASKS: u32 = 2;

fn default_port() -> u16 {
    80
}

fn default_cpu() -> u32 {
    256
}

fn default_memory() -> u32 {
    512
}

/// What the provider tells. All of it is null where the object it tells of doesn't stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attributes {
    /// Identity of the stack: `account/region/name`.
    #[schemars(extend("x-terraform" = ["stable"]))]
    pub id: Option<String>,
    /// AWS account the service stands in.
    #[schemars(extend("x-terraform" = ["stable"]))]
    pub account_id: Option<String>,
    /// AWS region the service stands in.
    #[schemars(extend("x-terraform" = ["stable"]))]
    pub region: Option<String>,
    /// All tags that the service's AWS objects carry, apart from the provider's own marks: `tags` over the provider's `default_tags`.
    pub tags_all: Option<Tags>,
    /// Where the service answers: `http://` and the load balancer's DNS name.
    pub url: Option<String>,
    /// `complete`, or `incomplete` after a create or destroy that did not finish.
    pub status: Option<String>,
    /// Differences between AWS and this resource that no other attribute shows, in sentences; the next apply removes them.
    pub drift: Option<Vec<String>>,
    /// Every AWS object of the service, by what it is for, such as `vpc` or `nat/eu-west-3a`.
    pub objects: Option<BTreeMap<String, ObjectEntry>>,
    /// DNS name of the load balancer.
    pub dns_name: Option<String>,
    /// Route 53 hosted zone of the load balancer's DNS name, for alias records.
    pub hosted_zone_id: Option<String>,
    /// ID of the VPC.
    pub vpc_id: Option<String>,
    /// IDs of the public subnets, in the order of `availability_zones`.
    pub public_subnet_ids: Option<Vec<String>>,
    /// IDs of the private subnets, in the order of `availability_zones`.
    pub private_subnet_ids: Option<Vec<String>>,
    /// Public addresses of the NAT gateways: what others see the tasks come from.
    pub nat_public_ips: Option<Vec<String>>,
    /// ARN of the load balancer.
    pub load_balancer_arn: Option<String>,
    /// ARN of the listener.
    pub listener_arn: Option<String>,
    /// ARN of the target group.
    pub target_group_arn: Option<String>,
    /// ID of the load balancer's security group.
    pub load_balancer_security_group_id: Option<String>,
    /// ID of the tasks' security group.
    pub task_security_group_id: Option<String>,
    /// ARN of the ECS cluster.
    pub cluster_arn: Option<String>,
    /// Name of the ECS cluster.
    pub cluster_name: Option<String>,
    /// ARN of the ECS service.
    pub service_arn: Option<String>,
    /// ARN of the task definition's revision in use.
    pub task_definition_arn: Option<String>,
    /// ARN of the task role: with it the container's own calls to AWS are made.
    pub task_role_arn: Option<String>,
    /// Name of the task role, to attach policies to.
    pub task_role_name: Option<String>,
    /// ARN of the execution role: with it ECS pulls the image and writes the logs.
    pub execution_role_arn: Option<String>,
    /// Name of the log group.
    pub log_group_name: Option<String>,
    /// Availability zones in use.
    pub availability_zones: Option<Vec<String>>,
}

/// One AWS object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectEntry {
    /// Kind of the object.
    pub kind: String,
    /// ID or ARN.
    pub id: String,
    /// Stands for its settings, tags and connections: changes when it is changed.
    pub digest: String,
}
