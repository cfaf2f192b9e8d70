//! Reading one backup file: every byte that is given out was authenticated before.

use std::io::BufRead;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use vault::KeyProvider;

use crate::format::{Cells, END, FileKind, Header, Owned, Preamble, SECTION, Section, VERSION};
use crate::stream::{Opening, StreamKey};
use crate::{Error, Result};

/// No header is longer, in bytes.
const HEADER_MAX: u32 = 16 << 20;

/// Reads one file. Every byte that it gives was authenticated.
pub(crate) struct Reader<R> {
    from: Opening<R>,
    whole: Context,
    section: Option<(Context, u64)>,
    sections: u32,
    width: usize,
    pub(crate) header: Header,
}

impl<R: BufRead> Reader<R> {
    /// Opens a file under the root key it asks for.
    pub(crate) fn open(
        mut from: R,
        kind: FileKind,
        providers: &[Arc<dyn KeyProvider>],
    ) -> Result<Self> {
        let preamble = Preamble::read(&mut from)?;
        if preamble.kind != kind {
            return Err(Error::NotABackup(match kind {
                FileKind::Data => "this is the key file of a backup: give the file without .keys",
                FileKind::Keys => {
                    "this is no key file of a backup: give the one that ends in .keys"
                }
            }));
        }
        let ids: Vec<&str> = providers.iter().map(|p| p.key_id()).collect();
        let provider = providers
            .iter()
            .find(|provider| provider.key_id() == preamble.root)
            .ok_or_else(|| Error::WrongRoot {
                asked: preamble.root.clone(),
                given: ids.join(", "),
            })?;
        let secret = provider
            .unwrap(&Preamble::key_bound(kind), &preamble.wrapped)
            .map_err(|_| Error::Damaged)?;
        let key = StreamKey::new(&secret, preamble.prefix, preamble.bound());
        let mut this = Self {
            from: Opening::new(from, key)?,
            whole: Context::new(&SHA256),
            section: None,
            sections: 0,
            width: 0,
            header: Header {
                version: 0,
                kind,
                backup: String::new(),
                workspace_number: 0,
                workspace: String::new(),
                made: 0,
                steps: Vec::new(),
                log_size: 0,
                log_root: String::new(),
            },
        };
        let length = u32::from_be_bytes(this.array()?);
        if length > HEADER_MAX {
            return Err(Error::Damaged);
        }
        let json = this.bytes(length)?;
        this.header = serde_json::from_slice(&json).map_err(|_| Error::Damaged)?;
        if this.header.version != VERSION || this.header.kind != kind {
            return Err(Error::Damaged);
        }
        Ok(this)
    }

    /// The next table; `None` at the end of the file, which is then known to be whole.
    pub(crate) fn section(&mut self) -> Result<Option<Section>> {
        let [tag] = self.peeked()?;
        match tag {
            SECTION => {}
            END => return self.finish().map(|()| None),
            _ => return Err(Error::Damaged),
        }
        let mut context = Context::new(&SHA256);
        context.update(&[tag]);
        self.section = Some((context, 0));
        self.sections += 1;
        let table = self.short()?;
        self.width = usize::from(u16::from_be_bytes(self.array()?));
        let columns = (0..self.width)
            .map(|_| self.short())
            .collect::<Result<_>>()?;
        Ok(Some(Section { table, columns }))
    }

    /// The next row of the table; `None` at its end.
    pub(crate) fn row(&mut self) -> Result<Option<Cells>> {
        match self.array()? {
            [0] => return self.end_section().map(|()| None),
            [1] => {}
            _ => return Err(Error::Damaged),
        }
        if let Some((_, rows)) = &mut self.section {
            *rows += 1;
        }
        (0..self.width)
            .map(|_| self.cell())
            .collect::<Result<_>>()
            .map(Some)
    }

    fn cell(&mut self) -> Result<Owned> {
        Ok(match self.array()? {
            [0] => Owned::Null,
            [1] => Owned::Int(i64::from_be_bytes(self.array()?)),
            [2] => Owned::Real(f64::from_be_bytes(self.array()?)),
            [3] => Owned::Text(String::from_utf8(self.long()?).map_err(|_| Error::Damaged)?),
            [4] => Owned::Bytes(self.long()?),
            _ => return Err(Error::Damaged),
        })
    }

    fn end_section(&mut self) -> Result<()> {
        let counted = u64::from_be_bytes(self.array()?);
        let (context, rows) = self.section.take().ok_or(Error::Damaged)?;
        let hash: [u8; 32] = self.array()?;
        if counted == rows && context.finish().as_ref() == hash {
            Ok(())
        } else {
            Err(Error::Damaged)
        }
    }

    fn finish(&mut self) -> Result<()> {
        let counted = u32::from_be_bytes(self.array()?);
        let expected = self.whole.clone().finish();
        let mut hash = [0; 32];
        self.from.take(&mut hash)?;
        if counted != self.sections || expected.as_ref() != hash {
            return Err(Error::Damaged);
        }
        self.from.end()
    }

    /// A tag between sections, which belongs to the file but not to the section before.
    fn peeked(&mut self) -> Result<[u8; 1]> {
        self.array()
    }

    fn short(&mut self) -> Result<String> {
        let length = u16::from_be_bytes(self.array()?);
        let bytes = self.bytes(u32::from(length))?;
        String::from_utf8(bytes).map_err(|_| Error::Damaged)
    }

    fn long(&mut self) -> Result<Vec<u8>> {
        let length = u32::from_be_bytes(self.array()?);
        self.bytes(length)
    }

    fn bytes(&mut self, length: u32) -> Result<Vec<u8>> {
        let mut out = vec![0; usize::try_from(length).map_err(|_| Error::Damaged)?];
        self.take(&mut out)?;
        Ok(out)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        self.take(&mut out)?;
        Ok(out)
    }

    fn take(&mut self, out: &mut [u8]) -> Result<()> {
        self.from.take(out)?;
        if let Some((context, _)) = &mut self.section {
            context.update(out);
        }
        self.whole.update(out);
        Ok(())
    }
}
