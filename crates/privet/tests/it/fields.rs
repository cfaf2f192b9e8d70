//! Every field has its class, sensitivity, purposes and retention, and who sees it is written down: a
//! change of either shows as a changed line in `tests/golden/`, which `PRIVET_WRITE_GOLDEN=1` writes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use access::{Action, Context, Decision, Policy, Purpose, Role, Sight};
use act::LeafAction;
use base::ActorId;
use privet::capabilities::SCHEMAS;
use privet::installation::Installation;
use records::{Error, Kind, Schema};
use toml::{Table, Value};

const ACTIONS: [Action; 12] = [
    Action::Read,
    Action::Search,
    Action::Create,
    Action::Change,
    Action::Delete,
    Action::Import,
    Action::Export,
    Action::Erase,
    Action::ReadLog,
    Action::Configure,
    Action::Backup,
    Action::Verify,
];

#[test]
fn every_field_says_what_it_is_and_nothing_changes_unseen() {
    let policy = Policy::built_in();
    let schema = Schema::load(SCHEMAS, &policy).unwrap();
    let mut text = String::from(
        "# kind.field | class | sensitivity | retention | indexes (on, how) | purposes\n",
    );
    for (kind, (_, declaration)) in schema.kinds().iter().zip(SCHEMAS) {
        let indexes = indexes(&declaration.parse().unwrap());
        for field in &kind.fields {
            let name = format!("{}.{}", kind.name, field.name);
            let said = [&field.class, &field.sensitivity, &field.retention];
            assert!(said.iter().all(|word| !word.is_empty()), "{name}");
            assert!(!field.purposes.is_empty(), "{name} has no purpose");
            for purpose in &field.purposes {
                assert!(policy.purpose_named(purpose).is_some(), "{name}: {purpose}");
            }
            let none = String::from("none");
            let index = indexes.get(&field.name).unwrap_or(&none);
            let [class, sensitivity, retention] = said;
            let purposes = field.purposes.join(" ");
            writeln!(
                text,
                "{name} | {class} | {sensitivity} | {retention} | {index} | {purposes}"
            )
            .unwrap();
        }
    }
    golden("fields.txt", &text);
}

/// How each field is indexed, by what its capability declares.
fn indexes(declaration: &Table) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    let none = Vec::new();
    for index in declaration
        .get("index")
        .and_then(Value::as_array)
        .unwrap_or(&none)
    {
        for field in index["fields"].as_array().unwrap() {
            let line = out.entry(field.as_str().unwrap().to_owned()).or_default();
            let gap = if line.is_empty() { "" } else { ", " };
            write!(
                line,
                "{gap}{} {}",
                index["name"].as_str().unwrap(),
                index["how"].as_str().unwrap()
            )
            .unwrap();
        }
    }
    out
}

#[test]
fn who_may_do_and_see_what_does_not_change_unseen() {
    let dir = tempfile::tempdir().unwrap();
    let house = crate::house::empty(&dir.path().join("data"));
    let policy = house.records.acts().policy();
    let mut text = String::from("# role | kind | purpose | actions | class=sight of its fields\n");
    for role in policy.roles() {
        for kind in house.records.schema().kinds() {
            for purpose in policy.purposes() {
                write_rights(&mut text, &house, role, kind, purpose);
            }
        }
    }
    golden("rights.txt", &text);
}

/// One line for all actions with the same answer; none where everything is refused.
fn write_rights(
    text: &mut String,
    house: &Installation,
    role: &Role,
    kind: &Kind,
    purpose: &Purpose,
) {
    let context = Context {
        actor: ActorId::from_bytes([7; 16]),
        role: role.name.clone(),
        session: [0; 16],
        purpose: purpose.number,
    };
    let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for action in ACTIONS {
        let answer = house
            .records
            .acts()
            .read(&context, |act| -> Result<_, Error> {
                Ok(act
                    .decide(action, LeafAction::Open, kind.rules())
                    .ok()
                    .map(|decision| sights(kind, &decision)))
            });
        if let Some(sights) = answer.unwrap() {
            answers
                .entry(sights)
                .or_default()
                .push(format!("{action:?}"));
        }
    }
    for (sights, actions) in answers {
        let (role, kind, purpose) = (&role.name, &kind.name, &purpose.name);
        writeln!(
            text,
            "{role} | {kind} | {purpose} | {} | {sights}",
            actions.join(" ")
        )
        .unwrap();
    }
}

/// How the fields of each class appear; two words where the purpose tells fields of a class apart.
fn sights(kind: &Kind, decision: &Decision) -> String {
    let mut classes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for field in &kind.fields {
        let word = match decision.sight(field.number) {
            Sight::Clear => "clear",
            Sight::Masked => "masked",
            Sight::Absent => "absent",
        };
        classes.entry(&field.class).or_default().insert(word);
    }
    let words = classes.into_iter().map(|(class, sights)| {
        format!(
            "{class}={}",
            sights.into_iter().collect::<Vec<_>>().join("/")
        )
    });
    words.collect::<Vec<_>>().join(" ")
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("PRIVET_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (before, now) = (lines(&known), lines(text));
    let gone: Vec<_> = before.difference(&now).collect();
    let new: Vec<_> = now.difference(&before).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "{name} has changed: look at it, then write it anew with PRIVET_WRITE_GOLDEN=1\ngone: {gone:#?}\nnew: {new:#?}"
    );
}
