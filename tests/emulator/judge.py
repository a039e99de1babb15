"""A client that we didn't write judges the simulator's wire: boto3, with botocore's own models.

    judge.py live URL     calls every operation there (see `calls`), and checks answers and errors
    judge.py requests     prints requests as boto3 writes them, each with the call that it means
    judge.py answers      reads answers from standard input, and checks what botocore makes of them
    judge.py asked        has `asked` look at right requests and wrong ones
"""

import http.client
import json
import sys
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import HeadersDict
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

import calls
import wrongs
from calls.client import Aws, refused, same

NOWHERE = "http://127.0.0.1:1"


def live(url):
    """Calls through the listener. What the simulator has and nobody has called is a failure."""
    aws = Aws(url)
    for service, call in [
        ("ec2", "describe_spot_fleet_requests"),
        ("elbv2", "describe_trust_stores"),
        ("route53", "list_health_checks"),
        ("ecs", "list_account_settings"),
        ("logs", "describe_destinations"),
    ]:
        # Not simulated, and said so in each protocol.
        refused("NotImplemented", 501, getattr(aws(service), call))
    calls.play(aws)
    refusals = set(aws.refusals)
    codes = {code for _, code in refusals}
    succeeded, refused_only = set(aws.succeeded), {what for what, _ in refusals} & calls.ONLY_REFUSED
    # Last, for some of these calls make something.
    there = {f"{service}:{name}" for service in calls.SERVICES for name in implemented(aws, service)}
    judged = succeeded | refused_only
    assert there == judged, f"never called: {sorted(there - judged)}, gone: {sorted(judged - there)}"
    print(f"{len(there)} operations judged, {len(refusals)} refusals with {len(codes)} codes")


def implemented(aws, service):
    """The operations of a service that the simulator has: those that don't answer NotImplemented."""
    model = aws(service).meta.service_model
    if model.protocol == "rest-xml":
        return [name for name in model.operation_names if answers_by_path(aws.made(service, parameter_validation=False), model, name)]
    place = urlsplit(aws.url)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    scope = f"AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/{model.signing_name}/aws4_request"
    found = []
    for name in model.operation_names:
        headers, body = {"Authorization": scope}, urlencode({"Action": name, "Version": model.api_version})
        if model.protocol == "json":
            headers["X-Amz-Target"], body = f"{model.metadata['targetPrefix']}.{name}", "{}"
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        body = answer.read()
        if not (answer.status == 501 and b"NotImplemented" in body):
            found.append(name)
    connection.close()
    return found


def answers_by_path(client, model, name):
    shape = model.operation_model(name).input_shape
    in_path = [] if shape is None else [key for key, one in shape.members.items() if one.serialization.get("location") == "uri"]
    try:
        client._make_api_call(name, dict.fromkeys(in_path, "x"))
    except ClientError as error:
        return error.response["Error"]["Code"] != "NotImplemented"
    return True


class Written(Exception):
    """Ends a call once its request is written."""

    def __init__(self, request):
        self.request = request


def requests():
    """Prints requests as boto3 writes them, and the trees that they must become."""
    print(json.dumps([written(*case) for case in cases()]))


def cases():
    """Service, action and arguments, then the tree that they must become."""
    filters = [{"Name": "vpc-id", "Values": ["a", "b"]}, {"Name": "tag:ü", "Values": ["x y&z=%+"]}]
    filters_wire = [{"Name": "vpc-id", "Value": ["a", "b"]}, {"Name": "tag:ü", "Value": ["x y&z=%+"]}]
    tags = [{"Key": "k", "Value": ""}]
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    permission_wire = {"IpProtocol": "tcp", "FromPort": "80", "ToPort": "80", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    return [
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
        ("acm", "ListCertificates", {"MaxItems": 1}, {"MaxItems": 1}),
        ("route53", "GetHostedZone", {"Id": "/hostedzone/Z1"}, {"Id": "Z1"}),
        ("route53", "ListHostedZonesByName", {"DNSName": "ü b", "MaxItems": "5"}, {"DNSName": "ü b", "MaxItems": "5"}),
        ("route53", "CreateHostedZone", {"Name": "<ü>", "CallerReference": "x"}, {"Name": "<ü>", "CallerReference": "x"}),
    ]


def written(service, action, ask, tree):
    aws = Aws(NOWHERE)(service)

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
        "path": urlsplit(request.url).path,
        "query": urlsplit(request.url).query,
        "headers": {name: text(value) for name, value in request.headers.items()},
        "body": text(body),
    }


def answers():
    """What botocore makes of answers."""
    aws = Aws(NOWHERE)
    for answer in json.load(sys.stdin):
        model = aws(answer["service"]).meta.service_model
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
        case ["asked"]:
            print(wrongs.found(written, cases()))
        case _:
            sys.exit(__doc__)
