//! Tests of the protocols without a socket.

use serde_json::{Value as Json, json};

use super::services::{ANY_QUERY, named};
use super::*;
use crate::simulator::refusal::Answer;

fn request(service: &str, body: &str) -> Request {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host");
    let headers = vec![("Authorization".into(), scope)];
    Request { method: "POST".into(), headers, body: body.into(), ..Request::default() }
}

fn target(target: &str, body: &str) -> Request {
    let headers = vec![("X-Amz-Target".into(), target.into())];
    Request { method: "POST".into(), headers, body: body.into(), ..Request::default() }
}

fn tree(service: &str, fields: &str) -> Json {
    decode(&request(service, &format!("Action=X&{fields}"))).unwrap().ask.0
}

fn refused(request: &Request) -> (u16, String) {
    let refusal = decode(request).unwrap_err();
    (refusal.status, refusal.code)
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

fn written(service: &str, answer: &Answer) -> Reply {
    encode(named(service).unwrap(), "Do", "id-1", answer)
}

#[test]
fn a_form_becomes_a_tree() {
    let ec2 =
        tree("ec2", "Filter.2.Name=b&Filter.1.Name=a&Filter.1.Value.1=x+y&Filter.1.Value.2=%C3%A4&VpcId.1=vpc-1&N=");
    let filter = json!([{ "Name": "a", "Value": ["x y", "ä"] }, { "Name": "b" }]);
    assert_eq!(ec2, json!({ "Filter": filter, "VpcId": ["vpc-1"], "N": "" }));
    let numbers: String = (1..=11).rev().map(|n| format!("&V.{n}={n}")).collect();
    assert_eq!(tree("ec2", &numbers)["V"][10], "11");
    let iam = tree("iam", "Names.member.1=a&Tags.member.1.Key=k&Tags.member.1.Value=v&One.member=1");
    assert_eq!(iam, json!({ "Names": ["a"], "Tags": [{ "Key": "k", "Value": "v" }], "One": { "member": "1" } }));
}

#[test]
fn the_service_is_in_the_scope_or_the_version() {
    let body = "Action=DescribeVpcs&Version=2016-11-15";
    assert_eq!(decode(&request("ec2", body)).unwrap().service.name, "ec2");
    let unsigned = |body: &str| Request { method: "POST".into(), body: body.into(), ..Request::default() };
    let call = decode(&unsigned(body)).unwrap();
    assert_eq!((call.service.name, call.action.as_str(), call.ask.0), ("ec2", "DescribeVpcs", json!({})));
    assert_eq!(refused(&unsigned("Action=X")), (400, "InvalidAction".into()));
    assert_eq!(super::decode::service(&unsigned("Action=X")), ANY_QUERY);
    // Classic load balancers.
    let classic = request("elasticloadbalancing", "Action=DescribeLoadBalancers&Version=2012-06-01");
    assert_eq!(refused(&classic), (501, "NotImplemented".into()));
    let query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=A%2F20260101%2Fr%2Fsts%2Faws4_request";
    let get = Request { method: "GET".into(), query: query.into(), ..Request::default() };
    let call = decode(&get).unwrap();
    assert_eq!((call.service.name, call.ask.0), ("sts", json!({})));
    assert_eq!(refused(&Request { method: "PUT".into(), ..get }), (405, "MethodNotAllowed".into()));
}

#[test]
fn json_comes_as_it_is() {
    let call = decode(&target("AmazonSSM.GetParameter", r#"{"Name":"a"}"#)).unwrap();
    assert_eq!((call.service.name, call.action.as_str(), call.ask.0), ("ssm", "GetParameter", json!({ "Name": "a" })));
    let call = decode(&target("AmazonEC2ContainerServiceV20141113.ListClusters", "")).unwrap();
    assert_eq!((call.service.name, call.ask.0), ("ecs", json!({})));
    assert_eq!(decode(&target("Logs_20140328.X", "{}")).unwrap().service.name, "logs");
}

#[test]
fn nonsense_is_refused_in_the_protocol() {
    let malformed = (404, "MalformedQueryString".to_owned());
    let deep = "a.".repeat(100_000);
    let long = format!("Filter.{}.Name=a", "9".repeat(40));
    let wrong =
        ["a=%zz", "a=%", "a=%4", "a=%ff", "Filter.999999999.Name=x", "A=1&A.B=2", "A.B=2&A=1", "A..B=1", "A=1&A=1"];
    for fields in wrong.into_iter().chain([deep.as_str(), long.as_str()]) {
        assert_eq!(refused(&request("ec2", &format!("Action=X&{fields}"))), malformed, "{fields:.60}");
    }
    assert_eq!(refused(&request("ec2", "")), (400, "MissingAction".into()));
    assert_eq!(refused(&request("ec2", "Action=<x>")), (400, "MissingAction".into()));
    assert_eq!(refused(&request("ec2", "Action.1=x")), (400, "MissingAction".into()));
    let nested = format!("{}{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    for body in ["{", "[]", "\u{0}", "nul", nested.as_str()] {
        assert_eq!(refused(&target("AmazonSSM.GetParameter", body)), (400, "SerializationException".into()));
    }
    for wrong in ["AmazonSSM", "Nobody.Do", "AmazonSSM.", "AmazonSSM.a b"] {
        assert_eq!(refused(&target(wrong, "{}")), (400, "UnknownOperationException".into()));
    }
    assert_eq!(refused(&request("ecs", "Action=X")), (400, "UnknownOperationException".into()));

    let mut world = World::new(1, "eu-west-1");
    let reply = answer(&mut world, &request("ec2", "Action=X&a=%zz"));
    assert!(text(&reply).contains("<Response><Errors><Error><Code>MalformedQueryString</Code>"), "{}", text(&reply));
    let reply = answer(&mut world, &target("AmazonSSM.GetParameter", "{"));
    assert!(text(&reply).starts_with(r#"{"__type":"SerializationException","message":"#), "{}", text(&reply));
    assert_eq!(world.log.len(), 2);
    assert_eq!(world.log[0].outcome, "MalformedQueryString");
}

#[test]
fn no_bytes_make_it_panic() {
    let mut random = fastrand::Rng::with_seed(7);
    let pieces =
        ["Action=", "&", "=", ".", "1", "member", "%", "%4", "%41", "Version=2010-05-08", "a", "{", "\"", "[", ":"];
    for _ in 0..20_000 {
        let body: String = (0..random.usize(..20)).map(|_| pieces[random.usize(..pieces.len())]).collect();
        let _ = decode(&request(["ec2", "iam", "x/y", ""][random.usize(..4)], &body));
        let _ = decode(&target("AmazonSSM.GetParameter", &body));
    }
}

#[test]
fn answers_wear_their_envelope() {
    let answer =
        Ok(json!({ "set": [{ "a": "<&>\"\r\u{1}", "b": 1, "c": true, "d": null }, "x"], "none": [], "s": "" }));
    let reply = written("ec2", &answer);
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DoResponse \
        xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>id-1</requestId><set><item>\
        <a>&lt;&amp;&gt;&quot;&#13;\u{fffd}</a><b>1</b><c>true</c></item><item>x</item></set><none/><s/></DoResponse>";
    assert_eq!(text(&reply), expected);
    assert_eq!(reply.headers[0], ("x-amzn-RequestId", "id-1".to_owned()));
    let reply = written("iam", &Ok(json!({ "Names": ["a"] })));
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DoResponse \
        xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><DoResult><Names><member>a</member></Names></DoResult>\
        <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>";
    assert_eq!(text(&reply), expected);
    assert!(text(&written("iam", &Ok(Json::Null))).contains("<DoResult/>"));
    let reply = written("ecs", &Ok(json!({ "a": [{ "b": null, "c": 1.5 }] })));
    assert_eq!((text(&reply), reply.status), (r#"{"a":[{"c":1.5}]}"#, 200));
    assert_eq!(reply.headers[1], ("content-type", "application/x-amz-json-1.1".to_owned()));
}

#[test]
fn refusals_wear_theirs() {
    let refusal = Err(Refusal::new("NoSuch<Thing>", "a & b").with_status(409));
    let reply = written("ec2", &refusal);
    let inside = "<Error><Code>NoSuch&lt;Thing&gt;</Code><Message>a &amp; b</Message></Error>";
    let ec2 = format!("<Response><Errors>{inside}</Errors><RequestID>id-1</RequestID></Response>");
    assert!(text(&reply).ends_with(&ec2), "{}", text(&reply));
    assert_eq!(reply.status, 409);
    let reply = written("elasticloadbalancing", &refusal);
    assert!(
        text(&reply).contains("<ErrorResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">")
    );
    assert!(text(&reply).contains("<Error><Type>Sender</Type><Code>"));
    assert!(text(&reply).ends_with("</Error><RequestId>id-1</RequestId></ErrorResponse>"));
    let reply = written("sts", &Err(Refusal::new("InternalFailure", "").with_status(500)));
    assert!(text(&reply).contains("<Type>Receiver</Type>"));
    let reply = written("ssm", &Err(Refusal::new("ParameterNotFound", "")));
    assert_eq!((text(&reply), reply.status), (r#"{"__type":"ParameterNotFound"}"#, 400));
    assert!(reply.headers.contains(&("x-amzn-errortype", "ParameterNotFound".to_owned())));
}

#[test]
fn a_rest_service_is_known_by_scope_or_path() {
    let path = "/2013-04-01/hostedzone".to_owned();
    let body = "<R><Name>a.com</Name><CallerReference>r</CallerReference></R>";
    let signed = Request { path: path.clone(), ..request("route53", body) };
    let unsigned = Request { method: "POST".into(), path, body: body.into(), ..Request::default() };
    assert_eq!(decode(&signed).unwrap(), decode(&unsigned).unwrap());
    let mut world = World::new(1, "eu-west-1");
    let reply = answer(&mut world, &unsigned);
    let place = reply.headers.iter().find(|(name, _)| *name == "location").unwrap().1.clone();
    assert!(place.starts_with("https://route53.amazonaws.com/2013-04-01/hostedzone/Z"), "{place}");
    let beginning =
        "<CreateHostedZoneResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><HostedZone><Id>";
    assert!(text(&reply).contains(beginning) && !text(&reply).contains("Location"), "{}", text(&reply));
    assert!(text(&reply).contains("<NameServers><NameServer>ns-"), "{}", text(&reply));
    assert_eq!(reply.status, 201);
    let again = answer(&mut world, &signed);
    assert_eq!(again.status, 409);
    let error = "<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error><Type>Sender</Type>\
        <Code>HostedZoneAlreadyExists</Code>";
    assert!(text(&again).contains(error), "{}", text(&again));
    let lost = answer(&mut world, &Request { path: "/2013-04-01/moon".into(), ..request("route53", "") });
    assert!(lost.status == 501 && text(&lost).contains("<Code>NotImplemented</Code>"), "{}", text(&lost));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let whole = || {
        let mut world = World::new(3, "eu-west-1");
        let one = answer(&mut world, &request("sts", "Action=GetCallerIdentity&Version=2011-06-15"));
        let two = answer(&mut world, &request("sts", "Action=Unheard&Version=2011-06-15"));
        (one, two)
    };
    assert_eq!(whole(), whole());
    assert_eq!((whole().0.status, whole().1.status), (200, 501));
    assert_ne!(whole().0.headers, whole().1.headers);
}
