"""Load balancers, listeners, rules, target groups and targets."""

from .client import pages, refused, same, until

HTTP = {"Protocol": "HTTP", "Port": 80}


def build(aws, scene):
    aws = aws("elbv2")
    groups(aws, scene)
    balancers(aws, scene)
    listeners(aws, scene)
    rules(aws, scene)
    targets(aws, scene)
    tags(aws, scene)


def groups(aws, scene):
    ask = HTTP | {"Name": "judge", "VpcId": scene.vpc, "TargetType": "ip", "HealthCheckPath": "/health"}
    [made] = aws.create_target_group(**ask)["TargetGroups"]
    same(made, HTTP | {"TargetGroupName": "judge", "HealthCheckPath": "/health", "LoadBalancerArns": []}, "group")
    scene.target_group = made["TargetGroupArn"]
    assert aws.create_target_group(**ask)["TargetGroups"][0]["TargetGroupArn"] == scene.target_group
    refused("DuplicateTargetGroupName", 400, aws.create_target_group, **ask | {"Port": 81})
    refused("ValidationError", 400, aws.create_target_group, **ask | {"Name": "-judge"})
    scene.second_group = aws.create_target_group(**ask | {"Name": "judge-2"})["TargetGroups"][0]["TargetGroupArn"]
    assert len(pages(aws, "describe_target_groups", "TargetGroups", size=1)) == 2
    aws.modify_target_group(TargetGroupArn=scene.target_group, HealthCheckIntervalSeconds=10, HealthyThresholdCount=2)
    refused("ValidationError", 400, aws.modify_target_group, TargetGroupArn=scene.target_group, HealthCheckPath="x")
    refused("TargetGroupNotFound", 400, aws.describe_target_groups, Names=["nobody"])
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}]
    aws.modify_target_group_attributes(TargetGroupArn=scene.target_group, Attributes=delay)
    found = aws.describe_target_group_attributes(TargetGroupArn=scene.target_group)["Attributes"]
    assert delay[0] in found, found
    bad = [{"Key": "nonsense", "Value": "5"}]
    refused("ValidationError", 400, aws.modify_target_group_attributes, TargetGroupArn=scene.target_group, Attributes=bad)


def balancers(aws, scene):
    ask = {"Name": "judge", "Subnets": scene.subnets[:2], "SecurityGroups": [scene.front], "Scheme": "internet-facing"}
    refused("ValidationError", 400, aws.create_load_balancer, **ask | {"Subnets": scene.subnets[:1]})
    refused("SubnetNotFound", 400, aws.create_load_balancer, **ask | {"Subnets": ["subnet-0123456789abcdef0", scene.subnets[0]]})
    [made] = aws.create_load_balancer(**ask)["LoadBalancers"]
    same(made, {"LoadBalancerName": "judge", "Type": "application", "State": {"Code": "provisioning"}}, "balancer")
    scene.balancer = arn = made["LoadBalancerArn"]
    assert aws.create_load_balancer(**ask)["LoadBalancers"][0]["LoadBalancerArn"] == arn
    refused("DuplicateLoadBalancerName", 400, aws.create_load_balancer, **ask | {"Scheme": "internal"})
    look = lambda: aws.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    until("the load balancer", lambda: look()["State"]["Code"] == "active")
    refused("LoadBalancerNotFound", 400, aws.describe_load_balancers, Names=["nobody"])
    aws.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[scene.front, scene.group])
    aws.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[scene.front])
    aws.set_subnets(LoadBalancerArn=arn, Subnets=scene.subnets[:3])
    assert len(look()["AvailabilityZones"]) == 3
    protect = lambda value: [{"Key": "deletion_protection.enabled", "Value": value}]
    aws.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect("true"))
    assert protect("true")[0] in aws.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    refused("OperationNotPermitted", 400, aws.delete_load_balancer, LoadBalancerArn=arn)
    aws.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect("false"))


def forward(group):
    return [{"Type": "forward", "TargetGroupArn": group}]


def listeners(aws, scene):
    ask = HTTP | {"LoadBalancerArn": scene.balancer}
    [made] = aws.create_listener(**ask, DefaultActions=forward(scene.target_group))["Listeners"]
    scene.listener = arn = made["ListenerArn"]
    refused("DuplicateListener", 400, aws.create_listener, **ask, DefaultActions=forward(scene.second_group))
    refused("ValidationError", 400, aws.create_listener, **ask | {"Port": 443, "Protocol": "HTTPS"}, DefaultActions=forward(scene.target_group))
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}]
    other = aws.create_listener(**ask | {"Port": 81}, DefaultActions=fixed)["Listeners"][0]["ListenerArn"]
    aws.modify_listener(ListenerArn=other, Port=82)
    refused("DuplicateListener", 400, aws.modify_listener, ListenerArn=other, Port=80)
    assert len(pages(aws, "describe_listeners", "Listeners", size=1, LoadBalancerArn=scene.balancer)) == 2
    aws.delete_listener(ListenerArn=other)
    refused("ListenerNotFound", 400, aws.describe_listeners, ListenerArns=[other])
    refused("ResourceInUse", 400, aws.delete_target_group, TargetGroupArn=scene.target_group)


def rules(aws, scene):
    path = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}]
    ask = {"ListenerArn": scene.listener, "Conditions": path, "Actions": forward(scene.second_group)}
    [made] = aws.create_rule(**ask, Priority=10)["Rules"]
    same(made, {"Priority": "10", "IsDefault": False, "Conditions": path}, "rule")
    refused("PriorityInUse", 400, aws.create_rule, **ask, Priority=10)
    found = aws.describe_rules(ListenerArn=scene.listener)["Rules"]
    [default] = [rule for rule in found if rule["IsDefault"]]
    refused("OperationNotPermitted", 400, aws.delete_rule, RuleArn=default["RuleArn"])
    paths = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v2/*"]}}]
    [changed] = aws.modify_rule(RuleArn=made["RuleArn"], Conditions=paths)["Rules"]
    same(changed, {"Priority": "10", "Conditions": paths, "Actions": forward(scene.second_group)}, "rule")
    refused("OperationNotPermitted", 400, aws.modify_rule, RuleArn=default["RuleArn"], Conditions=paths)
    [other] = aws.create_rule(**ask, Priority=20)["Rules"]
    place = lambda *pairs: {"RulePriorities": [{"RuleArn": rule["RuleArn"], "Priority": at} for rule, at in pairs]}
    refused("PriorityInUse", 400, aws.set_rule_priorities, **place((made, 20)))
    swapped = aws.set_rule_priorities(**place((made, 20), (other, 10)))["Rules"]
    assert {rule["RuleArn"]: rule["Priority"] for rule in swapped} == {made["RuleArn"]: "20", other["RuleArn"]: "10"}
    refused("OperationNotPermitted", 400, aws.set_rule_priorities, **place((default, 5)))
    aws.delete_rule(RuleArn=other["RuleArn"])
    aws.delete_rule(RuleArn=made["RuleArn"])
    refused("RuleNotFound", 400, aws.delete_rule, RuleArn=made["RuleArn"])


def targets(aws, scene):
    ask = {"TargetGroupArn": scene.second_group, "Targets": [{"Id": "10.0.0.200", "Port": 80}]}
    aws.register_targets(**ask)
    look = lambda: aws.describe_target_health(TargetGroupArn=scene.second_group)["TargetHealthDescriptions"]
    same(look(), [{"Target": {"Id": "10.0.0.200"}, "TargetHealth": {"State": "unused", "Reason": "Target.NotInUse"}}], "health")
    aws.deregister_targets(**ask)
    until("the target to go", lambda: not look())
    refused("InvalidTarget", 400, aws.register_targets, **ask | {"Targets": [{"Id": "8.8.8.8", "Port": 80}]})
    refused("TargetGroupNotFound", 400, aws.describe_target_health, TargetGroupArn=scene.second_group[:-1] + "x")


def tags(aws, scene):
    arns = [scene.balancer, scene.target_group, scene.listener]
    aws.add_tags(ResourceArns=arns, Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}])
    aws.remove_tags(ResourceArns=arns, TagKeys=["a"])
    found = aws.describe_tags(ResourceArns=arns)["TagDescriptions"]
    same(found, [{"ResourceArn": arn, "Tags": [{"Key": "c", "Value": ""}]} for arn in arns], "tags")
    twice = [{"Key": "a", "Value": ""}] * 2
    refused("DuplicateTagKeys", 400, aws.add_tags, ResourceArns=arns, Tags=twice)


def clear(aws, scene):
    aws = aws("elbv2")
    aws.delete_load_balancer(LoadBalancerArn=scene.balancer)
    refused("LoadBalancerNotFound", 400, aws.describe_load_balancers, LoadBalancerArns=[scene.balancer])
    for group in [scene.target_group, scene.second_group]:
        aws.delete_target_group(TargetGroupArn=group)
    refused("TargetGroupNotFound", 400, aws.describe_target_groups, TargetGroupArns=[scene.target_group])
