//! What makes a restored store fit to be served: whoever was erased is erased again, the indexes are
//! made anew, everything is held against the log.

use access::{Action, Context};
use act::{Act, LeafAction, Logged};
use base::SubjectId;

use crate::{Erasure, Error, Result};

/// Records whose indexes are rebuilt in one act.
const PAGE: usize = 1_000;

/// What was erased again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reapplied {
    /// People and other subjects.
    pub subjects: u64,
    /// Rows and entries.
    pub entries: u64,
}

/// A restored store that was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// What was erased again.
    pub reapplied: Reapplied,
    /// Records that live.
    pub records: u64,
    /// Leaves of the log.
    pub log_size: u64,
}

impl Erasure {
    /// Erases everybody with a tombstone of whom something is stored: after a restore, whose data is
    /// older than the tombstones. The journal and the fingerprints need nothing: they lie in the key
    /// store beside the tombstones, and a restore unites them.
    pub fn reapply(&self, context: &Context) -> Result<Reapplied> {
        let acts = self.records().acts();
        let back = acts.read(context, |act| -> Result<Vec<SubjectId>> {
            act.allow(Action::Erase, LeafAction::Erase)?;
            let vault = act.vault();
            let mut back = Vec::new();
            for (subject, _) in vault.tombstones(act.tx())? {
                if self.is_back(act, subject)? {
                    back.push(subject);
                }
            }
            act.log(LeafAction::Verify, Logged::default())?;
            Ok(back)
        })?;
        let mut reapplied = Reapplied::default();
        for subject in back {
            let this = self.clone();
            let done = acts.write(context, move |act| {
                act.allow(Action::Erase, LeafAction::Erase)?;
                this.forget(act, subject)
            })?;
            reapplied.subjects += 1;
            reapplied.entries += done.iter().map(|goes| goes.count).sum::<u64>();
        }
        Ok(reapplied)
    }

    /// Reapplies erasures, rebuilds the indexes, logs the restore and verifies log, rows, values and
    /// index rows. Call it on a restored store before it is put in place.
    pub fn after_restore(&self, context: &Context) -> Result<Ready> {
        let reapplied = self.reapply(context)?;
        let acts = self.records().acts();
        let mut after = None;
        loop {
            let records = self.records().clone();
            after = acts.write(context, move |act| {
                records::rebuild(&records, act, after, PAGE)
            })?;
            if after.is_none() {
                break;
            }
        }
        acts.write(context, |act| -> Result<()> {
            act.allow(Action::Backup, LeafAction::RestoreBackup)?;
            Ok(act.log(LeafAction::RestoreBackup, Logged::default())?)
        })?;
        let ws = acts.ws();
        while acts
            .db()
            .write(move |tx| ledger::sequence(tx, ws, 10_000))?
            > 0
        {}
        self.verify(context, reapplied)
    }

    fn verify(&self, context: &Context, reapplied: Reapplied) -> Result<Ready> {
        self.records().acts().read(context, |act| {
            act.allow(Action::Verify, LeafAction::Verify)?;
            let ws = act.ws();
            let acts = self.records().acts();
            let keys = acts.signer()?.verifier_keys(&acts.log_origin())?;
            let tree = ledger::verify_tree(act.tx(), ws, &keys, &mut |_| {})?
                .map_err(|finding| Error::Unverified(finding.to_string()))?;
            let unverified = |finding: records::Finding| Error::Unverified(finding.0);
            let rows = self
                .records()
                .verify_rows(act, &tree)?
                .map_err(unverified)?;
            self.records().verify_links(act)?.map_err(unverified)?;
            self.records().verify_values(act)?.map_err(unverified)?;
            act.log(LeafAction::Verify, Logged::default())?;
            Ok(Ready {
                reapplied,
                records: rows,
                log_size: tree.size,
            })
        })
    }

    /// Whether anything is stored of somebody with a tombstone.
    fn is_back(&self, act: &mut Act<'_, '_>, subject: SubjectId) -> Result<bool> {
        if self.records().is_stored(act, subject)? {
            return Ok(true);
        }
        for holder in self.holders().iter().filter(|own| own.name() != "records") {
            if holder.remains(act, subject)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
