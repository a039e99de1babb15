//! Security groups. Names are unique in a VPC whatever their case; the default group stays as long as its VPC.

use serde_json::{Value as Json, json};

use super::kind::{self, invalid};
use super::listing::Listing;
use super::marks;
use super::rule::{self, Peer, Rule};
use crate::simulator::ask::Ask;
use crate::simulator::quotas;
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::World;

#[derive(Clone, Debug)]
pub struct Group {
    pub vpc: String,
    pub name: String,
    description: String,
}

fn insert(world: &mut World, group: Group, tags: Tags) -> String {
    let id = world.id("sg");
    world.ec2.groups.insert(id.clone(), group);
    world.ec2.tags.insert(id.clone(), tags);
    rule::insert(world, Rule::all(&id, true, Peer::V4(ipnet::Ipv4Net::default())), Tags::new());
    id
}

/// The default group lets everything out, and everything of its own in (VPC user guide, "Default security groups").
pub fn born_default(world: &mut World, vpc: &str) {
    let (name, description) = ("default".to_owned(), "default VPC security group".to_owned());
    let id = insert(world, Group { vpc: vpc.to_owned(), name, description }, Tags::new());
    rule::insert(world, Rule::all(&id, false, Peer::Group(id.clone())), Tags::new());
}

/// A group that AWS makes for itself: whatever is in the VPC reaches it at one port.
pub fn born_managed(world: &mut World, vpc: &str, name: String, tags: Tags, port: i64) -> String {
    let description = format!("Associated with {vpc} and tagged as GuardDutyManaged");
    let id = insert(world, Group { vpc: vpc.to_owned(), name, description }, tags);
    if let Some(block) = world.ec2.vpcs.get(vpc).map(|vpc| vpc.block) {
        let rule = Rule { protocol: "tcp".into(), ports: (port, port), ..Rule::all(&id, false, Peer::V4(block)) };
        rule::insert(world, rule, Tags::new());
    }
    id
}

/// Removes a group and its rules.
pub fn remove(world: &mut World, id: &str) {
    let rules = world.ec2.rules.iter().filter(|(_, rule)| rule.group == id).map(|(rule, _)| rule.clone());
    for rule in rules.collect::<Vec<_>>() {
        rule::remove(world, &rule);
    }
    world.ec2.groups.remove(id);
    world.ec2.tags.remove(id);
}

/// Up to 255 characters of `a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*` (API reference, CreateSecurityGroup).
fn fits(text: &str, parameter: &str) -> Result<(), Refusal> {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(sign);
    match !text.is_empty() && text.len() <= 255 && text.chars().all(sign) {
        true => Ok(()),
        false => Err(invalid(format!(
            "Value ({text}) for parameter {parameter} is invalid. Character sets beyond ASCII are not supported, nor more than 255 characters."
        ))),
    }
}

pub fn create(world: &mut World, ask: &Ask) -> Answer {
    let tags = marks::on_create(ask, &kind::GROUP)?;
    let (name, description) = (ask.required("GroupName")?.trim_end(), ask.required("GroupDescription")?);
    fits(name, "groupName")?;
    fits(description, "groupDescription")?;
    if name.starts_with("sg-") {
        return Err(invalid(format!(
            "Value ({name}) for parameter groupName is invalid. Group names may not be in the format sg-*"
        )));
    }
    if name.eq_ignore_ascii_case("default") {
        return Err(invalid(format!("Cannot use reserved security group name: {name}")));
    }
    let without = || Refusal::new("VPCIdNotSpecified", "No default VPC for this user");
    let vpc = ask.text("VpcId").ok_or_else(without)?;
    kind::VPC.find(&world.ec2.vpcs, vpc)?;
    if world.ec2.groups.values().any(|group| group.vpc == vpc && group.name.eq_ignore_ascii_case(name)) {
        let why = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Refusal::new("InvalidGroup.Duplicate", why));
    }
    if quotas::full(world, quotas::GROUPS, world.ec2.groups.len()) {
        let why = "The maximum number of security groups has been reached.";
        return Err(Refusal::new("SecurityGroupLimitExceeded", why));
    }
    let group = Group { vpc: vpc.to_owned(), name: name.to_owned(), description: description.to_owned() };
    let id = insert(world, group, tags);
    Ok(json!({
        "groupId": id,
        "securityGroupArn": world.arn("ec2", &format!("security-group/{id}")),
        "tagSet": marks::set(world, &id),
    }))
}

/// Refused while an interface has it or another group's rule names it (API reference, DeleteSecurityGroup).
pub fn delete(world: &mut World, ask: &Ask) -> Answer {
    let id = ask.required("GroupId")?;
    let group = kind::GROUP.find(&world.ec2.groups, id)?;
    if group.name == "default" {
        let why = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Refusal::new("CannotDelete", why));
    }
    let named = |rule: &Rule| rule.group != id && matches!(&rule.peer, Peer::Group(peer) if peer == id);
    let held = world.ec2.interfaces.values().any(|interface| interface.groups.iter().any(|group| group == id));
    if held || world.ec2.rules.values().any(named) {
        return Err(Refusal::new("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    remove(world, id);
    Ok(json!({ "return": true, "groupId": id }))
}

fn shown(world: &World, id: &str, group: &Group) -> Json {
    json!({
        "groupId": id,
        "groupName": group.name,
        "groupDescription": group.description,
        "ownerId": world.account,
        "vpcId": group.vpc,
        "securityGroupArn": world.arn("ec2", &format!("security-group/{id}")),
        "ipPermissions": rule::permissions(world, id, false),
        "ipPermissionsEgress": rule::permissions(world, id, true),
        "tagSet": marks::set(world, id),
    })
}

const LISTING: Listing = Listing {
    set: "securityGroupInfo",
    by_id: ("GroupId", "groupId"),
    kind: &kind::GROUP,
    filters: &[
        ("description", "groupDescription"),
        ("egress.ip-permission.cidr", "ipPermissionsEgress.ipRanges.cidrIp"),
        ("egress.ip-permission.from-port", "ipPermissionsEgress.fromPort"),
        ("egress.ip-permission.group-id", "ipPermissionsEgress.groups.groupId"),
        ("egress.ip-permission.protocol", "ipPermissionsEgress.ipProtocol"),
        ("egress.ip-permission.to-port", "ipPermissionsEgress.toPort"),
        ("group-id", "groupId"),
        ("group-name", "groupName"),
        ("ip-permission.cidr", "ipPermissions.ipRanges.cidrIp"),
        ("ip-permission.from-port", "ipPermissions.fromPort"),
        ("ip-permission.group-id", "ipPermissions.groups.groupId"),
        ("ip-permission.protocol", "ipPermissions.ipProtocol"),
        ("ip-permission.to-port", "ipPermissions.toPort"),
        ("owner-id", "ownerId"),
        ("vpc-id", "vpcId"),
    ],
    pages: true,
};

pub fn describe(world: &mut World, ask: &Ask) -> Answer {
    LISTING.answer(ask, world.ec2.groups.iter().map(|(id, group)| shown(world, id, group)).collect())
}
