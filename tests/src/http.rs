//! A small HTTP/1.1 client: one kept connection, one request at a time, every failure visible.
//!
//! It is written out because the crash journeys must know exactly whether a request was sent and
//! whether its answer was whole; a client that retries or pools would hide that.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};

use crate::DEADLINE;

/// A connection to one server.
pub struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, unchunked.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("no JSON ({error}) in a {}: {}", self.status, self.text())
        })
    }
}

impl Client {
    /// Connects at the first request.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    /// Sends one request and reads the whole answer. An error means that the outcome is unknown.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply> {
        let reply = self.exchange(method, path, headers, body);
        let keep = reply
            .as_ref()
            .is_ok_and(|reply| reply.header("connection") != Some("close"));
        if !keep {
            self.stream = None;
        }
        reply
    }

    /// GET without headers.
    pub fn get(&mut self, path: &str) -> Result<Reply> {
        self.send("GET", path, &[], &[])
    }

    fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply> {
        let address = self.address;
        let stream = self.stream()?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n");
        for (name, value) in headers {
            let _infallible = write!(head, "{name}: {value}\r\n");
        }
        let _infallible = write!(head, "content-length: {}\r\n\r\n", body.len());
        let mut whole = head.into_bytes();
        whole.extend_from_slice(body);
        stream.get_mut().write_all(&whole)?;
        read_reply(stream, method)
    }

    fn stream(&mut self) -> Result<&mut BufReader<TcpStream>> {
        if self.stream.is_none() {
            let stream = TcpStream::connect_timeout(&self.address, DEADLINE)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(DEADLINE))?;
            stream.set_write_timeout(Some(DEADLINE))?;
            self.stream = Some(BufReader::new(stream));
        }
        self.stream
            .as_mut()
            .ok_or_else(|| ErrorKind::NotConnected.into())
    }
}

fn read_reply(stream: &mut BufReader<TcpStream>, method: &str) -> Result<Reply> {
    let status_line = line(stream)?;
    let status = status_line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| bad("the answer is not HTTP"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| bad("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut reply = Reply {
        status,
        headers,
        body: Vec::new(),
    };
    if method == "HEAD" || status == 204 || status == 304 {
        return Ok(reply);
    }
    if reply.header("transfer-encoding") == Some("chunked") {
        read_chunks(stream, &mut reply.body)?;
    } else if let Some(length) = reply.header("content-length") {
        let length = length
            .parse()
            .map_err(|_| bad("a length that is no number"))?;
        reply.body = vec![0; length];
        stream.read_exact(&mut reply.body)?;
    } else {
        stream.read_to_end(&mut reply.body)?;
    }
    Ok(reply)
}

fn read_chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let size = line(stream)?;
        let size = size.split(';').next().unwrap_or_default();
        let size =
            usize::from_str_radix(size.trim(), 16).map_err(|_| bad("a chunk without size"))?;
        let begin = body.len();
        body.resize(begin + size, 0);
        stream.read_exact(&mut body[begin..])?;
        line(stream)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn bad(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}
