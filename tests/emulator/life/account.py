"""A parameter, a role, a log group."""

import json

from life.asked import MANAGED, TAGS, TRUST


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
