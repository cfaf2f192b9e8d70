//! What every handler shares, and the frame around every page.

use std::sync::Arc;

use access::Action;
use act::Act;
use base::Timestamp;
use identity::Identity;
use records::{Draft, Error, Kind, Records};
use web::view::initials;
use web::{Flash, Look, NavGroup, NavItem, Purpose, PurposeMenu, Shell, User};

use crate::session::SignedIn;

/// Who was erased on request and may not come back without a fresh basis. The program wires it to the
/// crate that keeps the fingerprints.
pub trait Suppression: Send + Sync {
    /// When somebody a draft names was erased; `None` for everybody else.
    fn since(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
    ) -> Result<Option<Timestamp>, Error>;

    /// Lets them come back on a stated basis; `false` when there is no basis of this name.
    fn lift(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
        basis: &str,
    ) -> Result<bool, Error>;
}

/// How the program is reached.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// Whether browsers come by https: cookies are then bound to it.
    pub https: bool,
}

/// One item of the rail, as a capability declares it.
#[derive(Debug, Clone, Copy)]
pub struct NavEntry {
    /// CRM, Privacy or Security.
    pub group: &'static str,
    /// Key that pages name.
    pub key: &'static str,
    /// In words.
    pub label: &'static str,
    /// Address.
    pub href: &'static str,
    /// Symbol.
    pub icon: &'static str,
    /// The kind whose names are counted, where it is a list of one.
    pub counts: Option<&'static str>,
    /// The key after `g`.
    pub shortcut: &'static str,
    /// What a role must be allowed to see it.
    pub needs: Action,
}

/// The state of all routes. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    records: Records,
    identity: Identity,
    workspace: String,
    site: Site,
    nav: Vec<NavEntry>,
    suppression: Arc<dyn Suppression>,
}

impl Desk {
    /// A desk over an open house.
    #[must_use]
    pub fn new(
        records: Records,
        identity: Identity,
        workspace: String,
        site: Site,
        nav: Vec<NavEntry>,
        suppression: Arc<dyn Suppression>,
    ) -> Self {
        Self(Arc::new(Inner {
            records,
            identity,
            workspace,
            site,
            nav,
            suppression,
        }))
    }

    /// The record engine.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.0.records
    }

    /// Users and sessions.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Name of the organisation.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.0.workspace
    }

    /// How the program is reached.
    #[must_use]
    pub fn site(&self) -> Site {
        self.0.site
    }

    /// The present instant, for pages.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.records().acts().clock().now()
    }

    /// Runs something that waits for the store on a thread that may wait.
    pub async fn run<T, F>(&self, f: F) -> web::Result<T>
    where
        F: FnOnce(&Self) -> web::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let desk = self.clone();
        let outcome = tokio::task::spawn_blocking(move || f(&desk)).await;
        outcome.unwrap_or_else(|_| Err(web::Problem::broken().into()))
    }

    /// Reads in an act of the signed-in person.
    pub fn read<T>(
        &self,
        who: &access::Context,
        f: impl FnOnce(&Records, &mut Act<'_, '_>) -> Result<T, Error>,
    ) -> web::Result<T> {
        Ok(self
            .records()
            .acts()
            .read(who, |act| f(self.records(), act))?)
    }

    /// Writes in an act of the signed-in person.
    pub fn write<T: Send + 'static>(
        &self,
        who: &access::Context,
        f: impl FnOnce(&Records, &mut Act<'_, '_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let records = self.records().clone();
        self.records()
            .acts()
            .write(who, move |act| f(&records, act))
    }

    /// Lets a draft pass unless it names somebody who was erased on request and no fresh basis is stated.
    /// To be asked in the act that makes the record.
    pub fn admit(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
        basis: Option<&str>,
    ) -> Result<(), Error> {
        let Some(since) = self.0.suppression.since(act, kind, draft)? else {
            return Ok(());
        };
        match basis {
            Some(basis) if self.0.suppression.lift(act, kind, draft, basis)? => Ok(()),
            _ => Err(Error::Suppressed { since }),
        }
    }

    /// Whether a role may take an action at all: what it may not, it does not see.
    #[must_use]
    pub fn may(&self, who: &SignedIn, action: Action) -> bool {
        let role = self.records().acts().policy().role(&who.context.role);
        role.is_some_and(|role| role.may(action))
    }

    /// The frame of a page at an address of this site.
    #[must_use]
    pub fn shell(&self, who: &SignedIn, title: &str, active: &'static str) -> Shell {
        let policy = self.records().acts().policy();
        let role = policy.role(&who.context.role);
        let purposes = role
            .map(|role| policy.purposes_of(role).collect::<Vec<_>>())
            .unwrap_or_default();
        let choices = purposes.into_iter().map(|purpose| Purpose {
            name: purpose.name.clone(),
            label: purpose.label.clone(),
            description: purpose.description.clone(),
            current: purpose.number == who.context.purpose,
        });
        let current = policy
            .purpose(who.context.purpose)
            .map(|p| p.label.clone())
            .unwrap_or_default();
        Shell {
            title: title.to_owned(),
            active,
            groups: self.groups(who),
            purpose: PurposeMenu {
                current,
                choices: choices.collect(),
                back: who.here.clone(),
            },
            user: User {
                name: who.name.clone(),
                initials: initials(&who.name),
                role: role.map(|role| role.label.clone()).unwrap_or_default(),
            },
            workspace: self.workspace().to_owned(),
            csrf: web::csrf::token(&who.secret, &*self.records().acts().rng()),
            flash: who.flash.map(Flash::done),
            search: String::new(),
            look: Look::default(),
        }
    }

    fn groups(&self, who: &SignedIn) -> Vec<NavGroup> {
        let mut groups: Vec<NavGroup> = Vec::new();
        for entry in self.0.nav.iter().filter(|entry| self.may(who, entry.needs)) {
            let count = entry.counts.map(|kind| {
                let kind = self.records().kind(kind).id;
                u64::try_from(self.records().names().count(kind)).unwrap_or(u64::MAX)
            });
            let item = NavItem {
                key: entry.key,
                label: entry.label,
                href: entry.href,
                icon: entry.icon,
                count,
                shortcut: entry.shortcut,
            };
            match groups.iter_mut().find(|group| group.heading == entry.group) {
                Some(group) => group.items.push(item),
                None => groups.push(NavGroup {
                    heading: entry.group,
                    items: vec![item],
                }),
            }
        }
        groups
    }
}
