"""Wrong requests that `asked` must find, each a right one with one thing changed; and right ones, in which it must find nothing."""

import asked

ZONE = {"Name": "a.example", "CallerReference": "x"}
CHANGE = {
    "HostedZoneId": "/hostedzone/Z1",
    "ChangeBatch": {
        "Changes": [
            {
                "Action": "UPSERT",
                "ResourceRecordSet": {"Name": "a.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
            }
        ]
    },
}
RULE = {"ListenerArn": "l", "Priority": 5, "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}], "Actions": [{"Type": "forward"}]}
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}
SERVICE = {"serviceName": "web", "desiredCount": 1, "launchType": "FARGATE"}
TARGET = {"ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1}
# Beside those of `judge.cases`.
RIGHT = [
    ("elbv2", "CreateRule", RULE),
    ("iam", "CreateRole", ROLE),
    ("ecs", "CreateService", SERVICE),
    ("route53", "CreateHostedZone", ZONE | {"HostedZoneConfig": {"Comment": "ü <&>", "PrivateZone": False}}),
    ("route53", "ChangeResourceRecordSets", CHANGE),
    ("route53", "ListHostedZonesByName", {"DNSName": "a b.example", "MaxItems": "5"}),
    ("application-autoscaling", "RegisterScalableTarget", TARGET),
    ("acm", "RequestCertificate", {"DomainName": "a.example", "KeyAlgorithm": "EC_prime256v1"}),
]
# A right request, what to replace in its body (or its path or target), and what must be said of it.
WRONG = [
    ("ec2", "CreateVpc", {"CidrBlock": "x"}, "CidrBlock=x", "CidrBlok=x", "CidrBlok is unknown"),
    ("ec2", "DeleteVpc", {"VpcId": "v"}, "VpcId=v", "DryRun=false", "VpcId is required"),
    ("ec2", "DeleteVpc", {"VpcId": "v"}, "VpcId=v", "VpcId=v&DryRun=no", "'no' is not a boolean"),
    ("ec2", "DeleteVpc", {"VpcId": "v"}, "VpcId=v", "VpcId=v&VpcId=w", "VpcId comes twice"),
    ("ec2", "DeleteVpc", {"VpcId": "v"}, "VpcId=v", "VpcId=v&VpcId.1=w", "VpcId.1 comes twice"),
    ("ec2", "DeleteVpc", {"VpcId": "v"}, "2016-11-15", "2014-10-01", "version 2014-10-01"),
    ("ec2", "DeleteVpc", {"VpcId": "v"}, "Action=DeleteVpc", "Action=RemoveVpc", "ec2 has no RemoveVpc"),
    ("ec2", "DescribeVpcs", {"VpcIds": ["v"]}, "VpcId.1", "VpcId.0", "is not counted from 1"),
    ("ec2", "DescribeVpcs", {"MaxResults": 5}, "MaxResults=5", "MaxResults=4", "4 is not in 5 to 1000"),
    ("ec2", "DescribeVpcs", {"MaxResults": 5}, "MaxResults=5", "MaxResults=five", "'five' is not a integer"),
    ("ec2", "AllocateAddress", {"Domain": "vpc"}, "Domain=vpc", "Domain=cloud", "'cloud' is none of"),
    ("ec2", "DescribeVpcs", {"VpcIds": ["v"]}, "VpcId.1=v", "VpcIds.member.1=v", "VpcIds is unknown"),
    ("elbv2", "CreateRule", RULE, "Priority=5", "Priority=50001", "50001 is not in 1 to 50000"),
    ("elbv2", "CreateRule", RULE, "Actions.member.1.Type=forward", "Actions.member.1.Order=1", "Type is required"),
    ("elbv2", "CreateRule", RULE, "Actions.member.1.Type", "Actions.1.Type", "are not member"),
    ("elbv2", "CreateRule", RULE, "Type=forward", "Type=send", "'send' is none of"),
    ("iam", "CreateRole", ROLE, "RoleName=r", "RoleName=a%20b", "doesn't match"),
    ("iam", "CreateRole", ROLE, "RoleName=r", "RoleName=" + "r" * 65, "65 is not in 1 to 64"),
    ("ecs", "CreateService", SERVICE, '"desiredCount": 1', '"desiredCount": "1"', "'1' is not a integer"),
    ("ecs", "CreateService", SERVICE, '"desiredCount": 1', '"desired": 1', "desired is unknown"),
    ("ecs", "CreateService", SERVICE, '"serviceName"', '"clusterName"', "serviceName is required"),
    ("ecs", "CreateService", SERVICE, "FARGATE", "MOON", "'MOON' is none of"),
    ("ecs", "CreateService", SERVICE, "CreateService", "MakeService", "ecs has no MakeService"),
    ("ecs", "CreateService", SERVICE, '"web"', "web", "JSONDecodeError"),
    ("logs", "CreateLogGroup", {"logGroupName": "/a"}, '"/a"', '"a b"', "doesn't match"),
    ("logs", "CreateLogGroup", {"logGroupName": "/a"}, '"/a"', '["/a"]', "['/a'] is not a string"),
    ("route53", "CreateHostedZone", ZONE, "<CallerReference>x</CallerReference>", "", "CallerReference is required"),
    ("route53", "CreateHostedZone", ZONE, "2013-04-01/\">", "2012-02-29/\">", "the body is"),
    ("route53", "CreateHostedZone", ZONE, "</Name>", "</Name><Odd/>", "Odd is unknown"),
    ("route53", "CreateHostedZone", ZONE, "</Name>", "", "ParseError"),
    ("route53", "ChangeResourceRecordSets", CHANGE, ">UPSERT<", ">REPLACE<", "'REPLACE' is none of"),
    ("route53", "ChangeResourceRecordSets", CHANGE, "<TTL>60</TTL>", "<TTL>soon</TTL>", "'soon' is not a long"),
    ("route53", "ChangeResourceRecordSets", CHANGE, "ResourceRecord>", "member>", "member is not ResourceRecord"),
    ("route53", "ChangeResourceRecordSets", CHANGE, "/rrset", "/rset", "no such path"),
    ("route53", "ListHostedZonesByName", {"DNSName": "a"}, "dnsname=", "name=", "name is unknown"),
]


def found(written, cases):
    """Fails unless each wrong request is found wrong for its reason, and no right one is."""
    for service, action, ask, *_ in [*cases, *RIGHT]:
        request = written(service, action, ask, None)
        assert looked(request) == (f"{service}:{action}", []), looked(request)
    for service, action, ask, old, new, reason in WRONG:
        request = written(service, action, ask, None)
        parts = [request["body"], request["path"], request["query"], request["headers"].get("X-Amz-Target", "")]
        assert sum(old in part for part in parts) == 1, f"{old} in {parts}"
        request |= {part: request[part].replace(old, new) for part in ("body", "path", "query")}
        request["headers"] = {name: value.replace(old, new) if name == "X-Amz-Target" else value for name, value in request["headers"].items()}
        _, complaints = looked(request)
        assert any(reason in one for one in complaints), f"{reason}: {complaints}"
    return f"{len(WRONG)} wrong requests are found out"


def looked(request):
    headers = {name.lower(): value for name, value in request["headers"].items()}
    return asked.look(request["method"], request["path"], request["query"], headers, request["body"].encode())
