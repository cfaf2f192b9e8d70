//! Setting a password: by its owner alone, and everything that the old one opened is ended.

use access::{Action, Context};
use act::{LeafAction, Organisation};
use base::RecordId;
use records::Value;

use crate::attempt::Ways;
use crate::password::{Known, check};
use crate::rows::Via;
use crate::sign_in::credential;
use crate::stretch::Hashed;
use crate::token::Handle;
use crate::{Error, Identity, Result};

/// How long a session that began with a link may set a password without the old one, in seconds.
const FRESH: i64 = 15 * 60;

/// What a change of password starts from.
struct Before {
    known: Known,
    phc: Option<String>,
    /// Whether the present password must be shown.
    asks_old: bool,
}

impl Identity {
    /// Sets the password of the user who acts; all their other sessions and links end. `old` is needed
    /// unless there is none yet, or the session began with a one-time link in the last 15 minutes. The
    /// program itself may set the first one. Takes a context and no act, because nothing is hashed
    /// inside a transaction.
    ///
    /// # Errors
    /// [`Error::OnlyOwn`], [`Error::Password`], [`Error::OldPassword`], [`Error::Throttled`],
    /// [`Error::Busy`], [`Error::Changed`].
    pub fn set_password(
        &self,
        context: &Context,
        user: RecordId,
        old: Option<&str>,
        new: &str,
    ) -> Result<()> {
        let is_own = context.actor == user.cast();
        if !is_own && context.role != "system" {
            return self.refuse(context);
        }
        let before = self.before(context, user)?;
        if !is_own && before.phc.is_some() {
            return self.refuse(context);
        }
        check(new, &before.known).map_err(Error::Password)?;
        if before.asks_old {
            self.compare_old(context, user, (&before, old))?;
        }
        let phc = {
            let _pass = self.0.gate.enter()?;
            self.hash(user, new)?.phc()
        };
        self.write_password(context, user, before.phc, phc)
    }

    fn refuse(&self, context: &Context) -> Result<()> {
        self.acts().read(context, |act| {
            // Asked first, so that the refusal leaves its leaf.
            act.allow(Action::Read, LeafAction::Key)?;
            Err(Error::OnlyOwn)
        })
    }

    fn before(&self, context: &Context, user: RecordId) -> Result<Before> {
        self.acts().read(&self.system(), |act| {
            let kind = self.kind();
            let record = self.0.records.open(act, kind, user)?.ok_or(Error::Absent)?;
            let held = credential(act, user)?.ok_or(Error::Absent)?;
            let mails = match record.value(kind, "mail") {
                Some(Value::Several(mails)) => {
                    mails.iter().map(|mail| mail.value.clone()).collect()
                }
                _ => Vec::new(),
            };
            let number = act.ws().number;
            let organisation = Organisation::load(act.tx(), number)?;
            let own = self.session_with(act, user, Handle(context.session))?;
            let now = act.now();
            let fresh = own.is_some_and(|held| {
                held.row.via == Via::Link && now < held.row.created.plus_seconds(FRESH)
            });
            Ok(Before {
                known: Known {
                    name: record.name,
                    mails,
                    organisation: organisation.map(|found| found.name).unwrap_or_default(),
                },
                asks_old: held.row.phc.is_some() && !fresh,
                phc: held.row.phc,
            })
        })
    }

    /// Whoever stole a session must not try passwords here faster than at the door.
    fn compare_old(
        &self,
        context: &Context,
        user: RecordId,
        (before, old): (&Before, Option<&str>),
    ) -> Result<()> {
        let old = old.ok_or(Error::OldPassword)?;
        let session = context.session;
        let ways = self.acts().write(&self.system(), move |act| {
            let ways = Ways::of(act, &user.to_string(), &session)?;
            ways.begin(act)?;
            ways.belong_to(act, Some(user))?;
            Ok::<_, Error>(ways)
        })?;
        let fits = match self.0.gate.enter() {
            Ok(_pass) => {
                let hashed = before.phc.as_deref().and_then(Hashed::parse);
                self.fits(user, old, hashed.as_ref())?
            }
            Err(busy) => {
                self.withdraw(ways)?;
                return Err(busy);
            }
        };
        if fits {
            self.withdraw(ways)
        } else {
            self.leave_failure(Some(user))?;
            Err(Error::OldPassword)
        }
    }

    fn write_password(
        &self,
        context: &Context,
        user: RecordId,
        was: Option<String>,
        phc: String,
    ) -> Result<()> {
        let own = self.clone();
        self.acts().write(context, move |act| {
            let mut held = credential(act, user)?.ok_or(Error::Absent)?;
            if held.row.phc != was {
                return Err(Error::Changed);
            }
            held.row.phc = Some(phc);
            held.row.changed_at = act.now();
            let present = Handle(act.context().session);
            own.turn_epoch(act, held, Some(present))?;
            crate::link::delete_links(act, user)?;
            own.log(act, LeafAction::Key, user, 1)
        })
    }

    /// Whether the user who acts has set a password: the page after an invitation asks for one.
    pub fn has_password(&self, context: &Context) -> Result<bool> {
        let user: RecordId = context.actor.cast();
        self.acts().read(&self.system(), |act| {
            Ok(credential(act, user)?.is_some_and(|held| held.row.phc.is_some()))
        })
    }
}
