//! What GuardDuty puts into a network of ours. With Runtime Monitoring and its automated agent on, AWS makes an interface
//! endpoint and a security group in every VPC in which a task starts, and takes them away only when the monitoring is
//! switched off. They are nobody's guests: with what they are in they go. In a network that the user gave they are left
//! alone, as nothing of that is deleted.

use aws_sdk_ec2::types::{Filter, SecurityGroup as Group, VpcEndpoint};

use super::gateway_endpoint::{self, life};
use super::security_group;
use super::service::Service;
use super::{ec2_tags, network_guests};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::object::{Life, Object, Pace, Ready};
use crate::aws::owner::{Owner, Tags};

const TAG: (&str, &str) = ("GuardDutyManaged", "true");

fn is_tagged(tags: &Tags) -> bool {
    tags.get(TAG.0).is_some_and(|value| value == TAG.1)
}

/// Whether it has made this group. By its name too: whoever watches tasks by hand may use the tag.
pub fn made(group: &Group) -> bool {
    let named = group.group_name().is_some_and(|name| name.starts_with("GuardDutyManagedSecurityGroup-"));
    named && is_tagged(&ec2_tags::read(group.tags()))
}

fn filters(vpc: &str) -> Vec<Filter> {
    vec![network_guests::filter("vpc-id", [vpc]), network_guests::filter(&format!("tag:{}", TAG.0), [TAG.1])]
}

/// Its endpoints in a VPC; those in this subnet alone, if one is named.
async fn endpoints(aws: &Aws, vpc: &str, subnet: Option<&str>) -> Result<Vec<VpcEndpoint>> {
    let ask = || async {
        let pages = aws.ec2.describe_vpc_endpoints().set_filters(Some(filters(vpc))).into_paginator();
        pages.items().send().try_collect().await
    };
    let mut found: Vec<VpcEndpoint> = aws.call("ec2:DescribeVpcEndpoints", ask).await?;
    found.retain(|endpoint| {
        // `guardduty-data`, or `guardduty-data-fips`.
        endpoint.service_name().is_some_and(|name| name.contains(".guardduty-data"))
            && !gateway_endpoint::is_deleted(endpoint)
            && subnet.is_none_or(|subnet| endpoint.subnet_ids().iter().any(|id| id == subnet))
    });
    Ok(found)
}

/// Takes its endpoint out of a subnet that goes.
pub async fn leave_subnet(aws: &Aws, owner: &Owner, vpc: &str, subnet: &str) -> Result<()> {
    leave(aws, owner, vpc, Some(subnet)).await
}

/// Removes its endpoint and its group from a VPC that goes.
pub async fn leave_vpc(aws: &Aws, owner: &Owner, vpc: &str) -> Result<()> {
    leave(aws, owner, vpc, None).await?;
    for group in security_group::described(aws, Some(filters(vpc))).await?.iter().filter(|group| made(group)) {
        security_group::remove(aws, group.group_id().unwrap_or_default()).await?;
    }
    Ok(())
}

async fn leave(aws: &Aws, owner: &Owner, vpc: &str, subnet: Option<&str>) -> Result<()> {
    aws.until(Pace::seconds(2, 5), || async {
        let found = endpoints(aws, vpc, subnet).await?;
        if found.is_empty() {
            return Ok(Ready::Yes);
        }
        if found.iter().any(stands) {
            dismiss(aws, owner, vpc, subnet).await?;
        }
        let ids: Vec<&str> = found.iter().filter_map(|endpoint| endpoint.vpc_endpoint_id()).collect();
        Ok(Ready::NotYet(format!("{} of GuardDuty is leaving {}", ids.join(", "), subnet.unwrap_or(vpc))))
    })
    .await
}

fn stands(endpoint: &VpcEndpoint) -> bool {
    life(endpoint) != Life::Gone
}

/// Subnets go at the same time, and AWS takes one change of an endpoint at a time: the first one that comes sends it away
/// altogether, unless tasks of a service that stands are watched through it.
async fn dismiss(aws: &Aws, owner: &Owner, vpc: &str, subnet: Option<&str>) -> Result<()> {
    let _turn = aws.one_by_one.lock().await;
    let found = endpoints(aws, vpc, subnet).await?;
    let watches = Service::observe(aws, owner).await?.iter().any(|service| service.life != Life::Gone);
    for endpoint in found.iter().filter(|endpoint| stands(endpoint)) {
        let id = endpoint.vpc_endpoint_id().unwrap_or_default();
        match subnet.filter(|_| watches && endpoint.subnet_ids().len() > 1) {
            Some(subnet) => {
                let ask = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(id).remove_subnet_ids(subnet);
                let modified = aws.call("ec2:ModifyVpcEndpoint", || ask.clone().send()).await;
                modified.absent(&["InvalidSubnetID.NotFound", "InvalidSubnetId.NotFound"])?;
            }
            None => gateway_endpoint::ask_to_go(aws, id).await?,
        }
    }
    Ok(())
}
