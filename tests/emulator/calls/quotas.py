"""Quotas, those in force and those that an account begins with."""

from .client import pages, refused, same


def build(aws, _):
    aws = aws("service-quotas")
    ask = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    same(aws.get_service_quota(**ask)["Quota"], ask | {"Value": 5.0, "Adjustable": True}, "quota")
    same(aws.get_aws_default_service_quota(**ask)["Quota"], ask | {"Value": 5.0}, "quota")
    for missing in [ask | {"QuotaCode": "L-00000000"}, ask | {"ServiceCode": "nobody"}]:
        refused("NoSuchResourceException", 400, aws.get_service_quota, **missing)
        refused("NoSuchResourceException", 400, aws.get_aws_default_service_quota, **missing)
    balancers = {"ServiceCode": "elasticloadbalancing"}
    found = pages(aws, "list_service_quotas", "Quotas", size=2, **balancers)
    begun = pages(aws, "list_aws_default_service_quotas", "Quotas", size=2, **balancers)
    assert [one["QuotaCode"] for one in found] == [one["QuotaCode"] for one in begun], found
    refused("NoSuchResourceException", 400, aws.list_service_quotas, ServiceCode="nobody")


def clear(_, __):
    pass
