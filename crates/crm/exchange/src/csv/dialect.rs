//! How a table is written: delimiter, quotation mark, line ends; guessed from its first bytes.
//!
//! A delimiter is believed when it splits the header into several cells and the rows after it
//! into as many. A first line `sep=;`, which spreadsheets write, decides. Single quotation marks
//! are believed only when the header itself begins and ends with one. Backslash escapes are not
//! read: such a row is rejected for its stray quotation mark instead of being cut wrongly.

use super::records::{Record, Records};
use super::source::Limits;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    /// All, the most usual first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    /// Its byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

/// What encloses a cell that holds a delimiter or a line break. Doubled inside the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
}

impl Quote {
    /// Its byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Double => b'"',
            Self::Single => b'\'',
        }
    }
}

/// What most lines end with. All three are read, mixed as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
}

/// How cells and rows are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub delimiter: Delimiter,
    pub quote: Quote,
    /// The first line is `sep=…` and holds no headers.
    pub declared: bool,
}

/// The dialect of a table that begins with `sample`, whose encoding shares ASCII.
pub(crate) fn sniff(sample: &[u8], whole: bool, forced: Option<Delimiter>) -> Dialect {
    let declared = declared_delimiter(sample);
    let quote = if quoted_singly(sample) {
        Quote::Single
    } else {
        Quote::Double
    };
    let delimiter = forced.or(declared).unwrap_or_else(|| {
        let fits =
            Delimiter::ALL.map(|delimiter| (fit(sample, whole, delimiter, quote), delimiter));
        let best = fits
            .iter()
            .copied()
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(Delimiter::Comma, |(_, delimiter)| delimiter)
    });
    Dialect {
        delimiter,
        quote,
        declared: declared.is_some(),
    }
}

/// What most lines of the sample end with.
pub(crate) fn line_ending(sample: &[u8]) -> LineEnding {
    let (mut lf, mut crlf, mut cr, mut previous) = (0_u32, 0_u32, 0_u32, 0);
    for &byte in sample {
        match (previous, byte) {
            (b'\r', b'\n') => (cr, crlf) = (cr - 1, crlf + 1),
            (_, b'\n') => lf += 1,
            (_, b'\r') => cr += 1,
            _ => {}
        }
        previous = byte;
    }
    if crlf >= lf && crlf >= cr && crlf > 0 {
        LineEnding::CrLf
    } else if cr > lf {
        LineEnding::Cr
    } else {
        LineEnding::Lf
    }
}

fn first_line(sample: &[u8]) -> &[u8] {
    let end = sample.iter().position(|b| matches!(b, b'\r' | b'\n'));
    &sample[..end.unwrap_or(sample.len())]
}

fn declared_delimiter(sample: &[u8]) -> Option<Delimiter> {
    match first_line(sample) {
        [s, e, p, b'=', byte] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            Delimiter::ALL.into_iter().find(|d| d.byte() == *byte)
        }
        _ => None,
    }
}

fn quoted_singly(sample: &[u8]) -> bool {
    matches!(first_line(sample), [b'\'', .., b'\''])
}

/// How well a delimiter fits: columns of the header times the squared share of rows that have as
/// many, in thousandths; zero when it does not split the header.
fn fit(sample: &[u8], whole: bool, delimiter: Delimiter, quote: Quote) -> usize {
    let dialect = Dialect {
        delimiter,
        quote,
        declared: false,
    };
    let mut records = Records::new(sample, dialect, Limits::default());
    let mut record = Record::default();
    let mut widths = Vec::new();
    // An error ends the sample: what was read before it still tells the delimiter.
    while matches!(records.next(&mut record), Ok(true)) {
        if !record.is_blank() {
            widths.push(record.len());
        }
    }
    if !whole && widths.len() > 1 {
        widths.pop();
    }
    match widths.first() {
        // A table whose only record is broken off inside a quoted cell.
        None => usize::from(record.len() > 1) * record.len() * 1000,
        Some(1) => 0,
        Some(&columns) => {
            let same = widths.iter().filter(|&&width| width == columns).count();
            let share = same * 1000 / widths.len();
            columns * share * share / 1000
        }
    }
}
