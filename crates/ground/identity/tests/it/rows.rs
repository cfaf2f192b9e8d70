//! A row changed behind the program's back is refused and found, whichever column it is.

use std::sync::{Arc, Mutex};

use base::Holds;
use identity::{Error, LinkKind, TABLES, TokenDraft};
use store::{Value, params};

use crate::house::*;

fn filled() -> impl Fn(&House) -> (String, String, String) {
    |house| {
        let signed_in = house.sign_in(SALES_MAIL);
        let (own, seller) = (house.identity.clone(), house.seller);
        let draft = TokenDraft {
            label: "till".into(),
            role: "sales".into(),
            purpose: house.purpose("contract"),
            days: 9,
        };
        let context = &signed_in.signed.context;
        let token = house.write(context, move |act| own.create_token(act, seller, &draft));
        let link = house.link(house.seller, LinkKind::SignIn);
        (
            signed_in.token.expose().into(),
            token.unwrap().expose().into(),
            link,
        )
    }
}

#[test]
fn every_changed_column_of_every_table_is_found() {
    with_house(|house| {
        filled()(&house);
        assert!(house.verify().unwrap() >= 8);
        for table in TABLES {
            for (column, holds) in table.columns.iter().filter(|(column, _)| *column != "ws") {
                let finding = tampered(&house, table.name, column, *holds);
                let found = finding.expect_err(&format!("{}.{column}", table.name));
                assert!(found.contains(table.name), "{found}");
            }
        }
        house.verify().expect("each change was taken back");
    });
}

/// What the verifier says of one changed cell, in a transaction that is taken back.
fn tampered(
    house: &House,
    table: &'static str,
    column: &'static str,
    holds: Holds,
) -> Result<u64, String> {
    let said = Arc::new(Mutex::new(None));
    let (own, heard) = (house.identity.clone(), Arc::clone(&said));
    let outcome = house.write(&house.system(), move |act| -> Result<(), Error> {
        let mac = act
            .tx()
            .row(&format!("SELECT mac FROM {table} LIMIT 1"), &[], |row| {
                row.get::<Vec<u8>>(0)
            })?;
        let mac = mac.expect("the table is filled");
        let is_text = ["phc", "role"].contains(&column);
        let is_bytes = column.ends_with("_id")
            || matches!(holds, Holds::Digest | Holds::Sealed | Holds::Derived) && !is_text;
        let (new, value) = match (is_text, is_bytes) {
            (true, _) => (format!("COALESCE({column}, '') || $2"), Value::Text("x")),
            (_, true) => ("$2".into(), Value::Bytes(&[7; 32])),
            _ => (format!("COALESCE({column}, 0) + $2"), Value::Int(1)),
        };
        let sql = format!("UPDATE {table} SET {column} = {new} WHERE mac = $1");
        let changed = act.tx().execute(&sql, &[Value::from(&mac), value])?;
        assert_eq!(changed, 1, "{table}.{column}");
        *heard.lock().unwrap() = Some(own.verify_rows(act)?);
        Err(Error::Changed)
    });
    assert!(matches!(outcome, Err(Error::Changed)), "{outcome:?}");
    let said = said.lock().unwrap().take();
    said.expect("the verifier was asked")
}

#[test]
fn tampered_rows_are_refused_where_they_are_used() {
    for (table, sql) in [
        ("session", "UPDATE session SET expires = expires + 1"),
        (
            "credential",
            "UPDATE credential SET epoch = epoch + 0, changed_at = 1",
        ),
        ("api_token", "UPDATE api_token SET role = 'administrator'"),
        (
            "one_time_link",
            "UPDATE one_time_link SET expires = expires + 1",
        ),
        ("attempt", "UPDATE attempt SET failures = 0, last_at = 0"),
    ] {
        with_house(|house| {
            let (session, token, link) = filled()(&house);
            house.sql(sql);
            let errors = [
                house.identity.session(&session).err(),
                house.identity.token(&token).err(),
                house.identity.redeem_link(&link).err(),
                house.identity.sign_in(SALES_MAIL, PHRASE, HOME).err(),
            ];
            let refused = errors
                .iter()
                .flatten()
                .filter(|error| matches!(error, Error::Tampered(named) if *named == table))
                .count();
            assert!(refused >= 1, "{table}: {errors:?}");
            assert!(house.verify().is_err(), "{table}");
        });
    }
}

#[test]
fn a_password_hash_moved_to_another_account_is_refused() {
    with_house(|house| {
        house.sql("UPDATE credential SET phc = (SELECT MAX(other.phc) FROM credential other)");
        let (own, other) = (
            house.identity.sign_in(SALES_MAIL, PHRASE, HOME),
            house.identity.sign_in(ADMIN_MAIL, PHRASE, HOME),
        );
        assert_eq!(
            [own.is_ok(), other.is_ok()]
                .iter()
                .filter(|ok| **ok)
                .count(),
            1
        );
    });
}

#[test]
fn the_declaration_names_every_table_and_column() {
    with_house(|house| {
        let tables = house.records.acts().db().read(|tx| tx.tables()).unwrap();
        for table in TABLES {
            let (_, columns) = tables.iter().find(|(name, _)| name == table.name).unwrap();
            let mut declared: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
            let mut real: Vec<&str> = columns.iter().map(String::as_str).collect();
            declared.sort_unstable();
            real.sort_unstable();
            assert_eq!(declared, real, "{}", table.name);
        }
        let ours = identity::MIGRATIONS[0].sql.matches("CREATE TABLE").count();
        assert_eq!(ours, TABLES.len());
        assert_eq!(
            house.count("credential"),
            house
                .records
                .acts()
                .db()
                .read(|tx| {
                    tx.number("SELECT COUNT(*) FROM credential WHERE ws = $1", params![1])
                })
                .unwrap()
        );
    });
}
