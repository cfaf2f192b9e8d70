//! The few keys above the subjects' keys, as they are opened once at start: workspace keys, roots of
//! the blind indexes, keys of services. Each is wrapped by the root key and bound to what it is for.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::aead::LessSafeKey;
use base::{Rng, SubjectId, Timestamp, Workspace, WorkspaceId};
use store::Tx;

use crate::sql::{self, Numbered};
use crate::wrapped::{self, aead};
use crate::{BlindIndex, Error, KeyProvider, Secret};

/// Seed of the Ed25519 key that signs the log.
pub const LOG_ED25519: &str = "log.ed25519";
/// Seed of the ML-DSA-44 key that signs the log.
pub const LOG_MLDSA44: &str = "log.mldsa44";
/// Key over session cookies.
pub const SESSION_MAC: &str = "session.mac";
/// Key over the fingerprints of people who must not come back.
pub const SUPPRESSION: &str = "suppression";
/// Key over passwords and API tokens before they are hashed.
pub const TOKEN_PEPPER: &str = "token.pepper";
/// The services that have a key of their own.
pub const SERVICE_KEYS: [&str; 5] = [
    LOG_ED25519,
    LOG_MLDSA44,
    SESSION_MAC,
    SUPPRESSION,
    TOKEN_PEPPER,
];

/// What the root key opened.
pub(crate) struct Ring {
    /// Changes with every rotation: tells whether this is still what the store holds.
    pub(crate) stamp: i64,
    /// HKDF(WK, "wrap") by version.
    wrappers: BTreeMap<u32, LessSafeKey>,
    pub(crate) blind: BlindIndex,
    pub(crate) services: HashMap<String, Secret>,
}

impl Ring {
    /// Opens a workspace's keys. The root key's id is compared before anything is opened.
    pub(crate) fn load(
        tx: &mut Tx<'_>,
        provider: &dyn KeyProvider,
        ws: Workspace,
    ) -> Result<Self, Error> {
        let (asked, stamp) = sql::root(tx, ws.number)?.ok_or(Error::NoWorkspace)?;
        if asked != provider.key_id() {
            return Err(Error::WrongRoot {
                asked,
                given: provider.key_id().to_owned(),
            });
        }
        let open = |aad: &[u8], wrapped: &[u8]| match provider.unwrap(aad, wrapped) {
            Err(Error::KeyDamaged) => Err(Error::StoreDamaged {
                root: asked.clone(),
            }),
            other => other,
        };
        let mut wrappers = BTreeMap::new();
        for (version, wrapped) in sql::numbered(tx, Numbered::Workspace, ws.number)? {
            let key = open(&workspace_aad(ws.id, version), &wrapped)?;
            wrappers.insert(version, aead(&key.derive(&[b"wrap"])));
        }
        let mut roots = Vec::new();
        for (generation, wrapped) in sql::numbered(tx, Numbered::Blind, ws.number)? {
            roots.push((generation, open(&blind_aad(ws.id, generation), &wrapped)?));
        }
        roots.reverse();
        let mut services = HashMap::new();
        for (name, wrapped) in sql::services(tx, ws.number)? {
            let key = open(&service_aad(ws.id, &name), &wrapped)?;
            services.insert(name, key);
        }
        if wrappers.is_empty() || roots.is_empty() {
            return Err(Error::StoreDamaged { root: asked });
        }
        Ok(Self {
            stamp,
            wrappers,
            blind: BlindIndex::of(ws.id, roots),
            services,
        })
    }

    /// The version that wraps what is new.
    pub(crate) fn newest(&self) -> u32 {
        self.wrappers
            .last_key_value()
            .map_or(0, |(version, _)| *version)
    }

    pub(crate) fn wrap(
        &self,
        ws: WorkspaceId,
        (subject, generation): (SubjectId, u32),
        key: &Secret,
        rng: &dyn Rng,
    ) -> Result<[u8; wrapped::WRAPPED_LEN], Error> {
        let (version, wrapper) = self.wrappers.last_key_value().ok_or(Error::NoWorkspace)?;
        Ok(wrapped::wrap(
            wrapper,
            *version,
            &subject_aad(ws, subject, generation),
            key,
            rng,
        ))
    }

    pub(crate) fn unwrap(
        &self,
        ws: WorkspaceId,
        (subject, generation): (SubjectId, u32),
        record: &[u8],
    ) -> Result<Secret, Error> {
        let wrapper = self
            .wrappers
            .get(&wrapped::version(record)?)
            .ok_or(Error::KeyDamaged)?;
        wrapped::unwrap(wrapper, &subject_aad(ws, subject, generation), record)
    }
}

/// Writes the first keys of a workspace.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    provider: &dyn KeyProvider,
    ws: Workspace,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<(), Error> {
    if sql::root(tx, ws.number)?.is_some() {
        return Err(Error::WorkspaceExists);
    }
    sql::insert_root(tx, ws.number, provider.key_id(), stamp(rng), now)?;
    add(tx, provider, ws, Numbered::Workspace, 1, rng, now)?;
    add(tx, provider, ws, Numbered::Blind, 1, rng, now)?;
    for name in SERVICE_KEYS {
        let key = Secret::random(rng);
        let wrapped = provider.wrap(&service_aad(ws.id, name), key.expose(), rng)?;
        sql::insert_service(tx, ws.number, name, &wrapped, now)?;
    }
    Ok(())
}

/// Adds a new random key of a kind that is numbered.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    provider: &dyn KeyProvider,
    ws: Workspace,
    which: Numbered,
    number: u32,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<(), Error> {
    let key = Secret::random(rng);
    let wrapped = provider.wrap(&numbered_aad(which, ws.id, number), key.expose(), rng)?;
    Ok(sql::insert_numbered(
        tx,
        which,
        (ws.number, number),
        &wrapped,
        now,
    )?)
}

/// A new stamp: random, so that a rotation that was rolled back is never taken for the next one.
pub(crate) fn stamp(rng: &dyn Rng) -> i64 {
    i64::from_be_bytes(rng.bytes())
}

pub(crate) fn numbered_aad(which: Numbered, ws: WorkspaceId, number: u32) -> Vec<u8> {
    match which {
        Numbered::Workspace => workspace_aad(ws, number),
        Numbered::Blind => blind_aad(ws, number),
    }
}

fn workspace_aad(ws: WorkspaceId, version: u32) -> Vec<u8> {
    [
        b"privet/wk/1".as_slice(),
        ws.as_bytes(),
        &version.to_be_bytes(),
    ]
    .concat()
}

fn blind_aad(ws: WorkspaceId, generation: u32) -> Vec<u8> {
    [
        b"privet/bik/1".as_slice(),
        ws.as_bytes(),
        &generation.to_be_bytes(),
    ]
    .concat()
}

pub(crate) fn service_aad(ws: WorkspaceId, name: &str) -> Vec<u8> {
    [
        b"privet/service/1".as_slice(),
        ws.as_bytes(),
        name.as_bytes(),
    ]
    .concat()
}

fn subject_aad(ws: WorkspaceId, subject: SubjectId, generation: u32) -> Vec<u8> {
    [
        b"privet/sdk/1".as_slice(),
        ws.as_bytes(),
        subject.as_bytes(),
        &generation.to_be_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_wrapped_key_is_bound_to_is_as_written() {
        let ws = WorkspaceId::from_bytes([b'w'; 16]);
        let subject = SubjectId::from_bytes([b's'; 16]);
        assert_eq!(
            workspace_aad(ws, 2),
            b"privet/wk/1wwwwwwwwwwwwwwww\0\0\0\x02"
        );
        assert_eq!(blind_aad(ws, 3), b"privet/bik/1wwwwwwwwwwwwwwww\0\0\0\x03");
        assert_eq!(
            service_aad(ws, "suppression"),
            b"privet/service/1wwwwwwwwwwwwwwwwsuppression"
        );
        assert_eq!(
            subject_aad(ws, subject, 1),
            b"privet/sdk/1wwwwwwwwwwwwwwwwssssssssssssssss\0\0\0\x01"
        );
    }
}
