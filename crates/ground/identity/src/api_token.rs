//! API tokens: a program's way in, for one role and one purpose, 90 days at most.
//!
//! A token never does more than its owner could: its role is the owner's own, unless the owner may
//! configure and so hand out any role; that is asked when it is made and each time it is used.

use access::{Action, Context, PurposeId};
use act::{Act, LeafAction};
use base::{RecordId, Timestamp};
use store::params;
use vault::Place;

use crate::door::{LABEL, LABELS};
use crate::kept::{self, Held};
use crate::rows::Token;
use crate::session::TOUCH;
use crate::token::{ApiToken, Handle, api_hash};
use crate::{Error, Identity, Result};

const DAYS_MAX: u16 = 90;
const LABEL_MAX: usize = 100;

/// A token to be made.
#[derive(Debug, Clone)]
pub struct TokenDraft {
    /// What will use it, in the owner's words.
    pub label: String,
    /// The role it acts in.
    pub role: String,
    /// The purpose it acts for.
    pub purpose: PurposeId,
    /// How long it lives: 1..=90.
    pub days: u16,
}

/// A token as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenShown {
    /// How to name it.
    pub handle: Handle,
    /// What uses it.
    pub label: String,
    /// The role it acts in.
    pub role: String,
    /// The purpose it acts for.
    pub purpose: PurposeId,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Identity {
    /// Makes a token for a user; what it returns is shown once and kept nowhere.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::Days`], [`Error::Role`], [`Error::Purpose`], [`Error::TokenByToken`];
    /// a refusal when it is for somebody else and the actor may not configure.
    pub fn create_token(
        &self,
        act: &mut Act<'_, '_>,
        user: RecordId,
        draft: &TokenDraft,
    ) -> Result<ApiToken> {
        self.own_or_administer(act, user, LeafAction::Key)?;
        let label = draft.label.trim();
        let length = label.chars().count();
        if length == 0 || length > LABEL_MAX || label.chars().any(char::is_control) {
            return Err(Error::Label);
        }
        if !(1..=DAYS_MAX).contains(&draft.days) {
            return Err(Error::Days);
        }
        let owner_role = self.owner_role(act, user)?;
        self.judge(&owner_role, &draft.role, draft.purpose)?;
        let token = ApiToken::new(act.rng());
        let hash = token.hash();
        let key = act.subject_key(user.cast())?.ok_or(Error::Absent)?;
        let now = act.now();
        let row = Token {
            token_hash: hash,
            user,
            role: draft.role.clone(),
            purpose: draft.purpose.0,
            label: key.seal(place(act, user, &hash), label.as_bytes(), act.rng()),
            created: now,
            expires: now.plus_days(i64::from(draft.days)),
            last_used: None,
            revoked_at: None,
        };
        kept::insert(act, &row)?;
        self.log(act, LeafAction::Key, user, 1)?;
        Ok(token)
    }

    /// Who a bearer token acts as; `None` when it is none, has expired, was revoked, or its owner could
    /// not act like that any more. A mistyped one is refused before anything is looked up.
    ///
    /// # Errors
    /// [`Error::Tampered`].
    pub fn token(&self, bearer: &str) -> Result<Option<Context>> {
        let Some(hash) = api_hash(bearer) else {
            return Ok(None);
        };
        let found = self.acts().read(&self.system(), |act| -> Result<_> {
            let now = act.now();
            let Some(held) = load(act, &hash)?.filter(|held| is_live(&held.row, now)) else {
                return Ok(None);
            };
            let person = self.person(act, held.row.user)?;
            Ok(person.map(|person| (held.row, person, now)))
        })?;
        let Some((row, person, now)) = found else {
            return Ok(None);
        };
        let purpose = PurposeId(row.purpose);
        if self.judge(&person.role, &row.role, purpose).is_err() {
            return Ok(None);
        }
        if row.last_used.is_none_or(|at| now >= at.plus_seconds(TOUCH)) {
            self.note_use(hash)?;
        }
        Ok(Some(Context {
            actor: row.user.cast(),
            role: row.role,
            session: Handle::of(&hash).0,
            purpose,
        }))
    }

    /// The tokens of a user, newest first, ended ones too.
    ///
    /// # Errors
    /// [`Error::Absent`]; a refusal when they are somebody else's and the actor may not configure.
    pub fn tokens_of(&self, act: &mut Act<'_, '_>, user: RecordId) -> Result<Vec<TokenShown>> {
        self.own_or_administer(act, user, LeafAction::List)?;
        let decision = act.decide(Action::Read, LeafAction::List, &self.0.labels)?;
        let key = act.subject_key(user.cast())?.ok_or(Error::Absent)?;
        let mut rows = tokens(act, user)?;
        rows.sort_by_key(|held| std::cmp::Reverse((held.row.created, held.row.token_hash)));
        let mut shown = Vec::with_capacity(rows.len());
        for Held { row, .. } in rows {
            let place = place(act, user, &row.token_hash);
            let label = key.open(&decision.grant, place, &row.label)?;
            shown.push(TokenShown {
                handle: Handle::of(&row.token_hash),
                label: String::from_utf8_lossy(&label).into_owned(),
                role: row.role,
                purpose: PurposeId(row.purpose),
                created: row.created,
                expires: row.expires,
                last_used: row.last_used,
                revoked_at: row.revoked_at,
            });
        }
        let count = u32::try_from(shown.len()).unwrap_or(u32::MAX);
        self.log(act, LeafAction::List, user, count)?;
        Ok(shown)
    }

    /// Revokes a token, at once and for good. Says whether there was a live one.
    pub fn revoke(&self, act: &mut Act<'_, '_>, user: RecordId, handle: Handle) -> Result<bool> {
        self.own_or_administer(act, user, LeafAction::Key)?;
        let now = act.now();
        let is_it = |held: &Held<Token>| {
            Handle::of(&held.row.token_hash) == handle && held.row.revoked_at.is_none()
        };
        let Some(mut held) = tokens(act, user)?.into_iter().find(is_it) else {
            return Ok(false);
        };
        held.row.revoked_at = Some(now);
        if !kept::replace(act, &held)? {
            return Err(Error::Changed);
        }
        self.log(act, LeafAction::Key, user, 1)?;
        Ok(true)
    }

    /// The role of who will own a token. For the actor itself it is the one it acts in, in a session:
    /// a token that could make tokens would never end.
    fn owner_role(&self, act: &mut Act<'_, '_>, user: RecordId) -> Result<String> {
        if act.context().actor != user.cast() {
            let kind = self.kind();
            let record = self.0.records.open(act, kind, user)?.ok_or(Error::Absent)?;
            return Ok(record.line(kind, "role"));
        }
        let handle = Handle(act.context().session);
        if self.session_with(act, user, handle)?.is_none() {
            return Err(Error::TokenByToken);
        }
        Ok(act.context().role.clone())
    }

    /// Whether a token may act in a role and for a purpose, given its owner's role.
    fn judge(&self, owner: &str, role: &str, purpose: PurposeId) -> Result<()> {
        let policy = self.acts().policy();
        let holdable = self
            .kind()
            .field("role")
            .is_some_and(|field| field.options.iter().any(|option| option == role));
        let owner_configures = policy
            .role(owner)
            .is_some_and(|owner| owner.may(Action::Configure));
        let found = policy
            .role(role)
            .filter(|_| holdable && (role == owner || owner_configures))
            .ok_or(Error::Role)?;
        if policy
            .purposes_of(found)
            .any(|known| known.number == purpose)
        {
            Ok(())
        } else {
            Err(Error::Purpose)
        }
    }

    fn note_use(&self, hash: [u8; 32]) -> Result<()> {
        self.acts().write(&self.system(), move |act| {
            let now = act.now();
            if let Some(mut held) = load(act, &hash)? {
                held.row.last_used = Some(now);
                kept::replace(act, &held)?;
            }
            Ok(())
        })
    }
}

fn is_live(row: &Token, now: Timestamp) -> bool {
    row.revoked_at.is_none() && now < row.expires
}

fn load(act: &mut Act<'_, '_>, hash: &[u8; 32]) -> Result<Option<Held<Token>>> {
    kept::one(act, "token_hash = $2", params![hash])
}

fn tokens(act: &mut Act<'_, '_>, user: RecordId) -> Result<Vec<Held<Token>>> {
    kept::find(act, "user_id = $2", params![&user])
}

/// Where a label is sealed: the first half of the token's hash stands for the row.
fn place(act: &Act<'_, '_>, user: RecordId, hash: &[u8; 32]) -> Place {
    Place {
        ws: act.ws().id,
        subject: user.cast(),
        table: LABELS,
        row: RecordId::from_bytes(Handle::of(hash).0),
        column: LABEL,
    }
}
