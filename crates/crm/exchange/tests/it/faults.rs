//! Files that are broken, hostile or something else: each has its own answer, in bounded memory.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{Fault, FaultKind};
use exchange::{Encoding, Limits, Options, ReadError, Reason, Source};

use crate::{open, read};

/// A file that exists only while it is read, and counts how much of it was.
struct Endless {
    head: &'static [u8],
    repeated: &'static [u8],
    length: u64,
    at: u64,
    served: Arc<AtomicU64>,
}

impl Endless {
    fn new(head: &'static str, repeated: &'static str, length: u64) -> (Self, Arc<AtomicU64>) {
        let served = Arc::new(AtomicU64::new(0));
        let (head, repeated) = (head.as_bytes(), repeated.as_bytes());
        (
            Self {
                head,
                repeated,
                length,
                at: 0,
                served: Arc::clone(&served),
            },
            served,
        )
    }
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.at)
            .unwrap()
            .min(out.len());
        for (i, byte) in out[..left].iter_mut().enumerate() {
            let place = usize::try_from(self.at).unwrap() + i;
            *byte = match place.checked_sub(self.head.len()) {
                None => self.head[place],
                Some(behind) => self.repeated[behind % self.repeated.len()],
            };
        }
        self.at += left as u64;
        self.served.fetch_add(left as u64, Ordering::Relaxed);
        Ok(left)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.length.checked_add_signed(by).unwrap(),
            SeekFrom::Current(by) => self.at.checked_add_signed(by).unwrap(),
        };
        Ok(self.at)
    }
}

const GIGABYTE: u64 = 1 << 30;

/// Reading stops soon after the limit of one record: nothing larger was ever held.
fn stops_early(file: Endless, served: &AtomicU64) -> ReadError {
    let error = Source::open(file, &Options::default()).unwrap_err();
    assert!(
        served.load(Ordering::Relaxed) < 2 << 20,
        "reads no further than the limit"
    );
    error
}

#[test]
fn a_line_of_a_gigabyte_is_refused_after_a_megabyte() {
    let (file, served) = Endless::new("", "a", GIGABYTE);
    let error = stops_early(file, &served);
    assert!(
        matches!(error, ReadError::RecordTooLong { line: 1, .. }),
        "{error}"
    );
    assert_eq!(error.kind(), FaultKind::TooLarge);

    let (file, served) = Endless::new("a,b\n1,\"", "x\n", GIGABYTE);
    let error = stops_early(file, &served);
    assert!(
        matches!(error, ReadError::RecordTooLong { line: 2, .. }),
        "{error}"
    );

    let (file, served) = Endless::new("a,b\n1,2\n", ",", GIGABYTE);
    let error = stops_early(file, &served);
    assert!(
        matches!(
            error,
            ReadError::TooManyColumns {
                line: 3,
                limit: 1000
            }
        ),
        "{error}"
    );
}

#[test]
fn a_file_over_the_limit_is_not_read_at_all() {
    let (file, served) = Endless::new("", "a,b\n", 3 * GIGABYTE);
    let error = Source::open(file, &Options::default()).unwrap_err();
    assert!(matches!(error, ReadError::FileTooLarge { .. }), "{error}");
    assert_eq!(served.load(Ordering::Relaxed), 0);
}

#[test]
fn a_million_rows_are_the_end_however_long_the_file() {
    let (file, served) = Endless::new("a,b\n", "1,2\n", GIGABYTE);
    let error = Source::open(file, &Options::default()).unwrap_err();
    assert!(
        matches!(error, ReadError::TooManyRows { limit: 1_000_000 }),
        "{error}"
    );
    assert!(served.load(Ordering::Relaxed) < 5_000_000);
}

#[test]
fn each_limit_is_its_own_error() {
    let limited = |text: &str, limits: Limits| {
        let options = Options {
            limits,
            ..Options::default()
        };
        Source::open(Cursor::new(text.as_bytes().to_vec()), &options).map(|s| s.shape().rows)
    };
    let limits = Limits {
        rows: 2,
        columns: 3,
        ..Limits::default()
    };
    assert_eq!(limited("a,b\n1,2\n3,4\n\n\n", limits).unwrap(), 2);
    let error = limited("a,b\n1,2\n3,4\n5,6\n", limits).unwrap_err();
    assert!(
        matches!(error, ReadError::TooManyRows { limit: 2 }),
        "{error}"
    );
    let error = limited("a,b\n1,2,3,4", limits).unwrap_err();
    assert!(
        matches!(error, ReadError::TooManyColumns { line: 2, limit: 3 }),
        "{error}"
    );
}

#[test]
fn a_long_cell_rejects_its_row_only() {
    let long = "x".repeat(70_000);
    let (rows, rejects) = read(format!("a,b\n1,{long}\n2,y\n"));
    assert_eq!(rows.len(), 1);
    assert_eq!(rejects[0].reason, Reason::CellTooLong { limit: 65_536 });
    assert_eq!(
        (rejects[0].line, rejects[0].column.as_ref().unwrap().number),
        (2, 2)
    );
}

#[test]
fn an_open_quotation_mark_refuses_the_file() {
    for text in [
        "a,b\n1,2\n3,\"4\n5,6\n",
        "a,b\n1,2\n3,\"4",
        "a,b\n1,2\n3,\"4\"\"\n",
    ] {
        let error = open(text).unwrap_err();
        assert!(
            matches!(error, ReadError::UnclosedQuote { line: 3, column: 2 }),
            "{error}"
        );
        assert_eq!(error.kind(), FaultKind::Invalid);
    }
}

#[test]
fn a_stray_quotation_mark_rejects_its_row_only() {
    let (rows, rejects) = read("a,b\n\"He said \"hi\" there\",2\n3,5\" pipe\n\"x\" ,y\n");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].cell(1), "5\" pipe");
    assert_eq!(rejects.len(), 2);
    assert!(rejects.iter().all(|r| r.reason == Reason::StrayQuote));
    assert_eq!(rejects[0].cells[0], "He said \"hi\" there\"");
}

#[test]
fn ragged_rows_are_rejected_with_their_cells() {
    let (rows, rejects) = read("a,b,c\n1,2\n1,2,3\n1,2,3,4\n , ,\n\n");
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rejects[0].reason,
        Reason::Ragged {
            expected: 3,
            found: 2
        }
    );
    assert_eq!(
        rejects[1].reason,
        Reason::Ragged {
            expected: 3,
            found: 4
        }
    );
    assert_eq!((rejects[0].line, rejects[1].line), (2, 4));
    assert_eq!(rejects[1].cells, ["1", "2", "3", "4"]);
}

#[test]
fn what_is_no_table_is_called_by_its_name() {
    let spreadsheets: [&[u8]; 2] = [
        b"PK\x03\x04\x14\0\x06\0",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0",
    ];
    for bytes in spreadsheets {
        let error = open(bytes).unwrap_err();
        assert!(error.to_string().contains("save the sheet as"), "{error}");
        assert!(matches!(error, ReadError::Spreadsheet { .. }));
    }
    let others: [&[u8]; 6] = [
        b"\x7fELF\x02\x01\x01\0",
        b"%PDF-1.7\n",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\n",
        b"<html><table><tr><td>a</td></tr></table>",
        b"[{\"a\": 1}]",
        b"\x1f\x8b\x08\0\0\0",
    ];
    for bytes in others {
        let error = open(bytes).unwrap_err();
        assert!(matches!(error, ReadError::NotTable { .. }), "{error}");
    }
    assert!(matches!(open("").unwrap_err(), ReadError::Empty));
    assert!(matches!(
        open("\u{feff}\n\n ,\n").unwrap_err(),
        ReadError::Empty
    ));
}

#[test]
fn a_zero_byte_anywhere_refuses_the_file() {
    let error = open("a,b\n1,2\n3,x\0y\n").unwrap_err();
    assert!(
        matches!(error, ReadError::Nul { line: 3, column: 2 }),
        "{error}"
    );
    let error = open("a,b\n1,2\n\"\0\",y\n").unwrap_err();
    assert!(
        matches!(error, ReadError::Nul { line: 3, column: 1 }),
        "{error}"
    );
}

#[test]
fn control_characters_reject_their_row() {
    let (rows, rejects) = read("a,b\n1,x\u{7}y\n2,ok\n3,\u{85}\n4,\u{1b}[31m\n5,\u{7f}\n");
    assert_eq!(rows.len(), 1);
    let codes: Vec<_> = rejects.iter().map(|reject| reject.reason.clone()).collect();
    let control = |code| Reason::Control { code };
    assert_eq!(
        codes,
        [control(7), control(0x85), control(0x1b), control(0x7f)]
    );
    assert_eq!(
        rejects[0].to_string(),
        "line 2, column 2 (b): the cell holds the control character U+0007: remove it"
    );
}

#[test]
fn a_few_cells_that_are_not_utf8_reject_their_rows() {
    let mut bytes = "name,city\nJürgen,Köln\nZoë,Málaga\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"Andr\xE9,Paris\nEva,Rome\n");
    let (rows, rejects) = read(bytes);
    assert_eq!(rows.len(), 3);
    assert_eq!(rejects[0].reason, Reason::NotUtf8);
    assert_eq!(
        (rejects[0].line, rejects[0].column.as_ref().unwrap().number),
        (4, 1)
    );
    assert_eq!(rejects[0].cells, ["André", "Paris"]);
}

#[test]
fn a_file_of_two_encodings_is_refused() {
    let mut bytes = "name,city\nJürgen,Ulm\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"Andr\xE9,Orl\xE9ans\n");
    let error = open(bytes).unwrap_err();
    assert!(
        matches!(error, ReadError::MixedEncodings { line: 3, column: 1 }),
        "{error}"
    );
}

#[test]
fn windows_1252_is_found_even_when_it_begins_late() {
    let mut bytes = b"name;city\n".to_vec();
    for _ in 0..20_000 {
        bytes.extend_from_slice(b"Smith;York\n");
    }
    bytes.extend_from_slice(b"M\xFCller;Z\xFCrich \x80\n");
    let source = open(bytes.clone()).unwrap();
    assert_eq!(source.form().encoding, Encoding::Windows1252);
    let (rows, _) = read(bytes);
    let last = rows.last().unwrap();
    assert_eq!((last.cell(0), last.cell(1)), ("Müller", "Zürich €"));
}

#[test]
fn the_bytes_that_windows_1252_does_not_have_reject_their_row() {
    let (rows, rejects) = read(b"name,city\nM\xFCller,Ulm\nR\x81e,Ulm\n".to_vec());
    assert_eq!(rows.len(), 1);
    assert_eq!(rejects[0].reason, Reason::Control { code: 0x81 });
}

#[test]
fn broken_utf16_names_the_place() {
    let mut bytes: Vec<u8> = "\u{feff}a,b\n1,2\n3,"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    bytes.extend_from_slice(&[0x00, 0xD8, 0x41, 0x00]);
    let error = open(bytes).unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::Encoding {
                line: 3,
                column: 2,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_file_that_changes_between_the_readings_is_noticed() {
    struct Shrinking(Cursor<Vec<u8>>, u32);
    impl Read for Shrinking {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.0.read(out)
        }
    }
    impl Seek for Shrinking {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.1 += 1;
            // End, sample, first reading, second reading.
            if self.1 == 4 {
                self.0.get_mut().truncate(8);
            }
            self.0.seek(to)
        }
    }
    let file = Shrinking(Cursor::new(b"a,b\n1,2\n3,4\n".to_vec()), 0);
    let mut source = Source::open(file, &Options::default()).unwrap();
    let items: Vec<_> = source.rows().unwrap().collect();
    assert!(items[0].is_ok());
    assert!(matches!(items[1], Err(ReadError::Changed)));
    assert_eq!(items.len(), 2);
}

#[test]
fn a_file_without_headers_is_refused() {
    let error = open("James,Butt,jbutt@example.com\nEva,Roe,eva@example.com\n").unwrap_err();
    assert!(
        matches!(error, ReadError::NoHeader { column: 3 }),
        "{error}"
    );
    assert!(
        !error.to_string().contains("jbutt"),
        "no personal data in an error"
    );
}

#[test]
fn a_declared_delimiter_is_obeyed() {
    let source = open("sep=|\na|b,c\n1|2\n").unwrap();
    assert_eq!(source.headers(), ["a", "b,c"]);
    let (rows, rejects) = read("sep=|\na|b,c\n1|2\n");
    assert_eq!((rows.len(), rejects.len(), rows[0].line), (1, 0, 3));
}

#[test]
fn nothing_prints_a_cell() {
    let (rows, rejects) = read("name,city\nSecretperson,Secretcity\nSecretperson\n");
    let source = open("name,city\nSecretperson,Secretcity\n").unwrap();
    let shown = format!("{rows:?} {rejects:?} {} {source:?}", rejects[0]);
    assert!(!shown.contains("Secret"), "{shown}");
}
