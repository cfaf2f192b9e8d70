//! Tallies: one keyed sum over all rows of a table, for tables that seldom change.
//!
//! Every row has a digest, HMAC-SHA-256 over its cells; a table's tally is the sum of the digests modulo
//! 2^256 with their number, under a MAC of its own. Whatever changes rows goes through
//! [`Vault::tallied`], which takes the rows it touches out of the sum before and puts them in after. So
//! a row that was changed, deleted, added or put back past the program leaves a difference for good:
//! later changes do not heal it.
//!
//! A tally is a row that all changes of its table wait for, which is why sessions, counters and history
//! bear a MAC each instead. What it cannot show is a table put back together with its tally; the
//! restore of a whole earlier state is for checkpoints in other hands to find.

use aws_lc_rs::hmac;
use base::Table;
use store::{Side, Tx, Value, params};

use crate::row_mac::{begin, push_cell};
use crate::subject::array;
use crate::{Error, Vault};

const ROW: &[u8] = b"privet.tally.row.1";
const SUM: &[u8] = b"privet.tally.sum.1";

/// A table that has a tally.
#[derive(Debug, Clone, Copy)]
pub struct Tallied {
    /// The table, whose first column is `ws`.
    pub table: &'static Table,
    /// The store it is in.
    pub side: Side,
}

/// Digests added up modulo 2^256 (big-endian), and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    counted: i64,
    total: [u8; 32],
}

impl Sum {
    fn add(&mut self, digest: &[u8; 32]) {
        self.counted = self.counted.wrapping_add(1);
        self.total = added(&self.total, digest);
    }

    /// This sum with `before` taken out and `after` put in.
    fn moved(&self, before: &Self, after: &Self) -> Self {
        Self {
            counted: self
                .counted
                .wrapping_sub(before.counted)
                .wrapping_add(after.counted),
            total: added(&added(&self.total, &negated(&before.total)), &after.total),
        }
    }
}

fn added(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let (mut out, mut carry) = ([0; 32], 0);
    for at in (0..32).rev() {
        let [high, low] = (u16::from(a[at]) + u16::from(b[at]) + carry).to_be_bytes();
        (out[at], carry) = (low, u16::from(high));
    }
    out
}

fn negated(a: &[u8; 32]) -> [u8; 32] {
    let mut one = [0; 32];
    one[31] = 1;
    added(&a.map(|byte| !byte), &one)
}

impl Vault {
    /// Runs a write that touches only the rows for which `rows` holds, a condition over `$2` and
    /// further (`$1` is the workspace), and moves the tally by what it changed. The write speaks to
    /// the store the table is in.
    ///
    /// # Errors
    /// Those of the write, and of the store.
    pub fn tallied<T, E: From<Error>>(
        &self,
        tx: &mut Tx<'_>,
        which: &Tallied,
        rows: &str,
        values: &[Value<'_>],
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        on(tx, which.side, |tx| {
            self.wait_for(tx, which)?;
            let before = self.sum(tx, which, rows, values)?;
            let outcome = write(tx)?;
            let after = self.sum(tx, which, rows, values)?;
            if before != after {
                self.move_by(tx, which, &before, &after)?;
            }
            Ok(outcome)
        })
    }

    /// The same for a write that touches whole small tables.
    pub(crate) fn tallied_tables<T>(
        &self,
        tx: &mut Tx<'_>,
        all: &[Tallied],
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match all {
            [] => write(tx),
            [first, rest @ ..] => {
                let before = on(tx, first.side, |tx| -> Result<Sum, Error> {
                    self.wait_for(tx, first)?;
                    self.sum(tx, first, "1 = 1", &[])
                })?;
                let outcome = self.tallied_tables(tx, rest, write)?;
                on(tx, first.side, |tx| -> Result<(), Error> {
                    let after = self.sum(tx, first, "1 = 1", &[])?;
                    self.move_by(tx, first, &before, &after)
                })?;
                Ok(outcome)
            }
        }
    }

    /// Takes a table's tally from its rows as they are: in a new workspace, and after a restore, whose
    /// rows come from a sealed file.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn take_tally(&self, tx: &mut Tx<'_>, which: &Tallied) -> Result<(), Error> {
        on(tx, which.side, |tx| {
            let sum = self.sum(tx, which, "1 = 1", &[])?;
            self.wait_for(tx, which)?;
            self.write_sum(tx, which, &sum)
        })
    }

    /// Holds a table against its tally: how many rows it has, or what is wrong.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn check_tally(
        &self,
        tx: &mut Tx<'_>,
        which: &Tallied,
    ) -> Result<Result<u64, String>, Error> {
        let name = which.table.name;
        on(tx, which.side, |tx| {
            let Some(held) = self.read_sum(tx, which)? else {
                return Ok(Err(format!("the tally of table {name} is missing")));
            };
            let Some(held) = held else {
                return Ok(Err(format!(
                    "the tally of table {name} is not the program's"
                )));
            };
            let found = self.sum(tx, which, "1 = 1", &[])?;
            if found == held {
                return Ok(Ok(found.counted.unsigned_abs()));
            }
            let (found, held) = (found.counted, held.counted);
            Ok(Err(if found == held {
                format!("table {name}: a row of it was changed behind the program")
            } else {
                format!("table {name}: it has {found} rows where the program wrote {held}")
            }))
        })
    }

    /// The sum over the rows a condition holds for.
    fn sum(
        &self,
        tx: &mut Tx<'_>,
        which: &Tallied,
        rows: &str,
        values: &[Value<'_>],
    ) -> Result<Sum, Error> {
        let ws = self.workspace();
        let columns: Vec<&str> = which.table.columns.iter().map(|(name, _)| *name).collect();
        let sql = format!(
            "SELECT {} FROM {} WHERE ws = $1 AND ({rows})",
            columns.join(", "),
            which.table.name
        );
        let mut all = vec![Value::from(ws.number)];
        all.extend_from_slice(values);
        let (key, label) = (self.mac_key()?, begin(ROW, ws, which.table.name));
        let mut sum = Sum::default();
        tx.each(&sql, &all, |row| {
            let mut bound = label.clone();
            for at in 0..columns.len() {
                push_cell(&mut bound, row.cell(at)?);
            }
            sum.add(&array(&hmac::sign(&key, &bound)));
            Ok(true)
        })?;
        Ok(sum)
    }

    /// Makes sure that there is a tally, and on a server that nobody else moves it meanwhile.
    fn wait_for(&self, tx: &mut Tx<'_>, which: &Tallied) -> Result<(), Error> {
        let (ws, list, name) = (self.workspace().number, list(which.side), which.table.name);
        let own = format!("UPDATE {list} SET counted = counted WHERE ws = $1 AND name = $2");
        if tx.execute(&own, params![ws, name])? == 1 {
            return Ok(());
        }
        let none = Sum::default();
        let mac = self.sum_mac(which, &none)?;
        let new = format!(
            "INSERT INTO {list} (ws, name, counted, total, mac) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        );
        tx.execute(&new, params![ws, name, none.counted, &none.total, &mac])?;
        tx.execute(&own, params![ws, name])?;
        Ok(())
    }

    /// A tally that is not the program's stays what it is: no change heals it.
    fn move_by(
        &self,
        tx: &mut Tx<'_>,
        which: &Tallied,
        before: &Sum,
        after: &Sum,
    ) -> Result<(), Error> {
        match self.read_sum(tx, which)? {
            Some(Some(held)) => self.write_sum(tx, which, &held.moved(before, after)),
            _ => Ok(()),
        }
    }

    /// `None` when there is no tally, `Some(None)` when its MAC is not the program's.
    fn read_sum(&self, tx: &mut Tx<'_>, which: &Tallied) -> Result<Option<Option<Sum>>, Error> {
        let sql = format!(
            "SELECT counted, total, mac FROM {} WHERE ws = $1 AND name = $2",
            list(which.side)
        );
        let held = tx.row(
            &sql,
            params![self.workspace().number, which.table.name],
            |row| {
                let (counted, total) = (row.get(0)?, row.get(1)?);
                Ok((Sum { counted, total }, row.get::<Vec<u8>>(2)?))
            },
        )?;
        let Some((sum, mac)) = held else {
            return Ok(None);
        };
        let bound = self.bound(which, &sum);
        let sound = hmac::verify(&self.mac_key()?, &bound, &mac).is_ok();
        Ok(Some(sound.then_some(sum)))
    }

    fn write_sum(&self, tx: &mut Tx<'_>, which: &Tallied, sum: &Sum) -> Result<(), Error> {
        let sql = format!(
            "UPDATE {} SET counted = $3, total = $4, mac = $5 WHERE ws = $1 AND name = $2",
            list(which.side)
        );
        let (ws, mac) = (self.workspace().number, self.sum_mac(which, sum)?);
        let name = which.table.name;
        tx.execute(&sql, params![ws, name, sum.counted, &sum.total, &mac])?;
        Ok(())
    }

    fn sum_mac(&self, which: &Tallied, sum: &Sum) -> Result<[u8; 32], Error> {
        Ok(array(&hmac::sign(
            &self.mac_key()?,
            &self.bound(which, sum),
        )))
    }

    fn bound(&self, which: &Tallied, sum: &Sum) -> Vec<u8> {
        let mut bound = begin(SUM, self.workspace(), which.table.name);
        bound.extend_from_slice(&sum.counted.to_be_bytes());
        bound.extend_from_slice(&sum.total);
        bound
    }
}

const fn list(side: Side) -> &'static str {
    match side {
        Side::Data => "tally",
        Side::Keys => "key_tally",
    }
}

/// Speaks to one of the two stores.
fn on<R>(tx: &mut Tx<'_>, side: Side, f: impl FnOnce(&mut Tx<'_>) -> R) -> R {
    match side {
        Side::Data => f(tx),
        Side::Keys => f(&mut tx.keys()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_and_taken_out_again_leaves_nothing() {
        let (a, b) = ([0xff; 32], {
            let mut b = [0; 32];
            b[31] = 2;
            b
        });
        let sum = added(&a, &b);
        assert_eq!(sum[31], 1);
        assert_eq!(added(&sum, &negated(&b)), a);
        assert_eq!(added(&a, &negated(&a)), [0; 32]);
        assert_eq!(negated(&[0; 32]), [0; 32]);
    }
}
