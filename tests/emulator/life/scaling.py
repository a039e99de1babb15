"""A service that scales: a target, a policy and an action on schedule. The service has to be there."""

SCALED = {"ServiceNamespace": "ecs", "ResourceId": "service/life/web", "ScalableDimension": "ecs:service:DesiredCount"}
ABOUT = {"ServiceNamespace": "ecs", "ResourceIds": ["service/life/web"]}


def scaling(call):
    scale = lambda operation, **ask: call("application-autoscaling", operation, **ask)
    scale("describe_scalable_targets", **ABOUT)
    scale("register_scalable_target", **SCALED, MinCapacity=2, MaxCapacity=4)
    scale("register_scalable_target", **SCALED, MaxCapacity=5)
    scale("describe_scalable_targets", **ABOUT)
    track = {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
    policy = SCALED | {"PolicyName": "cpu"}
    scale("put_scaling_policy", **policy, PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=track)
    scale("describe_scaling_policies", ServiceNamespace="ecs", ResourceId="service/life/web")
    action = SCALED | {"ScheduledActionName": "night"}
    scale("put_scheduled_action", **action, Schedule="cron(0 20 * * ? *)", ScalableTargetAction={"MinCapacity": 2})
    scale("describe_scheduled_actions", ServiceNamespace="ecs", ResourceId="service/life/web")
    scale("delete_scheduled_action", **action)
    scale("delete_scheduled_action", **action)
    scale("delete_scaling_policy", **policy)
    scale("delete_scaling_policy", **policy)
    scale("deregister_scalable_target", **SCALED)
    scale("deregister_scalable_target", **SCALED)
