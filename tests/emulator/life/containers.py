"""A cluster, task definitions, and a service that starts, is updated, and stays."""

from life.asked import SMALL_TAGS, TAGS


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
    call.insist("ecs", "create_service", **ask)  # the service-linked role, made with the cluster, takes its time
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
