//! The whole life of a service on the simulated AWS, where things take their time and rollouts really happen: sixty seconds
//! there are one here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::deadline::until;
use crate::emulator::{Script, ask_wrongly, hold};
use crate::stack::Stack;
use crate::terraform::Terraform;

/// Between a provider and a simulated AWS: every request that goes by must be one that AWS's own models take
/// (`tests/emulator/witness.py`). Tells what it has seen when dropped.
pub struct Witness {
    /// Its own door.
    pub url: String,
    script: Mutex<Script>,
    _dir: TempDir,
}

impl Witness {
    /// In front of the AWS at this URL.
    pub fn before(url: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the witness");
        let mut script = Script::start("witness.py", &[url], &dir.path().join("complaints"));
        let line = script.line();
        let seen = line.strip_prefix("LISTENING ").unwrap_or_else(|| panic!("the witness says {line:?}"));
        Self { url: seen.to_owned(), script: Mutex::new(script), _dir: dir }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let Ok(mut script) = self.script.lock() else { return };
        if std::thread::panicking() {
            return;
        }
        let told = script.ask(&json!("seen"));
        let counts = told["operations"].as_object().into_iter().flatten();
        let requests = counts.clone().filter_map(|(_, count)| count.as_u64()).sum::<u64>();
        let operations = counts.map(|(operation, _)| operation.clone()).collect();
        let wrong = told["wrong"].as_array().into_iter().flatten().filter_map(Value::as_str);
        hold(usize::try_from(requests).unwrap_or_default(), &operations, &wrong.collect());
    }
}

/// `terraform-provider-fargate simulate`, ended when dropped.
pub struct Simulator {
    /// The same door for a provider, with a witness.
    witness: Witness,
    process: Child,
    /// Its own door, also for people.
    pub url: String,
}

impl Simulator {
    pub fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-fargate"));
        command.args(["simulate", "--listen", "127.0.0.1:0", "--speed", "60", "--seed", "7"]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the simulator starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("UTF-8");
        let url = line.trim_end().strip_prefix("LISTENING ").unwrap_or_else(|| panic!("the simulator says {line:?}"));
        Self { witness: Witness::before(url), url: url.to_owned(), process }
    }

    /// The door for a provider, through its witness.
    pub fn seen(&self) -> &str {
        &self.witness.url
    }

    /// What has happened in it lately, as JSON.
    fn overview(&self) -> String {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).expect("it listens");
        let asked = stream.write_all(b"GET /simulator/world HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        asked.and_then(|()| stream.read_to_string(&mut answer)).expect("an answer");
        answer
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn with_image(name: &str, tag: &str) -> String {
    Stack::named(name).with("image", &format!("\"nginx:{tag}\"")).hcl()
}

#[test]
#[should_panic(expected = "CreateVpc: CidrBlok is unknown")]
fn a_request_that_awss_models_do_not_take_fails_the_test() {
    ask_wrongly(Simulator::start().seen());
}

#[test]
fn a_service_lives_on_the_simulated_aws_and_a_failed_rollout_says_why() {
    let aws = Simulator::start();
    let terraform = Terraform::reaching(aws.seen(), &with_image("alive", "1.27"));
    terraform.apply().ok();
    terraform.plan().empty();
    terraform.write("main.tf", &with_image("alive", "1.28"));
    terraform.apply().ok();
    terraform.plan().empty();

    terraform.write("main.tf", &with_image("alive", "exits-3-after-5s"));
    let failed = terraform.apply().failed();
    for told in ["circuit breaker", "exited with code 3"] {
        assert!(failed.said.replace('\n', " ").contains(told), "{told:?} is not in {}", failed.said);
    }
    terraform.write("main.tf", &with_image("alive", "1.28"));
    terraform.apply().ok();
    terraform.plan().empty();

    let zones = "{ availability_zone_count = 3, egress = \"nat_single\" }";
    terraform.write("main.tf", &Stack::named("alive").with("image", "\"nginx:1.28\"").with("network", zones).hcl());
    terraform.apply().ok();
    terraform.plan().empty();
    terraform.write("main.tf", &with_image("alive", "1.28"));
    terraform.apply().ok();
    terraform.plan().empty();
    terraform.destroy().ok();
}

/// There is nothing to go back to: the service starts no more tasks until somebody mends it.
#[test]
fn a_first_rollout_that_fails_is_resumed_with_all_that_stands() {
    let aws = Simulator::start();
    let terraform = Terraform::reaching(aws.seen(), &with_image("stumbles", "fails-to-pull"));
    let failed = terraform.apply().failed();
    assert!(failed.said.contains("CannotPullContainerError"), "{}", failed.said);
    assert!(terraform.is_tainted());
    let vpc = terraform.attributes()["vpc_id"].clone();

    terraform.write("main.tf", &with_image("stumbles", "1.27"));
    terraform.apply().ok();
    assert_eq!(terraform.attributes()["vpc_id"], vpc);
    assert_eq!(terraform.attributes()["status"], "complete");
    terraform.plan().empty();
    terraform.destroy().ok();
    // A create refuses a name of which anything is left.
    terraform.apply().ok();
    terraform.destroy().ok();
}

/// No state at all is left then: the next create finds by its tags what stands.
#[cfg(target_os = "linux")]
#[test]
fn a_provider_killed_in_the_middle_of_a_create_loses_nothing() {
    let aws = Simulator::start();
    let terraform = Terraform::reaching(aws.seen(), &with_image("killed", "1.27"));
    let apply = terraform.start(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    until("a NAT gateway to be asked for", Duration::from_secs(60), || {
        aws.overview().contains("ec2:CreateNatGateway").then_some(())
    });
    assert_eq!(terraform.kill_providers(), 1);
    apply.wait().failed();
    assert!(terraform.attributes().is_null(), "nobody was left to write a state");

    let said = terraform.apply().ok().said;
    assert!(said.contains("1 added"), "{said}");
    terraform.plan().empty();
    terraform.destroy().ok();
    // A create refuses a name of which anything is left.
    terraform.apply().ok();
    terraform.destroy().ok();
}
