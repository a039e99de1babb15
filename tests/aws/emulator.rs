//! The emulated AWS of one test: moto behind the filter of `tests/emulator/`, a process that ends with the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::deadline::until;

pub const REGION: &str = "eu-west-3";
pub const ACCOUNT: &str = "123456789012";

/// What stands in the account, by kind: the ids that the independent count of `census.py` found.
pub type Census = BTreeMap<String, BTreeSet<String>>;

pub struct Emulator {
    pub url: String,
    dir: TempDir,
    _process: Script,
    hand: Mutex<Script>,
}

impl Emulator {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder for the emulator");
        let file = |name: &str| dir.path().join(name).into_os_string().into_string().expect("UTF-8");
        let arguments = ["--complete-rollouts", "--log", &file("calls"), "--rules", &file("rules")];
        let mut process = Script::start("emulator.py", &arguments, &dir.path().join("complaints"));
        let line = process.line();
        let url = line.strip_prefix("LISTENING ").unwrap_or_else(|| panic!("the emulator says {line}")).to_owned();
        let hand = Script::start("hand.py", &[&url, REGION], &dir.path().join("complaints-of-hand"));
        Self { url, dir, _process: process, hand: Mutex::new(hand) }
    }

    /// Sets the rules that hold or fail calls (see `tests/emulator/filter.py`); `json!([])` lifts all.
    pub fn rules(&self, rules: &Value) {
        let (new, set) = (self.dir.path().join("rules.new"), self.dir.path().join("rules"));
        fs::write(&new, rules.to_string()).and_then(|()| fs::rename(new, set)).expect("rules to write");
    }

    /// All calls until now, oldest first, as `service:Action`. The harness' own calls are among them.
    pub fn calls(&self) -> Vec<String> {
        let lines = self.log().into_iter().filter(|call| call["held"].is_null());
        lines.map(|call| format!("{}:{}", text(&call["service"]), text(&call["action"]))).collect()
    }

    /// Waits until a rule holds a call of this action.
    pub fn wait_until_held(&self, action: &str) {
        until(&format!("{action} to be held"), Duration::from_secs(60), || {
            self.log().iter().any(|call| call["held"] == true && call["action"] == action).then_some(())
        });
    }

    /// An independent count of all that stands.
    pub fn census(&self) -> Census {
        let found = self.ask(&json!("census")).unwrap_or_else(|error| panic!("census: {error}"));
        serde_json::from_value(found).expect("kinds and ids")
    }

    /// One call behind Terraform's back. The names are boto3's: `call("ec2", "describe_vpcs", &json!({}))`.
    #[track_caller]
    pub fn call(&self, service: &str, operation: &str, asked: &Value) -> Value {
        let answer = self.ask(&json!([service, operation, asked]));
        answer.unwrap_or_else(|error| panic!("{service} {operation} {asked}: {error}"))
    }

    fn ask(&self, asked: &Value) -> Result<Value, String> {
        let mut hand = self.hand.lock().expect("no call has panicked");
        let mut told = hand.ask(asked);
        match told["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(told["answer"].take()),
        }
    }

    fn log(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.dir.path().join("calls")).unwrap_or_default();
        let whole_lines = log.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole_lines.map(|line| serde_json::from_str(line).expect("the log is lines of JSON")).collect()
    }
}

/// A Python script of `tests/emulator/`. It ends when we close its stdin, which we do even if we are killed.
pub struct Script {
    process: Child,
    stdout: BufReader<ChildStdout>,
    complaints: PathBuf,
}

impl Script {
    pub fn start(name: &str, arguments: &[&str], complaints: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = std::env::var_os("FARGATE_TEST_PYTHON").map(PathBuf::from);
        let python = python.unwrap_or_else(|| root.join(".venv/bin/python"));
        let mut process = Command::new(&python)
            .arg("-B") // no compiled files beside the scripts
            .arg(root.join("tests/emulator").join(name))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(complaints).expect("a file for complaints"))
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; `make .venv` makes it", python.display()));
        let stdout = BufReader::new(process.stdout.take().expect("stdout is piped"));
        Self { process, stdout, complaints: complaints.to_owned() }
    }

    pub fn ask(&mut self, asked: &Value) -> Value {
        let stdin = self.process.stdin.as_mut().expect("stdin is piped");
        let sent = writeln!(stdin, "{asked}");
        let line = self.line();
        sent.map_err(|error| error.to_string())
            .and_then(|()| serde_json::from_str(&line).map_err(|error| error.to_string()))
            .unwrap_or_else(|error| panic!("{error}: {line:?} to {asked}"))
    }

    /// The next line. There is none only if the script has died, and then its complaints say why.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("UTF-8");
        if line.is_empty() {
            let _ = self.process.wait();
            panic!("{}", fs::read_to_string(&self.complaints).unwrap_or_default());
        }
        line.trim_end().to_owned()
    }
}

/// Every request that the provider sent must have been one that AWS's own models take.
impl Drop for Emulator {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let log = self.log();
        let checked: Vec<_> = log.iter().filter(|call| call["wrong"].is_array()).collect();
        let wrong = checked.iter().flat_map(|call| call["wrong"].as_array().into_iter().flatten()).map(text);
        let operations = checked.iter().map(|call| format!("{}:{}", text(&call["service"]), text(&call["action"])));
        hold(checked.len(), &operations.collect(), &wrong.collect());
    }
}

/// Tells what was checked, and fails if anything was wrong.
pub fn hold(requests: usize, operations: &BTreeSet<String>, wrong: &BTreeSet<&str>) {
    let all: Vec<_> = operations.iter().map(String::as_str).collect();
    eprintln!("{requests} requests held against AWS's models, {} operations: {}", all.len(), all.join(" "));
    assert!(wrong.is_empty(), "AWS's models don't take these requests of the provider: {wrong:#?}");
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the second census has and the first has not.
pub fn added(before: &Census, after: &Census) -> Census {
    let new = |kind: &String, ids: &BTreeSet<String>| match before.get(kind) {
        Some(old) => ids - old,
        None => ids.clone(),
    };
    after.iter().map(|(kind, ids)| (kind.clone(), new(kind, ids))).filter(|(_, ids)| !ids.is_empty()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Sends a request that no client of AWS's makes: a VPC without its block.
pub fn ask_wrongly(url: &str) {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    let body = "Action=CreateVpc&Version=2016-11-15&CidrBlok=10.0.0.0%2F16";
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-3/ec2/aws4_request";
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {scope}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut answer = Vec::new();
    stream.write_all((head + body).as_bytes()).and_then(|()| stream.read_to_end(&mut answer)).expect("an answer");
    assert!(!answer.is_empty());
}

#[test]
#[should_panic(expected = "CreateVpc: CidrBlok is unknown")]
fn a_request_that_awss_models_do_not_take_fails_the_test() {
    ask_wrongly(&Emulator::start().url);
}

#[test]
fn rules_refuse_the_calls_they_name_and_no_others() {
    let aws = Emulator::start();
    let before = aws.census();
    aws.rules(
        &json!([{ "action": "CreateVpc", "nth": 2, "effect": "fail", "status": 400, "code": "VpcLimitExceeded" }]),
    );
    let vpc = json!({ "CidrBlock": "10.0.0.0/16" });
    aws.call("ec2", "create_vpc", &vpc);
    let refused = aws.ask(&json!(["ec2", "create_vpc", vpc])).expect_err("the second is refused");
    assert!(refused.contains("VpcLimitExceeded"), "{refused}");
    aws.call("ec2", "create_vpc", &vpc);
    assert_eq!(added(&before, &aws.census())["vpcs"].len(), 2);
    assert_eq!(aws.calls().iter().filter(|call| *call == "ec2:CreateVpc").count(), 3);
}
