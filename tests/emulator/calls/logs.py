"""Log groups, streams and events."""

from .client import pages, refused, same

GROUP = "/judge/app"


def build(aws, scene):
    aws = aws("logs")
    scene.log_group = GROUP
    aws.create_log_group(logGroupName=GROUP, tags={"a": "b"})
    refused("ResourceAlreadyExistsException", 400, aws.create_log_group, logGroupName=GROUP)
    aws.put_retention_policy(logGroupName=GROUP, retentionInDays=7)
    refused("InvalidParameterException", 400, aws.put_retention_policy, logGroupName=GROUP, retentionInDays=2)
    [group] = aws.describe_log_groups(logGroupNamePrefix="/judge/")["logGroups"]
    same(group, {"logGroupName": GROUP, "retentionInDays": 7}, "log group")
    aws.delete_retention_policy(logGroupName=GROUP)
    assert "retentionInDays" not in aws.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]
    tagging(aws, group["logGroupArn"])
    protection(aws)

    streams = [f"s{number}" for number in range(3)]
    for stream in streams:
        aws.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    refused("ResourceAlreadyExistsException", 400, aws.create_log_stream, logGroupName=GROUP, logStreamName="s0")
    found = pages(aws, "describe_log_streams", "logStreams", size=2, logGroupName=GROUP)
    same([stream["logStreamName"] for stream in found], streams, "streams")
    events(aws)
    aws.delete_log_stream(logGroupName=GROUP, logStreamName="s2")
    refused("ResourceNotFoundException", 400, aws.delete_log_stream, logGroupName=GROUP, logStreamName="s2")
    nobody = {"logGroupName": "/nobody"}
    refused("ResourceNotFoundException", 400, aws.create_log_stream, **nobody, logStreamName="s")
    refused("ResourceNotFoundException", 400, aws.describe_log_streams, **nobody)
    refused("ResourceNotFoundException", 400, aws.delete_log_group, **nobody)


def events(aws):
    now = int(aws.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["creationTime"])
    lines = [{"timestamp": now + number, "message": f"line {number}"} for number in range(5)]
    put = {"logGroupName": GROUP, "logStreamName": "s0"}
    aws.put_log_events(**put, logEvents=lines)
    refused("InvalidParameterException", 400, aws.put_log_events, **put, logEvents=lines[::-1])
    same(aws.get_log_events(**put, startFromHead=True)["events"], lines, "events")
    first = aws.get_log_events(**put, startFromHead=True, limit=2)
    same(aws.get_log_events(**put, nextToken=first["nextForwardToken"], limit=9)["events"], lines[2:], "events")
    found = pages(aws, "filter_log_events", "events", size=2, logGroupName=GROUP)
    same([event["message"] for event in found], [line["message"] for line in lines], "filtered")
    refused("ResourceNotFoundException", 400, aws.get_log_events, logGroupName=GROUP, logStreamName="nobody")


def protection(aws):
    look = lambda: aws.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]
    key = "arn:aws:kms:eu-west-1:123456789012:key/judge"
    aws.associate_kms_key(logGroupName=GROUP, kmsKeyId=key)
    assert look()["kmsKeyId"] == key
    refused("InvalidParameterException", 400, aws.associate_kms_key, logGroupName=GROUP, kmsKeyId="nonsense")
    refused("ResourceNotFoundException", 400, aws.associate_kms_key, logGroupName="/nobody", kmsKeyId=key)
    aws.disassociate_kms_key(logGroupName=GROUP)
    assert "kmsKeyId" not in look()
    protect = lambda on: aws.put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=on)
    protect(True)
    refused("ValidationException", 400, aws.delete_log_group, logGroupName=GROUP)
    protect(False)


def tagging(aws, arn):
    aws.tag_resource(resourceArn=arn, tags={"c": "d"})
    aws.untag_resource(resourceArn=arn, tagKeys=["a"])
    same(aws.list_tags_for_resource(resourceArn=arn), {"tags": {"c": "d"}}, "tags")
    refused("ResourceNotFoundException", 400, aws.list_tags_for_resource, resourceArn=f"{arn}x")


def clear(aws, _):
    aws("logs").delete_log_group(logGroupName=GROUP)
    assert aws("logs").describe_log_groups()["logGroups"] == []
