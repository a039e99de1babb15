//! Security group. Its wanted rules are objects of their own; every other rule in it is removed.
//!
//! AWS puts an allow-all egress rule into each new group, which goes too. A rule tagged by another stack is a guest and
//! stays.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, ResourceType, SecurityGroup as Described, SecurityGroupRule as Rule,
};
use serde::{Deserialize, Serialize};

use super::vpc::{Vpc, VpcId, revoke};
use super::{ec2_tags, leftovers, network_guests, security_group_rule};
use crate::aws::client::Aws;
use crate::aws::error::{Absent, Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Seen, Site, unchangeable};
use crate::aws::owner::{Owner, STACK_TAG, Tags};

crate::id!(SecurityGroupId);

const ABSENT: &[&str] = &["InvalidGroup.NotFound", "InvalidGroupId.NotFound"];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// AWS cannot change it.
    pub description: String,
    /// Rules that no stack has put there, in words; we want none.
    pub foreign_rules: BTreeSet<String>,
}

impl SecurityGroup {
    pub fn new(description: &str) -> Self {
        Self { description: description.into(), foreign_rules: BTreeSet::new() }
    }

    /// The rules of these groups that carry no stack's tag.
    async fn foreign(aws: &Aws, groups: impl IntoIterator<Item = &str>) -> Result<Vec<Rule>> {
        let mut rules = security_group_rule::of(aws, groups).await?;
        rules.retain(|rule| !ec2_tags::read(rule.tags()).contains_key(STACK_TAG));
        Ok(rules)
    }
}

/// Those of these groups that there are, each with its VPC.
pub async fn look_up(aws: &Aws, ids: impl IntoIterator<Item = String>) -> Result<BTreeMap<String, String>> {
    // Asked for by id, one that is missing would be an error that doesn't tell of the others.
    with(aws, vec![Filter::builder().name("group-id").set_values(Some(ids.into_iter().collect())).build()]).await
}

/// The groups that meet all these filters, each with its VPC.
pub async fn with(aws: &Aws, filters: Vec<Filter>) -> Result<BTreeMap<String, String>> {
    let found = described(aws, Some(filters)).await?;
    Ok(found.iter().filter_map(|group| Some((group.group_id()?.to_owned(), group.vpc_id()?.to_owned()))).collect())
}

/// The same, as EC2 describes them.
pub(super) async fn described(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<Described>> {
    let ask = || async {
        let pages = aws.ec2.describe_security_groups().set_filters(filters.clone()).into_paginator();
        pages.items().send().try_collect().await
    };
    aws.call("ec2:DescribeSecurityGroups", ask).await
}

/// Deletes a group, once nothing holds it any more.
pub(super) async fn remove(aws: &Aws, id: &str) -> Result<()> {
    let deleted = aws.call("ec2:DeleteSecurityGroup", || aws.ec2.delete_security_group().group_id(id).send()).await;
    leftovers::told(aws, deleted.absent(ABSENT).map(drop), "group-id", id).await
}

/// A rule as a person would write it: `ingress 0.0.0.0/0:22/tcp`.
fn in_words(rule: &Rule) -> String {
    let direction = if rule.is_egress() == Some(true) { "egress" } else { "ingress" };
    let group = rule.referenced_group_info().and_then(|group| group.group_id());
    let peer = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or(group).unwrap_or("?");
    let protocol = rule.ip_protocol().unwrap_or("?");
    match (protocol, rule.from_port(), rule.to_port()) {
        ("-1", ..) => format!("{direction} {peer}, all traffic"),
        (_, Some(from), Some(to)) if from == to => format!("{direction} {peer}:{from}/{protocol}"),
        (_, from, to) => format!("{direction} {peer}:{}-{}/{protocol}", from.unwrap_or(-1), to.unwrap_or(-1)),
    }
}

impl Object for SecurityGroup {
    const KIND: &'static str = "security group";
    type Needs = Ref<Vpc>;
    type Output = SecurityGroupId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let mut seen = Vec::new();
        let found = described(aws, ec2_tags::filters(owner)).await?;
        let foreign = Self::foreign(aws, found.iter().filter_map(|group| group.group_id())).await?;
        for group in &found {
            let tags = ec2_tags::read(group.tags());
            let (Some(key), Some(id)) = (owner.key_in(&tags), group.group_id()) else { continue };
            let foreign_rules = foreign.iter().filter(|rule| rule.group_id() == Some(id)).map(in_words).collect();
            let description = group.description().unwrap_or_default().to_owned();
            seen.push(Seen {
                key,
                output: SecurityGroupId(id.to_owned()),
                needs: VpcId(Error::required(group.vpc_id(), "VpcId")?),
                life: Life::Standing,
                actual: Self { description, foreign_rules },
                tags,
            });
        }
        Ok(seen)
    }

    async fn create(&self, site: Site<'_>, vpc: &VpcId) -> Result<SecurityGroupId> {
        let ask = site.aws.ec2.create_security_group().vpc_id(&vpc.0).description(&self.description);
        let ask = ask.group_name(site.owner.unique_name(site.key, 64));
        let ask = ask.tag_specifications(ec2_tags::specification(site, ResourceType::SecurityGroup));
        let made = site.aws.call("ec2:CreateSecurityGroup", || ask.clone().send()).await?;
        SecurityGroupId::of(made.group_id())
    }

    async fn settle(
        &self,
        site: Site<'_>,
        group: &SecurityGroupId,
        vpc: &VpcId,
        seen: Option<&Seen<Self>>,
    ) -> Result<SecurityGroupId> {
        match seen {
            Some(seen) if seen.actual.description != self.description || seen.needs != *vpc => {
                return Err(unchangeable(seen));
            }
            Some(_) => (),
            // Named by what it allows: in a list of a new group's rules it may not show yet.
            None => {
                let anywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
                let all = IpPermission::builder().ip_protocol("-1").ip_ranges(anywhere).build();
                let ask = site.aws.ec2.revoke_security_group_egress().group_id(&group.0).ip_permissions(all);
                let revoked = site.aws.call("ec2:RevokeSecurityGroupEgress", || ask.clone().send()).await;
                revoked.absent(&["InvalidPermission.NotFound"])?;
            }
        }
        revoke(site.aws, &Self::foreign(site.aws, [group.0.as_str()]).await?).await?;
        Ok(group.clone())
    }

    async fn retag(aws: &Aws, group: &SecurityGroupId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &group.0, set, remove).await
    }

    async fn given(aws: &Aws, id: &str) -> Result<Option<SecurityGroupId>> {
        let found = look_up(aws, [id.to_owned()]).await?;
        Ok(found.contains_key(id).then(|| SecurityGroupId(id.to_owned())))
    }

    async fn guests(aws: &Aws, owner: &Owner, seen: &Seen<Self>) -> Result<BTreeSet<String>> {
        let id = &seen.output.0;
        let (rules, groups, interfaces) = futures::try_join!(
            network_guests::rules_in(aws, owner, id),
            network_guests::groups_that_name(aws, owner, id),
            network_guests::interfaces(aws, owner, "group-id", id),
        )?;
        Ok(rules.into_iter().chain(groups).chain(interfaces).collect())
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        remove(aws, &seen.output.0).await
    }
}
