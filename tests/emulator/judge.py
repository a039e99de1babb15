"""A client that we didn't write judges the simulator's wire: boto3, with botocore's own models.

    judge.py live URL     calls STS, SSM and IAM there, and checks answers and errors
    judge.py requests     prints requests as boto3 writes them, each with the call that it means
    judge.py answers      reads answers from standard input, and checks what botocore makes of them
"""

import json
import sys
from functools import cache
from urllib.parse import urlsplit
from xml.etree import ElementTree

import boto3
from botocore.awsrequest import HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
GRANT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}


@cache
def client(service, url="http://127.0.0.1:1"):
    """A client whose retries don't hide anything."""
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="simulated",
        aws_secret_access_key="simulated",
        config=Config(retries={"total_max_attempts": 1}),
    )
    made.meta.events.register("after-call", accept)
    return made


def accept(http_response, parsed, model, **_):
    """An answer must have all that the model requires, and nothing that it doesn't know: botocore itself wouldn't mind."""
    shape, what = model.output_shape, f"{model.service_model.service_name}:{model.name}"
    if http_response.status_code >= 300 or shape is None:
        return
    complete(shape, parsed, what)
    match model.service_model.protocol:
        case "json":
            known(shape, json.loads(http_response.text), what)
        case "ec2":
            root = ElementTree.fromstring(http_response.content)
            known_xml(shape, [child for child in root if plain(child) != "requestId"], what)
        case "query":
            root = ElementTree.fromstring(http_response.content)
            known_xml(shape, [inner for child in root if plain(child) == f"{model.name}Result" for inner in child], what)


def complete(shape, found, what):
    """The required members, all the way down."""
    if shape.type_name == "structure" and isinstance(found, dict):
        for name in shape.required_members:
            assert name in found, f"{what}: {name} is required"
        for name, member in shape.members.items():
            if name in found:
                complete(member, found[name], f"{what}.{name}")
    elif shape.type_name == "list" and isinstance(found, list):
        for one in found:
            complete(shape.member, one, f"{what}[]")


def known(shape, found, what):
    """The members of a JSON answer."""
    if shape.type_name == "structure":
        for name, value in found.items():
            name = next((key for key, there in shape.members.items() if there.serialization.get("name", key) == name), name)
            assert name in shape.members, f"{what}: {name} is unknown"
            known(shape.members[name], value, f"{what}.{name}")
    elif shape.type_name == "list":
        for one in found:
            known(shape.member, one, f"{what}[]")


def known_xml(shape, children, what):
    """The members of an XML answer, by their names on the wire."""
    if shape.type_name == "structure":
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        names = [plain(child) for child in children]
        assert len(names) == len(set(names)), f"{what}: something comes twice in {names}"
        for child in children:
            assert plain(child) in members, f"{what}: {plain(child)} is unknown"
            known_xml(members[plain(child)], list(child), f"{what}.{plain(child)}")
    elif shape.type_name == "list":
        element = shape.member.serialization.get("name", "member")
        for child in children:
            assert plain(child) == element, f"{what}: {plain(child)} is not {element}"
            known_xml(shape.member, list(child), f"{what}[]")


def plain(element):
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def same(found, expected, what):
    """What is expected must be there, and may have more around it."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            assert key in found, f"{what}: {key} is missing in {found}"
            same(found[key], value, f"{what}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        assert len(found) == len(expected), f"{what}: {found} is not {expected}"
        for number, pair in enumerate(zip(found, expected)):
            same(*pair, f"{what}[{number}]")
    else:
        assert found == expected, f"{what}: {found!r} is not {expected!r}"


def refused(code, status, call, **ask):
    """The call must fail in this way."""
    try:
        call(**ask)
    except ClientError as error:
        found = error.response
        assert found["Error"]["Code"] == code, f"{code}: {found}"
        assert found["ResponseMetadata"]["HTTPStatusCode"] == status, f"{status}: {found}"
        assert found["ResponseMetadata"]["RequestId"], f"no request id: {found}"
        return error
    raise AssertionError(f"{code} was expected, and the call went through")


def live(url):
    """Calls through the listener."""
    sts(client("sts", url))
    ssm(client("ssm", url))
    iam(client("iam", url))
    for service, call in [
        ("ec2", "describe_spot_fleet_requests"),
        ("elbv2", "describe_trust_stores"),
        ("ecs", "list_account_settings"),
        ("logs", "describe_destinations"),
    ]:
        # Not simulated, and said so in each protocol.
        refused("NotImplemented", 501, getattr(client(service, url), call))


def sts(aws):
    found = aws.get_caller_identity()
    assert found["Account"] == "123456789012", found
    assert found["ResponseMetadata"]["RequestId"] != aws.get_caller_identity()["ResponseMetadata"]["RequestId"]


def ssm(aws):
    name, text = "/judge/one", 'quotes " and <tags> & ünï\n'
    put = aws.put_parameter(Name=name, Value=text, Type="String", Tags=[{"Key": "a", "Value": "b"}])
    assert put["Version"] == 1, put
    refused("ParameterAlreadyExists", 400, aws.put_parameter, Name=name, Value="x", Type="String")
    same(aws.get_parameter(Name=name)["Parameter"], {"Name": name, "Value": text, "Version": 1}, "parameter")
    same(aws.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"], [{"Key": "a", "Value": "b"}], "tags")
    aws.delete_parameter(Name=name)
    error = refused("ParameterNotFound", 400, aws.get_parameter, Name=name)
    assert isinstance(error, aws.exceptions.ParameterNotFound), type(error)


def iam(aws):
    name, trust = "judge", json.dumps(TRUST)
    tags = [{"Key": "a", "Value": "b c"}]
    made = aws.create_role(RoleName=name, Path="/judge/", AssumeRolePolicyDocument=trust, Tags=tags)["Role"]
    role = {
        "Arn": "arn:aws:iam::123456789012:role/judge/judge",
        "AssumeRolePolicyDocument": TRUST,
        "MaxSessionDuration": 3600,
        "Tags": tags,
    }
    same(made, role, "made")
    assert made["CreateDate"].year == 2026, made
    same(aws.get_role(RoleName=name)["Role"], role, "role")
    error = refused("EntityAlreadyExists", 409, aws.create_role, RoleName=name, AssumeRolePolicyDocument=trust)
    assert isinstance(error, aws.exceptions.EntityAlreadyExistsException), type(error)
    refused("NoSuchEntity", 404, aws.get_role, RoleName="nobody")
    refused("MalformedPolicyDocument", 400, aws.update_assume_role_policy, RoleName=name, PolicyDocument="{")
    refused("InvalidInput", 400, aws.tag_role, RoleName=name, Tags=[{"Key": k, "Value": ""} for k in ("x", "X")])

    policies = [f"p{number}" for number in range(5)]
    for policy in policies:
        aws.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(GRANT))
    same(aws.get_role_policy(RoleName=name, PolicyName="p0")["PolicyDocument"], GRANT, "policy")
    pages = list(aws.get_paginator("list_role_policies").paginate(RoleName=name, PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3, pages
    same([policy for page in pages for policy in page["PolicyNames"]], policies, "policies")
    managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    aws.attach_role_policy(RoleName=name, PolicyArn=managed)
    attached = aws.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    same(attached, [{"PolicyName": "AmazonECSTaskExecutionRolePolicy", "PolicyArn": managed}], "attached")
    refused("DeleteConflict", 409, aws.delete_role, RoleName=name)
    aws.detach_role_policy(RoleName=name, PolicyArn=managed)
    refused("DeleteConflict", 409, aws.delete_role, RoleName=name)
    for policy in policies:
        aws.delete_role_policy(RoleName=name, PolicyName=policy)

    aws.tag_role(RoleName=name, Tags=[{"Key": "A", "Value": "d"}, {"Key": "e", "Value": ""}])
    same(aws.list_role_tags(RoleName=name)["Tags"], [{"Key": "A", "Value": "d"}, {"Key": "e", "Value": ""}], "tags")
    aws.untag_role(RoleName=name, TagKeys=["A", "e"])
    aws.update_role(RoleName=name, Description="d", MaxSessionDuration=7200)
    aws.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    same([role["RoleName"] for role in aws.list_roles(PathPrefix="/judge/")["Roles"]], [name], "roles")
    assert aws.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    aws.delete_role(RoleName=name)
    assert aws.list_roles(PathPrefix="/judge/")["Roles"] == []
    linked = aws.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"]
    refused("InvalidInput", 400, aws.create_service_linked_role, AWSServiceName="ecs.amazonaws.com")
    refused("UnmodifiableEntity", 400, aws.delete_role, RoleName=linked)


class Written(Exception):
    """Ends a call once its request is written."""

    def __init__(self, request):
        self.request = request


def requests():
    """Requests as boto3 writes them: service, action and arguments, then the tree that they must become."""
    filters = [{"Name": "vpc-id", "Values": ["a", "b"]}, {"Name": "tag:ü", "Values": ["x y&z=%+"]}]
    filters_wire = [{"Name": "vpc-id", "Value": ["a", "b"]}, {"Name": "tag:ü", "Value": ["x y&z=%+"]}]
    tags = [{"Key": "k", "Value": ""}]
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    permission_wire = {"IpProtocol": "tcp", "FromPort": "80", "ToPort": "80", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    cases = [
        ("ec2", "DescribeSubnets", {"Filters": filters, "MaxResults": 5}, {"Filter": filters_wire, "MaxResults": "5"}),
        ("ec2", "DescribeVpcs", {"VpcIds": ["vpc-1", "vpc-2"]}, {"VpcId": ["vpc-1", "vpc-2"]}),
        (
            "ec2",
            "CreateVpc",
            {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": tags}]},
            {"CidrBlock": "10.0.0.0/16", "TagSpecification": [{"ResourceType": "vpc", "Tag": tags}]},
        ),
        (
            "ec2",
            "AuthorizeSecurityGroupIngress",
            {"GroupId": "sg-1", "IpPermissions": [permission]},
            {"GroupId": "sg-1", "IpPermissions": [permission_wire]},
        ),
        ("ec2", "ModifyVpcAttribute", {"VpcId": "v", "EnableDnsSupport": {"Value": True}}, {"VpcId": "v", "EnableDnsSupport": {"Value": "true"}}),
        ("elbv2", "DescribeLoadBalancers", {"Names": ["a", "b"]}, {"Names": ["a", "b"]}),
        ("elbv2", "DescribeTags", {"ResourceArns": []}, {"ResourceArns": ""}),
        (
            "elbv2",
            "CreateListener",
            {"LoadBalancerArn": "l", "Port": 80, "DefaultActions": [{"Type": "forward", "TargetGroupArn": "t"}]},
            {"LoadBalancerArn": "l", "Port": "80", "DefaultActions": [{"Type": "forward", "TargetGroupArn": "t"}]},
        ),
        ("iam", "TagRole", {"RoleName": "r", "Tags": tags}, {"RoleName": "r", "Tags": tags}),
        ("sts", "GetCallerIdentity", {}, {}),
        ("ecs", "DescribeClusters", {"clusters": ["a"]}, {"clusters": ["a"]}),
        ("ecs", "ListClusters", {}, {}),
        ("logs", "CreateLogGroup", {"logGroupName": "/a"}, {"logGroupName": "/a"}),
        ("ssm", "GetParameter", {"Name": "ü"}, {"Name": "ü"}),
    ]
    print(json.dumps([written(*case) for case in cases]))


def written(service, action, ask, tree):
    aws = client(service)

    def stop(request, **_):
        raise Written(request)

    aws.meta.events.register("before-send", stop)
    try:
        aws._make_api_call(action, ask)
    except Written as there:
        request = there.request
    body = request.body or b""
    text = lambda value: value.decode() if isinstance(value, bytes) else value
    return {
        "service": aws.meta.service_model.signing_name,
        "action": action,
        "tree": tree,
        "method": request.method,
        "query": urlsplit(request.url).query,
        "headers": {name: text(value) for name, value in request.headers.items()},
        "body": text(body),
    }


def answers():
    """What botocore makes of answers."""
    for answer in json.load(sys.stdin):
        model = client(answer["service"]).meta.service_model
        operation = model.operation_model(answer["operation"])
        parts = {
            "status_code": answer["status"],
            "headers": HeadersDict(answer["headers"]),
            "body": answer["body"].encode(),
        }
        found = create_parser(model.protocol).parse(parts, operation.output_shape)
        what = f"{answer['service']}:{answer['operation']}"
        same(found, answer["expected"], what)
        same(found["ResponseMetadata"]["RequestId"], "id-1", f"{what}: request id")
        extra = set(found) - set(answer["expected"]) - {"ResponseMetadata", "message"}
        assert not extra, f"{what}: {extra} in {found}"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["live", url]:
            live(url)
        case ["requests"]:
            requests()
        case ["answers"]:
            answers()
        case _:
            sys.exit(__doc__)
