"""Roles and their policies."""

import json

from .client import pages, refused, same

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
GRANT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}


def build(aws, scene):
    aws = aws("iam")
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
    same(pages(aws, "list_role_policies", "PolicyNames", size=2, RoleName=name), policies, "policies")
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
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    aws.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    same(aws.get_role(RoleName=name)["Role"]["PermissionsBoundary"], {"PermissionsBoundaryArn": boundary}, "boundary")
    refused("NoSuchEntity", 404, aws.put_role_permissions_boundary, RoleName="nobody", PermissionsBoundary=boundary)
    aws.delete_role_permissions_boundary(RoleName=name)
    assert "PermissionsBoundary" not in aws.get_role(RoleName=name)["Role"]
    simulations(aws, scene)
    aws.delete_role(RoleName=name)
    assert aws.list_roles(PathPrefix="/judge/")["Roles"] == []
    linked = aws.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"]
    refused("InvalidInput", 400, aws.create_service_linked_role, AWSServiceName="ecs.amazonaws.com")
    refused("UnmodifiableEntity", 400, aws.delete_role, RoleName=linked)
    made = aws.create_role(RoleName="judge-tasks", AssumeRolePolicyDocument=trust)["Role"]
    scene.role = made["Arn"]
    aws.attach_role_policy(RoleName="judge-tasks", PolicyArn=managed)


def simulations(aws, scene):
    ask = {"PolicySourceArn": scene.caller, "ActionNames": ["ec2:CreateVpc", "ecs:CreateCluster"]}
    found = pages(aws, "simulate_principal_policy", "EvaluationResults", size=1, **ask)
    same([(one["EvalActionName"], one["EvalDecision"]) for one in found], [(action, "allowed") for action in ask["ActionNames"]], "simulated")
    refused("InvalidInput", 400, aws.simulate_principal_policy, **ask | {"ActionNames": ["nonsense"]})
    nobody = "arn:aws:iam::123456789012:user/nobody"
    refused("NoSuchEntity", 404, aws.simulate_principal_policy, **ask | {"PolicySourceArn": nobody})


def clear(aws, _):
    aws = aws("iam")
    for policy in aws.list_attached_role_policies(RoleName="judge-tasks")["AttachedPolicies"]:
        aws.detach_role_policy(RoleName="judge-tasks", PolicyArn=policy["PolicyArn"])
    aws.delete_role(RoleName="judge-tasks")
