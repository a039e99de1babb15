//! One rule of a security group: traffic of one protocol and port range, in or out, with one CIDR block or group.

use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, ResourceType, SecurityGroupRule as Described, SecurityGroupRuleRequest,
    SecurityGroupRuleUpdate, UserIdGroupPair,
};
use serde::{Deserialize, Serialize};

use super::ec2_tags;
use super::security_group::{SecurityGroup, SecurityGroupId};
use super::vpc::revoke;
use crate::aws::client::Aws;
use crate::aws::error::{Error, Result};
use crate::aws::graph::Ref;
use crate::aws::object::{Life, Object, Outputs, Seen, Site};
use crate::aws::owner::{Owner, Tags};

crate::id!(RuleId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Ingress,
    Egress,
}

/// Its peer is `cidr_block`, or else the second group among its needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    pub direction: Direction,
    /// `tcp`, or `-1` for all traffic (ports are -1 then).
    pub protocol: String,
    pub port: i32,
    pub cidr_block: Option<String>,
    pub description: String,
}

impl SecurityGroupRule {
    pub fn tcp(direction: Direction, port: u16, cidr_block: Option<&str>, description: &str) -> Self {
        let cidr_block = cidr_block.map(str::to_owned);
        Self { direction, protocol: "tcp".into(), port: port.into(), cidr_block, description: description.into() }
    }

    pub fn all_traffic_out(description: &str) -> Self {
        let cidr_block = Some("0.0.0.0/0".into());
        let (protocol, description) = ("-1".into(), description.into());
        Self { direction: Direction::Egress, protocol, port: -1, cidr_block, description }
    }

    fn permission(&self, peer: Option<&SecurityGroupId>) -> IpPermission {
        let text = &self.description;
        let range = self.cidr_block.as_ref().map(|cidr| IpRange::builder().cidr_ip(cidr).description(text).build());
        let pair = peer.map(|group| UserIdGroupPair::builder().group_id(&group.0).description(text).build());
        let permission = IpPermission::builder().ip_protocol(&self.protocol).from_port(self.port).to_port(self.port);
        permission
            .set_ip_ranges(range.map(|range| vec![range]))
            .set_user_id_group_pairs(pair.map(|pair| vec![pair]))
            .build()
    }
}

/// All rules of these groups, whosever they are.
pub(super) async fn of<'a>(aws: &Aws, groups: impl IntoIterator<Item = &'a str>) -> Result<Vec<Described>> {
    let groups: Vec<_> = groups.into_iter().map(str::to_owned).collect();
    if groups.is_empty() {
        // AWS takes no filter without values.
        return Ok(Vec::new());
    }
    described(aws, Some(vec![Filter::builder().name("group-id").set_values(Some(groups)).build()])).await
}

async fn described(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<Described>> {
    let ask = || async {
        let pages = aws.ec2.describe_security_group_rules().set_filters(filters.clone()).into_paginator();
        pages.items().send().try_collect().await
    };
    aws.call("ec2:DescribeSecurityGroupRules", ask).await
}

impl Object for SecurityGroupRule {
    const KIND: &'static str = "security group rule";
    type Needs = (Ref<SecurityGroup>, Option<Ref<SecurityGroup>>);
    type Output = RuleId;

    async fn observe(aws: &Aws, owner: &Owner) -> Result<Vec<Seen<Self>>> {
        let found = described(aws, ec2_tags::filters(owner)).await?;
        let seen = found.iter().filter_map(|rule| {
            let tags = ec2_tags::read(rule.tags());
            let peer = rule.referenced_group_info().and_then(|group| group.group_id());
            let egress = rule.is_egress() == Some(true);
            // A range of ports is never ours: shown as no port, it differs.
            let port = rule.from_port().filter(|from| rule.to_port() == Some(*from)).unwrap_or(-1);
            Some(Seen {
                key: owner.key_in(&tags)?,
                output: RuleId(rule.security_group_rule_id()?.to_owned()),
                needs: (
                    SecurityGroupId(rule.group_id()?.to_owned()),
                    peer.map(|group| SecurityGroupId(group.to_owned())),
                ),
                life: Life::Standing,
                actual: Self {
                    direction: if egress { Direction::Egress } else { Direction::Ingress },
                    protocol: rule.ip_protocol()?.to_owned(),
                    port,
                    cidr_block: rule.cidr_ipv4().map(str::to_owned),
                    description: rule.description().unwrap_or_default().to_owned(),
                },
                tags,
            })
        });
        Ok(seen.collect())
    }

    async fn create(&self, site: Site<'_>, (group, peer): &Outputs<Self>) -> Result<RuleId> {
        let Site { aws, .. } = site;
        let permission = self.permission(peer.as_ref());
        let tags = ec2_tags::specification(site, ResourceType::SecurityGroupRule);
        let made = match self.direction {
            Direction::Ingress => {
                let ask = aws.ec2.authorize_security_group_ingress().group_id(&group.0);
                let ask = ask.ip_permissions(permission).tag_specifications(tags);
                let made = aws.call("ec2:AuthorizeSecurityGroupIngress", || ask.clone().send()).await?;
                made.security_group_rules().first().cloned()
            }
            Direction::Egress => {
                let ask = aws.ec2.authorize_security_group_egress().group_id(&group.0);
                let ask = ask.ip_permissions(permission).tag_specifications(tags);
                let made = aws.call("ec2:AuthorizeSecurityGroupEgress", || ask.clone().send()).await?;
                made.security_group_rules().first().cloned()
            }
        };
        RuleId::of(made.as_ref().and_then(|rule| rule.security_group_rule_id()))
    }

    async fn settle(
        &self,
        site: Site<'_>,
        id: &RuleId,
        (group, peer): &Outputs<Self>,
        seen: Option<&Seen<Self>>,
    ) -> Result<RuleId> {
        if seen.is_some() {
            let request = SecurityGroupRuleRequest::builder()
                .ip_protocol(&self.protocol)
                .from_port(self.port)
                .to_port(self.port)
                .set_cidr_ipv4(self.cidr_block.clone())
                .set_referenced_group_id(peer.clone().map(|group| group.0))
                .description(&self.description)
                .build();
            let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(&id.0);
            let update = update.security_group_rule(request).build();
            let ask = site.aws.ec2.modify_security_group_rules().group_id(&group.0).security_group_rules(update);
            site.aws.call("ec2:ModifySecurityGroupRules", || ask.clone().send()).await?;
        }
        Ok(id.clone())
    }

    async fn retag(aws: &Aws, rule: &RuleId, set: &Tags, remove: &[String]) -> Result<()> {
        ec2_tags::retag(aws, &rule.0, set, remove).await
    }

    async fn delete(aws: &Aws, _: &Owner, seen: &Seen<Self>) -> Result<()> {
        let rule = Described::builder()
            .group_id(&seen.needs.0.0)
            .security_group_rule_id(&seen.output.0)
            .is_egress(seen.actual.direction == Direction::Egress)
            .build();
        match revoke(aws, &[rule]).await {
            Err(Error::Call(call)) if call.code.as_deref() == Some("InvalidGroup.NotFound") => Ok(()),
            revoked => revoked,
        }
    }
}
