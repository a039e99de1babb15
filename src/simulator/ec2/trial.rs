//! What the tests of this folder begin with: a world, and networks in it. Failed calls panic, with the refusal.

use serde_json::{Value as Json, json};

use crate::simulator::ask::Ask;
use crate::simulator::world::World;

pub fn world() -> World {
    World::new(7, "eu-west-3")
}

pub fn ok(world: &mut World, action: &str, ask: Json) -> Json {
    world.call("ec2", action, &Ask(ask)).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
}

/// The error code of a call that must be refused.
pub fn code(world: &mut World, action: &str, ask: Json) -> String {
    match world.call("ec2", action, &Ask(ask)) {
        Err(refusal) => refusal.code,
        Ok(answer) => panic!("{action} was accepted: {answer}"),
    }
}

/// The id of what a call makes, found at a JSON pointer.
pub fn made(world: &mut World, action: &str, ask: Json, pointer: &str) -> String {
    let answer = ok(world, action, ask);
    answer.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("{action}: {answer}")).to_owned()
}

pub fn filter(name: &str, value: &str) -> Json {
    json!({ "Filter": [{ "Name": name, "Value": [value] }] })
}

pub fn vpc(world: &mut World) -> String {
    made(world, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}), "/vpc/vpcId")
}

pub fn subnet(world: &mut World, vpc: &str, block: &str) -> String {
    let ask = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": "eu-west-3a"});
    made(world, "CreateSubnet", ask, "/subnet/subnetId")
}

pub fn group(world: &mut World, vpc: &str, name: &str) -> String {
    let ask = json!({"VpcId": vpc, "GroupName": name, "GroupDescription": name});
    made(world, "CreateSecurityGroup", ask, "/groupId")
}

pub fn address(world: &mut World) -> String {
    made(world, "AllocateAddress", json!({"Domain": "vpc"}), "/allocationId")
}

/// An internet gateway, attached.
pub fn gateway(world: &mut World, vpc: &str) -> String {
    let id = made(world, "CreateInternetGateway", json!({}), "/internetGateway/internetGatewayId");
    ok(world, "AttachInternetGateway", json!({"InternetGatewayId": id, "VpcId": vpc}));
    id
}

pub fn table(world: &mut World, vpc: &str) -> String {
    made(world, "CreateRouteTable", json!({"VpcId": vpc}), "/routeTable/routeTableId")
}

pub fn nat(world: &mut World, subnet: &str, address: &str) -> String {
    made(world, "CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": address}), "/natGateway/natGatewayId")
}

/// Lets so many seconds pass.
pub fn wait(world: &mut World, seconds: u64) {
    let until = world.now() + std::time::Duration::from_secs(seconds);
    world.advance(until);
}
