"""Secrets."""

from .client import pages, refused, same


def build(aws, scene):
    aws = aws("secretsmanager")
    made = aws.create_secret(Name="judge/db", SecretString="x", Tags=[{"Key": "a", "Value": "b"}])
    scene.secret = arn = made["ARN"]
    refused("ResourceExistsException", 400, aws.create_secret, Name="judge/db", SecretString="y")
    same(aws.describe_secret(SecretId=arn), {"Name": "judge/db", "Tags": [{"Key": "a", "Value": "b"}]}, "secret")
    same(aws.get_secret_value(SecretId="judge/db"), {"ARN": arn, "SecretString": "x", "VersionStages": ["AWSCURRENT"]}, "value")
    other = aws.create_secret(Name="judge/other", SecretBinary=b"\x00\xff")["ARN"]
    assert aws.get_secret_value(SecretId=other)["SecretBinary"] == b"\x00\xff"
    assert [one["Name"] for one in pages(aws, "list_secrets", "SecretList", size=1)] == ["judge/db", "judge/other"]
    aws.delete_secret(SecretId=other)
    refused("InvalidRequestException", 400, aws.get_secret_value, SecretId=other)
    aws.delete_secret(SecretId=other, ForceDeleteWithoutRecovery=True)


def clear(aws, scene):
    aws = aws("secretsmanager")
    aws.delete_secret(SecretId="judge/db", ForceDeleteWithoutRecovery=True)
    refused("ResourceNotFoundException", 400, aws.get_secret_value, SecretId="judge/db")
    refused("ResourceNotFoundException", 400, aws.describe_secret, SecretId=scene.secret)
