//! Opening acts, and what an act can do.

use std::sync::Arc;

use access::{Access, Action, Context, Decision, KindRules, Policy, PurposeId};
use base::{Clock, Fault, FaultKind, RecordId, RequestId, Rng, SubjectId, Timestamp, Workspace};
use ledger::{Decision as Judged, Entry, LeafDraft, Outcome, RowState, Signer};
use store::{Db, Tx};
use vault::{Grant, SubjectKey, Vault};

use crate::Error;

/// Leaves numbered in one transaction.
const SEQUENCED_AT_ONCE: u32 = 5_000;

/// What an installation is made of: the parts every act needs.
pub struct House {
    /// The rows.
    pub db: Db,
    /// The keys.
    pub vault: Vault,
    /// The policy and the right to grant.
    pub access: Access,
    /// Whose data it is.
    pub ws: Workspace,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
}

/// The way into the house. Cheap to clone.
#[derive(Clone)]
pub struct Acts(Arc<House>);

/// One act in progress.
pub struct Act<'t, 'tx> {
    tx: &'t mut Tx<'tx>,
    house: &'t House,
    context: &'t Context,
    id: RequestId,
    now: Timestamp,
    leaves: Vec<Entry>,
    asked: Option<(ledger::Action, u16)>,
    after: Vec<Box<dyn FnOnce() + Send>>,
    unlinked: u64,
}

/// What a leaf says of one thing done in an act.
#[derive(Debug, Default)]
pub struct Logged {
    /// The kind of record, 0 for none.
    pub table: u16,
    /// The fields opened or changed, one bit a column.
    pub fields: u64,
    /// The subjects concerned; each will find this leaf. Kept once each, in order of id.
    pub subjects: Vec<SubjectId>,
    /// The record changed and its state afterwards (see `ledger::row_state`).
    pub row: Option<(RecordId, RowState)>,
    /// How many records, for a leaf that names no subject; otherwise the number of subjects counts.
    pub count: u32,
}

impl Acts {
    /// Opens the house.
    #[must_use]
    pub fn new(house: House) -> Self {
        Self(Arc::new(house))
    }

    /// Roles and purposes.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.0.access.policy()
    }

    /// The workspace.
    #[must_use]
    pub fn ws(&self) -> Workspace {
        self.0.ws
    }

    /// The clock, for those who begin things.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// Chance, for those who begin things.
    #[must_use]
    pub fn rng(&self) -> Arc<dyn Rng> {
        Arc::clone(&self.0.rng)
    }

    /// The store beneath. For those who keep the store itself (backup, verification, the log's
    /// sequencer); records are reached through acts alone.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The keys beneath.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Name of the workspace's log in its checkpoints.
    #[must_use]
    pub fn log_origin(&self) -> String {
        format!("privet/{}", self.0.ws.id)
    }

    /// What signs the log's checkpoints and certificates.
    pub fn signer(&self) -> Result<Signer, Error> {
        let ed25519 = self.0.vault.service_key(vault::LOG_ED25519)?;
        let ml_dsa = self.0.vault.service_key(vault::LOG_MLDSA44)?;
        Ok(Signer::from_seeds(ed25519.expose(), ml_dsa.expose())?)
    }

    /// Numbers what waits (PostgreSQL) and signs the head of the log where it has grown since the last
    /// checkpoint. Gives the size it signed.
    pub fn checkpoint(&self) -> Result<u64, Error> {
        let (ws, origin, signer) = (self.0.ws, self.log_origin(), self.signer()?);
        let now = self.0.clock.now();
        self.0.db.write(move |tx| {
            while ledger::sequence(tx, ws, SEQUENCED_AT_ONCE)? == u64::from(SEQUENCED_AT_ONCE) {}
            let size = ledger::head(tx, ws)?.size;
            let signed = ledger::latest_checkpoint(tx, ws)?.map_or(0, |(size, _)| size);
            if size > signed {
                ledger::checkpoint(tx, ws, &signer, &origin, now)?;
            }
            Ok(size)
        })
    }

    /// Reads. Answers after the leaves of the read are durable.
    pub fn read<T, E>(
        &self,
        context: &Context,
        f: impl FnOnce(&mut Act<'_, '_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: Fault + From<Error> + From<store::Error> + Send + 'static,
    {
        let mut left = Vec::new();
        let mut refused = None;
        let outcome = self.0.db.read(|tx| {
            let mut act = Act::open(tx, &self.0, context);
            let outcome = f(&mut act);
            refused = act.refusal(&outcome);
            left = std::mem::take(&mut act.leaves);
            outcome
        });
        match outcome {
            Ok(value) => {
                if !left.is_empty() {
                    self.append(left).map_err(E::from)?;
                }
                Ok(value)
            }
            Err(error) => {
                self.log_refusal(refused).map_err(E::from)?;
                Err(error)
            }
        }
    }

    /// Writes. The change, its leaves and its jobs commit together or not at all.
    pub fn write<T, E, F>(&self, context: &Context, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Act<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Fault + From<Error> + From<store::Error> + Send + 'static,
    {
        let house = Arc::clone(&self.0);
        let context = context.clone();
        // A refused act is rolled back, so what it leaves to be said travels in the answer.
        type Answer<T, E> = Result<(T, Vec<Box<dyn FnOnce() + Send>>), (E, Option<Entry>)>;
        struct Carried<E>(Box<(E, Option<Entry>)>);
        impl<E: From<store::Error>> From<store::Error> for Carried<E> {
            fn from(error: store::Error) -> Self {
                Self(Box::new((error.into(), None)))
            }
        }
        let answer: Answer<T, E> = self
            .0
            .db
            .write(move |tx| {
                let mut act = Act::open(tx, &house, &context);
                let outcome = f(&mut act);
                let refused = act.refusal(&outcome);
                let leaves = std::mem::take(&mut act.leaves);
                let after = std::mem::take(&mut act.after);
                match outcome {
                    Ok(value) => {
                        if !leaves.is_empty() {
                            ledger::append(tx, house.ws, &leaves).map_err(|error| {
                                Carried(Box::new((Error::from(error).into(), None)))
                            })?;
                        }
                        Ok((value, after))
                    }
                    Err(error) => Err(Carried(Box::new((error, refused)))),
                }
            })
            .map_err(|carried: Carried<E>| *carried.0);
        match answer {
            Ok((value, after)) => {
                for hook in after {
                    hook();
                }
                Ok(value)
            }
            Err((error, refused)) => {
                self.log_refusal(refused).map_err(E::from)?;
                Err(error)
            }
        }
    }

    fn log_refusal(&self, refused: Option<Entry>) -> Result<(), Error> {
        match refused {
            Some(entry) => self.append(vec![entry]),
            None => Ok(()),
        }
    }

    fn append(&self, leaves: Vec<Entry>) -> Result<(), Error> {
        let ws = self.0.ws;
        self.0.db.write(move |tx| {
            ledger::append(tx, ws, &leaves)?;
            Ok(())
        })
    }
}

impl<'t, 'tx> Act<'t, 'tx> {
    fn open(tx: &'t mut Tx<'tx>, house: &'t House, context: &'t Context) -> Self {
        let now = house.clock.now();
        house.vault.tick(now);
        Self {
            tx,
            house,
            context,
            id: RequestId::at(now, &*house.rng),
            now,
            leaves: Vec::new(),
            asked: None,
            after: Vec::new(),
            unlinked: 0,
        }
    }

    /// The transaction.
    pub fn tx(&mut self) -> &mut Tx<'tx> {
        self.tx
    }

    /// The instant of the act: the same for all it does.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The act's own id, as its leaves carry it.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// Chance.
    #[must_use]
    pub fn rng(&self) -> &'t dyn Rng {
        &*self.house.rng
    }

    /// The workspace.
    #[must_use]
    pub const fn ws(&self) -> Workspace {
        self.house.ws
    }

    /// Who and why.
    #[must_use]
    pub const fn context(&self) -> &'t Context {
        self.context
    }

    /// The keys.
    #[must_use]
    pub const fn vault(&self) -> &'t Vault {
        &self.house.vault
    }

    /// Decides about one kind of record; a refusal becomes a leaf.
    pub fn decide(
        &mut self,
        action: Action,
        logged_as: ledger::Action,
        kind: &KindRules,
    ) -> Result<Decision, Error> {
        self.asked = Some((logged_as, kind.table));
        Ok(self.house.access.decide(self.context, action, kind)?)
    }

    /// Decides about what is not one kind of record; a refusal becomes a leaf.
    pub fn allow(&mut self, action: Action, logged_as: ledger::Action) -> Result<(), Error> {
        self.asked = Some((logged_as, 0));
        Ok(self.house.access.allow(self.context, action)?)
    }

    /// A subject's key; `None` when it was shredded or never made.
    pub fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, Error> {
        Ok(self.house.vault.subject(self.tx, subject)?)
    }

    /// Opens every field of a kind for the program's own upkeep of what is derived from them: search
    /// indexes and the name index. Only the record engine asks; nothing it opens reaches an actor.
    pub fn upkeep_grant(&mut self, kind: &KindRules) -> Result<Grant, Error> {
        let purpose = self
            .house
            .access
            .policy()
            .purpose_named("upkeep")
            .map_or(PurposeId(0), |p| p.number);
        let context = Context::system(purpose);
        Ok(self
            .house
            .access
            .decide(&context, Action::Read, kind)?
            .grant)
    }

    /// Leaves a leaf, which commits with the act.
    pub fn log(&mut self, action: ledger::Action, what: Logged) -> Result<(), Error> {
        self.log_made(action, what, None)
    }

    /// Leaves a leaf about a subject whose key was made in this act and is at hand: no cache holds it
    /// before the act commits, so asking for it would read and unwrap it again.
    pub fn log_made(
        &mut self,
        action: ledger::Action,
        mut what: Logged,
        made: Option<&SubjectKey>,
    ) -> Result<(), Error> {
        what.subjects.sort_unstable();
        what.subjects.dedup();
        let ordinal = u16::try_from(self.leaves.len()).unwrap_or(u16::MAX);
        let salt = commitment_salt(self.id, ordinal);
        let mut commitments = Vec::with_capacity(what.subjects.len());
        for &subject in &what.subjects {
            let key = match made.filter(|key| key.subject() == subject) {
                Some(key) => key.clone(),
                None => self.subject_key(subject)?.ok_or(vault::Error::Shredded)?,
            };
            commitments.push(key.audit_commitment(&salt, b's', subject.as_bytes()));
        }
        let subject = commitment_of(&commitments);
        let counted = u32::try_from(what.subjects.len()).unwrap_or(u32::MAX);
        let mut leaf = self.draft(action, ordinal);
        leaf.table = what.table;
        leaf.fields = what.fields;
        leaf.subject = subject;
        leaf.state = what.row.map(|(_, state)| state);
        leaf.count = if counted == 0 { what.count } else { counted };
        self.leaves.push(Entry {
            leaf,
            row: what.row.map(|(row, _)| row),
            detail: None,
            subjects: what.subjects,
        });
        Ok(())
    }

    /// Notes that leaves of changes were unlinked from erased records; the tombstone says how many.
    pub const fn count_unlinked(&mut self, leaves: u64) {
        self.unlinked += leaves;
    }

    /// How many leaves were unlinked in this act.
    #[must_use]
    pub const fn unlinked(&self) -> u64 {
        self.unlinked
    }

    /// Runs after the commit, and only then: for caches and indexes in memory.
    pub fn after_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.after.push(Box::new(hook));
    }

    fn draft(&self, action: ledger::Action, ordinal: u16) -> LeafDraft {
        LeafDraft {
            time: self.now,
            actor: self.context.actor,
            session: self.context.session,
            action,
            decision: Judged::Allowed,
            purpose: self.context.purpose.0,
            policy: self.house.access.policy().hash(),
            table: 0,
            fields: 0,
            outcome: Outcome::Done,
            subject: ledger::NONE,
            state: None,
            detail: ledger::NONE,
            request: self.id,
            ordinal,
            count: 0,
        }
    }

    fn refusal<T, E: Fault>(&self, outcome: &Result<T, E>) -> Option<Entry> {
        let Err(error) = outcome else { return None };
        let (action, table) = self.asked?;
        if error.kind() != FaultKind::Refused {
            return None;
        }
        let mut leaf = self.draft(action, 0);
        leaf.table = table;
        leaf.decision = Judged::Refused;
        leaf.outcome = Outcome::Refused;
        Some(Entry {
            leaf,
            row: None,
            detail: None,
            subjects: Vec::new(),
        })
    }
}

/// What the commitments of one leaf are salted with: request id | ordinal (see the leaf's layout).
#[must_use]
pub fn commitment_salt(request: RequestId, ordinal: u16) -> [u8; 18] {
    let mut salt = [0; 18];
    salt[..16].copy_from_slice(request.as_bytes());
    salt[16..].copy_from_slice(&ordinal.to_be_bytes());
    salt
}

/// What a leaf carries for its subjects' commitments, in order of their ids.
#[must_use]
pub fn commitment_of(commitments: &[ledger::Hash]) -> ledger::Hash {
    match commitments {
        [] => ledger::NONE,
        [one] => *one,
        many => ledger::commitment_root(many),
    }
}
