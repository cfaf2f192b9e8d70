//! Signing in with a password: the attempt is counted, then the password is hashed outside any
//! transaction, then the session begins. The same steps for an account that does not exist.

use access::Context;
use act::{Act, LeafAction, Logged};
use base::RecordId;
use records::normalise::mail_key;
use store::params;

use crate::attempt::Ways;
use crate::door::Person;
use crate::kept::{self, Held};
use crate::rows::{Credential, Via};
use crate::stretch::Hashed;
use crate::token::Handle;
use crate::{Error, Identity, Result, SessionToken, SignedIn};

/// An account as an attempt found it.
#[derive(Clone)]
struct Account {
    ways: Ways,
    user: Option<(RecordId, Person)>,
    phc: Option<String>,
}

impl Account {
    fn id(&self) -> Option<RecordId> {
        self.user.as_ref().map(|(user, _)| *user)
    }
}

impl Identity {
    /// Signs in with a mail address and a password. `address` is whatever the network says of where
    /// the request is from; only a keyed fingerprint of it is kept. The token is new each time: end
    /// the session that the browser came with.
    ///
    /// # Errors
    /// [`Error::SignIn`] for a wrong password and an unknown account alike; [`Error::Throttled`];
    /// [`Error::Busy`]. The last two leave no leaf, so that nobody can fill the log.
    pub fn sign_in(&self, mail: &str, password: &str, address: &[u8]) -> Result<SignedIn> {
        let account = self.begin(mail, address)?;
        let pass = match self.0.gate.enter() {
            Ok(pass) => pass,
            Err(busy) => {
                self.withdraw(account.ways)?;
                return Err(busy);
            }
        };
        let hashed = account.phc.as_deref().and_then(Hashed::parse);
        let subject = account.id().unwrap_or_else(RecordId::nil);
        let fits = self.fits(subject, password, hashed.as_ref())?;
        let (Some(hashed), true) = (hashed, fits) else {
            drop(pass);
            self.leave_failure(account.id())?;
            return Err(Error::SignIn);
        };
        let renewed = if hashed.cost == self.0.cost {
            None
        } else {
            Some(self.hash(subject, password)?.phc())
        };
        drop(pass);
        self.succeed(account, renewed)
    }

    /// Counts the attempt and looks for the account.
    fn begin(&self, mail: &str, address: &[u8]) -> Result<Account> {
        let own = self.clone();
        let (mail, address) = (mail.to_owned(), address.to_vec());
        self.acts().write(&self.system(), move |act| {
            let typed = mail_key(&mail).unwrap_or_else(|| mail.trim().to_lowercase());
            let ways = Ways::of(act, &typed, &address)?;
            ways.begin(act)?;
            let found = own.user_with_mail(act, &mail)?;
            let user = found.map(|record| (record.id, Person::of(own.kind(), &record)));
            let id = user.as_ref().map(|(id, _)| *id);
            ways.belong_to(act, id)?;
            // Nobody's credential is looked for too.
            let held = credential(act, id.unwrap_or_else(RecordId::nil))?;
            Ok(Account {
                ways,
                user,
                phc: held.and_then(|held| held.row.phc),
            })
        })
    }

    fn succeed(&self, account: Account, renewed: Option<String>) -> Result<SignedIn> {
        let (user, person) = account.user.ok_or(Error::SignIn)?;
        self.sign_in_as(user, person, Via::Password, move |act| {
            let mut held = credential(act, user)?.ok_or(Error::SignIn)?;
            if held.row.phc != account.phc {
                // The password was changed while it was compared.
                return Err(Error::SignIn);
            }
            if let Some(phc) = renewed {
                held.row.phc = Some(phc);
                if !kept::replace(act, &held)? {
                    return Err(Error::Changed);
                }
            }
            account.ways.succeed(act)
        })
    }

    /// Begins a session in an act of the user's own, after `first`, all or nothing.
    pub(crate) fn sign_in_as(
        &self,
        user: RecordId,
        person: Person,
        via: Via,
        first: impl FnOnce(&mut Act<'_, '_>) -> Result<()> + Send + 'static,
    ) -> Result<SignedIn> {
        let token = SessionToken::new(&*self.acts().rng());
        let context = Context {
            actor: user.cast(),
            role: person.role.clone(),
            session: Handle::of(&token.hash()).0,
            purpose: self.security(),
        };
        let own = self.clone();
        self.acts().write(&context, move |act| {
            first(act)?;
            let signed = own.begin_session(act, &token, &person, via)?;
            Ok(SignedIn { token, signed })
        })
    }

    /// Leaves the leaf of a failed attempt.
    pub(crate) fn leave_failure(&self, user: Option<RecordId>) -> Result<()> {
        let table = self.kind().id.0;
        self.acts().write(&self.system(), move |act| {
            let mut subjects = Vec::new();
            if let Some(user) = user {
                // Erased in the meantime: then it was nobody's.
                subjects.extend(act.subject_key(user.cast())?.map(|key| key.subject()));
            }
            let what = Logged {
                table,
                subjects,
                count: 1,
                ..Logged::default()
            };
            Ok(act.log(LeafAction::SignInFailed, what)?)
        })
    }

    pub(crate) fn withdraw(&self, ways: Ways) -> Result<()> {
        self.acts()
            .write(&self.system(), move |act| ways.withdraw(act))
    }
}

/// A user's credential.
pub(crate) fn credential(
    act: &mut Act<'_, '_>,
    user: RecordId,
) -> Result<Option<Held<Credential>>> {
    kept::one(act, "user_id = $2", params![&user])
}
