//! The activity log: every look and every change, newest first, with the signed head it stands under.

use std::collections::BTreeMap;

use access::{Action, PurposeId};
use act::{LeafAction, Logged};
use axum::extract::{Query, State};
use axum::response::Response;
use base::{RecordId, hex};
use ledger::{Leaf, LoggedLeaf, Outcome};
use records::KindId;
use web::Result;
use web::screens::{LogEntry, LogFilter, LogPage, Verified};
use web::view::{Avatar, Choice, Empty, Pager, Tone, grouped};

use crate::{Desk, SignedIn, when};

/// Entries on a page.
const PAGE: u32 = 50;
/// Leaves looked through for one page when the log is narrowed.
const LOOKED_THROUGH: u32 = 2_000;

pub async fn page(
    who: SignedIn,
    State(desk): State<Desk>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Response> {
    desk.run(move |desk| {
        let before: Option<u64> = asked.get("before").and_then(|text| text.parse().ok());
        let subject: Option<RecordId> = asked.get("subject").and_then(|text| text.parse().ok());
        let action = asked.get("action").cloned().unwrap_or_default();
        let actor = asked.get("actor").cloned().unwrap_or_default();
        let narrowed = !action.is_empty() || !actor.is_empty();
        let limit = if narrowed { LOOKED_THROUGH } else { PAGE };
        let (leaves, head) = desk.read(&who.context, |_, act| {
            act.allow(Action::ReadLog, LeafAction::ReadLog)?;
            let ws = act.ws();
            let found = match subject {
                Some(subject) => ledger::leaves_of_subject(act.tx(), ws, subject.cast(), before, limit)?,
                None => ledger::leaves(act.tx(), ws, before, limit)?,
            };
            let head = ledger::head(act.tx(), ws)?;
            act.log(LeafAction::ReadLog, Logged { count: u32::try_from(found.len()).unwrap_or(0), ..Logged::default() })?;
            Ok((found, head))
        })?;
        let last = leaves.last().map(|leaf| leaf.seq);
        let whole = leaves.len() == usize::try_from(limit).unwrap_or(0);
        let fitting: Vec<&LoggedLeaf> = leaves
            .iter()
            .filter(|logged| action.is_empty() || logged.leaf.action.word() == action)
            .filter(|logged| actor.is_empty() || logged.leaf.actor.to_string() == actor)
            .collect();
        let entries: Vec<LogEntry> = fitting.iter().map(|logged| entry(desk, logged)).collect();
        let carried: String = ["subject", "action", "actor"]
            .iter()
            .filter_map(|name| asked.get(*name).filter(|value| !value.is_empty()).map(|value| format!("{name}={value}&")))
            .collect();
        let next = last.filter(|_| whole).map(|seq| format!("/log?{carried}before={seq}")).unwrap_or_default();
        let empty = entries.is_empty().then(|| Empty {
            icon: "log",
            title: "Nothing fits".into(),
            text: "Every look and every change leaves an entry that nobody can alter. None of them fits what you asked for.".into(),
            action: None,
            other: None,
        });
        let filter = LogFilter {
            subject: subject.map(|id| id.to_string()).unwrap_or_default(),
            subject_name: subject.and_then(|id| name_of(desk, id)).unwrap_or_default(),
            actors: actors(desk, &leaves, &actor),
            actions: actions(&action),
        };
        let verified = Verified {
            tone: Tone::Yes,
            said: "Signed head of the log".into(),
            size: grouped(head.size),
            root: hex(&head.root),
            proof_href: String::new(),
        };
        let pager = Pager {
            shown: format!("{} entries", entries.len()),
            note: String::new(),
            first: if before.is_some() { format!("/log?{carried}") } else { String::new() },
            next,
            swaps: "",
        };
        let shell = desk.shell(&who, "Activity log", "activity");
        Ok(web::page(&LogPage { shell, verified, filter, entries, pager, empty }))
    })
    .await
}

fn entry(desk: &Desk, logged: &LoggedLeaf) -> LogEntry {
    let leaf = &logged.leaf;
    let actor = actor_name(desk, leaf);
    let policy = desk.records().acts().policy();
    LogEntry {
        number: logged.seq.to_string(),
        avatar: Avatar::of(&actor),
        actor,
        did: did(leaf).to_owned(),
        about: about(desk, leaf),
        href: String::new(),
        detail: fields(desk, leaf),
        purpose: policy
            .purpose(PurposeId(leaf.purpose))
            .map(|p| p.label.clone())
            .unwrap_or_default(),
        when: when(leaf.time, desk.now()),
        instant: leaf.time.rfc3339(),
        tone: if leaf.outcome == Outcome::Done {
            Tone::Plain
        } else {
            Tone::No
        },
    }
}

/// Who acted, by name where there is one.
pub(crate) fn actor_name(desk: &Desk, leaf: &Leaf) -> String {
    if leaf.actor.is_nil() {
        let policy = desk.records().acts().policy();
        let upkeep = policy
            .purpose_named("upkeep")
            .is_some_and(|p| p.number.0 == leaf.purpose);
        return if upkeep {
            "Privet itself"
        } else {
            "The machine's operator"
        }
        .into();
    }
    desk.identity()
        .user_name(leaf.actor)
        .unwrap_or_else(|| "a former user".into())
}

/// What a leaf says was done, in a line.
pub(crate) fn sentence(desk: &Desk, leaf: &Leaf) -> String {
    format!("{} {}", did(leaf), about(desk, leaf))
        .trim()
        .to_owned()
}

fn did(leaf: &Leaf) -> &'static str {
    use act::LeafAction as A;
    if leaf.outcome != Outcome::Done {
        return "was refused to";
    }
    match leaf.action {
        A::Create => "made",
        A::Change => "changed",
        A::Delete => "put in the trash",
        A::Restore => "restored",
        A::Reseal => "sealed again",
        A::Open => "opened",
        A::List => "listed",
        A::Search => "searched and saw",
        A::Export => "exported",
        A::Reveal => "revealed",
        A::ReadLog => "read the log:",
        A::Import => "imported",
        A::Erase => "erased",
        A::ErasePlan => "planned to erase",
        A::SignIn => "signed in",
        A::SignInFailed => "could not sign in",
        A::SignOut => "signed out",
        A::Key => "handled keys of",
        A::Backup => "took a backup",
        A::RestoreBackup => "restored a backup",
        A::Verify => "verified everything",
        A::Config => "changed settings of",
    }
}

fn about(desk: &Desk, leaf: &Leaf) -> String {
    use act::LeafAction as A;
    if matches!(
        leaf.action,
        A::SignIn | A::SignInFailed | A::SignOut | A::Verify | A::Backup | A::RestoreBackup
    ) {
        return String::new();
    }
    let Some(kind) = desk.records().schema().kind_at(KindId(leaf.table)) else {
        return String::new();
    };
    match leaf.count {
        0 => format!("no {}", kind.plural.to_lowercase()),
        1 => format!("one {}", kind.label.to_lowercase()),
        count => format!(
            "{} {}",
            grouped(u64::from(count)),
            kind.plural.to_lowercase()
        ),
    }
}

fn fields(desk: &Desk, leaf: &Leaf) -> String {
    let Some(kind) = desk.records().schema().kind_at(KindId(leaf.table)) else {
        return String::new();
    };
    let labels: Vec<String> = kind
        .fields
        .iter()
        .filter(|field| leaf.fields & (1 << field.number) != 0)
        .map(|field| field.label.to_lowercase())
        .collect();
    labels.join(", ")
}

fn actors(desk: &Desk, leaves: &[LoggedLeaf], chosen: &str) -> Vec<Choice> {
    let mut met: BTreeMap<String, String> = BTreeMap::new();
    for logged in leaves {
        met.entry(logged.leaf.actor.to_string())
            .or_insert_with(|| actor_name(desk, &logged.leaf));
    }
    let mut pairs: Vec<(String, String)> = vec![(String::new(), "Anybody".into())];
    pairs.extend(met);
    Choice::list(&pairs, chosen)
}

fn actions(chosen: &str) -> Vec<Choice> {
    let mut pairs: Vec<(&str, &str)> = vec![("", "Anything")];
    pairs.extend(
        act::LeafAction::ALL
            .iter()
            .map(|action| (action.word(), action.word())),
    );
    Choice::list(&pairs, chosen)
}

fn name_of(desk: &Desk, id: RecordId) -> Option<String> {
    desk.records()
        .schema()
        .kinds()
        .iter()
        .find_map(|kind| desk.records().names().get(kind.id, id))
}
