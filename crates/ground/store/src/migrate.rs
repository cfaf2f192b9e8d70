//! Migrations: one SQL text for both engines, applied in order, each in a transaction of its own,
//! never changed once applied.

use crate::{Db, Error, Result, Row, Tx, params};

/// Which store a migration belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Records, indexes, log.
    Data,
    /// Wrapped keys and tombstones.
    Keys,
}

/// One step of the schema, owned by a crate.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The crate that owns the tables.
    pub owner: &'static str,
    /// Position within the owner, from 1.
    pub number: u32,
    /// Which store it changes.
    pub side: Side,
    /// The statements. A comment `/*sqlite: … */` is taken as SQL by SQLite only.
    pub sql: &'static str,
}

/// Applies what is not applied yet. Both stores keep a list of their own.
pub(crate) fn migrate(db: &Db, steps: &[Migration]) -> Result<()> {
    for side in [Side::Data, Side::Keys] {
        let own: Vec<Migration> = steps.iter().copied().filter(|m| m.side == side).collect();
        db.write(move |tx| -> Result<()> {
            match side {
                Side::Data => apply(tx, "migration", &own),
                Side::Keys => {
                    tx.create_in_keys()?;
                    apply(&mut tx.keys(), "key_migration", &own)
                }
            }
        })?;
    }
    Ok(())
}

/// Holds the lists of applied migrations against those of the program: what is different, in words.
/// A store that a newer program has written is told apart by this too.
pub fn check_migrations(tx: &mut Tx<'_>, steps: &[Migration]) -> Result<Option<String>> {
    for (side, list) in [(Side::Data, "migration"), (Side::Keys, "key_migration")] {
        let sql = format!("SELECT owner, number, text FROM {list}");
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let applied: Vec<(String, i64, String)> = match side {
            Side::Data => tx.rows(&sql, &[], row)?,
            Side::Keys => tx.keys().rows(&sql, &[], row)?,
        };
        let own = steps.iter().filter(|step| step.side == side);
        for (owner, number, text) in &applied {
            let known = own
                .clone()
                .find(|step| step.owner == owner && i64::from(step.number) == *number);
            if known.is_none_or(|step| step.sql != text) {
                return Ok(Some(format!(
                    "migration {owner} {number} is not this program's"
                )));
            }
        }
        if applied.len() != own.count() {
            return Ok(Some(format!("a line of the table {list} is missing")));
        }
    }
    Ok(None)
}

fn apply(tx: &mut Tx<'_>, list: &str, steps: &[Migration]) -> Result<()> {
    tx.batch(&format!(
        "CREATE TABLE IF NOT EXISTS {list} (owner TEXT NOT NULL, number BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (owner, number))"
    ))?;
    for step in steps {
        let applied = tx.row(
            &format!("SELECT text FROM {list} WHERE owner = $1 AND number = $2"),
            params![step.owner, step.number],
            |row| row.get::<String>(0),
        )?;
        match applied {
            Some(text) if text == step.sql => {}
            Some(_) => {
                return Err(Error::Migration {
                    owner: step.owner.into(),
                    number: i64::from(step.number),
                });
            }
            None => {
                tx.batch(step.sql)?;
                tx.execute(
                    &format!("INSERT INTO {list} (owner, number, text) VALUES ($1, $2, $3)"),
                    params![step.owner, step.number, step.sql],
                )?;
            }
        }
    }
    Ok(())
}
