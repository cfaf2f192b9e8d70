//! The statements of the key store. Rows in, rows out; nothing here knows a key.

use base::{SubjectId, Timestamp};
use store::{Error, Tx, params};

type Result<T> = std::result::Result<T, Error>;

/// One wrapped subject key.
pub(crate) struct Wrapped {
    pub(crate) subject: SubjectId,
    pub(crate) generation: u32,
    pub(crate) record: Vec<u8>,
}

/// A key table that holds a few keys of a workspace, each with a number.
#[derive(Clone, Copy)]
pub(crate) enum Numbered {
    Workspace,
    Blind,
}

impl Numbered {
    const fn select(self) -> &'static str {
        match self {
            Self::Workspace => {
                "SELECT version, wrapped FROM key_workspace WHERE ws = $1 ORDER BY version"
            }
            Self::Blind => {
                "SELECT generation, wrapped FROM key_blind WHERE ws = $1 ORDER BY generation"
            }
        }
    }

    const fn insert(self) -> &'static str {
        match self {
            Self::Workspace => {
                "INSERT INTO key_workspace (ws, version, wrapped, made_at) VALUES ($1, $2, $3, $4)"
            }
            Self::Blind => {
                "INSERT INTO key_blind (ws, generation, wrapped, made_at) VALUES ($1, $2, $3, $4)"
            }
        }
    }

    const fn update(self) -> &'static str {
        match self {
            Self::Workspace => {
                "UPDATE key_workspace SET wrapped = $3 WHERE ws = $1 AND version = $2"
            }
            Self::Blind => "UPDATE key_blind SET wrapped = $3 WHERE ws = $1 AND generation = $2",
        }
    }
}

/// Which root key wraps the workspace's keys, and the stamp of the last rotation.
pub(crate) fn root(tx: &mut Tx<'_>, ws: i64) -> Result<Option<(String, i64)>> {
    tx.keys().row(
        "SELECT root_id, stamp FROM key_root WHERE ws = $1",
        params![ws],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(crate) fn insert_root(
    tx: &mut Tx<'_>,
    ws: i64,
    id: &str,
    stamp: i64,
    now: Timestamp,
) -> Result<()> {
    tx.keys().execute(
        "INSERT INTO key_root (ws, root_id, stamp, made_at) VALUES ($1, $2, $3, $4)",
        params![ws, id, stamp, now],
    )?;
    Ok(())
}

pub(crate) fn update_root(tx: &mut Tx<'_>, ws: i64, id: &str, stamp: i64) -> Result<()> {
    tx.keys().execute(
        "UPDATE key_root SET root_id = $2, stamp = $3 WHERE ws = $1",
        params![ws, id, stamp],
    )?;
    Ok(())
}

pub(crate) fn numbered(tx: &mut Tx<'_>, which: Numbered, ws: i64) -> Result<Vec<(u32, Vec<u8>)>> {
    tx.keys().rows(which.select(), params![ws], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

pub(crate) fn insert_numbered(
    tx: &mut Tx<'_>,
    which: Numbered,
    (ws, number): (i64, u32),
    wrapped: &[u8],
    now: Timestamp,
) -> Result<()> {
    tx.keys()
        .execute(which.insert(), params![ws, number, wrapped, now])?;
    Ok(())
}

pub(crate) fn update_numbered(
    tx: &mut Tx<'_>,
    which: Numbered,
    (ws, number): (i64, u32),
    wrapped: &[u8],
) -> Result<()> {
    tx.keys()
        .execute(which.update(), params![ws, number, wrapped])?;
    Ok(())
}

pub(crate) fn delete_blind_before(tx: &mut Tx<'_>, ws: i64, generation: u32) -> Result<u64> {
    tx.keys().execute(
        "DELETE FROM key_blind WHERE ws = $1 AND generation < $2",
        params![ws, generation],
    )
}

pub(crate) fn services(tx: &mut Tx<'_>, ws: i64) -> Result<Vec<(String, Vec<u8>)>> {
    tx.keys().rows(
        "SELECT name, wrapped FROM key_service WHERE ws = $1 ORDER BY name",
        params![ws],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(crate) fn insert_service(
    tx: &mut Tx<'_>,
    ws: i64,
    name: &str,
    wrapped: &[u8],
    now: Timestamp,
) -> Result<()> {
    tx.keys().execute(
        "INSERT INTO key_service (ws, name, wrapped, made_at) VALUES ($1, $2, $3, $4)",
        params![ws, name, wrapped, now],
    )?;
    Ok(())
}

pub(crate) fn update_service(tx: &mut Tx<'_>, ws: i64, name: &str, wrapped: &[u8]) -> Result<()> {
    tx.keys().execute(
        "UPDATE key_service SET wrapped = $3 WHERE ws = $1 AND name = $2",
        params![ws, name, wrapped],
    )?;
    Ok(())
}

/// Adds a subject key unless the subject is shredded, has this generation already, or `stamp` is
/// not that of the last rotation (then the wrapping key in hand may be old or never have existed).
pub(crate) fn insert_subject(
    tx: &mut Tx<'_>,
    ws: i64,
    key: &Wrapped,
    version: u32,
    stamp: i64,
) -> Result<bool> {
    let added = tx.keys().execute(
        "INSERT INTO key_subject (ws, subject, generation, version, wrapped)
         SELECT r.ws, $2, $3, $4, $5 FROM key_root r WHERE r.ws = $1 AND r.stamp = $6
           AND NOT EXISTS (SELECT 1 FROM key_tombstone t WHERE t.ws = $1 AND t.subject = $2)
         ON CONFLICT (ws, subject, generation) DO NOTHING",
        params![
            ws,
            &key.subject,
            key.generation,
            version,
            &key.record,
            stamp
        ],
    )?;
    Ok(added == 1)
}

/// How many subjects one statement asks for: few texts, so that prepared statements are found again.
const CHUNKS: [usize; 3] = [1, 16, 256];

/// The wrapped keys of subjects that are not shredded, by subject and generation.
pub(crate) fn subjects(tx: &mut Tx<'_>, ws: i64, wanted: &[SubjectId]) -> Result<Vec<Wrapped>> {
    let mut found = Vec::with_capacity(wanted.len());
    let mut rest = wanted;
    while let Some(last) = rest.last() {
        let size = *CHUNKS
            .iter()
            .find(|size| **size >= rest.len())
            .unwrap_or(&CHUNKS[2]);
        let (now, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        let mut params: Vec<store::Value<'_>> = vec![ws.into()];
        params.extend(now.iter().map(store::Value::from));
        params.resize(1 + size, now.last().unwrap_or(last).into());
        let places: Vec<String> = (2..size + 2).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT k.subject, k.generation, k.wrapped FROM key_subject k
             WHERE k.ws = $1 AND k.subject IN ({})
               AND NOT EXISTS (SELECT 1 FROM key_tombstone t WHERE t.ws = k.ws AND t.subject = k.subject)
             ORDER BY k.subject, k.generation",
            places.join(", ")
        );
        tx.keys().each(&sql, &params, |row| {
            found.push(wrapped(row)?);
            Ok(true)
        })?;
    }
    Ok(found)
}

fn wrapped(row: &store::Row<'_>) -> Result<Wrapped> {
    Ok(Wrapped {
        subject: row.get(0)?,
        generation: row.get(1)?,
        record: row.get(2)?,
    })
}

/// Up to `limit` keys that a version before `version` wraps.
pub(crate) fn wrapped_before(
    tx: &mut Tx<'_>,
    ws: i64,
    version: u32,
    limit: u32,
) -> Result<Vec<Wrapped>> {
    tx.keys().rows(
        "SELECT subject, generation, wrapped FROM key_subject WHERE ws = $1 AND version < $2
         ORDER BY version, subject LIMIT $3",
        params![ws, version, limit],
        wrapped,
    )
}

pub(crate) fn count_before(tx: &mut Tx<'_>, ws: i64, version: u32) -> Result<u64> {
    let count = tx.keys().number(
        "SELECT count(*) FROM key_subject WHERE ws = $1 AND version < $2",
        params![ws, version],
    )?;
    Ok(count.unsigned_abs())
}

/// Replaces a wrap by a newer one. A row that is gone (shredded meanwhile) stays gone.
pub(crate) fn rewrap_subject(
    tx: &mut Tx<'_>,
    ws: i64,
    old: &Wrapped,
    version: u32,
    record: &[u8],
) -> Result<()> {
    tx.keys().execute(
        "UPDATE key_subject SET version = $4, wrapped = $5
         WHERE ws = $1 AND subject = $2 AND generation = $3 AND wrapped = $6",
        params![
            ws,
            &old.subject,
            old.generation,
            version,
            record,
            &old.record
        ],
    )?;
    Ok(())
}

/// Removes workspace keys before `version` that wrap nothing any more.
pub(crate) fn delete_unused_versions(tx: &mut Tx<'_>, ws: i64, version: u32) -> Result<u64> {
    tx.keys().execute(
        "DELETE FROM key_workspace WHERE ws = $1 AND version < $2 AND NOT EXISTS
         (SELECT 1 FROM key_subject k WHERE k.ws = key_workspace.ws AND k.version = key_workspace.version)",
        params![ws, version],
    )
}

/// Keys under a version, and tombstones: how often the version was used, at most.
pub(crate) fn uses(tx: &mut Tx<'_>, ws: i64, version: u32) -> Result<u64> {
    let live = tx.keys().number(
        "SELECT count(*) FROM key_subject WHERE ws = $1 AND version = $2",
        params![ws, version],
    )?;
    let gone = tx.keys().number(
        "SELECT count(*) FROM key_tombstone WHERE ws = $1",
        params![ws],
    )?;
    Ok(live.unsigned_abs() + gone.unsigned_abs())
}

pub(crate) fn delete_subject(tx: &mut Tx<'_>, ws: i64, subject: SubjectId) -> Result<u64> {
    tx.keys().execute(
        "DELETE FROM key_subject WHERE ws = $1 AND subject = $2",
        params![ws, &subject],
    )
}

pub(crate) fn insert_tombstone(
    tx: &mut Tx<'_>,
    ws: i64,
    subject: SubjectId,
    at: Timestamp,
) -> Result<()> {
    tx.keys().execute(
        "INSERT INTO key_tombstone (ws, subject, at) VALUES ($1, $2, $3)
         ON CONFLICT (ws, subject) DO NOTHING",
        params![ws, &subject, at],
    )?;
    Ok(())
}

pub(crate) fn tombstone(tx: &mut Tx<'_>, ws: i64, subject: SubjectId) -> Result<Option<Timestamp>> {
    tx.keys().row(
        "SELECT at FROM key_tombstone WHERE ws = $1 AND subject = $2",
        params![ws, &subject],
        |row| row.get(0),
    )
}

pub(crate) fn tombstones(tx: &mut Tx<'_>, ws: i64) -> Result<Vec<(SubjectId, Timestamp)>> {
    tx.keys().rows(
        "SELECT subject, at FROM key_tombstone WHERE ws = $1 ORDER BY subject",
        params![ws],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Walks every wrapped key, with the version its row names and whether its subject has a tombstone.
pub(crate) fn each_subject(
    tx: &mut Tx<'_>,
    ws: i64,
    mut f: impl FnMut(Wrapped, u32, bool),
) -> Result<()> {
    tx.keys().each(
        "SELECT k.subject, k.generation, k.wrapped, k.version, t.at FROM key_subject k
         LEFT JOIN key_tombstone t ON t.ws = k.ws AND t.subject = k.subject
         WHERE k.ws = $1 ORDER BY k.subject, k.generation",
        params![ws],
        |row| {
            f(
                wrapped(row)?,
                row.get(3)?,
                row.get::<Option<i64>>(4)?.is_some(),
            );
            Ok(true)
        },
    )
}
