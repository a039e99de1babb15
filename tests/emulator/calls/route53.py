"""Hosted zones and records. Where certificates and load balancers are named, that is in `acm` and `certificates`."""

from .client import pages, refused, same, until

DOMAIN = "judge.example"


def record(name, kind, *values):
    return {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}


def alias(name, zone, target):
    to = {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": False}
    return {"Name": name, "Type": "A", "AliasTarget": to}


def change(aws, scene, *changes):
    """Changes records, and waits until all name servers know."""
    made = aws.change_resource_record_sets(HostedZoneId=scene.zone, ChangeBatch=batch(*changes))["ChangeInfo"]
    assert made["Status"] == "PENDING", made
    until("the change", lambda: aws.get_change(Id=made["Id"])["ChangeInfo"]["Status"] == "INSYNC")


def batch(*changes):
    return {"Comment": "judge", "Changes": [{"Action": action, "ResourceRecordSet": one} for action, one in changes]}


def build(aws, scene):
    aws = aws("route53")
    zones(aws, scene)
    records(aws, scene)
    tags(aws, scene)


def zones(aws, scene):
    ask = {"Name": DOMAIN, "CallerReference": "judge-1"}
    made = aws.create_hosted_zone(**ask, HostedZoneConfig={"Comment": "a <zone> & more"})
    same(made["HostedZone"], {"Name": f"{DOMAIN}.", "Config": {"Comment": "a <zone> & more"}}, "zone")
    scene.zone = made["HostedZone"]["Id"].rpartition("/")[2]
    assert made["Location"].endswith(f"/2013-04-01/hostedzone/{scene.zone}"), made
    refused("HostedZoneAlreadyExists", 409, aws.create_hosted_zone, **ask)
    refused("InvalidDomainName", 400, aws.create_hosted_zone, Name="a..b", CallerReference="judge-2")
    nowhere = {"VPCRegion": "eu-west-1", "VPCId": "vpc-0"}
    refused("InvalidVPCId", 400, aws.create_hosted_zone, Name="a.b", CallerReference="judge-2", VPC=nowhere)
    inside = {"Name": "in.judge", "VPC": nowhere | {"VPCId": scene.vpc}, "HostedZoneConfig": {"PrivateZone": True}}
    made = aws.create_hosted_zone(**inside, CallerReference="judge-2")
    scene.private_zone = made["HostedZone"]["Id"]
    refused("ConflictingDomainExists", 400, aws.create_hosted_zone, **inside, CallerReference="judge-3")
    same(aws.get_hosted_zone(Id=scene.private_zone)["VPCs"], [{"VPCId": scene.vpc}], "zone")
    assert len(aws.get_hosted_zone(Id=scene.zone)["DelegationSet"]["NameServers"]) == 4
    refused("NoSuchHostedZone", 404, aws.get_hosted_zone, Id="Z0")
    refused("NoSuchChange", 404, aws.get_change, Id="C0")
    assert len(pages(aws, "list_hosted_zones", "HostedZones", size=1)) == 2
    refused("InvalidInput", 400, aws.list_hosted_zones, MaxItems="0")
    first = aws.list_hosted_zones_by_name(MaxItems="1")
    rest = aws.list_hosted_zones_by_name(DNSName=first["NextDNSName"], HostedZoneId=first["NextHostedZoneId"])
    assert len(rest["HostedZones"]) == 1, rest
    refused("InvalidInput", 400, aws.list_hosted_zones_by_name, HostedZoneId="Z0")


def records(aws, scene):
    text = record(f"*.{DOMAIN}", "TXT", '"a <b> & c" "d"')
    change(
        aws,
        scene,
        ("CREATE", record(f"www.{DOMAIN}", "A", "192.0.2.1", "192.0.2.2")),
        ("UPSERT", text),
        ("CREATE", record(DOMAIN, "MX", f"10 mail.{DOMAIN}")),
    )
    weighed = record(f"w.{DOMAIN}", "A", "192.0.2.1") | {"SetIdentifier": "one", "Weight": 1}
    change(aws, scene, ("UPSERT", alias(DOMAIN, scene.zone, f"www.{DOMAIN}")), ("UPSERT", weighed))
    ask = {"HostedZoneId": scene.zone}
    twice, cname, missing = record(f"www.{DOMAIN}", "A", "192.0.2.1"), record(DOMAIN, "CNAME", "a.b"), record(f"no.{DOMAIN}", "A", "192.0.2.1")
    for action, one in [("CREATE", twice), ("CREATE", cname), ("DELETE", missing)]:
        refused("InvalidChangeBatch", 400, aws.change_resource_record_sets, **ask, ChangeBatch=batch((action, one)))
    empty = {"Name": f"x.{DOMAIN}", "Type": "A"}
    refused("InvalidInput", 400, aws.change_resource_record_sets, **ask, ChangeBatch=batch(("UPSERT", empty)))
    refused("NoSuchHostedZone", 404, aws.change_resource_record_sets, HostedZoneId="Z0", ChangeBatch=batch(("UPSERT", twice)))
    found = pages(aws, "list_resource_record_sets", "ResourceRecordSets", size=3, **ask)
    kinds = ["A", "MX", "NS", "SOA", "TXT", "A", "A"]
    assert [one["Type"] for one in found] == kinds, found
    same(found[4], {"Name": f"\\052.{DOMAIN}.", "ResourceRecords": text["ResourceRecords"]}, "text")
    refused("InvalidInput", 400, aws.list_resource_record_sets, **ask, StartRecordType="A")
    refused("NoSuchHostedZone", 404, aws.list_resource_record_sets, HostedZoneId="Z0")


def tags(aws, scene):
    ask = {"ResourceType": "hostedzone", "ResourceId": scene.zone}
    aws.change_tags_for_resource(**ask, AddTags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    aws.change_tags_for_resource(**ask, RemoveTagKeys=["a"])
    same(aws.list_tags_for_resource(**ask)["ResourceTagSet"], ask | {"Tags": [{"Key": "b", "Value": "2"}]}, "tags")
    refused("InvalidInput", 400, aws.change_tags_for_resource, **ask, AddTags=[{"Key": "aws:a", "Value": "1"}])
    refused("NoSuchHostedZone", 404, aws.list_tags_for_resource, **ask | {"ResourceId": "Z0"})
    refused("NoSuchHealthCheck", 404, aws.list_tags_for_resource, ResourceType="healthcheck", ResourceId="h")


def clear(aws, scene):
    aws = aws("route53")
    refused("HostedZoneNotEmpty", 400, aws.delete_hosted_zone, Id=scene.zone)
    found = pages(aws, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=scene.zone)
    change(aws, scene, *[("DELETE", one) for one in found if one["Type"] not in ("NS", "SOA")])
    for zone in [scene.zone, scene.private_zone]:
        aws.delete_hosted_zone(Id=zone)
        refused("NoSuchHostedZone", 404, aws.delete_hosted_zone, Id=zone)
