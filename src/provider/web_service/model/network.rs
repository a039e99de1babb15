//! `network`: where the service stands, and how its tasks reach the internet.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
