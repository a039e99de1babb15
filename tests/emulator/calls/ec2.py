"""The network: VPC, subnets, gateways, addresses, route tables. Security groups are in `rules`."""

from .client import pages, refused, same, until

MISSING = "0123456789abcdef0"


def named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def build(aws, scene):
    aws = aws("ec2")
    vpcs(aws, scene)
    subnets(aws, scene)
    gateways(aws, scene)
    nat(aws, scene)
    tables(aws, scene)
    tags(aws, scene)


def vpcs(aws, scene):
    block = "10.0.0.0/16"
    refused("DryRunOperation", 412, aws.create_vpc, CidrBlock=block, DryRun=True)
    refused("InvalidParameterValue", 400, aws.create_vpc, CidrBlock="nonsense")
    refused("InvalidVpc.Range", 400, aws.create_vpc, CidrBlock="10.0.0.0/8")
    made = aws.create_vpc(CidrBlock=block, TagSpecifications=named("vpc", "judge"))["Vpc"]
    same(made, {"CidrBlock": block, "State": "pending", "Tags": [{"Key": "Name", "Value": "judge"}]}, "vpc")
    scene.vpc = vpc = made["VpcId"]
    until("the VPC", lambda: aws.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["State"] == "available")
    refused("InvalidVpcID.NotFound", 400, aws.describe_vpcs, VpcIds=[f"vpc-{MISSING}"])
    refused("InvalidParameterValue", 400, aws.describe_vpcs, Filters=[{"Name": "nonsense", "Values": ["x"]}])
    aws.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    aws.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    for attribute in ["enableDnsHostnames", "enableDnsSupport"]:
        found = aws.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
        assert found[attribute[0].upper() + attribute[1:]] == {"Value": True}, found
    others = [aws.create_vpc(CidrBlock=block)["Vpc"]["VpcId"] for _ in range(4)]
    refused("VpcLimitExceeded", 400, aws.create_vpc, CidrBlock=block)
    assert len(aws.describe_vpcs(MaxResults=5)["Vpcs"]) == 5
    for other in others:
        aws.delete_vpc(VpcId=other)


def subnets(aws, scene):
    zones = aws.describe_availability_zones()["AvailabilityZones"]
    assert len(zones) >= 3, zones
    scene.zones = [zone["ZoneName"] for zone in zones]
    vpc, scene.subnets = scene.vpc, []
    for number in range(6):
        ask = {"VpcId": vpc, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": scene.zones[number % 3]}
        made = aws.create_subnet(**ask, TagSpecifications=named("subnet", f"judge-{number}"))["Subnet"]
        same(made, ask | {"State": "pending"}, "subnet")
        scene.subnets.append(made["SubnetId"])
    refused("InvalidSubnet.Conflict", 400, aws.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/25")
    refused("InvalidSubnet.Range", 400, aws.create_subnet, VpcId=vpc, CidrBlock="10.1.0.0/24")
    refused("InvalidVpcID.NotFound", 400, aws.create_subnet, VpcId=f"vpc-{MISSING}", CidrBlock="10.0.9.0/24")
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    found = pages(aws, "describe_subnets", "Subnets", size=5, Filters=mine)
    assert sorted(one["SubnetId"] for one in found) == sorted(scene.subnets), found
    refused("InvalidSubnetID.NotFound", 400, aws.describe_subnets, SubnetIds=[f"subnet-{MISSING}"])
    refused("DependencyViolation", 400, aws.delete_vpc, VpcId=vpc)


def gateways(aws, scene):
    made = aws.create_internet_gateway(TagSpecifications=named("internet-gateway", "judge"))["InternetGateway"]
    scene.gateway = gateway = made["InternetGatewayId"]
    aws.attach_internet_gateway(InternetGatewayId=gateway, VpcId=scene.vpc)
    refused("Resource.AlreadyAssociated", 400, aws.attach_internet_gateway, InternetGatewayId=gateway, VpcId=scene.vpc)
    found = aws.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"]
    same(found, [{"Attachments": [{"VpcId": scene.vpc, "State": "available"}]}], "gateways")
    refused("DependencyViolation", 400, aws.delete_internet_gateway, InternetGatewayId=gateway)
    missing = f"igw-{MISSING}"
    refused("InvalidInternetGatewayID.NotFound", 400, aws.delete_internet_gateway, InternetGatewayId=missing)


def nat(aws, scene):
    made = aws.allocate_address(Domain="vpc", TagSpecifications=named("elastic-ip", "judge"))
    scene.address = address = made["AllocationId"]
    same(aws.describe_addresses(AllocationIds=[address])["Addresses"], [{"PublicIp": made["PublicIp"]}], "addresses")
    ask = {"SubnetId": scene.subnets[0], "AllocationId": address, "ClientToken": "judge"}
    made = aws.create_nat_gateway(**ask)["NatGateway"]
    same(made, {"State": "pending", "VpcId": scene.vpc, "SubnetId": scene.subnets[0]}, "nat")
    scene.nat = nat = made["NatGatewayId"]
    assert aws.create_nat_gateway(**ask)["NatGateway"]["NatGatewayId"] == nat
    other = ask | {"SubnetId": scene.subnets[1]}
    refused("IdempotentParameterMismatch", 400, aws.create_nat_gateway, **other)
    refused("InvalidSubnetID.NotFound", 400, aws.create_nat_gateway, SubnetId=f"subnet-{MISSING}", AllocationId=address)
    look = lambda: aws.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]
    until("the NAT gateway", lambda: look()["State"] == "available")
    same(look()["NatGatewayAddresses"], [{"AllocationId": address, "Status": "succeeded"}], "addresses")
    refused("InvalidIPAddress.InUse", 400, aws.release_address, AllocationId=address)
    refused("DependencyViolation", 400, aws.delete_subnet, SubnetId=scene.subnets[0])
    [interface] = aws.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [scene.subnets[0]]}])["NetworkInterfaces"]
    same(interface, {"InterfaceType": "nat_gateway", "Status": "in-use"}, "interface")


def tables(aws, scene):
    made = aws.create_route_table(VpcId=scene.vpc, TagSpecifications=named("route-table", "judge"))["RouteTable"]
    scene.table = table = made["RouteTableId"]
    other = aws.create_route_table(VpcId=scene.vpc)["RouteTable"]["RouteTableId"]
    everywhere = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    aws.create_route(**everywhere, GatewayId=scene.gateway)
    refused("RouteAlreadyExists", 400, aws.create_route, **everywhere, NatGatewayId=scene.nat)
    refused("InvalidNatGatewayID.NotFound", 400, aws.replace_route, **everywhere, NatGatewayId=f"nat-{MISSING}")
    aws.replace_route(**everywhere, NatGatewayId=scene.nat)
    [route] = [route for route in read_table(aws, table)["Routes"] if "NatGatewayId" in route]
    same(route, {"State": "active", "DestinationCidrBlock": "0.0.0.0/0", "Origin": "CreateRoute"}, "route")
    aws.delete_route(**everywhere)
    refused("InvalidRoute.NotFound", 400, aws.delete_route, **everywhere)
    aws.create_route(**everywhere, GatewayId=scene.gateway)

    association = aws.associate_route_table(RouteTableId=other, SubnetId=scene.subnets[0])["AssociationId"]
    refused("Resource.AlreadyAssociated", 400, aws.associate_route_table, RouteTableId=table, SubnetId=scene.subnets[0])
    refused("DependencyViolation", 400, aws.delete_route_table, RouteTableId=other)
    new = aws.replace_route_table_association(AssociationId=association, RouteTableId=table)["NewAssociationId"]
    scene.associations = [new]
    for subnet in scene.subnets[1:3]:
        scene.associations.append(aws.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"])
    assert len(read_table(aws, table)["Associations"]) == 3
    refused("InvalidAssociationID.NotFound", 400, aws.disassociate_route_table, AssociationId=association)
    aws.delete_route_table(RouteTableId=other)
    refused("InvalidRouteTableID.NotFound", 400, aws.delete_route_table, RouteTableId=other)
    main = [{"Name": "association.main", "Values": ["true"]}, {"Name": "vpc-id", "Values": [scene.vpc]}]
    [main] = aws.describe_route_tables(Filters=main)["RouteTables"]
    refused("DependencyViolation", 400, aws.delete_route_table, RouteTableId=main["RouteTableId"])


def read_table(aws, table):
    [found] = aws.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return found


def tags(aws, scene):
    aws.create_tags(Resources=[scene.vpc, scene.nat], Tags=[{"Key": "a", "Value": "b"}])
    tagged = [{"Name": "tag:a", "Values": ["b"]}]
    assert [vpc["VpcId"] for vpc in aws.describe_vpcs(Filters=tagged)["Vpcs"]] == [scene.vpc]
    assert [nat["NatGatewayId"] for nat in aws.describe_nat_gateways(Filter=tagged)["NatGateways"]] == [scene.nat]
    described = aws.describe_tags(Filters=[{"Name": "key", "Values": ["a"]}])["Tags"]
    assert {tag["ResourceId"]: tag["ResourceType"] for tag in described} == {scene.vpc: "vpc", scene.nat: "natgateway"}
    aws.delete_tags(Resources=[scene.vpc, scene.nat], Tags=[{"Key": "a"}])
    assert aws.describe_vpcs(Filters=tagged)["Vpcs"] == []
    reserved = [{"Key": "aws:x", "Value": ""}]
    refused("InvalidParameterValue", 400, aws.create_tags, Resources=[scene.vpc], Tags=reserved)
    refused("InvalidVpcID.NotFound", 400, aws.create_tags, Resources=[f"vpc-{MISSING}"], Tags=[{"Key": "a", "Value": ""}])


def clear(aws, scene):
    aws = aws("ec2")
    detach = {"InternetGatewayId": scene.gateway, "VpcId": scene.vpc}
    refused("DependencyViolation", 400, aws.detach_internet_gateway, **detach)
    aws.delete_nat_gateway(NatGatewayId=scene.nat)
    look = lambda: aws.describe_nat_gateways(NatGatewayIds=[scene.nat])["NatGateways"][0]
    until("the NAT gateway to go", lambda: look()["State"] == "deleted")
    aws.release_address(AllocationId=scene.address)
    refused("InvalidAllocationID.NotFound", 400, aws.release_address, AllocationId=scene.address)
    for association in scene.associations:
        aws.disassociate_route_table(AssociationId=association)
    aws.delete_route_table(RouteTableId=scene.table)
    filters = [{"Name": "vpc-id", "Values": [scene.vpc]}]
    until("interfaces to go", lambda: not aws.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])
    for subnet in scene.subnets:
        aws.delete_subnet(SubnetId=subnet)
    refused("DependencyViolation", 400, aws.delete_vpc, VpcId=scene.vpc)
    aws.detach_internet_gateway(**detach)
    refused("Gateway.NotAttached", 400, aws.detach_internet_gateway, **detach)
    aws.delete_internet_gateway(InternetGatewayId=scene.gateway)
    aws.delete_vpc(VpcId=scene.vpc)
    refused("InvalidVpcID.NotFound", 400, aws.delete_vpc, VpcId=scene.vpc)
    assert aws.describe_vpcs()["Vpcs"] == []
