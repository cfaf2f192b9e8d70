//! One-time links: for coming in the first time, and for who forgot their password.
//!
//! Redeem a link on a POST only: programs that look into mail follow every link they find.

use act::{Act, LeafAction};
use base::RecordId;
use store::params;

use crate::door::Person;
use crate::kept::{self, Held};
use crate::rows::{Link, LinkKind, Via};
use crate::token::hash_of;
use crate::{Error, Identity, LinkToken, Result, SignedIn};

impl Identity {
    /// Makes a link for a user; links made for them earlier stop working. Asks for the right to
    /// configure.
    ///
    /// # Errors
    /// [`Error::Absent`].
    pub fn one_time_link(
        &self,
        act: &mut Act<'_, '_>,
        user: RecordId,
        kind: LinkKind,
    ) -> Result<LinkToken> {
        self.administer(act, LeafAction::Key)?;
        self.own_or_administer(act, user, LeafAction::Key)?;
        delete_links(act, user)?;
        let token = LinkToken::new(act.rng());
        let link = Link {
            token_hash: token.hash(),
            user,
            kind,
            created: act.now(),
            expires: act.now().plus_seconds(kind.seconds()),
            used_at: None,
        };
        kept::insert(act, &link)?;
        self.log(act, LeafAction::Key, user, 1)?;
        Ok(token)
    }

    /// Signs in with a link, once.
    ///
    /// # Errors
    /// [`Error::Link`] for one that is unknown, used or expired: nobody learns which.
    pub fn redeem_link(&self, token: &str) -> Result<SignedIn> {
        let hash = hash_of(token).ok_or(Error::Link)?;
        let found = self.acts().read(&self.system(), |act| -> Result<_> {
            let Some(held) = load(act, &hash)? else {
                return Ok(None);
            };
            let person = self.person(act, held.row.user)?;
            Ok(person.map(|person| (held.row.user, is_open(act, &held), person)))
        })?;
        match found {
            Some((user, true, person)) => self.enter_with(hash, user, person),
            Some((user, false, _)) => {
                self.leave_failure(Some(user))?;
                Err(Error::Link)
            }
            None => Err(Error::Link),
        }
    }

    fn enter_with(&self, hash: [u8; 32], user: RecordId, person: Person) -> Result<SignedIn> {
        self.sign_in_as(user, person, Via::Link, move |act| {
            let mut held = load(act, &hash)?.ok_or(Error::Link)?;
            if !is_open(act, &held) {
                return Err(Error::Link);
            }
            held.row.used_at = Some(act.now());
            if kept::replace(act, &held)? {
                Ok(())
            } else {
                Err(Error::Link)
            }
        })
    }
}

/// Deletes every link of a user.
pub(crate) fn delete_links(act: &mut Act<'_, '_>, user: RecordId) -> Result<()> {
    kept::delete::<Link>(act, "user_id = $2", params![&user])?;
    Ok(())
}

fn load(act: &mut Act<'_, '_>, hash: &[u8; 32]) -> Result<Option<Held<Link>>> {
    kept::one(act, "token_hash = $2", params![hash])
}

fn is_open(act: &Act<'_, '_>, held: &Held<Link>) -> bool {
    held.row.used_at.is_none() && act.now() < held.row.expires
}
