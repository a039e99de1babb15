"""What AWS refuses and moto does. Each wrong call spoils the worlds' likeness, so little follows it."""

from life.asked import MISSING, TRUST


def accepted_by_moto(call):
    """What AWS refuses and moto does. Each wrong call spoils the worlds' likeness, so little follows it."""
    ec2 = lambda operation, **ask: call("ec2", operation, **ask)
    vpc = ec2("create_vpc", CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2("create_subnet", VpcId=vpc, CidrBlock=f"10.2.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    gateway = ec2("create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
    ec2("attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    address = ec2("allocate_address", Domain="vpc")["AllocationId"]
    table = ec2("create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"]
    everywhere = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2("create_route", **everywhere, GatewayId=gateway)
    ec2("associate_route_table", RouteTableId=table, SubnetId=subnets[0])
    ec2("associate_route_table", RouteTableId=table, SubnetId=subnets[0])
    made = ec2("create_nat_gateway", SubnetId=subnets[0], AllocationId=address)["NatGateway"]
    settled = lambda told: told["NatGateways"][0]["State"] == "available"
    call.settle("ec2", "describe_nat_gateways", settled, NatGatewayIds=[made["NatGatewayId"]])
    ec2("create_route", **everywhere, NatGatewayId=made["NatGatewayId"])
    front = ec2("create_security_group", GroupName="front", Description="d", VpcId=vpc)["GroupId"]
    ask = {"Name": "wrong", "Subnets": subnets, "SecurityGroups": [front]}
    call("elbv2", "create_load_balancer", **ask | {"Subnets": subnets[:1]})
    call("elbv2", "create_load_balancer", **ask | {"Name": "a" * 33})
    call("elbv2", "create_load_balancer", **ask)
    call("elbv2", "create_load_balancer", **ask | {"Scheme": "internal"})
    call("logs", "create_log_group", logGroupName="/wrong")
    call("logs", "put_retention_policy", logGroupName="/wrong", retentionInDays=2)
    call("iam", "create_role", RoleName="wrong", AssumeRolePolicyDocument="{")
    call("iam", "create_role", RoleName="no good", AssumeRolePolicyDocument=TRUST)
    call("ecs", "register_task_definition", family="wrong", cpu="256", memory="513", networkMode="awsvpc",
         requiresCompatibilities=["FARGATE"], containerDefinitions=[{"name": "web", "image": "nginx"}])
    ec2("release_address", AllocationId=address)
    ec2("detach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)
    ec2("delete_security_group", GroupId=front)
    ec2("delete_subnet", SubnetId=subnets[0])
    ask = {"GroupName": "other", "Description": "d", "VpcId": vpc}
    ec2("create_security_group", **ask | {"GroupName": "sg-front"})
    ec2("create_security_group", **ask | {"VpcId": f"vpc-{MISSING}"})
    ec2("create_vpc", CidrBlock="10.0.0.0/16", DryRun=True)
