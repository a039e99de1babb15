//! Who else is in a network of ours: network interfaces in our subnets or with our groups, groups in our VPC, groups whose
//! rules name ours. AWS would refuse to delete what they use, but only after everything else is gone.
//!
//! Whose an interface is shows in its security groups' tags: those of load balancers and tasks carry none themselves. Anything
//! else that wears a group of ours (a function, an instance, an endpoint) is somebody's.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, NetworkInterface, SecurityGroup as Group, SecurityGroupRule as Rule, Subnet};

use super::nat_gateway::NatGateway;
use super::service::Service;
use super::{ec2_tags, guard_duty, security_group, security_group_rule};
use crate::aws::client::Aws;
use crate::aws::error::Result;
use crate::aws::guests::in_words;
use crate::aws::object::Object;
use crate::aws::owner::{Owner, STACK_TAG, Tags};

pub(super) fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().map(Into::into).collect())).build()
}

async fn groups(aws: &Aws, by: Filter) -> Result<Vec<Group>> {
    security_group::described(aws, Some(vec![by])).await
}

/// The interfaces in a subnet, with a group, in a VPC: `by` is `subnet-id`, `group-id` or `vpc-id`.
pub async fn described(aws: &Aws, by: &str, id: &str) -> Result<Vec<NetworkInterface>> {
    let these = filter(by, [id]);
    let ask = || async {
        let pages = aws.ec2.describe_network_interfaces().filters(these.clone()).into_paginator();
        pages.items().send().try_collect().await
    };
    aws.call("ec2:DescribeNetworkInterfaces", ask).await
}

/// Whether a load balancer or an ECS task has it. AWS tells by the requester and by the description alone: all of these are of
/// type `interface`.
fn serves(interface: &NetworkInterface) -> bool {
    let of_task = |text: &str| text.starts_with("arn:") && text.contains(":ecs:") && text.contains(":attachment/");
    interface.requester_id() == Some("amazon-elb") || interface.description().is_some_and(of_task)
}

/// What is to be known of an interface: its description, and tags if it has any.
pub fn about(interface: &NetworkInterface) -> String {
    let about = interface.description().filter(|text| !text.is_empty()).unwrap_or("without a description");
    let tags = ec2_tags::read(interface.tag_set());
    let tags = tags.iter().map(|(name, value)| format!(", {name} = {value}"));
    format!("{about}{}", tags.collect::<String>())
}

/// Interfaces that aren't the owner's; `by` is `subnet-id` or `group-id`.
pub async fn interfaces(aws: &Aws, owner: &Owner, by: &str, id: &str) -> Result<BTreeSet<String>> {
    let found = described(aws, by, id).await?;
    if found.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: BTreeSet<&str> = found.iter().flat_map(groups_of).collect();
    let known = if ids.is_empty() { Vec::new() } else { groups(aws, filter("group-id", ids)).await? };
    let watching: BTreeSet<&str> =
        known.iter().filter(|group| guard_duty::made(group)).filter_map(|group| group.group_id()).collect();
    let tags: BTreeMap<&str, Tags> =
        known.iter().filter_map(|group| Some((group.group_id()?, ec2_tags::read(group.tags())))).collect();
    let (services, gateways) = futures::try_join!(Service::observe(aws, owner), NatGateway::interfaces(aws, owner))?;
    // Groups of others that our tasks were given.
    let given: BTreeSet<&str> =
        services.iter().flat_map(|service| &service.needs.4).map(|group| group.0.as_str()).collect();
    let stack = owner.identity.to_string();
    let told = found.iter().filter_map(|interface| {
        let id = interface.network_interface_id()?;
        let marked: Vec<(&str, &String)> =
            groups_of(interface).filter_map(|group| Some((group, tags.get(group)?.get(STACK_TAG)?))).collect();
        let of_others = marked.iter().find(|(group, of)| **of != stack && !given.contains(group));
        let ours = of_others.is_none() && serves(interface) && marked.iter().any(|(_, of)| **of == stack);
        // It goes with the network.
        let watches = !interface.groups().is_empty() && groups_of(interface).all(|group| watching.contains(group));
        if ours || watches || gateways.contains(id) {
            return None;
        }
        let tags = of_others.and_then(|(group, _)| tags.get(group)).cloned().unwrap_or_default();
        in_words(owner, &format!("the network interface {id} ({})", about(interface)), &tags)
    });
    Ok(told.collect())
}

fn groups_of(interface: &NetworkInterface) -> impl Iterator<Item = &str> {
    interface.groups().iter().filter_map(|group| group.group_id())
}

/// Subnets of others in a VPC.
pub async fn subnets_in(aws: &Aws, owner: &Owner, vpc: &str) -> Result<BTreeSet<String>> {
    let these = filter("vpc-id", [vpc]);
    let ask = || async {
        let pages = aws.ec2.describe_subnets().filters(these.clone()).into_paginator();
        pages.items().send().try_collect().await
    };
    let found: Vec<Subnet> = aws.call("ec2:DescribeSubnets", ask).await?;
    let told = found.iter().filter_map(|subnet| {
        let (id, block) = (subnet.subnet_id()?, subnet.cidr_block().unwrap_or("no IPv4 block"));
        in_words(owner, &format!("the subnet {id} ({block})"), &ec2_tags::read(subnet.tags()))
    });
    Ok(told.collect())
}

/// Security groups of others in a VPC, but for its default one and GuardDuty's, which goes with it.
pub async fn groups_in(aws: &Aws, owner: &Owner, vpc: &str) -> Result<BTreeSet<String>> {
    let found = groups(aws, filter("vpc-id", [vpc])).await?;
    let foreign = found.iter().filter(|group| group.group_name() != Some("default") && !guard_duty::made(group));
    Ok(foreign.filter_map(|group| told(owner, group, "")).collect())
}

/// Security groups of others whose rules name this one, but for rules of the owner's: by those it lets a load balancer reach
/// its tasks.
pub async fn groups_that_name(aws: &Aws, owner: &Owner, group: &str) -> Result<BTreeSet<String>> {
    let (inward, outward) = futures::try_join!(
        groups(aws, filter("ip-permission.group-id", [group])),
        groups(aws, filter("egress.ip-permission.group-id", [group])),
    )?;
    let others = inward.iter().chain(&outward).filter(|other| other.group_id() != Some(group));
    let others: BTreeMap<&str, &Group> = others.filter_map(|other| Some((other.group_id()?, other))).collect();
    if others.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rules = security_group_rule::of(aws, others.keys().copied()).await?;
    let names = |rule: &&Rule| rule.referenced_group_info().and_then(|other| other.group_id()) == Some(group);
    let ours = |rule: &&Rule| owner.key_in(&ec2_tags::read(rule.tags())).is_some();
    let naming = rules.iter().filter(names).filter(|rule| !ours(rule)).filter_map(|rule| others.get(rule.group_id()?));
    Ok(naming.filter_map(|other| told(owner, other, ", which names it in a rule")).collect())
}

fn told(owner: &Owner, group: &Group, how: &str) -> Option<String> {
    let (id, name) = (group.group_id()?, group.group_name().unwrap_or_default());
    in_words(owner, &format!("the security group {id} ({name}){how}"), &ec2_tags::read(group.tags()))
}

/// Rules of other services in a group of ours.
pub async fn rules_in(aws: &Aws, owner: &Owner, group: &str) -> Result<BTreeSet<String>> {
    let rules = security_group_rule::of(aws, [group]).await?;
    let told = rules.iter().filter_map(|rule| {
        let tags = ec2_tags::read(rule.tags());
        // One without a stack's tag is drift, and goes with the group.
        tags.get(STACK_TAG)?;
        in_words(owner, &format!("the security group rule {}", rule.security_group_rule_id()?), &tags)
    });
    Ok(told.collect())
}
