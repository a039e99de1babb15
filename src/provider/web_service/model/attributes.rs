//! What the provider tells.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Tags;

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
    /// Where the service answers: `https://`, or `http://` without HTTPS, and the domain's name, or the load balancer's DNS name. On a load balancer that was given also the first of the host names and paths.
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
    /// IDs of the public subnets: of a new network in the order of `availability_zones`.
    pub public_subnet_ids: Option<Vec<String>>,
    /// IDs of the private subnets: of a new network in the order of `availability_zones`.
    pub private_subnet_ids: Option<Vec<String>>,
    /// Public addresses of the NAT gateways: what others see the tasks come from.
    pub nat_public_ips: Option<Vec<String>>,
    /// ARN of the load balancer.
    pub load_balancer_arn: Option<String>,
    /// ARN of the listener that takes the requests: the HTTPS one where there is HTTPS.
    pub listener_arn: Option<String>,
    /// ARN of the target group.
    pub target_group_arn: Option<String>,
    /// ID of the load balancer's security group; of one that was given, that by which it reaches the tasks.
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
