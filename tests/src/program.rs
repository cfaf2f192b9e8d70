//! The program on the command line: one installation in a temporary directory, commands run on it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Database, Server, project_root};

/// How long a command may take: the longest imports a list or brings back a backup.
const PATIENCE: Duration = Duration::from_secs(120);

/// One installation: a data directory of its own, and a PostgreSQL database of its own if asked.
pub struct Privet {
    room: TempDir,
    data: PathBuf,
    database: Option<Database>,
    link: Option<String>,
}

impl Privet {
    /// A place for an installation, with nothing in it yet.
    #[must_use]
    pub fn nowhere() -> Self {
        let room = tempfile::Builder::new()
            .prefix("privet-journey-")
            .tempdir()
            .expect("a temporary directory");
        let data = room.path().join("data");
        Self {
            room,
            data,
            database: None,
            link: None,
        }
    }

    /// A new installation on SQLite.
    #[must_use]
    pub fn new() -> Self {
        let mut privet = Self::nowhere();
        privet.init();
        privet
    }

    /// A new installation on a PostgreSQL database of its own.
    #[must_use]
    pub fn on_postgres() -> Self {
        let mut privet = Self::nowhere();
        privet.database = Some(Database::new());
        privet.init();
        privet
    }

    /// A new installation whose data lies in `data`, for a journey that brings its own disk.
    #[must_use]
    pub fn at(data: &Path) -> Self {
        let mut privet = Self::nowhere();
        privet.data = data.to_owned();
        privet.init();
        privet
    }

    fn init(&mut self) {
        let args = ["--workspace", "Hedge", "--admin", "officer@hedge.example"];
        let outcome = self.run("init", &args).ok();
        self.link = outcome.stdout.lines().find_map(one_time_link);
    }

    /// The path of the one-time link that `privet init` printed for the first administrator.
    #[must_use]
    pub fn link(&self) -> &str {
        self.link
            .as_deref()
            .expect("`privet init` printed a one-time link")
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A path beside the data directory, for backups and files to import.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// The database, when the installation is on PostgreSQL.
    #[must_use]
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Writes a file beside the data directory and gives its path as text.
    #[must_use]
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.beside(name);
        fs::write(&path, content).expect("a file beside the data directory");
        text(&path)
    }

    /// Runs `privet COMMAND --data DIR [--database URL] ARGS` to its end.
    #[must_use]
    pub fn run(&self, command: &str, args: &[&str]) -> Outcome {
        let line = format!("privet {command} {}", args.join(" "));
        let mut command = self.command(command);
        command
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (sender, ended) = mpsc::channel();
        let stdout = read_on_a_thread(child.stdout.take().expect("its output"), sender.clone());
        let stderr = read_on_a_thread(child.stderr.take().expect("its complaints"), sender);
        // Nobody sends: the channel closes when both streams have ended, which is when the program has.
        let hung = ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if hung {
            drop(child.kill());
        }
        let code = child.wait().expect("its exit status").code();
        let stdout = stdout.join().expect("its output is read");
        let stderr = stderr.join().expect("its complaints are read");
        assert!(
            !hung,
            "`{line}` did not end in {PATIENCE:?}\n{stdout}{stderr}"
        );
        Outcome {
            command: line,
            code,
            stdout,
            stderr,
        }
    }

    /// Runs a command that must succeed and answer in JSON.
    #[must_use]
    pub fn json(&self, command: &str, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.push("--json");
        self.run(command, &all).ok().json()
    }

    /// The people found for a text, as the command line prints them.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Value> {
        crate::list_in(&self.json("find", &[text])).to_vec()
    }

    /// `privet verify` accepts: the log, the rows and the keys agree.
    pub fn verifies(&self) {
        let verdict = self.json("verify", &[]);
        assert_eq!(
            verdict["ok"],
            Value::Bool(true),
            "verify did not accept: {verdict}"
        );
    }

    /// A bearer token of the operator for the API.
    #[must_use]
    pub fn token(&self) -> String {
        let printed = self.run("token", &[]).ok().stdout;
        let token = printed.split_whitespace().last();
        token.expect("`privet token` printed a token").to_owned()
    }

    /// Starts `privet serve` on a free port and waits until it says where it listens.
    #[must_use]
    pub fn serve(&self) -> Server {
        let mut command = self.command("serve");
        command.args(["--listen", "127.0.0.1:0"]);
        Server::start(command)
    }

    /// Starts `privet demo` in this place, on a free port.
    #[must_use]
    pub fn demo(&self, args: &[&str]) -> Server {
        let mut command = self.command("demo");
        command.args(["--listen", "127.0.0.1:0"]).args(args);
        Server::start(command)
    }

    /// The command line so far, for a journey that needs to change how the program is started.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(binary());
        command.arg(name).arg("--data").arg(&self.data);
        if let Some(database) = &self.database {
            command.arg("--database").arg(database.url());
        }
        // The program must need nothing from the environment of whoever starts it.
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("RUST_BACKTRACE", "1");
        command
            .env("TZ", "UTC")
            .current_dir(self.room.path())
            .stdin(Stdio::null());
        command
    }
}

impl Default for Privet {
    fn default() -> Self {
        Self::new()
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    command: String,
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Outcome {
    /// It succeeded.
    #[must_use]
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(
            self.code,
            Some(0),
            "`{}` failed\n{}{}",
            self.command,
            self.stdout,
            self.stderr
        );
        self
    }

    /// It refused with a sentence that contains each of these, case aside, and did not crash.
    #[track_caller]
    pub fn refused(&self, words: &[&str]) {
        let said = self.stderr.to_lowercase();
        assert!(
            self.code.is_some_and(|code| code != 0),
            "`{}` should have refused, it ended with {:?}\n{}{}",
            self.command,
            self.code,
            self.stdout,
            self.stderr
        );
        assert!(
            !said.contains("panicked"),
            "`{}` crashed\n{}",
            self.command,
            self.stderr
        );
        for word in words {
            assert!(
                said.contains(&word.to_lowercase()),
                "`{}` refused without saying {word:?}\n{}",
                self.command,
                self.stderr
            );
        }
    }

    /// What it printed, as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "`{}` printed no JSON ({error})\n{}",
                self.command, self.stdout
            )
        })
    }
}

fn read_on_a_thread(
    mut stream: impl Read + Send + 'static,
    open: Sender<()>,
) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A stream that breaks off has ended: the exit code says the rest.
        drop(stream.read_to_end(&mut bytes));
        drop(open);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The path of a one-time link in a printed line: `…/WORD/LONG-TOKEN`, with or without the host before it.
pub(crate) fn one_time_link(line: &str) -> Option<String> {
    line.split_whitespace().find_map(|word| {
        let path = match word.split_once("://") {
            Some((_, rest)) => &rest[rest.find('/')?..],
            None => word,
        };
        let token = path.rsplit('/').next()?;
        (path.starts_with('/') && token.len() >= 16 && path.len() > token.len() + 1)
            .then(|| path.to_owned())
    })
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary paths are text").to_owned()
}

/// The program: `PRIVET_BIN`, else the one beside this test, built first so that it is never stale.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("PRIVET_BIN") {
            let path = PathBuf::from(path);
            assert!(
                path.is_file(),
                "PRIVET_BIN names no file: {}",
                path.display()
            );
            return path;
        }
        let exe = std::env::current_exe().expect("the path of this test");
        let profile = exe.ancestors().nth(2).expect("target/PROFILE/deps/test");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--quiet", "--locked", "-p", "privet"]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build
            .current_dir(project_root())
            .status()
            .expect("cargo starts");
        assert!(status.success(), "the program does not build: see above");
        profile.join("privet")
    })
}
