//! [`Identity`]: who comes in, as the program holds it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access::{Action, Context, FieldRule, KindRules, PurposeId};
use act::{Act, Acts, LeafAction, Logged};
use base::RecordId;
use records::{Kind, Record, Records};
use store::params;
use vault::TOKEN_PEPPER;

use crate::gate::Gate;
use crate::rows::{Attempt, Credential, Link, Session, Token};
use crate::stretch::{Cost, Hashed, peppered};
use crate::{Error, Result, attempt, kept};

/// The number under which labels of API tokens are sealed, as a kind of their own.
pub(crate) const LABELS: u16 = 101;
/// The column of the label there.
pub(crate) const LABEL: u16 = 1;

/// Users, passwords, links, sessions and tokens. Cheap to clone.
#[derive(Clone)]
pub struct Identity(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub records: Records,
    pub cost: Cost,
    pub gate: Gate,
    pub labels: KindRules,
    hashes: AtomicU64,
    people: Mutex<HashMap<RecordId, Person>>,
}

/// What every request needs to know of a user, as of a revision of its record.
#[derive(Clone)]
pub(crate) struct Person {
    rev: u64,
    pub name: String,
    pub role: String,
}

impl Person {
    pub(crate) fn of(kind: &Kind, record: &Record) -> Self {
        Self {
            rev: record.rev,
            name: record.name.clone(),
            role: record.line(kind, "role"),
        }
    }
}

impl Identity {
    /// Over the record engine, which must know [`crate::SCHEMA`]. Hashes one password a core at a time.
    #[must_use]
    pub fn new(records: Records, cost: Cost) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let purposes = records.acts().policy().purposes();
        let label = FieldRule {
            column: LABEL,
            class: "internal".into(),
            purposes: purposes.iter().map(|purpose| purpose.number).collect(),
        };
        let labels = KindRules {
            table: LABELS,
            label: "API token".into(),
            fields: vec![label],
        };
        Self(Arc::new(Inner {
            records,
            cost,
            gate: Gate::new(cores),
            labels,
            hashes: AtomicU64::new(0),
            people: Mutex::default(),
        }))
    }

    /// How many password hashes were computed since the start.
    #[must_use]
    pub fn hashes_made(&self) -> u64 {
        self.0.hashes.load(Ordering::Relaxed)
    }

    /// Holds every row of this crate's tables against its MAC: how many there are, or which one was
    /// changed outside the program.
    pub fn verify_rows(&self, act: &mut Act<'_, '_>) -> Result<std::result::Result<u64, String>> {
        let mut total = 0;
        for checked in [
            kept::check::<Credential>(act)?,
            kept::check::<Link>(act)?,
            kept::check::<Session>(act)?,
            kept::check::<Token>(act)?,
            kept::check::<Attempt>(act)?,
        ] {
            match checked {
                Ok(rows) => total += rows,
                Err(finding) => return Ok(Err(finding)),
            }
        }
        Ok(Ok(total))
    }

    /// Deletes what ended long enough ago to be of no use: sessions and links at once, tokens after
    /// 90 days, counters after a day. For the scheduler; says how many rows went.
    pub fn sweep(&self, act: &mut Act<'_, '_>) -> Result<u64> {
        let now = act.now();
        let idle = now.plus_seconds(-crate::session::IDLE);
        let long_ago = now.plus_days(-90);
        let ended = "expires <= $2 OR seen_at <= $3";
        let mut gone = kept::delete::<Session>(act, ended, params![now, idle])?;
        let over = "expires <= $2 OR used_at IS NOT NULL";
        gone += kept::delete::<Link>(act, over, params![now])?;
        let ended = "expires <= $2 OR revoked_at <= $2";
        gone += kept::delete::<Token>(act, ended, params![long_ago])?;
        Ok(gone + attempt::sweep(act)?)
    }

    pub(crate) fn acts(&self) -> &Acts {
        self.0.records.acts()
    }

    pub(crate) fn kind(&self) -> &Kind {
        self.0.records.kind("user")
    }

    /// The program itself, letting people in.
    pub(crate) fn system(&self) -> Context {
        Context::system(self.security())
    }

    pub(crate) fn security(&self) -> PurposeId {
        let purpose = self.acts().policy().purpose_named("security");
        purpose.map_or(PurposeId(0), |purpose| purpose.number)
    }

    /// A user, from memory where its record is still of the same revision. Only within an act of the
    /// system, whose opening it may be; `None` for a user that is in the trash or erased.
    pub(crate) fn person(&self, act: &mut Act<'_, '_>, user: RecordId) -> Result<Option<Person>> {
        let (ws, kind) = (act.ws().number, self.kind());
        let rev = act.tx().row(
            "SELECT rev FROM record WHERE ws = $1 AND id = $2 AND kind = $3 AND deleted_at IS NULL",
            params![ws, &user, kind.id.0],
            |row| row.get::<u64>(0),
        )?;
        let Some(rev) = rev else {
            self.forget(user);
            return Ok(None);
        };
        if let Some(known) = self.people().get(&user).filter(|known| known.rev == rev) {
            return Ok(Some(known.clone()));
        }
        let Some(record) = self.0.records.open(act, kind, user)? else {
            return Ok(None);
        };
        let person = Person::of(kind, &record);
        self.people().insert(user, person.clone());
        Ok(Some(person))
    }

    pub(crate) fn forget(&self, user: RecordId) {
        self.people().remove(&user);
    }

    fn people(&self) -> MutexGuard<'_, HashMap<RecordId, Person>> {
        self.0.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hashes a password. Hold a [`crate::gate::Pass`].
    pub(crate) fn hash(&self, user: RecordId, password: &str) -> Result<Hashed> {
        let salt = self.acts().rng().bytes();
        let input = self.pepper(user, password)?;
        self.0.hashes.fetch_add(1, Ordering::Relaxed);
        Hashed::of(self.0.cost, salt, &input).ok_or(Error::Cost)
    }

    /// Compares a password with a hash, or with nobody's, which costs the same and never fits.
    pub(crate) fn fits(
        &self,
        user: RecordId,
        password: &str,
        hashed: Option<&Hashed>,
    ) -> Result<bool> {
        let input = self.pepper(user, password)?;
        self.0.hashes.fetch_add(1, Ordering::Relaxed);
        let nobody = Hashed::dummy(self.0.cost);
        Ok(hashed.unwrap_or(&nobody).fits(&input))
    }

    fn pepper(&self, user: RecordId, password: &str) -> Result<[u8; 32]> {
        let pepper = self.acts().vault().service_key(TOKEN_PEPPER)?;
        Ok(peppered(&pepper, self.acts().ws().id, user, password))
    }

    /// Whether the actor may see to all users' ways in: the program itself, or who may configure.
    pub(crate) fn administer(&self, act: &mut Act<'_, '_>, logged_as: LeafAction) -> Result<()> {
        if act.context().role == "system" {
            return Ok(());
        }
        Ok(act.allow(Action::Configure, logged_as)?)
    }

    /// Whether the actor is the user, or may administer.
    pub(crate) fn own_or_administer(
        &self,
        act: &mut Act<'_, '_>,
        user: RecordId,
        logged_as: LeafAction,
    ) -> Result<()> {
        if act.context().actor != user.cast() {
            self.administer(act, logged_as)?;
        }
        match self.0.records.kind_of(act, user)? {
            Some(kind) if kind.name == "user" => Ok(()),
            _ => Err(Error::Absent),
        }
    }

    /// Leaves a leaf about a user.
    pub(crate) fn log(
        &self,
        act: &mut Act<'_, '_>,
        action: LeafAction,
        user: RecordId,
        count: u32,
    ) -> Result<()> {
        let what = Logged {
            table: self.kind().id.0,
            subjects: vec![user.cast()],
            count,
            ..Logged::default()
        };
        Ok(act.log(action, what)?)
    }
}
