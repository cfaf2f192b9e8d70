//! An installation to erase people in.

use std::sync::Arc;

use access::Context;
use backup::testing::{found, migrations, operator, root_key, wired};
use backup::{Backups, Contents};
use base::{Clock, RecordId, SystemClock};
use ledger::VerifierKey;
use records::Records;
use retention::{Erasure, backup_contents};
use store::{Db, Location, Migration};
use vault::KeyProvider;

pub struct House {
    pub records: Records,
    pub erasure: Erasure,
    pub provider: Arc<dyn KeyProvider>,
    pub who: Context,
    pub dir: tempfile::TempDir,
}

pub fn all_migrations() -> Vec<Migration> {
    migrations(&[retention::MIGRATIONS])
}

pub fn contents(records: &Records) -> Contents {
    let holder: Arc<dyn act::Holder> = Arc::new(records.clone());
    backup_contents(&[holder], &["idempotency"])
}

impl House {
    /// A new installation in a store.
    pub fn new(db: &Db) -> Self {
        Self::with_clock(db, Arc::new(SystemClock))
    }

    pub fn with_clock(db: &Db, clock: Arc<dyn Clock>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let provider = root_key(dir.path());
        let records = found(db, &provider, clock);
        Self::over(records, provider, dir)
    }

    pub fn at(location: &Location) -> Self {
        Self::new(&Db::create(location, &all_migrations()).unwrap())
    }

    pub fn over(records: Records, provider: Arc<dyn KeyProvider>, dir: tempfile::TempDir) -> Self {
        let mut house = Self {
            erasure: Erasure::new(records.clone(), Vec::new()),
            who: operator(&records),
            records,
            provider,
            dir,
        };
        house.erasure = house.erasure.clone().with_backups(house.backups());
        house
    }

    pub fn backups(&self) -> Backups {
        let acts = self.records.acts().clone();
        Backups::new(acts, Arc::clone(&self.provider), contents(&self.records))
    }

    pub fn keys(&self) -> Vec<VerifierKey> {
        let acts = self.records.acts();
        acts.signer()
            .unwrap()
            .verifier_keys(&acts.log_origin())
            .unwrap()
            .to_vec()
    }

    pub fn count(&self, sql: &'static str) -> i64 {
        let db = self.records.acts().db();
        match sql.strip_prefix("KEYS ") {
            Some(sql) => db.read(|tx| tx.keys().number(sql, &[])).unwrap(),
            None => db.read(|tx| tx.number(sql, &[])).unwrap(),
        }
    }

    /// Everything holds everything else, and the key store knows nobody it should not.
    #[track_caller]
    pub fn verifies(&self) {
        let acts = self.records.acts();
        acts.checkpoint().unwrap();
        acts.vault().forget_all();
        acts.read(&self.who, |act| -> Result<_, records::Error> {
            let ws = act.ws();
            let tree = ledger::verify_tree(act.tx(), ws, &self.keys(), &mut |_| {})?
                .unwrap_or_else(|finding| panic!("{finding}"));
            for outcome in [
                self.records.verify_rows(act, &tree)?.map(drop),
                self.records.verify_links(act)?.map(drop),
                self.records.verify_values(act)?.map(drop),
            ] {
                outcome.unwrap_or_else(|finding| panic!("{}", finding.0));
            }
            let vault = act.vault();
            vault
                .check_keys(act.tx(), |subject, outcome| {
                    outcome.unwrap_or_else(|error| panic!("{subject}: {error}"));
                })
                .unwrap();
            Ok(())
        })
        .unwrap();
    }

    #[track_caller]
    pub fn is_gone(&self, person: RecordId) {
        let acts = self.records.acts();
        let kind = self.records.kind("person");
        let opened = acts
            .read(&self.who, |act| self.records.open(act, kind, person))
            .unwrap();
        assert!(opened.is_none());
        let remains: u64 = acts
            .read(&self.who, |act| -> Result<u64, act::Error> {
                let mut all = act::Holder::remains(&self.records, act, person.cast())?;
                for holder in retention::ground_holders() {
                    all += holder.remains(act, person.cast())?;
                }
                assert!(act.subject_key(person.cast())?.is_none());
                Ok(all)
            })
            .unwrap();
        assert_eq!(remains, 0);
    }
}

/// Restores a backup and makes it ready as the program does.
pub fn bring_back(
    file: &std::path::Path,
    target: &Location,
    provider: &Arc<dyn KeyProvider>,
    contents: &Contents,
) -> Result<(backup::Restored, retention::Ready), backup::Error> {
    let all = all_migrations();
    let request = backup::Restore {
        file,
        keys: None,
        target,
        providers: &[Arc::clone(provider)],
        migrations: &all,
        contents,
    };
    let mut ready = None;
    let restored = backup::restore(&request, |db, ws, provider| {
        // Before anything is erased again: no key of an erased person came back.
        let sql =
            "SELECT COUNT(*) FROM key_subject k JOIN key_tombstone t ON t.subject = k.subject";
        assert_eq!(db.read(|tx| tx.keys().number(sql, &[]))?, 0);
        let records = wired(db, ws, &provider, Arc::new(SystemClock));
        let system = Context::system(operator(&records).purpose);
        let upkeep = records
            .acts()
            .policy()
            .purpose_named("upkeep")
            .unwrap()
            .number;
        let context = Context {
            purpose: upkeep,
            ..system
        };
        let done = Erasure::new(records, Vec::new()).after_restore(&context)?;
        ready = Some(done);
        Ok::<(), retention::Error>(())
    })?;
    Ok((restored, ready.unwrap()))
}
