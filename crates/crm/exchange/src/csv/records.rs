//! Bytes into records, in memory bounded by the longest record allowed.
//!
//! Works on any encoding that shares ASCII. Follows RFC 4180 with three liberties: LF, CR and
//! CRLF all end a row, a quotation mark inside an unquoted cell is an ordinary character, and
//! text after a closing mark is read on but marks the row as rejected. A quoted cell that never
//! closes, a record over the limit and a zero byte end the reading.

use std::io::{self, Read};

use super::dialect::Dialect;
use super::source::Limits;
use crate::{ReadError, Reason};

const BUFFER: usize = 64 * 1024;

/// One record: its cells' bytes one after the other, and where each ends. Reused.
#[derive(Default)]
pub(crate) struct Record {
    pub bytes: Vec<u8>,
    pub ends: Vec<usize>,
    /// Physical line where it begins.
    pub line: u64,
    /// The first thing wrong in it: index of the cell, and what.
    pub fault: Option<(usize, Reason)>,
}

impl Record {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether no cell holds anything but blanks.
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// The bytes of each cell.
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.bytes[start..end])
    }

    fn clear(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.line = line;
        self.fault = None;
    }

    fn cell_start(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a cell.
    Start,
    /// In a cell without quotation marks.
    Plain,
    /// Behind an opening mark.
    Quoted,
    /// Behind a mark that closes the cell, or is the first of two.
    Closed,
    /// Behind the end of the record.
    Ended,
}

/// Reads one record after the other.
pub(crate) struct Records<I> {
    input: I,
    dialect: Dialect,
    limits: Limits,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    line: u64,
    after_cr: bool,
    opened_at: u64,
    /// For each byte: bit 0 set if it ends a plain run, bit 1 if it ends a quoted run.
    stops: [u8; 256],
}

impl<I: Read> Records<I> {
    pub fn new(input: I, dialect: Dialect, limits: Limits) -> Self {
        let mut stops = [0; 256];
        for byte in [0, b'\r', b'\n'] {
            stops[usize::from(byte)] = 3;
        }
        stops[usize::from(dialect.delimiter.byte())] |= 1;
        stops[usize::from(dialect.quote.byte())] |= 2;
        let buffer = vec![0; BUFFER];
        Self {
            input,
            dialect,
            limits,
            buffer,
            at: 0,
            filled: 0,
            line: 1,
            after_cr: false,
            opened_at: 1,
            stops,
        }
    }

    /// Reads the next record into `record`; `false` at the end of the file.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, ReadError> {
        record.clear(self.line);
        let mut state = State::Start;
        loop {
            if self.at == self.filled && !self.fill(record)? {
                return self.finish(state, record);
            }
            state = match state {
                State::Start => self.start(),
                State::Plain => self.run(record, 1)?,
                State::Quoted => self.run(record, 2)?,
                State::Closed => self.closed(record)?,
                State::Ended => return Ok(true),
            };
            if state == State::Ended {
                return Ok(true);
            }
        }
    }

    fn start(&mut self) -> State {
        let byte = self.buffer[self.at];
        if self.after_cr {
            self.after_cr = false;
            if byte == b'\n' {
                self.at += 1;
                return State::Start;
            }
        }
        if byte == self.dialect.quote.byte() {
            self.at += 1;
            self.opened_at = self.line;
            return State::Quoted;
        }
        State::Plain
    }

    /// Takes bytes up to one that ends a plain (`kind` 1) or quoted (`kind` 2) run, and that byte.
    fn run(&mut self, record: &mut Record, kind: u8) -> Result<State, ReadError> {
        let rest = &self.buffer[self.at..self.filled];
        let length = rest
            .iter()
            .position(|&b| self.stops[usize::from(b)] & kind != 0);
        let taken = length.unwrap_or(rest.len());
        if taken > 0 {
            record.bytes.extend_from_slice(&rest[..taken]);
            self.at += taken;
            self.check_size(record)?;
        }
        let quoted = kind == 2;
        if length.is_none() {
            return Ok(if quoted { State::Quoted } else { State::Plain });
        }
        let byte = self.buffer[self.at];
        self.at += 1;
        match byte {
            0 => Err(ReadError::Nul {
                line: self.line,
                column: record.len() + 1,
            }),
            b'\r' | b'\n' if quoted => {
                let begun = record.bytes.len() > record.cell_start();
                if byte == b'\r' || !(begun && record.bytes.ends_with(b"\r")) {
                    self.line += 1;
                }
                record.bytes.push(byte);
                self.check_size(record)?;
                Ok(State::Quoted)
            }
            _ if quoted => Ok(State::Closed),
            _ => self.stop(record, byte),
        }
    }

    fn closed(&mut self, record: &mut Record) -> Result<State, ReadError> {
        let byte = self.buffer[self.at];
        let quote = self.dialect.quote.byte();
        if byte == quote {
            self.at += 1;
            record.bytes.push(quote);
            return Ok(State::Quoted);
        }
        if matches!(byte, b'\r' | b'\n') || byte == self.dialect.delimiter.byte() {
            self.at += 1;
            return self.stop(record, byte);
        }
        // The mark is kept as text so that the rejected row goes back as it came.
        record
            .fault
            .get_or_insert((record.ends.len(), Reason::StrayQuote));
        record.bytes.push(quote);
        Ok(State::Plain)
    }

    /// Ends a cell at a delimiter, and the record too at a line end.
    fn stop(&mut self, record: &mut Record, byte: u8) -> Result<State, ReadError> {
        record.ends.push(record.bytes.len());
        if record.ends.len() > self.limits.columns {
            return Err(ReadError::TooManyColumns {
                line: self.line,
                limit: self.limits.columns,
            });
        }
        if byte == self.dialect.delimiter.byte() {
            return Ok(State::Start);
        }
        self.line += 1;
        self.after_cr = byte == b'\r';
        Ok(State::Ended)
    }

    fn finish(&self, state: State, record: &mut Record) -> Result<bool, ReadError> {
        match state {
            State::Start if record.ends.is_empty() => return Ok(false),
            State::Quoted => {
                let column = record.len() + 1;
                return Err(ReadError::UnclosedQuote {
                    line: self.opened_at,
                    column,
                });
            }
            _ => record.ends.push(record.bytes.len()),
        }
        if record.ends.len() > self.limits.columns {
            return Err(ReadError::TooManyColumns {
                line: self.line,
                limit: self.limits.columns,
            });
        }
        Ok(true)
    }

    fn check_size(&self, record: &mut Record) -> Result<(), ReadError> {
        if record.bytes.len() > self.limits.record_bytes {
            let limit = self.limits.record_bytes;
            return Err(ReadError::RecordTooLong {
                line: record.line,
                limit,
            });
        }
        let limit = self.limits.cell_bytes;
        if record.bytes.len() - record.cell_start() > limit {
            record
                .fault
                .get_or_insert((record.ends.len(), Reason::CellTooLong { limit }));
        }
        Ok(())
    }

    fn fill(&mut self, record: &Record) -> Result<bool, ReadError> {
        loop {
            match self.input.read(&mut self.buffer) {
                Ok(read) => {
                    (self.at, self.filled) = (0, read);
                    return Ok(read > 0);
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::InvalidData => {
                        let (line, column) = (self.line, record.len() + 1);
                        return Err(ReadError::Encoding {
                            encoding: "UTF-16",
                            line,
                            column,
                        });
                    }
                    io::ErrorKind::FileTooLarge => {
                        let limit = self.limits.file_bytes;
                        return Err(ReadError::FileTooLarge { limit });
                    }
                    _ => return Err(ReadError::Io(error)),
                },
            }
        }
    }
}
