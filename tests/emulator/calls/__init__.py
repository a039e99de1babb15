"""Calls of boto3 to the simulator, a file for each service.

`build(aws, scene)` makes what stands, calls what can be called on it, and leaves in `scene` what later files need;
`clear(aws, scene)` takes it down. Files are built in the order of ORDER and cleared in the reverse. To judge one more
operation, call it in its service's file; to judge one more service, write its file and name it in ORDER and SERVICES.
"""

from types import SimpleNamespace

from . import acm, autoscaling, certificates, ec2, ecr, ecs, elbv2, endpoints, iam, logs, quotas, route53, rules, secretsmanager, ssm, sts

ORDER = [sts, ssm, iam, logs, quotas, ecr, secretsmanager, ec2, endpoints, rules, route53, acm, elbv2, certificates, ecs, autoscaling]
# boto3's names: every operation of theirs that the simulator has must be called.
SERVICES = [
    "ec2",
    "elbv2",
    "ecs",
    "iam",
    "logs",
    "ssm",
    "sts",
    "acm",
    "route53",
    "application-autoscaling",
    "service-quotas",
    "ecr",
    "secretsmanager",
]
# An operation of which only refusals are simulated.
ONLY_REFUSED = {"ecs:ExecuteCommand"}


def play(aws):
    """All calls; what was built is gone afterwards."""
    scene = SimpleNamespace()
    for part in ORDER:
        part.build(aws, scene)
    for part in reversed(ORDER):
        part.clear(aws, scene)
