//! Making users and changing what they may do. Everything else about a user is a record like any other.

use std::collections::BTreeMap;

use act::{Act, LeafAction};
use base::{ActorId, RecordId};
use records::normalise::mail_key;
use records::{Draft, Origin, Record, Source, Value};
use serde_json::json;
use store::params;

use crate::rows::Credential;
use crate::{Error, Identity, Result, kept};

impl Identity {
    /// Makes a user, who comes in with [`Identity::one_time_link`]. Asks for the right to configure.
    ///
    /// # Errors
    /// [`Error::MailTaken`]; a name, mail or role that does not fit.
    pub fn create_user(
        &self,
        act: &mut Act<'_, '_>,
        name: &str,
        mail: &str,
        role: &str,
    ) -> Result<RecordId> {
        self.administer(act, LeafAction::Create)?;
        self.make(act, name, mail, role)
    }

    /// Makes the first user of a workspace, for whoever sets it up.
    ///
    /// # Errors
    /// [`Error::NotFirst`] when there is, or ever was and is not erased, another.
    pub fn first_administrator(
        &self,
        act: &mut Act<'_, '_>,
        name: &str,
        mail: &str,
    ) -> Result<RecordId> {
        self.administer(act, LeafAction::Create)?;
        let ws = act.ws().number;
        one_at_a_time(act)?;
        let users = act
            .tx()
            .number("SELECT COUNT(*) FROM credential WHERE ws = $1", params![ws])?;
        if users > 0 {
            return Err(Error::NotFirst);
        }
        self.make(act, name, mail, "administrator")
    }

    /// Gives a user another role, and ends all their sessions. Nobody changes their own, so an
    /// administrator always remains.
    ///
    /// # Errors
    /// [`Error::OwnRole`], [`Error::Absent`], [`Error::Role`].
    pub fn change_role(&self, act: &mut Act<'_, '_>, user: RecordId, role: &str) -> Result<()> {
        self.administer(act, LeafAction::Change)?;
        self.own_or_administer(act, user, LeafAction::Change)?;
        if act.context().actor == user.cast() {
            return Err(Error::OwnRole);
        }
        let kind = self.kind();
        let field = kind.field("role").ok_or(Error::Role)?;
        if !field.options.iter().any(|option| option == role) {
            return Err(Error::Role);
        }
        let changes = BTreeMap::from([(field.number, Some(Value::Text(role.to_owned())))]);
        let origin = origin(act);
        self.0
            .records
            .change(act, kind, user, None, changes, &origin)?;
        self.end_all(act, user)?;
        Ok(())
    }

    /// The name of an actor, for showing who did something; `None` for the program itself and for
    /// whoever is no user any more. Never call it within an act.
    #[must_use]
    pub fn user_name(&self, actor: ActorId) -> Option<String> {
        let user: RecordId = actor.cast();
        if user.is_nil() {
            return None;
        }
        let known = self.0.records.names().get(self.kind().id, user);
        known.or_else(|| {
            let found = self
                .acts()
                .read(&self.system(), |act| self.person(act, user));
            found.ok().flatten().map(|person| person.name)
        })
    }

    /// The user with a mail address, opened. Only within an act of the system.
    pub(crate) fn user_with_mail(
        &self,
        act: &mut Act<'_, '_>,
        mail: &str,
    ) -> Result<Option<Record>> {
        let Some(key) = mail_key(mail) else {
            return Ok(None);
        };
        let kind = self.kind();
        let hits = self.0.records.find(act, kind, &key, 10, 0)?;
        let is_theirs = |record: &Record| match record.value(kind, "mail") {
            Some(Value::Several(mails)) => mails
                .iter()
                .any(|mail| mail_key(&mail.value).as_ref() == Some(&key)),
            _ => false,
        };
        let theirs = hits.into_iter().map(|hit| hit.record).filter(is_theirs);
        Ok(theirs.min_by_key(|record| record.id))
    }

    fn make(&self, act: &mut Act<'_, '_>, name: &str, mail: &str, role: &str) -> Result<RecordId> {
        let (records, kind) = (&self.0.records, self.kind());
        let country = records.country();
        let mut draft = Draft::default();
        draft.set(kind, "name", &json!(name), &country)?;
        draft.set(kind, "mail", &json!([{ "value": mail }]), &country)?;
        draft.set(kind, "role", &json!(role), &country)?;
        for (field, wanted) in [
            ("name", "a name"),
            ("mail", "a mail address"),
            ("role", "a role"),
        ] {
            if draft.get(kind, field).is_none() {
                let problem = format!("give the user {wanted}");
                return Err(records::Error::Required(problem).into());
            }
        }
        one_at_a_time(act)?;
        let twins = records.duplicates(act, kind, &draft)?;
        if twins.iter().any(|twin| twin.reasons.contains(&"same mail")) {
            return Err(Error::MailTaken);
        }
        let origin = origin(act);
        let user = records.create(act, kind, draft, &origin)?;
        let credential = Credential {
            user,
            phc: None,
            epoch: 1,
            changed_at: act.now(),
        };
        kept::insert(act, &credential)?;
        Ok(user)
    }
}

/// Waits for whoever makes a user at the same moment, so that two cannot take one mail address: the
/// row of the workspace is locked until the commit.
fn one_at_a_time(act: &mut Act<'_, '_>) -> Result<()> {
    let ws = act.ws().number;
    act.tx().execute(
        "UPDATE workspace SET created_at = created_at WHERE ws = $1",
        params![ws],
    )?;
    Ok(())
}

fn origin(act: &Act<'_, '_>) -> Origin {
    Origin {
        source: Source::Form,
        reference: String::new(),
        at: act.now().micros(),
        actor: act.context().actor.to_string(),
    }
}
