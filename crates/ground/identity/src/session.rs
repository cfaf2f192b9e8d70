//! Sessions: from a cookie to who acts, and every way a session ends.
//!
//! A session lives while it is used at least every 30 minutes, at most 12 hours, while its user exists
//! and is of the same epoch. Role and name are looked up in the record, so a change takes effect on
//! the next request.

use std::fmt;

use access::{Action, Context, PurposeId, Refused};
use act::{Act, LeafAction};
use base::{RecordId, Timestamp};
use store::params;

use crate::door::Person;
use crate::kept::{self, Held};
use crate::rows::{Credential, Session, Via};
use crate::sign_in::credential;
use crate::token::{Handle, hash_of};
use crate::{Error, Identity, Result, SessionToken};

/// Seconds without a request after which a session has ended.
pub(crate) const IDLE: i64 = 30 * 60;
/// Seconds after which a session has ended in any case.
const ABSOLUTE: i64 = 12 * 3_600;
/// How exactly the last request is known, in seconds: more would write on every request.
pub(crate) const TOUCH: i64 = 60;

/// Who is signed in.
#[derive(Clone)]
pub struct Signed {
    /// Who acts, in which role, why, in which session.
    pub context: Context,
    /// The user.
    pub user: RecordId,
    /// Their name.
    pub name: String,
    /// The secret of the session's form tokens.
    pub csrf: [u8; 32],
    /// How the session began.
    pub via: Via,
    /// When it began.
    pub began: Timestamp,
    /// When it ends at the latest.
    pub ends: Timestamp,
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({}, {})", self.user, self.context.role)
    }
}

/// A session that just began.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the cookie holds.
    pub token: SessionToken,
    /// Who it is.
    pub signed: Signed,
}

/// A session as its user sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionShown {
    /// How to name it.
    pub handle: Handle,
    /// How it began.
    pub via: Via,
    /// For which purpose.
    pub purpose: PurposeId,
    /// When it began.
    pub created: Timestamp,
    /// The last request, to the minute.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// Whether it is the one that asks.
    pub is_present: bool,
}

impl Identity {
    /// Who a session's cookie belongs to; `None` when it has ended or never was. Leaves no leaf and
    /// writes at most once a minute.
    ///
    /// # Errors
    /// [`Error::Tampered`].
    pub fn session(&self, token: &str) -> Result<Option<Signed>> {
        let Some(token) = SessionToken::parse(token) else {
            return Ok(None);
        };
        let found = self.acts().read(&self.system(), |act| -> Result<_> {
            let found = self.live(act, &token.hash())?;
            Ok(found.map(|found| (found, act.now())))
        })?;
        let Some(((held, person), now)) = found else {
            return Ok(None);
        };
        if now >= held.row.seen_at.plus_seconds(TOUCH) {
            self.touch(token.hash())?;
        }
        self.signed(&token, &held.row, &person).map(Some)
    }

    /// Lets a session go on for another purpose of its role.
    ///
    /// # Errors
    /// [`Error::SessionEnded`]; a refusal when the role may not work for the purpose.
    pub fn switch_purpose(&self, token: &str, purpose: PurposeId) -> Result<Signed> {
        let mut signed = self.session(token)?.ok_or(Error::SessionEnded)?;
        signed.context.purpose = purpose;
        let hash = hash_of(token).ok_or(Error::SessionEnded)?;
        let (own, user) = (self.clone(), signed.user);
        self.acts().write(&signed.context, move |act| {
            act.allow(Action::Read, LeafAction::Config)?;
            let mut held = load(act, &hash)?.ok_or(Error::SessionEnded)?;
            held.row.purpose = purpose.0;
            if !kept::replace(act, &held)? {
                return Err(Error::Changed);
            }
            own.log(act, LeafAction::Config, user, 1)
        })?;
        Ok(signed)
    }

    /// The live sessions of a user, newest first.
    ///
    /// # Errors
    /// [`Error::Absent`]; a refusal when it is somebody else's and the actor may not configure.
    pub fn sessions_of(&self, act: &mut Act<'_, '_>, user: RecordId) -> Result<Vec<SessionShown>> {
        self.own_or_administer(act, user, LeafAction::List)?;
        let held = credential(act, user)?.ok_or(Error::Absent)?;
        let (now, present) = (act.now(), act.context().session);
        let mut rows = sessions(act, user)?;
        rows.retain(|held_row| is_live(&held_row.row, &held.row, now));
        rows.sort_by_key(|held| std::cmp::Reverse((held.row.created, held.row.token_hash)));
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.log(act, LeafAction::List, user, count)?;
        Ok(rows
            .iter()
            .map(|Held { row, .. }| {
                let handle = Handle::of(&row.token_hash);
                SessionShown {
                    handle,
                    via: row.via,
                    purpose: PurposeId(row.purpose),
                    created: row.created,
                    seen_at: row.seen_at,
                    expires: row.expires,
                    is_present: handle.0 == present,
                }
            })
            .collect())
    }

    /// Ends the session of a cookie. Says whether there was one.
    pub fn sign_out(&self, token: &str) -> Result<bool> {
        let Some(signed) = self.session(token)? else {
            return Ok(false);
        };
        let (own, user) = (self.clone(), signed.user);
        let handle = Handle(signed.context.session);
        self.acts().write(&signed.context, move |act| {
            own.end_session(act, user, handle)
        })
    }

    /// Ends one session of a user. Says whether there was one.
    pub fn end_session(
        &self,
        act: &mut Act<'_, '_>,
        user: RecordId,
        handle: Handle,
    ) -> Result<bool> {
        self.own_or_administer(act, user, LeafAction::SignOut)?;
        let Some(held) = self.session_with(act, user, handle)? else {
            return Ok(false);
        };
        let ws = act.ws().number;
        act.tx().execute(
            "DELETE FROM session WHERE ws = $1 AND token_hash = $2",
            params![ws, &held.row.token_hash],
        )?;
        self.log(act, LeafAction::SignOut, user, 1)?;
        Ok(true)
    }

    /// Ends all sessions of a user, those included whose rows somebody might put back. Says how many.
    pub fn end_all(&self, act: &mut Act<'_, '_>, user: RecordId) -> Result<u64> {
        self.own_or_administer(act, user, LeafAction::SignOut)?;
        let held = credential(act, user)?.ok_or(Error::Absent)?;
        let ended = self.turn_epoch(act, held, None)?;
        let count = u32::try_from(ended).unwrap_or(u32::MAX);
        self.log(act, LeafAction::SignOut, user, count)?;
        Ok(ended)
    }

    /// Begins a session for the user who acts, with its leaf.
    pub(crate) fn begin_session(
        &self,
        act: &mut Act<'_, '_>,
        token: &SessionToken,
        person: &Person,
        via: Via,
    ) -> Result<Signed> {
        let user: RecordId = act.context().actor.cast();
        let credential = credential(act, user)?.ok_or(Error::SignIn)?;
        let now = act.now();
        let row = Session {
            token_hash: token.hash(),
            user,
            purpose: self.settled_purpose(&person.role, None)?.0,
            via,
            created: now,
            seen_at: now,
            expires: now.plus_seconds(ABSOLUTE),
            epoch: credential.row.epoch,
        };
        kept::insert(act, &row)?;
        self.log(act, LeafAction::SignIn, user, 1)?;
        self.signed(token, &row, person)
    }

    /// Writes a user's credential with the next epoch and deletes their sessions, but for `kept`,
    /// which goes on in the new epoch. Says how many ended.
    pub(crate) fn turn_epoch(
        &self,
        act: &mut Act<'_, '_>,
        mut credential: Held<Credential>,
        kept: Option<Handle>,
    ) -> Result<u64> {
        let user = credential.row.user;
        let going_on = match kept {
            Some(handle) => self.session_with(act, user, handle)?,
            None => None,
        };
        credential.row.epoch += 1;
        if !kept::replace(act, &credential)? {
            return Err(Error::Changed);
        }
        let ws = act.ws().number;
        let Some(mut going_on) = going_on else {
            let sql = "DELETE FROM session WHERE ws = $1 AND user_id = $2";
            return Ok(act.tx().execute(sql, params![ws, &user])?);
        };
        let ended = act.tx().execute(
            "DELETE FROM session WHERE ws = $1 AND user_id = $2 AND token_hash <> $3",
            params![ws, &user, &going_on.row.token_hash],
        )?;
        going_on.row.epoch = credential.row.epoch;
        if !kept::replace(act, &going_on)? {
            return Err(Error::Changed);
        }
        Ok(ended)
    }

    /// A user's session by its handle.
    pub(crate) fn session_with(
        &self,
        act: &mut Act<'_, '_>,
        user: RecordId,
        handle: Handle,
    ) -> Result<Option<Held<Session>>> {
        let is_it = |held: &Held<Session>| Handle::of(&held.row.token_hash) == handle;
        Ok(sessions(act, user)?.into_iter().find(is_it))
    }

    /// A session that has not ended, and its user. Only within an act of the system.
    fn live(
        &self,
        act: &mut Act<'_, '_>,
        hash: &[u8; 32],
    ) -> Result<Option<(Held<Session>, Person)>> {
        let Some(held) = load(act, hash)? else {
            return Ok(None);
        };
        let now = act.now();
        let user = held.row.user;
        let alive = credential(act, user)?
            .is_some_and(|credential| is_live(&held.row, &credential.row, now));
        if !alive {
            return Ok(None);
        }
        let person = self.person(act, user)?;
        Ok(person.map(|person| (held, person)))
    }

    /// Notes that a session is in use. Who comes second has nothing to note.
    fn touch(&self, hash: [u8; 32]) -> Result<()> {
        self.acts().write(&self.system(), move |act| {
            let now = act.now();
            if let Some(mut held) = load(act, &hash)? {
                held.row.seen_at = now;
                kept::replace(act, &held)?;
            }
            Ok(())
        })
    }

    fn signed(&self, token: &SessionToken, row: &Session, person: &Person) -> Result<Signed> {
        Ok(Signed {
            context: Context {
                actor: row.user.cast(),
                role: person.role.clone(),
                session: Handle::of(&row.token_hash).0,
                purpose: self.settled_purpose(&person.role, Some(PurposeId(row.purpose)))?,
            },
            user: row.user,
            name: person.name.clone(),
            csrf: token.csrf(),
            via: row.via,
            began: row.created,
            ends: row.expires,
        })
    }

    /// The wished purpose where the role has it, else the one the role starts with.
    fn settled_purpose(&self, role: &str, wished: Option<PurposeId>) -> Result<PurposeId> {
        let policy = self.acts().policy();
        let role = policy.role(role).ok_or(act::Error::from(Refused::NoRole))?;
        let mut purposes = policy.purposes_of(role).map(|purpose| purpose.number);
        let first = purposes.next();
        let found =
            wished.filter(|wished| Some(*wished) == first || purposes.any(|p| p == *wished));
        found.or(first).ok_or(Error::Purpose)
    }
}

fn is_live(row: &Session, credential: &Credential, now: Timestamp) -> bool {
    now < row.expires && now < row.seen_at.plus_seconds(IDLE) && row.epoch == credential.epoch
}

fn load(act: &mut Act<'_, '_>, hash: &[u8; 32]) -> Result<Option<Held<Session>>> {
    kept::one(act, "token_hash = $2", params![hash])
}

fn sessions(act: &mut Act<'_, '_>, user: RecordId) -> Result<Vec<Held<Session>>> {
    kept::find(act, "user_id = $2", params![&user])
}
