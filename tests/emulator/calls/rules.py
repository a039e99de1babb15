"""Security groups and their rules."""

from .client import pages, refused, same, until
from .ec2 import MISSING, named


def build(aws, scene):
    aws = aws("ec2")
    ask = {"GroupName": "judge-alb", "Description": "in front", "VpcId": scene.vpc}
    scene.front = front = aws.create_security_group(**ask, TagSpecifications=named("security-group", "judge"))["GroupId"]
    refused("InvalidGroup.Duplicate", 400, aws.create_security_group, **ask)
    refused("InvalidParameterValue", 400, aws.create_security_group, **ask | {"GroupName": "sg-judge"})
    refused("InvalidVpcID.NotFound", 400, aws.create_security_group, **ask | {"VpcId": f"vpc-{MISSING}"})
    scene.group = group = aws.create_security_group(GroupName="judge", Description="tasks", VpcId=scene.vpc)["GroupId"]
    world = {"CidrIp": "0.0.0.0/0", "Description": "all"}
    http = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    scene.open = [http | {"IpRanges": [world]}, http | {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
    made = aws.authorize_security_group_ingress(GroupId=front, IpPermissions=scene.open)["SecurityGroupRules"]
    same(made[0], {"GroupId": front, "IsEgress": False, "CidrIpv4": "0.0.0.0/0", "Description": "all"}, "rule")
    refused("InvalidPermission.Duplicate", 400, aws.authorize_security_group_ingress, GroupId=front, IpPermissions=scene.open)
    scene.pair = [http | {"UserIdGroupPairs": [{"GroupId": front}]}]
    aws.authorize_security_group_ingress(GroupId=group, IpPermissions=scene.pair)
    refused("DependencyViolation", 400, aws.delete_security_group, GroupId=front)

    [default] = aws.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [scene.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    refused("CannotDelete", 400, aws.delete_security_group, GroupId=default["GroupId"])
    refused("InvalidGroup.NotFound", 400, aws.delete_security_group, GroupId=f"sg-{MISSING}")

    more = [{"IpProtocol": "udp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]} for port in range(1, 7)]
    aws.authorize_security_group_egress(GroupId=front, IpPermissions=more)
    found = pages(aws, "describe_security_group_rules", "SecurityGroupRules", size=5, Filters=[{"Name": "group-id", "Values": [front]}])
    assert len(found) == 9, found
    rule = next(rule for rule in found if rule["IsEgress"] and rule["FromPort"] == 1)
    change = {"IpProtocol": "udp", "FromPort": 9, "ToPort": 9, "CidrIpv4": "10.0.0.0/8", "Description": "changed"}
    changed = [{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": change}]
    aws.modify_security_group_rules(GroupId=front, SecurityGroupRules=changed)
    ids = [rule["SecurityGroupRuleId"]]
    same(aws.describe_security_group_rules(SecurityGroupRuleIds=ids)["SecurityGroupRules"], [{"FromPort": 9, "Description": "changed"}], "rule")
    aws.revoke_security_group_egress(GroupId=front, SecurityGroupRuleIds=ids)
    refused("InvalidSecurityGroupRuleId.NotFound", 400, aws.revoke_security_group_egress, GroupId=front, SecurityGroupRuleIds=ids)
    aws.revoke_security_group_egress(GroupId=front, IpPermissions=more[1:])
    [seen] = aws.describe_security_groups(GroupIds=[front])["SecurityGroups"]
    assert [rule["IpProtocol"] for rule in seen["IpPermissionsEgress"]] == ["-1"], seen


def clear(aws, scene):
    aws = aws("ec2")
    aws.revoke_security_group_ingress(GroupId=scene.group, IpPermissions=scene.pair)
    refused("InvalidPermission.NotFound", 400, aws.revoke_security_group_ingress, GroupId=scene.group, IpPermissions=scene.pair)
    mine = [{"Name": "group-id", "Values": [scene.group, scene.front]}]
    until("interfaces to go", lambda: not aws.describe_network_interfaces(Filters=mine)["NetworkInterfaces"])
    for group in [scene.group, scene.front]:
        aws.delete_security_group(GroupId=group)
    refused("InvalidGroup.NotFound", 400, aws.describe_security_groups, GroupIds=[scene.group])
