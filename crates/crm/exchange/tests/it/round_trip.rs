//! Random tables, written in every way, read back equal; and read as another reader reads them.

use exchange::{Delimiter, Encoding, LineEnding, Quote, guard};
use proptest::prelude::*;

use crate::{open, read};

#[derive(Debug, Clone, Copy)]
enum Written {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16LeMarked,
    Utf16Be,
    Utf16BeMarked,
    Windows1252,
}

#[derive(Debug, Clone)]
struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone, Copy)]
struct Style {
    written: Written,
    delimiter: Delimiter,
    quote: Quote,
    ending: LineEnding,
    always_quoted: bool,
    ends_with_line: bool,
}

fn style() -> impl Strategy<Value = Style> {
    use Written::*;
    let written = [
        Utf8,
        Utf8Marked,
        Utf16Le,
        Utf16LeMarked,
        Utf16Be,
        Utf16BeMarked,
        Windows1252,
    ];
    (
        prop::sample::select(written.to_vec()),
        prop::sample::select(Delimiter::ALL.to_vec()),
        prop::sample::select(vec![Quote::Double, Quote::Single]),
        prop::sample::select(vec![LineEnding::Lf, LineEnding::CrLf, LineEnding::Cr]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(written, delimiter, quote, ending, always_quoted, ends_with_line)| Style {
                written,
                delimiter,
                quote,
                ending,
                // Single marks are believed only when the header shows them.
                always_quoted: always_quoted || quote == Quote::Single,
                ends_with_line,
            },
        )
}

/// Every character that matters to a CSV reader, and letters that Windows-1252 has as well.
const LETTERS: &str = "[a-zäöüßéñÅ€0-9 ,;|\t\"'\n\r=+@.-]{0,12}";

fn table() -> impl Strategy<Value = Table> {
    (2..6_usize).prop_flat_map(|columns| {
        let header = prop::collection::vec("[A-Za-z][a-z ]{0,8}[a-z]", columns);
        let row = prop::collection::vec(LETTERS, columns)
            .prop_filter("a blank row is skipped", |row| {
                row.iter().any(|c| !c.trim().is_empty())
            });
        (header, prop::collection::vec(row, 0..12))
            .prop_map(|(headers, rows)| Table { headers, rows })
    })
}

fn write(table: &Table, style: Style) -> Vec<u8> {
    let ending = match style.ending {
        LineEnding::Lf => "\n",
        LineEnding::CrLf => "\r\n",
        LineEnding::Cr => "\r",
    };
    let (quote, delimiter) = (
        char::from(style.quote.byte()),
        char::from(style.delimiter.byte()),
    );
    let cell = |text: &String| {
        if style.always_quoted || text.contains([delimiter, quote, '\r', '\n']) {
            format!(
                "{quote}{}{quote}",
                text.replace(quote, &format!("{quote}{quote}"))
            )
        } else {
            text.clone()
        }
    };
    let lines = std::iter::once(&table.headers).chain(&table.rows);
    let lines = lines.map(|row| {
        row.iter()
            .map(cell)
            .collect::<Vec<_>>()
            .join(&delimiter.to_string())
    });
    let mut text = lines.collect::<Vec<_>>().join(ending);
    if style.ends_with_line {
        text.push_str(ending);
    }
    encode(&text, style.written)
}

fn encode(text: &str, written: Written) -> Vec<u8> {
    let le = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    let be = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect::<Vec<_>>()
    };
    match written {
        Written::Utf8 => text.into(),
        Written::Utf8Marked => format!("\u{feff}{text}").into(),
        Written::Utf16Le => le(text),
        Written::Utf16LeMarked => le(&format!("\u{feff}{text}")),
        Written::Utf16Be => be(text),
        Written::Utf16BeMarked => be(&format!("\u{feff}{text}")),
        Written::Windows1252 => {
            let byte = |c: char| {
                if c == '€' {
                    0x80
                } else {
                    u8::try_from(u32::from(c)).unwrap()
                }
            };
            text.chars().map(byte).collect()
        }
    }
}

fn expected_encoding(written: Written, bytes: &[u8]) -> Encoding {
    match written {
        Written::Utf8 | Written::Utf8Marked => Encoding::Utf8,
        Written::Utf16Le | Written::Utf16LeMarked => Encoding::Utf16Le,
        Written::Utf16Be | Written::Utf16BeMarked => Encoding::Utf16Be,
        Written::Windows1252 if bytes.is_ascii() => Encoding::Utf8,
        Written::Windows1252 => Encoding::Windows1252,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(table in table(), style in style()) {
        let bytes = write(&table, style);
        // Two letters of Windows-1252 side by side can happen to be one letter of UTF-8: nobody
        // can tell such a file, and it is not what this is about.
        if matches!(style.written, Written::Windows1252) && !bytes.is_ascii() {
            let cells = table.rows.iter().flatten().map(|c| encode(c, Written::Windows1252));
            prop_assume!(cells.filter(|c| !c.is_ascii()).all(|c| std::str::from_utf8(&c).is_err()));
        }
        let source = open(bytes.clone()).unwrap();
        let form = *source.form();
        prop_assert_eq!(form.encoding, expected_encoding(style.written, &bytes));
        prop_assert_eq!(form.delimiter, style.delimiter);
        prop_assert_eq!(source.headers(), &table.headers[..]);
        let (rows, rejects) = read(bytes);
        prop_assert_eq!(rejects.len(), 0);
        let cells: Vec<Vec<String>> = rows.iter().map(exchange::Row::to_cells).collect();
        prop_assert_eq!(&cells, &table.rows);
        let mut line = 2;
        for row in rows {
            prop_assert_eq!(row.line, line, "line of the row");
            line += 1 + row.cells().map(line_breaks).sum::<u64>();
        }
    }

    #[test]
    fn another_reader_reads_the_same(text in "(a,b\n)([a-z\" ,\n]{0,40})") {
        let mut theirs = Vec::new();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        for record in reader.records() {
            let record = record.unwrap();
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                theirs.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
            }
        }
        // It takes two liberties that we refuse: an open quotation mark at the end, and text
        // behind a closing one, of which we keep the mark.
        if let Ok(mut source) = open(text.clone()) {
            let mut ours = Vec::new();
            let mut stray = false;
            for item in source.rows().unwrap() {
                match item.unwrap() {
                    Ok(row) => ours.push(row.to_cells()),
                    Err(reject) => {
                        stray |= reject.reason == exchange::Reason::StrayQuote;
                        ours.push(reject.cells);
                    }
                }
            }
            if !stray && source.form().delimiter == Delimiter::Comma {
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(mut source) = open(bytes) {
            for item in source.rows().unwrap() {
                let _: Result<exchange::Row, exchange::Reject> = item.unwrap();
            }
        }
    }

    #[test]
    fn the_guard_is_taken_off_again(text in "[ '=+@a0.-]{0,6}|\\PC{0,8}") {
        let guarded = guard::spreadsheet_cell(&text);
        prop_assert_eq!(guard::unguarded(&guarded), text.as_str());
        let first = guarded.chars().next();
        let number = guarded.strip_prefix('-').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
        prop_assert!(number || !matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n')));
    }
}

fn line_breaks(cell: &str) -> u64 {
    let breaks = cell.replace("\r\n", "\n");
    breaks.matches(['\r', '\n']).count() as u64
}

#[test]
fn what_the_guard_touches() {
    for (text, guarded) in [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("'=1", "''=1"),
        ("＝1", "'＝1"),
        ("-12.50", "-12.50"),
        ("-12", "-12"),
        ("O'Neill", "O'Neill"),
        ("'tis", "'tis"),
        ("", ""),
    ] {
        assert_eq!(guard::spreadsheet_cell(text), guarded);
        assert_eq!(guard::unguarded(guarded), text);
    }
}
