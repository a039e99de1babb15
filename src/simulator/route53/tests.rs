//! Drives the operations by their inputs, without the wire.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::*;
use crate::simulator::refusal::Answer;

fn world() -> World {
    World::new(7, "eu-west-1")
}

fn ask(world: &mut World, action: &str, ask: Json) -> Answer {
    world.call("route53", action, &Ask(ask))
}

fn ok(world: &mut World, action: &str, input: Json) -> Json {
    ask(world, action, input).unwrap()
}

fn code(world: &mut World, action: &str, input: Json) -> String {
    ask(world, action, input).unwrap_err().code
}

fn pass(world: &mut World, seconds: u64) {
    let then = world.now() + Duration::from_secs(seconds);
    world.advance(then);
}

fn zone(world: &mut World, name: &str) -> String {
    let made = ok(world, "CreateHostedZone", json!({ "Name": name, "CallerReference": format!("ref {name}") }));
    bare(made["HostedZone"]["Id"].as_str().unwrap()).to_owned()
}

fn set(name: &str, kind: &str, values: &[&str]) -> Json {
    let values: Vec<Json> = values.iter().map(|value| json!({ "Value": value })).collect();
    json!({ "Name": name, "Type": kind, "TTL": "60", "ResourceRecords": values })
}

fn alias(name: &str, zone: &str, target: &str) -> Json {
    let target = json!({ "HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": "false" });
    json!({ "Name": name, "Type": "A", "AliasTarget": target })
}

fn batch(world: &mut World, zone: &str, changes: &[(&str, Json)]) -> Answer {
    let changes: Vec<Json> =
        changes.iter().map(|(action, set)| json!({ "Action": action, "ResourceRecordSet": set })).collect();
    ask(world, "ChangeResourceRecordSets", json!({ "HostedZoneId": zone, "ChangeBatch": { "Changes": changes } }))
}

fn refused(world: &mut World, zone: &str, changes: &[(&str, Json)]) -> (String, String) {
    let refusal = batch(world, zone, changes).unwrap_err();
    (refusal.code, refusal.message)
}

fn names(world: &mut World, zone: &str, rest: Json) -> Vec<String> {
    let mut input = json!({ "HostedZoneId": zone });
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let page = ok(world, "ListResourceRecordSets", input);
    let sets = page["ResourceRecordSets"].as_array().unwrap();
    sets.iter().map(|set| format!("{} {}", set["Name"].as_str().unwrap(), set["Type"].as_str().unwrap())).collect()
}

#[test]
fn zones_come_and_go() {
    let mut world = world();
    let made = ok(&mut world, "CreateHostedZone", json!({ "Name": "Example.com", "CallerReference": "a" }));
    assert_eq!(made["HostedZone"]["Name"], "example.com.");
    assert_eq!(
        (&made["HostedZone"]["ResourceRecordSetCount"], &made["ChangeInfo"]["Status"]),
        (&json!(2), &json!("PENDING"))
    );
    assert_eq!(made["DelegationSet"]["NameServers"].as_array().unwrap().len(), 4);
    let again = json!({ "Name": "other.com", "CallerReference": "a" });
    assert_eq!(ask(&mut world, "CreateHostedZone", again.clone()).unwrap_err().status, 409);
    let id = made["HostedZone"]["Id"].as_str().unwrap().to_owned();
    assert!(made["Location"].as_str().unwrap().ends_with(&id));
    let got = ok(&mut world, "GetHostedZone", json!({ "Id": id }));
    assert_eq!((&got["HostedZone"], &got["VPCs"]), (&made["HostedZone"], &Json::Null));
    let change = made["ChangeInfo"]["Id"].as_str().unwrap().to_owned();
    pass(&mut world, 19);
    assert_eq!(ok(&mut world, "GetChange", json!({ "Id": change }))["ChangeInfo"]["Status"], "PENDING");
    pass(&mut world, 42);
    assert_eq!(ok(&mut world, "GetChange", json!({ "Id": change }))["ChangeInfo"]["Status"], "INSYNC");
    assert_eq!(ask(&mut world, "GetChange", json!({ "Id": "C0" })).unwrap_err().status, 404);
    batch(&mut world, bare(&id), &[("CREATE", set("a.example.com", "A", &["192.0.2.1"]))]).unwrap();
    assert_eq!(code(&mut world, "DeleteHostedZone", json!({ "Id": id })), "HostedZoneNotEmpty");
    batch(&mut world, bare(&id), &[("DELETE", set("a.example.com", "A", &["192.0.2.1"]))]).unwrap();
    ok(&mut world, "DeleteHostedZone", json!({ "Id": id }));
    for action in ["GetHostedZone", "DeleteHostedZone"] {
        assert_eq!(code(&mut world, action, json!({ "Id": id })), "NoSuchHostedZone");
    }
    assert_eq!(code(&mut world, "CreateHostedZone", again), "HostedZoneAlreadyExists");
    for (input, expected) in [
        (json!({ "CallerReference": "b" }), "InvalidInput"),
        (json!({ "Name": "b.com" }), "InvalidInput"),
        (json!({ "Name": "b.com", "CallerReference": "b".repeat(129) }), "InvalidInput"),
        (json!({ "Name": "b..com", "CallerReference": "b" }), "InvalidDomainName"),
        (
            json!({ "Name": "b.com", "CallerReference": "b", "HostedZoneConfig": { "PrivateZone": "true" } }),
            "InvalidInput",
        ),
        (
            json!({ "Name": "b.com", "CallerReference": "b", "VPC": { "VPCId": "vpc-1", "VPCRegion": "eu-west-1" } }),
            "InvalidVPCId",
        ),
        (json!({ "Name": "b.com", "CallerReference": "b", "DelegationSetId": "N1" }), "NoSuchDelegationSet"),
    ] {
        assert_eq!(code(&mut world, "CreateHostedZone", input.clone()), expected, "{input}");
    }
    crate::simulator::quotas::set(&mut world, crate::simulator::quotas::HOSTED_ZONES, 1);
    zone(&mut world, "n.com");
    assert_eq!(
        code(&mut world, "CreateHostedZone", json!({ "Name": "x.com", "CallerReference": "x" })),
        "TooManyHostedZones"
    );
}

#[test]
fn private_zones_have_networks() {
    let mut world = world();
    let vpc = json!({ "VPCId": "vpc-1", "VPCRegion": "eu-west-2" });
    let mut input = json!({ "Name": "in.corp", "CallerReference": "a", "VPC": vpc, "HostedZoneConfig": { "PrivateZone": "true", "Comment": "c" } });
    let made = ok(&mut world, "CreateHostedZone", input.clone());
    assert_eq!((&made["VPC"], &made["DelegationSet"]["NameServers"][0]), (&vpc, &json!("ns-0.awsdns-00.com")));
    assert_eq!(made["HostedZone"]["Config"], json!({ "Comment": "c", "PrivateZone": true }));
    let id = bare(made["HostedZone"]["Id"].as_str().unwrap()).to_owned();
    let told = ok(&mut world, "GetHostedZone", json!({ "Id": id }));
    assert_eq!((&told["VPCs"], &told["DelegationSet"]), (&json!([vpc]), &Json::Null));
    input["CallerReference"] = "b".into();
    assert_eq!(code(&mut world, "CreateHostedZone", input), "ConflictingDomainExists");
    batch(&mut world, &id, &[("CREATE", set("a.in.corp", "CNAME", &["x.y"]))]).unwrap();
    pass(&mut world, 60);
    assert!(!resolves(&world, "a.in.corp", "CNAME", "x.y"));
    zone(&mut world, "out.com");
    let private = ok(&mut world, "ListHostedZones", json!({ "HostedZoneType": "PrivateHostedZone" }));
    assert_eq!(private["HostedZones"].as_array().unwrap().len(), 1);
}

#[test]
fn zones_are_listed_in_pages() {
    let mut world = world();
    for name in ["b.com", "a.com", "x.b.com", "a.org"] {
        zone(&mut world, name);
    }
    let page = ok(&mut world, "ListHostedZones", json!({ "MaxItems": "3" }));
    assert_eq!((page["HostedZones"].as_array().unwrap().len(), &page["IsTruncated"]), (3, &json!(true)));
    let rest = ok(&mut world, "ListHostedZones", json!({ "MaxItems": "3", "Marker": page["NextMarker"] }));
    assert_eq!((rest["HostedZones"].as_array().unwrap().len(), &rest["NextMarker"]), (1, &Json::Null));
    assert_eq!(code(&mut world, "ListHostedZones", json!({ "MaxItems": "0" })), "InvalidInput");
    let page = ok(&mut world, "ListHostedZonesByName", json!({ "DNSName": "b.com", "MaxItems": "2" }));
    let called = |page: &Json| -> Vec<String> {
        page["HostedZones"].as_array().unwrap().iter().map(|zone| zone["Name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(called(&page), ["b.com.", "x.b.com."]);
    let next = json!({ "DNSName": page["NextDNSName"], "HostedZoneId": page["NextHostedZoneId"] });
    assert_eq!(called(&ok(&mut world, "ListHostedZonesByName", next)), ["a.org."]);
    assert_eq!(code(&mut world, "ListHostedZonesByName", json!({ "HostedZoneId": "Z1" })), "InvalidInput");
}

#[test]
fn records_are_in_sync_after_a_while() {
    let mut world = world();
    let id = zone(&mut world, "a.com");
    let one = set("_x.a.com", "CNAME", &["_y.acm-validations.aws."]);
    batch(&mut world, &id, &[("CREATE", one.clone())]).unwrap();
    pass(&mut world, 19);
    assert!(!resolves(&world, "_x.a.com.", "CNAME", "_y.acm-validations.aws"));
    pass(&mut world, 41);
    assert!(resolves(&world, "_X.a.com", "CNAME", "_y.ACM-validations.aws"));
    assert!(!resolves(&world, "_x.a.com", "TXT", "_y.acm-validations.aws"));
    batch(&mut world, &id, &[("UPSERT", set("_x.a.com", "CNAME", &["z."]))]).unwrap();
    batch(&mut world, &id, &[("DELETE", set("_x.a.com", "CNAME", &["z."]))]).unwrap();
    assert!(resolves(&world, "_x.a.com", "CNAME", "_y.acm-validations.aws"));
    pass(&mut world, 60);
    assert!(
        !resolves(&world, "_x.a.com", "CNAME", "z") && !resolves(&world, "_x.a.com", "CNAME", "_y.acm-validations.aws")
    );
}

#[test]
fn batches_are_whole_or_nothing() {
    let mut world = world();
    let id = zone(&mut world, "a.com");
    let (www, star) = (set("WWW.a.com", "A", &["192.0.2.1", "192.0.2.2"]), set("*.a.com", "TXT", &["\"x y\" \"z\""]));
    batch(&mut world, &id, &[("CREATE", www.clone()), ("UPSERT", star)]).unwrap();
    let all = ["a.com. NS", "a.com. SOA", "\\052.a.com. TXT", "www.a.com. A"];
    assert_eq!(names(&mut world, &id, json!({})), all);
    let (code, message) =
        refused(&mut world, &id, &[("CREATE", set("n.a.com", "A", &["192.0.2.9"])), ("CREATE", www.clone())]);
    assert_eq!(code, "InvalidChangeBatch");
    assert_eq!(message, "[Tried to create resource record set [name='www.a.com.', type='A'] but it already exists]");
    assert_eq!(names(&mut world, &id, json!({})), all);
    let other = set("www.a.com", "A", &["192.0.2.1"]);
    let (_, message) = refused(&mut world, &id, &[("DELETE", other), ("DELETE", set("no.a.com", "A", &["192.0.2.1"]))]);
    assert!(message.contains("do not match the current values, Tried to delete"), "{message}");
    assert!(message.ends_with("[name='no.a.com.', type='A'] but it was not found]"), "{message}");
    let swapped = set("www.a.com", "A", &["192.0.2.2", "192.0.2.1"]);
    let instead = set("www.a.com", "CNAME", &["x.b.com"]);
    batch(&mut world, &id, &[("DELETE", swapped), ("CREATE", instead)]).unwrap();
    let (_, message) = refused(&mut world, &id, &[("UPSERT", www)]);
    assert!(message.contains("a conflicting RRSet of type CNAME"), "{message}");
    let (_, message) = refused(&mut world, &id, &[("UPSERT", set("*.a.com", "CNAME", &["x.b.com"]))]);
    assert!(message.contains("conflicts with other records"), "{message}");
}

#[test]
fn wrong_records_are_refused() {
    let mut world = world();
    let id = zone(&mut world, "a.com");
    batch(&mut world, &id, &[("CREATE", set("x.a.com", "A", &["192.0.2.1"]))]).unwrap();
    let (long, far) = (format!("\"{}\"", "a".repeat(256)), "Z35SXDOTRQ7X7K");
    for (set, part) in [
        (set("a.org", "A", &["192.0.2.1"]), "RRSet with DNS name a.org. is not permitted in zone a.com."),
        (set("ba.com", "A", &["192.0.2.1"]), "is not permitted in zone"),
        (set("a.com", "CNAME", &["b.com"]), "is not permitted at apex in zone a.com."),
        (set("b.a.com", "A", &["192.0.2"]), "ARRDATAIllegalIPv4Address"),
        (set("b.a.com", "AAAA", &["192.0.2.1"]), "AAAARRDATAIllegalIPv6Address"),
        (set("b.a.com", "A", &["192.0.2.1", "192.0.2.1"]), "Duplicate Resource Record: '192.0.2.1'"),
        (set("b.a.com", "CNAME", &["a..b"]), "DomainLabelEmpty"),
        (set("b.a.com", "CNAME", &["a.b", "a.c"]), "Too many resource records"),
        (set("b.a.com", "TXT", &["no quotes"]), "should be enclosed in quotation marks"),
        (set("b.a.com", "TXT", &["\"open"]), "should be enclosed in quotation marks"),
        (set("b.a.com", "TXT", &[&long]), "CharacterStringTooLong"),
        (set("b.a.com", "MX", &["mail.a.com"]), "MXRRDATA"),
        (set("b.a.com", "SRV", &["1 2 mail.a.com"]), "SRVRRDATA"),
        (set("b.a.com", "CAA", &["issue amazon.com"]), "CAARRDATA"),
        (set("b.a.com", "SOA", &["x"]), "exactly one SOA"),
        (set("b..a.com", "A", &["192.0.2.1"]), "DomainLabelEmpty"),
        (alias("b.a.com", &id, "no.a.com"), "but that target was not found"),
        (alias("b.a.com", &id, "a.org"), "does not lie within the target zone"),
        (alias("b.a.com", "Z32O12XQLNTSW2", "x-1.eu-west-1.elb.amazonaws.com"), "but that target was not found"),
        (alias("b.a.com", far, "x-1.eu-west-1.elb.amazonaws.com"), "does not lie within the target zone"),
    ] {
        let (code, message) = refused(&mut world, &id, &[("UPSERT", set.clone())]);
        assert!(code == "InvalidChangeBatch" && message.contains(part), "{set}: {code} {message}");
    }
    let servers = ok(&mut world, "ListResourceRecordSets", json!({ "HostedZoneId": id }));
    for (at, part) in [(0, "at least one NS record"), (1, "exactly one SOA record")] {
        let (_, message) = refused(&mut world, &id, &[("DELETE", servers["ResourceRecordSets"][at].clone())]);
        assert!(message.contains(part), "{message}");
    }
    let twice = set("t.a.com", "A", &["192.0.2.1"]);
    let (_, message) = refused(&mut world, &id, &[("CREATE", twice.clone()), ("UPSERT", twice)]);
    assert!(message.contains("invalid set of changes for a resource record set 'A t.a.com.'"), "{message}");
    let many: Vec<_> = (0..501).map(|at| ("UPSERT", set(&format!("m{at}.a.com"), "A", &["192.0.2.1"]))).collect();
    assert!(refused(&mut world, &id, &many).1.contains("records limit of 1000"));
    let text = format!("\"{}\"", "a".repeat(250)).repeat(13);
    let wide: Vec<_> = (0..10).map(|at| ("CREATE", set(&format!("m{at}.a.com"), "TXT", &[&text]))).collect();
    assert!(refused(&mut world, &id, &wide).1.contains("characters limit of 32000"));
    batch(
        &mut world,
        &id,
        &[
            ("CREATE", alias("b.a.com", &id, "X.a.com")),
            ("CREATE", alias("a.com", "Z2FDTNDATAQYW2", "d1.cloudfront.net")),
        ],
    )
    .unwrap();
}

#[test]
fn misshapen_changes_are_refused() {
    let mut world = world();
    let id = zone(&mut world, "a.com");
    let good = set("b.a.com", "A", &["192.0.2.1"]);
    let mut both = good.clone();
    both["AliasTarget"] = alias("b.a.com", &id, "a.com")["AliasTarget"].clone();
    let with = |name: &str, value: Json| {
        let mut set = good.clone();
        set[name] = value;
        set
    };
    for set in [
        json!({ "Name": "b.a.com", "Type": "A" }),
        json!({ "Name": "b.a.com", "Type": "A", "TTL": "5" }),
        both,
        with("Type", "B".into()),
        with("Type", Json::Null),
        with("Name", Json::Null),
        with("TTL", "-1".into()),
        with("TTL", "2147483648".into()),
        with("TTL", "x".into()),
        with("SetIdentifier", "one".into()),
        with("Weight", "1".into()),
        with("ResourceRecords", json!([{ "Value": "" }])),
        with("ResourceRecords", json!([{ "Value": "a".repeat(4001) }])),
    ] {
        assert_eq!(refused(&mut world, &id, &[("CREATE", set.clone())]).0, "InvalidInput", "{set}");
    }
    assert_eq!(refused(&mut world, &id, &[("MERGE", good.clone())]).0, "InvalidInput");
    assert_eq!(refused(&mut world, &id, &[]).0, "InvalidInput");
    assert_eq!(refused(&mut world, "Z0", &[("CREATE", good.clone())]).0, "NoSuchHostedZone");
    let mut two = with("Weight", "1".into());
    (two["Region"], two["SetIdentifier"]) = ("eu-west-1".into(), "one".into());
    assert_eq!(refused(&mut world, &id, &[("CREATE", two)]).0, "InvalidInput");
    let mut no = alias("b.a.com", &id, "a.com");
    no["AliasTarget"]["EvaluateTargetHealth"] = Json::Null;
    assert_eq!(refused(&mut world, &id, &[("CREATE", no)]).0, "InvalidInput");
}

#[test]
fn records_are_listed_in_their_order() {
    let mut world = world();
    let id = zone(&mut world, "a.com");
    let mut weighted = |identifier: &str| {
        let mut one = set("w.a.com", "A", &["192.0.2.1"]);
        one["SetIdentifier"] = identifier.into();
        one["Weight"] = "10".into();
        batch(&mut world, &id, &[("CREATE", one)]).unwrap();
    };
    weighted("two");
    weighted("one");
    let plain = set("w.a.com", "A", &["192.0.2.1"]);
    assert!(refused(&mut world, &id, &[("CREATE", plain)]).1.contains("another routing policy"));
    batch(
        &mut world,
        &id,
        &[("CREATE", set("b.z.a.com", "A", &["192.0.2.1"])), ("CREATE", set("c.a.com", "TXT", &["\"\""]))],
    )
    .unwrap();
    let all = ["a.com. NS", "a.com. SOA", "c.a.com. TXT", "w.a.com. A", "w.a.com. A", "b.z.a.com. A"];
    assert_eq!(names(&mut world, &id, json!({})), all);
    let page = ok(&mut world, "ListResourceRecordSets", json!({ "HostedZoneId": id, "MaxItems": "4" }));
    assert_eq!(page["ResourceRecordSets"][3]["SetIdentifier"], "one");
    assert_eq!(page["NextRecordIdentifier"], "two");
    let rest = json!({ "StartRecordName": page["NextRecordName"], "StartRecordType": page["NextRecordType"], "StartRecordIdentifier": "two" });
    assert_eq!(names(&mut world, &id, rest), all[4..]);
    assert_eq!(names(&mut world, &id, json!({ "StartRecordName": "c.a.com" })), all[2..]);
    for (wrong, expected) in [
        (json!({ "StartRecordType": "A" }), "InvalidInput"),
        (json!({ "StartRecordName": "c.a.com", "StartRecordType": "B" }), "InvalidInput"),
        (json!({ "StartRecordName": "c..com" }), "InvalidDomainName"),
        (json!({ "HostedZoneId": "Z0" }), "NoSuchHostedZone"),
    ] {
        let mut input = json!({ "HostedZoneId": id });
        input.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(code(&mut world, "ListResourceRecordSets", input), expected, "{wrong}");
    }
}

#[test]
fn zones_have_tags() {
    let mut world = world();
    let id = zone(&mut world, "a.com");
    let on = |rest: Json| {
        let mut input = json!({ "ResourceType": "hostedzone", "ResourceId": id });
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        input
    };
    let tag = |key: &str| json!({ "Key": key, "Value": "v" });
    ok(&mut world, "ChangeTagsForResource", on(json!({ "AddTags": [tag("a"), tag("b")] })));
    ok(&mut world, "ChangeTagsForResource", on(json!({ "AddTags": [tag("c")], "RemoveTagKeys": ["a"] })));
    let listed = ok(&mut world, "ListTagsForResource", on(json!({})));
    assert_eq!(listed["ResourceTagSet"]["Tags"], json!([tag("b"), tag("c")]));
    let many: Vec<Json> = (0..9).map(|at| tag(&at.to_string())).collect();
    for wrong in [
        json!({}),
        json!({ "AddTags": [tag("aws:x")] }),
        json!({ "AddTags": [tag("")] }),
        json!({ "AddTags": [tag("x"), tag("x")] }),
        json!({ "AddTags": [tag("x")], "RemoveTagKeys": ["x"] }),
        json!({ "AddTags": many }),
        json!({ "RemoveTagKeys": vec!["x"; 11] }),
        json!({ "ResourceType": "planet", "AddTags": [tag("x")] }),
    ] {
        assert_eq!(code(&mut world, "ChangeTagsForResource", on(wrong.clone())), "InvalidInput", "{wrong}");
    }
    let missing = json!({ "ResourceType": "hostedzone", "ResourceId": "Z0" });
    assert_eq!(code(&mut world, "ListTagsForResource", missing), "NoSuchHostedZone");
    let health = json!({ "ResourceType": "healthcheck", "ResourceId": "h" });
    assert_eq!(code(&mut world, "ListTagsForResource", health), "NoSuchHealthCheck");
}

#[test]
fn zones_are_not_listed_by_what_is_not_simulated() {
    let mut world = world();
    for (ask, expected) in [
        (json!({ "HostedZoneType": "Odd" }), "InvalidInput"),
        (json!({ "DelegationSetId": "N1" }), "NoSuchDelegationSet"),
        (json!({ "MaxItems": "0" }), "InvalidInput"),
    ] {
        assert_eq!(code(&mut world, "ListHostedZones", ask.clone()), expected, "{ask}");
    }
}
