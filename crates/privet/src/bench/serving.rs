//! This program, started as a server of its own, and ended with the measurement.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::client::Client;
use super::installed::Installed;
use super::machine;

/// How often the name index is asked whether it is there.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// The longest it may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server of an installation.
pub struct Serving {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the end of its first answer, a page of people.
    pub first_answer: Duration,
    /// From the start of the process to the first search by two letters that found somebody.
    pub names_ready: Duration,
    /// Resident memory right after that, in bytes, where the system tells.
    pub idle: Option<u64>,
}

impl Serving {
    /// Starts it and waits until every name is in memory.
    pub fn start(dir: &Path, installed: &Installed) -> Result<Self> {
        let begun = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg("--data")
            .arg(dir)
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server cannot be started")?;
        // From here on the child ends with this value, whatever goes wrong.
        let mut serving = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            first_answer: Duration::ZERO,
            names_ready: Duration::ZERO,
            idle: None,
        };
        serving.address = serving.said()?;
        let mut client = Client::connect(serving.address, &installed.token)?;
        client.get("/api/v1/people?limit=1", 200)?;
        serving.first_answer = begun.elapsed();
        let (_kept, never) = channel::<()>();
        let two_letters = br#"{"text":"ja","limit":1}"#;
        while client
            .post("/api/v1/people/find", two_letters, 200)?
            .body
            .starts_with(br#"{"data":[]"#)
        {
            if begun.elapsed() > PATIENCE {
                bail!(
                    "the name index was not filled in {} seconds",
                    PATIENCE.as_secs()
                );
            }
            let _ = never.recv_timeout(ASK_EVERY);
        }
        serving.names_ready = begun.elapsed();
        // A second for what starting left behind to be given back.
        let _ = never.recv_timeout(Duration::from_secs(1));
        serving.idle = serving.resident();
        Ok(serving)
    }

    /// Resident memory in bytes, where the system tells.
    pub fn resident(&self) -> Option<u64> {
        machine::resident(self.child.id())
    }

    /// The address the server says it listens on.
    fn said(&mut self) -> Result<SocketAddr> {
        let out = self
            .child
            .stdout
            .take()
            .context("the server says nothing")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let (_, address) = line
            .trim()
            .rsplit_once("http://")
            .context("the server did not start")?;
        address
            .parse()
            .context("the server does not say where it listens")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Nothing acknowledged is lost by this; the next start finds it in the write-ahead log.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
