//! Tables as text: finding out how a file is written, checking it whole, reading it row by row.
//!
//! `dialect` guesses delimiter and quoting from a sample, `records` splits bytes into cells in
//! bounded memory, `input` and `survey` serve `source`, which reads the file twice: once to check
//! it whole, once for its rows.

mod dialect;
mod input;
mod records;
mod row;
mod source;
mod survey;

pub use dialect::{Delimiter, LineEnding, Quote};
pub use row::Row;
pub use source::{Form, Limits, Options, RowOrReject, Rows, Shape, Source};
