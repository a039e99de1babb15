//! Faults, on order and by chance.

use super::*;
use crate::simulator::wire::{self, Request};

/// A world in which this is ordered, as a person would.
fn ordered(order: Json) -> World {
    let mut world = world();
    super::order(&mut world, serde_json::from_value(order).unwrap()).unwrap();
    world
}

fn refusal(fault: Json, action: &str) -> (String, u16) {
    let mut world = ordered(json!({"fault": fault}));
    let refusal = call(&mut world, action, json!({})).unwrap_err();
    (refusal.code, refusal.status)
}

#[test]
fn each_service_is_throttled_and_fails_in_its_own_words() {
    let rows = [
        ("ec2:DescribeVpcs", ("RequestLimitExceeded", 503), "InternalError", "Unavailable"),
        ("elasticloadbalancing:DescribeRules", ("Throttling", 400), "InternalFailure", "ServiceUnavailable"),
        ("ecs:ListClusters", ("ThrottlingException", 400), "ServerException", "ServiceUnavailable"),
        ("iam:ListRoles", ("Throttling", 400), "ServiceFailure", "ServiceUnavailable"),
        (
            "logs:DescribeLogGroups",
            ("ThrottlingException", 400),
            "InternalServerException",
            "ServiceUnavailableException",
        ),
        ("ssm:GetParameter", ("ThrottlingException", 400), "InternalServerError", "ServiceUnavailable"),
        ("sts:GetCallerIdentity", ("Throttling", 400), "InternalFailure", "ServiceUnavailable"),
    ];
    for (action, (throttled, status), internal, unavailable) in rows {
        assert_eq!(refusal(json!("throttle"), action), (throttled.to_owned(), status));
        assert_eq!(refusal(json!("internal"), action), (internal.to_owned(), 500));
        assert_eq!(refusal(json!("unavailable"), action), (unavailable.to_owned(), 503));
    }
    for (service, code) in [("acm", "ThrottlingException"), ("application-autoscaling", "ThrottlingException")] {
        assert_eq!((codes::throttled(service).code.as_str(), codes::throttled(service).status), (code, 400));
    }
    assert_eq!(codes::throttled("route53").code, "Throttling");
}

#[test]
fn expired_credentials_are_refused_in_each_services_words() {
    for (action, code, status) in [
        ("ec2:DescribeVpcs", "RequestExpired", 400),
        ("iam:ListRoles", "ExpiredToken", 403),
        ("ssm:GetParameter", "ExpiredTokenException", 400),
    ] {
        assert_eq!(refusal(json!("credentials_expired"), action), (code.to_owned(), status));
    }
}

/// AWS checks some actions in passing, and denies them by their own names.
#[test]
fn what_a_call_implies_is_denied_too() {
    let mut world = World::new(7, "eu-west-3");
    let register = json!({ "family": "a", "taskRoleArn": "arn:aws:iam::123456789012:role/a" });
    let balancer = json!({ "Name": "a", "SecurityGroups": ["sg-1"], "Tags": [{ "Key": "a", "Value": "b" }] });
    let tagged = json!({ "TagSpecification": [{ "ResourceType": "vpc", "Tag": [{ "Key": "a", "Value": "b" }] }] });
    for (action, ask, denied) in [
        ("ecs:RegisterTaskDefinition", &register, "iam:PassRole"),
        ("elasticloadbalancing:CreateLoadBalancer", &balancer, "ec2:GetSecurityGroupsForVpc"),
        ("elasticloadbalancing:CreateLoadBalancer", &balancer, "elasticloadbalancing:AddTags"),
        ("ec2:CreateVpc", &tagged, "ec2:CreateTags"),
    ] {
        world.iam.denied = [denied.to_owned()].into();
        let refused = call(&mut world, action, ask.clone()).unwrap_err();
        assert!(refused.message.contains(&format!("to perform: {denied} because")), "{action}: {refused:?}");
        assert!(call(&mut world, action, json!({})).is_err_and(|other| other.message != refused.message), "{action}");
    }
}

#[test]
fn denial_names_who_may_not_do_what() {
    for (action, code, status) in [
        ("ec2:CreateVpc", "UnauthorizedOperation", 403),
        ("iam:CreateRole", "AccessDenied", 403),
        ("ecs:CreateCluster", "AccessDeniedException", 400),
    ] {
        let mut world = ordered(json!({"fault": "access_denied"}));
        let refusal = call(&mut world, action, json!({})).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.status), (code, status));
        let told = format!("User: arn:aws:iam::123456789012:user/simulated is not authorized to perform: {action} ");
        assert!(refusal.message.contains(&told), "{}", refusal.message);
    }
}

#[test]
fn any_code_can_be_ordered_and_any_quota_be_reached() {
    let mut world =
        ordered(json!({"fault": {"refuse": {"code": "InvalidGroup.NotFound", "message": "m", "status": 404}}}));
    let refusal = call(&mut world, "ec2:DescribeVpcs", json!({})).unwrap_err();
    assert_eq!(refusal, crate::simulator::refusal::Refusal::new("InvalidGroup.NotFound", "m").with_status(404));
    for (action, code) in [
        ("ec2:CreateVpc", "VpcLimitExceeded"),
        ("ec2:AllocateAddress", "AddressLimitExceeded"),
        ("ec2:CreateNatGateway", "NatGatewayLimitExceeded"),
        ("elasticloadbalancing:CreateLoadBalancer", "TooManyLoadBalancers"),
        ("iam:CreateRole", "LimitExceeded"),
    ] {
        let mut world = ordered(json!({"fault": "quota"}));
        ok(&mut world, "ec2:DescribeVpcs", json!({}));
        assert_eq!(super::code(&mut world, action, json!({})), code);
        assert_eq!(outcome(&world), format!("quota {code}"));
    }
}

#[test]
fn an_order_counts_the_calls_that_it_meets() {
    let mut world = ordered(json!({"action": "ec2:mutating", "after": 1, "times": 2, "fault": "throttle"}));
    let make = |world: &mut World| code(world, "ec2:CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    assert_eq!(make(&mut world), "");
    ok(&mut world, "ec2:DescribeVpcs", json!({}));
    ok(&mut world, "sts:GetCallerIdentity", json!({}));
    assert_eq!(make(&mut world), "RequestLimitExceeded");
    assert_eq!(outcome(&world), "throttle RequestLimitExceeded");
    assert_eq!(make(&mut world), "RequestLimitExceeded");
    assert!(world.weather.orders.is_empty());
    assert_eq!(make(&mut world), "");
    assert_eq!(strikes(&world, "throttle"), 2);
    // What struck one call isn't told of the next.
    order(&mut world, Order::new("*", Fault::ReplyLost)).unwrap();
    ok(&mut world, "ec2:DescribeVpcs", json!({}));
    assert_eq!(outcome(&world), "reply_lost");
    assert_eq!(code(&mut world, "ec2:RunInstances", json!({})), "NotImplemented");
    assert_eq!(outcome(&world), "NotImplemented");
    // Two at the same call: one after the other.
    let mut world = ordered(json!({"fault": "throttle"}));
    order(&mut world, Order::new("*", Fault::Internal)).unwrap();
    assert_eq!(make(&mut world), "RequestLimitExceeded");
    assert_eq!(make(&mut world), "InternalError");
}

fn request() -> Request {
    let body = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16".into();
    Request { method: "POST".into(), body, ..Request::default() }
}

#[test]
fn a_reset_has_no_effect_and_a_lost_reply_has() {
    let found = |world: &mut World| ok(world, "ec2:DescribeVpcs", json!({}))["vpcSet"].as_array().unwrap().len();
    for (fault, effects) in [("reset_before", 0), ("reply_lost", 1)] {
        let mut world = ordered(json!({"action": "ec2:CreateVpc", "fault": fault}));
        let fate = wire::visit(&mut world, &request());
        assert_eq!((fate.reply, fate.delay), (None, Duration::ZERO));
        assert!(outcome(&world).starts_with(fault), "{}", outcome(&world));
        assert_eq!(found(&mut world), effects);
        assert!(wire::visit(&mut world, &request()).reply.is_some());
    }
    let mut world = ordered(json!({"fault": {"delay": {"seconds": 2.5}}}));
    let fate = wire::visit(&mut world, &request());
    assert_eq!((fate.reply.unwrap().status, fate.delay), (200, Duration::from_millis(2500)));
    assert_eq!(found(&mut world), 1);
    assert_eq!(wire::visit(&mut world, &request()).delay, Duration::ZERO);
}

/// A subnet with all that a NAT gateway needs, and an address.
fn ground(world: &mut World) -> (String, String, String) {
    let vpc = vpc(world);
    let subnet = |world: &mut World, cidr: &str, zone: &str| {
        let ask = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
        ok(world, "ec2:CreateSubnet", ask)["subnet"]["subnetId"].as_str().unwrap().to_owned()
    };
    let subnets = (subnet(world, "10.0.0.0/24", "eu-west-1a"), subnet(world, "10.0.1.0/24", "eu-west-1b"));
    let gateway = ok(world, "ec2:CreateInternetGateway", json!({}))["internetGateway"]["internetGatewayId"].clone();
    ok(world, "ec2:AttachInternetGateway", json!({"InternetGatewayId": gateway, "VpcId": vpc}));
    let address = ok(world, "ec2:AllocateAddress", json!({"Domain": "vpc"}));
    (subnets.0, subnets.1, address["allocationId"].as_str().unwrap().to_owned())
}

#[test]
fn a_nat_gateway_fails_with_the_code_that_was_ordered() {
    for (code, _) in fault::NAT_FAILURES {
        let mut world = ordered(json!({"fault": {"nat_fails": {"code": code}}}));
        let (subnet, _, address) = ground(&mut world);
        let make = |world: &mut World| {
            let made = ok(world, "ec2:CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": address}));
            assert_eq!(made["natGateway"]["state"], "pending");
            wait(world, 20.0);
            ok(world, "ec2:DescribeNatGateways", json!({"NatGatewayId": [made["natGateway"]["natGatewayId"]]}))
        };
        let nat = make(&mut world)["natGatewaySet"][0].clone();
        assert_eq!((&nat["state"], &nat["failureCode"]), (&json!("failed"), &json!(code)));
        let why = nat["failureMessage"].as_str().unwrap();
        assert!(!why.contains('{') && !why.contains("  "), "{why}");
        assert_eq!(strikes(&world, "nat_fails"), 1);
        // Its address is free again, and the next one comes up.
        assert_eq!(make(&mut world)["natGatewaySet"][0]["state"], "pending");
    }
}

#[test]
fn an_internet_gateway_is_attached_late() {
    let mut world = ordered(json!({"fault": {"attaches_late": {"seconds": 60}}}));
    let (subnet, _, address) = ground(&mut world);
    let vpc = ok(&mut world, "ec2:DescribeVpcs", json!({}))["vpcSet"][0]["vpcId"].clone();
    let gateway =
        |world: &mut World| ok(world, "ec2:DescribeInternetGateways", json!({}))["internetGatewaySet"][0].clone();
    let table = ok(&mut world, "ec2:CreateRouteTable", json!({"VpcId": vpc}))["routeTable"]["routeTableId"].clone();
    let seen = gateway(&mut world);
    assert_eq!(seen["attachmentSet"][0]["state"], "attaching");
    let route =
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": seen["internetGatewayId"]});
    assert_eq!(call(&mut world, "ec2:CreateRoute", route.clone()).unwrap_err().code, "Gateway.NotAttached");
    let nat = ok(&mut world, "ec2:CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": address}));
    wait(&mut world, 59.0);
    let nat = ok(&mut world, "ec2:DescribeNatGateways", json!({"NatGatewayId": [nat["natGateway"]["natGatewayId"]]}));
    assert_eq!(nat["natGatewaySet"][0]["failureCode"], "Gateway.NotAttached");
    wait(&mut world, 1.0);
    assert_eq!(gateway(&mut world)["attachmentSet"][0]["state"], "available");
    ok(&mut world, "ec2:CreateRoute", route);
    assert_eq!(strikes(&world, "attaches_late"), 1);
}

#[test]
fn a_load_balancer_fails_or_is_impaired_for_a_while() {
    for (fault, first, then) in
        [("load_balancer_fails", "failed", "failed"), ("load_balancer_impaired", "active_impaired", "active")]
    {
        let mut world = ordered(json!({"fault": fault}));
        let (one, two, _) = ground(&mut world);
        ok(&mut world, "elasticloadbalancing:CreateLoadBalancer", json!({"Name": "web", "Subnets": [one, two]}));
        wait(&mut world, 89.0);
        assert_eq!(shown(&mut world), json!({"Code": "provisioning"}));
        while shown(&mut world)["Code"] == "provisioning" {
            wait(&mut world, 1.0);
        }
        let state = shown(&mut world);
        assert_eq!(state["Code"], first);
        assert!(state["Reason"].is_string());
        wait(&mut world, 180.0);
        assert_eq!(shown(&mut world)["Code"], then);
        assert_eq!(shown(&mut world)["Reason"].is_string(), then == "failed");
        assert_eq!(strikes(&world, fault), 1);
    }
}

fn shown(world: &mut World) -> Json {
    let found = ok(world, "elasticloadbalancing:DescribeLoadBalancers", json!({"Names": ["web"]}));
    found["LoadBalancers"][0]["State"].clone()
}

#[test]
fn chance_strikes_its_share_with_every_kind_and_the_same_again() {
    let run = |faults: f64| {
        let mut world = world();
        climate(&mut world, Climate { faults, ..Climate::default() }).unwrap();
        for _ in 0..600 {
            let _ = call(&mut world, "ec2:CreateInternetGateway", json!({}));
            let _ = call(&mut world, "ec2:DescribeInternetGateways", json!({}));
        }
        world
    };
    let stormy = run(0.1);
    for kind in ["throttle", "internal", "unavailable", "reset_before", "reply_lost", "delay"] {
        assert!(strikes(&stormy, kind) > 0, "{kind}");
    }
    let all: u64 = stormy.weather.strikes.values().sum();
    assert!((60..200).contains(&all), "{all}");
    assert_eq!(stormy.log, run(0.1).log);
    assert!(run(0.0).weather.strikes.is_empty());
    assert_eq!(run(1.0).weather.strikes.values().sum::<u64>(), 1200);
}

#[test]
fn the_record_can_be_read() {
    let mut world = ordered(json!({"action": "ec2:CreateSubnet", "fault": "reply_lost"}));
    let vpc = vpc(&mut world);
    let _ = call(&mut world, "ec2:CreateSubnet", json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24"}));
    wait(&mut world, 12.345);
    let _ = call(&mut world, "ec2:DeleteVpc", json!({"VpcId": vpc}));
    let lines: Vec<String> = world.lines().collect();
    let words = |line: &String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&lines[0]), ["0.000", "call", "ec2:CreateVpc", &vpc]);
    assert_eq!(words(&lines[1])[4], "reply_lost");
    assert!(words(&lines[1])[3].starts_with("subnet-"), "{}", lines[1]);
    let last = words(&lines[lines.len() - 1]);
    assert_eq!(last, ["12.345", "call", "ec2:DeleteVpc", &vpc, "DependencyViolation"]);
}

/// What a request is called is no matter of the world: its objects' ids don't depend on how often one asks.
#[test]
fn requests_have_ids_of_their_own() {
    let id = |asks: usize| {
        let mut world = world();
        let describe = Request { body: "Action=DescribeVpcs&Version=2016-11-15".into(), ..request() };
        let ids: Vec<_> = (0..asks).map(|_| wire::visit(&mut world, &describe).reply.unwrap().headers).collect();
        assert!(ids.windows(2).all(|two| two[0] != two[1]));
        vpc(&mut world)
    };
    assert_eq!(id(0), id(5));
}
