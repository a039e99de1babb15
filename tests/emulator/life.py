"""A life of a service, as a script of boto3 calls: `live(call)`, where `call` gives an answer, or nothing if refused.

Wrong calls are among them. Those that moto carries out although AWS refuses come last, for nothing can follow them.
"""

import json

MISSING = "0123456789abcdef0"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
TAGS = [{"Key": "a", "Value": "b"}]
SMALL_TAGS = [{"key": "a", "value": "b"}]
HTTP = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
WORLD = [HTTP | {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}]


def live(call):
    call("sts", "get_caller_identity")
    parameters(call)
    role = roles(call)
    logs(call)
    net = network(call)
    groups(call, net)
    balancer(call, net)
    containers(call, net, role)
    service(call, net)
    clear(call, net)
    accepted_by_moto(call)


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def parameters(call):
    name = {"Name": "/life/anchor"}
    call("ssm", "put_parameter", **name, Value="1", Type="String", Tags=TAGS)
    call("ssm", "put_parameter", **name, Value="2", Type="String")
    call("ssm", "get_parameter", **name)
    call("ssm", "put_parameter", **name, Value="2", Type="String", Overwrite=True)
    call("ssm", "get_parameter", **name)
    resource = {"ResourceType": "Parameter", "ResourceId": "/life/anchor"}
    call("ssm", "add_tags_to_resource", **resource, Tags=[{"Key": "c", "Value": "d"}])
    call("ssm", "remove_tags_from_resource", **resource, TagKeys=["a"])
    call("ssm", "list_tags_for_resource", **resource)
    call("ssm", "delete_parameter", **name)
    call("ssm", "delete_parameter", **name)
    call("ssm", "get_parameter", **name)


def roles(call):
    name = {"RoleName": "life"}
    made = call("iam", "create_role", **name, AssumeRolePolicyDocument=TRUST, Path="/life/", Description="d", Tags=TAGS)
    call("iam", "create_role", **name, AssumeRolePolicyDocument=TRUST)
    call("iam", "get_role", **name)
    call("iam", "get_role", RoleName="nobody")
    call("iam", "attach_role_policy", **name, PolicyArn=MANAGED)
    call("iam", "attach_role_policy", **name, PolicyArn=MANAGED)
    call("iam", "list_attached_role_policies", **name)
    grant = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]})
    call("iam", "put_role_policy", **name, PolicyName="p", PolicyDocument=grant)
    call("iam", "put_role_policy", **name, PolicyName="q", PolicyDocument="{")
    call("iam", "get_role_policy", **name, PolicyName="p")
    call("iam", "get_role_policy", **name, PolicyName="nothing")
    call("iam", "list_role_policies", **name)
    call("iam", "delete_role", **name)
    call("iam", "delete_role_policy", **name, PolicyName="p")
    call("iam", "delete_role_policy", **name, PolicyName="p")
    call("iam", "tag_role", **name, Tags=[{"Key": "c", "Value": "d"}])
    call("iam", "untag_role", **name, TagKeys=["a"])
    call("iam", "list_role_tags", **name)
    call("iam", "update_role", **name, Description="e", MaxSessionDuration=7200)
    call("iam", "update_assume_role_policy", **name, PolicyDocument=TRUST)
    call("iam", "update_assume_role_policy", **name, PolicyDocument="{")
    call("iam", "list_roles", PathPrefix="/life/")
    call("iam", "list_instance_profiles_for_role", **name)
    call("iam", "detach_role_policy", **name, PolicyArn=f"{MANAGED}x")
    return made["Role"]["Arn"]


def logs(call):
    group = {"logGroupName": "/life/app"}
    call("logs", "create_log_group", **group, tags={"a": "b"})
    call("logs", "create_log_group", **group)
    call("logs", "put_retention_policy", **group, retentionInDays=7)
    call("logs", "put_retention_policy", logGroupName="/nobody", retentionInDays=7)
    [found] = call("logs", "describe_log_groups", logGroupNamePrefix="/life/")["logGroups"]
    call("logs", "create_log_stream", **group, logStreamName="s")
    call("logs", "create_log_stream", **group, logStreamName="s")
    call("logs", "create_log_stream", logGroupName="/nobody", logStreamName="s")
    put = group | {"logStreamName": "s"}
    events = [{"timestamp": found["creationTime"] + number, "message": f"line {number}"} for number in range(3)]
    call("logs", "put_log_events", **put, logEvents=events)
    call("logs", "get_log_events", **put, startFromHead=True)
    call("logs", "filter_log_events", **group, logStreamNames=["s"])
    call("logs", "get_log_events", **group, logStreamName="nobody")
    call("logs", "describe_log_streams", **group)
    call("logs", "describe_log_streams", logGroupName="/nobody")
    arn = {"resourceArn": found["arn"].removesuffix(":*")}
    call("logs", "tag_resource", **arn, tags={"c": "d"})
    call("logs", "untag_resource", **arn, tagKeys=["a"])
    call("logs", "list_tags_for_resource", **arn)
    call("logs", "delete_retention_policy", **group)
    call("logs", "describe_log_groups", logGroupNamePrefix="/life/")
    call("logs", "delete_log_stream", **put)
    call("logs", "delete_log_stream", **put)
    call("logs", "delete_log_group", logGroupName="/nobody")


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
    ec2("delete_security_group", GroupId=front)
    net["pair"] = pair


def balancer(call, net):
    elb = lambda operation, **ask: call("elbv2", operation, **ask)
    ask = {"Name": "life", "Protocol": "HTTP", "Port": 80, "VpcId": net["vpc"], "TargetType": "ip", "Tags": TAGS}
    net["targets"] = targets = elb("create_target_group", **ask)["TargetGroups"][0]["TargetGroupArn"]
    elb("create_target_group", **ask)
    elb("create_target_group", **ask | {"Port": 81})
    elb("create_target_group", **ask | {"Name": "life-"})
    elb("modify_target_group", TargetGroupArn=targets, HealthCheckPath="/health", HealthCheckIntervalSeconds=10)
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}]
    elb("modify_target_group_attributes", TargetGroupArn=targets, Attributes=delay)
    elb("describe_target_group_attributes", TargetGroupArn=targets)
    elb("describe_target_groups", Names=["nobody"])
    ask = {"Name": "life", "Subnets": net["subnets"][:2], "SecurityGroups": [net["front"]], "Tags": TAGS}
    net["balancer"] = arn = elb("create_load_balancer", **ask)["LoadBalancers"][0]["LoadBalancerArn"]
    settled = lambda told: told["LoadBalancers"][0]["State"]["Code"] == "active"
    call.settle("elbv2", "describe_load_balancers", settled, LoadBalancerArns=[arn])
    elb("describe_load_balancers", Names=["nobody"])
    elb("modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}])
    elb("describe_load_balancer_attributes", LoadBalancerArn=arn)
    elb("set_security_groups", LoadBalancerArn=arn, SecurityGroups=[net["front"], net["group"]])
    elb("set_security_groups", LoadBalancerArn=arn, SecurityGroups=[net["front"]])
    elb("set_security_groups", LoadBalancerArn=arn, SecurityGroups=[f"sg-{MISSING}"])
    elb("set_subnets", LoadBalancerArn=arn, Subnets=net["subnets"])
    forward = [{"Type": "forward", "TargetGroupArn": targets}]
    ask = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "DefaultActions": forward}
    net["listener"] = listener = elb("create_listener", **ask)["Listeners"][0]["ListenerArn"]
    elb("describe_listeners", LoadBalancerArn=arn)
    elb("modify_listener", ListenerArn=listener, Port=81)
    elb("modify_listener", ListenerArn=listener, Port=80)
    path = [{"Field": "path-pattern", "Values": ["/api/*"]}]
    rule = {"ListenerArn": listener, "Conditions": path, "Actions": forward}
    made = elb("create_rule", **rule, Priority=10)["Rules"][0]["RuleArn"]
    elb("create_rule", **rule, Priority=10)
    elb("describe_rules", ListenerArn=listener)
    elb("delete_rule", RuleArn=made)
    elb("delete_rule", RuleArn=made)
    elb("describe_target_health", TargetGroupArn=targets)
    elb("add_tags", ResourceArns=[arn, targets], Tags=[{"Key": "c", "Value": "d"}])
    elb("remove_tags", ResourceArns=[arn, targets], TagKeys=["a"])
    elb("describe_tags", ResourceArns=[arn, targets])
    elb("delete_target_group", TargetGroupArn=targets)
    elb("describe_target_groups", TargetGroupArns=[targets])


def containers(call, net, role):
    ecs = lambda operation, **ask: call("ecs", operation, **ask)
    ecs("create_cluster", clusterName="life", tags=SMALL_TAGS)
    settled = lambda told: told["clusters"][0]["status"] == "ACTIVE"
    call.settle("ecs", "describe_clusters", settled, clusters=["life"], include=["TAGS"])
    ecs("describe_clusters", clusters=["nobody"])
    ecs("list_clusters")
    ecs("delete_cluster", cluster="nobody")
    log = {"awslogs-group": "/life/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}
    for tag in ["1.27", "1.28"]:
        container = {
            "name": "web",
            "image": f"nginx:{tag}",
            "portMappings": [{"containerPort": 80}],
            "environment": [{"name": "A", "value": "b"}],
            "logConfiguration": {"logDriver": "awslogs", "options": log},
        }
        ecs(
            "register_task_definition",
            family="life",
            cpu="256",
            memory="512",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            executionRoleArn=role,
            containerDefinitions=[container],
            tags=SMALL_TAGS,
        )
    ecs("describe_task_definition", taskDefinition="life:1")
    ecs("describe_task_definition", taskDefinition="nobody:1")
    ecs("describe_task_definition", taskDefinition="life", include=["TAGS"])
    ecs("list_task_definitions", familyPrefix="life")


def steady(count):
    def settled(told):
        [found] = told["services"]
        [first, *others] = found["deployments"]
        return not others and first["rolloutState"] == "COMPLETED" and found["runningCount"] == count

    return settled


def service(call, net):
    ecs = lambda operation, **ask: call("ecs", operation, **ask)
    where = {"subnets": net["subnets"][:2], "securityGroups": [net["group"]], "assignPublicIp": "ENABLED"}
    ask = {
        "cluster": "life",
        "serviceName": "web",
        "taskDefinition": "life:1",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": where},
        "loadBalancers": [{"targetGroupArn": net["targets"], "containerName": "web", "containerPort": 80}],
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        "healthCheckGracePeriodSeconds": 10,
        "tags": SMALL_TAGS,
    }
    ecs("create_service", **ask | {"cluster": "nobody"})
    ecs("create_service", **ask | {"taskDefinition": "life:9"})
    ecs("create_service", **ask)
    both = {"cluster": "life", "services": ["web"]}
    call.settle("ecs", "describe_services", steady(2), **both, include=["TAGS"])
    ecs("describe_services", cluster="life", services=["nobody"])
    ecs("describe_services", cluster="nobody", services=["web"])
    ecs("list_services", cluster="life")
    ecs("update_service", cluster="life", service="web", taskDefinition="life:2", desiredCount=3)
    call.settle("ecs", "describe_services", steady(3), **both)
    ecs("update_service", cluster="life", service="nobody", desiredCount=1)
    ecs("update_service", cluster="nobody", service="web", desiredCount=1)
    ecs("delete_service", cluster="life", service="web")
    ecs("delete_service", cluster="life", service="nobody")
    ecs("list_tasks", cluster="nobody")
    arn = {"resourceArn": "arn:aws:ecs:eu-west-1:123456789012:service/life/web"}
    ecs("tag_resource", **arn, tags=[{"key": "c", "value": "d"}])
    ecs("untag_resource", **arn, tagKeys=["a"])
    ecs("list_tags_for_resource", **arn)


def clear(call, net):
    ec2 = lambda operation, **ask: call("ec2", operation, **ask)
    elb = lambda operation, **ask: call("elbv2", operation, **ask)
    ecs = lambda operation, **ask: call("ecs", operation, **ask)
    ecs("update_service", cluster="life", service="web", desiredCount=0)
    ecs("delete_service", cluster="life", service="web")
    gone = lambda told: told["services"][0]["status"] == "INACTIVE"
    call.settle("ecs", "describe_services", gone, cluster="life", services=["web"])
    for revision in [1, 2]:
        ecs("deregister_task_definition", taskDefinition=f"life:{revision}")
    ecs("deregister_task_definition", taskDefinition="life:9")
    elb("delete_listener", ListenerArn=net["listener"])
    elb("delete_listener", ListenerArn=net["listener"])
    elb("delete_load_balancer", LoadBalancerArn=net["balancer"])
    elb("describe_load_balancers", LoadBalancerArns=[net["balancer"]])
    elb("delete_target_group", TargetGroupArn=net["targets"])
    elb("describe_target_health", TargetGroupArn=net["targets"])
    free = lambda told: not told["NetworkInterfaces"]
    for group in [net["group"], net["front"]]:
        call.settle("ec2", "describe_network_interfaces", free, Filters=[{"Name": "group-id", "Values": [group]}])
    ec2("revoke_security_group_ingress", GroupId=net["group"], IpPermissions=net["pair"])
    ec2("delete_security_group", GroupId=net["group"])
    ec2("delete_security_group", GroupId=net["front"])
    tasks_gone = lambda told: told["clusters"][0]["runningTasksCount"] == told["clusters"][0]["pendingTasksCount"] == 0
    call.settle("ecs", "describe_clusters", tasks_gone, clusters=["life"])
    ecs("delete_cluster", cluster="life")
    inactive = lambda told: not told["clusters"] or told["clusters"][0]["status"] == "INACTIVE"
    call.settle("ecs", "describe_clusters", inactive, clusters=["life"])
    ec2("delete_nat_gateway", NatGatewayId=net["nat"])
    deleted = lambda told: told["NatGateways"][0]["State"] == "deleted"
    call.settle("ec2", "describe_nat_gateways", deleted, NatGatewayIds=[net["nat"]])
    ec2("release_address", AllocationId=net["address"])
    ec2("release_address", AllocationId=net["address"])
    ec2("detach_internet_gateway", InternetGatewayId=net["gateway"], VpcId=net["vpc"])
    ec2("detach_internet_gateway", InternetGatewayId=net["gateway"], VpcId=net["vpc"])
    ec2("delete_internet_gateway", InternetGatewayId=net["gateway"])
    ec2("delete_internet_gateway", InternetGatewayId=net["gateway"])
    for association in net["associations"]:
        ec2("disassociate_route_table", AssociationId=association)
    ec2("delete_route_table", RouteTableId=net["table"])
    for subnet in net["subnets"]:
        ec2("delete_subnet", SubnetId=subnet)
    ec2("delete_subnet", SubnetId=net["subnets"][0])
    ec2("delete_vpc", VpcId=net["vpc"])
    ec2("delete_vpc", VpcId=net["vpc"])
    call("logs", "delete_log_group", logGroupName="/life/app")
    call("iam", "detach_role_policy", RoleName="life", PolicyArn=MANAGED)
    call("iam", "delete_role", RoleName="life")
    call("iam", "delete_role", RoleName="life")


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
