//! VPC: the network of one stack, DNS switched on, its default security group emptied.
//!
//! AWS makes a main route table, a default security group and a default network ACL with it; they go with it too.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, SecurityGroupRule, VpcAttributeName, VpcState};
use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::{ec2_tags, guard_duty, leftovers, network_guests, security_group_rule};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Result};
use crate::aws::graph::{After, Ref};
use crate::aws::object::{Life, Object, Pace, Ready, Seen, Site, unchangeable};
use crate::aws::owner::{Owner, Tags};

crate::id!(VpcId);

/// Its CIDR block is fixed at birth: another one is another network, and replaces the resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    pub cidr_block: String,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    /// Rules of the default security group; we want none, so that nothing is reachable by accident.
    pub default_security_group_rules: usize,
}

impl Vpc {
    pub fn new(cidr_block: impl Into<String>) -> Self {
        Self { cidr_block: cidr_block.into(), dns_support: true, dns_hostnames: true, default_security_group_rules: 0 }
    }

    /// None if the VPC has gone.
    async fn attribute(aws: &Aws, vpc: &str, name: VpcAttributeName) -> Result<Option<bool>> {
        let ask = || aws.ec2.describe_vpc_attribute().vpc_id(vpc).attribute(name.clone()).send();
        let answer = aws.call("ec2:DescribeVpcAttribute", ask).await.absent(&["InvalidVpcID.NotFound"])?;
        let Some(answer) = answer else { return Ok(None) };
        let value = if name == VpcAttributeName::EnableDnsSupport {
            answer.enable_dns_support()
        } else {
            answer.enable_dns_hostnames()
        };
        Ok(Some(value.and_then(AttributeBooleanValue::value).unwrap_or_default()))
    }

    async fn set_attribute(aws: &Aws, vpc: &VpcId, name: VpcAttributeName) -> Result<()> {
        let on = AttributeBooleanValue::builder().value(true).build();
        let ask = || {
            let ask = aws.ec2.modify_vpc_attribute().vpc_id(&vpc.0);
            match name {
                VpcAttributeName::EnableDnsSupport => ask.enable_dns_support(on.clone()).send(),
                _ => ask.enable_dns_hostnames(on.clone()).send(),
            }
        };
        aws.call("ec2:ModifyVpcAttribute", ask).await.map(drop)
    }

    /// The rules of a VPC's default security group; none where that doesn't show yet.
    async fn default_rules(aws: &Aws, vpc: &str) -> Result<Option<Vec<SecurityGroupRule>>> {
        let of_vpc = Filter::builder().name("vpc-id").values(vpc).build();
        let default = Filter::builder().name("group-name").values("default").build();
        let ask = || aws.ec2.describe_security_groups().filters(of_vpc.clone()).filters(default.clone()).send();
        let groups = aws.call("ec2:DescribeSecurityGroups", ask).await?;
        let Some(group) = groups.security_groups().iter().find_map(|group| group.group_id()) else { return Ok(None) };
        security_group_rule::of(aws, [group]).await.map(Some)
    }
}

/// Revokes these rules, whatever they allow.
pub(super) async fn revoke(aws: &Aws, rules: &[SecurityGroupRule]) -> Result<()> {
    for rule in rules {
        let (group, id) = (rule.group_id().unwrap_or_default(), rule.security_group_rule_id().unwrap_or_default());
        if rule.is_egress() == Some(true) {
            let ask = || aws.ec2.revoke_security_group_egress().group_id(group).security_group_rule_ids(id).send();
            let revoked = aws.call("ec2:RevokeSecurityGroupEgress", ask).await;
            revoked.absent(&["InvalidPermission.NotFound", "InvalidSecurityGroupRuleId.NotFound"])?;
        } else {
            let ask = || aws.ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(id).send();
            let revoked = aws.call("ec2:RevokeSecurityGroupIngress", ask).await;
            revoked.absent(&["InvalidPermission.NotFound", "InvalidSecurityGroupRuleId.NotFound"])?;
        }
    }
    Ok(())
}

impl Object for Vpc {
    const KIND: &'static str = "VPC";
    type Needs = After<Ref<Anchor>>;
    type Output = VpcId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let ask = || async {
            let pages = aws.ec2.describe_vpcs().set_filters(ec2_tags::filters(owner)).into_paginator();
            pages.items().send().try_collect().await
        };
        let mut seen = Vec::new();
        for vpc in aws.call("ec2:DescribeVpcs", ask).await? {
            let tags = ec2_tags::read(vpc.tags());
            let (Some(key), Some(id)) = (owner.key_in(&tags), vpc.vpc_id()) else { continue };
            let (dns_support, dns_hostnames, rules) = futures::try_join!(
                Self::attribute(aws, id, VpcAttributeName::EnableDnsSupport),
                Self::attribute(aws, id, VpcAttributeName::EnableDnsHostnames),
                Self::default_rules(aws, id),
            )?;
            let (Some(dns_support), Some(dns_hostnames), Some(rules)) = (dns_support, dns_hostnames, rules) else {
                continue;
            };
            let cidr_block = vpc.cidr_block().unwrap_or_default().to_owned();
            let life = if vpc.state() == Some(&VpcState::Pending) { Life::Rising } else { Life::Standing };
            let actual = Self { cidr_block, dns_support, dns_hostnames, default_security_group_rules: rules.len() };
            seen.push(Seen { key, output: VpcId(id.to_owned()), needs: (), life, actual, tags });
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, (): &()) -> Result<VpcId> {
        let Site { aws, .. } = site;
        let tags = ec2_tags::specification(site, ResourceType::Vpc);
        let ask = || aws.ec2.create_vpc().cidr_block(&self.cidr_block).tag_specifications(tags.clone()).send();
        let made = aws.call("ec2:CreateVpc", ask).await?;
        VpcId::of(made.vpc().and_then(|vpc| vpc.vpc_id()))
    }

    async fn settle(&self, site: Site<'_>, vpc: &VpcId, (): &(), seen: Option<&Seen<Self>>) -> Result<VpcId> {
        let Site { aws, .. } = site;
        if let Some(seen) = seen.filter(|seen| seen.actual.cidr_block != self.cidr_block) {
            return Err(unchangeable(seen));
        }
        // Host names need support, so one after the other.
        Self::set_attribute(aws, vpc, VpcAttributeName::EnableDnsSupport).await?;
        Self::set_attribute(aws, vpc, VpcAttributeName::EnableDnsHostnames).await?;
        // AWS puts rules into the default group of each new VPC: none to be seen there only means that they don't show yet.
        // If that stays so for a minute, they were taken away before: it was found again when its answer was lost.
        let (revoked, empty) = (AtomicBool::new(seen.is_some()), AtomicUsize::new(0));
        let look = || async {
            let Some(rules) = Self::default_rules(aws, &vpc.0).await? else {
                return Ok(Ready::NotYet("the default security group doesn't show".into()));
            };
            if rules.is_empty() && (revoked.load(Ordering::Relaxed) || empty.fetch_add(1, Ordering::Relaxed) >= 30) {
                return Ok(Ready::Yes);
            }
            revoke(aws, &rules).await?;
            revoked.fetch_or(!rules.is_empty(), Ordering::Relaxed);
            Ok(Ready::NotYet(format!("{} rules show in the default security group", rules.len())))
        };
        aws.until(Pace::seconds(1, 2), look).await?;
        Ok(vpc.clone())
    }

    async fn ready(&self, aws: &Aws, vpc: &VpcId) -> Result<Ready> {
        let found = aws.call("ec2:DescribeVpcs", || aws.ec2.describe_vpcs().vpc_ids(&vpc.0).send()).await;
        let found = found.absent(&["InvalidVpcID.NotFound"])?;
        Ok(match found.as_ref().and_then(|found| found.vpcs().first()).map(|vpc| vpc.state()) {
            Some(Some(VpcState::Available)) => Ready::Yes,
            Some(state) => Ready::NotYet(format!("the VPC is {}", state.map_or("in no state", VpcState::as_str))),
            None => Ready::NotYet("the VPC is not visible yet".into()),
        })
    }

    async fn retag(aws: &Aws, vpc: &VpcId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &vpc.0, set, remove).await
    }

    async fn given(aws: &Aws, id: &str) -> Result<Option<VpcId>> {
        let found = aws.call("ec2:DescribeVpcs", || aws.ec2.describe_vpcs().vpc_ids(id).send()).await;
        let found = found.absent(&["InvalidVpcID.NotFound"])?;
        Ok(found.is_some_and(|found| !found.vpcs().is_empty()).then(|| VpcId(id.to_owned())))
    }

    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        let vpc = &seen.output.0;
        let (groups, subnets) = futures::try_join!(
            network_guests::groups_in(aws, owner, vpc),
            network_guests::subnets_in(aws, owner, vpc),
        )?;
        Ok(groups.into_iter().chain(subnets).collect())
    }

    async fn delete(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<()> {
        let id = &seen.output.0;
        guard_duty::leave_vpc(aws, owner, id).await?;
        let deleted = aws.call("ec2:DeleteVpc", || aws.ec2.delete_vpc().vpc_id(id).send()).await;
        leftovers::told(aws, deleted.absent(&["InvalidVpcID.NotFound"]).map(drop), "vpc-id", id).await
    }
}
