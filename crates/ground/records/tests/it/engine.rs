//! Records are made, found, changed, listed and forgotten; nothing happens without a leaf.

use std::collections::BTreeMap;

use access::{Context, Sight};
use act::Holder;
use records::testing::{GROUND, house, somebody};
use records::{Draft, Error, Labelled, Origin, Query, Records, Sort, Source, Value};
use store::Db;
use store::testing::on_each_engine;

const PERSON: &str = r#"
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
name = "diet"
label = "Dietary need"
type = "text"
class = "special"
sensitivity = "special"
purposes = ["privacy_requests"]
retention = "contact"
[[field]]
number = 6
name = "stage"
label = "Stage"
type = "choice"
options = ["Lead", "Customer"]
class = "internal"
sensitivity = "none"
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
[[index]]
number = 4
name = "whole_name"
how = "whole"
fields = ["given", "family"]
[[index]]
number = 5
name = "stage"
how = "open"
fields = ["stage"]
"#;

const NOTE: &str = r#"
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

fn with_house(test: impl Fn(Records, Context)) {
    on_each_engine(&GROUND, |db: Db| {
        let records = house(&db, &[("people", PERSON), ("timeline", NOTE)]);
        let who = somebody(&records, "administrator", "record_keeping");
        records.load_names(&who).unwrap();
        test(records, who);
    });
}

fn origin() -> Origin {
    Origin {
        source: Source::Form,
        reference: String::new(),
        at: 1,
        actor: "x".into(),
    }
}

fn person(given: &str, family: &str, mail: &str, phone: &str) -> Draft {
    let several = |value: &str| {
        Value::Several(vec![Labelled {
            value: value.into(),
            ..Labelled::default()
        }])
    };
    let mut values = BTreeMap::new();
    values.insert(1, Value::Text(given.into()));
    values.insert(2, Value::Text(family.into()));
    values.insert(3, several(mail));
    values.insert(4, several(phone));
    values.insert(6, Value::Text("Lead".into()));
    Draft {
        values,
        ..Draft::default()
    }
}

fn make(records: &Records, who: &Context, draft: Draft) -> base::RecordId {
    let own = records.clone();
    records
        .acts()
        .write(who, move |act| {
            own.create(act, own.kind("person"), draft, &origin())
        })
        .unwrap()
}

fn find(records: &Records, who: &Context, text: &str) -> Vec<base::RecordId> {
    records
        .acts()
        .read(who, |act| {
            records.find(act, records.kind("person"), text, 50, 0)
        })
        .unwrap()
        .into_iter()
        .map(|hit| hit.record.id)
        .collect()
}

fn log_size(records: &Records) -> u64 {
    records
        .acts()
        .db()
        .write({
            let ws = records.acts().ws();
            move |tx| {
                ledger::sequence(tx, ws, 100_000)?;
                ledger::head(tx, ws)
            }
        })
        .map(|head| head.size)
        .unwrap()
}

fn check(records: &Records, who: &Context) -> Result<(), String> {
    log_size(records);
    records
        .acts()
        .read(who, |act| -> Result<_, Error> {
            let ws = act.ws();
            let tree = match ledger::verify_tree(act.tx(), ws, &[], &mut |_| {})? {
                Ok(tree) => tree,
                Err(finding) => return Ok(Err(finding.to_string())),
            };
            if let Err(finding) = records.verify_rows(act, &tree)? {
                return Ok(Err(finding.0));
            }
            if let Err(finding) = records.verify_links(act)? {
                return Ok(Err(finding.0));
            }
            Ok(records
                .verify_values(act)?
                .map(|_| ())
                .map_err(|finding| finding.0))
        })
        .unwrap()
}

#[test]
fn a_person_is_found_by_two_letters_mail_and_phone_and_opened_with_every_value() {
    with_house(|records, who| {
        let id = make(
            &records,
            &who,
            person("Josephine", "Darakjy", "Jo@Darakjy.org", "+18102929388"),
        );
        make(
            &records,
            &who,
            person("James", "Butt", "jbutt@gmail.com", "+15046218927"),
        );
        for text in [
            "jo",
            "DA",
            "jo dar",
            "jo@darakjy.org",
            "810-292-9388",
            "+1 810 292 9388",
            "292 9388",
        ] {
            assert_eq!(find(&records, &who, text), [id], "{text}");
        }
        for text in ["jo butt", "xx", "no@darakjy.org", "810-292-9389"] {
            assert!(find(&records, &who, text).is_empty(), "{text}");
        }
        let kind = records.kind("person");
        let record = records
            .acts()
            .read(&who, |act| records.open(act, kind, id))
            .unwrap()
            .unwrap();
        assert_eq!(record.name, "Josephine Darakjy");
        assert_eq!(record.line(kind, "mails"), "Jo@Darakjy.org");
        assert_eq!(record.rev, 1);
        check(&records, &who).unwrap();
    });
}

#[test]
fn names_are_found_through_the_blind_index_alone() {
    on_each_engine(&GROUND, |db: Db| {
        let records = house(&db, &[("people", PERSON), ("timeline", NOTE)]);
        let who = somebody(&records, "administrator", "record_keeping");
        let id = make(
            &records,
            &who,
            person("Josephine", "Darakjy", "jo@darakjy.org", "+18102929388"),
        );
        make(
            &records,
            &who,
            person("Joseph", "Butt", "jbutt@gmail.com", "+15046218927"),
        );
        assert!(!records.names().is_ready());
        for text in ["josephi", "darakjy", "dar", "josephine dar", "josephine"] {
            assert_eq!(find(&records, &who, text), [id], "{text}");
        }
        assert_eq!(find(&records, &who, "joseph").len(), 2);
    });
}

#[test]
fn every_read_and_write_leaves_a_leaf_and_a_refusal_too() {
    with_house(|records, who| {
        let mut size = log_size(&records);
        let mut grew = |what: &str, by: u64| {
            let now = log_size(&records);
            assert_eq!(now - size, by, "{what}");
            size = now;
        };
        let id = make(
            &records,
            &who,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        grew("create", 1);
        find(&records, &who, "ann");
        grew("search", 1);
        let kind = records.kind("person");
        records
            .acts()
            .read(&who, |act| records.open(act, kind, id))
            .unwrap();
        grew("open", 1);
        records
            .acts()
            .read(&who, |act| records.list(act, kind, &Query::default()))
            .unwrap();
        grew("list", 1);
        let support = somebody(&records, "support", "customer_support");
        let own = records.clone();
        let refused = records.acts().write(&support, move |act| {
            own.delete(act, own.kind("person"), id, None)
        });
        assert!(matches!(refused, Err(Error::Act(act::Error::Refused(_)))));
        grew("refusal", 1);
    });
}

#[test]
fn a_change_keeps_the_rest_and_a_stale_one_changes_nothing() {
    with_house(|records, who| {
        let id = make(
            &records,
            &who,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let change = |expected: Option<u64>, family: &str| {
            let (own, family) = (records.clone(), Value::Text(family.into()));
            records.acts().write(&who, move |act| {
                let changes = BTreeMap::from([(2, Some(family))]);
                own.change(act, own.kind("person"), id, expected, changes, &origin())
            })
        };
        assert_eq!(change(Some(1), "Miller").unwrap(), 2);
        assert!(matches!(
            change(Some(1), "Stone"),
            Err(Error::Changed { current: 2 })
        ));
        assert_eq!(find(&records, &who, "miller"), [id]);
        assert!(find(&records, &who, "lee").is_empty());
        assert_eq!(
            change(Some(2), "Miller").unwrap(),
            2,
            "nothing changed, so no new revision"
        );
        check(&records, &who).unwrap();
    });
}

#[test]
fn fields_outside_the_purpose_are_masked_and_cannot_be_written() {
    with_house(|records, who| {
        let officer = somebody(&records, "privacy_officer", "privacy_requests");
        let id = make(
            &records,
            &who,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let diet = |who: &Context| {
            let own = records.clone();
            records.acts().write(who, move |act| {
                let changes = BTreeMap::from([(5, Some(Value::Text("coeliac".into())))]);
                own.change(act, own.kind("person"), id, None, changes, &origin())
            })
        };
        assert!(matches!(diet(&who), Err(Error::FieldRefused(_))));
        diet(&officer).unwrap();
        let kind = records.kind("person");
        let seen = |who: &Context| {
            records
                .acts()
                .read(who, |act| records.open(act, kind, id))
                .unwrap()
                .unwrap()
        };
        let shown = seen(&who)
            .fields
            .into_iter()
            .find(|f| f.column == 5)
            .unwrap();
        assert_eq!(
            (shown.sight, shown.is_set, shown.value),
            (Sight::Masked, true, None)
        );
        assert_eq!(seen(&officer).line(kind, "diet"), "coeliac");
        let support = somebody(&records, "support", "customer_support");
        assert_eq!(
            seen(&support).name,
            "",
            "no field is for customer support here"
        );
        assert!(
            find(&records, &support, "ann").is_empty(),
            "a name cannot be learnt by asking"
        );
    });
}

#[test]
fn lists_are_paged_by_key_in_every_order() {
    with_house(|records, who| {
        for n in 0..23 {
            make(
                &records,
                &who,
                person(
                    &format!("N{n:02}"),
                    "Same",
                    &format!("n{n}@x.org"),
                    "+15046218927",
                ),
            );
        }
        let kind = records.kind("person");
        for sort in [Sort::Name, Sort::NameDown, Sort::Changed, Sort::ChangedUp] {
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let query = Query {
                    sort,
                    after,
                    size: base::PageSize::clamped(5),
                    ..Query::default()
                };
                let page = records
                    .acts()
                    .read(&who, |act| records.list(act, kind, &query))
                    .unwrap();
                seen.extend(page.records.iter().map(|r| r.name.clone()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let mut sorted = seen.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(sorted.len(), 23, "{sort:?}");
            if matches!(sort, Sort::NameDown | Sort::Changed) {
                sorted.reverse();
            }
            assert_eq!(seen, sorted, "{sort:?}");
        }
    });
}

#[test]
fn a_repeated_request_is_carried_out_once() {
    with_house(|records, who| {
        let once = |body: &'static [u8]| {
            let own = records.clone();
            records.acts().write(&who, move |act| {
                let draft = person("Ann", "Lee", "ann@lee.org", "+15046218927");
                own.create_once(act, own.kind("person"), draft, &origin(), "key-1", body)
            })
        };
        let first = once(b"a").unwrap();
        let second = once(b"a").unwrap();
        assert!(first.is_new && !second.is_new && first.id == second.id);
        assert!(matches!(once(b"b"), Err(Error::KeyReused)));
        assert_eq!(find(&records, &who, "ann").len(), 1);
    });
}

#[test]
fn duplicates_are_named_with_their_reasons() {
    with_house(|records, who| {
        let id = make(
            &records,
            &who,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let draft = person("Änn", "LEE", "ANN@lee.org", "+15550000000");
        let found = records
            .acts()
            .read(&who, |act| {
                records.duplicates(act, records.kind("person"), &draft)
            })
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].id, found[0].reasons.clone()),
            (id, vec!["same mail", "same name"])
        );
    });
}

#[test]
fn an_erased_person_is_nowhere_and_a_shared_note_stays_for_the_other() {
    with_house(|records, who| {
        let ann = make(
            &records,
            &who,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let bob = make(
            &records,
            &who,
            person("Bob", "Ray", "bob@ray.org", "+15046218928"),
        );
        let note = |about: Vec<base::RecordId>, text: &'static str| {
            let own = records.clone();
            records
                .acts()
                .write(&who, move |act| {
                    let kind = own.kind("note");
                    let link = kind.link("about").unwrap();
                    let links = about.into_iter().map(|id| (link, id)).collect();
                    let values = BTreeMap::from([(1, Value::Text(text.into()))]);
                    own.create(
                        act,
                        kind,
                        Draft {
                            values,
                            links,
                            owner: None,
                        },
                        &origin(),
                    )
                })
                .unwrap()
        };
        let own = note(vec![ann], "only about ann");
        let shared = note(vec![ann, bob], "about both");
        let erase = {
            let own = records.clone();
            records.acts().write(&who, move |act| -> Result<_, Error> {
                let plan = own.plan_erasure(act, ann.cast())?;
                let done = own.erase(act, ann.cast())?;
                assert_eq!(plan, done, "the dry run is the plan");
                assert_eq!(own.remains(act, ann.cast())?, 0);
                let (ws, now, vault) = (act.ws(), act.now(), act.vault());
                let unlinked = ledger::unlink_subject(act.tx(), ws, ann.cast())?;
                act.count_unlinked(unlinked.rows);
                vault.shred(act.tx(), ann.cast(), now)?;
                let count = u32::try_from(act.unlinked()).unwrap();
                act.log(
                    act::LeafAction::Erase,
                    act::Logged {
                        count,
                        fields: unlinked.subjects,
                        ..act::Logged::default()
                    },
                )?;
                Ok(done)
            })
        };
        assert!(
            erase
                .unwrap()
                .iter()
                .any(|row| row.place == "record" && row.count == 2)
        );
        let notes = records.kind("note");
        let open = |id| {
            records
                .acts()
                .read(&who, |act| records.open(act, notes, id))
                .unwrap()
        };
        assert!(open(own).is_none());
        assert_eq!(open(shared).unwrap().line(notes, "body"), "about both");
        assert!(find(&records, &who, "ann").is_empty());
        assert!(find(&records, &who, "ann@lee.org").is_empty());
        check(&records, &who).unwrap();
    });
}

#[test]
fn rows_changed_behind_the_engine_are_found() {
    for (what, sql) in [
        ("a flipped document", "UPDATE record SET doc = doc || doc"),
        ("a silent delete", "DELETE FROM record"),
        ("another owner", "UPDATE record SET owner = id"),
        (
            "a moved date",
            "UPDATE record SET created_at = created_at + 1",
        ),
        ("a raised revision", "UPDATE record SET rev = rev + 1"),
        (
            "a lost token",
            "DELETE FROM bidx WHERE field = (SELECT MIN(field) FROM bidx)",
        ),
        ("another facet", "UPDATE facet SET value = 'Customer'"),
        ("a lost link to a leaf", "DELETE FROM leaf_subject"),
        (
            "a link to another leaf",
            "UPDATE leaf_subject SET seq = seq + 1",
        ),
        ("a lost key", "KEYS DELETE FROM key_subject"),
    ] {
        with_house(|records, who| {
            make(
                &records,
                &who,
                person("Ann", "Lee", "ann@lee.org", "+15046218927"),
            );
            check(&records, &who).unwrap();
            records
                .acts()
                .db()
                .write(move |tx| match sql.strip_prefix("KEYS ") {
                    Some(sql) => tx.keys().execute(sql, &[]),
                    None => tx.execute(sql, &[]),
                })
                .unwrap();
            records.acts().vault().forget_all();
            assert!(check(&records, &who).is_err(), "{what}");
        });
    }
}

#[test]
fn who_reaches_only_their_own_rows_sees_no_others_anywhere() {
    with_house(|records, who| {
        let agent = somebody(&records, "agent", "sales_outreach");
        let theirs = make(
            &records,
            &agent,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        let other = make(
            &records,
            &who,
            person("Anna", "Ray", "anna@ray.org", "+15046218928"),
        );
        assert_eq!(find(&records, &agent, "ann"), [theirs]);
        assert!(find(&records, &agent, "anna@ray.org").is_empty());
        assert_eq!(find(&records, &who, "ann").len(), 2);
        let kind = records.kind("person");
        let open = |who: &Context, id| {
            records
                .acts()
                .read(who, |act| records.open(act, kind, id))
                .unwrap()
        };
        assert!(open(&agent, theirs).is_some());
        assert!(open(&agent, other).is_none(), "invisible equals absent");
        let listed = records
            .acts()
            .read(&agent, |act| records.list(act, kind, &Query::default()))
            .unwrap();
        assert_eq!(listed.records.len(), 1);
        let counted = records
            .acts()
            .read(&agent, |act| records.count(act, kind, &[], 100))
            .unwrap();
        assert_eq!(counted, 1);
        let own = records.clone();
        let changed = records.acts().write(&agent, move |act| {
            let changes = BTreeMap::from([(2, Some(Value::Text("Stolen".into())))]);
            own.change(act, own.kind("person"), other, None, changes, &origin())
        });
        assert!(matches!(changed, Err(Error::Absent)));
    });
}

#[test]
fn names_that_another_process_changed_come_in() {
    on_each_engine(&GROUND, |db: Db| {
        let records = house(&db, &[("people", PERSON), ("timeline", NOTE)]);
        let who = somebody(&records, "administrator", "record_keeping");
        records.load_names(&who).unwrap();
        // A second engine over the same acts stands for a second process.
        let other = Records::new(records.acts().clone(), records.schema().clone());
        other.load_names(&who).unwrap();
        let since = records.acts().clock().now();
        let id = make(
            &records,
            &who,
            person("Ann", "Lee", "ann@lee.org", "+15046218927"),
        );
        assert!(find(&other, &who, "ann").is_empty());
        other.refresh_names(since).unwrap();
        assert_eq!(find(&other, &who, "ann"), [id]);
        let own = records.clone();
        records
            .acts()
            .write(&who, move |act| {
                own.delete(act, own.kind("person"), id, None)
            })
            .unwrap();
        other.refresh_names(since).unwrap();
        assert_eq!(other.names().count(other.kind("person").id), 0);
    });
}
