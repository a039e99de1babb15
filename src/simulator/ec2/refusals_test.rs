//! What each call needs, and what it is refused for: by tables.

use serde_json::{Value as Json, json};

use super::trial::{address, code, gateway, group, made, nat, ok, subnet, table, vpc, world};
use crate::simulator::quotas;

const VALUE: &str = "InvalidParameterValue";

fn but(ask: &Json, member: &str, value: Json) -> Json {
    let mut ask = ask.clone();
    ask[member] = value;
    ask
}

/// Each call without each member that it needs, and with an id that nobody has for each that must be somebody's.
#[test]
fn each_need_is_missed() {
    let mut world = world();
    let w = &mut world;
    let vpc = vpc(w);
    let (subnet, group, address) = (subnet(w, &vpc, "10.0.0.0/24"), group(w, &vpc, "g"), address(w));
    let (igw, table) = (gateway(w, &vpc), table(w, &vpc));
    let all = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let permission = json!({ "GroupId": group, "IpPermissions": all });
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": igw });
    let calls: [(&str, Json, &[&str]); 30] = [
        ("AssociateRouteTable", json!({ "RouteTableId": table, "SubnetId": subnet }), &["RouteTableId", "SubnetId"]),
        ("AttachInternetGateway", json!({ "InternetGatewayId": igw, "VpcId": vpc }), &["InternetGatewayId", "VpcId"]),
        ("AuthorizeSecurityGroupEgress", permission.clone(), &["GroupId"]),
        ("AuthorizeSecurityGroupIngress", permission.clone(), &["GroupId"]),
        ("CreateNatGateway", json!({ "SubnetId": subnet, "AllocationId": address }), &["SubnetId", "AllocationId"]),
        ("CreateRoute", route.clone(), &["RouteTableId", "GatewayId"]),
        ("CreateRouteTable", json!({ "VpcId": vpc }), &["VpcId"]),
        ("CreateSecurityGroup", json!({ "GroupName": "h", "GroupDescription": "h" }), &["VpcId"]),
        ("CreateSubnet", json!({ "VpcId": vpc, "CidrBlock": "10.0.9.0/24" }), &["VpcId"]),
        ("CreateTags", json!({ "ResourceId": [vpc], "Tag": [{ "Key": "k", "Value": "v" }] }), &[]),
        ("CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }), &[]),
        ("CreateVpcEndpoint", json!({ "VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-3.s3" }), &["VpcId"]),
        ("DeleteInternetGateway", json!({ "InternetGatewayId": igw }), &["InternetGatewayId"]),
        ("DeleteNatGateway", json!({ "NatGatewayId": "nat-1" }), &["NatGatewayId"]),
        ("DeleteRoute", json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" }), &["RouteTableId"]),
        ("DeleteRouteTable", json!({ "RouteTableId": table }), &["RouteTableId"]),
        ("DeleteSecurityGroup", json!({ "GroupId": group }), &["GroupId"]),
        ("DeleteSubnet", json!({ "SubnetId": subnet }), &["SubnetId"]),
        ("DeleteVpc", json!({ "VpcId": vpc }), &["VpcId"]),
        ("DescribeVpcAttribute", json!({ "VpcId": vpc, "Attribute": "enableDnsSupport" }), &["VpcId"]),
        ("DetachInternetGateway", json!({ "InternetGatewayId": igw, "VpcId": vpc }), &["InternetGatewayId"]),
        ("DisassociateRouteTable", json!({ "AssociationId": "rtbassoc-1" }), &["AssociationId"]),
        ("ModifySubnetAttribute", json!({ "SubnetId": subnet, "MapPublicIpOnLaunch": {} }), &["SubnetId"]),
        ("ModifyVpcAttribute", json!({ "VpcId": vpc, "EnableDnsSupport": { "Value": "true" } }), &["VpcId"]),
        ("ModifyVpcEndpoint", json!({ "VpcEndpointId": "vpce-1" }), &["VpcEndpointId"]),
        ("ReleaseAddress", json!({ "AllocationId": address }), &["AllocationId"]),
        ("ReplaceRoute", route, &["RouteTableId", "GatewayId"]),
        (
            "ReplaceRouteTableAssociation",
            json!({ "AssociationId": "rtbassoc-1", "RouteTableId": table }),
            &["AssociationId"],
        ),
        ("RevokeSecurityGroupEgress", permission.clone(), &["GroupId"]),
        ("RevokeSecurityGroupIngress", permission, &["GroupId"]),
    ];
    for (action, ask, ids) in calls {
        for member in ask.as_object().unwrap().keys() {
            assert_eq!(code(w, action, but(&ask, member, Json::Null)), "MissingParameter", "{action} without {member}");
        }
        for member in ids {
            let prefix = ask[*member].as_str().map_or("vpc", |id| id.split_once('-').unwrap().0);
            let told = code(w, action, but(&ask, member, format!("{prefix}-0f").into()));
            assert!(told.ends_with("NotFound"), "{action} of {member} -0f: {told}");
        }
    }
    assert_eq!(
        code(w, "CreateSecurityGroup", json!({ "GroupName": "h", "GroupDescription": "h" })),
        "VPCIdNotSpecified"
    );
    for action in ["DeleteTags", "DeleteVpcEndpoints"] {
        assert_eq!(code(w, action, json!({})), "MissingParameter");
    }
}

#[test]
fn each_kind_says_that_one_is_not_there() {
    let mut world = world();
    for (action, member, prefix, missing, malformed) in [
        (
            "DescribeInternetGateways",
            "InternetGatewayId",
            "igw",
            "InvalidInternetGatewayID.NotFound",
            "InvalidInternetGatewayId.Malformed",
        ),
        (
            "DescribeAddresses",
            "AllocationId",
            "eipalloc",
            "InvalidAllocationID.NotFound",
            "InvalidAllocationID.Malformed",
        ),
        ("DescribeNatGateways", "NatGatewayId", "nat", "NatGatewayNotFound", "NatGatewayMalformed"),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId",
            "eni",
            "InvalidNetworkInterfaceID.NotFound",
            "InvalidNetworkInterfaceId.Malformed",
        ),
        ("DescribePrefixLists", "PrefixListId", "pl", "InvalidPrefixListID.NotFound", "InvalidPrefixListId.Malformed"),
        ("DescribeRouteTables", "RouteTableId", "rtb", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed"),
        ("DescribeSecurityGroups", "GroupId", "sg", "InvalidGroup.NotFound", "InvalidGroupId.Malformed"),
        (
            "DescribeSecurityGroupRules",
            "SecurityGroupRuleId",
            "sgr",
            "InvalidSecurityGroupRuleId.NotFound",
            "InvalidSecurityGroupRuleId.Malformed",
        ),
        ("DescribeSubnets", "SubnetId", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetId.Malformed"),
        (
            "DescribeVpcEndpoints",
            "VpcEndpointId",
            "vpce",
            "InvalidVpcEndpointId.NotFound",
            "InvalidVpcEndpointId.Malformed",
        ),
        ("DescribeVpcs", "VpcId", "vpc", "InvalidVpcID.NotFound", "InvalidVpcId.Malformed"),
    ] {
        for (id, expected) in [(format!("{prefix}-0f"), missing), ("x".to_owned(), malformed)] {
            assert_eq!(code(&mut world, action, json!({ member: [id] })), expected, "{action} of {id}");
        }
    }
    assert_eq!(
        code(&mut world, "DisassociateRouteTable", json!({ "AssociationId": "x" })),
        "InvalidAssociationID.Malformed"
    );
    assert_eq!(code(&mut world, "DescribeAddresses", json!({ "PublicIp": ["1.2.3.4"] })), "InvalidAddress.NotFound");
    assert_eq!(code(&mut world, "DescribeVpcEndpointServices", json!({ "ServiceName": ["x"] })), "InvalidServiceName");
}

/// Two VPCs, `own` with one of everything and `other` with what doesn't fit.
#[test]
fn what_does_not_fit_is_refused() {
    let mut world = world();
    let w = &mut world;
    let (own, other) = (vpc(w), vpc(w));
    let (here, there) = (subnet(w, &own, "10.0.0.0/24"), subnet(w, &other, "10.0.0.0/24"));
    let (table_here, table_there) = (table(w, &own), table(w, &other));
    let (group_here, group_there) = (group(w, &own, "g"), group(w, &other, "g"));
    let (igw, second) =
        (gateway(w, &own), made(w, "CreateInternetGateway", json!({}), "/internetGateway/internetGatewayId"));
    let address = address(w);
    let nat = nat(w, &here, &address);
    let association =
        made(w, "AssociateRouteTable", json!({ "RouteTableId": table_here, "SubnetId": here }), "/associationId");
    let service = "com.amazonaws.eu-west-3.s3";
    let endpoint = json!({ "VpcId": own, "ServiceName": service });
    let endpoint = made(w, "CreateVpcEndpoint", endpoint, "/vpcEndpoint/vpcEndpointId");
    let to_nat = json!({ "RouteTableId": table_there, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat });
    let long = "t".repeat(65);
    for (action, ask, expected) in [
        ("AllocateAddress", json!({ "Domain": "standard" }), VALUE),
        ("AssociateRouteTable", json!({ "RouteTableId": table_there, "SubnetId": here }), VALUE),
        ("AttachInternetGateway", json!({ "InternetGatewayId": second, "VpcId": own }), VALUE),
        ("CreateNatGateway", json!({ "SubnetId": here, "ConnectivityType": "odd" }), VALUE),
        (
            "CreateNatGateway",
            json!({ "SubnetId": here, "ConnectivityType": "private", "AllocationId": address }),
            "InvalidParameterCombination",
        ),
        ("CreateRoute", to_nat.clone(), VALUE),
        ("CreateRoute", but(&to_nat, "GatewayId", json!(igw)), "InvalidParameterCombination"),
        ("CreateRoute", but(&to_nat, "DestinationCidrBlock", json!("all")), VALUE),
        ("CreateRouteTable", json!({ "VpcId": own, "ClientToken": long }), VALUE),
        (
            "CreateVpcEndpoint",
            json!({ "VpcId": other, "ServiceName": service, "RouteTableId": [table_here] }),
            "InvalidParameter",
        ),
        (
            "ModifyVpcAttribute",
            json!({ "VpcId": own, "EnableDnsSupport": { "Value": "true" }, "EnableDnsHostnames": { "Value": "true" } }),
            "InvalidParameterCombination",
        ),
        (
            "ModifyVpcEndpoint",
            json!({ "VpcEndpointId": endpoint, "PolicyDocument": "{}", "ResetPolicy": "true" }),
            VALUE,
        ),
        ("ReleaseAddress", json!({ "PublicIp": "198.18.0.1" }), VALUE),
        ("ReplaceRouteTableAssociation", json!({ "AssociationId": association, "RouteTableId": table_there }), VALUE),
    ] {
        assert_eq!(code(w, action, ask.clone()), expected, "{action} {ask}");
    }
    ok(w, "DescribeSubnets", json!({ "SubnetId": [there] }));
    let rules = |permission: Json| json!({ "GroupId": group_here, "IpPermissions": [permission] });
    let open = json!({ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] });
    for (permission, expected) in [
        (but(&open, "ToPort", Json::Null), VALUE),
        (but(&open, "IpProtocol", json!("carrier-pigeon")), VALUE),
        (but(&open, "IpRanges", json!([{ "CidrIp": "0.0.0.0/0", "Description": "é" }])), VALUE),
        (but(&open, "IpRanges", json!([{ "CidrIp": "all" }])), VALUE),
        (but(&open, "IpRanges", json!([{ "CidrIp": "0.0.0.0/0" }, { "CidrIp": "0.0.0.0/0" }])), VALUE),
        (but(&open, "IpRanges", json!([{}])), "MissingParameter"),
        (but(&open, "Ipv6Ranges", json!([{ "CidrIpv6": "0.0.0.0/0" }])), VALUE),
        (but(&open, "Ipv6Ranges", json!([{}])), "MissingParameter"),
        (but(&open, "Groups", json!([{ "GroupId": group_there }])), "InvalidGroup.NotFound"),
        (but(&open, "Groups", json!([{}])), "MissingParameter"),
    ] {
        assert_eq!(code(w, "AuthorizeSecurityGroupIngress", rules(permission.clone())), expected, "{permission}");
    }
    assert_eq!(code(w, "RevokeSecurityGroupIngress", json!({ "GroupId": group_here })), "MissingParameter");
}

#[test]
fn rules_are_modified_to_what_fits_alone() {
    let mut world = world();
    let w = &mut world;
    let vpc = vpc(w);
    let group = group(w, &vpc, "g");
    let rule = |port: i64| json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIpv4": "0.0.0.0/0" });
    let mut ids = Vec::new();
    for port in [80, 81] {
        let open =
            json!([{ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
        let ask = json!({ "GroupId": group, "IpPermissions": open });
        ids.push(made(w, "AuthorizeSecurityGroupIngress", ask, "/securityGroupRuleSet/0/securityGroupRuleId"));
    }
    let modify = |id: &str, rule: Json| {
        let update = json!({ "SecurityGroupRuleId": id, "SecurityGroupRule": rule });
        json!({ "GroupId": group, "SecurityGroupRule": [update] })
    };
    for (ask, expected) in [
        (json!({ "GroupId": group }), "MissingParameter"),
        (json!({ "SecurityGroupRule": [] }), "MissingParameter"),
        (modify("sgr-0f", rule(80)), "InvalidSecurityGroupRuleId.NotFound"),
        (modify(&ids[0], rule(81)), "InvalidPermission.Duplicate"),
        (modify(&ids[0], but(&rule(80), "CidrIpv6", json!("::/0"))), VALUE),
        (modify(&ids[0], but(&rule(80), "CidrIpv4", Json::Null)), VALUE),
    ] {
        assert_eq!(code(w, "ModifySecurityGroupRules", ask.clone()), expected, "{ask}");
    }
    let mut v6 = but(&rule(80), "CidrIpv4", Json::Null);
    v6["CidrIpv6"] = json!("::/0");
    ok(w, "ModifySecurityGroupRules", modify(&ids[0], v6));
    let peer = json!({ "IpProtocol": "17", "FromPort": 53, "ToPort": 53, "ReferencedGroupId": group });
    ok(w, "ModifySecurityGroupRules", modify(&ids[1], peer));
    let seen =
        ok(w, "DescribeSecurityGroups", json!({ "GroupId": [group] }))["securityGroupInfo"][0]["ipPermissions"].clone();
    assert_eq!((&seen[0]["ipv6Ranges"][0]["cidrIpv6"], &seen[1]["ipProtocol"]), (&json!("::/0"), &json!("udp")));
}

#[test]
fn quotas_of_routes_and_of_groups_on_an_interface() {
    let mut world = world();
    let w = &mut world;
    let (vpc, other) = (vpc(w), vpc(w));
    let (igw, table) = (gateway(w, &vpc), table(w, &vpc));
    let route = |number: usize| json!({ "RouteTableId": table, "GatewayId": igw, "DestinationCidrBlock": format!("{}.{}.0.0/16", 20 + number / 256, number % 256) });
    // Its published default, besides the local one.
    for number in 0..quotas::limit(w, quotas::ROUTES) as usize {
        ok(w, "CreateRoute", route(number));
    }
    assert_eq!(code(w, "CreateRoute", route(600)), "RouteLimitExceeded");
    let subnet = subnet(w, &vpc, "10.0.0.0/24");
    let groups: Vec<String> = (0..6).map(|number| group(w, &vpc, &format!("g{number}"))).collect();
    let foreign = [group(w, &other, "h")];
    let mut take = |groups: &[String]| {
        let ask = super::InterfaceAsk { subnet: &subnet, groups, description: "", requester: "", public_ip: false };
        super::take_interface(w, &ask).map_err(|refusal| refusal.code)
    };
    assert_eq!(take(&groups).unwrap_err(), "SecurityGroupsPerInterfaceLimitExceeded");
    assert_eq!(take(&foreign).unwrap_err(), "InvalidGroup.NotFound");
    take(&groups[..5]).unwrap();
}
