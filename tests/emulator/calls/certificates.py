"""HTTPS: security policies, a listener's certificates, and the load balancer's name."""

from .acm import MISSING
from .client import pages, refused, same
from .route53 import DOMAIN, alias, change

FIXED = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]


def build(aws, scene):
    names, acm, aws = aws("route53"), aws("acm"), aws("elbv2")
    found = pages(aws, "describe_ssl_policies", "SslPolicies", size=5, LoadBalancerType="application")
    assert "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" in [one["Name"] for one in found], found
    refused("SSLPolicyNotFound", 400, aws.describe_ssl_policies, Names=["nothing"])
    ask = {"LoadBalancerArn": scene.balancer, "Port": 443, "Protocol": "HTTPS", "DefaultActions": FIXED}
    mine = [{"CertificateArn": scene.certificate}]
    refused("UnsupportedCertificate", 400, aws.create_listener, **ask, Certificates=[{"CertificateArn": scene.by_mail}])
    refused("CertificateNotFound", 400, aws.create_listener, **ask, Certificates=[{"CertificateArn": MISSING}])
    refused("SSLPolicyNotFound", 400, aws.create_listener, **ask, Certificates=mine, SslPolicy="nothing")
    policy = {"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}
    [made] = aws.create_listener(**ask, **policy, Certificates=mine)["Listeners"]
    same(made, policy | {"Certificates": mine}, "listener")
    listener, more = {"ListenerArn": made["ListenerArn"]}, {"Certificates": [{"CertificateArn": scene.imported}]}
    aws.add_listener_certificates(**listener, **more)
    refused("CertificateNotFound", 400, aws.add_listener_certificates, **listener, Certificates=[{"CertificateArn": MISSING}])
    refused("ListenerNotFound", 400, aws.add_listener_certificates, ListenerArn=made["ListenerArn"] + "0", **more)
    found = pages(aws, "describe_listener_certificates", "Certificates", size=1, **listener)
    assert {one["CertificateArn"]: one["IsDefault"] for one in found} == {scene.certificate: True, scene.imported: False}
    refused("ResourceInUseException", 400, acm.delete_certificate, CertificateArn=scene.imported)
    aws.remove_listener_certificates(**listener, **more)
    refused("OperationNotPermitted", 400, aws.remove_listener_certificates, **listener, Certificates=mine)
    [balancer] = aws.describe_load_balancers(LoadBalancerArns=[scene.balancer])["LoadBalancers"]
    named = alias(f"lb.{DOMAIN}", balancer["CanonicalHostedZoneId"], f"dualstack.{balancer['DNSName']}")
    change(names, scene, ("UPSERT", named))


def clear(_, __):
    """The listener goes with its load balancer."""
