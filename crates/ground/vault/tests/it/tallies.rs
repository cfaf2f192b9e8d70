//! A table with a tally: no row of it changes, goes, comes or comes back unnoticed.

use store::{Db, params};
use vault::{Error, TALLIED, Tallied, Vault};

use crate::{NOW, RNG, new_vault, on_each_engine, provider, subject};

/// A vault whose tables are tallied, with five people who were erased.
fn tallied(db: &Db) -> Vault {
    let (vault, _) = new_vault(db, &provider(), 1);
    let own = vault.clone();
    db.write(move |tx| -> Result<(), Error> {
        for table in TALLIED {
            own.take_tally(tx, table)?;
        }
        for n in 0..5 {
            own.new_subject(tx, subject(n), &RNG)?;
            own.shred(tx, subject(n), NOW)?;
        }
        Ok(())
    })
    .unwrap();
    vault
}

fn findings(db: &Db, vault: &Vault) -> Vec<String> {
    let check = |table: &Tallied| db.read(|tx| vault.check_tally(tx, table)).unwrap().err();
    TALLIED.iter().filter_map(check).collect()
}

fn execute(db: &Db, sql: &'static str) {
    db.write(move |tx| tx.keys().execute(sql, params![]))
        .unwrap();
}

#[test]
fn what_the_vault_itself_does_fits() {
    on_each_engine(|db| {
        let vault = tallied(&db);
        assert_eq!(findings(&db, &vault), Vec::<String>::new());
        let own = vault.clone();
        db.write(move |tx| -> Result<(), Error> {
            own.new_subject(tx, subject(9), &RNG)?;
            own.rotate_workspace_key(tx, &RNG, NOW)?;
            own.rotate_index_key(tx, &RNG, NOW)?;
            Ok(())
        })
        .unwrap();
        assert_eq!(findings(&db, &vault), Vec::<String>::new());
        let own = vault.clone();
        db.write(move |tx| -> Result<(), Error> {
            while own.rewrap_step(tx, 10, &RNG)? > 0 {}
            own.end_index_rotation(tx, &RNG)?;
            own.rotate_root(tx, provider().as_ref(), &RNG)
        })
        .unwrap();
        assert_eq!(findings(&db, &vault), Vec::<String>::new());
    });
}

#[test]
fn every_change_past_the_vault_is_found_and_no_later_one_heals_it() {
    let tampers = [
        "UPDATE key_tombstone SET at = at + 1 WHERE subject = (SELECT subject FROM key_tombstone ORDER BY subject LIMIT 1)",
        "DELETE FROM key_tombstone WHERE subject = (SELECT subject FROM key_tombstone ORDER BY subject LIMIT 1)",
        "INSERT INTO key_tombstone (ws, subject, at) SELECT ws, root_id::bytea, 1 FROM key_root",
        "UPDATE key_service SET made_at = made_at + 1 WHERE name = 'suppression'",
        "UPDATE key_root SET stamp = stamp + 1",
        "DELETE FROM key_tally WHERE name = 'key_tombstone'",
        "UPDATE key_tally SET counted = counted + 1 WHERE name = 'key_blind'",
    ];
    for tamper in tampers {
        on_each_engine(|db| {
            let vault = tallied(&db);
            let sql = match db.engine() {
                store::Engine::Postgres => tamper.to_owned(),
                store::Engine::Sqlite => tamper.replace("root_id::bytea", "CAST(root_id AS BLOB)"),
            };
            execute(&db, sql.leak());
            assert_eq!(findings(&db, &vault).len(), 1, "{tamper}");
            let own = vault.clone();
            db.write(move |tx| own.shred(tx, subject(77), NOW)).unwrap();
            assert_eq!(findings(&db, &vault).len(), 1, "{tamper}, and one erased");
        });
    }
}

#[test]
fn a_row_that_is_put_back_is_found() {
    on_each_engine(|db| {
        let vault = tallied(&db);
        execute(&db, "UPDATE key_root SET made_at = made_at + 5");
        assert_eq!(findings(&db, &vault).len(), 1);
        execute(&db, "UPDATE key_root SET made_at = made_at - 5");
        assert_eq!(findings(&db, &vault), Vec::<String>::new());
        let was = db
            .read(|tx| tx.keys().number("SELECT stamp FROM key_root", params![]))
            .unwrap();
        let own = vault.clone();
        db.write(move |tx| own.rotate_workspace_key(tx, &RNG, NOW))
            .unwrap();
        assert_eq!(findings(&db, &vault), Vec::<String>::new());
        db.write(move |tx| {
            tx.keys()
                .execute("UPDATE key_root SET stamp = $1", params![was])
        })
        .unwrap();
        assert_eq!(findings(&db, &vault).len(), 1);
    });
}
