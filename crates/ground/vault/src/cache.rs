//! Opened subject keys, for a short while: at most [`CAPACITY`], at most two turns of [`TURN_MICROS`].
//!
//! Two halves: new entries go into the young one; when it is full or its time is up it becomes the old
//! one, and the old one is zeroed. A hit does not prolong a stay.
//!
//! Must never do: hold a key that was made or destroyed a moment ago. Its transaction may still be
//! rolled back, and a key that exists only here would seal data nobody can open. Such subjects are
//! barred for one to two turns, longer than any transaction lives.

use std::collections::{HashMap, HashSet};

use base::{SubjectId, Timestamp};

use crate::SubjectKey;

/// Keys held at most.
pub(crate) const CAPACITY: usize = 50_000;
/// Half the life of a key in the cache: 150 seconds.
pub(crate) const TURN_MICROS: i64 = 150_000_000;
/// Barred subjects remembered a turn; with more, nothing is cached until they are forgotten.
const BARRED: usize = 65_536;

#[derive(Default)]
pub(crate) struct Cache {
    young: HashMap<SubjectId, SubjectKey>,
    old: HashMap<SubjectId, SubjectKey>,
    barred: HashSet<SubjectId>,
    barred_before: HashSet<SubjectId>,
    closed_turns: u8,
    turned: Option<Timestamp>,
}

impl Cache {
    pub(crate) fn get(&self, subject: SubjectId) -> Option<SubjectKey> {
        self.young
            .get(&subject)
            .or_else(|| self.old.get(&subject))
            .cloned()
    }

    pub(crate) fn put(&mut self, key: &SubjectKey) {
        let subject = key.subject();
        if self.closed_turns > 0
            || self.barred.contains(&subject)
            || self.barred_before.contains(&subject)
        {
            return;
        }
        if self.young.len() >= CAPACITY / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(subject, key.clone());
    }

    pub(crate) fn forget(&mut self, subject: SubjectId) {
        self.young.remove(&subject);
        self.old.remove(&subject);
    }

    pub(crate) fn forget_all(&mut self) {
        self.young = HashMap::new();
        self.old = HashMap::new();
    }

    pub(crate) fn bar(&mut self, subject: SubjectId) {
        self.forget(subject);
        if self.barred.len() < BARRED {
            self.barred.insert(subject);
        } else {
            self.closed_turns = 2;
        }
    }

    /// A clock that runs backwards turns too: better to read a key again than to keep one too long.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        match self.turned {
            Some(turned) if now.micros().abs_diff(turned.micros()) < TURN_MICROS.unsigned_abs() => {
            }
            Some(_) => {
                self.turn();
                self.turned = Some(now);
            }
            None => self.turned = Some(now),
        }
    }

    fn turn(&mut self) {
        self.old = std::mem::take(&mut self.young);
        self.barred_before = std::mem::take(&mut self.barred);
        self.closed_turns = self.closed_turns.saturating_sub(1);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use base::{SeededRng, WorkspaceId};

    use super::*;
    use crate::Secret;

    fn key(number: u32) -> SubjectKey {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let secret = Secret::random(&SeededRng::new(u64::from(number)));
        SubjectKey::of(
            WorkspaceId::nil(),
            SubjectId::from_bytes(id),
            vec![(1, secret)],
        )
        .unwrap()
    }

    #[test]
    fn a_key_stays_two_turns_at_most_and_hits_do_not_prolong_it() {
        let mut cache = Cache::default();
        cache.tick(Timestamp(0));
        cache.put(&key(1));
        cache.tick(Timestamp(TURN_MICROS - 1));
        assert!(cache.get(key(1).subject()).is_some());
        cache.tick(Timestamp(TURN_MICROS));
        assert!(cache.get(key(1).subject()).is_some());
        cache.tick(Timestamp(2 * TURN_MICROS));
        assert!(cache.get(key(1).subject()).is_none());

        cache.put(&key(2));
        cache.tick(Timestamp(0));
        cache.tick(Timestamp(-TURN_MICROS));
        assert!(cache.get(key(2).subject()).is_none());
    }

    #[test]
    fn a_barred_subject_is_not_held_until_a_whole_turn_has_passed() {
        let mut cache = Cache::default();
        cache.tick(Timestamp(0));
        let one = key(1);
        cache.put(&one);
        cache.bar(one.subject());
        assert!(cache.get(one.subject()).is_none());
        cache.put(&one);
        assert!(cache.get(one.subject()).is_none());
        cache.tick(Timestamp(TURN_MICROS));
        cache.put(&one);
        assert!(cache.get(one.subject()).is_none());
        cache.tick(Timestamp(2 * TURN_MICROS));
        cache.put(&one);
        assert!(cache.get(one.subject()).is_some());
    }

    #[test]
    fn the_cache_never_holds_more_than_its_capacity() {
        let mut cache = Cache::default();
        for n in 0..60_000 {
            cache.put(&key(n));
            assert!(cache.len() <= CAPACITY);
        }
        assert!(cache.get(key(59_999).subject()).is_some());
        assert!(cache.get(key(0).subject()).is_none());
    }

    #[test]
    fn too_many_barred_subjects_close_the_cache_for_two_turns() {
        let mut cache = Cache::default();
        cache.tick(Timestamp(0));
        for n in 0..=u32::try_from(BARRED).unwrap() {
            let mut id = [2; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            cache.bar(SubjectId::from_bytes(id));
        }
        for turn in 1..=2 {
            cache.put(&key(1));
            assert!(cache.get(key(1).subject()).is_none());
            cache.tick(Timestamp(turn * TURN_MICROS));
        }
        cache.put(&key(1));
        assert!(cache.get(key(1).subject()).is_some());
    }
}
