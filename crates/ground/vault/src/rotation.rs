//! Changing keys while the service runs. Every step is a transaction of its own and can be stopped
//! after any of them: until the last one, old and new are both readable.
//!
//! Must never do: change memory before the store has committed. After a rotation call
//! [`Vault::refresh`] (or [`Vault::adopt_root`]) in the next transaction.

use std::sync::Arc;

use base::{Rng, Timestamp};
use store::Tx;

use crate::hierarchy::{self, Ring, numbered_aad, service_aad, stamp};
use crate::holds::ROTATED;
use crate::sql::{self, Numbered};
use crate::{Error, KeyProvider, Vault};

/// A workspace key wraps this many subject keys at most (security.md 1.2: 2^30); rotate before.
pub const MAX_WRAPS: u64 = 1 << 30;

impl Vault {
    /// Adds a version of the workspace key, which wraps what is new from now on. Gives its number.
    ///
    /// # Errors
    /// [`Error::WrongRoot`]; when the provider or the store refuses.
    pub fn rotate_workspace_key(
        &self,
        tx: &mut Tx<'_>,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<u32, Error> {
        self.add(tx, Numbered::Workspace, rng, now)
    }

    /// Wraps up to `limit` subject keys anew that an older version wraps, and says how many remain. At
    /// 0 the older versions are gone too.
    ///
    /// # Errors
    /// [`Error::KeyDamaged`] when a key does not open: then nothing of the step is kept.
    pub fn rewrap_step(&self, tx: &mut Tx<'_>, limit: u32, rng: &dyn Rng) -> Result<u64, Error> {
        self.refresh(tx)?;
        let (ring, ws) = (self.ring(), self.workspace());
        let newest = ring.newest();
        for row in sql::wrapped_before(tx, ws.number, newest, limit)? {
            let what = (row.subject, row.generation);
            let key = ring.unwrap(ws.id, what, &row.record)?;
            let record = ring.wrap(ws.id, what, &key, rng)?;
            sql::rewrap_subject(tx, ws.number, &row, newest, &record)?;
        }
        let remaining = sql::count_before(tx, ws.number, newest)?;
        if remaining == 0 {
            self.tallied_tables(tx, ROTATED, |tx| {
                Ok(sql::delete_unused_versions(tx, ws.number, newest)?)
            })?;
        }
        Ok(remaining)
    }

    /// How many keys the newest workspace key has wrapped, at most; see [`MAX_WRAPS`].
    ///
    /// # Errors
    /// When the store refuses.
    pub fn workspace_key_uses(&self, tx: &mut Tx<'_>) -> Result<u64, Error> {
        self.refresh(tx)?;
        Ok(sql::uses(
            tx,
            self.workspace().number,
            self.ring().newest(),
        )?)
    }

    /// Adds a generation of the index root. From the next [`Vault::refresh`] on [`crate::BlindIndex::tokens`]
    /// gives both; rebuild the indexes, then call [`Vault::end_index_rotation`]. Gives its number.
    ///
    /// # Errors
    /// [`Error::RotationUnderWay`].
    pub fn rotate_index_key(
        &self,
        tx: &mut Tx<'_>,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<u32, Error> {
        if sql::numbered(tx, Numbered::Blind, self.workspace().number)?.len() > 1 {
            return Err(Error::RotationUnderWay);
        }
        self.add(tx, Numbered::Blind, rng, now)
    }

    /// Destroys the older index root, once every index is rebuilt under the newer.
    ///
    /// # Errors
    /// [`Error::NoRotation`].
    pub fn end_index_rotation(&self, tx: &mut Tx<'_>, rng: &dyn Rng) -> Result<(), Error> {
        let ws = self.workspace();
        let generations = sql::numbered(tx, Numbered::Blind, ws.number)?;
        let newest = generations.last().map_or(0, |(generation, _)| *generation);
        self.tallied_tables(tx, ROTATED, |tx| {
            if sql::delete_blind_before(tx, ws.number, newest)? == 0 {
                return Err(Error::NoRotation);
            }
            let root = self.root(tx)?;
            Ok(sql::update_root(tx, ws.number, &root, stamp(rng))?)
        })
    }

    /// Wraps the workspace's keys under another root key: some milliseconds, no record is touched.
    /// Until [`Vault::adopt_root`] this vault still reads and writes, with what it has in memory.
    ///
    /// # Errors
    /// [`Error::WrongRoot`], [`Error::StoreDamaged`]; when one of the providers refuses.
    pub fn rotate_root(
        &self,
        tx: &mut Tx<'_>,
        new: &dyn KeyProvider,
        rng: &dyn Rng,
    ) -> Result<(), Error> {
        self.tallied_tables(tx, ROTATED, |tx| self.wrap_anew(tx, new, rng))
    }

    fn wrap_anew(
        &self,
        tx: &mut Tx<'_>,
        new: &dyn KeyProvider,
        rng: &dyn Rng,
    ) -> Result<(), Error> {
        let (old, ws) = (self.provider(), self.workspace());
        let asked = self.root(tx)?;
        let rewrap = |aad: &[u8], wrapped: &[u8]| match old.unwrap(aad, wrapped) {
            Ok(key) => new.wrap(aad, key.expose(), rng),
            Err(Error::KeyDamaged) => Err(Error::StoreDamaged {
                root: asked.clone(),
            }),
            Err(other) => Err(other),
        };
        for which in [Numbered::Workspace, Numbered::Blind] {
            for (number, wrapped) in sql::numbered(tx, which, ws.number)? {
                let wrapped = rewrap(&numbered_aad(which, ws.id, number), &wrapped)?;
                sql::update_numbered(tx, which, (ws.number, number), &wrapped)?;
            }
        }
        for (name, wrapped) in sql::services(tx, ws.number)? {
            let wrapped = rewrap(&service_aad(ws.id, &name), &wrapped)?;
            sql::update_service(tx, ws.number, &name, &wrapped)?;
        }
        // The keys below are the same, so the stamp stays: what this process holds is still good.
        let (_, stamp) = sql::root(tx, ws.number)?.ok_or(Error::NoWorkspace)?;
        Ok(sql::update_root(tx, ws.number, new.key_id(), stamp)?)
    }

    /// Goes over to the root key that the store asks for since [`Vault::rotate_root`] was committed.
    ///
    /// # Errors
    /// [`Error::WrongRoot`] when it asks for another one.
    pub fn adopt_root(&self, tx: &mut Tx<'_>, new: Arc<dyn KeyProvider>) -> Result<(), Error> {
        let ring = Ring::load(tx, new.as_ref(), self.workspace())?;
        self.replace(new, ring);
        Ok(())
    }

    fn add(
        &self,
        tx: &mut Tx<'_>,
        which: Numbered,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<u32, Error> {
        let (provider, ws) = (self.provider(), self.workspace());
        let root = self.root(tx)?;
        let newest = sql::numbered(tx, which, ws.number)?;
        let number = newest.last().map_or(0, |(number, _)| *number) + 1;
        self.tallied_tables(tx, ROTATED, |tx| {
            hierarchy::add(tx, provider.as_ref(), ws, which, number, rng, now)?;
            Ok(sql::update_root(tx, ws.number, &root, stamp(rng))?)
        })?;
        Ok(number)
    }

    /// The id of the root key that the store asks for, which is the one in hand.
    fn root(&self, tx: &mut Tx<'_>) -> Result<String, Error> {
        let asked = Self::root_id(tx, self.workspace())?.ok_or(Error::NoWorkspace)?;
        let given = self.provider().key_id().to_owned();
        if asked == given {
            Ok(asked)
        } else {
            Err(Error::WrongRoot { asked, given })
        }
    }
}
