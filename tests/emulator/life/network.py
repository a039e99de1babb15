"""A VPC with its subnets, gateways, routes and security groups."""

from life.asked import HTTP, MISSING, TAGS, WORLD, tagged


def network(call):
    """Gives the ids of what it makes."""
    ec2 = lambda operation, **ask: call("ec2", operation, **ask)
    net = {}
    net["vpc"] = vpc = ec2("create_vpc", CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    call.settle("ec2", "describe_vpcs", lambda told: told["Vpcs"][0]["State"] == "available", VpcIds=[vpc])
    ec2("describe_vpcs", VpcIds=[f"vpc-{MISSING}"])
    ec2("create_vpc", CidrBlock="10.0.0.0/8")
    ec2("modify_vpc_attribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2("describe_vpc_attribute", VpcId=vpc, Attribute="enableDnsHostnames")
    ec2("describe_vpc_attribute", VpcId=vpc, Attribute="enableDnsSupport")
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    ec2("describe_route_tables", Filters=mine)
    ec2("describe_security_groups", Filters=mine)
    ec2("describe_security_group_rules", Filters=[{"Name": "tag:life", "Values": ["x"]}])
    net["subnets"] = []
    for number, zone in enumerate("abc"):
        ask = {"VpcId": vpc, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"eu-west-1{zone}"}
        net["subnets"].append(ec2("create_subnet", **ask, TagSpecifications=tagged("subnet"))["Subnet"]["SubnetId"])
    settled = lambda told: all(subnet["State"] == "available" for subnet in told["Subnets"])
    call.settle("ec2", "describe_subnets", settled, Filters=mine)
    ec2("create_subnet", VpcId=vpc, CidrBlock="10.0.0.0/25")
    ec2("create_subnet", VpcId=vpc, CidrBlock="10.1.0.0/24")
    ec2("create_subnet", VpcId=f"vpc-{MISSING}", CidrBlock="10.0.9.0/24")
    ec2("describe_subnets", SubnetIds=[f"subnet-{MISSING}"])

    made = ec2("create_internet_gateway", TagSpecifications=tagged("internet-gateway"))["InternetGateway"]
    net["gateway"] = gateway = made["InternetGatewayId"]
    ec2("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2("describe_internet_gateways", InternetGatewayIds=[gateway])
    ec2("delete_internet_gateway", InternetGatewayId=gateway)

    net["address"] = ec2("allocate_address", Domain="vpc", TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    ec2("describe_addresses", AllocationIds=[net["address"]])
    ask = {"SubnetId": net["subnets"][0], "AllocationId": net["address"], "TagSpecifications": tagged("natgateway")}
    ec2("create_nat_gateway", **ask | {"SubnetId": f"subnet-{MISSING}"})
    net["nat"] = nat = ec2("create_nat_gateway", **ask)["NatGateway"]["NatGatewayId"]
    settled = lambda told: told["NatGateways"][0]["State"] == "available"
    call.settle("ec2", "describe_nat_gateways", settled, NatGatewayIds=[nat])
    ec2("describe_nat_gateways", NatGatewayIds=[f"nat-{MISSING}"])
    ec2("describe_addresses", AllocationIds=[net["address"]])
    ec2("describe_network_interfaces", Filters=mine)

    net["table"] = table = ec2("create_route_table", VpcId=vpc, TagSpecifications=tagged("route-table"))["RouteTable"]["RouteTableId"]
    everywhere = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2("create_route", **everywhere, GatewayId=gateway)
    ec2("replace_route", **everywhere, NatGatewayId=nat)
    ec2("delete_route", **everywhere)
    ec2("delete_route", **everywhere)
    ec2("create_route", **everywhere, GatewayId=gateway)
    associated = ec2("associate_route_table", RouteTableId=table, SubnetId=net["subnets"][0])["AssociationId"]
    ec2("describe_route_tables", RouteTableIds=[table])
    ec2("delete_route_table", RouteTableId=table)
    other = ec2("create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"]
    replaced = ec2("replace_route_table_association", AssociationId=associated, RouteTableId=other)
    ec2("disassociate_route_table", AssociationId=replaced["NewAssociationId"])
    ec2("disassociate_route_table", AssociationId=replaced["NewAssociationId"])
    ec2("delete_route_table", RouteTableId=other)
    ec2("delete_route_table", RouteTableId=other)
    ec2("describe_route_tables", RouteTableIds=[other])
    asked = [{"RouteTableId": table, "SubnetId": subnet} for subnet in net["subnets"]]
    net["associations"] = [ec2("associate_route_table", **ask)["AssociationId"] for ask in asked]
    ec2("create_tags", Resources=[vpc], Tags=[{"Key": "c", "Value": "d"}])
    ec2("delete_tags", Resources=[vpc], Tags=[{"Key": "a"}])
    ec2("create_tags", Resources=[f"vpc-{MISSING}"], Tags=TAGS)
    ec2("describe_vpcs", Filters=[{"Name": "tag:c", "Values": ["d"]}])
    ec2("delete_vpc", VpcId=vpc)
    return net


def groups(call, net):
    ec2 = lambda operation, **ask: call("ec2", operation, **ask)
    ask = {"GroupName": "front", "Description": "in front", "VpcId": net["vpc"]}
    net["front"] = front = ec2("create_security_group", **ask, TagSpecifications=tagged("security-group"))["GroupId"]
    ec2("create_security_group", **ask)
    net["group"] = group = ec2("create_security_group", **ask | {"GroupName": "tasks"})["GroupId"]
    ec2("authorize_security_group_ingress", GroupId=front, IpPermissions=WORLD)
    ec2("authorize_security_group_ingress", GroupId=front, IpPermissions=WORLD)
    pair = [HTTP | {"UserIdGroupPairs": [{"GroupId": front, "Description": "from front"}]}]
    ec2("authorize_security_group_ingress", GroupId=group, IpPermissions=pair)
    ec2("authorize_security_group_egress", GroupId=group, IpPermissions=WORLD)
    ec2("describe_security_groups", GroupIds=[front, group])
    for one in [front, group]:
        ec2("describe_security_group_rules", Filters=[{"Name": "group-id", "Values": [one]}])
    ec2("revoke_security_group_egress", GroupId=group, IpPermissions=WORLD)
    ec2("revoke_security_group_ingress", GroupId=front, IpPermissions=[HTTP | {"IpRanges": [{"CidrIp": "10.9.0.0/16"}]}])
    ec2("authorize_security_group_ingress", GroupId=f"sg-{MISSING}", IpPermissions=WORLD)
    ec2("describe_security_groups", GroupIds=[f"sg-{MISSING}"])
    ec2("delete_security_group", GroupId=f"sg-{MISSING}")
    net["pair"] = pair
