//! [`Erasure`]: one person forgotten, step by step, each of which can be the last before a crash.
//!
//! 1. [`Erasure::begin`] writes a line into the journal. It is durable before a row is touched.
//! 2. [`Erasure::carry_out`] is one act: fingerprints are kept, every holder forgets, the log's links go,
//!    the key is destroyed, the tombstone is logged, the journal says so. Journal, fingerprints and key
//!    are in the key store, which commits first: when the data does not follow, step 3 finds its rows
//!    and repeats the act without the key.
//! 3. [`Erasure::complete`] takes the key out of memory, empties the write-ahead logs, asks every
//!    holder again, clears key files of backups, and signs the certificate.
//!
//! [`Erasure::erase`] is all three; [`Erasure::resume`] goes on where a crash ended them.

use std::sync::Arc;

use access::{Action, Context};
use act::{Act, Holder, LeafAction, Logged};
use backup::Backups;
use base::{RecordId, SubjectId};
use records::Records;
use serde_json::{Value, json};
use store::Engine;

use crate::certificate::{self, Bundle, Certificate};
use crate::journal::{self, Entry, ErasureId, State};
use crate::plan::{Goes, Stays};
use crate::{Error, Result, find_leaf, ground_holders, note, suppression};

/// How often the write-ahead logs are tried: each try waits for readers as long as the engine does.
const CHECKPOINTS: usize = 2;
/// How often the log is asked to number the tombstone, where another process does so.
const NUMBERINGS: usize = 200;

/// Erases people. Cheap to clone.
#[derive(Clone)]
pub struct Erasure(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    records: Records,
    holders: Vec<Arc<dyn Holder>>,
    backups: Option<Backups>,
}

/// An erasure that is in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub id: ErasureId,
    /// Whom it is about.
    pub subject: SubjectId,
}

impl Erasure {
    /// Over the record engine and everyone else who holds data about people. The record engine and the
    /// holders of the ground need not be among them, and are taken once when they are.
    #[must_use]
    pub fn new(records: Records, holders: Vec<Arc<dyn Holder>>) -> Self {
        let mut last: Vec<Arc<dyn Holder>> = vec![Arc::new(records.clone())];
        last.extend(ground_holders());
        // Capabilities first, while the records they belong to are there; the key goes last.
        let mut all: Vec<Arc<dyn Holder>> = holders
            .into_iter()
            .filter(|holder| last.iter().all(|own| own.name() != holder.name()))
            .collect();
        all.extend(last);
        Self(Arc::new(Inner {
            records,
            holders: all,
            backups: None,
        }))
    }

    /// Clears the key files of these backups too.
    #[must_use]
    pub fn with_backups(self, backups: Backups) -> Self {
        let mut inner = (*self.0).clone();
        inner.backups = Some(backups);
        Self(Arc::new(inner))
    }

    pub(crate) fn records(&self) -> &Records {
        &self.0.records
    }

    pub(crate) fn holders(&self) -> &[Arc<dyn Holder>] {
        &self.0.holders
    }

    /// Forgets a person for good.
    pub fn erase(&self, context: &Context, person: RecordId) -> Result<Certificate> {
        let begun = self.begin(context, person)?;
        self.carry_out(context, begun)?;
        self.complete(context, begun)
    }

    /// Completes every erasure that was begun. Call it before serving, and now and then.
    pub fn resume(&self, context: &Context) -> Result<Vec<Certificate>> {
        let open = self.0.records.acts().read(context, journal::open)?;
        let mut certificates = Vec::with_capacity(open.len());
        for entry in open {
            let subject = entry.subject.ok_or(Error::Damaged)?;
            let begun = Begun {
                id: entry.id,
                subject,
            };
            if entry.state == State::Begun {
                self.carry_out(context, begun)?;
            }
            certificates.push(self.complete(context, begun)?);
        }
        Ok(certificates)
    }

    /// The newest lines of the journal, at most `limit`.
    pub fn journal(&self, act: &mut Act<'_, '_>, limit: u32) -> Result<Vec<Entry>> {
        act.allow(Action::Erase, LeafAction::ReadLog)?;
        let lines = journal::newest(act, limit)?;
        act.log(LeafAction::ReadLog, Logged::default())?;
        Ok(lines)
    }

    /// One line of the journal, with its certificate.
    pub fn line(&self, act: &mut Act<'_, '_>, id: ErasureId) -> Result<Option<Entry>> {
        act.allow(Action::Erase, LeafAction::ReadLog)?;
        let line = journal::load(act, id)?;
        act.log(LeafAction::ReadLog, Logged::default())?;
        Ok(line)
    }

    /// Writes the erasure down. One that was begun before and is not done is taken up.
    pub fn begin(&self, context: &Context, person: RecordId) -> Result<Begun> {
        let this = self.clone();
        self.0.records.acts().write(context, move |act| {
            act.allow(Action::Erase, LeafAction::Erase)?;
            let subject: SubjectId = person.cast();
            if let Some(open) = journal::open_for(act, person)? {
                return Ok(Begun {
                    id: open.id,
                    subject,
                });
            }
            let kind = this.records().kind_of_subject(act, subject)?;
            let table = kind.ok_or(Error::Absent)?.id.0;
            let id = ErasureId::at(act.now(), act.rng());
            journal::begin(act, id, subject)?;
            act.log(
                LeafAction::ErasePlan,
                Logged {
                    table,
                    count: 1,
                    ..Logged::default()
                },
            )?;
            Ok(Begun { id, subject })
        })
    }

    /// The act that erases.
    pub fn carry_out(&self, context: &Context, begun: Begun) -> Result<()> {
        let this = self.clone();
        self.0.records.acts().write(context, move |act| {
            act.allow(Action::Erase, LeafAction::Erase)?;
            let subject = begun.subject;
            let planned = this.goes(act, subject)?;
            let stays = this.stays(act, subject)?;
            let marks = this.records().fingerprints_of(act, subject)?;
            let generation = act.subject_key(subject)?.map(|key| key.generation());
            suppression::keep(act, &marks)?;
            let log_size = log_size(act)?;
            let done = this.forget(act, subject)?;
            if !same(&planned, &done) {
                return Err(Error::PlanDiffers);
            }
            let receipt = receipt(&done, &stays, marks.len(), generation);
            journal::erased(act, begun.id, log_size, &receipt.to_string())
        })
    }

    /// Every holder forgets, and the tombstone says so.
    pub(crate) fn forget(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<Vec<Goes>> {
        let mut done = Vec::new();
        for holder in self.holders() {
            let own = holder.erase(act, subject)?;
            done.extend(
                own.into_iter()
                    .map(|erased| Goes::of(holder.name(), erased)),
            );
        }
        let count = u32::try_from(act.unlinked()).map_err(|_| Error::Damaged)?;
        // The verifier counts both: leaves without their record, and without their person.
        let links = done.iter().filter(|goes| goes.is_moving());
        let fields = links.map(|goes| goes.count).sum();
        act.log(
            LeafAction::Erase,
            Logged {
                count,
                fields,
                ..Logged::default()
            },
        )?;
        Ok(done)
    }

    /// Looks whether it is true, and certifies it.
    pub fn complete(&self, context: &Context, begun: Begun) -> Result<Certificate> {
        let acts = self.0.records.acts();
        let entry = acts.read(context, |act| journal::load(act, begun.id))?;
        let entry = entry.ok_or(Error::Damaged)?;
        if let (State::Done, Some(text)) = (entry.state, entry.certificate) {
            return Ok(Certificate { id: entry.id, text });
        }
        acts.vault().forget(begun.subject);
        if self.remaining(context, begun.subject)? > 0 {
            // The data did not follow the key store, or something came in while it was erased.
            self.carry_out(context, begun)?;
            match self.remaining(context, begun.subject)? {
                0 => {}
                found => return Err(Error::Remains(found)),
            }
        }
        self.empty_logs()?;
        let backups = match &self.0.backups {
            Some(backups) => Some(backups.forget_erased(&self.itself())?),
            None => None,
        };
        let backups = certificate::backups(backups.as_deref());
        for _ in 1..NUMBERINGS {
            match self.certify(context, begun, &backups) {
                Err(Error::NotNumbered) => {}
                other => return other,
            }
        }
        self.certify(context, begun, &backups)
    }

    /// Asks every holder how much is left.
    fn remaining(&self, context: &Context, subject: SubjectId) -> Result<u64> {
        self.0.records.acts().read(context, |act| {
            let mut found = 0;
            for holder in self.holders() {
                found += holder.remains(act, subject)?;
            }
            act.log(LeafAction::Verify, Logged::default())?;
            Ok(found)
        })
    }

    fn empty_logs(&self) -> Result<()> {
        let db = self.0.records.acts().db();
        for _ in 0..CHECKPOINTS {
            if db.checkpoint()? {
                return Ok(());
            }
        }
        Err(Error::ReaderInTheWay)
    }

    /// The program acting by itself: whoever may erase need not be allowed to make backups.
    fn itself(&self) -> Context {
        let policy = self.0.records.acts().policy();
        let purpose = policy.purpose_named("privacy_requests");
        Context::system(purpose.map_or(access::PurposeId(0), |purpose| purpose.number))
    }

    fn certify(&self, context: &Context, begun: Begun, backups: &Value) -> Result<Certificate> {
        let (this, backups) = (self.clone(), backups.clone());
        self.0.records.acts().write(context, move |act| {
            let entry = journal::load(act, begun.id)?.ok_or(Error::Damaged)?;
            let statement = this.statement(act, &entry, &backups)?;
            let origin = this.records().acts().log_origin();
            let signer = note::Signer::of(act.vault(), &origin)?;
            let text = signer.sign(&certificate::text(&statement))?;
            journal::done(act, begun.id, &text)?;
            act.log(LeafAction::Verify, Logged::default())?;
            Ok(Certificate { id: begun.id, text })
        })
    }

    /// What the certificate says: what was done, what was found afterwards, and where the log proves it.
    fn statement(&self, act: &mut Act<'_, '_>, entry: &Entry, backups: &Value) -> Result<Value> {
        let (ws, now) = (act.ws(), act.now());
        ledger::sequence(act.tx(), ws, u32::MAX)?;
        let request = entry.request.ok_or(Error::Damaged)?;
        let leaf = find_leaf::tombstone(act.tx(), ws, request, entry.log_size)?;
        let leaf = leaf.ok_or(Error::NotNumbered)?;
        let acts = self.0.records.acts();
        ledger::checkpoint(act.tx(), ws, &acts.signer()?, &acts.log_origin(), now)?;
        let proof = ledger::proof_bundle(act.tx(), ws, leaf)?;
        let bundle = Bundle::read(&proof).ok_or(Error::Signing)?;
        let (size, root) = bundle.head().ok_or(Error::Signing)?;
        let receipt: Value = entry
            .receipt
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .ok_or(Error::Damaged)?;
        let overwritten = match acts.db().engine() {
            Engine::Sqlite => "write-ahead logs emptied, deleted bytes overwritten",
            Engine::Postgres => "left to the database server",
        };
        Ok(json!({
            "erasure": entry.id.to_string(),
            "workspace": ws.id.to_string(),
            "actor": entry.actor.to_string(),
            "begun": entry.begun_at.rfc3339(),
            "erased": entry.erased_at.map(base::Timestamp::rfc3339),
            "issued": now.rfc3339(),
            "places": receipt["places"],
            "stays": receipt["stays"],
            "key": receipt["key"],
            "fingerprints_kept": receipt["fingerprints"],
            "rescan": { "holders": self.holders().len(), "found": 0 },
            "overwritten": overwritten,
            "backups": backups,
            "tombstone": { "leaf": leaf, "hash": base::hex(&ledger::leaf_hash(&bundle.body)) },
            "tree": { "size": size, "root": base::hex(&root) },
            "proof": proof,
        }))
    }
}

fn log_size(act: &mut Act<'_, '_>) -> Result<u64> {
    let ws = act.ws();
    Ok(ledger::head(act.tx(), ws)?.size)
}

/// Whether what was done is what was planned. The log's links may have grown by other people's reads.
fn same(planned: &[Goes], done: &[Goes]) -> bool {
    let still = |goes: &&Goes| !goes.is_moving();
    planned.iter().filter(still).eq(done.iter().filter(still))
}

fn receipt(done: &[Goes], stays: &[Stays], fingerprints: usize, generation: Option<u32>) -> Value {
    let places: Vec<Value> = done.iter().map(Goes::to_json).collect();
    let stays: Vec<Value> = stays.iter().map(Stays::to_json).collect();
    json!({
        "places": places,
        "stays": stays,
        "fingerprints": fingerprints,
        "key": { "destroyed": true, "generation": generation },
    })
}
