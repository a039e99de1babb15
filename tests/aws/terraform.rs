//! The real terraform (or tofu) in a folder of its own, with the built provider through a development override.
//!
//! Every command's trace log is searched for what Terraform itself thinks of our answers.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::deadline::until;
use crate::emulator::{Emulator, REGION};

/// Longer than any command takes on a slow machine.
const DEADLINE: Duration = Duration::from_secs(300);

/// What Terraform writes into its log when a provider breaks the protocol's rules.
const COMPLAINTS: &[&str] = &["invalid plan", "inconsistent", "unexpected data", "produced an"];

/// A folder with a configuration, and its state.
pub struct Terraform {
    dir: TempDir,
    /// AWS seconds in a real one, as the provider is told.
    pace: u32,
}

/// A command that has ended.
pub struct Run {
    pub code: i32,
    /// Standard output and error, as the user sees them.
    pub said: String,
}

/// What a plan would do.
pub struct Plan {
    /// Address → `create`, `update`, `replace`, `delete`, …
    pub changes: BTreeMap<String, String>,
    code: i32,
}

/// A command under way, in a process group of its own.
pub struct Running<'a> {
    terraform: &'a Terraform,
    process: Child,
}

impl Terraform {
    /// A folder without configuration.
    pub fn new() -> Self {
        let terraform = Self { dir: tempfile::tempdir().expect("a folder for terraform"), pace: 60 };
        // A folder with nothing but the provider: cargo's holds other files whose names begin like it.
        let bin = terraform.path("bin");
        fs::create_dir(&bin).expect("a folder for the provider");
        std::os::unix::fs::symlink(provider(), bin.join("terraform-provider-fargate")).expect("a link to the provider");
        let overrides = format!("dev_overrides {{ \"fargate-rs/fargate\" = {bin:?} }}");
        terraform.write("cli.tfrc", &format!("provider_installation {{\n  {overrides}\n  direct {{}}\n}}\n"));
        terraform
    }

    /// A folder with this configuration, and a provider block for the emulator.
    pub fn at(aws: &Emulator, main: &str) -> Self {
        Self::reaching(&aws.url, main)
    }

    /// On whatever AWS answers at this URL.
    pub fn reaching(url: &str, main: &str) -> Self {
        let terraform = Self::new();
        terraform.place(url, REGION);
        terraform.write("main.tf", main);
        terraform
    }

    /// The same, on an AWS of this pace.
    pub fn paced(self, pace: u32) -> Self {
        Self { pace, ..self }
    }

    /// Has the provider work in this region of the AWS at this URL.
    pub fn place(&self, url: &str, region: &str) {
        let keys = "access_key   = \"test\"\n  secret_key   = \"test\"";
        let place = format!("region       = {region:?}\n  endpoint_url = {url:?}");
        self.write("provider.tf", &format!("provider \"fargate\" {{\n  {place}\n  {keys}\n}}\n"));
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap_or_else(|error| panic!("{file}: {error}"));
    }

    pub fn apply(&self) -> Run {
        self.run(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    /// Makes the service anew.
    pub fn replace(&self) -> Run {
        self.run(&["apply", "-auto-approve", "-input=false", "-replace=fargate_web_service.app"])
    }

    /// Applies what `plan` has saved.
    pub fn apply_plan(&self) -> Run {
        self.run(&["apply", "-input=false", "-no-color", "saved.plan"])
    }

    pub fn destroy(&self) -> Run {
        self.run(&["destroy", "-auto-approve", "-input=false", "-no-color"])
    }

    /// Plans, and saves the plan.
    pub fn plan(&self) -> Plan {
        let run = self.run(&["plan", "-json", "-detailed-exitcode", "-input=false", "-out=saved.plan"]);
        assert!(run.code == 0 || run.code == 2, "plan: {}", run.said);
        let planned = json_lines(&run.said).into_iter().filter(|line| line["type"] == "planned_change");
        let change = |line: Value| {
            let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("/change/resource/addr"), text("/change/action"))
        };
        Plan { changes: planned.map(change).collect(), code: run.code }
    }

    /// The attributes of the resource `fargate_web_service.app`, from the state file; null if it has none.
    pub fn attributes(&self) -> Value {
        self.instance()["attributes"].take()
    }

    pub fn is_tainted(&self) -> bool {
        self.instance()["status"] == "tainted"
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).wait()
    }

    pub fn start(&self, arguments: &[&str]) -> Running<'_> {
        let said = File::create(self.path("said")).expect("a file for what terraform says");
        let _ = fs::remove_file(self.path("log"));
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("AWS_") || name.starts_with("TF_")) {
                command.env_remove(name);
            }
        }
        let process = command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TF_LOG", "trace")
            .env("TF_LOG_PATH", self.path("log"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_CONFIG_FILE", self.path("no-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.path("no-credentials"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("FARGATE_TIME_SCALE", self.pace.to_string())
            .stdin(std::process::Stdio::null())
            .stdout(said.try_clone().expect("the same file for both"))
            .stderr(said)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; install terraform or tofu", binary().display()));
        Running { terraform: self, process }
    }

    /// What the last command wrote into its trace log.
    pub fn log(&self) -> String {
        fs::read(self.path("log")).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }

    fn instance(&self) -> Value {
        let state = fs::read_to_string(self.path("terraform.tfstate")).unwrap_or_default();
        let state: Value = serde_json::from_str(&state).unwrap_or_default();
        let resources = state["resources"].as_array().cloned().unwrap_or_default();
        let ours = |resource: &&Value| resource["type"] == "fargate_web_service" && resource["name"] == "app";
        resources.iter().find(ours).map(|resource| resource["instances"][0].clone()).unwrap_or_default()
    }

    /// All objects of the resource in the state, deposed ones too.
    pub fn instances(&self) -> Vec<Value> {
        let state: Value = serde_json::from_str(&self.read("terraform.tfstate")).unwrap_or_default();
        let resources = state["resources"].as_array().cloned().unwrap_or_default();
        resources.iter().flat_map(|resource| resource["instances"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// A file in the folder; empty if there is none.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    /// The providers that run from this folder.
    #[cfg(target_os = "linux")]
    pub fn providers(&self) -> Vec<String> {
        let ours = self.path("bin/terraform-provider-fargate").into_os_string().into_string().expect("UTF-8");
        let processes = fs::read_dir("/proc").expect("Linux has /proc").flatten();
        let runs_ours = |pid: &String| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).next() == Some(ours.as_bytes())
        };
        processes.filter_map(|entry| entry.file_name().into_string().ok()).filter(runs_ours).collect()
    }

    /// kill -9 for them. Tells how many there were.
    #[cfg(target_os = "linux")]
    pub fn kill_providers(&self) -> usize {
        let providers = self.providers();
        if !providers.is_empty() {
            // One may have ended by itself meanwhile.
            let _ = Command::new("sh").arg("-c").arg(format!("kill -9 {}", providers.join(" "))).status();
        }
        providers.len()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

impl Running<'_> {
    /// Ctrl-C: the whole process group hears it, Terraform and provider alike.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    pub fn has_ended(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(Some(_)))
    }

    /// kill -9 for Terraform alone.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
    }

    /// Waits for its end, however it comes.
    pub fn end(mut self) {
        until("terraform to end", DEADLINE, || self.process.try_wait().expect("terraform's status"));
    }

    pub fn wait(mut self) -> Run {
        let status = until("terraform to end", DEADLINE, || self.process.try_wait().expect("terraform's status"));
        let said = fs::read_to_string(self.terraform.path("said")).expect("what terraform said");
        for line in self.terraform.log().lines() {
            assert!(!COMPLAINTS.iter().any(|complaint| line.contains(complaint)), "Terraform's log: {line}\n{said}");
        }
        Run { code: status.code().unwrap_or(-1), said }
    }

    fn signal(&self, signal: &str) {
        // The shell's own kill: a program of that name is not everywhere.
        let group = self.process.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" -- \"-$1\"", signal, &group]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{signal} to terraform");
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.signal("KILL");
            let _ = self.process.wait();
        }
    }
}

impl Run {
    /// The command must have succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.said);
        self
    }

    /// The command must have failed, as Terraform fails: with exit code 1 and an error.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert_eq!(self.code, 1, "{}", self.said);
        self
    }
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.code == 0
    }

    /// The plan must be to do nothing.
    #[track_caller]
    pub fn empty(self) -> Self {
        assert!(self.is_empty(), "the plan should be empty: {:?}", self.changes);
        self
    }

    /// The plan must be to change the one service where it stands.
    #[track_caller]
    pub fn updates_in_place(self) -> Self {
        let wanted = BTreeMap::from([("fargate_web_service.app".to_owned(), "update".to_owned())]);
        assert_eq!(self.changes, wanted, "exit code {}", self.code);
        self
    }
}

/// What a command with `-json` has said. Lines of other text (the override's warning) are left out.
pub fn json_lines(said: &str) -> Vec<Value> {
    said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn provider() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-fargate"))
}

/// `FARGATE_TERRAFORM`, or else the first of terraform and tofu on the PATH.
fn binary() -> PathBuf {
    if let Some(given) = std::env::var_os("FARGATE_TERRAFORM") {
        return given.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = |name: &str| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    here("terraform").or_else(|| here("tofu")).unwrap_or_else(|| "terraform".into())
}
