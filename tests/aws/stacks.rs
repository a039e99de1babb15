//! The command `stacks`, as a user runs it who has lost a state: the built binary on the simulated AWS.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::deadline::until;
use crate::rehearsal::{Rehearsal, quick};
use crate::stack::REQUIRES;

/// What the command said, and whether it succeeded.
pub struct Said {
    pub out: String,
    err: String,
    done: bool,
}

/// Runs it, typing a line where one is asked for.
pub fn stacks(aws: &Rehearsal, arguments: &[&str], typed: &str) -> Said {
    said(command(aws, arguments), typed)
}

/// The command with its surroundings.
fn command(aws: &Rehearsal, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-fargate"));
    command.env_clear().envs([("AWS_ACCESS_KEY_ID", "any"), ("AWS_SECRET_ACCESS_KEY", "any")]);
    command.envs([("AWS_REGION", "eu-west-3"), ("AWS_ENDPOINT_URL", &aws.url), ("FARGATE_TIME_SCALE", "200")]);
    command.envs([("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_CONFIG_FILE", "/nowhere"), ("HOME", "/nowhere")]);
    command.arg("stacks").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(mut command: Command, typed: &str) -> Said {
    let mut process = command.spawn().expect("the built binary");
    // It may end without reading.
    let _ = process.stdin.take().expect("stdin is piped").write_all(typed.as_bytes());
    let output = process.wait_with_output().expect("an end");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { out: text(&output.stdout), err: text(&output.stderr), done: output.status.success() }
}

impl Said {
    #[track_caller]
    pub fn done(self) -> Self {
        assert!(self.done, "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn refused(self, why: &str) -> Self {
        assert!(!self.done && self.err.contains(why), "{}{}", self.out, self.err);
        self
    }
}

fn listed(aws: &Rehearsal) -> Json {
    serde_json::from_str(&stacks(aws, &["--json"], "").done().out).expect("JSON")
}

/// The whole way back for who has lost a state: list, import as printed, and go on as if nothing had happened.
#[test]
fn a_lost_state_is_found_listed_and_imported() {
    let aws = Rehearsal::start();
    assert!(stacks(&aws, &[], "").done().out.starts_with("No stack in account "));
    aws.terraform(&quick("lost").hcl()).apply().ok();

    let told = stacks(&aws, &[], "").done().out;
    assert!(told.contains("lost: complete") && told.contains("4 subnet, 1 target group"), "{told}");
    let list = listed(&aws);
    let stack = &list[0];
    assert_eq!((&stack["status"], &stack["lease"]), (&json!("complete"), &Json::Null), "{list:#}");
    let block = stack["import"].as_str().expect("a block");
    assert!(told.contains(block.lines().nth(2).expect("the id")), "{told}");

    let other = aws.terraform(&format!("{}{block}\n", quick("lost").labelled("lost").hcl()));
    let said = other.apply().ok().said;
    assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{said}");
    other.plan().empty();
    let objects = stack["objects"].as_array().expect("objects").len();
    let recorded = other.run(&["output", "-json"]).ok();
    assert!(recorded.said.contains("url") && objects > 20, "{} of {objects}", recorded.said);
    other.destroy().ok();
    aws.is_empty();
}

/// Found by its tags, then: a user may have deleted the parameter, thinking it was nobody's.
#[test]
fn what_stands_without_its_anchor_is_listed_imported_and_removed() {
    let aws = Rehearsal::start();
    let terraform = aws.terraform(&quick("nameless").hcl());
    terraform.apply().ok();
    aws.call("ssm", "DeleteParameter", json!({ "Name": "/fargate/nameless" }));
    let stack = listed(&aws)[0].take();
    assert_eq!((&stack["name"], &stack["status"]), (&json!("nameless"), &json!("without_anchor")));
    let block = stack["import"].as_str().expect("a block");
    let other = aws.terraform(&format!("{}{block}\n", quick("nameless").labelled("nameless").hcl()));
    other.apply().ok();
    other.plan().empty();
    assert_eq!(listed(&aws)[0]["status"], "complete", "the import has made the anchor anew");

    aws.call("ssm", "DeleteParameter", json!({ "Name": "/fargate/nameless" }));
    stacks(&aws, &["remove", "nameless", "--yes"], "").done();
    aws.is_empty();
    assert_eq!(listed(&aws), json!([]));
}

#[test]
fn an_unfinished_stack_is_told_and_removed_once_its_name_is_typed() {
    let aws = Rehearsal::start();
    aws.terraform(&quick("whole").hcl()).apply().ok();
    aws.refuse("ecs:CreateService", 1, "ClientException");
    aws.terraform(&quick("half").hcl()).apply().failed();
    let told = stacks(&aws, &[], "").done().out;
    assert!(told.starts_with("2 stacks in account ") && told.contains("half: unfinished since 20"), "{told}");

    let id = listed(&aws)[0]["id"].as_str().expect("an id").to_owned();
    let stand = aws.ids("ec2 vpc");
    let wrong = stacks(&aws, &["remove", "half"], "whole\n").refused("Nothing was deleted");
    for shown in ["security_group/task", "ECS cluster", &format!("objects of {id} will be deleted")] {
        assert!(wrong.out.contains(shown), "{shown}: {}", wrong.out);
    }
    stacks(&aws, &["remove", "half"], "").refused("Nothing was deleted");
    assert_eq!(aws.ids("ec2 vpc"), stand);
    stacks(&aws, &["remove", "nobody", "--yes"], "").refused("Nothing to remove");
    stacks(&aws, &["remove", "1/eu-west-3/half", "--yes"], "").refused("Another account or region");

    let said = stacks(&aws, &["remove", &id], "half\n").done().out;
    assert!(said.ends_with("nothing of it is left.\n"), "{said}");
    assert_eq!(listed(&aws).as_array().map(Vec::len), Some(1), "the other one stands");
    stacks(&aws, &["remove", "whole", "--yes"], "").done();
    aws.is_empty();
}

#[test]
fn protection_and_the_lease_of_another_operation_keep_a_stack_from_being_removed() {
    let aws = Rehearsal::start();
    let stack = quick("guarded").with("load_balancer", "{ deletion_protection = true }");
    let terraform = aws.terraform(&stack.hcl());
    terraform.apply().ok();
    stacks(&aws, &["remove", "guarded", "--yes"], "").refused("protected from deletion");
    terraform.write("main.tf", &quick("guarded").hcl());
    terraform.apply().ok();

    let before = aws.ids("ec2 subnet");
    let record = json!({ "status": "complete", "generation": "g", "holder": "somebody-else" }).to_string();
    let over = AtomicBool::new(false);
    let write = json!({ "Name": "/fargate/guarded", "Value": record, "Overwrite": true });
    let beat = || aws.call("ssm", "PutParameter", write.clone());
    beat();
    assert_eq!(listed(&aws)[0]["lease"]["holder"], "somebody-else");
    let refused = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                beat();
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let refused = stacks(&aws, &["remove", "guarded", "--yes"], "");
        over.store(true, Ordering::Relaxed);
        refused
    });
    refused.refused("Somebody else is working on guarded");
    assert_eq!(aws.ids("ec2 subnet"), before);
    // Whoever held it shows no sign of life any more.
    stacks(&aws, &["remove", "guarded", "--yes"], "").done();
    aws.is_empty();
}

/// Two stacks in one state file's place: the command leaves what isn't a stack alone.
#[test]
fn a_parameter_that_is_no_record_is_no_stack() {
    let aws = Rehearsal::start();
    let parameter = json!({ "Name": "/fargate/notes", "Value": "a user's own", "Type": "String" });
    aws.call("ssm", "PutParameter", parameter);
    assert_eq!(listed(&aws), json!([]));
    stacks(&aws, &["remove", "notes", "--yes"], "").refused("in the way");
    let terraform =
        aws.terraform(&format!("{REQUIRES}\nimport {{\n  to = fargate_web_service.app\n  id = \"none\"\n}}\n"));
    terraform.write("more.tf", &quick("none").resource());
    let said = terraform.run(&["plan", "-input=false", "-no-color"]).failed().said;
    assert!(said.contains("There is no service \"none\""), "{said}");
    aws.call("ssm", "DeleteParameter", json!({ "Name": "/fargate/notes" }));
    aws.is_empty();
}

/// Nothing is typed, and stdin stays open.
#[test]
fn ctrl_c_is_an_answer_to_the_question() {
    let aws = Rehearsal::start();
    aws.terraform(&quick("asked").hcl()).apply().ok();
    let before = (aws.all(), aws.changes());
    let mut process = command(&aws, &["remove", "asked"]).spawn().expect("the built binary");
    let (mut out, mut told) = (process.stdout.take().expect("stdout is piped"), Vec::new());
    while !String::from_utf8_lossy(&told).ends_with("to delete them: ") {
        let mut more = [0; 4096];
        let count = out.read(&mut more).expect("stdout");
        assert!(count > 0, "it ended: {}", String::from_utf8_lossy(&told));
        told.extend(&more[..count]);
    }
    let sent = Command::new("sh").args(["-c", "kill -s INT \"$0\"", &process.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "SIGINT");
    let ended = until("the command to end", Duration::from_secs(20), || process.try_wait().expect("a status"));
    assert_eq!(ended.code(), Some(1));
    let mut err = String::new();
    process.stderr.take().expect("stderr is piped").read_to_string(&mut err).expect("UTF-8");
    assert!(err.contains("Interrupted") && err.contains("Nothing was deleted"), "{err}");
    assert_eq!((aws.all(), aws.changes()), before);
    stacks(&aws, &["remove", "asked", "--yes"], "").done();
    aws.is_empty();
}

/// The options win over the environment, before and after the subcommand.
#[test]
fn region_and_profile_say_where_to_look() {
    let aws = Rehearsal::start();
    let elsewhere = |arguments: &[&str]| {
        let mut command = command(&aws, arguments);
        command.env("AWS_REGION", "us-east-1");
        said(command, "")
    };
    assert!(elsewhere(&[]).done().out.contains("region us-east-1"));
    assert!(elsewhere(&["--region", "eu-west-3"]).done().out.contains("region eu-west-3"));
    elsewhere(&["remove", "none", "--yes", "--region", "eu-west-3"]).refused("/eu-west-3/none");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config");
    let profile = "[profile there]\nregion = eu-west-3\naws_access_key_id = any\naws_secret_access_key = any\n";
    std::fs::write(&file, profile).expect("a file");
    let profiled = |arguments: &[&str]| {
        let mut command = command(&aws, arguments);
        command.env("AWS_CONFIG_FILE", &file);
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env_remove(name);
        }
        said(command, "")
    };
    assert!(profiled(&["--profile", "there"]).done().out.contains("region eu-west-3"));
    profiled(&[]).refused("No AWS region");
}
