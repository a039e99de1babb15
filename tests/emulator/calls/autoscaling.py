"""Scaling of a service: its bounds, policies and schedules."""

from .client import refused, same

TARGET = {"ServiceNamespace": "ecs", "ResourceId": "service/judge/web", "ScalableDimension": "ecs:service:DesiredCount"}
CPU = {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
POLICY = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": CPU}
NIGHT = {"ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)", "ScalableTargetAction": {"MinCapacity": 1}}


def build(aws, scene):
    aws = aws("application-autoscaling")
    stranger = TARGET | {"ResourceId": "service/judge/nobody"}
    refused("ValidationException", 400, aws.register_scalable_target, **stranger, MinCapacity=1, MaxCapacity=4)
    refused("ValidationException", 400, aws.register_scalable_target, **TARGET, MinCapacity=5, MaxCapacity=4)
    refused("ObjectNotFoundException", 400, aws.put_scaling_policy, **TARGET, **POLICY)
    awake = {"DynamicScalingInSuspended": False}
    arn = aws.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4, Tags={"a": "b"}, SuspendedState=awake)["ScalableTargetARN"]
    ecs = {"ServiceNamespace": "ecs"}
    found = aws.describe_scalable_targets(**ecs, ResourceIds=[TARGET["ResourceId"]])["ScalableTargets"]
    same(found, [TARGET | {"MinCapacity": 1, "MaxCapacity": 4, "ScalableTargetARN": arn}], "targets")

    assert aws.put_scaling_policy(**TARGET, **POLICY)["PolicyARN"]
    same(aws.describe_scaling_policies(**ecs)["ScalingPolicies"], [TARGET | POLICY], "policies")
    aws.put_scheduled_action(**TARGET, **NIGHT)
    refused("ValidationException", 400, aws.put_scheduled_action, **TARGET, **NIGHT | {"Schedule": "cron(nonsense)"})
    same(aws.describe_scheduled_actions(**ecs)["ScheduledActions"], [TARGET | NIGHT], "actions")
    aws.describe_scaling_activities(**ecs)
    aws.tag_resource(ResourceARN=arn, Tags={"c": "d"})
    aws.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert aws.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"c": "d"}
    missing = f"{arn[:-1]}{'0' if arn[-1] != '0' else '1'}"
    refused("ResourceNotFoundException", 400, aws.list_tags_for_resource, ResourceARN=missing)


def clear(aws, _):
    aws = aws("application-autoscaling")
    night, cpu = TARGET | {"ScheduledActionName": "night"}, TARGET | {"PolicyName": "cpu"}
    for call, ask in [(aws.delete_scheduled_action, night), (aws.delete_scaling_policy, cpu), (aws.deregister_scalable_target, TARGET)]:
        call(**ask)
        refused("ObjectNotFoundException", 400, call, **ask)
