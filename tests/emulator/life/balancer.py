"""A load balancer with a target group, a listener and a rule."""

from life.asked import HTTP, MISSING, TAGS


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
