//! The root key in a small text file, sealed by a passphrase or bare.
//!
//! ```text
//! privet root key 1
//! id rk-0123456789abcdef
//! stretch argon2id m=65536 t=3 p=1
//! salt <16 bytes, hexadecimal>
//! sealed <nonce 12 | key 32 | tag 16, AES-256-GCM, hexadecimal; everything above is authenticated>
//! check <first 8 bytes of the SHA-256 of everything above: tells damage from a wrong passphrase>
//! ```
//!
//! Without a passphrase one line `plain <32 bytes>` stands for the three in the middle.
//!
//! Must never do: write over a file, use one that others may read, or name a path in an error.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use aws_lc_rs::digest::{SHA256, digest};
use base::Rng;
use zeroize::Zeroizing;

use crate::wrapped::aead;
use crate::{Error, KeyProvider, Secret};

const HEAD: &str = "privet root key 1";
/// No such file is longer.
const MAX_LEN: u64 = 4096;
/// Format byte of a key wrapped by a root key from a file: format 1 | nonce 12 | key 32 | tag 16.
const FORMAT: u8 = 0xC1;
const SEALED_LEN: usize = 12 + 32 + 16;

/// How a passphrase is stretched: argon2id with one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Stretch {
    /// 64 MiB, three passes: about 130 ms.
    pub const STANDARD: Self = Self {
        memory_kib: 65_536,
        passes: 3,
    };
    /// What a file may ask for at most, so that a forged one cannot take the machine's memory.
    const MOST: Self = Self {
        memory_kib: 1_048_576,
        passes: 64,
    };

    fn key(self, passphrase: &str, salt: &[u8]) -> Result<Secret, Error> {
        if self.memory_kib > Self::MOST.memory_kib || self.passes > Self::MOST.passes {
            return Err(Error::Stretch);
        }
        let params =
            Params::new(self.memory_kib, self.passes, 1, Some(32)).map_err(|_| Error::Stretch)?;
        let mut key = Secret::zero();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, key.bytes_mut())
            .map_err(|_| Error::Stretch)?;
        Ok(key)
    }
}

/// A root key that was read from its file.
pub struct FileProvider {
    id: String,
    key: LessSafeKey,
}

impl FileProvider {
    /// Makes a new root key and writes its file (mode 0600, never over another), synced to the disk.
    ///
    /// # Errors
    /// [`Error::RootExists`], [`Error::Stretch`], [`Error::Io`].
    pub fn create(
        path: &Path,
        passphrase: Option<&str>,
        rng: &dyn Rng,
        stretch: Stretch,
    ) -> Result<Self, Error> {
        let root = Secret::random(rng);
        let text = written(&root, passphrase, rng, stretch)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => Error::RootExists,
                other => Error::Io(other),
            })?;
        let kept = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_dir(path));
        if let Err(error) = kept {
            // Half a key file is of no use and would stand in the way of the next attempt.
            drop(std::fs::remove_file(path));
            return Err(Error::Io(error.kind()));
        }
        Ok(Self::of(&root))
    }

    /// Reads a root key.
    ///
    /// # Errors
    /// [`Error::RootMissing`], [`Error::RootOpenToOthers`], [`Error::RootDamaged`],
    /// [`Error::PassphraseNeeded`], [`Error::PassphraseWrong`], [`Error::PassphraseNotNeeded`],
    /// [`Error::Stretch`], [`Error::Io`]. Nothing is ever written.
    pub fn open(path: &Path, passphrase: Option<&str>) -> Result<Self, Error> {
        let text = read(path)?;
        let lines = Lines::parse(&text).ok_or(Error::RootDamaged)?;
        let key_id = lines.id.to_owned();
        let root = match (&lines.key, passphrase) {
            (Held::Plain(_), Some(_)) => return Err(Error::PassphraseNotNeeded { key_id }),
            (Held::Sealed { .. }, None) => return Err(Error::PassphraseNeeded { key_id }),
            (Held::Plain(hex), None) => secret(hex).ok_or(Error::RootDamaged)?,
            (
                Held::Sealed {
                    stretch,
                    salt,
                    bound,
                    sealed,
                },
                Some(passphrase),
            ) => {
                let opener = stretch.key(passphrase, salt)?;
                unseal(&aead(&opener), bound.as_bytes(), sealed)
                    .ok_or(Error::PassphraseWrong { key_id })?
            }
        };
        let provider = Self::of(&root);
        if provider.id == lines.id {
            Ok(provider)
        } else {
            Err(Error::RootDamaged)
        }
    }

    fn of(root: &Secret) -> Self {
        Self {
            id: id_of(root),
            key: aead(root),
        }
    }
}

impl KeyProvider for FileProvider {
    fn key_id(&self) -> &str {
        &self.id
    }

    fn wrap(&self, aad: &[u8], key: &[u8; 32], rng: &dyn Rng) -> Result<Vec<u8>, Error> {
        let mut wrapped = vec![FORMAT];
        wrapped.extend_from_slice(&seal(&self.key, aad, key, rng));
        Ok(wrapped)
    }

    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Secret, Error> {
        match wrapped.split_first() {
            Some((&FORMAT, sealed)) => unseal(&self.key, aad, sealed).ok_or(Error::KeyDamaged),
            _ => Err(Error::KeyDamaged),
        }
    }
}

impl std::fmt::Debug for FileProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileProvider({})", self.id)
    }
}

/// A fingerprint that says nothing about the key it names.
fn id_of(root: &Secret) -> String {
    format!(
        "rk-{}",
        base::hex(&root.derive(&[b"privet/root-id/1"]).expose()[..8])
    )
}

fn seal(key: &LessSafeKey, aad: &[u8], secret: &[u8; 32], rng: &dyn Rng) -> [u8; SEALED_LEN] {
    let mut out = [0; SEALED_LEN];
    let nonce: [u8; 12] = rng.bytes();
    out[..12].copy_from_slice(&nonce);
    out[12..44].copy_from_slice(secret);
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut out[12..44],
        )
        .expect("AES-GCM seals 32 bytes");
    out[44..].copy_from_slice(tag.as_ref());
    out
}

fn unseal(key: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Option<Secret> {
    if sealed.len() != SEALED_LEN {
        return None;
    }
    let nonce = Nonce::try_assume_unique_for_key(&sealed[..12]).ok()?;
    let mut secret = Secret::zero();
    key.open_separate_gather(
        nonce,
        Aad::from(aad),
        &sealed[12..44],
        &sealed[44..],
        secret.bytes_mut(),
    )
    .ok()?;
    Some(secret)
}

fn written(
    root: &Secret,
    passphrase: Option<&str>,
    rng: &dyn Rng,
    stretch: Stretch,
) -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    text.push_str(&format!("{HEAD}\nid {}\n", id_of(root)));
    if let Some(passphrase) = passphrase {
        let salt: [u8; 16] = rng.bytes();
        let Stretch { memory_kib, passes } = stretch;
        text.push_str(&format!(
            "stretch argon2id m={memory_kib} t={passes} p=1\nsalt {}\n",
            base::hex(&salt)
        ));
        let sealer = aead(&stretch.key(passphrase, &salt)?);
        let sealed = seal(&sealer, text.as_bytes(), root.expose(), rng);
        text.push_str(&format!("sealed {}\n", base::hex(&sealed)));
    } else {
        let bare = Zeroizing::new(base::hex(root.expose()));
        text.push_str("plain ");
        text.push_str(&bare);
        text.push('\n');
    }
    let check = check(&text);
    text.push_str(&format!("check {check}\n"));
    Ok(text)
}

fn check(text: &str) -> String {
    base::hex(&digest(&SHA256, text.as_bytes()).as_ref()[..8])
}

fn sync_dir(path: &Path) -> std::io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(parent)?.sync_all()
}

/// The mode is asked of the open file, not of the path, so that the two cannot differ.
fn read(path: &Path) -> Result<Zeroizing<String>, Error> {
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::RootMissing,
        other => Error::Io(other),
    })?;
    let meta = file.metadata().map_err(|error| Error::Io(error.kind()))?;
    if !meta.is_file() || meta.len() > MAX_LEN {
        return Err(Error::RootDamaged);
    }
    if meta.mode() & 0o077 != 0 {
        return Err(Error::RootOpenToOthers);
    }
    // The room is taken at once, so that growing leaves no copy of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(
        usize::try_from(MAX_LEN).unwrap_or(0) + 1,
    ));
    match file.take(MAX_LEN).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(Error::RootDamaged),
        Err(error) => Err(Error::Io(error.kind())),
    }
}

struct Lines<'a> {
    id: &'a str,
    key: Held<'a>,
}

enum Held<'a> {
    Plain(&'a str),
    Sealed {
        stretch: Stretch,
        salt: Vec<u8>,
        bound: &'a str,
        sealed: Vec<u8>,
    },
}

impl<'a> Lines<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let at = text.rfind("check ")?;
        let (above, last) = text.split_at(at);
        if last.strip_prefix("check ")?.strip_suffix('\n')? != check(above) {
            return None;
        }
        let mut lines = above.lines();
        if lines.next()? != HEAD {
            return None;
        }
        let id = lines.next()?.strip_prefix("id ")?;
        let next = lines.next()?;
        let key = if let Some(hex) = next.strip_prefix("plain ") {
            Held::Plain(hex)
        } else {
            let stretch = stretch(next)?;
            let salt = base::unhex(lines.next()?.strip_prefix("salt ")?)?;
            let sealed = base::unhex(lines.next()?.strip_prefix("sealed ")?)?;
            Held::Sealed {
                stretch,
                salt,
                bound: &above[..above.rfind("sealed ")?],
                sealed,
            }
        };
        lines.next().is_none().then_some(Self { id, key })
    }
}

fn stretch(line: &str) -> Option<Stretch> {
    let rest = line
        .strip_prefix("stretch argon2id m=")?
        .strip_suffix(" p=1")?;
    let (memory, passes) = rest.split_once(" t=")?;
    Some(Stretch {
        memory_kib: memory.parse().ok()?,
        passes: passes.parse().ok()?,
    })
}

/// Straight into the place that is zeroed: a growing buffer would leave copies.
fn secret(hex: &str) -> Option<Secret> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut secret = Secret::zero();
    for (at, byte) in secret.bytes_mut().iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(secret)
}
