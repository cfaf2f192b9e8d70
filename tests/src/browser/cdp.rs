//! The Chrome DevTools Protocol over a pipe: JSON messages, each ended by a zero byte.
//!
//! The pipe needs no port and no websocket: the shell that starts Chromium hands it our two ends as
//! descriptors 3 and 4.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::DEADLINE;

/// What a window has seen since it was opened.
#[derive(Default)]
pub(super) struct Seen {
    /// Documents whose load event fired.
    pub(super) loads: usize,
    /// Errors on the console and uncaught exceptions.
    pub(super) errors: Vec<String>,
    /// Violations of the content security policy.
    pub(super) violations: Vec<String>,
    /// Addresses asked for.
    pub(super) requests: Vec<String>,
}

/// The connection to one Chromium.
pub(super) struct Cdp {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
    seen: HashMap<String, Seen>,
    // Removed after the child has gone.
    _profile: TempDir,
}

impl Cdp {
    pub(super) fn start() -> Self {
        let profile = tempfile::Builder::new()
            .prefix("privet-browser-")
            .tempdir()
            .expect("a temporary profile");
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>&2"])
            .arg(chromium())
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                "--no-first-run",
            ])
            .args([
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args([
                "--disable-sync",
                "--disable-default-apps",
                "--no-default-browser-check",
            ])
            .args([
                "--force-color-profile=srgb",
                "--font-render-hinting=none",
                "--hide-scrollbars",
            ])
            .args([
                "--lang=en-US",
                "--disable-features=Translate,AutofillServerCommunication",
            ])
            // In a container there is no user namespace for the sandbox; only our own pages are opened.
            .arg("--no-sandbox")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("the shell starts");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else {
                    continue;
                };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let seen = HashMap::new();
        let mut cdp = Self {
            child,
            input,
            messages,
            last: 0,
            seen,
            _profile: profile,
        };
        cdp.call("", "Browser.getVersion", &json!({}));
        cdp
    }

    /// Calls a method; a refusal is a defect of the journey.
    pub(super) fn call(&mut self, session: &str, method: &str, params: &Value) -> Value {
        self.try_call(session, method, params)
            .unwrap_or_else(|error| panic!("the browser refused {method}: {error}"))
    }

    /// Calls a method; gives its refusal as text.
    pub(super) fn try_call(
        &mut self,
        session: &str,
        method: &str,
        params: &Value,
    ) -> Result<Value, String> {
        self.last += 1;
        let id = self.last;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).expect("the browser runs");
        self.input.flush().expect("the browser runs");
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).unwrap_or_else(|_| {
                panic!("the browser does not answer {method}: is Chromium able to start here?")
            });
            if message["id"] != json!(id) {
                self.note(&message);
            } else if message["error"].is_null() {
                return Ok(message["result"].clone());
            } else {
                return Err(message["error"]["message"]
                    .as_str()
                    .unwrap_or("unknown")
                    .to_owned());
            }
        }
    }

    /// Takes the next event, or gives up after `patience`: then nothing happened.
    pub(super) fn pump(&mut self, patience: Duration) {
        if let Ok(message) = self.messages.recv_timeout(patience) {
            self.note(&message);
        }
        while let Ok(message) = self.messages.try_recv() {
            self.note(&message);
        }
    }

    /// What a window has seen.
    pub(super) fn seen(&mut self, session: &str) -> &mut Seen {
        self.seen.entry(session.to_owned()).or_default()
    }

    fn note(&mut self, event: &Value) {
        let Some(session) = event["sessionId"].as_str() else {
            return;
        };
        let params = &event["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let seen = self.seen.entry(session.to_owned()).or_default();
        match event["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => seen.loads += 1,
            "Network.requestWillBeSent" => seen.requests.push(text(&params["request"]["url"])),
            "Network.webSocketCreated" => seen.requests.push(text(&params["url"])),
            "Runtime.exceptionThrown" => seen.errors.push(params["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled"
                if matches!(params["type"].as_str(), Some("error" | "assert")) =>
            {
                seen.errors.push(params["args"].to_string());
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                seen.errors.push(format!(
                    "{} {}",
                    text(&params["entry"]["text"]),
                    text(&params["entry"]["url"])
                ));
            }
            "Audits.issueAdded" if params["issue"]["code"] == "ContentSecurityPolicyIssue" => {
                seen.violations.push(params["issue"]["details"].to_string());
            }
            _ => {}
        }
    }
}

impl Drop for Cdp {
    fn drop(&mut self) {
        // Closing gently lets Chromium end its own children; killing is for when it does not.
        let close = b"{\"id\":0,\"method\":\"Browser.close\"}\0";
        let closing = self
            .input
            .write_all(close)
            .and_then(|()| self.input.flush());
        let deadline = Instant::now() + Duration::from_secs(5);
        if closing.is_ok() {
            while Instant::now() < deadline {
                let left = deadline.saturating_duration_since(Instant::now());
                if self.messages.recv_timeout(left).is_err() {
                    break;
                }
            }
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn chromium() -> PathBuf {
    if let Some(path) = std::env::var_os("PRIVET_TEST_CHROMIUM") {
        return PathBuf::from(path);
    }
    let places = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let found = places.iter().map(PathBuf::from).find(|path| path.is_file());
    found.expect(
        "Chromium is needed: run ./test, which finds or installs it, or set PRIVET_TEST_CHROMIUM",
    )
}
