//! Every state lasts as long as its constant says: never shorter than the shortest, never longer than the longest.

use std::fs;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::outage::tests::{call, pass, stack_of};
use crate::simulator::weather::{self, Fault, Order};
use crate::simulator::world::World;
use crate::simulator::{ec2, iam, observe};

/// The seconds until something is so, to a fifth of a second.
fn until(world: &mut World, so: impl Fn(&mut World) -> bool) -> f64 {
    let (began, step) = (world.now(), Duration::from_millis(200));
    while !so(world) {
        let next = world.now() + step;
        assert!(next - began < Duration::from_secs(1000), "never");
        world.advance(next);
    }
    (world.now() - began).as_secs_f64()
}

fn within(what: &str, seconds: f64, Span(low, _, high): Span) {
    assert!(seconds >= low && seconds <= high + 0.3, "{what}: {seconds} s, of {low} to {high}");
}

/// A member of the first of a list, as a call answers it.
fn is(
    service: &'static str,
    action: &'static str,
    pointer: &'static str,
    value: &'static str,
) -> impl Fn(&mut World) -> bool {
    move |world| call(world, service, action, json!({})).pointer(pointer).and_then(Json::as_str) == Some(value)
}

const ELB: &str = "elasticloadbalancing";

#[test]
fn networks_and_load_balancers() {
    for seed in 0..8 {
        let mut world = World::new(seed, "eu-west-3");
        let w = &mut world;
        let vpc = call(w, "ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))["vpc"]["vpcId"].clone();
        within("vpc", until(w, is("ec2", "DescribeVpcs", "/vpcSet/0/state", "available")), NETWORK_AVAILABLE);
        let gateway =
            call(w, "ec2", "CreateInternetGateway", json!({}))["internetGateway"]["internetGatewayId"].clone();
        call(w, "ec2", "AttachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
        let mut subnets = Vec::new();
        for (number, zone) in ["a", "b"].into_iter().enumerate() {
            let ask = json!({ "VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24"), "AvailabilityZone": format!("eu-west-3{zone}") });
            subnets.push(call(w, "ec2", "CreateSubnet", ask)["subnet"]["subnetId"].clone());
            if number == 0 {
                within(
                    "subnet",
                    until(w, is("ec2", "DescribeSubnets", "/subnetSet/0/state", "available")),
                    NETWORK_AVAILABLE,
                );
            }
        }
        let address = call(w, "ec2", "AllocateAddress", json!({ "Domain": "vpc" }))["allocationId"].clone();
        let nat = json!({ "SubnetId": subnets[0], "AllocationId": address });
        let nat = call(w, "ec2", "CreateNatGateway", nat)["natGateway"]["natGatewayId"].clone();
        let state = "/natGatewaySet/0/state";
        within("nat", until(w, is("ec2", "DescribeNatGateways", state, "available")), NAT_AVAILABLE);
        call(w, "ec2", "DeleteNatGateway", json!({ "NatGatewayId": nat }));
        within("nat goes", until(w, is("ec2", "DescribeNatGateways", state, "deleted")), NAT_DELETED);
        let made = call(w, ELB, "CreateLoadBalancer", json!({ "Name": "web", "Subnets": subnets }));
        let arn = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
        let active = until(w, is(ELB, "DescribeLoadBalancers", "/LoadBalancers/0/State/Code", "active"));
        within("load balancer", active, LOAD_BALANCER_ACTIVE);
        call(w, ELB, "DeleteLoadBalancer", json!({ "LoadBalancerArn": arn }));
        let interfaces = |w: &mut World| {
            call(w, "ec2", "DescribeNetworkInterfaces", json!({}))["networkInterfaceSet"].as_array().unwrap().len()
        };
        assert_eq!(interfaces(w), 2);
        within("interfaces", until(w, |w| interfaces(w) == 0), LOAD_BALANCER_INTERFACES_LINGER);
    }
}

/// When the log says something for the first time after a moment.
fn noted(world: &World, from: f64, end: &str) -> f64 {
    let found = world.log.iter().find(|event| event.at.as_secs_f64() >= from && event.what.ends_with(end));
    found.unwrap_or_else(|| panic!("never: {end}")).at.as_secs_f64()
}

#[test]
fn clusters_and_tasks() {
    for seed in 0..8 {
        let mut world = stack_of(seed);
        let w = &mut world;
        call(w, "ecs", "CreateCluster", json!({ "clusterName": "new", "capacityProviders": ["FARGATE"] }));
        let status = |w: &mut World| {
            call(w, "ecs", "DescribeClusters", json!({ "clusters": ["new"] }))["clusters"][0]["status"].clone()
        };
        assert_eq!(status(w), "PROVISIONING");
        within("cluster", until(w, |w| status(w) == "ACTIVE"), CLUSTER_ACTIVE);
        let first = |event: &&crate::simulator::world::Event| {
            event.what.starts_with("task ") && event.what.ends_with(" is PENDING")
        };
        let id = w.log.iter().find(first).unwrap().what.split(' ').nth(1).unwrap().to_owned();
        let of = |status: &str| format!("task {id} is {status}");
        let asked = noted(w, 0.0, "ecs:CreateService");
        let started = w.log.iter().find(|event| event.what.contains(&id)).unwrap().at.as_secs_f64();
        within("round", started - asked, SCHEDULER_ROUND);
        let (pending, running) = (noted(w, 0.0, &of("PENDING")), noted(w, 0.0, &of("RUNNING")));
        within("provisioning", pending - started, TASK_PROVISIONING);
        within("pending", running - pending, TASK_PENDING);
        call(w, "ecs", "DeleteService", json!({ "cluster": "home", "service": "web", "force": true }));
        pass(w, 600);
        let at = |status: &str| noted(w, 0.0, &of(status));
        within("stopping", at("DEPROVISIONING") - at("STOPPING"), TASK_STOPPING);
        within("deprovisioning", at("STOPPED") - at("DEPROVISIONING"), TASK_DEPROVISIONING);
    }
}

#[test]
fn a_loss_is_noticed_in_its_time() {
    for seed in 0..8 {
        let mut world = stack_of(seed);
        let down = world.now().as_secs_f64();
        crate::simulator::outage::zone_down(&mut world, "eu-west-3b", 900.0);
        pass(&mut world, 61);
        within("loss", noted(&world, down, " is DEPROVISIONING") - down, LOSS_NOTICED);
    }
}

/// The text at a pointer of an answer.
fn text(answer: &Json, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
}

#[test]
fn endpoints_and_impaired_load_balancers() {
    for seed in 0..8 {
        let mut world = stack_of(seed);
        let w = &mut world;
        let vpc = call(w, "ec2", "DescribeVpcs", json!({}))["vpcSet"][0]["vpcId"].clone();
        let ask = json!({ "VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-3.s3" });
        let id = call(w, "ec2", "CreateVpcEndpoint", ask)["vpcEndpoint"]["vpcEndpointId"].clone();
        let state = "/vpcEndpointSet/0/state";
        within("endpoint", until(w, is("ec2", "DescribeVpcEndpoints", state, "available")), ENDPOINT_AVAILABLE);
        call(w, "ec2", "DeleteVpcEndpoints", json!({ "VpcEndpointId": [id] }));
        let gone = |w: &mut World| call(w, "ec2", "DescribeVpcEndpoints", json!({}))["vpcEndpointSet"] == json!([]);
        within("endpoint goes", until(w, gone), ENDPOINT_DELETED);
        let subnet = call(w, "ec2", "DescribeSubnets", json!({}))["subnetSet"][0]["subnetId"].clone();
        ec2::monitor(w, &ec2::Monitoring { runtime_monitoring: true });
        ec2::task_starts(w, subnet.as_str().unwrap());
        ec2::monitor(w, &ec2::Monitoring { runtime_monitoring: false });
        let id = call(w, "ec2", "DescribeVpcEndpoints", json!({}))["vpcEndpointSet"][0]["vpcEndpointId"].clone();
        call(w, "ec2", "DeleteVpcEndpoints", json!({ "VpcEndpointId": [id] }));
        within("interfaces linger", until(w, gone), ENDPOINT_INTERFACES_LINGER);
        weather::order(w, Order::new("elasticloadbalancing:CreateLoadBalancer", Fault::LoadBalancerImpaired)).unwrap();
        let zones = call(w, ELB, "DescribeLoadBalancers", json!({}))["LoadBalancers"][0]["AvailabilityZones"].clone();
        let subnets: Vec<&Json> = zones.as_array().unwrap().iter().map(|zone| &zone["SubnetId"]).collect();
        call(w, ELB, "CreateLoadBalancer", json!({ "Name": "ill", "Subnets": subnets }));
        let ill = |state: &'static str| {
            move |w: &mut World| {
                text(&call(w, ELB, "DescribeLoadBalancers", json!({ "Names": ["ill"] })), "/LoadBalancers/0/State/Code")
                    == state
            }
        };
        within("load balancer", until(w, ill("active_impaired")), LOAD_BALANCER_ACTIVE);
        within("impaired", until(w, ill("active")), LOAD_BALANCER_IMPAIRED);
    }
}

#[test]
fn roles() {
    for seed in 0..8 {
        let mut world = World::new(seed, "eu-west-3");
        let w = &mut world;
        call(w, "ecs", "CreateCluster", json!({ "clusterName": "first" }));
        let usable = |w: &mut World| iam::linked_role_stands(w, "ecs.amazonaws.com");
        within("linked role", until(w, usable), LINKED_ROLE);
        let Tail(_, longest) = ROLE_SPREADS;
        let drawn: Vec<f64> = (0..1000).map(|_| w.draw_tail(ROLE_SPREADS)).collect();
        assert!(drawn.iter().all(|seconds| (0.0..=longest).contains(seconds)));
        let mut world = stack_of(seed);
        let w = &mut world;
        let lost = json!({ "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512", "taskRoleArn": "arn:aws:iam::123456789012:role/none",
            "containerDefinitions": [{ "name": "app", "image": "nginx", "portMappings": [{ "containerPort": 80 }] }] });
        call(w, "ecs", "RegisterTaskDefinition", lost);
        call(w, "ecs", "UpdateService", json!({ "cluster": "home", "service": "web", "taskDefinition": "web" }));
        let failed = |w: &mut World| {
            let seen = call(w, "ecs", "DescribeServices", json!({ "cluster": "home", "services": ["web"] }));
            seen["services"][0]["deployments"][0]["failedTasks"].as_i64().unwrap()
        };
        until(w, |w| failed(w) == 1);
        let Span(low, usual, high) = ROLE_RETRY;
        // It launches at its next look after that.
        within("next launch", until(w, |w| failed(w) == 2), Span(low, usual, high + SCHEDULER_ROUND.2));
    }
}

#[test]
fn certificates_and_records() {
    for seed in 0..8 {
        let mut world = World::new(seed, "eu-west-3");
        let w = &mut world;
        let zone = call(w, "route53", "CreateHostedZone", json!({ "Name": "a.com", "CallerReference": "a" }));
        let zone = zone["HostedZone"]["Id"].clone();
        let certificate = |w: &mut World, name: &str| {
            let ask = json!({ "DomainName": name, "ValidationMethod": "DNS" });
            call(w, "acm", "RequestCertificate", ask)["CertificateArn"].clone()
        };
        let look = |w: &mut World, arn: &Json| {
            call(w, "acm", "DescribeCertificate", json!({ "CertificateArn": arn }))["Certificate"].clone()
        };
        let arn = certificate(w, "www.a.com");
        let record = "/DomainValidationOptions/0/ResourceRecord";
        within(
            "records",
            until(w, |w| look(w, &arn).pointer(record).is_some_and(Json::is_object)),
            CERTIFICATE_RECORDS,
        );
        let record = look(w, &arn).pointer(record).unwrap().clone();
        let set = json!({ "Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{ "Value": record["Value"] }] });
        let changes = json!({ "Changes": [{ "Action": "CREATE", "ResourceRecordSet": set }] });
        let change =
            call(w, "route53", "ChangeResourceRecordSets", json!({ "HostedZoneId": zone, "ChangeBatch": changes }));
        let id = change["ChangeInfo"]["Id"].clone();
        let synced = |w: &mut World| {
            text(&call(w, "route53", "GetChange", json!({ "Id": id })), "/ChangeInfo/Status") == "INSYNC"
        };
        within("records in sync", until(w, synced), ROUTE53_IN_SYNC);
        within("certificate", until(w, |w| look(w, &arn)["Status"] == "ISSUED"), CERTIFICATE_ISSUED);
        let forbidden = certificate(w, "fails-domain-not-allowed.a.com");
        within("judged", until(w, |w| look(w, &forbidden)["Status"] == "FAILED"), CERTIFICATE_JUDGED);
    }
}

#[test]
fn a_certificate_is_let_go_and_bounds_are_heeded() {
    for seed in 0..8 {
        let mut world = stack_of(seed);
        let w = &mut world;
        let (certificate, key) = (
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=",
            "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCkFBQUEKLS0tLS1FTkQgUFJJVkFURSBLRVktLS0tLQo=",
        );
        let arn = call(w, "acm", "ImportCertificate", json!({ "Certificate": certificate, "PrivateKey": key }))["CertificateArn"].clone();
        let balancer = call(w, ELB, "DescribeLoadBalancers", json!({}))["LoadBalancers"][0]["LoadBalancerArn"].clone();
        let refuse = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]);
        let listener = json!({ "LoadBalancerArn": balancer, "Port": 443, "Protocol": "HTTPS",
            "Certificates": [{ "CertificateArn": arn }], "DefaultActions": refuse });
        let listener = call(w, ELB, "CreateListener", listener)["Listeners"][0]["ListenerArn"].clone();
        call(w, ELB, "DeleteListener", json!({ "ListenerArn": listener }));
        let free = |w: &mut World| {
            let seen = call(w, "acm", "DescribeCertificate", json!({ "CertificateArn": arn }));
            seen["Certificate"]["InUseBy"] == json!([])
        };
        within("certificate let go", until(w, free), CERTIFICATE_RELEASED);
        let count = |w: &mut World| {
            let seen = call(w, "ecs", "DescribeServices", json!({ "cluster": "home", "services": ["web"] }));
            seen["services"][0]["desiredCount"].as_i64()
        };
        call(
            w,
            "application-autoscaling",
            "RegisterScalableTarget",
            json!({ "ServiceNamespace": "ecs",
            "ResourceId": "service/home/web", "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 3, "MaxCapacity": 4 }),
        );
        within("bounds", until(w, |w| count(w) == Some(3)), BOUNDS_HEEDED);
        call(w, "ecs", "UpdateService", json!({ "cluster": "home", "service": "web", "desiredCount": 1 }));
        assert!(until(w, |w| count(w) == Some(3)) <= SCALING_LOOK, "the next look");
        assert!(observe::serving(w).len() >= 2);
    }
}

/// A duration that nobody measures would be a mere number.
#[test]
fn each_is_measured() {
    let source = fs::read_to_string("src/simulator/durations.rs").unwrap();
    let names = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    let missing: Vec<&str> = names.filter(|name| include_str!("tests.rs").matches(name).count() == 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
