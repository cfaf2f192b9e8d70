//! The open vault of one workspace: making, finding and destroying subjects' keys, and the keys that
//! hang directly on the root.
//!
//! Memory follows the store, never the reverse: what a transaction changed is read back by a later
//! one, because the first may still be rolled back. A new subject key is therefore written only while
//! the store bears the stamp of the wrapping key in hand.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_lc_rs::hmac;
use base::{Rng, SubjectId, Timestamp, Workspace};
use store::{Tx, Value};

use crate::cache::Cache;
use crate::hierarchy::{self, Ring, SUPPRESSION};
use crate::holds::TOMBSTONES;
use crate::sql::{self, Wrapped};
use crate::subject::array;
use crate::wrapped;
use crate::{Authority, BlindIndex, Error, KeyProvider, Secret, SubjectKey};

/// The keys of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    ws: Workspace,
    provider: RwLock<Arc<dyn KeyProvider>>,
    ring: RwLock<Arc<Ring>>,
    cache: Mutex<Cache>,
}

impl Vault {
    /// Makes the keys of a new workspace: one workspace key, one index root, the services' keys.
    ///
    /// # Errors
    /// [`Error::WorkspaceExists`]; whatever the provider or the store refuses.
    pub fn create(
        tx: &mut Tx<'_>,
        provider: &dyn KeyProvider,
        ws: Workspace,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<(), Error> {
        hierarchy::create(tx, provider, ws, rng, now)
    }

    /// Opens a workspace's keys. The [`Authority`] is the only one that can grant what this vault opens.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`]; [`Error::WrongRoot`] before anything is tried, when the store asks for
    /// another root key; [`Error::StoreDamaged`].
    pub fn open(
        tx: &mut Tx<'_>,
        provider: Arc<dyn KeyProvider>,
        ws: Workspace,
    ) -> Result<(Self, Authority), Error> {
        let ring = Ring::load(tx, provider.as_ref(), ws)?;
        let inner = Inner {
            ws,
            provider: RwLock::new(provider),
            ring: RwLock::new(Arc::new(ring)),
            cache: Mutex::default(),
        };
        Ok((Self(Arc::new(inner)), Authority::over(ws.id)))
    }

    /// The id of the root key that the store asks for, so that the program can say which file to give.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn root_id(tx: &mut Tx<'_>, ws: Workspace) -> Result<Option<String>, Error> {
        Ok(sql::root(tx, ws.number)?.map(|(id, _)| id))
    }

    /// The workspace.
    #[must_use]
    pub fn workspace(&self) -> Workspace {
        self.0.ws
    }

    /// Makes the key of a new subject.
    ///
    /// # Errors
    /// [`Error::Shredded`] for a subject that was erased, [`Error::SubjectExists`].
    pub fn new_subject(
        &self,
        tx: &mut Tx<'_>,
        subject: SubjectId,
        rng: &dyn Rng,
    ) -> Result<SubjectKey, Error> {
        let secret = Secret::random(rng);
        if !self.write_generation(tx, (subject, 1), &secret, rng)? {
            return Err(Error::SubjectExists);
        }
        SubjectKey::of(self.0.ws.id, subject, vec![(1, secret)]).ok_or(Error::NoSubject)
    }

    /// Adds a generation to a subject's key: it seals what is new, the older ones still open what they
    /// sealed. For a key that was used 2^24 times.
    ///
    /// # Errors
    /// [`Error::NoSubject`], [`Error::Shredded`].
    pub fn rotate_subject(
        &self,
        tx: &mut Tx<'_>,
        subject: SubjectId,
        rng: &dyn Rng,
    ) -> Result<SubjectKey, Error> {
        self.cache().forget(subject);
        let Some(key) = self.subject(tx, subject)? else {
            return Err(match sql::tombstone(tx, self.0.ws.number, subject)? {
                Some(_) => Error::Shredded,
                None => Error::NoSubject,
            });
        };
        let (secret, number) = (Secret::random(rng), key.generation() + 1);
        if !self.write_generation(tx, (subject, number), &secret, rng)? {
            return Err(Error::SubjectExists);
        }
        key.with(number, secret).ok_or(Error::NoSubject)
    }

    /// The key of a subject; `None` when there is none, or none any more.
    ///
    /// # Errors
    /// [`Error::KeyDamaged`].
    pub fn subject(
        &self,
        tx: &mut Tx<'_>,
        subject: SubjectId,
    ) -> Result<Option<SubjectKey>, Error> {
        let known = self.cache().get(subject);
        match known {
            Some(key) => Ok(Some(key)),
            None => Ok(self.subjects(tx, &[subject])?.remove(&subject)),
        }
    }

    /// The keys of those subjects that have one: one statement for up to 256 that are not in memory.
    ///
    /// # Errors
    /// [`Error::KeyDamaged`] when one of them is; ask one by one to learn which.
    pub fn subjects(
        &self,
        tx: &mut Tx<'_>,
        subjects: &[SubjectId],
    ) -> Result<HashMap<SubjectId, SubjectKey>, Error> {
        let mut found = HashMap::with_capacity(subjects.len());
        let mut missing = Vec::new();
        {
            let cache = self.cache();
            for subject in subjects {
                match cache.get(*subject) {
                    Some(key) => drop(found.insert(*subject, key)),
                    None => missing.push(*subject),
                }
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        missing.sort_unstable();
        missing.dedup();
        let rows = sql::subjects(tx, self.0.ws.number, &missing)?;
        let mut opened = Vec::with_capacity(rows.len());
        for group in rows.chunk_by(|a, b| a.subject == b.subject) {
            let mut secrets = Vec::with_capacity(group.len());
            for row in group {
                secrets.push((row.generation, self.unwrap(tx, row)?));
            }
            opened.extend(SubjectKey::of(self.0.ws.id, group[0].subject, secrets));
        }
        let mut cache = self.cache();
        for key in opened {
            cache.put(&key);
            found.insert(key.subject(), key);
        }
        Ok(found)
    }

    /// Destroys a subject's key and leaves a tombstone, so that none is ever made again; the same
    /// call replays the tombstones of a journal after a restore. Says whether there was a key. The
    /// store overwrites what is deleted; empty its write-ahead log afterwards.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn shred(
        &self,
        tx: &mut Tx<'_>,
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.cache().bar(subject);
        let ws = self.0.ws.number;
        let (rows, own) = ("subject = $2", [Value::from(&subject)]);
        self.tallied(tx, &TOMBSTONES, rows, &own, |keys| {
            sql::insert_tombstone(keys, ws, subject, now).map_err(Error::from)
        })?;
        Ok(sql::delete_subject(tx, self.0.ws.number, subject)? > 0)
    }

    /// Every subject that was shredded, and when.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn tombstones(&self, tx: &mut Tx<'_>) -> Result<Vec<(SubjectId, Timestamp)>, Error> {
        Ok(sql::tombstones(tx, self.0.ws.number)?)
    }

    /// Takes a subject's key out of memory.
    pub fn forget(&self, subject: SubjectId) {
        self.cache().forget(subject);
    }

    /// Takes all subjects' keys out of memory.
    pub fn forget_all(&self) {
        self.cache().forget_all();
    }

    /// Tells the vault the time; keys that were in memory for five minutes leave it. Call it once an
    /// act: without it they stay until others push them out.
    pub fn tick(&self, now: Timestamp) {
        self.cache().tick(now);
    }

    /// Opens every wrapped key and compares its commitment; `f` hears of each. A key whose subject has
    /// a tombstone is [`Error::Shredded`].
    ///
    /// # Errors
    /// When the store refuses.
    pub fn check_keys(
        &self,
        tx: &mut Tx<'_>,
        mut f: impl FnMut(SubjectId, Result<(), Error>),
    ) -> Result<(), Error> {
        self.refresh(tx)?;
        let ring = self.ring();
        sql::each_subject(tx, self.0.ws.number, |row, version, shredded| {
            let outcome = if shredded {
                Err(Error::Shredded)
            } else if wrapped::version(&row.record).is_ok_and(|named| named != version) {
                Err(Error::KeyDamaged)
            } else {
                ring.unwrap(self.0.ws.id, (row.subject, row.generation), &row.record)
                    .map(drop)
            };
            f(row.subject, outcome);
        })?;
        Ok(())
    }

    /// The blind index of the workspace.
    #[must_use]
    pub fn blind(&self) -> BlindIndex {
        self.ring().blind.clone()
    }

    /// The key of a service, one of [`crate::SERVICE_KEYS`].
    ///
    /// # Errors
    /// [`Error::NoServiceKey`].
    pub fn service_key(&self, name: &str) -> Result<Secret, Error> {
        self.ring()
            .services
            .get(name)
            .cloned()
            .ok_or(Error::NoServiceKey)
    }

    /// What is kept of somebody who must not come back: HMAC under the suppression key of
    /// "privet.suppress.1" | kind | value. It outlives the subject's key on purpose.
    ///
    /// # Errors
    /// [`Error::NoServiceKey`].
    pub fn suppression_fingerprint(&self, kind: u8, normalised: &[u8]) -> Result<[u8; 32], Error> {
        let ring = self.ring();
        let key = ring.services.get(SUPPRESSION).ok_or(Error::NoServiceKey)?;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()));
        mac.update(b"privet.suppress.1");
        mac.update(&[kind]);
        mac.update(normalised);
        Ok(array(&mac.sign()))
    }

    /// Reads the workspace's keys again when a rotation changed them, here or in another process. Call
    /// it in a transaction after the one that rotated. Says whether anything was read.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn refresh(&self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        let (_, stamp) = sql::root(tx, self.0.ws.number)?.ok_or(Error::NoWorkspace)?;
        if stamp == self.ring().stamp {
            return Ok(false);
        }
        self.reload(tx)?;
        Ok(true)
    }

    pub(crate) fn reload(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let ring = Ring::load(tx, self.provider().as_ref(), self.0.ws)?;
        *self.0.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    pub(crate) fn replace(&self, provider: Arc<dyn KeyProvider>, ring: Ring) {
        *self
            .0
            .provider
            .write()
            .unwrap_or_else(PoisonError::into_inner) = provider;
        *self.0.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    pub(crate) fn provider(&self) -> Arc<dyn KeyProvider> {
        Arc::clone(
            &self
                .0
                .provider
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub(crate) fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.0.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Opens a wrapped subject key; asks the store once more when the ring in memory is not its own.
    pub(crate) fn unwrap(&self, tx: &mut Tx<'_>, row: &Wrapped) -> Result<Secret, Error> {
        let what = (row.subject, row.generation);
        let first = self.ring().unwrap(self.0.ws.id, what, &row.record);
        if first.is_err() && self.refresh(tx)? {
            return self.ring().unwrap(self.0.ws.id, what, &row.record);
        }
        first
    }

    /// `false` when the subject has this generation already.
    fn write_generation(
        &self,
        tx: &mut Tx<'_>,
        (subject, generation): (SubjectId, u32),
        secret: &Secret,
        rng: &dyn Rng,
    ) -> Result<bool, Error> {
        self.cache().bar(subject);
        let ws = self.0.ws;
        loop {
            let ring = self.ring();
            let record = ring
                .wrap(ws.id, (subject, generation), secret, rng)?
                .to_vec();
            let row = Wrapped {
                subject,
                generation,
                record,
            };
            if sql::insert_subject(tx, ws.number, &row, ring.newest(), ring.stamp)? {
                return Ok(true);
            }
            if sql::tombstone(tx, ws.number, subject)?.is_some() {
                return Err(Error::Shredded);
            }
            if !self.refresh(tx)? {
                return Ok(false);
            }
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.0.ws.id)
    }
}
