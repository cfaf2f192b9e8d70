//! The vault on both engines: what it seals opens in its place and nowhere else, what it shreds is
//! gone, and every rotation can stop anywhere.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set its scene has failed"
)]

mod fields;
mod files;
mod keys;
mod rotations;
mod tallies;

use std::sync::Arc;

use base::{ActorId, RecordId, SubjectId, SystemRng, Timestamp, Workspace, WorkspaceId};
use store::Db;
use vault::{Authority, FileProvider, Grant, KeyProvider, MIGRATIONS, Place, Stretch, Vault};

pub(crate) const RNG: SystemRng = SystemRng;
pub(crate) const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

pub(crate) fn on_each_engine(test: impl Fn(Db)) {
    store::testing::on_each_engine(&[MIGRATIONS], test);
}

pub(crate) fn on_sqlite(test: impl Fn(Db)) {
    store::testing::on_sqlite(&[MIGRATIONS], test);
}

pub(crate) fn workspace(number: u8) -> Workspace {
    Workspace {
        number: i64::from(number),
        id: WorkspaceId::from_bytes([number; 16]),
    }
}

pub(crate) fn subject(number: u32) -> SubjectId {
    let mut id = [0x5B; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    SubjectId::from_bytes(id)
}

pub(crate) fn row(number: u8) -> RecordId {
    RecordId::from_bytes([number; 16])
}

/// A root key in a file of its own, without a passphrase.
pub(crate) fn provider() -> Arc<dyn KeyProvider> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.key");
    Arc::new(FileProvider::create(&path, None, &RNG, Stretch::STANDARD).unwrap())
}

/// A new workspace and its open vault.
pub(crate) fn new_vault(
    db: &Db,
    provider: &Arc<dyn KeyProvider>,
    number: u8,
) -> (Vault, Authority) {
    let root = Arc::clone(provider);
    db.write(move |tx| Vault::create(tx, root.as_ref(), workspace(number), &RNG, NOW))
        .unwrap();
    reopened(db, provider, number)
}

/// The vault as another process would open it: with an empty memory.
pub(crate) fn reopened(db: &Db, provider: &Arc<dyn KeyProvider>, number: u8) -> (Vault, Authority) {
    db.read(|tx| Vault::open(tx, Arc::clone(provider), workspace(number)))
        .unwrap()
}

/// Everything in the tables 0 to 9.
pub(crate) fn everything(authority: &Authority) -> Grant {
    let columns: Vec<(u16, u64)> = (0..10).map(|table| (table, u64::MAX)).collect();
    authority.grant(ActorId::nil(), 1, &columns)
}

pub(crate) fn place(ws: u8, subject: SubjectId) -> Place {
    Place {
        ws: workspace(ws).id,
        subject,
        table: 1,
        row: row(1),
        column: 1,
    }
}
