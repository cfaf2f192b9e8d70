//! Writing one backup file: the layout of `format.rs` through the sealing of `stream.rs`.

use std::io::Write;

use aws_lc_rs::digest::{Context, SHA256};
use base::Rng;
use store::Cell;
use vault::{KeyProvider, Secret};

use crate::format::{END, Header, Owned, Preamble, SECTION};
use crate::stream::{Sealing, StreamKey};
use crate::{Error, Result};

/// Writes one file.
pub(crate) struct Writer<W> {
    out: Sealing<W>,
    whole: Context,
    section: Option<(Context, u64)>,
    sections: u32,
}

impl<W: Write> Writer<W> {
    /// Begins a file under a new key that the root key wraps.
    pub(crate) fn begin(
        mut out: W,
        header: &Header,
        provider: &dyn KeyProvider,
        rng: &dyn Rng,
    ) -> Result<Self> {
        let secret = Secret::random(rng);
        let bound = Preamble::key_bound(header.kind);
        let wrapped = provider.wrap(&bound, secret.expose(), rng)?;
        let preamble = Preamble::write(header, provider.key_id(), &wrapped, rng.bytes());
        out.write_all(preamble.text.as_bytes())?;
        let key = StreamKey::new(&secret, preamble.prefix, preamble.bound());
        let mut this = Self {
            out: Sealing::new(out, key),
            whole: Context::new(&SHA256),
            section: None,
            sections: 0,
        };
        let json = serde_json::to_vec(header).map_err(|_| Error::Damaged)?;
        let length = u32::try_from(json.len()).map_err(|_| Error::Damaged)?;
        this.put(&length.to_be_bytes())?;
        this.put(&json)?;
        Ok(this)
    }

    pub(crate) fn table(&mut self, name: &str, columns: &[String]) -> Result<()> {
        self.section = Some((Context::new(&SHA256), 0));
        self.sections += 1;
        self.put(&[SECTION])?;
        self.short(name)?;
        let count = u16::try_from(columns.len()).map_err(|_| Error::Damaged)?;
        self.put(&count.to_be_bytes())?;
        columns.iter().try_for_each(|column| self.short(column))
    }

    pub(crate) fn begin_row(&mut self) -> Result<()> {
        if let Some((_, rows)) = &mut self.section {
            *rows += 1;
        }
        self.put(&[1])
    }

    pub(crate) fn cell(&mut self, cell: Cell<'_>) -> Result<()> {
        match cell {
            Cell::Null => self.put(&[0]),
            Cell::Int(v) => self.number(1, v.to_be_bytes()),
            Cell::Real(v) => self.number(2, v.to_be_bytes()),
            Cell::Text(v) => self.long(3, v.as_bytes()),
            Cell::Bytes(v) => self.long(4, v),
        }
    }

    pub(crate) fn row(&mut self, cells: &[Owned]) -> Result<()> {
        self.begin_row()?;
        cells.iter().try_for_each(|cell| self.cell(cell.cell()))
    }

    /// Ends a table and says how many rows it has.
    pub(crate) fn end_table(&mut self) -> Result<u64> {
        self.put(&[0])?;
        let rows = self.section.as_ref().map_or(0, |(_, rows)| *rows);
        self.put(&rows.to_be_bytes())?;
        if let Some((context, _)) = self.section.take() {
            self.put(context.finish().as_ref())?;
        }
        Ok(rows)
    }

    pub(crate) fn finish(mut self) -> Result<W> {
        let sections = self.sections;
        self.put(&[END])?;
        self.put(&sections.to_be_bytes())?;
        let hash = self.whole.clone().finish();
        self.out.put(hash.as_ref())?;
        self.out.finish()
    }

    fn number(&mut self, tag: u8, bytes: [u8; 8]) -> Result<()> {
        self.put(&[tag])?;
        self.put(&bytes)
    }

    fn short(&mut self, text: &str) -> Result<()> {
        let length = u16::try_from(text.len()).map_err(|_| Error::Damaged)?;
        self.put(&length.to_be_bytes())?;
        self.put(text.as_bytes())
    }

    fn long(&mut self, tag: u8, bytes: &[u8]) -> Result<()> {
        let length =
            u32::try_from(bytes.len()).map_err(|_| Error::Io(std::io::ErrorKind::FileTooLarge))?;
        self.put(&[tag])?;
        self.put(&length.to_be_bytes())?;
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some((context, _)) = &mut self.section {
            context.update(bytes);
        }
        self.whole.update(bytes);
        self.out.put(bytes)
    }
}
