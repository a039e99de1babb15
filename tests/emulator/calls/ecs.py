"""Clusters, task definitions, services, their rollouts and tasks."""

from .client import pages, refused, same, until

NAMES = {"cluster": "judge", "service": "web"}
TAGS = [{"key": "a", "value": "b"}]


def build(aws, scene):
    aws = aws("ecs")
    clusters(aws, scene)
    definitions(aws, scene)
    service(aws, scene)
    rollouts(aws, scene)
    tasks(aws, scene)
    tags(aws, scene)


def clusters(aws, scene):
    made = aws.create_cluster(clusterName="judge", tags=TAGS)["cluster"]
    scene.cluster = made["clusterArn"]
    aws.create_cluster(clusterName="judge-2")
    look = lambda: aws.describe_clusters(clusters=["judge"], include=["TAGS", "SETTINGS"])["clusters"][0]
    until("the cluster", lambda: look()["status"] == "ACTIVE")
    same(look(), {"clusterName": "judge", "tags": TAGS}, "cluster")
    assert len(pages(aws, "list_clusters", "clusterArns", size=1)) == 2
    providers = {"capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}]}
    aws.put_cluster_capacity_providers(cluster="judge", **providers)
    until("capacity providers", lambda: look()["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"])
    for change in [aws.update_cluster, aws.update_cluster_settings]:
        for value in ["enhanced", "disabled"]:
            settings = [{"name": "containerInsights", "value": value}]
            change(cluster="judge", settings=settings)
            same(look(), {"settings": settings}, "cluster")
        refused("InvalidParameterException", 400, change, cluster="judge", settings=[settings[0] | {"value": "x"}])
        refused("ClusterNotFoundException", 400, change, cluster="nobody", settings=settings)
    refused("InvalidParameterException", 400, aws.create_cluster, clusterName="no good")
    same(aws.describe_clusters(clusters=["nobody"])["failures"], [{"reason": "MISSING"}], "failures")
    aws.delete_cluster(cluster="judge-2")
    refused("ClusterNotFoundException", 400, aws.delete_cluster, cluster="nobody")


def definition(scene, tag):
    log = {"awslogs-group": scene.log_group, "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}
    container = {
        "name": "web",
        "image": f"nginx:{tag}",
        "portMappings": [{"containerPort": 80}],
        "logConfiguration": {"logDriver": "awslogs", "options": log},
    }
    return {
        "family": "judge",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "executionRoleArn": scene.role,
        "containerDefinitions": [container],
    }


def definitions(aws, scene):
    ask = definition(scene, "1.27")
    made = aws.register_task_definition(**ask, tags=TAGS)["taskDefinition"]
    same(made, {"family": "judge", "revision": 1, "status": "ACTIVE", "cpu": "256"}, "definition")
    scene.definition = made["taskDefinitionArn"]
    refused("ClientException", 400, aws.register_task_definition, **ask | {"memory": "513"})
    refused("ClientException", 400, aws.register_task_definition, **ask | {"networkMode": "bridge"})
    found = aws.describe_task_definition(taskDefinition="judge:1", include=["TAGS"])
    assert found["tags"] == TAGS, found
    for tag in ["1.28", "exits-3-after-5s", "unused"]:
        aws.register_task_definition(**definition(scene, tag))
    aws.deregister_task_definition(taskDefinition="judge:4")
    found = pages(aws, "list_task_definitions", "taskDefinitionArns", size=1, familyPrefix="judge")
    assert [arn.rpartition(":")[2] for arn in found] == ["1", "2", "3"], found
    ends = ["judge:4", "judge:1", "nobody:1"]
    ended = aws.delete_task_definitions(taskDefinitions=ends)
    same(ended["taskDefinitions"], [{"revision": 4, "status": "DELETE_IN_PROGRESS"}], "definitions")
    assert len(ended["failures"]) == 2, ended
    assert pages(aws, "list_task_definition_families", "families", familyPrefix="jud") == ["judge"]
    refused("ClientException", 400, aws.describe_task_definition, taskDefinition="nobody:1")
    refused("ClientException", 400, aws.deregister_task_definition, taskDefinition="judge:9")


def service(aws, scene):
    where = {"subnets": scene.subnets[:2], "securityGroups": [scene.group], "assignPublicIp": "ENABLED"}
    ask = {
        "cluster": "judge",
        "serviceName": "web",
        "taskDefinition": "judge:1",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": where},
        "loadBalancers": [{"targetGroupArn": scene.target_group, "containerName": "web", "containerPort": 80}],
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        "healthCheckGracePeriodSeconds": 10,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "tags": TAGS,
    }
    refused("ClusterNotFoundException", 400, aws.create_service, **ask | {"cluster": "nobody"})
    refused("InvalidParameterException", 400, aws.create_service, **ask | {"networkConfiguration": {}})
    refused("ClientException", 400, aws.create_service, **ask | {"taskDefinition": "judge:9"})
    stranger = [ask["loadBalancers"][0] | {"containerName": "nobody"}]
    refused("InvalidParameterException", 400, aws.create_service, **ask | {"loadBalancers": stranger})
    made = until("the service-linked role", lambda: begun(aws, ask))
    same(made, {"status": "ACTIVE", "desiredCount": 2, "runningCount": 0}, "service")
    scene.service = made["serviceArn"]
    refused("InvalidParameterException", 400, aws.create_service, **ask | {"desiredCount": 3})
    until("the service to be steady", lambda: steady(aws, "judge:1"))
    assert len(pages(aws, "list_services", "serviceArns", cluster="judge")) == 1
    same(aws.describe_services(cluster="judge", services=["nobody"])["failures"], [{"reason": "MISSING"}], "failures")
    refused("ClusterContainsServicesException", 400, aws.delete_cluster, cluster="judge")
    refused("InvalidParameterException", 400, aws.delete_service, **NAMES)


def begun(aws, ask):
    """The service, once ECS can assume its service-linked role: some seconds after the first cluster."""
    try:
        return aws.create_service(**ask)["service"]
    except aws.exceptions.InvalidParameterException as error:
        assert "service linked role" in str(error), error


def steady(aws, definition, count=2):
    [found] = aws.describe_services(cluster="judge", services=["web"], include=["TAGS"])["services"]
    [first, *others] = found["deployments"]
    runs = first["taskDefinition"].endswith(f"/{definition}") and first["runningCount"] == count
    return not others and first["rolloutState"] == "COMPLETED" and runs


def rollouts(aws, scene):
    refused("ServiceNotFoundException", 400, aws.update_service, cluster="judge", service="nobody", desiredCount=1)
    aws.update_service(**NAMES, taskDefinition="judge:2", desiredCount=3)
    until("the second definition", lambda: steady(aws, "judge:2", count=3))
    aws.update_service(**NAMES, taskDefinition="judge:3")
    ask = {"service": "web", "cluster": "judge", "status": ["ROLLBACK_SUCCESSFUL"]}
    back = lambda: aws.list_service_deployments(**ask)["serviceDeployments"]
    [failed] = until("the rollback", back)
    arns = [failed["serviceDeploymentArn"]]
    [failed] = aws.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]
    same(failed, {"status": "ROLLBACK_SUCCESSFUL", "deploymentCircuitBreaker": {"status": "TRIGGERED"}}, "deployment")
    until("the definition before", lambda: steady(aws, "judge:2", count=3))


def tasks(aws, scene):
    running = aws.list_tasks(cluster="judge", serviceName="web")["taskArns"]
    assert len(running) == 3, running
    found = aws.describe_tasks(cluster="judge", tasks=running, include=["TAGS"])["tasks"]
    assert {task["lastStatus"] for task in found} == {"RUNNING"}, found
    stopped = aws.list_tasks(cluster="judge", desiredStatus="STOPPED")["taskArns"]
    if stopped:
        aws.describe_tasks(cluster="judge", tasks=stopped[:100])
    aws.stop_task(cluster="judge", task=running[0], reason="judged")
    look = lambda: aws.describe_tasks(cluster="judge", tasks=running[:1])["tasks"][0]
    task = until("the task to stop", lambda: (task := look())["lastStatus"] == "STOPPED" and task)
    same(task, {"stopCode": "UserInitiated", "desiredStatus": "STOPPED"}, "task")
    refused("InvalidParameterException", 400, aws.stop_task, cluster="judge", task="0" * 32)
    run = {"cluster": "judge", "task": running[1], "command": "sh", "interactive": True}
    refused("InvalidParameterException", 400, aws.execute_command, **run)
    same(aws.describe_tasks(cluster="judge", tasks=["0" * 32])["failures"], [{"reason": "MISSING"}], "failures")


def tags(aws, scene):
    for arn in [scene.cluster, scene.service, scene.definition]:
        aws.tag_resource(resourceArn=arn, tags=[{"key": "c", "value": ""}])
        aws.untag_resource(resourceArn=arn, tagKeys=["a"])
        same(aws.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "c", "value": ""}], "tags")
    missing = scene.service.replace("web", "nobody")
    refused("InvalidParameterException", 400, aws.list_tags_for_resource, resourceArn=missing)


def clear(aws, scene):
    aws = aws("ecs")
    aws.update_service(**NAMES, desiredCount=0)
    aws.delete_service(**NAMES)
    until("the service to go", lambda: aws.describe_services(cluster="judge", services=["web"])["services"][0]["status"] == "INACTIVE")
    refused("ServiceNotActiveException", 400, aws.update_service, **NAMES, desiredCount=1)
    running = lambda: aws.list_tasks(cluster="judge")["taskArns"]
    until("tasks to go", lambda: not running())
    left = aws.list_tasks(cluster="judge", desiredStatus="STOPPED")["taskArns"]
    gone = lambda: {task["lastStatus"] for task in aws.describe_tasks(cluster="judge", tasks=left)["tasks"]} <= {"STOPPED"}
    until("interfaces of tasks to go", lambda: not left or gone())
    for revision in [1, 2, 3]:
        aws.deregister_task_definition(taskDefinition=f"judge:{revision}")
    aws.delete_cluster(cluster="judge")
    cluster = lambda: aws.describe_clusters(clusters=["judge"])["clusters"][0]
    until("the cluster to go", lambda: cluster()["status"] == "INACTIVE")
