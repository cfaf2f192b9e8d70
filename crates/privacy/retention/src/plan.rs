//! What an erasure would do: shown before, carried out by the same code, compared while it is done.

use act::{Act, Erased, LeafAction, Logged};
use aws_lc_rs::digest::{SHA256, digest};
use base::{RecordId, SubjectId};
use serde_json::{Value, json};
use store::params;

use crate::{Erasure, Error, Result};

/// What stays, and why that is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stays {
    /// The table.
    pub place: &'static str,
    /// What stays, in words.
    pub what: &'static str,
    /// Why.
    pub why: &'static str,
    /// How many.
    pub count: u64,
}

/// What goes from one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goes {
    /// The crate that holds it.
    pub holder: &'static str,
    /// The table, index or cache.
    pub place: &'static str,
    /// What goes, in words.
    pub what: String,
    /// How many rows or entries.
    pub count: u64,
}

/// An erasure before it is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whom it is about.
    pub person: RecordId,
    /// What kind of record that is, as people read it.
    pub kind: String,
    /// What goes, place by place.
    pub goes: Vec<Goes>,
    /// What stays.
    pub stays: Vec<Stays>,
    /// How many keyed fingerprints will be kept, so that the person does not come back unnoticed.
    pub fingerprints: u64,
}

impl Plan {
    /// Names what would go: two plans with the same digest do the same. A form carries it, so that what
    /// is carried out is what was shown.
    #[must_use]
    pub fn digest(&self) -> String {
        let goes: Vec<Value> = self
            .goes
            .iter()
            .filter(|goes| !goes.is_moving())
            .map(Goes::to_json)
            .collect();
        let text = json!([self.person.to_string(), goes, self.fingerprints]).to_string();
        base::hex(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
    }

    /// As JSON, for the command line and the API.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let goes: Vec<Value> = self.goes.iter().map(Goes::to_json).collect();
        let stays: Vec<Value> = self.stays.iter().map(Stays::to_json).collect();
        json!({
            "person": self.person.to_string(),
            "kind": self.kind,
            "goes": goes,
            "stays": stays,
            "fingerprints": self.fingerprints,
        })
    }
}

impl Stays {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "place": self.place, "what": self.what, "why": self.why, "count": self.count })
    }
}

impl Goes {
    pub(crate) fn of(holder: &'static str, erased: Erased) -> Self {
        Self {
            holder,
            place: erased.place,
            what: erased.what,
            count: erased.count,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "holder": self.holder, "place": self.place, "what": self.what, "count": self.count })
    }

    /// Looking at a plan is logged, so that these links grow by being counted.
    pub(crate) fn is_moving(&self) -> bool {
        self.place == "leaf_subject"
    }
}

impl Erasure {
    /// What erasing a person would do. Changes nothing; leaves a leaf.
    pub fn plan(&self, act: &mut Act<'_, '_>, person: RecordId) -> Result<Plan> {
        act.allow(access::Action::Erase, LeafAction::ErasePlan)?;
        let subject: SubjectId = person.cast();
        let kind = self.records().kind_of_subject(act, subject)?;
        let kind = kind.ok_or(Error::Absent)?.clone();
        let goes = self.goes(act, subject)?;
        let stays = self.stays(act, subject)?;
        let marks = self.records().fingerprints_of(act, subject)?;
        // Somebody whose key is gone already has no commitment to be found by.
        let known = act.subject_key(subject)?.map(|_| subject);
        act.log(
            LeafAction::ErasePlan,
            Logged {
                table: kind.id.0,
                subjects: known.into_iter().collect(),
                count: 1,
                ..Logged::default()
            },
        )?;
        Ok(Plan {
            person,
            kind: kind.label,
            goes,
            stays,
            fingerprints: u64::try_from(marks.len()).unwrap_or(u64::MAX),
        })
    }

    /// What every holder says that it would erase.
    pub(crate) fn goes(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Goes>> {
        let mut goes = Vec::new();
        for holder in self.holders() {
            let own = holder.plan_erasure(act, subject)?;
            goes.extend(
                own.into_iter()
                    .map(|erased| Goes::of(holder.name(), erased)),
            );
        }
        Ok(goes)
    }

    /// What will still be there, counted.
    pub(crate) fn stays(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Stays>> {
        let ws = act.ws().number;
        let leaves = act.tx().number(
            "SELECT COUNT(*) FROM leaf_subject WHERE ws = $1 AND subject = $2",
            params![ws, &subject],
        )?;
        let shared = self.records().count_shared(act, subject)?;
        Ok(vec![
            Stays {
                place: "leaf",
                what: "entries of the log",
                why: "proof for everybody else; without the key nobody can tell whom they were about",
                count: leaves.unsigned_abs(),
            },
            Stays {
                place: "record",
                what: "records about others too",
                why: "they are the others' data; the person's key and link to them go",
                count: shared,
            },
            Stays {
                place: "key_tombstone",
                what: "the random id of the record and the day",
                why: "so that a backup that is brought back is erased again",
                count: 1,
            },
        ])
    }
}
