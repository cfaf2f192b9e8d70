//! The exported log: a text header, the leaves, the checkpoints, and a closing hash.
//!
//! Layout (numbers big-endian):
//!
//! ```text
//! privet-log-export 1\n
//! origin <name of the log>\n
//! workspace <32 hex digits>\n
//! key <verifier key>\n                     one line for each key
//! leaves <number>\n
//! checkpoints <number>\n
//! \n
//! (length u16, leaf) ...
//! (length u32, checkpoint) ...
//! end <SHA-256 of all before this line, 64 hex digits>\n
//! ```
//!
//! The checkpoints come last, so the file is read twice, in little memory whatever its length:
//! once for the checkpoints and the closing hash, once for the leaves.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use crate::merkle::{Hash, Tree, leaf_hash};
use crate::note::{self, VerifierKey};
use crate::{Problem, wrong};

/// The longest header line: an ML-DSA-44 key takes about 1,800 characters.
const LINE: usize = 4_096;
/// The longest checkpoint: 32 signatures of 3.5 KB.
const NOTE: u32 = 131_072;
/// Bytes of a leaf of layout 1.
const LEAF: usize = 215;

/// A log that was found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The name of the log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// How many checkpoints were held against them.
    pub checkpoints: u64,
    /// The keys the file itself names, as text.
    pub keys: Vec<String>,
}

/// Verifies an exported log: every leaf numbered without gap, of the log's workspace, of a time
/// that never goes back; every checkpoint signed and with the root that the leaves give; the last
/// one over all leaves; nothing missing, nothing left over.
///
/// `trusted` are keys known from elsewhere. With none, the keys in the file are taken, which
/// proves that the file is whole but not whose log it is.
pub fn verify_export<R: Read + Seek>(
    mut input: R,
    trusted: &[VerifierKey],
) -> Result<Report, Problem> {
    // First pass: where the checkpoints are and of what sizes.
    let mut file = Reading::new(BufReader::with_capacity(1 << 16, &mut input));
    let header = Header::read(&mut file)?;
    let keys = if trusted.is_empty() {
        &header.keys
    } else {
        trusted
    };
    for seq in 0..header.leaves {
        file.leaf(seq)?;
    }
    let checkpoints = read_notes(&mut file, &header, keys)?;
    // Kept back: the leaves may tell more closely where the file was altered.
    let end = file.end();
    // Second pass: the leaves, with a look at the root wherever a checkpoint gives one.
    input.seek(SeekFrom::Start(0)).map_err(Problem::Read)?;
    let mut file = Reading::new(BufReader::with_capacity(1 << 16, &mut input));
    let again = Header::read(&mut file)?;
    if (again.leaves, &again.origin) != (header.leaves, &header.origin) {
        return wrong("the file", "it changed while it was read");
    }
    let root = read_leaves(&mut file, &header, &checkpoints)?;
    end?;
    Ok(Report {
        origin: header.origin,
        size: header.leaves,
        root,
        checkpoints: header.checkpoints,
        keys: header.keys.iter().map(|k| k.text().to_owned()).collect(),
    })
}

struct Header {
    origin: String,
    workspace: [u8; 16],
    keys: Vec<VerifierKey>,
    leaves: u64,
    checkpoints: u64,
}

impl Header {
    fn read<R: Read>(file: &mut Reading<R>) -> Result<Self, Problem> {
        if file.line()? != "privet-log-export 1" {
            return wrong("the header", "this is no exported log of layout 1");
        }
        let origin = field(&file.line()?, "origin")?.to_owned();
        let workspace = crate::unhex(field(&file.line()?, "workspace")?);
        let Some(workspace) = workspace.and_then(|bytes| bytes.try_into().ok()) else {
            return wrong("the header", "the workspace is not 32 hex digits");
        };
        let mut keys = Vec::new();
        let mut line = file.line()?;
        while let Some(key) = line.strip_prefix("key ") {
            let key: VerifierKey = key
                .parse()
                .or_else(|what: String| wrong::<VerifierKey>("the header", &what))?;
            if key.name() != origin || keys.len() == 64 {
                return wrong(
                    "the header",
                    "a key is not of this log, or there are too many",
                );
            }
            keys.push(key);
            line = file.line()?;
        }
        let leaves = number(&line, "leaves")?;
        let checkpoints = number(&file.line()?, "checkpoints")?;
        if !file.line()?.is_empty() {
            return wrong("the header", "it does not end with an empty line");
        }
        Ok(Self {
            origin,
            workspace,
            keys,
            leaves,
            checkpoints,
        })
    }
}

fn field<'a>(line: &'a str, name: &str) -> Result<&'a str, Problem> {
    match line.split_once(' ') {
        Some((found, value)) if found == name && !value.is_empty() => Ok(value),
        _ => wrong("the header", &format!("the line `{name}` is missing")),
    }
}

fn number(line: &str, name: &str) -> Result<u64, Problem> {
    let text = field(line, name)?;
    match text.parse::<u64>() {
        Ok(number) if number.to_string() == text => Ok(number),
        _ => wrong("the header", &format!("`{name}` is not a number")),
    }
}

/// The roots that the checkpoints give, by size; the last is over all leaves.
fn read_notes<R: Read>(
    file: &mut Reading<R>,
    header: &Header,
    keys: &[VerifierKey],
) -> Result<BTreeMap<u64, Hash>, Problem> {
    let mut roots = BTreeMap::new();
    for index in 0..header.checkpoints {
        let place = format!("checkpoint {index} of the file");
        let text = file.note(&place)?;
        let checkpoint = note::open(&text, keys).or_else(|what| wrong(&place, &what))?;
        if checkpoint.origin != header.origin {
            return wrong(&place, "it is of another log");
        }
        if roots
            .last_key_value()
            .is_some_and(|(last, _)| *last >= checkpoint.size)
        {
            return wrong(&place, "it is out of order");
        }
        roots.insert(checkpoint.size, checkpoint.root);
    }
    match roots.last_key_value() {
        Some((last, _)) if *last == header.leaves => Ok(roots),
        Some((last, _)) => wrong(
            "the checkpoints",
            &format!(
                "the last is over {last} leaves, the file has {}",
                header.leaves
            ),
        ),
        None => wrong("the checkpoints", "there are none, so nothing is signed"),
    }
}

fn read_leaves<R: Read>(
    file: &mut Reading<R>,
    header: &Header,
    roots: &BTreeMap<u64, Hash>,
) -> Result<Hash, Problem> {
    let mut tree = Tree::default();
    let (mut time, mut signed) = (0, 0);
    if roots.get(&0).is_some_and(|root| *root != tree.root()) {
        return wrong(
            "the checkpoint of size 0",
            "its root is not that of nothing",
        );
    }
    for seq in 0..header.leaves {
        let leaf = file.leaf(seq)?;
        time = check_leaf(&leaf, seq, time, header)
            .or_else(|what| wrong(&format!("leaf {seq}"), what))?;
        tree.push(leaf_hash(&leaf));
        if let Some(root) = roots.get(&(seq + 1)) {
            if tree.root() != *root {
                return wrong(
                    &format!("leaves {signed} to {seq}"),
                    "they are not those that the checkpoint after them was signed over",
                );
            }
            signed = seq + 1;
        }
    }
    Ok(tree.root())
}

/// The leaf's own time, when it fits.
fn check_leaf(
    leaf: &[u8; LEAF],
    seq: u64,
    not_before: i64,
    header: &Header,
) -> Result<i64, &'static str> {
    let number = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&leaf[at..at + 8]);
        bytes
    };
    let time = i64::from_be_bytes(number(9));
    if leaf[0] != 1 {
        Err("its layout is unknown")
    } else if u64::from_be_bytes(number(1)) != seq {
        Err("it has another number")
    } else if time < not_before {
        Err("its time is before that of the leaf before it")
    } else if leaf[17..33] != header.workspace {
        Err("it belongs to another workspace")
    } else {
        Ok(time)
    }
}

/// The file, read front to back and hashed on the way.
struct Reading<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> Reading<R> {
    fn new(input: R) -> Self {
        Self {
            input,
            hash: Sha256::new(),
        }
    }

    fn fill(&mut self, out: &mut [u8]) -> Result<(), Problem> {
        match self.input.read_exact(out) {
            Ok(()) => {
                self.hash.update(&*out);
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                wrong("the end of the file", "the file is cut short")
            }
            Err(error) => Err(Problem::Read(error)),
        }
    }

    fn line(&mut self) -> Result<String, Problem> {
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            self.fill(&mut byte)?;
            if byte == *b"\n" {
                break;
            }
            if line.len() == LINE {
                return wrong("the header", "a line is too long");
            }
            line.extend(byte);
        }
        String::from_utf8(line).or_else(|_| wrong("the header", "a line is no text"))
    }

    fn leaf(&mut self, seq: u64) -> Result<[u8; LEAF], Problem> {
        let mut length = [0; 2];
        self.fill(&mut length)?;
        if usize::from(u16::from_be_bytes(length)) != LEAF {
            return wrong(&format!("leaf {seq}"), "it has a length that no leaf has");
        }
        let mut leaf = [0; LEAF];
        self.fill(&mut leaf)?;
        Ok(leaf)
    }

    fn note(&mut self, place: &str) -> Result<String, Problem> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > NOTE {
            return wrong(place, "it is longer than any checkpoint");
        }
        let mut note = vec![0; length as usize];
        self.fill(&mut note)?;
        String::from_utf8(note).or_else(|_| wrong(place, "it is no text"))
    }

    fn end(&mut self) -> Result<(), Problem> {
        let expected = format!("end {}\n", crate::hex(&self.hash.clone().finalize()));
        let mut end = vec![0; expected.len()];
        self.fill(&mut end)?;
        if end != expected.as_bytes() {
            return wrong("the end of the file", "its hash is not that of the file");
        }
        match self.input.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => wrong("the end of the file", "something follows it"),
            Err(error) => Err(Problem::Read(error)),
        }
    }
}
