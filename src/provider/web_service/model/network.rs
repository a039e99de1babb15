//! `network`: where the service stands, and how its tasks reach the internet.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A new network, or an existing one. What only a new one has is null where an existing one is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Network {
    /// IPv4 range of the VPC, /16 to /23; `10.0.0.0/16` by default. It is carved into sixteen equal parts, a public and a private one for each possible zone, so that adding a zone never moves another. Not with `vpc_id`.
    #[schemars(extend("x-terraform" = ["replaces", "optional_computed"]))]
    pub cidr_block: Option<String>,
    /// Availability zones to use: two to eight, all of the provider's region; not together with `availability_zone_count`. By default as many as that says, by name; those in use are kept. With `vpc_id` they are those of the load balancer's subnets, and cannot be set.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub availability_zones: Option<BTreeSet<String>>,
    /// Number of availability zones, 2 to 8; not together with `availability_zones`. 2 where neither is given. Not with `vpc_id`.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub availability_zone_count: Option<u32>,
    /// How tasks reach the internet: `nat_per_az` (the default: private subnets, a NAT gateway in each zone: about 33 USD a month each in us-east-1, plus traffic; an outage of one zone leaves the others their way out), `nat_single` (private subnets, one NAT gateway for all zones: about 33 USD a month, plus traffic), `public` (public subnets and addresses, no NAT gateway: about 4 USD a month for each task's address; the security group still lets in nobody but the load balancer) or `none` (private subnets, no way out, no cost: images and logs need VPC endpoints of yours in `private_subnet_ids`). A change keeps running tasks connected: gateways and routes come before tasks need them, and go once the tasks have left. With `vpc_id` the ways out are yours: tasks run in the private subnets, unless this is `public`; other values cannot be set.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub egress: Option<Egress>,
    /// A gateway endpoint in the route tables, so that traffic to S3 (the layers of ECR images among it) doesn't go through a NAT gateway; true by default. AWS charges nothing for it. Not with `vpc_id`.
    #[schemars(extend("x-terraform" = ["optional_computed"]))]
    pub s3_endpoint: Option<bool>,
    /// ID of an existing VPC to use instead of a new one, with `public_subnet_ids`, `private_subnet_ids` or both. Nothing of it is changed: no subnet, gateway or route is made. Another VPC, or a change between a new network and an existing one, replaces the service.
    #[schemars(extend("x-terraform" = ["replaces"]))]
    pub vpc_id: Option<String>,
    /// IDs of the existing VPC's public subnets, one in each of two or more zones: the load balancer is in them, and with `egress = "public"` the tasks.
    pub public_subnet_ids: Option<BTreeSet<String>>,
    /// IDs of the existing VPC's private subnets, in zones of the load balancer's subnets: the tasks are in them, and an internal load balancer. They need a way out, or VPC endpoints for images and logs.
    pub private_subnet_ids: Option<BTreeSet<String>>,
    /// IDs of up to four security groups that the tasks get besides their own, such as one that a database lets in.
    pub security_group_ids: Option<BTreeSet<String>>,
}

impl Network {
    pub const CIDR_BLOCK: &str = "10.0.0.0/16";

    /// Whether the user gave the network: nothing of it is ours.
    pub fn is_given(&self) -> bool {
        self.vpc_id.is_some()
    }

    /// The block of a new network.
    pub fn block(&self) -> &str {
        self.cidr_block.as_deref().unwrap_or(Self::CIDR_BLOCK)
    }

    /// The ways out of a new network; none where it isn't ours.
    pub fn ways_out(&self) -> Egress {
        if self.is_given() { Egress::None } else { self.egress.unwrap_or_default() }
    }

    pub fn has_s3_endpoint(&self) -> bool {
        !self.is_given() && self.s3_endpoint.unwrap_or(true)
    }

    /// Whether the tasks are in public subnets, with addresses of their own.
    pub fn assigns_public_ips(&self) -> bool {
        self.egress == Some(Egress::Public)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Egress {
    #[default]
    NatPerAz,
    NatSingle,
    Public,
    None,
}

impl Egress {
    pub const WORDS: &[&str] = &["nat_per_az", "nat_single", "public", "none"];

    pub fn word(self) -> &'static str {
        match self {
            Self::NatPerAz => "nat_per_az",
            Self::NatSingle => "nat_single",
            Self::Public => "public",
            Self::None => "none",
        }
    }
}
