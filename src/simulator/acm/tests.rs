//! Drives the operations by their inputs, with a hosted zone beside.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::quotas;

fn world() -> World {
    World::new(7, "eu-west-1")
}

fn ok(world: &mut World, action: &str, input: Json) -> Json {
    world.call("acm", action, &Ask(input)).unwrap()
}

fn code(world: &mut World, action: &str, input: Json) -> String {
    world.call("acm", action, &Ask(input)).unwrap_err().code
}

fn pass(world: &mut World, seconds: u64) {
    let then = world.now() + Duration::from_secs(seconds);
    world.advance(then);
}

fn request(world: &mut World, names: &[&str]) -> String {
    let input = json!({ "DomainName": names[0], "SubjectAlternativeNames": names, "ValidationMethod": "DNS" });
    ok(world, "RequestCertificate", input)["CertificateArn"].as_str().unwrap().to_owned()
}

fn look_at(world: &mut World, arn: &str) -> Json {
    ok(world, "DescribeCertificate", json!({ "CertificateArn": arn }))["Certificate"].clone()
}

fn zone(world: &mut World, name: &str) -> String {
    let made =
        world.call("route53", "CreateHostedZone", &Ask(json!({ "Name": name, "CallerReference": name }))).unwrap();
    made["HostedZone"]["Id"].as_str().unwrap().to_owned()
}

/// Writes a certificate's records; or takes them away.
fn records(world: &mut World, zone: &str, arn: &str, action: &str) {
    let seen = look_at(world, arn);
    let mut changes: Vec<Json> = Vec::new();
    for option in seen["DomainValidationOptions"].as_array().unwrap() {
        let record = &option["ResourceRecord"];
        let set = json!({ "Name": record["Name"], "Type": record["Type"], "TTL": 60, "ResourceRecords": [{ "Value": record["Value"] }] });
        let change = json!({ "Action": action, "ResourceRecordSet": set });
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    let input = json!({ "HostedZoneId": zone, "ChangeBatch": { "Changes": changes } });
    world.call("route53", "ChangeResourceRecordSets", &Ask(input)).unwrap();
}

#[test]
fn issued_once_its_records_stand() {
    let mut world = world();
    let zone = zone(&mut world, "example.com");
    let arn = request(&mut world, &["Example.com", "*.example.com", "www.example.com"]);
    assert!(arn.starts_with("arn:aws:acm:eu-west-1:123456789012:certificate/"));
    let seen = look_at(&mut world, &arn);
    assert_eq!((&seen["Status"], &seen["Type"]), (&json!("PENDING_VALIDATION"), &json!("AMAZON_ISSUED")));
    assert_eq!(seen["DomainValidationOptions"][0]["ResourceRecord"], Json::Null);
    pass(&mut world, 15);
    let options = look_at(&mut world, &arn)["DomainValidationOptions"].clone();
    assert_eq!(options[0]["ResourceRecord"], options[1]["ResourceRecord"]);
    assert_ne!(options[0]["ResourceRecord"], options[2]["ResourceRecord"]);
    assert_eq!((&options[0]["ResourceRecord"]["Type"], &seen["KeyAlgorithm"]), (&json!("CNAME"), &json!("RSA-2048")));
    let again = request(&mut world, &["example.com"]);
    pass(&mut world, 15);
    assert_eq!(
        look_at(&mut world, &again)["DomainValidationOptions"][0]["ResourceRecord"],
        options[0]["ResourceRecord"]
    );
    let get = json!({ "CertificateArn": arn });
    assert_eq!(code(&mut world, "GetCertificate", get.clone()), "RequestInProgressException");
    pass(&mut world, 3600);
    assert_eq!(look_at(&mut world, &arn)["Status"], "PENDING_VALIDATION");
    records(&mut world, &zone, &arn, "CREATE");
    pass(&mut world, 64);
    assert_eq!(look_at(&mut world, &arn)["Status"], "PENDING_VALIDATION");
    assert_eq!(usable(&world, &arn), Some(false));
    pass(&mut world, 600);
    let seen = look_at(&mut world, &arn);
    assert_eq!(
        (&seen["Status"], &seen["DomainValidationOptions"][0]["ValidationStatus"]),
        (&json!("ISSUED"), &json!("SUCCESS"))
    );
    assert_eq!(
        (&seen["DomainName"], &seen["SubjectAlternativeNames"][2]),
        (&json!("example.com"), &json!("www.example.com"))
    );
    assert_eq!((&seen["RenewalEligibility"], &seen["InUseBy"]), (&json!("INELIGIBLE"), &json!([])));
    assert!(seen["NotAfter"].as_f64().unwrap() > seen["IssuedAt"].as_f64().unwrap());
    let text = ok(&mut world, "GetCertificate", get.clone())["Certificate"].clone();
    assert!(text.as_str().unwrap().starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert_eq!((usable(&world, &arn), usable(&world, "arn:x")), (Some(true), None));
    assert_eq!(look_at(&mut world, &again)["Status"], "ISSUED");
    ok(&mut world, "DeleteCertificate", get.clone());
    for action in ["DeleteCertificate", "DescribeCertificate", "GetCertificate", "ListTagsForCertificate"] {
        assert_eq!(code(&mut world, action, get.clone()), "ResourceNotFoundException");
    }
}

#[test]
fn it_waits_for_all_its_records() {
    let mut world = world();
    let zone = zone(&mut world, "a.com");
    let (one, both) = (request(&mut world, &["a.com"]), request(&mut world, &["a.com", "b.a.com"]));
    pass(&mut world, 15);
    records(&mut world, &zone, &one, "CREATE");
    pass(&mut world, 60);
    // Gone before it is issued: it goes on waiting.
    records(&mut world, &zone, &one, "DELETE");
    pass(&mut world, 760);
    assert_eq!(look_at(&mut world, &one)["Status"], "PENDING_VALIDATION");
    records(&mut world, &zone, &one, "CREATE");
    pass(&mut world, 660);
    let seen = look_at(&mut world, &both);
    let status = |at: usize| seen["DomainValidationOptions"][at]["ValidationStatus"].as_str().unwrap();
    assert_eq!((status(0), status(1)), ("SUCCESS", "PENDING_VALIDATION"));
    assert_eq!(seen["Status"], "PENDING_VALIDATION");
    records(&mut world, &zone, &both, "UPSERT");
    pass(&mut world, 660);
    assert_eq!(look_at(&mut world, &both)["Status"], "ISSUED");
    assert_eq!(look_at(&mut world, &one)["Status"], "ISSUED");
}

#[test]
fn failures_are_scripted() {
    let mut world = world();
    let zone = zone(&mut world, "a.com");
    for (name, within, reason) in [
        ("fails-domain-not-allowed.a.com", 60, "DOMAIN_NOT_ALLOWED"),
        ("fails-additional-verification-required.a.com", 60, "ADDITIONAL_VERIFICATION_REQUIRED"),
        ("*.fails-pca-access-denied.a.com", 60, "PCA_ACCESS_DENIED"),
        ("caa-forbids.a.com", 0, "CAA_ERROR"),
        ("fails-domain-validation-denied.a.com", 0, "DOMAIN_VALIDATION_DENIED"),
    ] {
        let arn = request(&mut world, &["a.com", name]);
        if within == 0 {
            pass(&mut world, 60);
            assert_eq!(look_at(&mut world, &arn)["Status"], "PENDING_VALIDATION", "{name}");
            records(&mut world, &zone, &arn, "UPSERT");
            pass(&mut world, 660);
        }
        pass(&mut world, within);
        let seen = look_at(&mut world, &arn);
        assert_eq!((&seen["Status"], &seen["FailureReason"]), (&json!("FAILED"), &json!(reason)), "{name}");
        assert_eq!(seen["DomainValidationOptions"][0]["ValidationStatus"], "FAILED");
        pass(&mut world, 73 * 3600);
        assert_eq!(look_at(&mut world, &arn)["Status"], "FAILED");
    }
    let (never, mail) = (request(&mut world, &["never-validates.a.com"]), json!({ "DomainName": "approves.a.com" }));
    let mail = ok(&mut world, "RequestCertificate", mail)["CertificateArn"].as_str().unwrap().to_owned();
    let silent = ok(&mut world, "RequestCertificate", json!({ "DomainName": "a.com", "ValidationMethod": "EMAIL" }));
    let silent = silent["CertificateArn"].as_str().unwrap().to_owned();
    pass(&mut world, 15);
    records(&mut world, &zone, &never, "UPSERT");
    assert_eq!(look_at(&mut world, &silent)["DomainValidationOptions"][0]["ValidationEmails"][0], "admin@a.com");
    pass(&mut world, 71 * 3600);
    assert_eq!(look_at(&mut world, &never)["Status"], "PENDING_VALIDATION");
    assert_eq!(look_at(&mut world, &mail)["Status"], "ISSUED");
    pass(&mut world, 3600);
    for arn in [never, silent] {
        assert_eq!(look_at(&mut world, &arn)["Status"], "VALIDATION_TIMED_OUT");
    }
}

#[test]
fn a_token_is_known_for_an_hour() {
    let mut world = world();
    let input = json!({ "DomainName": "a.com", "ValidationMethod": "DNS", "IdempotencyToken": "t_1" });
    let first = ok(&mut world, "RequestCertificate", input.clone());
    pass(&mut world, 3599);
    assert_eq!(ok(&mut world, "RequestCertificate", input.clone()), first);
    let other = json!({ "DomainName": "b.com", "ValidationMethod": "DNS", "IdempotencyToken": "t_1" });
    assert_ne!(ok(&mut world, "RequestCertificate", other), first);
    pass(&mut world, 1);
    assert_ne!(ok(&mut world, "RequestCertificate", input), first);
    assert_eq!(world.acm.certificates.len(), 3);
}

#[test]
fn wrong_requests_are_refused() {
    let mut world = world();
    let tag = |key: &str| json!({ "Key": key, "Value": "v" });
    let many: Vec<Json> = (0..51).map(|at| tag(&at.to_string())).collect();
    let names: Vec<String> = (0..10).map(|at| format!("n{at}.a.com")).collect();
    for (other, expected) in [
        (json!({ "DomainName": null }), "ValidationException"),
        (json!({ "DomainName": "com" }), "ValidationException"),
        (json!({ "DomainName": "a_b.com" }), "ValidationException"),
        (json!({ "DomainName": "-a.com" }), "ValidationException"),
        (json!({ "DomainName": "a.*.com" }), "ValidationException"),
        (json!({ "DomainName": format!("{}.a.com", "a".repeat(64)) }), "ValidationException"),
        (json!({ "DomainName": format!("{}.a.com", "a".repeat(60)) }), "ValidationException"),
        (json!({ "SubjectAlternativeNames": ["x"] }), "ValidationException"),
        (json!({ "SubjectAlternativeNames": names }), "LimitExceededException"),
        (json!({ "SubjectAlternativeNames": vec!["b.a.com"; 101] }), "ValidationException"),
        (json!({ "ValidationMethod": "POST" }), "ValidationException"),
        (json!({ "ValidationMethod": "HTTP" }), "InvalidParameterException"),
        (json!({ "KeyAlgorithm": "RSA_1" }), "ValidationException"),
        (json!({ "KeyAlgorithm": "RSA_4096" }), "InvalidParameterException"),
        (json!({ "IdempotencyToken": "a-b" }), "ValidationException"),
        (json!({ "IdempotencyToken": "a".repeat(33) }), "ValidationException"),
        (json!({ "Options": { "Export": "MAYBE" } }), "ValidationException"),
        (json!({ "Tags": many }), "TooManyTagsException"),
        (json!({ "Tags": [tag("aws:x")] }), "InvalidTagException"),
        (json!({ "Tags": [tag("a"), tag("a")] }), "InvalidTagException"),
        (json!({ "Tags": [tag("!")] }), "ValidationException"),
        (json!({ "Tags": [tag(&"k".repeat(129))] }), "ValidationException"),
        (json!({ "Tags": [{ "Key": "k", "Value": "v".repeat(257) }] }), "ValidationException"),
        (
            json!({ "DomainValidationOptions": [{ "DomainName": "a.com", "ValidationDomain": "b.com" }] }),
            "InvalidDomainValidationOptionsException",
        ),
        (
            json!({ "CertificateAuthorityArn": "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1" }),
            "NotImplemented",
        ),
        (json!({ "ManagedBy": "CLOUDFRONT" }), "NotImplemented"),
    ] {
        let mut input = json!({ "DomainName": "a.com", "ValidationMethod": "DNS" });
        input.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        assert_eq!(code(&mut world, "RequestCertificate", input), expected, "{other}");
    }
    let long = format!("{}.a.com", "a".repeat(60));
    request(&mut world, &["a.com", &long]);
    for (arn, expected) in [
        ("arn:aws:acm:eu-west-1:123456789012:certificate/0", "ResourceNotFoundException"),
        ("arn:aws:acm:eu-west-1:me:certificate/0", "InvalidArnException"),
        ("arn:aws:s3:::bucket", "InvalidArnException"),
        ("x", "ValidationException"),
        ("", "ValidationException"),
    ] {
        assert_eq!(code(&mut world, "DescribeCertificate", json!({ "CertificateArn": arn })), expected, "{arn}");
    }
    let full = world.acm.certificates.len() as i64;
    quotas::set(&mut world, quotas::CERTIFICATES, full);
    assert_eq!(code(&mut world, "RequestCertificate", json!({ "DomainName": "x.com" })), "LimitExceededException");
}

fn listed(world: &mut World, input: Json) -> Vec<String> {
    let page = ok(world, "ListCertificates", input);
    let all = page["CertificateSummaryList"].as_array().unwrap();
    all.iter().map(|one| one["DomainName"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn certificates_are_listed_and_filtered() {
    let mut world = world();
    for name in ["a.com", "b.com", "approves.com"] {
        ok(&mut world, "RequestCertificate", json!({ "DomainName": name }));
    }
    ok(&mut world, "RequestCertificate", json!({ "DomainName": "ec.com", "KeyAlgorithm": "EC_prime256v1" }));
    pass(&mut world, 615);
    assert_eq!(listed(&mut world, json!({})), ["a.com", "b.com", "approves.com"]);
    assert_eq!(listed(&mut world, json!({ "CertificateStatuses": ["ISSUED"] })), ["approves.com"]);
    assert_eq!(listed(&mut world, json!({ "Includes": { "keyTypes": ["EC_prime256v1"] } })), ["ec.com"]);
    assert_eq!(listed(&mut world, json!({ "Includes": { "keyUsage": ["DIGITAL_SIGNATURE"] } })), ["approves.com"]);
    let down = json!({ "SortBy": "CREATED_AT", "SortOrder": "DESCENDING", "MaxItems": 2 });
    assert_eq!(listed(&mut world, down.clone()), ["approves.com", "b.com"]);
    let mut next = down.clone();
    next["NextToken"] = ok(&mut world, "ListCertificates", down)["NextToken"].clone();
    assert_eq!(listed(&mut world, next), ["a.com"]);
    for wrong in [
        json!({ "MaxItems": 0 }),
        json!({ "MaxItems": 1001 }),
        json!({ "NextToken": "x" }),
        json!({ "SortBy": "CREATED_AT" }),
        json!({ "CertificateStatuses": ["GOOD"] }),
        json!({ "Includes": { "keyTypes": ["RSA"] } }),
    ] {
        assert_eq!(code(&mut world, "ListCertificates", wrong.clone()), "ValidationException", "{wrong}");
    }
}

/// A subject `CN=www.a.com`, and the alternative names `www.a.com` and `b.a.com`, as they stand in a certificate.
const CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BQUdBMVVFQXd3SmQzZDNMbUV1WTI5dEJnTlZIUkVFRmpBVWdnbDNkM2N1WVM1amIyMkNCMkl1WVM1amIyMEFBQT09Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K";
const KEY: &str = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCkFBQUEKLS0tLS1FTkQgUFJJVkFURSBLRVktLS0tLQo=";

#[test]
fn others_certificates_can_be_imported() {
    let mut world = world();
    let input = json!({ "Certificate": CERTIFICATE, "PrivateKey": KEY, "Tags": [{ "Key": "a", "Value": "b" }] });
    let arn = ok(&mut world, "ImportCertificate", input)["CertificateArn"].as_str().unwrap().to_owned();
    let seen = look_at(&mut world, &arn);
    assert_eq!((&seen["Status"], &seen["Type"]), (&json!("ISSUED"), &json!("IMPORTED")));
    assert_eq!(seen["SubjectAlternativeNames"], json!(["www.a.com", "b.a.com"]));
    assert_eq!((&seen["RenewalEligibility"], &seen["DomainValidationOptions"]), (&json!("INELIGIBLE"), &Json::Null));
    let again = json!({ "Certificate": CERTIFICATE, "PrivateKey": KEY, "CertificateArn": arn });
    assert_eq!(ok(&mut world, "ImportCertificate", again.clone())["CertificateArn"], arn.as_str());
    assert_eq!(ok(&mut world, "ListTagsForCertificate", json!({ "CertificateArn": arn }))["Tags"][0]["Key"], "a");
    let asked = request(&mut world, &["a.com"]);
    let (begin, end) = ("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCkFB", "Ci0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0K");
    let long = [begin, &"QUFB".repeat(1700), end].concat();
    for (other, expected) in [
        (json!({ "CertificateArn": asked }), "ValidationException"),
        (json!({ "CertificateArn": format!("{arn}0") }), "ResourceNotFoundException"),
        (json!({ "Tags": [{ "Key": "a" }] }), "InvalidParameterException"),
        (json!({ "Certificate": KEY }), "InvalidParameterException"),
        (json!({ "PrivateKey": CERTIFICATE }), "InvalidParameterException"),
        (json!({ "CertificateChain": KEY }), "InvalidParameterException"),
        (json!({ "Certificate": "!!" }), "InvalidParameterException"),
        (json!({ "PrivateKey": null }), "ValidationException"),
        (json!({ "PrivateKey": long }), "InvalidParameterException"),
        // A byte that is no UTF-8.
        (json!({ "Certificate": "/w==" }), "ValidationException"),
    ] {
        let mut input = again.clone();
        input.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        assert_eq!(code(&mut world, "ImportCertificate", input), expected, "{other}");
    }
    let change = json!({ "CertificateArn": arn, "Options": { "CertificateTransparencyLoggingPreference": "ENABLED" } });
    assert_eq!(code(&mut world, "UpdateCertificateOptions", change), "InvalidStateException");
}

#[test]
fn tags_and_options_change() {
    let mut world = world();
    let made = ok(&mut world, "RequestCertificate", json!({ "DomainName": "approves.com" }));
    let arn = made["CertificateArn"].as_str().unwrap().to_owned();
    let on = |rest: Json| {
        let mut input = json!({ "CertificateArn": arn });
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        input
    };
    let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }, { "Key": "c", "Value": "3" }]);
    ok(&mut world, "AddTagsToCertificate", on(json!({ "Tags": tags })));
    let some = json!([{ "Key": "a" }, { "Key": "b", "Value": "other" }, { "Key": "c", "Value": "3" }]);
    ok(&mut world, "RemoveTagsFromCertificate", on(json!({ "Tags": some })));
    let left = ok(&mut world, "ListTagsForCertificate", on(json!({})));
    assert_eq!(left["Tags"], json!([{ "Key": "b", "Value": "2" }]));
    assert_eq!(code(&mut world, "AddTagsToCertificate", on(json!({ "Tags": [] }))), "ValidationException");
    let many: Vec<Json> = (0..50).map(|at| json!({ "Key": at.to_string() })).collect();
    assert_eq!(code(&mut world, "AddTagsToCertificate", on(json!({ "Tags": many }))), "TooManyTagsException");
    let off = on(json!({ "Options": { "CertificateTransparencyLoggingPreference": "DISABLED" } }));
    assert_eq!(code(&mut world, "UpdateCertificateOptions", off.clone()), "InvalidStateException");
    pass(&mut world, 615);
    ok(&mut world, "UpdateCertificateOptions", off);
    assert_eq!(look_at(&mut world, &arn)["Options"]["CertificateTransparencyLoggingPreference"], "DISABLED");
    for (options, expected) in [
        (json!({}), "ValidationException"),
        (json!({ "Export": "ENABLED" }), "ValidationException"),
        (json!({ "Export": "x" }), "ValidationException"),
        (json!({ "ValidationMethod": "DNS" }), "NotImplemented"),
    ] {
        assert_eq!(code(&mut world, "UpdateCertificateOptions", on(json!({ "Options": options }))), expected);
    }
}
