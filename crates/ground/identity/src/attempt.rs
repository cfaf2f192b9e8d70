//! Counting attempts to sign in, before their password is looked at: of a thousand sent at once, each
//! finds the others counted.

use act::Act;
use aws_lc_rs::hmac;
use base::RecordId;
use store::{Value, params};
use vault::SESSION_MAC;

use crate::kept::{self, Held};
use crate::rows::{Attempt, Counted};
use crate::throttle::{settled, wait};
use crate::token::array;
use crate::{Error, Result};

const LABEL: &[u8] = b"privet.attempt.1";
/// Tries at a row that others change at the same moment.
const TRIES: usize = 64;

/// What an attempt is counted by: keyed fingerprints of the account as it was typed and of the address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ways {
    pair: [u8; 32],
    account: [u8; 32],
    address: [u8; 32],
}

impl Ways {
    pub(crate) fn of(act: &Act<'_, '_>, account: &str, address: &[u8]) -> Result<Self> {
        let secret = act.vault().service_key(SESSION_MAC)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
        let ws = act.ws().id;
        let fingerprint = |kind: u8, account: &[u8], address: &[u8]| {
            let mut mac = hmac::Context::with_key(&key);
            mac.update(LABEL);
            mac.update(ws.as_bytes());
            mac.update(&[kind]);
            mac.update(
                &u64::try_from(account.len())
                    .unwrap_or(u64::MAX)
                    .to_be_bytes(),
            );
            mac.update(account);
            mac.update(address);
            array(mac.sign().as_ref())
        };
        let account = account.as_bytes();
        Ok(Self {
            pair: fingerprint(1, account, address),
            account: fingerprint(2, account, &[]),
            address: fingerprint(3, &[], address),
        })
    }

    /// Counts an attempt as failed until it succeeds.
    ///
    /// # Errors
    /// [`Error::Throttled`]: return it, so that the transaction forgets that it was counted.
    pub(crate) fn begin(&self, act: &mut Act<'_, '_>) -> Result<()> {
        // Always in this order, so that two at once never wait for each other.
        let pair = bump(act, Counted::Pair, &self.pair)?;
        let account = bump(act, Counted::Account, &self.account)?;
        let address = bump(act, Counted::Address, &self.address)?;
        match wait(&pair, &account, &address, act.now()) {
            Some(seconds) => Err(Error::Throttled { seconds }),
            None => Ok(()),
        }
    }

    /// Notes whose account it is, so that erasing the user erases the counters. The same work for
    /// nobody's account.
    pub(crate) fn belong_to(&self, act: &mut Act<'_, '_>, user: Option<RecordId>) -> Result<()> {
        for (kind, fingerprint) in [
            (Counted::Pair, &self.pair),
            (Counted::Account, &self.account),
        ] {
            change(act, kind, fingerprint, |row| row.user = user.or(row.user))?;
        }
        Ok(())
    }

    /// The attempt succeeded: the pair is familiar and its failures are forgotten.
    pub(crate) fn succeed(&self, act: &mut Act<'_, '_>) -> Result<()> {
        let now = act.now();
        change(act, Counted::Pair, &self.pair, |row| {
            row.failures = 0;
            row.good_at = Some(now);
        })?;
        self.uncount(act)
    }

    /// The attempt was never made: it counts for nothing.
    pub(crate) fn withdraw(&self, act: &mut Act<'_, '_>) -> Result<()> {
        let less = |row: &mut Attempt| row.failures = row.failures.saturating_sub(1);
        change(act, Counted::Pair, &self.pair, less)?;
        self.uncount(act)
    }

    fn uncount(&self, act: &mut Act<'_, '_>) -> Result<()> {
        let less = |row: &mut Attempt| row.failures = row.failures.saturating_sub(1);
        change(act, Counted::Account, &self.account, less)?;
        change(act, Counted::Address, &self.address, less)
    }
}

/// Counts one more failure and gives what was counted before it.
fn bump(act: &mut Act<'_, '_>, kind: Counted, fingerprint: &[u8; 32]) -> Result<Attempt> {
    let now = act.now();
    for _ in 0..TRIES {
        let Some(held) = load(act, kind, fingerprint)? else {
            let mut row = Attempt {
                kind,
                fingerprint: *fingerprint,
                user: None,
                failures: 1,
                since: now,
                last_at: now,
                good_at: None,
            };
            if kept::insert(act, &row)? {
                row.failures = 0;
                return Ok(row);
            }
            continue;
        };
        let before = settled(held.row.clone(), now);
        let mut next = held;
        next.row = before.clone();
        next.row.failures = before.failures.saturating_add(1);
        next.row.last_at = now;
        if kept::replace(act, &next)? {
            return Ok(before);
        }
    }
    Err(Error::Busy)
}

fn change(
    act: &mut Act<'_, '_>,
    kind: Counted,
    fingerprint: &[u8; 32],
    f: impl Fn(&mut Attempt),
) -> Result<()> {
    for _ in 0..TRIES {
        let Some(mut held) = load(act, kind, fingerprint)? else {
            return Ok(());
        };
        f(&mut held.row);
        if kept::replace(act, &held)? {
            return Ok(());
        }
    }
    Err(Error::Busy)
}

fn load(
    act: &mut Act<'_, '_>,
    kind: Counted,
    fingerprint: &[u8; 32],
) -> Result<Option<Held<Attempt>>> {
    let kind: Value<'_> = kind.number().into();
    kept::one(
        act,
        "kind = $2 AND fingerprint = $3",
        &[kind, fingerprint.into()],
    )
}

/// Deletes the counters that are of no use any more.
pub(crate) fn sweep(act: &mut Act<'_, '_>) -> Result<u64> {
    let (ws, now) = (act.ws().number, act.now());
    let (stale, unfamiliar) = (
        now.plus_seconds(-crate::throttle::MEMORY),
        now.plus_seconds(-crate::throttle::FAMILIAR),
    );
    Ok(act.tx().execute(
        "DELETE FROM attempt WHERE ws = $1 AND last_at <= $2 AND (good_at IS NULL OR good_at <= $3)",
        params![ws, stale, unfamiliar],
    )?)
}
