//! Drives the operations.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::write_line;
use crate::simulator::ask::Ask;
use crate::simulator::world::World;

fn call(world: &mut World, action: &str, ask: Json) -> Result<Json, String> {
    world.call("logs", action, &Ask(ask)).map_err(|refusal| refusal.code)
}

fn world(groups: &[&str]) -> World {
    let mut world = World::new(1, "us-east-1");
    for name in groups {
        call(&mut world, "CreateLogGroup", json!({ "logGroupName": name, "tags": { "owner": "me" } })).unwrap();
    }
    world
}

fn refused(world: &mut World, action: &str, ask: Json) -> String {
    call(world, action, ask).unwrap_err()
}

#[test]
fn groups_come_and_go() {
    let mut world = world(&["/a/1", "/a/2", "/a/3", "/b"]);
    let named = |name: &str| json!({ "logGroupName": name });
    assert_eq!(refused(&mut world, "CreateLogGroup", named("/b")), "ResourceAlreadyExistsException");
    for bad in ["", "a b", "aws/x", &"a".repeat(513)] {
        assert_eq!(refused(&mut world, "CreateLogGroup", named(bad)), "InvalidParameterException");
    }
    let page = call(&mut world, "DescribeLogGroups", json!({ "logGroupNamePrefix": "/a", "limit": 2 })).unwrap();
    assert_eq!(page["logGroups"][1]["arn"], "arn:aws:logs:us-east-1:123456789012:log-group:/a/2:*");
    let rest = json!({ "logGroupNamePrefix": "/a", "limit": 2, "nextToken": page["nextToken"] });
    let rest = call(&mut world, "DescribeLogGroups", rest).unwrap();
    assert_eq!((rest["logGroups"].as_array().unwrap().len(), &rest["nextToken"]), (1, &Json::Null));
    assert_eq!(refused(&mut world, "DescribeLogGroups", json!({ "limit": 51 })), "InvalidParameterException");
    let both = json!({ "logGroupNamePrefix": "/a", "logGroupNamePattern": "a" });
    assert_eq!(refused(&mut world, "DescribeLogGroups", both), "InvalidParameterException");
    call(&mut world, "DeleteLogGroup", named("/b")).unwrap();
    assert_eq!(refused(&mut world, "DeleteLogGroup", named("/b")), "ResourceNotFoundException");
    let odd = json!({ "logGroupName": "/c", "logGroupClass": "ODD" });
    assert_eq!(refused(&mut world, "CreateLogGroup", odd), "InvalidParameterException");
    let safe = json!({ "logGroupName": "/c", "deletionProtectionEnabled": true });
    call(&mut world, "CreateLogGroup", safe).unwrap();
    assert_eq!(refused(&mut world, "DeleteLogGroup", named("/c")), "ValidationException");
}

#[test]
fn retention_hides_what_is_old() {
    let mut world = world(&["/a"]);
    let keep = |days: i64| json!({ "logGroupName": "/a", "retentionInDays": days });
    assert_eq!(refused(&mut world, "PutRetentionPolicy", keep(2)), "InvalidParameterException");
    call(&mut world, "PutRetentionPolicy", keep(1)).unwrap();
    assert!(write_line(&mut world, "/a", "s", "old"));
    world.advance(Duration::from_secs(86_401));
    let get = json!({ "logGroupName": "/a", "logStreamName": "s" });
    assert_eq!(call(&mut world, "GetLogEvents", get.clone()).unwrap()["events"], json!([]));
    let groups = call(&mut world, "DescribeLogGroups", json!({})).unwrap();
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 1);
    call(&mut world, "DeleteRetentionPolicy", json!({ "logGroupName": "/a" })).unwrap();
    assert_eq!(call(&mut world, "GetLogEvents", get).unwrap()["events"][0]["message"], "old");
    for action in ["PutRetentionPolicy", "DeleteRetentionPolicy"] {
        let none = json!({ "logGroupName": "/none", "retentionInDays": 1 });
        assert_eq!(refused(&mut world, action, none), "ResourceNotFoundException");
    }
}

#[test]
fn tags_by_arn() {
    let mut world = world(&["/a"]);
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/a";
    call(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": { "x": "1" } })).unwrap();
    let list = json!({ "resourceArn": arn });
    assert_eq!(
        call(&mut world, "ListTagsForResource", list.clone()).unwrap()["tags"],
        json!({ "owner": "me", "x": "1" })
    );
    call(&mut world, "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["owner"] })).unwrap();
    assert_eq!(call(&mut world, "ListTagsForResource", list).unwrap()["tags"], json!({ "x": "1" }));
    for (arn, code) in
        [(format!("{arn}:*"), "InvalidParameterException"), (format!("{arn}b"), "ResourceNotFoundException")]
    {
        assert_eq!(refused(&mut world, "ListTagsForResource", json!({ "resourceArn": arn })), code);
    }
    for tags in
        [json!({ "aws:x": "" }), json!({ "a!": "" }), json!({ "k".repeat(129): "" }), json!({ "k": "v".repeat(257) })]
    {
        let ask = json!({ "resourceArn": arn, "tags": tags });
        assert_eq!(refused(&mut world, "TagResource", ask), "InvalidParameterException");
    }
    let many: serde_json::Map<String, Json> = (0..50).map(|number| (format!("k{number}"), json!(""))).collect();
    assert_eq!(
        refused(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": &many })),
        "TooManyTagsException"
    );
    let mut more = many;
    more.insert("more".into(), json!(""));
    let born = json!({ "logGroupName": "/b", "tags": more });
    assert_eq!(refused(&mut world, "CreateLogGroup", born), "TooManyTagsException");
}

#[test]
fn streams_are_listed_and_paged() {
    let mut world = world(&["/a"]);
    let stream = |name: &str| json!({ "logGroupName": "/a", "logStreamName": name });
    for name in ["s1", "s2", "t"] {
        call(&mut world, "CreateLogStream", stream(name)).unwrap();
    }
    assert_eq!(refused(&mut world, "CreateLogStream", stream("t")), "ResourceAlreadyExistsException");
    assert_eq!(refused(&mut world, "CreateLogStream", stream("a:b")), "InvalidParameterException");
    write_line(&mut world, "/a", "s1", "x");
    let page = call(&mut world, "DescribeLogStreams", json!({ "logGroupName": "/a", "limit": 2 })).unwrap();
    let rest = json!({ "logGroupName": "/a", "limit": 2, "nextToken": page["nextToken"] });
    let rest = call(&mut world, "DescribeLogStreams", rest).unwrap();
    assert_eq!(rest["logStreams"][0]["logStreamName"], "t");
    assert_eq!(rest["nextToken"], Json::Null);
    let latest = json!({ "logGroupIdentifier": "arn:aws:logs:us-east-1:123456789012:log-group:/a:*",
        "orderBy": "LastEventTime", "descending": true });
    let latest = call(&mut world, "DescribeLogStreams", latest).unwrap();
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/a:log-stream:s1";
    assert_eq!(latest["logStreams"][0]["arn"], arn);
    let both = json!({ "logGroupName": "/a", "orderBy": "LastEventTime", "logStreamNamePrefix": "s" });
    assert_eq!(refused(&mut world, "DescribeLogStreams", both), "InvalidParameterException");
    let odd = json!({ "logGroupName": "/a", "orderBy": "Size" });
    assert_eq!(refused(&mut world, "DescribeLogStreams", odd), "InvalidParameterException");
    let lost = json!({ "logGroupName": "/a", "nextToken": "none" });
    assert_eq!(refused(&mut world, "DescribeLogStreams", lost), "InvalidParameterException");
    assert_eq!(refused(&mut world, "DescribeLogStreams", json!({})), "InvalidParameterException");
    call(&mut world, "DeleteLogStream", stream("t")).unwrap();
    assert_eq!(refused(&mut world, "DeleteLogStream", stream("t")), "ResourceNotFoundException");
    let none = json!({ "logGroupName": "/none", "logStreamName": "s" });
    for action in ["CreateLogStream", "DeleteLogStream", "PutLogEvents"] {
        assert_eq!(refused(&mut world, action, none.clone()), "ResourceNotFoundException", "{action}");
    }
}

#[test]
fn events_are_read_in_both_directions() {
    let mut world = world(&["/a"]);
    assert!(!write_line(&mut world, "/none", "s", "x"));
    for second in 1..=5 {
        world.advance(Duration::from_secs(second));
        write_line(&mut world, "/a", "s", &format!("line {second}"));
    }
    let ask = |token: &Json| json!({ "logGroupName": "/a", "logStreamName": "s", "limit": 2, "nextToken": token });
    let last = call(&mut world, "GetLogEvents", ask(&Json::Null)).unwrap();
    assert_eq!(last["events"][0]["message"], "line 4");
    let before = call(&mut world, "GetLogEvents", ask(&last["nextBackwardToken"])).unwrap();
    assert_eq!(before["events"][1]["message"], "line 3");
    let end = call(&mut world, "GetLogEvents", ask(&last["nextForwardToken"])).unwrap();
    assert_eq!((&end["events"], &end["nextForwardToken"]), (&json!([]), &last["nextForwardToken"]));
    let head = json!({ "logGroupName": "/a", "logStreamName": "s", "startFromHead": true, "limit": 1,
        "startTime": 1_767_225_602_000_i64, "endTime": 1_767_225_604_000_i64 });
    assert_eq!(call(&mut world, "GetLogEvents", head).unwrap()["events"][0]["message"], "line 2");
    assert_eq!(refused(&mut world, "GetLogEvents", ask(&json!("odd"))), "InvalidParameterException");
    let none = json!({ "logGroupName": "/a", "logStreamName": "none" });
    assert_eq!(refused(&mut world, "GetLogEvents", none), "ResourceNotFoundException");
}

#[test]
fn events_are_searched_over_streams() {
    let mut world = world(&["/a"]);
    for (stream, line) in [("s1", "an error"), ("s2", "all fine"), ("s2", "error again")] {
        write_line(&mut world, "/a", stream, line);
    }
    let page = call(&mut world, "FilterLogEvents", json!({ "logGroupName": "/a", "limit": 2 })).unwrap();
    let rest = json!({ "logGroupName": "/a", "limit": 2, "nextToken": page["nextToken"] });
    let rest = call(&mut world, "FilterLogEvents", rest).unwrap();
    assert_eq!((rest["events"].as_array().unwrap().len(), &rest["nextToken"]), (1, &Json::Null));
    for (pattern, count) in [("error", 2), ("error -again", 1), ("\"all fine\"", 1), ("error fine", 0)] {
        let ask = json!({ "logGroupName": "/a", "filterPattern": pattern });
        let found = call(&mut world, "FilterLogEvents", ask).unwrap();
        assert_eq!(found["events"].as_array().unwrap().len(), count, "{pattern}");
    }
    let one = json!({ "logGroupName": "/a", "logStreamNames": ["s1"] });
    assert_eq!(call(&mut world, "FilterLogEvents", one).unwrap()["events"][0]["logStreamName"], "s1");
    for (ask, code) in [
        (json!({ "logGroupName": "/a", "logStreamNames": ["none"] }), "ResourceNotFoundException"),
        (json!({ "logGroupName": "/none" }), "ResourceNotFoundException"),
        (
            json!({ "logGroupName": "/a", "logStreamNames": ["s1"], "logStreamNamePrefix": "s" }),
            "InvalidParameterException",
        ),
        (json!({ "logGroupName": "/a", "nextToken": "odd" }), "InvalidParameterException"),
        (json!({ "logGroupName": "/a", "filterPattern": "{ $.x = 1 }" }), "NotImplemented"),
    ] {
        assert_eq!(refused(&mut world, "FilterLogEvents", ask), code);
    }
}

#[test]
fn batches_are_checked() {
    let mut world = world(&["/a"]);
    world.advance(Duration::from_secs(3600));
    let now = 1_767_229_200_000_i64;
    let ask = |events: Json| json!({ "logGroupName": "/a", "logStreamName": "s", "logEvents": events });
    let line = |at: i64| json!({ "timestamp": at, "message": "x" });
    assert_eq!(refused(&mut world, "PutLogEvents", ask(json!([line(now)]))), "ResourceNotFoundException");
    call(&mut world, "CreateLogStream", json!({ "logGroupName": "/a", "logStreamName": "s" })).unwrap();
    let hour = 3_600_000;
    for bad in [
        json!([]),
        json!([{ "message": "x" }]),
        json!([line(now), line(now - 1)]),
        json!([line(now - 25 * hour), line(now)]),
        json!([{ "timestamp": now, "message": "x".repeat(1_048_576) }]),
    ] {
        assert_eq!(refused(&mut world, "PutLogEvents", ask(bad)), "InvalidParameterException");
    }
    let answer = call(&mut world, "PutLogEvents", ask(json!([line(now), line(now + 3 * hour)]))).unwrap();
    assert_eq!(answer["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"], 1);
    let answer = call(&mut world, "PutLogEvents", ask(json!([line(now - 15 * 24 * hour)]))).unwrap();
    assert_eq!(answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1);
    let get = json!({ "logGroupName": "/a", "logStreamName": "s" });
    assert_eq!(call(&mut world, "GetLogEvents", get).unwrap()["events"].as_array().unwrap().len(), 1);
}

#[test]
fn keys_and_protection() {
    let mut world = world(&["/k"]);
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd";
    let ask = |key: &str| json!({ "logGroupName": "/k", "kmsKeyId": key });
    call(&mut world, "AssociateKmsKey", ask(key)).unwrap();
    let shown = |world: &mut World| call(world, "DescribeLogGroups", json!({})).unwrap()["logGroups"][0].clone();
    assert_eq!(shown(&mut world)["kmsKeyId"], key);
    assert_eq!(refused(&mut world, "AssociateKmsKey", ask("alias/x")), "InvalidParameterException");
    assert_eq!(
        refused(&mut world, "CreateLogGroup", json!({ "logGroupName": "/l", "kmsKeyId": "x" })),
        "InvalidParameterException"
    );
    call(&mut world, "DisassociateKmsKey", json!({ "logGroupName": "/k" })).unwrap();
    assert!(shown(&mut world)["kmsKeyId"].is_null());
    assert_eq!(refused(&mut world, "DisassociateKmsKey", json!({ "logGroupName": "/x" })), "ResourceNotFoundException");
    let protect = |on: bool| json!({ "logGroupIdentifier": "/k", "deletionProtectionEnabled": on });
    call(&mut world, "PutLogGroupDeletionProtection", protect(true)).unwrap();
    assert_eq!(refused(&mut world, "DeleteLogGroup", json!({ "logGroupName": "/k" })), "ValidationException");
    call(&mut world, "PutLogGroupDeletionProtection", protect(false)).unwrap();
    call(&mut world, "DeleteLogGroup", json!({ "logGroupName": "/k" })).unwrap();
    assert_eq!(refused(&mut world, "PutLogGroupDeletionProtection", protect(true)), "ResourceNotFoundException");
    let half = json!({ "logGroupIdentifier": "/k" });
    assert_eq!(refused(&mut world, "PutLogGroupDeletionProtection", half), "InvalidParameterException");
}
