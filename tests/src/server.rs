//! A running server: started, listened to until it says that it is ready, and never left behind.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::program::one_time_link;
use crate::{Api, Client, DEADLINE};

/// `privet serve` or `privet demo`, running. Dropping it kills it.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    said: Arc<Mutex<String>>,
    address: SocketAddr,
    link: Option<String>,
}

impl Server {
    /// Starts a server and waits for the line that says where it listens.
    ///
    /// # Panics
    /// When it ends or stays silent instead, with what it printed.
    #[must_use]
    pub fn start(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|said| panic!("the server did not start:\n{said}"))
    }

    /// Starts a server; when it ends before it is ready, gives what it printed.
    pub fn try_start(mut command: Command) -> Result<Self, String> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = mpsc::channel();
        collect(
            child.stdout.take().expect("its output"),
            &said,
            Some(sender),
        );
        let complaints = collect(child.stderr.take().expect("its complaints"), &said, None);
        let mut link = None;
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => {
                    link = link.or_else(|| one_time_link(&line));
                    if let Some(address) = address_in(&line) {
                        return Ok(Self {
                            child,
                            lines,
                            said,
                            address,
                            link,
                        });
                    }
                }
                Err(reason) => {
                    let hung = reason == RecvTimeoutError::Timeout;
                    drop(child.kill());
                    drop(child.wait());
                    drop(complaints.join());
                    let text = said.lock().unwrap_or_else(PoisonError::into_inner);
                    let how = if hung { "silent for too long" } else { "ended" };
                    return Err(format!("{how}\n{text}"));
                }
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A whole address for a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The path of the one-time link that `privet demo` prints, before or after the address.
    #[must_use]
    pub fn link(&mut self) -> String {
        let deadline = Instant::now() + DEADLINE;
        while self.link.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .expect("a line with the one-time link");
            self.link = one_time_link(&line);
        }
        self.link.clone().unwrap_or_default()
    }

    /// All it has printed so far, output and complaints: its log as an operator would keep it.
    #[must_use]
    pub fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A new connection to it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A new connection to its API.
    #[must_use]
    pub fn api(&self, token: &str) -> Api {
        Api::new(self.address, token)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9, now.
    pub fn kill(mut self) {
        self.end();
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "the server was running"
        );
        // The line channel closes when the process has closed its output, which it does by ending.
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server did not stop when asked"),
            }
        }
        self.child.wait().expect("its exit status")
    }

    fn end(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads a stream to its end on a thread, so that the server never blocks on a full pipe.
fn collect(
    stream: impl Read + Send + 'static,
    said: &Arc<Mutex<String>>,
    sender: Option<mpsc::Sender<String>>,
) -> thread::JoinHandle<()> {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let mut all = said.lock().unwrap_or_else(PoisonError::into_inner);
            all.push_str(&line);
            all.push('\n');
            drop(all);
            if let Some(sender) = &sender {
                drop(sender.send(line));
            }
        }
    })
}

/// The socket address in `… http://127.0.0.1:PORT…`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let rest = line.split_once("http://")?.1;
    let end = rest
        .find(|c: char| c == '/' || c.is_whitespace())
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ',', ')']).parse().ok()
}
