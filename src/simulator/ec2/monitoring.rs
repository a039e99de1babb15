//! GuardDuty's Runtime Monitoring with its automated agent, once ordered: where a task starts in a VPC, an interface endpoint
//! and a security group appear that nobody made by a call, and stay.
//!
//! Names and tags: Amazon GuardDuty User Guide, "How Runtime Monitoring works with Fargate", and the policy of its
//! service-linked role. That the endpoint grows with the zones of the tasks, one subnet in each, is unverified.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::endpoint::Endpoint;
use super::interface::{place, release_interface};
use super::kind;
use super::subnet::subnet_place;
use super::{Due, group};
use crate::simulator::ask::Ask;
use crate::simulator::durations::{ENDPOINT_AVAILABLE, ENDPOINT_INTERFACES_LINGER};
use crate::simulator::refusal::{Answer, Refusal};
use crate::simulator::tags::Tags;
use crate::simulator::world::{self, World};

/// Whether tasks are watched from now on. What stands already stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitoring {
    pub runtime_monitoring: bool,
}

const SERVICE: &str = "guardduty-data";

pub fn monitor(world: &mut World, order: &Monitoring) {
    world.ec2.monitored = order.runtime_monitoring;
}

/// A task starts in this subnet: if it is watched, its zone has an interface of the endpoint from then on.
pub fn task_starts(world: &mut World, subnet: &str) {
    let Some((vpc, zone)) = subnet_place(world, subnet).filter(|_| world.ec2.monitored) else { return };
    let id = standing(world, &vpc).unwrap_or_else(|| appear(world, &vpc));
    let Some(endpoint) = world.ec2.endpoints.get(&id) else { return };
    let group = endpoint.groups.clone();
    if endpoint.subnets.keys().any(|other| subnet_place(world, other).is_some_and(|(_, there)| there == zone)) {
        return;
    }
    let description = format!("VPC Endpoint Interface {id}");
    // A full subnet has no room for it.
    let made = place(world, subnet, group, &description, "amazon-aws", None, "vpc_endpoint");
    if let (Ok(interface), Some(endpoint)) = (made, world.ec2.endpoints.get_mut(&id)) {
        endpoint.subnets.insert(subnet.to_owned(), interface.id);
    }
}

fn standing(world: &World, vpc: &str) -> Option<String> {
    let ours = |endpoint: &Endpoint| endpoint.vpc == vpc && endpoint.service == SERVICE && endpoint.state != "deleting";
    world.ec2.endpoints.iter().find(|(_, endpoint)| ours(endpoint)).map(|(id, _)| id.clone())
}

fn appear(world: &mut World, vpc: &str) -> String {
    let tags = Tags::from([("GuardDutyManaged".to_owned(), "true".to_owned())]);
    let name = format!("GuardDutyManagedSecurityGroup-{vpc}");
    let there = world.ec2.groups.iter().find(|(_, group)| group.vpc == vpc && group.name == name);
    let group = there.map(|(id, _)| id.clone());
    let group = group.unwrap_or_else(|| group::born_managed(world, vpc, name, tags.clone(), 443));
    let (id, created) = (world.id("vpce"), world.iso());
    world.ec2.endpoints.insert(id.clone(), Endpoint::interface(vpc, SERVICE, &group, created));
    world.ec2.tags.insert(id.clone(), tags);
    world.after(ENDPOINT_AVAILABLE, world::Due::Ec2(Due::EndpointAvailable(id.clone())));
    world.note(format!("GuardDuty has put {id} into {vpc}"));
    id
}

/// Takes it out of subnets; all else of it is GuardDuty's to change (unverified). One change at a time
/// (hashicorp/terraform-provider-aws#42875); that it lasts until the interface has gone is unverified.
pub fn modify(world: &mut World, id: &str, ask: &Ask) -> Answer {
    let removed = ask.texts("RemoveSubnetId");
    let endpoint = kind::ENDPOINT.find_mut(&mut world.ec2.endpoints, id)?;
    if removed.is_empty() {
        return Err(kind::invalid("Of an interface endpoint only its subnets can be taken away"));
    }
    if endpoint.state == "deleting" || !endpoint.leaving.is_empty() {
        return Err(Refusal::new("OperationInProgress", "VpcEndpoint modify operation in progress"));
    }
    if let Some(missing) = removed.iter().find(|subnet| !endpoint.subnets.contains_key(*subnet)) {
        return Err(kind::SUBNET.not_found(missing));
    }
    let gone: Vec<String> = removed.iter().filter_map(|subnet| endpoint.subnets.remove(subnet)).collect();
    endpoint.leaving.extend(gone.iter().cloned());
    for interface in gone {
        world.after(ENDPOINT_INTERFACES_LINGER, world::Due::Ec2(Due::EndpointInterfaceGone(interface)));
    }
    Ok(json!({ "return": true }))
}

pub fn interface_gone(world: &mut World, interface: &str) {
    for endpoint in world.ec2.endpoints.values_mut() {
        endpoint.leaving.remove(interface);
    }
    release_interface(world, interface);
}

#[cfg(test)]
mod tests {
    use super::super::trial::{code, filter, ok, subnet, vpc, wait, world};
    use super::*;

    #[test]
    fn an_endpoint_and_a_group_appear_with_the_first_task_and_hold_the_network() {
        let mut world = world();
        let vpc = vpc(&mut world);
        let one = subnet(&mut world, &vpc, "10.0.0.0/24");
        let ask = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-3b"});
        let two = ok(&mut world, "CreateSubnet", ask)["subnet"]["subnetId"].as_str().unwrap().to_owned();
        task_starts(&mut world, &one);
        assert!(world.ec2.endpoints.is_empty(), "nobody has ordered it");
        monitor(&mut world, &Monitoring { runtime_monitoring: true });
        let again = subnet(&mut world, &vpc, "10.0.2.0/24");
        for subnet in [&one, &two, &one, &again] {
            task_starts(&mut world, subnet);
        }
        let seen =
            ok(&mut world, "DescribeVpcEndpoints", filter("tag:GuardDutyManaged", "true"))["vpcEndpointSet"].clone();
        assert_eq!(seen.as_array().unwrap().len(), 1);
        let (id, group) = (seen[0]["vpcEndpointId"].clone(), seen[0]["groupSet"][0]["groupId"].clone());
        assert_eq!(
            (&seen[0]["vpcEndpointType"], &seen[0]["serviceName"], seen[0]["subnetIdSet"].as_array().unwrap().len()),
            (&json!("Interface"), &json!("com.amazonaws.eu-west-3.guardduty-data"), 2)
        );
        assert_eq!(seen[0]["groupSet"][0]["groupName"], format!("GuardDutyManagedSecurityGroup-{vpc}"));
        let interfaces = |world: &mut World| {
            let found = ok(world, "DescribeNetworkInterfaces", filter("interface-type", "vpc_endpoint"));
            found["networkInterfaceSet"].as_array().unwrap().len()
        };
        assert_eq!(interfaces(&mut world), 2);
        assert_eq!(code(&mut world, "DeleteSubnet", json!({"SubnetId": one})), "DependencyViolation");
        assert_eq!(code(&mut world, "DeleteSecurityGroup", json!({"GroupId": group})), "DependencyViolation");
        let without = |subnet: &str| json!({"VpcEndpointId": id, "RemoveSubnetId": [subnet]});
        assert_eq!(code(&mut world, "ModifyVpcEndpoint", json!({"VpcEndpointId": id})), "InvalidParameterValue");
        assert_eq!(code(&mut world, "ModifyVpcEndpoint", without(&again)), "InvalidSubnetID.NotFound");
        ok(&mut world, "ModifyVpcEndpoint", without(&one));
        assert_eq!(code(&mut world, "ModifyVpcEndpoint", without(&two)), "OperationInProgress");
        assert_eq!(interfaces(&mut world), 2, "it lingers");
        wait(&mut world, 300);
        assert_eq!(interfaces(&mut world), 1);
        ok(&mut world, "DeleteSubnet", json!({"SubnetId": one}));
        ok(&mut world, "DeleteVpcEndpoints", json!({"VpcEndpointId": [id]}));
        // A task that starts meanwhile is watched by another.
        task_starts(&mut world, &two);
        assert_eq!(world.ec2.endpoints.len(), 2);
        monitor(&mut world, &Monitoring { runtime_monitoring: false });
        let all: Vec<String> = world.ec2.endpoints.keys().cloned().collect();
        ok(&mut world, "DeleteVpcEndpoints", json!({"VpcEndpointId": all}));
        wait(&mut world, 300);
        assert_eq!(interfaces(&mut world), 0);
        for subnet in [two, again] {
            ok(&mut world, "DeleteSubnet", json!({"SubnetId": subnet}));
        }
        assert_eq!(code(&mut world, "DeleteVpc", json!({"VpcId": vpc})), "DependencyViolation", "the group");
        ok(&mut world, "DeleteSecurityGroup", json!({"GroupId": group}));
        ok(&mut world, "DeleteVpc", json!({"VpcId": vpc}));
    }
}
