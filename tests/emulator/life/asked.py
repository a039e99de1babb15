"""What several calls of the life ask for."""

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


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]
