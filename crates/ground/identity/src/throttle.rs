//! When an attempt to sign in must wait. Pure: counters and the present in, seconds out.
//!
//! The rule that shapes it: **nobody can lock somebody else out.** What one address does to an account
//! delays that address on that account and nothing else. When an account is tried from everywhere, or
//! an address tries every account, only those who never signed in from where they are feel it, and
//! even they have one attempt at once.

use base::Timestamp;

use crate::rows::{Attempt, Counted};

/// Failures of an account from one address before waiting begins.
const FREE: u32 = 5;
/// The same while the account is tried from everywhere.
const FREE_UNDER_ATTACK: u32 = 1;
/// The longest wait of an account from one address.
const WAIT_MAX: i64 = 15 * 60;
/// After so long without an attempt a pair begins anew.
const PAIR_MEMORY: i64 = 24 * 3_600;
/// Failures of an account in an hour, from wherever, above which it counts as under attack.
const ACCOUNT_MOST: u32 = 100;
const ACCOUNT_WINDOW: i64 = 3_600;
/// Failures from an address in a quarter of an hour, for whatever account.
const ADDRESS_MOST: u32 = 50;
const ADDRESS_WINDOW: i64 = 15 * 60;
/// How long an address stays familiar after signing in from it.
pub(crate) const FAMILIAR: i64 = 30 * 86_400;
/// How long a counter is of any use.
pub(crate) const MEMORY: i64 = PAIR_MEMORY;

/// The counter as it counts now: what is older than its window counts no more.
pub(crate) fn settled(mut counter: Attempt, now: Timestamp) -> Attempt {
    let over = match counter.kind {
        Counted::Pair => now >= counter.last_at.plus_seconds(PAIR_MEMORY),
        Counted::Account => now >= counter.since.plus_seconds(ACCOUNT_WINDOW),
        Counted::Address => now >= counter.since.plus_seconds(ADDRESS_WINDOW),
    };
    if over {
        counter.failures = 0;
        counter.since = now;
    }
    counter
}

/// How many seconds an attempt must wait, given what was counted before it; `None` for none.
pub(crate) fn wait(
    pair: &Attempt,
    account: &Attempt,
    address: &Attempt,
    now: Timestamp,
) -> Option<u64> {
    let familiar = pair
        .good_at
        .is_some_and(|at| now < at.plus_seconds(FAMILIAR));
    let under_attack = account.failures >= ACCOUNT_MOST && !familiar;
    let free = if under_attack {
        FREE_UNDER_ATTACK
    } else {
        FREE
    };
    let mut until = now;
    if pair.failures >= free {
        until = until.max(pair.last_at.plus_seconds(delay(pair.failures - free)));
    }
    if address.failures >= ADDRESS_MOST && !familiar {
        until = until.max(address.since.plus_seconds(ADDRESS_WINDOW));
    }
    let micros = u64::try_from(until.micros() - now.micros()).unwrap_or(0);
    (micros > 0).then(|| micros.div_ceil(1_000_000))
}

/// 1, 2, 4 … seconds.
fn delay(beyond: u32) -> i64 {
    1_i64
        .checked_shl(beyond.min(20))
        .unwrap_or(WAIT_MAX)
        .min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use base::RecordId;
    use proptest::prelude::*;

    use super::*;

    fn counter(kind: Counted, failures: u32, last_at: i64) -> Attempt {
        Attempt {
            kind,
            fingerprint: [0; 32],
            user: None::<RecordId>,
            failures,
            since: Timestamp(0),
            last_at: Timestamp(0).plus_seconds(last_at),
            good_at: None,
        }
    }

    proptest! {
        #[test]
        fn who_never_failed_here_waits_for_no_account(account in 0..10_000_u32, at in 0..100_000_i64) {
            let now = Timestamp(0).plus_seconds(at);
            let pair = counter(Counted::Pair, 0, at);
            let account = counter(Counted::Account, account, at);
            let address = counter(Counted::Address, 0, at);
            prop_assert_eq!(wait(&pair, &account, &address, now), None);
        }

        #[test]
        fn who_signed_in_here_before_waits_only_for_their_own_failures(
            own in 0..40_u32, account in 0..10_000_u32, address in 0..10_000_u32, later in 0..2_000_i64,
        ) {
            let now = Timestamp(0).plus_seconds(later);
            let mut pair = counter(Counted::Pair, own, 0);
            pair.good_at = Some(Timestamp(0));
            let (quiet_account, quiet_address) =
                (counter(Counted::Account, 0, 0), counter(Counted::Address, 0, 0));
            prop_assert_eq!(
                wait(&pair, &counter(Counted::Account, account, 0), &counter(Counted::Address, address, 0), now),
                wait(&pair, &quiet_account, &quiet_address, now)
            );
        }

        #[test]
        fn waits_grow_with_failures_shrink_with_time_and_end(own in 0..60_u32, later in 0..1_000_i64) {
            let (account, address) = (counter(Counted::Account, 0, 0), counter(Counted::Address, 0, 0));
            let wait = |failures, later| {
                wait(&counter(Counted::Pair, failures, 0), &account, &address, Timestamp(0).plus_seconds(later))
                    .unwrap_or(0)
            };
            prop_assert!(wait(own, later) <= wait(own + 1, later));
            prop_assert!(wait(own, later) >= wait(own, later + 1));
            prop_assert!(wait(own, later) <= 900);
            prop_assert_eq!(wait(own, 900), 0);
        }
    }

    #[test]
    fn the_sixth_attempt_waits_and_under_attack_the_second() {
        let (calm, attacked) = (
            counter(Counted::Account, 99, 0),
            counter(Counted::Account, 100, 0),
        );
        let address = counter(Counted::Address, 0, 0);
        let now = Timestamp(0);
        let pair = |failures| counter(Counted::Pair, failures, 0);
        assert_eq!(wait(&pair(4), &calm, &address, now), None);
        assert_eq!(wait(&pair(5), &calm, &address, now), Some(1));
        assert_eq!(wait(&pair(8), &calm, &address, now), Some(8));
        assert_eq!(wait(&pair(1), &attacked, &address, now), Some(1));
        assert_eq!(
            wait(&pair(0), &calm, &counter(Counted::Address, 50, 0), now),
            Some(900)
        );
    }

    #[test]
    fn counters_forget() {
        let day = Timestamp(0).plus_seconds(PAIR_MEMORY);
        assert_eq!(settled(counter(Counted::Pair, 9, 0), day).failures, 0);
        assert_eq!(settled(counter(Counted::Pair, 9, 1), day).failures, 9);
        let hour = Timestamp(0).plus_seconds(ACCOUNT_WINDOW);
        assert_eq!(
            settled(counter(Counted::Account, 9, 3_599), hour).failures,
            0
        );
    }
}
