//! Cells into drafts, and mappings into files and back.

use base::{Fault, FaultKind};
use exchange::{ColumnTarget, Draft, Field, Kind, Mapping, ReadError, Reason, Row, Target, Why};

use crate::{owned, person};

#[test]
fn values_are_trimmed_and_otherwise_left_alone() {
    let found = person(
        "First Name|Last Name|Email|Note",
        "  jAMES |mcBUTT|James.Butt@EXAMPLE.org|=1+1",
    )
    .unwrap();
    assert_eq!(found.given_name.as_deref(), Some("jAMES"));
    assert_eq!(found.family_name.as_deref(), Some("mcBUTT"));
    assert_eq!(found.mails[0].value, "James.Butt@EXAMPLE.org");
    assert_eq!(found.note.as_deref(), Some("=1+1"));
    let empty = person("First Name|Last Name|Email", "Ann|   |").unwrap();
    assert!(empty.family_name.is_none() && empty.mails.is_empty());
}

#[test]
fn google_labels_stars_and_joined_values() {
    let found = person(
        "First Name|E-mail 1 - Label|E-mail 1 - Value|E-mail 2 - Label|E-mail 2 - Value|Phone 1 - Label|Phone 1 - Value|Labels|Address 1 - Label|Address 1 - Street|Address 1 - City|Address 1 - Formatted",
        "Ann|Work|a@example.org ::: b@example.org|* Home|c@example.org|Mobile|+49 170 1 ::: +49 170 22|* myContacts ::: Friends|Home|Main St 1|Ulm|Main St 1, Ulm",
    )
    .unwrap();
    let mails: Vec<_> = found
        .mails
        .iter()
        .map(|m| (m.value.as_str(), m.label.as_deref(), m.primary))
        .collect();
    let expected = [
        ("a@example.org", Some("Work"), false),
        ("b@example.org", Some("Work"), false),
        ("c@example.org", Some("Home"), true),
    ];
    assert_eq!(mails, expected);
    assert_eq!(found.phones.len(), 2);
    assert_eq!(found.tags, ["Friends"]);
    let [address] = &found.addresses[..] else {
        panic!("one address")
    };
    assert_eq!(
        (address.label.as_deref(), address.formatted.as_deref()),
        (Some("Home"), None)
    );
}

#[test]
fn joined_mails_phones_and_ids() {
    let found = person(
        "Person - Name|Person - Email|Person - Phone|Associated Company IDs",
        "Ann Roe|a@example.org, b@example.org|+49 30 12345, 0170 123456|12;34",
    )
    .unwrap();
    assert_eq!((found.mails.len(), found.phones.len()), (2, 2));
    assert_eq!(found.company_ids, ["12", "34"]);
    assert_eq!(
        (found.given_name.as_deref(), found.family_name.as_deref()),
        (Some("Ann"), Some("Roe"))
    );
    let pause = person("Name|Phone", "Ann|+49 30 12345,,99").unwrap();
    assert_eq!(
        pause.phones[0].value, "+49 30 12345,,99",
        "a pause is no second number"
    );
}

#[test]
fn json_in_cells() {
    let found = person(
        "Name / First Name|Emails / Primary Email|Emails / Additional Emails|Phones / Primary Phone Number|Phones / Primary Phone Calling Code",
        "Ann|a@example.org|[\"b@example.org\",\"a@example.org\"]|170123456|+49",
    )
    .unwrap();
    assert_eq!(found.mails.len(), 2, "the same address once");
    assert_eq!(found.phones[0].value, "+49 170123456");
    let espo = person(
        "firstName|emailAddress|phoneNumber",
        "Ann|[{\"emailAddress\":\"a@example.org\",\"optOut\":true},{\"emailAddress\":\"b@example.org\",\"primary\":true}]|[{\"phoneNumber\":\"+49301234\",\"type\":\"Office\"}]",
    )
    .unwrap();
    assert!(espo.mails[0].opted_out && !espo.mails[0].primary && espo.mails[1].primary);
    assert_eq!(espo.phones[0].label.as_deref(), Some("Office"));
    let broken = person("firstName|emailAddress", "Ann|[\"a@example.org\"").unwrap_err();
    assert_eq!(broken.reason, Reason::Mail);
}

#[test]
fn objections_are_never_lost_or_guessed() {
    let header = "Last Name|Email Opt Out|doNotCall|Unsubscribed Mode|Unsubscribed Time|Data Processing Basis|Data Source";
    let found = person(
        header,
        "Roe|false|1|Consent form|2024-01-15 10:00|Legitimate Interests|Web form",
    )
    .unwrap();
    assert_eq!(
        (found.mail_opt_out, found.phone_opt_out),
        (Some(true), Some(true))
    );
    assert_eq!(
        found.unsubscribed.as_deref(),
        Some("Consent form, 2024-01-15 10:00")
    );
    assert_eq!(
        (found.legal_basis.as_deref(), found.origin.as_deref()),
        (Some("Legitimate Interests"), Some("Web form"))
    );
    let late = person("Last Name|Unsubscribed Mode|Email Opt Out", "Roe|Manual|no").unwrap();
    assert_eq!(
        late.mail_opt_out,
        Some(true),
        "in whatever order the columns stand"
    );
    let unclear = person(header, "Roe|perhaps|1||||").unwrap_err();
    assert_eq!(unclear.reason, Reason::YesOrNo);
    assert_eq!(unclear.column.unwrap().name, "Email Opt Out");
}

#[test]
fn bad_cells_reject_the_whole_row_and_name_the_column() {
    for (header, cell, reason) in [
        ("Email", "no-address", Reason::Mail),
        ("Email", "a@b", Reason::Mail),
        ("Email", "a@@example.org", Reason::Mail),
        ("Email", "a@example..org", Reason::Mail),
        ("Email", ".a@example.org", Reason::Mail),
        ("Email", "a@-example.org", Reason::Mail),
        ("Email", "a@127.0.0.1", Reason::Mail),
        ("Email", "a@exam\u{200b}ple.org", Reason::Mail),
        ("Email", "Ann <a@example.org>", Reason::Mail),
        ("Email", "ok@example.org, bad", Reason::Mail),
        ("Phone", "n/a", Reason::Phone),
        ("Website", "javascript:alert(1)", Reason::Web),
        ("Website", "data:text/html,x", Reason::Web),
        ("Website", "file:///etc/passwd", Reason::Web),
        ("Job Title", "two\nlines", Reason::LineBreak),
    ] {
        let reject = person(&format!("Last Name|{header}"), &format!("Roe|{cell}")).unwrap_err();
        assert_eq!(reject.reason, reason, "{cell}");
        let column = reject.column.as_ref().unwrap();
        assert_eq!(
            (column.number, column.name.as_str(), reject.line),
            (2, header, 2)
        );
        assert!(!reject.to_string().contains(cell), "no cell in a message");
    }
    for (header, cell) in [
        ("Email", "o'neil+crm@bücher.example"),
        ("Email", "üter@example.org"),
        ("Phone", "+49 (0)30 / 1234-0"),
        ("Website", "www.example.org"),
        ("Website", "example.org:8080/a"),
        ("Website", "HTTPS://example.org"),
        ("Note", "two\nlines"),
        ("Street", "Main St 1\r\nBack door"),
    ] {
        person(&format!("Last Name|{header}"), &format!("Roe|{cell}")).unwrap();
    }
}

#[test]
fn a_row_must_identify_somebody() {
    let header = "First Name|Email|Company|City|Phone";
    assert_eq!(
        person(header, "|||Ulm|+49 30 1234").unwrap_err().reason,
        Reason::Nobody
    );
    for line in ["Ann||||", "|a@example.org|||", "||Acme||"] {
        person(header, line).unwrap();
    }
    let mapping = Mapping::guess(&owned("Account Name|Website|Phone"), Kind::Company);
    let nobody = mapping
        .apply(&Row::new(2, &["", "example.org", "12345"]))
        .unwrap_err();
    assert_eq!((nobody.reason, nobody.column), (Reason::NoCompany, None));
}

#[test]
fn companies_take_years_of_four_digits() {
    let mapping = Mapping::guess(
        &owned("account|year_established|subsidiary_of"),
        Kind::Company,
    );
    let Draft::Company(company) = mapping
        .apply(&Row::new(2, &["Acme", "1996", "Bolt"]))
        .unwrap()
    else {
        panic!()
    };
    assert_eq!(
        (company.founded_year, company.parent_company.as_deref()),
        (Some(1996), Some("Bolt"))
    );
    for year in ["96", "+996", "19960", "unknown"] {
        assert_eq!(
            mapping
                .apply(&Row::new(2, &["Acme", year, ""]))
                .unwrap_err()
                .reason,
            Reason::Year
        );
    }
}

#[test]
fn placeholder_dates_are_absent_and_names_are_split_only_when_alone() {
    let found = person("Name|Birthday", "Roe, Ann|0/0/00").unwrap();
    assert!(found.birthday.is_none());
    assert_eq!(
        (found.given_name.as_deref(), found.family_name.as_deref()),
        (Some("Ann"), Some("Roe"))
    );
    let titled = person("Anrede|Titel|Nachname", "Frau|Dr.|Roe").unwrap();
    assert_eq!(titled.prefix.as_deref(), Some("Frau Dr."));
    let both = person("Name|Given Name|Family Name", "Ann Maria Roe|Ann|Roe").unwrap();
    assert_eq!(both.given_name.as_deref(), Some("Ann"));
    assert_eq!(both.full_name.as_deref(), Some("Ann Maria Roe"));
}

#[test]
fn a_mapping_file_reads_back_equal() {
    for headers in [
        "First Name|Notes|Notes|E-mail 1 - Label|E-mail 1 - Value|Children|Strange|Home Street 2|phone2",
        "Account Name|Industry|Billing Street|Website",
    ] {
        for kind in [Kind::Person, Kind::Company] {
            let headers = owned(headers);
            let mapping = Mapping::guess(&headers, kind);
            assert_eq!(
                Mapping::from_json(&mapping.to_json(), &headers).unwrap(),
                mapping
            );
        }
    }
}

#[test]
fn a_mapping_file_is_refused_with_what_is_wrong_in_it() {
    let headers = owned("A|B|C|C");
    let read = |columns: &str| {
        let text = format!("{{\"kind\":\"person\",\"columns\":[{columns}]}}");
        Mapping::from_json(&text, &headers)
    };
    let ok = read(
        r#"{"column":"A","target":"given_name"},{"column":"C","number":4,"target":"mail:work#2"}"#,
    )
    .unwrap();
    assert_eq!(
        ok.columns()[1],
        ColumnTarget::DoNotImport { why: Why::Chosen }
    );
    let target = Target {
        field: Field::Mail,
        label: Some("work".into()),
        index: 2,
    };
    assert_eq!(ok.columns()[3], ColumnTarget::Import(target));

    let wrong = |columns: &str| read(columns).unwrap_err();
    let error = wrong(r#"{"column":"X","target":"mail"}"#);
    assert!(
        matches!(error, ReadError::MapColumn { .. }) && error.to_string().contains("\"X\""),
        "{error}"
    );
    for target in [
        "mial",
        "industry",
        "mail#0",
        "given_name#2",
        "given_name:work",
        "mail:",
        "",
    ] {
        let error = wrong(&format!(r#"{{"column":"A","target":"{target}"}}"#));
        assert!(
            matches!(error, ReadError::MapTarget { .. }),
            "{target}: {error}"
        );
    }
    let error = wrong(r#"{"column":"A","target":"mail"},{"column":"B","target":"mail#1"}"#);
    assert!(matches!(error, ReadError::MapTwice { .. }), "{error}");
    let error = wrong(r#"{"column":"A","target":"mail"},{"column":"A","target":"note"}"#);
    assert!(matches!(error, ReadError::MapColumnTwice { .. }), "{error}");
    let error = wrong(r#"{"column":"C","target":"mail"}"#);
    assert!(matches!(error, ReadError::MapAmbiguous { .. }), "{error}");
    let error = wrong(r#"{"column":"A","target":"mail","colour":"red"}"#);
    assert!(
        matches!(error, ReadError::MapShape { line: 1, .. }),
        "{error}"
    );
    assert_eq!(error.kind(), FaultKind::Invalid);
    // Notes, tags and further street lines take any number of columns.
    read(r#"{"column":"A","target":"note"},{"column":"B","target":"note"}"#).unwrap();
}

#[test]
fn one_column_is_changed_or_nothing_is() {
    let mut mapping = Mapping::guess(&owned("Email|Strange"), Kind::Person);
    let before = mapping.clone();
    let mail = ColumnTarget::Import(Target::of(Field::Mail));
    assert!(matches!(
        mapping.set(1, mail.clone()),
        Err(ReadError::MapTwice { .. })
    ));
    assert!(matches!(
        mapping.set(2, mail),
        Err(ReadError::MapColumn { .. })
    ));
    assert_eq!(mapping, before);
    mapping
        .set(1, ColumnTarget::Import(Target::of(Field::Note)))
        .unwrap();
    assert_ne!(mapping, before);
}

#[test]
fn every_target_reads_back_as_it_is_written() {
    for field in Field::ALL {
        let target = Target::of(*field);
        assert_eq!(target.to_string().parse(), Ok(target));
    }
}
