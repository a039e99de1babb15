#!/usr/bin/env python3
"""Counts what stands in an account and region, of every kind the provider could make: `census.py ENDPOINT [REGION]`.

Prints JSON, kind → sorted ids. Written with boto3 alone, so that it believes nothing the provider says. Two censuses,
before create and after destroy, must be equal. Left out is what AWS keeps by itself: deleted NAT gateways, inactive
clusters, services and task definitions, service-linked roles and AWS's own policies.
"""

import json
import sys

import boto3


def main(endpoint, region="eu-west-3"):
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = boto3.Session(region_name=region, **keys)
    print(json.dumps(count(lambda service: session.client(service, endpoint_url=endpoint)), indent=1))


def count(client):
    """The census. `client` gives the boto3 client of a service."""
    found = ec2(client("ec2")) | elbv2(client("elbv2")) | iam(client("iam")) | ecs(client("ecs"))
    found["log_groups"] = ids(pages(client("logs"), "describe_log_groups", "logGroups"), "logGroupName")
    found["parameters"] = ids(pages(client("ssm"), "describe_parameters", "Parameters"), "Name")
    return {kind: sorted(found[kind]) for kind in sorted(found)}


def ec2(ec2):
    tables = pages(ec2, "describe_route_tables", "RouteTables")
    nats = pages(ec2, "describe_nat_gateways", "NatGateways")
    # moto lists deleted ones for ever.
    endpoints = pages(ec2, "describe_vpc_endpoints", "VpcEndpoints")
    gateways = pages(ec2, "describe_internet_gateways", "InternetGateways")
    return {
        "vpcs": ids(pages(ec2, "describe_vpcs", "Vpcs"), "VpcId"),
        "subnets": ids(pages(ec2, "describe_subnets", "Subnets"), "SubnetId"),
        "internet_gateways": ids(gateways, "InternetGatewayId"),
        "internet_gateway_attachments": [
            f"{gateway['InternetGatewayId']}/{attached['VpcId']}"
            for gateway in gateways
            for attached in gateway["Attachments"]
        ],
        "addresses": ids(ec2.describe_addresses()["Addresses"], "AllocationId"),
        "nat_gateways": ids([nat for nat in nats if nat["State"] != "deleted"], "NatGatewayId"),
        "route_tables": ids(tables, "RouteTableId"),
        "routes": [f"{table['RouteTableId']}/{destination(route)}" for table in tables for route in table["Routes"]],
        "route_table_associations": [
            association["RouteTableAssociationId"] for table in tables for association in table["Associations"]
        ],
        "security_groups": ids(pages(ec2, "describe_security_groups", "SecurityGroups"), "GroupId"),
        "security_group_rules": ids(
            pages(ec2, "describe_security_group_rules", "SecurityGroupRules"), "SecurityGroupRuleId"
        ),
        "network_interfaces": ids(pages(ec2, "describe_network_interfaces", "NetworkInterfaces"), "NetworkInterfaceId"),
        "vpc_endpoints": ids([one for one in endpoints if one["State"] != "deleted"], "VpcEndpointId"),
    }


def destination(route):
    kinds = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"]
    return next(route[kind] for kind in kinds if kind in route)


def elbv2(elbv2):
    balancers = ids(pages(elbv2, "describe_load_balancers", "LoadBalancers"), "LoadBalancerArn")
    listeners = [
        listener["ListenerArn"]
        for arn in balancers
        for listener in pages(elbv2, "describe_listeners", "Listeners", LoadBalancerArn=arn)
    ]
    rules = [
        rule["RuleArn"]
        for arn in listeners
        for rule in elbv2.describe_rules(ListenerArn=arn)["Rules"]
        if not rule["IsDefault"]
    ]
    groups = ids(pages(elbv2, "describe_target_groups", "TargetGroups"), "TargetGroupArn")
    return {"load_balancers": balancers, "listeners": listeners, "listener_rules": rules, "target_groups": groups}


def iam(iam):
    roles = [
        role["RoleName"]
        for role in pages(iam, "list_roles", "Roles")
        if not role["Path"].startswith("/aws-service-role/")
    ]
    inline = [
        f"{role}/{name}"
        for role in roles
        for name in pages(iam, "list_role_policies", "PolicyNames", RoleName=role)
    ]
    attached = [
        f"{role}/{policy['PolicyArn']}"
        for role in roles
        for policy in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=role)
    ]
    own = ids(pages(iam, "list_policies", "Policies", Scope="Local"), "Arn")
    return {"roles": roles, "inline_policies": inline, "attached_policies": attached, "policies": own}


def ecs(ecs):
    clusters = pages(ecs, "list_clusters", "clusterArns")
    active = [
        cluster["clusterArn"]
        for arn in clusters
        for cluster in ecs.describe_clusters(clusters=[arn])["clusters"]
        if cluster["status"] != "INACTIVE"
    ]
    services = [
        service["serviceArn"]
        for cluster in active
        for arn in pages(ecs, "list_services", "serviceArns", cluster=cluster)
        for service in ecs.describe_services(cluster=cluster, services=[arn])["services"]
        if service["status"] != "INACTIVE"
    ]
    definitions = pages(ecs, "list_task_definitions", "taskDefinitionArns", status="ACTIVE")
    return {"clusters": active, "services": services, "task_definitions": definitions}


def pages(client, operation, member, **asked):
    return [item for page in client.get_paginator(operation).paginate(**asked) for item in page.get(member, [])]


def ids(items, key):
    return [item[key] for item in items]


if __name__ == "__main__":
    main(*sys.argv[1:])
