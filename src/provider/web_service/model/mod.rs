//! THE declaration of `fargate_web_service`: every attribute once. Schema, defaults, documentation and the typed decode
//! all derive from two structs: `Settings`, what the user sets, and `Attributes`, what the provider tells.
//!
//! A doc comment is the attribute's documentation. `x-terraform` marks what Rust's types can't say.

mod attributes;
mod load_balancer;
mod network;
mod service;
mod task;
mod tls;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use attributes::{Attributes, ObjectEntry};
pub use load_balancer::{HealthCheck, LoadBalancer};
pub use network::{Egress, Network};
pub use service::{Autoscaling, Capacity, CircuitBreaker, Cluster, Deployment, Logs, Share};
pub use task::{Architecture, ContainerHealthCheck, Iam, Sidecar};
pub use tls::{Domain, Https};

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

    /// Processor of the tasks, which the image must be built for: `X86_64` or `ARM64`.
    #[serde(default)]
    pub architecture: Architecture,

    /// Disk space of a task in GiB, 21 to 200; without it, Fargate's 20 that cost nothing.
    pub ephemeral_storage: Option<u32>,

    /// Number of tasks to run, 0 to 5000. When not given: 2 at first; after that the number that AWS has is kept.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub desired_count: Option<u32>,

    /// Command to run instead of the image's own.
    pub command: Option<Vec<String>>,

    /// Entry point to run instead of the image's own.
    pub entry_point: Option<Vec<String>>,

    /// Directory to run in instead of the image's own; begins with a `/`.
    pub working_directory: Option<String>,

    /// User to run as instead of the image's own: a name or an ID, with `:` and a group if wanted.
    pub user: Option<String>,

    /// Make the container's root file system read-only. ECS Exec needs it writable.
    #[serde(default)]
    pub readonly_root_filesystem: bool,

    /// Run an init process in the container, which forwards signals and reaps processes.
    #[serde(default)]
    pub init_process_enabled: bool,

    /// Seconds that the container gets to end by itself before it is killed, 0 to 120; without it, 30.
    pub stop_timeout: Option<u32>,

    /// A command within the container that tells whether it is healthy, beside the load balancer's `health_check`. A task whose container is unhealthy is replaced.
    pub container_health_check: Option<ContainerHealthCheck>,

    /// Sidecars that must have reached a condition before the container starts: from a name in `sidecars` to `START`, `HEALTHY` (it needs a `container_health_check`), `COMPLETE` or `SUCCESS` (it must not be `essential`).
    pub container_depends_on: Option<BTreeMap<String, String>>,

    /// Environment variables whose values ECS reads when a task starts: from a variable's name to the full ARN of an SSM parameter or of a Secrets Manager secret, which may end in `:json-key:version-stage:version-id`. The execution role may read exactly these, and decrypt them with whatever key of their account they are encrypted with. A changed value is seen by tasks that start afterwards.
    pub secrets: Option<BTreeMap<String, String>>,

    /// Other containers of each task, by name: at most nine. They share the task's network: what listens on a port there is reached by the others as `localhost`. Each writes to the log group under its own name.
    pub sidecars: Option<BTreeMap<String, Sidecar>>,

    /// JSON merge patch (RFC 7396) over the container's definition, for what AWS has and no attribute says, such as `jsonencode({ ulimits = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }] })`. Members have the names of the ECS API. Those that an attribute says (`image`, `portMappings`, `environment` and so on) are refused; a member that AWS takes no notice of makes the apply fail. The patch is kept in the container's label `fargate.overrides`.
    pub container_definition_overrides: Option<String>,

    /// JSON merge patch (RFC 7396) over the ECS service, for what AWS has and no attribute says, such as `jsonencode({ platformVersion = "1.4.0" })`. Members have the names of the ECS API: `availabilityZoneRebalancing` (on unless `deployment.maximum_percent` is 100), `deploymentConfiguration` with `alarms`, `bakeTimeInMinutes` and `earlySuccessCriteria`, `enableECSManagedTags`, `platformVersion`, `propagateTags` (of the service; tasks that run keep their tags), `serviceConnectConfiguration` (as a client: what is to be reached by others needs a named port, which no attribute gives) and `serviceRegistries`. Those that an attribute says (`desiredCount`, `networkConfiguration` and so on), those that a service on Fargate behind this load balancer can't have, those that AWS can't change and all others are refused. They change in place; platform version, Service Connect and registries start new tasks. A member that is taken out goes back to what it is by default. AWS keeps no patch: one that somebody has changed, or that is imported, is told by the members that are other than by default.
    pub service_overrides: Option<String>,

    /// The roles of the tasks, and what they may do.
    #[serde(default)]
    pub iam: Iam,

    /// Let those who may call `ecs:ExecuteCommand` run commands in the containers (`aws ecs execute-command`). The task role gets the four `ssmmessages` actions for it; a given `iam.task_role_arn` must allow them. A change starts new tasks.
    #[serde(default)]
    pub enable_execute_command: bool,

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

    /// Keeps CPU use, memory use or requests near a target by changing the number of tasks, which then isn't Terraform's: `desired_count` tells it, and is never planned back. Of several targets the one that wants most tasks wins. Taken out, what runs is kept.
    pub autoscaling: Option<Autoscaling>,

    /// How the tasks are spread over on-demand Fargate and Fargate Spot; by default all are on demand. A change is rolled out in place.
    pub capacity: Option<Capacity>,

    /// The ECS cluster.
    #[serde(default)]
    pub cluster: Cluster,
    /// HTTPS on port 443, with a certificate that is given, or made for `domain`. Switched on and off in place: HTTP requests are redirected only once HTTPS stands, and served again before it goes.
    pub https: Option<Https>,

    /// Names under which the service answers: a certificate is made in ACM and proven by records in Route 53, and alias records lead here. It switches HTTPS on, also without an `https` block. On a load balancer that was given the certificate is served besides those it has, and a TXT record `_fargate.NAME` beside each alias record says whose that is.
    ///
    /// A certificate has its names for good: when they change, another one is made, and served before the old one goes. The record that proves a name may serve other certificates too, so one that stands already is left as it is, and at the end one is deleted only if no other certificate of the account and region has it. A certificate of another region (CloudFront's, say) with the same name should have records of its own making.
    pub domain: Option<Domain>,

    /// The CloudWatch log group that takes the container's output.
    #[serde(default)]
    pub logs: Logs,

    /// How a new revision is rolled out.
    #[serde(default)]
    pub deployment: Deployment,

    /// Any text, for example an image's digest or a time: when it changes, the service is rolled out again with all else as it is. AWS shows it in a tag of the ECS service; what no tag can hold (more than 256 characters, or others than letters, digits, spaces and `+ - = . _ : / @`) is kept there, and imported, as a hash. Taking it out rolls nothing out.
    pub redeploy_trigger: Option<String>,

    /// What others change, and Terraform only tells: `image`, `desired_count`, or both. A create uses what the configuration says; from then on what AWS has is read, kept and never planned back. While the image is a pipeline's, a new revision made for another reason runs the image that runs then. Taken out, the next plan shows the difference.
    pub managed_elsewhere: Option<BTreeSet<String>>,

    /// Tags of every AWS object of this service, over the provider's `default_tags`; together at most 46.
    pub tags: Option<Tags>,

    /// How long an operation may take, as Go durations such as `45m` or `1h30m`.
    pub timeouts: Option<Timeouts>,
}

impl Settings {
    /// How HTTPS is served; none if only HTTP is, or the load balancer isn't ours.
    pub fn tls(&self) -> Option<Https> {
        if self.load_balancer.is_given() {
            return None;
        }
        self.https.clone().or_else(|| self.domain.as_ref().map(|_| Https::default()))
    }

    /// The hosts whose requests on a load balancer that was given are this service's; none for any.
    pub fn host_names(&self) -> BTreeSet<String> {
        let names = || self.domain.as_ref().map(|domain| domain.names().into_iter().map(str::to_owned).collect());
        self.load_balancer.host_names.clone().or_else(names).unwrap_or_default()
    }

    /// All defaults, under this name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            image: String::new(),
            port: default_port(),
            cpu: default_cpu(),
            memory: default_memory(),
            architecture: Architecture::default(),
            ephemeral_storage: None,
            desired_count: None,
            command: None,
            entry_point: None,
            working_directory: None,
            user: None,
            readonly_root_filesystem: false,
            init_process_enabled: false,
            stop_timeout: None,
            container_health_check: None,
            container_depends_on: None,
            secrets: None,
            sidecars: None,
            container_definition_overrides: None,
            service_overrides: None,
            iam: Iam::default(),
            enable_execute_command: false,
            environment: None,
            health_check: HealthCheck::default(),
            network: Network::default(),
            load_balancer: LoadBalancer::default(),
            autoscaling: None,
            capacity: None,
            cluster: Cluster::default(),
            https: None,
            domain: None,
            logs: Logs::default(),
            deployment: Deployment::default(),
            redeploy_trigger: None,
            managed_elsewhere: None,
            tags: None,
            timeouts: None,
        }
    }

    /// Whether somebody else deploys images.
    pub fn image_is_elsewhere(&self) -> bool {
        self.is_elsewhere("image")
    }

    /// Whether the number of tasks is set by somebody else, or by autoscaling.
    pub fn count_is_elsewhere(&self) -> bool {
        self.autoscaling.is_some() || self.is_elsewhere("desired_count")
    }

    fn is_elsewhere(&self, attribute: &str) -> bool {
        self.managed_elsewhere.as_ref().is_some_and(|those| those.contains(attribute))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeouts {
    /// Time to create; `30m` by default, `75m` with a `domain`, whose certificate has to be issued.
    pub create: Option<String>,
    /// Time to update; `30m` by default, `75m` with a `domain`.
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
