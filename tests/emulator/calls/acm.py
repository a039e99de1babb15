"""Certificates: requested and proven by a record, or imported."""

from .client import pages, refused, same, until
from .route53 import DOMAIN, change, record

TAGS = [{"Key": "a", "Value": "1"}]
MISSING = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"


def pem(what, body):
    return f"-----BEGIN {what}-----\n{body}\n-----END {what}-----\n".encode()


OWN = {"Certificate": pem("CERTIFICATE", "MAAGA1UEAwwJd3d3LmEuY29t"), "PrivateKey": pem("PRIVATE KEY", "AAAA")}


def build(aws, scene):
    names, aws = aws("route53"), aws("acm")
    requests(aws, scene)
    proof(aws, names, scene)
    imports(aws, scene)
    lists(aws, scene)


def requests(aws, scene):
    ask = {"DomainName": DOMAIN, "ValidationMethod": "DNS", "IdempotencyToken": "judge", "Tags": TAGS}
    ask |= {"SubjectAlternativeNames": [f"*.{DOMAIN}"], "KeyAlgorithm": "EC_prime256v1"}
    scene.certificate = aws.request_certificate(**ask)["CertificateArn"]
    assert aws.request_certificate(**ask)["CertificateArn"] == scene.certificate
    mail = {"DomainName": DOMAIN, "ValidationMethod": "EMAIL"}
    by = lambda domain: [{"DomainName": DOMAIN, "ValidationDomain": domain}]
    scene.by_mail = aws.request_certificate(**mail, DomainValidationOptions=by(DOMAIN))["CertificateArn"]
    for code, more in [
        ("ValidationException", {"DomainName": "nodot"}),
        ("InvalidParameterException", {"ValidationMethod": "HTTP"}),
        ("InvalidTagException", {"Tags": [{"Key": "aws:a", "Value": "1"}]}),
        ("TooManyTagsException", {"Tags": [{"Key": str(number), "Value": "1"} for number in range(51)]}),
        ("LimitExceededException", {"SubjectAlternativeNames": [f"n{number}.{DOMAIN}" for number in range(10)]}),
        ("InvalidDomainValidationOptionsException", {"DomainValidationOptions": by("other.example")}),
    ]:
        refused(code, 400, aws.request_certificate, **{"DomainName": DOMAIN, **more})
    refused("RequestInProgressException", 400, aws.get_certificate, CertificateArn=scene.certificate)
    refused("ResourceNotFoundException", 400, aws.describe_certificate, CertificateArn=MISSING)
    refused("InvalidArnException", 400, aws.describe_certificate, CertificateArn="arn:aws:s3:::" + "b" * 20)
    same(look(aws, scene.by_mail), {"Status": "PENDING_VALIDATION", "Type": "AMAZON_ISSUED"}, "by mail")


def look(aws, arn):
    return aws.describe_certificate(CertificateArn=arn)["Certificate"]


def proof(aws, names, scene):
    told = lambda: look(aws, scene.certificate)["DomainValidationOptions"][0].get("ResourceRecord")
    wanted = until("the record to prove with", told)
    change(names, scene, ("UPSERT", record(wanted["Name"], wanted["Type"], wanted["Value"])))
    until("the certificate", lambda: look(aws, scene.certificate)["Status"] == "ISSUED")
    assert aws.get_certificate(CertificateArn=scene.certificate)["CertificateChain"]
    options = lambda value: {"Options": {"CertificateTransparencyLoggingPreference": value}}
    aws.update_certificate_options(CertificateArn=scene.certificate, **options("DISABLED"))
    same(look(aws, scene.certificate), options("DISABLED") | {"KeyAlgorithm": "EC-prime256v1"}, "options")


def imports(aws, scene):
    scene.imported = aws.import_certificate(**OWN, CertificateChain=OWN["Certificate"], Tags=TAGS)["CertificateArn"]
    aws.import_certificate(**OWN, CertificateArn=scene.imported)
    refused("ValidationException", 400, aws.import_certificate, **OWN, CertificateArn=scene.certificate)
    refused("InvalidParameterException", 400, aws.import_certificate, **OWN | {"Certificate": b"nothing"})
    assert aws.get_certificate(CertificateArn=scene.imported)["Certificate"].startswith("-----BEGIN")
    same(look(aws, scene.imported), {"Status": "ISSUED", "Type": "IMPORTED"}, "imported")
    preference = {"CertificateTransparencyLoggingPreference": "DISABLED"}
    refused("InvalidStateException", 400, aws.update_certificate_options, CertificateArn=scene.imported, Options=preference)


def lists(aws, scene):
    assert len(aws.list_certificates(MaxItems=1)["CertificateSummaryList"]) == 1
    newest = {"SortBy": "CREATED_AT", "SortOrder": "DESCENDING"}
    curves = {"CertificateStatuses": ["ISSUED"], "Includes": {"keyTypes": ["EC_prime256v1"]}}
    found = aws.list_certificates(**curves, **newest)["CertificateSummaryList"]
    same(found, [{"CertificateArn": scene.certificate, "KeyAlgorithm": "EC-prime256v1"}], "certificates")
    pages(aws, "list_certificates", "CertificateSummaryList", size=1, Includes={"keyTypes": ["EC_prime256v1", "RSA_2048"]})
    refused("ValidationException", 400, aws.list_certificates, SortBy="CREATED_AT")
    arn = {"CertificateArn": scene.certificate}
    aws.add_tags_to_certificate(**arn, Tags=[{"Key": "b", "Value": "2"}])
    aws.remove_tags_from_certificate(**arn, Tags=[{"Key": "a"}])
    same(aws.list_tags_for_certificate(**arn)["Tags"], [{"Key": "b", "Value": "2"}], "tags")
    refused("ResourceNotFoundException", 400, aws.list_tags_for_certificate, CertificateArn=MISSING)


def clear(aws, scene):
    aws = aws("acm")
    for arn in [scene.by_mail, scene.imported, scene.certificate]:
        until("the certificate to be free", lambda: not look(aws, arn)["InUseBy"])
        aws.delete_certificate(CertificateArn=arn)
        refused("ResourceNotFoundException", 400, aws.delete_certificate, CertificateArn=arn)
