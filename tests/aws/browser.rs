//! A headless Chromium, spoken to by its DevTools protocol over a pipe: what a page shows, and what it comes to show.
//!
//! `FARGATE_TEST_BROWSER` names it; else the first of `NAMES` on the PATH is taken.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Longer than a busy machine takes to start it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser that tests use, if there is one.
pub fn found() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("FARGATE_TEST_BROWSER") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// A browser with one page, ended when dropped.
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    answers: Receiver<Json>,
    count: u64,
    session: Option<String>,
}

impl Browser {
    /// Opens a page; `profile` is an empty folder for what the browser keeps.
    pub fn open(program: &Path, profile: &Path, url: &str) -> Self {
        // It reads commands from its descriptor 3 and answers on 4; the shell lays them there, and becomes the browser.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null"]).arg(program);
        command.args(["--headless", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]);
        // Root can't have Chromium's sandbox, and a container's /dev/shm is small.
        command.args(["--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,1000"]);
        command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("a shell");
        let commands = process.stdin.take().expect("stdin is piped");
        let mut out = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let (tell, answers) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while out.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                let Ok(told) = serde_json::from_slice(&message) else { return };
                if tell.send(told).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Self { process, commands, answers, count: 0, session: None };
        let page = browser.command("Target.createTarget", &json!({ "url": url }))["targetId"].clone();
        let attached = browser.command("Target.attachToTarget", &json!({ "targetId": page, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser
    }

    /// Sends a command, and waits for its result.
    pub fn command(&mut self, method: &str, parameters: &Json) -> Json {
        self.count += 1;
        let mut message = json!({ "id": self.count, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        write!(self.commands, "{message}\0").and_then(|()| self.commands.flush()).expect("the browser listens");
        loop {
            let told = self.answers.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{method}: {error}"));
            if told["id"] == self.count {
                assert!(told["error"].is_null(), "{method}: {told}");
                return told["result"].clone();
            }
        }
    }

    /// The value of an expression on the page.
    pub fn value(&mut self, expression: &str) -> Json {
        let asked = json!({ "expression": expression, "returnByValue": true });
        let told = self.command("Runtime.evaluate", &asked);
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// What a person reads on the page.
    pub fn text(&mut self) -> String {
        self.value("document.body ? document.body.innerText : ''").as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its children end with it, by its own word rather than by a kill.
        let _ = write!(self.commands, "{}\0", json!({ "id": 0, "method": "Browser.close" }));
        let _ = self.commands.flush();
        for _ in 0..100 {
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
