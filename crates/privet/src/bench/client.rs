//! A small client for HTTP/1.1 that keeps its connection, for a server on this machine alone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Longer than anything that is measured takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection, and the token it shows.
pub struct Client {
    connection: BufReader<TcpStream>,
    token: String,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The `ETag`, empty where there is none.
    pub etag: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        let connection = TcpStream::connect(address).context("the server does not answer")?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            connection: BufReader::new(connection),
            token: token.to_owned(),
        })
    }

    /// Reads what is at an address; another status than the expected one is an error.
    pub fn get(&mut self, path: &str, status: u16) -> Result<Answer> {
        self.send(&format!("GET {path}"), "", b"")?;
        self.answer(status)
    }

    /// Sends JSON to an address.
    pub fn post(&mut self, path: &str, body: &[u8], status: u16) -> Result<Answer> {
        self.send(&format!("POST {path}"), "", body)?;
        self.answer(status)
    }

    /// Changes what is at an address, provided that it still bears this tag.
    pub fn patch(&mut self, path: &str, etag: &str, body: &[u8]) -> Result<Answer> {
        self.send(
            &format!("PATCH {path}"),
            &format!("If-Match: {etag}\r\n"),
            body,
        )?;
        self.answer(200)
    }

    fn send(&mut self, what: &str, header: &str, body: &[u8]) -> Result<()> {
        let mut request = format!(
            "{what} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{header}",
            self.token
        );
        if !body.is_empty() {
            request.push_str(&format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            ));
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        Ok(self.connection.get_mut().write_all(&bytes)?)
    }

    fn answer(&mut self, expected: u16) -> Result<Answer> {
        let mut answer = Answer::default();
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            if self.connection.read_line(&mut line)? == 0 {
                bail!("the server closed the connection");
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
                answer.status = rest
                    .get(..3)
                    .and_then(|code| code.parse().ok())
                    .context("an answer without a status")?;
            } else if let Some((name, value)) = text.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => {
                        length = value.trim().parse().context("an answer without a length")?;
                    }
                    "transfer-encoding" => {
                        bail!("an answer in pieces, which this client does not read")
                    }
                    "etag" => value.trim().clone_into(&mut answer.etag),
                    _ => {}
                }
            }
        }
        answer.body = vec![0; length];
        self.connection.read_exact(&mut answer.body)?;
        if answer.status != expected {
            bail!(
                "the server answered {} instead of {expected}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        Ok(answer)
    }
}
