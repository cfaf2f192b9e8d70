//! An installation at a place of its own, with the root key at hand: what a test of backups needs
//! beyond `records::testing`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use access::{Access, Context, Policy};
use act::{Acts, House, Organisation};
use base::{ActorId, Clock, RecordId, Rng, SystemClock, SystemRng, Workspace, WorkspaceId};
use records::{Draft, Labelled, Origin, Records, Schema, Source, Value};
use store::{Db, Location, Migration};
use vault::{FileProvider, KeyProvider, Stretch, Vault};

/// People.
pub const PERSON: &str = r#"
[kind]
number = 1
name = "person"
label = "Person"
plural = "People"
subject = "itself"
shown_as = ["given", "family"]
sorted_by = ["family", "given"]
[[field]]
number = 1
name = "given"
label = "Given name"
type = "text"
class = "identity"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[field]]
number = 2
name = "family"
label = "Family name"
type = "text"
class = "identity"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[field]]
number = 3
name = "mails"
label = "Mail"
type = "mails"
class = "contact"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[field]]
number = 4
name = "phones"
label = "Phone"
type = "phones"
class = "contact"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[field]]
number = 5
name = "born"
label = "Born"
type = "date"
class = "identity"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[index]]
number = 1
name = "name"
how = "words"
fields = ["given", "family"]
[[index]]
number = 2
name = "mail"
how = "mail"
fields = ["mails"]
[[index]]
number = 3
name = "phone"
how = "phone"
fields = ["phones"]
[[link]]
number = 1
name = "works_at"
to = ["company"]
"#;

/// Companies, which are subjects of their own too.
pub const COMPANY: &str = r#"
[kind]
number = 2
name = "company"
label = "Company"
plural = "Companies"
subject = "itself"
shown_as = ["name"]
sorted_by = ["name"]
[[field]]
number = 1
name = "name"
label = "Name"
type = "text"
class = "identity"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[index]]
number = 1
name = "name"
how = "words"
fields = ["name"]
"#;

/// Notes about people.
pub const NOTE: &str = r#"
[kind]
number = 3
name = "note"
label = "Note"
plural = "Notes"
subject = "about"
shown_as = []
sorted_by = []
[[field]]
number = 1
name = "body"
label = "Text"
type = "long_text"
class = "communication"
sensitivity = "personal"
purposes = ["sales_outreach", "record_keeping", "privacy_requests"]
retention = "contact"
[[link]]
number = 2
name = "about"
to = ["person"]
"#;

const SCHEMA: [(&str, &str); 3] = [
    ("people", PERSON),
    ("companies", COMPANY),
    ("timeline", NOTE),
];

/// The migrations of the ground and of this crate, and those added.
#[must_use]
pub fn migrations(more: &[&[Migration]]) -> Vec<Migration> {
    let mut all = records::testing::GROUND.concat();
    all.extend(crate::MIGRATIONS);
    all.extend(more.concat());
    all
}

/// A root key in a file of a directory.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn root_key(dir: &Path) -> Arc<dyn KeyProvider> {
    let quick = Stretch {
        memory_kib: 64,
        passes: 1,
    };
    let path = dir.join(format!(
        "{}.key",
        base::hex(&(&SystemRng as &dyn Rng).bytes::<8>())
    ));
    Arc::new(FileProvider::create(&path, None, &SystemRng, quick).expect("a root key"))
}

/// A new installation.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn found(db: &Db, provider: &Arc<dyn KeyProvider>, clock: Arc<dyn Clock>) -> Records {
    let ws = Workspace {
        number: 1,
        id: WorkspaceId::new(&SystemClock, &SystemRng),
    };
    let organisation = Organisation {
        ws,
        name: "Test".into(),
        country: "US".into(),
    };
    let (made, now) = (Arc::clone(provider), clock.now());
    db.write(move |tx| -> Result<(), act::Error> {
        organisation.create(tx, now)?;
        Ok(Vault::create(tx, &*made, ws, &SystemRng, now)?)
    })
    .expect("a new workspace");
    wired(db, ws, provider, clock)
}

/// The record engine over an installation.
///
/// # Panics
/// When it does not open.
#[must_use]
pub fn wired(
    db: &Db,
    ws: Workspace,
    provider: &Arc<dyn KeyProvider>,
    clock: Arc<dyn Clock>,
) -> Records {
    let (vault, authority) = db
        .read(|tx| Vault::open(tx, Arc::clone(provider), ws))
        .expect("the vault opens");
    let access = Access::new(authority, Policy::built_in());
    let schema = Schema::load(&SCHEMA, access.policy()).expect("the schema is sound");
    let house = House {
        db: db.clone(),
        vault,
        access,
        ws,
        clock,
        rng: Arc::new(SystemRng),
    };
    Records::new(Acts::new(house), schema)
}

/// Opens what is at a place.
///
/// # Panics
/// When there is nothing, or it does not open.
#[must_use]
pub fn reopened(
    location: &Location,
    migrations: &[Migration],
    provider: &Arc<dyn KeyProvider>,
) -> Records {
    let db = Db::open(location, migrations).expect("the store opens");
    let organisation = db
        .read(|tx| Organisation::load(tx, 1))
        .expect("the organisation")
        .expect("there is one");
    wired(&db, organisation.ws, provider, Arc::new(SystemClock))
}

/// The operator at the command line.
///
/// # Panics
/// When there is no such purpose.
#[must_use]
pub fn operator(records: &Records) -> Context {
    let purpose = records.acts().policy().purpose_named("record_keeping");
    Context {
        actor: ActorId::nil(),
        role: "operator".into(),
        session: [0; 16],
        purpose: purpose.expect("a known purpose").number,
    }
}

/// Where test data is from.
#[must_use]
pub fn origin() -> Origin {
    Origin {
        source: Source::Form,
        reference: String::new(),
        at: 1,
        actor: "x".into(),
    }
}

/// A draft of a person.
#[must_use]
pub fn person(given: &str, family: &str, mail: &str, phone: &str) -> Draft {
    let several = |value: &str| {
        Value::Several(vec![Labelled {
            value: value.into(),
            ..Labelled::default()
        }])
    };
    let mut values = BTreeMap::from([
        (1, Value::Text(given.into())),
        (2, Value::Text(family.into())),
        (3, several(mail)),
    ]);
    if !phone.is_empty() {
        values.insert(4, several(phone));
    }
    Draft {
        values,
        ..Draft::default()
    }
}

/// Makes a record.
///
/// # Panics
/// When it is refused.
#[must_use]
pub fn make(records: &Records, kind: &'static str, draft: Draft) -> RecordId {
    let own = records.clone();
    records
        .acts()
        .write(&operator(records), move |act| {
            own.create(act, own.kind(kind), draft, &origin())
        })
        .expect("the record is made")
}

/// A note about people.
///
/// # Panics
/// When it is refused.
#[must_use]
pub fn note(records: &Records, about: &[RecordId], text: &str) -> RecordId {
    let link = records.kind("note").link("about").expect("a link");
    let draft = Draft {
        values: BTreeMap::from([(1, Value::Text(text.into()))]),
        links: about.iter().map(|id| (link, *id)).collect(),
        owner: None,
    };
    make(records, "note", draft)
}

/// The people a text finds, by the indexes on disk.
///
/// # Panics
/// When the search fails.
#[must_use]
pub fn found_by(records: &Records, text: &str) -> Vec<RecordId> {
    records
        .acts()
        .read(&operator(records), |act| {
            records.find(act, records.kind("person"), text, 50, 0)
        })
        .expect("a search")
        .into_iter()
        .map(|hit| hit.record.id)
        .collect()
}

/// Numbers what waits, and gives the log's size and root.
///
/// # Panics
/// When the log is damaged.
#[must_use]
pub fn log_head(records: &Records) -> ledger::Head {
    let ws = records.acts().ws();
    records
        .acts()
        .db()
        .write(move |tx| {
            while ledger::sequence(tx, ws, 100_000)? > 0 {}
            ledger::head(tx, ws)
        })
        .expect("a sound log")
}

/// Whose keys a key file holds.
///
/// # Panics
/// When it is damaged.
#[must_use]
pub fn keys_in(path: &Path, provider: &Arc<dyn KeyProvider>) -> Vec<base::SubjectId> {
    let from = std::io::BufReader::new(std::fs::File::open(path).expect("a key file"));
    let providers = [Arc::clone(provider)];
    let mut reader = crate::reader::Reader::open(from, crate::FileKind::Keys, &providers)
        .expect("a sound key file");
    let mut out = Vec::new();
    let (table, subject) = crate::forget::SUBJECT_KEYS;
    while let Some(section) = reader.section().expect("a sound key file") {
        let at = section.columns.iter().position(|column| column == subject);
        while let Some(row) = reader.row().expect("a sound key file") {
            let cell = at.filter(|_| section.table == table).map(|at| &row[at]);
            out.extend(cell.and_then(crate::forget::as_subject));
        }
    }
    out
}
