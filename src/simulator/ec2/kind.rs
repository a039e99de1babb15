//! The kinds of objects: how their ids begin, what they are called in tags, and how AWS says that one isn't there.
//!
//! The codes follow EC2's "Error codes for the Amazon EC2 API"; AWS spells them unevenly (ID, Id). Those for malformed ids
//! are unverified.

use std::collections::BTreeMap;

use crate::simulator::refusal::Refusal;

#[derive(Debug)]
pub struct Kind {
    pub prefix: &'static str,
    /// In TagSpecification.
    pub tagged: &'static str,
    missing: &'static str,
    malformed: &'static str,
    noun: &'static str,
}

const fn kind(
    prefix: &'static str,
    tagged: &'static str,
    missing: &'static str,
    malformed: &'static str,
    noun: &'static str,
) -> Kind {
    Kind { prefix, tagged, missing, malformed, noun }
}

pub const VPC: Kind = kind("vpc", "vpc", "InvalidVpcID.NotFound", "InvalidVpcId.Malformed", "vpc ID");
pub const SUBNET: Kind = kind("subnet", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetId.Malformed", "subnet ID");
pub const INTERNET_GATEWAY: Kind = kind(
    "igw",
    "internet-gateway",
    "InvalidInternetGatewayID.NotFound",
    "InvalidInternetGatewayId.Malformed",
    "internetGateway ID",
);
pub const ADDRESS: Kind =
    kind("eipalloc", "elastic-ip", "InvalidAllocationID.NotFound", "InvalidAllocationID.Malformed", "allocation ID");
pub const NAT: Kind = kind("nat", "natgateway", "NatGatewayNotFound", "NatGatewayMalformed", "natGateway ID");
pub const ROUTE_TABLE: Kind =
    kind("rtb", "route-table", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed", "routeTable ID");
pub const ASSOCIATION: Kind =
    kind("rtbassoc", "", "InvalidAssociationID.NotFound", "InvalidAssociationID.Malformed", "association ID");
pub const GROUP: Kind =
    kind("sg", "security-group", "InvalidGroup.NotFound", "InvalidGroupId.Malformed", "security group");
pub const RULE: Kind = kind(
    "sgr",
    "security-group-rule",
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidSecurityGroupRuleId.Malformed",
    "security group rule ID",
);
pub const INTERFACE: Kind = kind(
    "eni",
    "network-interface",
    "InvalidNetworkInterfaceID.NotFound",
    "InvalidNetworkInterfaceId.Malformed",
    "networkInterface ID",
);

pub const ENDPOINT: Kind =
    kind("vpce", "vpc-endpoint", "InvalidVpcEndpointId.NotFound", "InvalidVpcEndpointId.Malformed", "Vpc Endpoint Id");
pub const ENDPOINT_SERVICE: Kind =
    kind("com.amazonaws", "", "InvalidServiceName", "InvalidServiceName", "Vpc Endpoint Service");
pub const PREFIX_LIST: Kind =
    kind("pl", "", "InvalidPrefixListID.NotFound", "InvalidPrefixListId.Malformed", "prefix list ID");

/// All that can be tagged.
const ALL: [&Kind; 10] =
    [&ENDPOINT, &VPC, &SUBNET, &INTERNET_GATEWAY, &ADDRESS, &NAT, &ROUTE_TABLE, &GROUP, &RULE, &INTERFACE];

impl Kind {
    /// The kind of an id, by how it begins.
    pub fn of(id: &str) -> Option<&'static Kind> {
        let (prefix, _) = id.split_once('-')?;
        ALL.into_iter().find(|kind| kind.prefix == prefix)
    }

    /// Why an id isn't found.
    #[track_caller]
    pub fn not_found(&self, id: &str) -> Refusal {
        let digits = id.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('-'));
        match digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_hexdigit())) {
            true => Refusal::new(self.missing, format!("The {} '{id}' does not exist", self.noun)),
            false => {
                let why = format!("Invalid id: \"{id}\" (expecting \"{}-...\")", self.prefix);
                Refusal::new(self.malformed, why)
            }
        }
    }

    pub fn find<'a, T>(&self, all: &'a BTreeMap<String, T>, id: &str) -> Result<&'a T, Refusal> {
        all.get(id).ok_or_else(|| self.not_found(id))
    }

    pub fn find_mut<'a, T>(&self, all: &'a mut BTreeMap<String, T>, id: &str) -> Result<&'a mut T, Refusal> {
        all.get_mut(id).ok_or_else(|| self.not_found(id))
    }
}

/// The refusal of a deletion because something still uses the object.
#[track_caller]
pub fn in_use(what: &str, id: &str) -> Refusal {
    Refusal::new("DependencyViolation", format!("The {what} '{id}' has dependencies and cannot be deleted."))
}

/// The commonest refusal.
#[track_caller]
pub fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", why)
}
