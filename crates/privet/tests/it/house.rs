//! A small installation in which everything has happened once: people, companies, notes, changes,
//! the trash, users of every role, sessions, tokens, a failed sign-in, erasures, a lift, a backup.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use access::PurposeId;
use base::{RecordId, SystemClock, SystemRng, Workspace, WorkspaceId};
use identity::{LinkKind, TokenDraft};
use privet::capabilities;
use privet::cli::Place;
use privet::installation::Installation;
use privet::made_up::MadeUp;
use records::{Draft, Error, Kind, Origin, Records, Source, Value};
use retention::FreshBasis;
use store::{Db, Location};
use tempfile::TempDir;
use vault::{FileProvider, KeyProvider, Stretch};

/// Everyone's password.
pub const PASSWORD: &str = "correct horse battery staple 7";
/// A user of each role that people can have, beside the first administrator.
pub const ROLES: [&str; 4] = ["privacy_officer", "sales", "support", "agent"];

/// What was made, for those who go on with it.
pub struct Town {
    pub house: Installation,
    pub people: Vec<RecordId>,
    pub companies: Vec<RecordId>,
    pub notes: Vec<RecordId>,
    pub administrator: RecordId,
    /// By role.
    pub users: BTreeMap<&'static str, RecordId>,
}

pub fn place(dir: &Path) -> Place {
    Place {
        data: dir.to_owned(),
        database: None,
        root_key: None,
    }
}

/// An empty installation in a directory.
pub fn empty(dir: &Path) -> Installation {
    Installation::create(&place(dir), "Hedgerow Trading", "US").unwrap()
}

impl Town {
    /// People, companies, notes and users.
    pub fn built(house: Installation) -> Self {
        let made_up = MadeUp::new(7);
        let records = house.records.clone();
        let companies = make(&house, "company", 12, |kind, n| made_up.company(kind, n));
        let works_at = records.kind("person").link("works_at").unwrap();
        let people = make(&house, "person", 60, |kind, n| {
            made_up.person(kind, n, Some((works_at, companies[n % companies.len()])))
        });
        let about = records.kind("note").link("about").unwrap();
        let notes = make(&house, "note", 30, |kind, n| {
            let mut note = made_up.note(kind, about, people[n]);
            if n % 3 == 0 {
                note.links.push((about, people[n + 20]));
            }
            note
        });
        let (administrator, users) = users(&house);
        Self {
            house,
            people,
            companies,
            notes,
            administrator,
            users,
        }
    }

    /// What happens later: changes, the trash, repeated requests, sessions, tokens, a failed sign-in.
    pub fn lives_on(&self) {
        let Self { house, people, .. } = self;
        for (at, person) in people.iter().enumerate().take(20) {
            change(house, *person, "job_title", &format!("Keeper of gate {at}"));
            if at % 4 == 0 {
                change(house, *person, "stage", "Customer");
            }
        }
        for person in people[20..22].iter().copied() {
            on_kind(house, "person", move |records, act, kind| {
                records.delete(act, kind, person, None)
            });
        }
        let back = people[21];
        on_kind(house, "person", move |records, act, kind| {
            records.restore(act, kind, back)
        });
        for number in 0..6 {
            let key = format!("request-{number}");
            on_kind(house, "person", move |records, act, kind| {
                let draft = MadeUp::new(99 + number).person(
                    kind,
                    900 + usize::try_from(number).unwrap(),
                    None,
                );
                records
                    .create_once(act, kind, draft, &origin(), &key, key.as_bytes())
                    .map(drop)
            });
        }
        self.comes_and_goes(None, PASSWORD);
        // So many looks that the log keeps hashes of whole subtrees.
        for person in people.iter().cycle().take(300) {
            let records = &house.records;
            let opened = records
                .acts()
                .read(&house.operator("record_keeping"), |act| {
                    records.open(act, records.kind("person"), *person)
                });
            drop(opened.unwrap());
        }
    }

    /// Passwords, sessions, links, tokens, and two who fail to sign in.
    fn comes_and_goes(&self, old: Option<&str>, new: &str) {
        let identity = &self.house.identity;
        for user in self.users.values().chain([&self.administrator]) {
            let mut context = self.house.system("security");
            if old.is_some() {
                (context.actor, context.role) = (user.cast(), self.role(*user).to_owned());
                context.purpose = self.purpose(*user);
            }
            identity.set_password(&context, *user, old, new).unwrap();
            let token = self.link(*user);
            identity.redeem_link(&token).unwrap();
            self.link(*user);
            self.token(*user, "a script");
        }
        assert!(
            identity
                .sign_in("marta@hedgerow.example", "wrong", b"192.0.2.1")
                .is_err()
        );
        assert!(
            identity
                .sign_in("nobody@hedgerow.example", "wrong", b"192.0.2.2")
                .is_err()
        );
    }

    /// Two people are erased; one comes back on a fresh basis; a backup is made; a token is revoked.
    pub fn forgets(&self, backup: &Path) {
        let house = &self.house;
        let returning = copy_of(house, self.people[30]);
        let erasure = capabilities::erasure(house);
        let who = house.operator("privacy_requests");
        for person in &self.people[30..32] {
            erasure.erase(&who, *person).unwrap();
        }
        let keeping = house.operator("record_keeping");
        let records = house.records.clone();
        let lifted = house.records.acts().write(&keeping, move |act| {
            let kind = records.kind("person");
            let lifted =
                retention::suppression::lift(&records, act, kind, &returning, FreshBasis::Consent)?;
            records.create(act, kind, returning, &origin())?;
            Ok::<_, retention::Error>(lifted)
        });
        assert!(lifted.unwrap() > 0);
        capabilities::backups(house)
            .write(&house.operator("security"), backup)
            .unwrap();
        let (identity, user) = (house.identity.clone(), self.users["sales"]);
        let revoked = house
            .records
            .acts()
            .write(&house.operator("security"), move |act| {
                let tokens = identity.tokens_of(act, user)?;
                identity.revoke(act, user, tokens[0].handle)
            });
        assert!(revoked.unwrap());
        self.house.records.acts().checkpoint().unwrap();
    }

    /// A new one-time link's token.
    pub fn link(&self, user: RecordId) -> String {
        let identity = self.house.identity.clone();
        let who = self.house.operator("security");
        let token = self.house.records.acts().write(&who, move |act| {
            identity.one_time_link(act, user, LinkKind::SignIn)
        });
        token.unwrap().expose().to_owned()
    }

    /// A new API token in a user's own role.
    pub fn token(&self, user: RecordId, label: &str) -> String {
        let draft = TokenDraft {
            label: label.to_owned(),
            role: self.role(user).to_owned(),
            purpose: self.purpose(user),
            days: 30,
        };
        let identity = self.house.identity.clone();
        let who = self.house.operator("security");
        let token = self
            .house
            .records
            .acts()
            .write(&who, move |act| identity.create_token(act, user, &draft));
        token.unwrap().expose().to_owned()
    }

    fn purpose(&self, user: RecordId) -> PurposeId {
        let policy = self.house.records.acts().policy();
        let role = policy.role(self.role(user)).unwrap();
        policy.purposes_of(role).next().unwrap().number
    }

    fn role(&self, user: RecordId) -> &'static str {
        let found = self.users.iter().find(|(_, own)| **own == user);
        found.map_or("administrator", |(role, _)| role)
    }
}

/// A whole town in a directory, closed; gives the town's state before the second half as files beside.
pub fn closed_town() -> (TempDir, TempDir) {
    let (late, early) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let data = late.path().join("data");
    let town = Town::built(empty(&data));
    town.lives_on();
    town.house.records.acts().checkpoint().unwrap();
    assert!(town.house.records.acts().db().checkpoint().unwrap());
    copy(&data, early.path());
    // Rows as they were before: changed again, so that there is an older state of each to put back.
    for person in &town.people[..10] {
        change(&town.house, *person, "job_title", "Keeper of no gate");
    }
    town.comes_and_goes(Some(PASSWORD), "another horse, the same battery");
    town.forgets(&late.path().join("backup"));
    drop(town);
    (late, early)
}

/// Copies the files of a closed store.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in ["data.db", "keys.db", "root.key"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    for name in ["data.db-wal", "keys.db-wal", "data.db-shm", "keys.db-shm"] {
        drop(std::fs::remove_file(to.join(name)));
    }
}

fn users(house: &Installation) -> (RecordId, BTreeMap<&'static str, RecordId>) {
    let identity = house.identity.clone();
    let made = house
        .records
        .acts()
        .write(&house.operator("security"), move |act| {
            let first =
                identity.first_administrator(act, "Marta Kowal", "marta@hedgerow.example")?;
            let mut users = BTreeMap::new();
            for role in ROLES {
                let (name, mail) = (
                    format!("User Of {role}"),
                    format!("{role}@hedgerow.example"),
                );
                users.insert(role, identity.create_user(act, &name, &mail, role)?);
            }
            Ok::<_, identity::Error>((first, users))
        });
    made.unwrap()
}

fn make(
    house: &Installation,
    kind: &'static str,
    count: usize,
    draft: impl Fn(&Kind, usize) -> Draft,
) -> Vec<RecordId> {
    let who = house.operator("record_keeping");
    let drafts: Vec<Draft> = (0..count)
        .map(|n| draft(house.records.kind(kind), n))
        .collect();
    let records = house.records.clone();
    let made = house.records.acts().write(&who, move |act| {
        records.create_many(act, records.kind(kind), drafts, &[origin()])
    });
    made.unwrap()
}

/// Changes one field of a person.
pub fn change(house: &Installation, person: RecordId, field: &'static str, to: &str) {
    let value = Value::Text(to.to_owned());
    on_kind(house, "person", move |records, act, kind| {
        let changes = BTreeMap::from([(kind.field(field).unwrap().number, Some(value))]);
        records
            .change(act, kind, person, None, changes, &origin())
            .map(drop)
    });
}

fn on_kind(
    house: &Installation,
    kind: &'static str,
    f: impl FnOnce(&Records, &mut act::Act<'_, '_>, &Kind) -> Result<(), Error> + Send + 'static,
) {
    let records = house.records.clone();
    let who = house.operator("record_keeping");
    house
        .records
        .acts()
        .write(&who, move |act| f(&records, act, records.kind(kind)))
        .unwrap();
}

/// A draft with the values of a person.
fn copy_of(house: &Installation, person: RecordId) -> Draft {
    let records = &house.records;
    let record = records
        .acts()
        .read(&house.operator("record_keeping"), |act| {
            records.open(act, records.kind("person"), person)
        });
    let values = record.unwrap().unwrap().fields.into_iter();
    Draft {
        values: values
            .filter_map(|shown| Some((shown.column, shown.value?)))
            .collect(),
        ..Draft::default()
    }
}

pub fn origin() -> Origin {
    Origin {
        source: Source::Form,
        reference: String::new(),
        at: 0,
        actor: String::new(),
    }
}

/// A new installation at a location, under the root key of [`provider`].
pub fn create(location: &Location) -> Installation {
    let (clock, rng) = (SystemClock, SystemRng);
    let db = Db::create(location, &capabilities::migrations()).unwrap();
    let organisation = act::Organisation {
        ws: Workspace {
            number: 1,
            id: WorkspaceId::new(&clock, &rng),
        },
        name: "Hedgerow Trading".to_owned(),
        country: "US".to_owned(),
    };
    Installation::found(db, provider(), organisation).unwrap()
}

/// One root key for the whole run of a test.
pub fn provider() -> Arc<dyn KeyProvider> {
    static KEY: OnceLock<Arc<dyn KeyProvider>> = OnceLock::new();
    let make = || -> Arc<dyn KeyProvider> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("root.key");
        Arc::new(FileProvider::create(&path, None, &SystemRng, Stretch::STANDARD).unwrap())
    };
    Arc::clone(KEY.get_or_init(make))
}

/// Runs a test on schemas of its own, which go afterwards.
pub fn on_postgres(test: impl Fn(&Location)) {
    let location = store::testing::postgres_location();
    let outcome = catch_unwind(AssertUnwindSafe(|| test(&location)));
    store::testing::drop_schemas(&location);
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}
