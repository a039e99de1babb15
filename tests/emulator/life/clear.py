"""The end of all that was made."""

from life.asked import MANAGED
from life.containers import steady


def clear(call, net):
    ec2 = lambda operation, **ask: call("ec2", operation, **ask)
    elb = lambda operation, **ask: call("elbv2", operation, **ask)
    ecs = lambda operation, **ask: call("ecs", operation, **ask)
    ecs("update_service", cluster="life", service="web", desiredCount=0)
    call.settle("ecs", "describe_services", steady(0), cluster="life", services=["web"])
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
