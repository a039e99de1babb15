//! Where it stands: network, zones, ways out.

use serde_json::{Value as Json, json};

use crate::surface::place::{At, Place};
use crate::surface::row::{Effect, Removal, Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("network.cidr_block", "10.1.0.0/16", "10.2.0.0/20").at(Place::Own(block, None)).effect(Effect::Replaces),
        row(
            "network.availability_zones",
            json!(["eu-west-3a", "eu-west-3c"]),
            json!(["eu-west-3a", "eu-west-3b", "eu-west-3c"]),
        )
        .at(Place::Own(zones, Some(leave_zone)))
        .calls(ZONES),
        row("network.availability_zone_count", 3, 2).at(Place::Own(count, Some(leave_zone))).calls(ZONES),
        row("network.egress", "nat_single", "public").at(Place::Own(egress, Some(cut_off))).wire(ways).calls(EGRESS),
        row("network.s3_endpoint", true, false)
            .at(Place::Own(has_endpoint, Some(delete_endpoints)))
            .calls(&["ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints"]),
        row("network.vpc_id", "${vpc_id}", "${far_vpc_id}")
            .at(Place::Own(|at| at.subnets()[0]["vpcId"].take(), None))
            .with(json!({ "network": subnets("") }))
            .along(json!({ "network": subnets("far_") }))
            .effect(Effect::Replaces)
            .removal(Removal::Replaces),
        row("network.public_subnet_ids", public(&["a", "b"]), public(&["a", "b", "c"]))
            .at(Place::Own(balancer_subnets, Some(set_balancer_subnets)))
            .wire(sorted)
            .with(existing())
            .calls(&["elasticloadbalancing:SetSubnets"])
            .removal(Removal::Replaces),
        row("network.private_subnet_ids", private(&["a"]), private(&["a", "b"]))
            .at(Place::Own(task_subnets, Some(set_task_subnets)))
            .wire(sorted)
            .with(existing())
            .calls(&["ecs:UpdateService"])
            .removal(Removal::Replaces),
        row("network.security_group_ids", json!(["${security_group}"]), json!(["${other_security_group}"]))
            .at(Place::Own(groups, Some(set_groups)))
            .with(existing())
            .calls(&["ecs:UpdateService"]),
    ]
}

fn named(kind: &str, zones: &[&str]) -> Json {
    zones.iter().map(|zone| format!("${{{kind}_subnet_{zone}}}")).collect::<Vec<_>>().into()
}

fn public(zones: &[&str]) -> Json {
    named("public", zones)
}

fn private(zones: &[&str]) -> Json {
    named("private", zones)
}

/// Those of the one or the other network of the user.
fn subnets(of: &str) -> Json {
    json!({
        "public_subnet_ids": named(&format!("{of}public"), &["a", "b"]),
        "private_subnet_ids": named(&format!("{of}private"), &["a", "b"]),
    })
}

/// A service in the network that the account has.
pub fn existing() -> Json {
    let mut network = subnets("");
    network["vpc_id"] = "${vpc_id}".into();
    json!({ "network": network })
}

/// AWS keeps no order of them.
fn sorted(ids: &Json) -> Json {
    let mut ids: Vec<&str> = ids.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    ids.sort_unstable();
    json!(ids)
}

fn balancer_subnets(at: &mut At<'_>) -> Json {
    let zones = at.load_balancer()["AvailabilityZones"].take();
    let ids: Json = zones.as_array().into_iter().flatten().map(|zone| zone["SubnetId"].clone()).collect();
    sorted(&ids)
}

fn set_balancer_subnets(at: &mut At<'_>, ids: &Json) {
    let asked = json!({ "LoadBalancerArn": at.told["load_balancer_arn"], "Subnets": ids });
    at.ask("elasticloadbalancing", "SetSubnets", asked);
}

fn task_subnets(at: &mut At<'_>) -> Json {
    sorted(&at.service()["networkConfiguration"]["awsvpcConfiguration"]["subnets"].take())
}

fn set_task_subnets(at: &mut At<'_>, ids: &Json) {
    let mut network = at.service()["networkConfiguration"].take();
    network["awsvpcConfiguration"]["subnets"] = ids.clone();
    at.update_service(json!({ "networkConfiguration": network }));
}

/// The tasks' security groups, but for their own.
fn groups(at: &mut At<'_>) -> Json {
    let all = at.service()["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"].take();
    let own = at.told["task_security_group_id"].clone();
    let others: Json = all.as_array().into_iter().flatten().filter(|id| **id != own).cloned().collect();
    sorted(&others)
}

fn set_groups(at: &mut At<'_>, ids: &Json) {
    let mut network = at.service()["networkConfiguration"].take();
    let mut all = vec![at.told["task_security_group_id"].clone()];
    all.extend(ids.as_array().into_iter().flatten().cloned());
    network["awsvpcConfiguration"]["securityGroups"] = json!(all);
    at.update_service(json!({ "networkConfiguration": network }));
}

fn endpoints(at: &mut At<'_>) -> Vec<Json> {
    let vpc = json!([{ "Name": "vpc-id", "Value": [at.told["vpc_id"]] }]);
    let found = at.ask("ec2", "DescribeVpcEndpoints", json!({ "Filter": vpc }))["vpcEndpointSet"].take();
    found.as_array().into_iter().flatten().filter(|one| one["state"] != "deleting").cloned().collect()
}

fn has_endpoint(at: &mut At<'_>) -> Json {
    json!(!endpoints(at).is_empty())
}

fn delete_endpoints(at: &mut At<'_>, _: &Json) {
    let ids: Vec<Json> = endpoints(at).iter().map(|one| one["vpcEndpointId"].clone()).collect();
    at.ask("ec2", "DeleteVpcEndpoints", json!({ "VpcEndpointId": ids }));
}

fn block(at: &mut At<'_>) -> Json {
    let asked = json!({ "VpcId": [at.told["vpc_id"]] });
    at.ask("ec2", "DescribeVpcs", asked)["vpcSet"][0]["cidrBlock"].take()
}

/// What zones come and go with; what stands in the others isn't made anew.
const ZONES: &[&str] = &[
    "ec2:AllocateAddress",
    "ec2:AssociateRouteTable",
    "ec2:CreateNatGateway",
    "ec2:CreateRoute",
    "ec2:CreateRouteTable",
    "ec2:CreateSubnet",
    "ec2:DeleteNatGateway",
    "ec2:DeleteRoute",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSubnet",
    "ec2:DisassociateRouteTable",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReleaseAddress",
    "ecs:UpdateService",
    "elasticloadbalancing:SetSubnets",
];

/// Where the service's tasks may run.
fn zones(at: &mut At<'_>) -> Json {
    let mut zones: Vec<String> =
        at.subnets().iter().filter_map(|subnet| Some(subnet["availabilityZone"].as_str()?.to_owned())).collect();
    zones.sort();
    json!(zones)
}

fn count(at: &mut At<'_>) -> Json {
    json!(at.subnets().len())
}

/// Nobody but the provider makes a zone; but the service can be taken out of one.
fn leave_zone(at: &mut At<'_>, _: &Json) {
    let mut network = at.service()["networkConfiguration"].take();
    let subnets = network["awsvpcConfiguration"]["subnets"].as_array_mut().expect("subnets");
    subnets.pop();
    at.update_service(json!({ "networkConfiguration": network }));
}

const EGRESS: &[&str] = &[
    "ec2:AllocateAddress",
    "ec2:CreateNatGateway",
    "ec2:CreateRoute",
    "ec2:DeleteNatGateway",
    "ec2:DeleteRoute",
    "ec2:ReleaseAddress",
    "ec2:ReplaceRoute",
    "ecs:UpdateService",
];

/// NAT gateways, private route tables that lead to one, and whether tasks have public addresses.
fn egress(at: &mut At<'_>) -> Json {
    let vpc = json!([{ "Name": "vpc-id", "Value": [at.told["vpc_id"]] }]);
    let nats = at.ask("ec2", "DescribeNatGateways", json!({ "Filter": vpc }))["natGatewaySet"].take();
    let standing = nats.as_array().into_iter().flatten().filter(|nat| nat["state"] == "available").count();
    let tables = tables(at);
    let leads = |table: &&Json| {
        table["routeSet"].as_array().into_iter().flatten().any(|route| route["natGatewayId"].is_string())
    };
    let ways = tables.iter().filter(leads).count();
    let public = at.service()["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"].take();
    json!([standing, ways, public])
}

fn tables(at: &mut At<'_>) -> Vec<Json> {
    let vpc = json!([{ "Name": "vpc-id", "Value": [at.told["vpc_id"]] }]);
    at.ask("ec2", "DescribeRouteTables", json!({ "Filter": vpc }))["routeTableSet"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// The same for two zones.
fn ways(egress: &Json) -> Json {
    match egress.as_str() {
        Some("nat_per_az") => json!([2, 2, "DISABLED"]),
        Some("nat_single") => json!([1, 2, "DISABLED"]),
        Some("public") => json!([0, 0, "ENABLED"]),
        _ => json!([0, 0, "DISABLED"]),
    }
}

/// Somebody deletes a way out.
fn cut_off(at: &mut At<'_>, _: &Json) {
    let leads = |table: &Json| {
        table["routeSet"].as_array().into_iter().flatten().any(|route| route["natGatewayId"].is_string())
    };
    let table = tables(at).into_iter().find(leads).expect("a route to a NAT gateway");
    let asked = json!({ "RouteTableId": table["routeTableId"], "DestinationCidrBlock": "0.0.0.0/0" });
    at.ask("ec2", "DeleteRoute", asked);
}
