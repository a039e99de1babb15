//! A service's settings in the words of CreateService and UpdateService; and what it means where AWS refuses to make one.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{
    AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration, DeploymentCircuitBreaker,
    DeploymentConfiguration, LoadBalancer as Attachment, NetworkConfiguration,
};

use super::ecs_tags;
use super::security_group::SecurityGroupId;
use super::service::Service;
use super::subnet::SubnetId;
use super::target_group::TargetGroupArn;
use super::task_definition::CONTAINER;
use crate::aws::error::{Error, Result};
use crate::aws::object::Site;

impl Service {
    /// The error of a create. In a cluster that the user gave somebody else's service may have our name: AWS's answer to that
    /// says neither which nor where.
    pub(super) async fn refused(site: Site<'_>, cluster: &str, error: Error) -> Error {
        if error.code() != Some("InvalidParameterException") {
            return error;
        }
        let name = Self::name(site.owner);
        match Self::look(site.aws, cluster, name).await {
            Ok(Some(found))
                if found.status() != Some("INACTIVE") && site.owner.key_in(&ecs_tags::read(found.tags())).is_none() =>
            {
                Error::InTheWay(format!("an ECS service {name} that isn't ours is in the way in {cluster} ({error})"))
            }
            _ => error,
        }
    }

    pub(super) fn network(
        &self,
        subnets: &BTreeSet<SubnetId>,
        groups: &BTreeSet<SecurityGroupId>,
    ) -> Result<NetworkConfiguration> {
        let public = if self.assign_public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
        let network = AwsVpcConfiguration::builder()
            .set_subnets(Some(subnets.iter().map(|subnet| subnet.0.clone()).collect()))
            .set_security_groups(Some(groups.iter().map(|group| group.0.clone()).collect()))
            .assign_public_ip(public)
            .build()
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        Ok(NetworkConfiguration::builder().awsvpc_configuration(network).build())
    }

    pub(super) fn deployment(&self) -> DeploymentConfiguration {
        let breaker = DeploymentCircuitBreaker::builder().enable(self.circuit_breaker).rollback(self.rollback).build();
        DeploymentConfiguration::builder()
            .minimum_healthy_percent(self.minimum_healthy_percent)
            .maximum_percent(self.maximum_percent)
            .deployment_circuit_breaker(breaker)
            .build()
    }

    pub(super) fn rebalancing(&self) -> AvailabilityZoneRebalancing {
        match self.availability_zone_rebalancing {
            true => AvailabilityZoneRebalancing::Enabled,
            false => AvailabilityZoneRebalancing::Disabled,
        }
    }

    pub(super) fn attachment(&self, group: &TargetGroupArn) -> Attachment {
        let at = Attachment::builder().target_group_arn(&group.0).container_name(CONTAINER);
        at.container_port(self.container_port).build()
    }
}
