//! A forger with the files in hand: picks a table, a row and a way to change it, past the program.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use base::SeededRng;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// The two stores.
pub const FILES: [&str; 2] = ["data.db", "keys.db"];

/// A table as it lies in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    /// Positions of the primary key's columns.
    pub key: Vec<usize>,
    pub rows: Vec<Vec<Value>>,
}

/// Everything in one or both stores, by `file/table`.
pub type Dump = BTreeMap<(&'static str, String), Table>;

/// The ways of a forger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// One byte, letter or number of one cell is another.
    Alter,
    /// A row is gone.
    Delete,
    /// A row is there twice, under another key.
    Duplicate,
    /// Two rows have exchanged one cell.
    Swap,
    /// A row is as it was before, or is back.
    PutBack,
    /// A cell is empty.
    Empty,
}

impl Way {
    pub const ALL: [Self; 6] = [
        Self::Alter,
        Self::Delete,
        Self::Duplicate,
        Self::Swap,
        Self::PutBack,
        Self::Empty,
    ];
}

/// Reads every table of both files.
pub fn dump(dir: &Path) -> rusqlite::Result<Dump> {
    let mut out = Dump::new();
    for file in FILES {
        // Nothing is written, and no write-ahead log is looked for.
        let uri = format!("file:{}?immutable=1", dir.join(file).display());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let open = Connection::open_with_flags(uri, flags)?;
        let names: Vec<String> = open
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for name in names {
            let table = read(&open, &name)?;
            out.insert((file, name), table);
        }
    }
    Ok(out)
}

fn read(open: &Connection, name: &str) -> rusqlite::Result<Table> {
    let mut info = open.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let columns: Vec<(String, i64)> = info
        .query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut key: Vec<usize> = (0..columns.len()).filter(|at| columns[*at].1 > 0).collect();
    key.sort_by_key(|at| columns[*at].1);
    let columns: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
    // The table itself, by no index: what an index says is for the engine's own check.
    let sql = format!("SELECT {} FROM {name} NOT INDEXED", columns.join(", "));
    let mut rows: Vec<Vec<Value>> = open
        .prepare(&sql)?
        .query_map([], |row| {
            (0..columns.len()).map(|at| raw(row, at)).collect()
        })?
        .collect::<Result<_, _>>()?;
    rows.sort_by_cached_key(|row| format!("{row:?}"));
    Ok(Table { columns, key, rows })
}

/// A cell as it is, text that is none included.
fn raw(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Value> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Text(format!("not UTF-8: {bytes:?}")),
        },
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// A forger who knows the present and an earlier state.
pub struct Forger {
    pub present: Dump,
    early: Dump,
}

impl Forger {
    pub fn new(present: &Path, early: &Path) -> Self {
        Self {
            present: dump(present).unwrap(),
            early: dump(early).unwrap(),
        }
    }

    /// Tables that have rows.
    pub fn tables(&self) -> Vec<(&'static str, String)> {
        self.present
            .iter()
            .filter(|(_, table)| !table.rows.is_empty())
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Forges once in the files of a directory. `None` when this way cannot be gone in this table.
    pub fn forge(
        &self,
        dir: &Path,
        place: &(&'static str, String),
        way: Way,
        rng: &SeededRng,
    ) -> Option<String> {
        let table = &self.present[place];
        let open = Connection::open(dir.join(place.0)).unwrap();
        open.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let name = &place.1;
        let row = &table.rows[rng.below(table.rows.len())];
        let done = match way {
            Way::Alter => alter(&open, name, table, row, rng),
            Way::Delete => delete(&open, name, table, row),
            Way::Duplicate => duplicate(&open, name, table, row, rng),
            Way::Swap => swap(&open, name, table, row, rng),
            Way::PutBack => self.put_back(&open, place, rng),
            Way::Empty => empty(&open, name, table, row, rng),
        };
        done.map(|what| format!("{}/{name} {way:?} {what}", place.0))
    }

    fn put_back(
        &self,
        open: &Connection,
        place: &(&'static str, String),
        rng: &SeededRng,
    ) -> Option<String> {
        let (now, then) = (&self.present[place], self.early.get(place)?);
        let key = |row: &[Value]| {
            now.key
                .iter()
                .map(|at| format!("{:?}", row[*at]))
                .collect::<String>()
        };
        let known: HashMap<String, &Vec<Value>> =
            now.rows.iter().map(|row| (key(row), row)).collect();
        let older: Vec<&Vec<Value>> = then
            .rows
            .iter()
            .filter(|row| known.get(&key(row)).is_none_or(|own| own != row))
            .collect();
        let row = *older.get(rng.below(older.len().max(1)))?;
        let places: Vec<String> = (1..=row.len()).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "INSERT OR REPLACE INTO {} VALUES ({})",
            place.1,
            places.join(", ")
        );
        // The columns of a table stand in its own order.
        open.execute(&sql, params_from_iter(row)).ok()?;
        Some(
            if known.contains_key(&key(row)) {
                "an older state"
            } else {
                "a row that was gone"
            }
            .into(),
        )
    }
}

fn own(table: &Table) -> String {
    let named = |(n, at): (usize, &usize)| format!("{} IS ?{}", table.columns[*at], n + 1);
    table
        .key
        .iter()
        .enumerate()
        .map(named)
        .collect::<Vec<_>>()
        .join(" AND ")
}

fn key_of<'a>(table: &Table, row: &'a [Value]) -> Vec<&'a Value> {
    table.key.iter().map(|at| &row[*at]).collect()
}

fn set(
    open: &Connection,
    name: &str,
    table: &Table,
    row: &[Value],
    column: usize,
    to: &Value,
) -> Option<()> {
    let sql = format!(
        "UPDATE {name} SET {} = ?{} WHERE {}",
        table.columns[column],
        table.key.len() + 1,
        own(table)
    );
    let mut all = key_of(table, row);
    all.push(to);
    (open.execute(&sql, params_from_iter(all)).ok()? == 1).then_some(())
}

fn alter(
    open: &Connection,
    name: &str,
    table: &Table,
    row: &[Value],
    rng: &SeededRng,
) -> Option<String> {
    let column = rng.below(table.columns.len());
    let to = another(&row[column], rng)?;
    set(open, name, table, row, column, &to)?;
    Some(table.columns[column].clone())
}

/// A value of the same kind that differs.
fn another(value: &Value, rng: &SeededRng) -> Option<Value> {
    Some(match value {
        Value::Null => Value::Integer(1_790_000_000_000_000),
        Value::Integer(number) => match rng.below(3) {
            0 => Value::Integer(number.wrapping_add(1)),
            1 => Value::Integer(number.wrapping_sub(1)),
            _ => Value::Integer(number ^ (1 << rng.below(40))),
        },
        Value::Real(number) => Value::Real(number + 1.0),
        Value::Text(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let at = rng.below(letters.len().max(1));
            let letter = letters.get_mut(at)?;
            *letter = if *letter == 'x' { 'y' } else { 'x' };
            Value::Text(letters.into_iter().collect())
        }
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            let at = rng.below(bytes.len().max(1));
            *bytes.get_mut(at)? ^= 1 << rng.below(8);
            Value::Blob(bytes)
        }
    })
}

fn delete(open: &Connection, name: &str, table: &Table, row: &[Value]) -> Option<String> {
    let sql = format!("DELETE FROM {name} WHERE {}", own(table));
    let gone = open
        .execute(&sql, params_from_iter(key_of(table, row)))
        .ok()?;
    (gone == 1).then(|| "a row".to_owned())
}

fn duplicate(
    open: &Connection,
    name: &str,
    table: &Table,
    row: &[Value],
    rng: &SeededRng,
) -> Option<String> {
    let column = table.key[rng.below(table.key.len())];
    let mut new = row.to_vec();
    new[column] = another(&row[column], rng)?;
    let places: Vec<String> = (1..=row.len()).map(|n| format!("?{n}")).collect();
    let sql = format!("INSERT INTO {name} VALUES ({})", places.join(", "));
    open.execute(&sql, params_from_iter(&new)).ok()?;
    Some(format!("under another {}", table.columns[column]))
}

fn swap(
    open: &Connection,
    name: &str,
    table: &Table,
    row: &[Value],
    rng: &SeededRng,
) -> Option<String> {
    let free: Vec<usize> = (0..table.columns.len())
        .filter(|at| !table.key.contains(at))
        .collect();
    let column = *free.get(rng.below(free.len().max(1)))?;
    let others: Vec<&Vec<Value>> = table
        .rows
        .iter()
        .filter(|other| other[column] != row[column])
        .collect();
    let other = *others.get(rng.below(others.len().max(1)))?;
    set(open, name, table, row, column, &other[column])?;
    set(open, name, table, other, column, &row[column])?;
    Some(table.columns[column].clone())
}

fn empty(
    open: &Connection,
    name: &str,
    table: &Table,
    row: &[Value],
    rng: &SeededRng,
) -> Option<String> {
    let filled: Vec<usize> = (0..row.len())
        .filter(|at| row[*at] != Value::Null)
        .collect();
    let column = filled[rng.below(filled.len())];
    // Where nothing may not stand, an empty value does.
    let nothing = match row[column] {
        Value::Blob(_) => Value::Blob(Vec::new()),
        Value::Text(_) => Value::Text(String::new()),
        _ => Value::Integer(0),
    };
    let null = set(open, name, table, row, column, &Value::Null);
    if null.is_none() {
        if nothing == row[column] {
            return None;
        }
        set(open, name, table, row, column, &nothing)?;
    }
    Some(table.columns[column].clone())
}
