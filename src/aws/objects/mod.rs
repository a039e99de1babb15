//! One file per kind of AWS object, all of one shape; and the list of all kinds.

mod attachments;
mod ec2_tags;
pub(super) mod ecs_tags;
pub(super) mod elb_tags;
mod guard_duty;
mod hosted_zone_records;
mod leftovers;
mod network_guests;
mod rollout;
mod service_request;

pub mod alias_record;
pub mod anchor;
pub mod association;
pub mod capacity;
pub mod certificate;
pub mod certificate_validation;
pub mod cluster;
pub mod container;
pub mod elastic_ip;
pub mod gateway_endpoint;
pub mod internet_gateway;
pub mod listener;
pub mod listener_certificate;
pub mod listener_rule;
pub mod load_balancer;
pub mod log_group;
pub mod nat_gateway;
pub mod redeploy;
pub mod role;
pub mod route;
pub mod route_table;
pub mod scalable_target;
pub mod scaling_policy;
pub mod security_group;
pub mod security_group_rule;
pub mod service;
pub mod service_overrides;
pub mod subnet;
pub mod target_group;
pub mod task_definition;
pub mod vpc;

use super::erased::Kind;

/// Every kind there is: what a stack may own, and must be looked for.
pub const KINDS: &[Kind] = &[
    Kind::of::<alias_record::AliasRecord>(),
    Kind::of::<anchor::Anchor>(),
    Kind::of::<association::Association>(),
    Kind::of::<certificate::Certificate>(),
    Kind::of::<certificate_validation::CertificateValidation>(),
    Kind::of::<cluster::Cluster>(),
    Kind::of::<elastic_ip::ElasticIp>(),
    Kind::of::<gateway_endpoint::GatewayEndpoint>(),
    Kind::of::<internet_gateway::InternetGateway>(),
    Kind::of::<listener::Listener>(),
    Kind::of::<listener_certificate::ListenerCertificate>(),
    Kind::of::<listener_rule::ListenerRule>(),
    Kind::of::<load_balancer::LoadBalancer>(),
    Kind::of::<log_group::LogGroup>(),
    Kind::of::<nat_gateway::NatGateway>(),
    Kind::of::<role::Role>(),
    Kind::of::<route::Route>(),
    Kind::of::<route_table::RouteTable>(),
    Kind::of::<scalable_target::ScalableTarget>(),
    Kind::of::<scaling_policy::ScalingPolicy>(),
    Kind::of::<security_group::SecurityGroup>(),
    Kind::of::<security_group_rule::SecurityGroupRule>(),
    Kind::of::<service::Service>(),
    Kind::of::<subnet::Subnet>(),
    Kind::of::<target_group::TargetGroup>(),
    Kind::of::<task_definition::TaskDefinition>(),
    Kind::of::<vpc::Vpc>(),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::diff::dependants;

    #[test]
    fn every_kind_can_be_deleted_before_what_it_needs() {
        for kind in KINDS {
            // Listeners wait for one another; among those that go, only for those that hang on them.
            let waits = dependants(KINDS, kind.name).contains(kind.name);
            assert_eq!(waits, kind.name == "listener", "{} would wait for itself", kind.name);
            for need in (kind.needs)() {
                assert!(KINDS.iter().any(|other| other.name == need), "{need} is missing in the list of kinds");
            }
        }
        // All but the anchor hang on the anchor: it goes last.
        assert_eq!(dependants(KINDS, <anchor::Anchor as crate::aws::object::Object>::KIND).len(), KINDS.len() - 1);
    }
}
