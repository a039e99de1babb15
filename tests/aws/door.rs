//! The simulator's door, as clients see it that we didn't write: plain HTTP, and boto3 by `judge.py`.
//!
//! `FARGATE_TEST_PYTHON` is a Python that has boto3; else that of `.venv`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_fargate::simulator::listener::{self, Options};
use terraform_provider_fargate::simulator::refusal::{Answer, Refusal};
use terraform_provider_fargate::simulator::wire;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

/// A door that is open.
pub struct Door {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Door {
    pub async fn open(speed: f64) -> Self {
        let options = Options { listen: ([127, 0, 0, 1], 0).into(), speed, seed: 1, region: "eu-west-1".into() };
        let (socket, address) = listener::bind(options.listen).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        let served = tokio::spawn(listener::serve_on(socket, speed, options.world(), stopped));
        Self { address, stop, served }
    }

    pub async fn close(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(10), self.served).await.unwrap().unwrap().unwrap();
        assert!(TcpStream::connect(self.address).is_err());
    }

    /// Sends a request, gives the status and the body.
    async fn ask(&self, method: &str, path: &str, headers: &str, body: Vec<u8>) -> (u16, String) {
        let (address, length) = (self.address, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        let answer = spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            // A server that has had enough may close before all is said.
            let _ = stream.write_all(&body);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8(answer).unwrap()
        });
        let answer = answer.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    async fn overview(&self) -> Json {
        serde_json::from_str(&self.ask("GET", "/simulator/world", "", Vec::new()).await.1).unwrap()
    }
}

/// Runs the judge; gives what it prints.
fn judge(arguments: &[&str], input: &str) -> String {
    script("judge.py", arguments, input)
}

/// Runs one of `tests/emulator/`'s scripts; gives what it prints.
pub fn script(name: &str, arguments: &[&str], input: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os("FARGATE_TEST_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| root.join(".venv/bin/python"));
    let mut command = Command::new(&python);
    command
        .arg("-B")
        .arg(root.join("tests/emulator").join(name))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name} {arguments:?}: see above");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_calls() {
    // Fast enough not to wait; slow enough that what AWS shows for an hour stays long enough to be seen.
    let door = Door::open(1000.0).await;
    let url = format!("http://{}", door.address);
    let told = spawn_blocking(move || judge(&["live", &url], "")).await.unwrap();
    print!("boto3: {told}");
    door.close().await;
}

#[test]
fn boto3_requests_are_understood() {
    let cases: Vec<Json> = serde_json::from_str(&judge(&["requests"], "")).unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        let headers = case["headers"].as_object().unwrap().iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let request = wire::Request {
            method: text("method"),
            path: text("path"),
            query: text("query"),
            headers,
            body: text("body").into(),
        };
        let call = wire::decode(&request).unwrap();
        assert_eq!((call.service.name, call.action), (text("service").as_str(), text("action")));
        assert_eq!(call.ask.0, case["tree"]);
    }
}

/// What watches the provider's requests finds wrong ones wrong, and right ones right.
#[test]
fn wrong_requests_are_found_out() {
    print!("asked: {}", judge(&["asked"], ""));
}

/// A made-up answer, and what botocore must make of it.
fn case(service: &str, boto: &str, operation: &str, answer: &Answer, expected: &Json) -> Json {
    let body = format!("Action={operation}");
    let scope = format!("AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/{service}/aws4_request");
    let mut headers = vec![("authorization".into(), scope)];
    let target = |prefix: &str| ("x-amz-target".into(), format!("{prefix}.{operation}"));
    match service {
        "ecs" => headers.push(target("AmazonEC2ContainerServiceV20141113")),
        "logs" => headers.push(target("Logs_20140328")),
        "ssm" => headers.push(target("AmazonSSM")),
        _ => {}
    }
    let body = if headers.len() > 1 { "{}".into() } else { body };
    let request = wire::Request { method: "POST".into(), headers, body: body.into(), ..wire::Request::default() };
    let call = wire::decode(&request).unwrap();
    let reply = wire::encode(call.service, &call.action, "id-1", answer);
    let headers: serde_json::Map<_, _> =
        reply.headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let body = String::from_utf8(reply.body).unwrap();
    json!({ "service": boto, "operation": operation, "status": reply.status, "headers": headers, "body": body, "expected": expected })
}

#[test]
fn botocore_reads_answers() {
    let odd = "<a href=\"x\">&amp; ü\r\n\t]]></a>";
    let permission =
        json!({ "ipProtocol": "tcp", "fromPort": 80, "ipRanges": [{ "cidrIp": "0.0.0.0/0" }], "groups": [] });
    let group = json!({ "groupId": "sg-1", "ipPermissions": [permission], "tagSet": null });
    let expected =
        json!({ "IpProtocol": "tcp", "FromPort": 80, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }], "UserIdGroupPairs": [] });
    let health = json!([{ "Target": { "Id": "10.0.0.1", "Port": 80 }, "TargetHealth": { "State": "healthy" } }]);
    let task =
        json!({ "clusters": [{ "clusterName": odd, "runningTasksCount": 2, "tags": [{ "key": "k", "value": "" }] }] });
    let log =
        json!({ "logGroups": [{ "logGroupName": "/a", "creationTime": 1_767_225_600_123_i64, "retentionInDays": 7 }] });
    let refusal = || Err(Refusal::new("Some.Code", odd).with_status(409));
    let mut cases = vec![
        case(
            "ec2",
            "ec2",
            "DescribeVpcs",
            &Ok(
                json!({ "vpcSet": [{ "vpcId": "v", "isDefault": false, "tagSet": [{ "key": odd, "value": "" }] }, {}] }),
            ),
            &json!({ "Vpcs": [{ "VpcId": "v", "IsDefault": false, "Tags": [{ "Key": odd, "Value": "" }] }, {}] }),
        ),
        case(
            "ec2",
            "ec2",
            "DescribeSecurityGroups",
            &Ok(json!({ "securityGroupInfo": [group], "nextToken": "n" })),
            &json!({ "SecurityGroups": [{ "GroupId": "sg-1", "IpPermissions": [expected] }], "NextToken": "n" }),
        ),
        case("ec2", "ec2", "DeleteRoute", &Ok(json!({ "return": true })), &json!({})),
        case(
            "elasticloadbalancing",
            "elbv2",
            "DescribeTargetHealth",
            &Ok(json!({ "TargetHealthDescriptions": health })),
            &json!({ "TargetHealthDescriptions": health }),
        ),
        case("elasticloadbalancing", "elbv2", "DeleteLoadBalancer", &Ok(json!({})), &json!({})),
        case("sts", "sts", "GetCallerIdentity", &Ok(json!({ "Account": "1" })), &json!({ "Account": "1" })),
        case("ecs", "ecs", "DescribeClusters", &Ok(task.clone()), &task),
        case("logs", "logs", "DescribeLogGroups", &Ok(log.clone()), &log),
        case("ssm", "ssm", "DeleteParameter", &Ok(json!({})), &json!({})),
    ];
    for (service, boto, operation) in [
        ("ec2", "ec2", "DescribeVpcs"),
        ("elasticloadbalancing", "elbv2", "DescribeTags"),
        ("iam", "iam", "GetRole"),
        ("sts", "sts", "GetCallerIdentity"),
        ("ecs", "ecs", "DescribeClusters"),
        ("logs", "logs", "DescribeLogGroups"),
        ("ssm", "ssm", "GetParameter"),
    ] {
        let expected = json!({ "Error": { "Code": "Some.Code", "Message": odd } });
        cases.push(case(service, boto, operation, &refusal(), &expected));
    }
    judge(&["answers"], &Json::Array(cases).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_the_world() {
    let door = Door::open(1000.0).await;
    assert_eq!(door.ask("GET", "/healthz", "", Vec::new()).await, (200, "ok\n".into()));
    let first = door.overview().await;
    assert_eq!(first["world"]["region"], "eu-west-1");
    tokio::time::sleep(Duration::from_millis(30)).await;
    let get = "/?Action=GetCallerIdentity&Version=2011-06-15";
    assert_eq!(door.ask("GET", get, "", Vec::new()).await.0, 200);
    let second = door.overview().await;
    let seconds = |overview: &Json| overview["world"]["seconds"].as_f64().unwrap();
    assert!(seconds(&second) - seconds(&first) >= 30.0, "{first} {second}");
    assert_eq!(second["last"][0]["what"], "sts:GetCallerIdentity");
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_answered() {
    let door = Door::open(1.0).await;
    let target = "X-Amz-Target: AmazonSSM.GetParameter\r\n";
    let (status, body) = door.ask("POST", "/", target, vec![b'{'; 1000]).await;
    assert!(status == 400 && body.contains("SerializationException"), "{status} {body}");
    let (status, body) = door.ask("POST", "/", target, vec![b' '; 4 * 1024 * 1024 + 1]).await;
    assert!(status == 413 && body.contains("RequestEntityTooLarge"), "{status} {body}");
    let (status, body) = door.ask("POST", "/any/path", "", b"Action=A&Version=2016-11-15&x=%".to_vec()).await;
    assert!(status == 404 && body.contains("<Code>MalformedQueryString</Code>"), "{status} {body}");
    assert_eq!(door.ask("BREW", "/", "", Vec::new()).await.0, 405);
    door.close().await;
}

#[tokio::test]
async fn a_speed_that_is_none_is_refused() {
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = Options { listen: ([127, 0, 0, 1], 0).into(), speed, seed: 1, region: "r".into() };
        let world = options.world();
        let error = listener::serve(options, world, std::future::pending()).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_lingers_does_not_keep_it_open() {
    let door = Door::open(1.0).await;
    let mut half = TcpStream::connect(door.address).unwrap();
    half.write_all(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    door.close().await;
}
