"""A hosted zone with a record, and a certificate that it proves."""

from life.asked import TAGS


def names(call):
    zone = call("route53", "create_hosted_zone", Name="life.example", CallerReference="life")["HostedZone"]["Id"]
    zone = zone.removeprefix("/hostedzone/")
    call("route53", "get_hosted_zone", Id=zone)
    call("route53", "get_hosted_zone", Id="Z0123456789ABCDEFGHIJ")
    call("route53", "list_hosted_zones_by_name", DNSName="life.example")
    ask = {"DomainName": "www.life.example", "ValidationMethod": "DNS", "Tags": TAGS, "IdempotencyToken": "life"}
    arn = call("acm", "request_certificate", **ask)["CertificateArn"]
    call("acm", "request_certificate", **ask)
    told = lambda answer: "ResourceRecord" in answer["Certificate"]["DomainValidationOptions"][0]
    proof = call.settle("acm", "describe_certificate", told, CertificateArn=arn)
    proof = proof["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
    record = {"Name": proof["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": proof["Value"]}]}
    change = lambda action: {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    made = call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=change("CREATE"))
    call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=change("CREATE"))
    synced = lambda answer: answer["ChangeInfo"]["Status"] == "INSYNC"
    call.settle("route53", "get_change", synced, Id=made["ChangeInfo"]["Id"])
    call("route53", "list_resource_record_sets", HostedZoneId=zone)
    call("route53", "delete_hosted_zone", Id=zone)
    call("acm", "list_tags_for_certificate", CertificateArn=arn)
    call("acm", "add_tags_to_certificate", CertificateArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    call("acm", "remove_tags_from_certificate", CertificateArn=arn, Tags=[{"Key": "a"}])
    call("acm", "list_tags_for_certificate", CertificateArn=arn)
    call("acm", "delete_certificate", CertificateArn=arn)
    call("acm", "delete_certificate", CertificateArn=arn)
    call("acm", "describe_certificate", CertificateArn=arn)
    call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=change("DELETE"))
    call("route53", "delete_hosted_zone", Id=zone)
    call("route53", "delete_hosted_zone", Id=zone)
