"""Where moto forgets what AWS keeps: without these amends, a provider that is right about AWS sees drift on moto.

Nothing here makes AWS easier than it is. What moto merely doesn't refuse (see the refusals it accepts) stays as it is.

- Security group rules: the description of a rule whose peer is a group is kept, but not told.
- NAT gateways: DescribeNatGateways ignores tag filters, and a deleted one keeps its network interface and address.
- ECS services: moto answers without most of the settings it was given, and the PRIMARY deployment stays the first one.
- ECS clusters: UpdateClusterSettings is the half of UpdateCluster that moto has.
- Rollouts never complete; only `--complete-rollouts` changes that.
"""

import json

from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.utils import generic_filter
from moto.ecs.responses import EC2ContainerServiceResponse

# What CreateService and UpdateService take and DescribeServices must give back.
SERVICE_SETTINGS = [
    "availabilityZoneRebalancing",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "networkConfiguration",
    "platformVersion",
    "propagateTags",
]


class Services:
    """The settings of the ECS services, as last asked for."""

    def __init__(self, complete_rollouts):
        self.complete_rollouts = complete_rollouts
        self.settings = {}

    def amend(self, action, asked, answer):
        """An answer of ECS, amended. Only AWS's JSON protocol is understood: a client of another one fails here."""
        if action not in ("CreateService", "UpdateService", "DescribeServices"):
            return answer
        asked, told = json.loads(asked), json.loads(answer)
        for service in told.get("services", [told.get("service")]):
            settings = self.settings.setdefault(service["serviceArn"], {})
            if action == "CreateService":
                settings.clear()
            if action != "DescribeServices":
                settings |= {name: asked[name] for name in SERVICE_SETTINGS if name in asked}
            if service["status"] == "ACTIVE":
                self.amend_service(service, settings)
        return json.dumps(told).encode()

    def amend_service(self, service, settings):
        service |= settings
        for deployment in service.get("deployments", []):
            deployment |= {name: service[name] for name in ("taskDefinition", "desiredCount") if name in service}
            if self.complete_rollouts:
                done = {"runningCount": service["desiredCount"], "pendingCount": 0}
                service |= done
                deployment |= done | {"rolloutState": "COMPLETED", "rolloutStateReason": "completed by the filter"}


def amend_nat_gateways():
    describe, delete = NatGatewayBackend.describe_nat_gateways, NatGatewayBackend.delete_nat_gateway

    def describe_by_tag(self, filters, nat_gateway_ids):
        by_tag = {name: values for name, values in (filters or {}).items() if name.startswith("tag")}
        return generic_filter(by_tag, describe(self, filters, nat_gateway_ids))

    def delete_with_interface(self, nat_gateway_id):
        gateway = delete(self, nat_gateway_id)
        if gateway._eni.id in self.enis:
            for address in self.address_by_allocation([held["allocationId"] for held in gateway.address_set]):
                if address.eni is gateway._eni:
                    self.disassociate_address(association_id=address.association_id)
            self.delete_network_interface(gateway._eni.id)
        return gateway

    NatGatewayBackend.describe_nat_gateways = describe_by_tag
    NatGatewayBackend.delete_nat_gateway = delete_with_interface


def amend_clusters():
    EC2ContainerServiceResponse.update_cluster_settings = EC2ContainerServiceResponse.update_cluster


def amend_security_group_rules():
    def description(self):
        peer = self.ip_range or self.source_group or {}
        return peer.get("Description")

    SecurityGroupRule.description = property(description)
