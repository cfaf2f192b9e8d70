//! Names in memory: sorts and completes what the disk holds only as ciphertext.
//!
//! Filled at start by opening every name once (one leaf says so), kept up by commits, gone with the
//! process. Never written anywhere. Words are found by their beginning through one sorted array; what
//! came in since the array was sorted waits in a small `fresh` set and is merged when that grows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base::RecordId;

use crate::normalise;
use crate::schema::{Kind, KindId};
use crate::value::Value;

/// The name of one record at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As people read it.
    pub shown: String,
    /// Folded, in the order names are sorted by.
    pub sort: String,
    /// The revision it is of: an older one never replaces a newer one.
    pub rev: u64,
}

/// The name a record's values give it.
#[must_use]
pub fn name_of(kind: &Kind, values: &BTreeMap<u16, Value>, rev: u64) -> Named {
    let join = |columns: &[u16]| {
        let parts: Vec<String> = columns
            .iter()
            .filter_map(|c| values.get(c))
            .map(Value::line)
            .collect();
        parts.join(" ")
    };
    let mut shown = join(&kind.shown_as);
    if shown.is_empty() {
        // Nameless: the first mail or phone stands in.
        shown = values
            .values()
            .find_map(|value| matches!(value, Value::Several(_)).then(|| value.line()))
            .unwrap_or_default();
    }
    let by_name = join(&kind.sorted_by);
    let sort = normalise::whole(if by_name.is_empty() { &shown } else { &by_name });
    Named { shown, sort, rev }
}

/// All names, kind by kind.
#[derive(Default)]
pub struct Names {
    kinds: RwLock<HashMap<KindId, Sorted>>,
    ready: AtomicBool,
}

#[derive(Default)]
struct Sorted {
    entries: Vec<Option<Entry>>,
    by_id: HashMap<RecordId, u32>,
    /// Entries in order of (sort, id).
    order: Vec<u32>,
    /// (entry, offset of a word in its sort text), in order of the text from there on.
    words: Vec<(u32, u16)>,
    /// Entries not in `order` and `words` yet.
    fresh: BTreeSet<(Box<str>, RecordId, u32)>,
}

struct Entry {
    id: RecordId,
    rev: u64,
    /// `sort` followed by `shown`.
    text: Box<str>,
    split: u32,
}

impl Entry {
    fn sort(&self) -> &str {
        &self.text[..self.split as usize]
    }
    fn shown(&self) -> &str {
        &self.text[self.split as usize..]
    }
}

/// One name found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose.
    pub id: RecordId,
    /// As people read it.
    pub shown: String,
    /// Where it stands in the order.
    pub sort: String,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Whether every name is in: before that, searches go through the blind indexes.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// The name of one record.
    #[must_use]
    pub fn get(&self, kind: KindId, id: RecordId) -> Option<String> {
        let kinds = self.reading();
        let sorted = kinds.get(&kind)?;
        let entry = sorted.entries[*sorted.by_id.get(&id)? as usize].as_ref()?;
        Some(entry.shown().to_owned())
    }

    /// How many names there are.
    #[must_use]
    pub fn count(&self, kind: KindId) -> usize {
        self.reading()
            .get(&kind)
            .map_or(0, |sorted| sorted.by_id.len())
    }

    /// Names of which every word of `folded_query` begins a word, alphabetically, at most `limit`.
    #[must_use]
    pub fn search(&self, kind: KindId, folded_query: &str, limit: usize) -> Vec<Found> {
        let query: Vec<&str> = normalise::words(folded_query).collect();
        let Some(longest) = query.iter().max_by_key(|word| word.len()) else {
            return Vec::new();
        };
        let kinds = self.reading();
        let Some(sorted) = kinds.get(&kind) else {
            return Vec::new();
        };
        let matches = |entry: &Entry| {
            query
                .iter()
                .all(|want| normalise::words(entry.sort()).any(|word| word.starts_with(want)))
        };
        let mut out: Vec<Found> = Vec::new();
        let fresh = sorted
            .fresh
            .iter()
            .filter_map(|(_, _, at)| sorted.entries[*at as usize].as_ref());
        out.extend(fresh.filter(|entry| matches(entry)).take(limit).map(found));
        let begin = sorted
            .words
            .partition_point(|word| sorted.word(*word) < *longest);
        for &(at, offset) in &sorted.words[begin..] {
            if !sorted.word((at, offset)).starts_with(longest) || out.len() >= limit * 2 {
                break;
            }
            let Some(entry) = sorted.entries[at as usize].as_ref() else {
                continue;
            };
            if matches(entry) && !out.iter().any(|known| known.id == entry.id) {
                out.push(found(entry));
            }
        }
        // Whole words before beginnings, then by name.
        out.sort_by_cached_key(|found| {
            let whole = query
                .iter()
                .filter(|want| normalise::words(&found.sort).any(|w| w == **want))
                .count();
            (usize::MAX - whole, found.sort.clone(), found.id)
        });
        out.truncate(limit);
        out
    }

    /// Names in order, after (or, going down, before) a position; at most `limit`.
    #[must_use]
    pub fn page(
        &self,
        kind: KindId,
        after: Option<(&str, RecordId)>,
        down: bool,
        limit: usize,
    ) -> Vec<Found> {
        let kinds = self.reading();
        let Some(sorted) = kinds.get(&kind) else {
            return Vec::new();
        };
        let beyond = |position: (&str, RecordId)| {
            after.is_none_or(|after| {
                if down {
                    position < after
                } else {
                    position > after
                }
            })
        };
        let split = after.map_or(if down { sorted.order.len() } else { 0 }, |after| {
            sorted
                .order
                .partition_point(|&at| sorted.key(at).is_some_and(|k| k < after))
        });
        let mut out: Vec<Found> = Vec::with_capacity(limit * 2);
        let in_order = |at: &u32| {
            sorted
                .key(*at)
                .filter(|k| beyond(*k))
                .and_then(|_| sorted.entries[*at as usize].as_ref())
        };
        if down {
            out.extend(
                sorted.order[..split]
                    .iter()
                    .rev()
                    .filter_map(in_order)
                    .take(limit)
                    .map(found),
            );
        } else {
            out.extend(
                sorted.order[split..]
                    .iter()
                    .filter_map(in_order)
                    .take(limit)
                    .map(found),
            );
        }
        let fresh = sorted
            .fresh
            .iter()
            .map(|(_, _, at)| at)
            .filter_map(in_order);
        out.extend(fresh.map(found));
        out.sort_by(|a, b| (&a.sort, a.id).cmp(&(&b.sort, b.id)));
        if down {
            out.reverse();
        }
        out.truncate(limit);
        out
    }

    /// Where a record stands in the order.
    #[must_use]
    pub fn position(&self, kind: KindId, id: RecordId) -> Option<String> {
        let kinds = self.reading();
        let sorted = kinds.get(&kind)?;
        let entry = sorted.entries[*sorted.by_id.get(&id)? as usize].as_ref()?;
        Some(entry.sort().to_owned())
    }

    /// Puts names in, or replaces older ones.
    pub(crate) fn put_all(&self, kind: KindId, named: Vec<(RecordId, Named)>) {
        let mut kinds = self.writing();
        let sorted = kinds.entry(kind).or_default();
        let bulk = named.len() > 1024.max(sorted.by_id.len() / 4);
        for (id, name) in named {
            sorted.put(id, name);
        }
        if bulk || sorted.fresh.len() > 1024 + sorted.by_id.len() / 64 {
            sorted.merge();
        }
    }

    /// Takes a name out.
    pub(crate) fn remove(&self, kind: KindId, id: RecordId) {
        if let Some(sorted) = self.writing().get_mut(&kind) {
            sorted.remove(id);
        }
    }

    fn reading(&self) -> RwLockReadGuard<'_, HashMap<KindId, Sorted>> {
        self.kinds.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, HashMap<KindId, Sorted>> {
        self.kinds.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn found(entry: &Entry) -> Found {
    Found {
        id: entry.id,
        shown: entry.shown().to_owned(),
        sort: entry.sort().to_owned(),
    }
}

impl Sorted {
    fn word(&self, (at, offset): (u32, u16)) -> &str {
        self.entries[at as usize]
            .as_ref()
            .map_or("", |entry| &entry.sort()[usize::from(offset)..])
    }

    fn put(&mut self, id: RecordId, name: Named) {
        if let Some(&known) = self.by_id.get(&id) {
            if self.entries[known as usize]
                .as_ref()
                .is_some_and(|entry| entry.rev > name.rev)
            {
                return;
            }
            self.remove(id);
        }
        let Ok(at) = u32::try_from(self.entries.len()) else {
            return;
        };
        let split = u32::try_from(name.sort.len()).unwrap_or(0);
        let text = format!("{}{}", name.sort, name.shown).into_boxed_str();
        self.fresh.insert((name.sort.into_boxed_str(), id, at));
        self.entries.push(Some(Entry {
            id,
            rev: name.rev,
            text,
            split,
        }));
        self.by_id.insert(id, at);
    }

    fn remove(&mut self, id: RecordId) {
        let Some(at) = self.by_id.remove(&id) else {
            return;
        };
        let Some(entry) = self.entries[at as usize].as_ref() else {
            return;
        };
        if !self.fresh.remove(&(entry.sort().into(), id, at)) {
            // The arrays are searched by text, so an entry leaves them before its text goes.
            let place = self
                .order
                .partition_point(|&other| self.key(other) < Some((entry.sort(), id)));
            let words: Vec<usize> = word_offsets(entry.sort())
                .filter_map(|offset| self.place_of_word((at, offset)))
                .collect();
            self.order.remove(place);
            for place in descending(words) {
                self.words.remove(place);
            }
        }
        self.entries[at as usize] = None;
    }

    fn place_of_word(&self, word: (u32, u16)) -> Option<usize> {
        let text = self.word(word);
        let begin = self.words.partition_point(|&other| self.word(other) < text);
        self.words[begin..]
            .iter()
            .position(|&other| other == word)
            .map(|step| begin + step)
    }

    fn key(&self, at: u32) -> Option<(&str, RecordId)> {
        self.entries[at as usize]
            .as_ref()
            .map(|entry| (entry.sort(), entry.id))
    }

    /// Brings what is fresh into the sorted arrays.
    fn merge(&mut self) {
        let fresh: Vec<u32> = std::mem::take(&mut self.fresh)
            .into_iter()
            .map(|(_, _, at)| at)
            .collect();
        let mut words: Vec<(u32, u16)> = Vec::new();
        for &at in &fresh {
            if let Some(entry) = &self.entries[at as usize] {
                words.extend(word_offsets(entry.sort()).map(|offset| (at, offset)));
            }
        }
        words.sort_unstable_by(|a, b| self.word(*a).cmp(self.word(*b)));
        let (order, sorted_words) = (
            std::mem::take(&mut self.order),
            std::mem::take(&mut self.words),
        );
        self.order = merged(order, fresh, |a, b| self.key(*a) <= self.key(*b));
        self.words = merged(sorted_words, words, |a, b| self.word(*a) <= self.word(*b));
    }
}

fn descending(mut places: Vec<usize>) -> Vec<usize> {
    places.sort_unstable_by(|a, b| b.cmp(a));
    places
}

fn word_offsets(sort: &str) -> impl Iterator<Item = u16> {
    std::iter::once(0)
        .chain(sort.match_indices(' ').map(|(at, _)| at + 1))
        .filter_map(|at| u16::try_from(at).ok())
        .filter(|_| !sort.is_empty())
}

/// Two sorted runs as one.
fn merged<T: Copy>(left: Vec<T>, right: Vec<T>, in_order: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        out.extend(if in_order(a, b) {
            left.next()
        } else {
            right.next()
        });
    }
    out.extend(left);
    out.extend(right);
    out
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
