//! A workspace with records, a log and keys, and random acts on them.

use base::{ActorId, RecordId, RequestId, SeededRng, SubjectId, Timestamp, Workspace, WorkspaceId};
use ledger::{
    Action, Decision, Entry, Error, Finding, LeafDraft, LiveRow, NONE, Outcome, Signer, Verified,
    VerifiedRows, VerifierKey, row_state,
};
use store::{Db, Migration, Side, Tx, params};

pub const RECORDS: &[Migration] = &[Migration {
    owner: "test",
    number: 1,
    side: Side::Data,
    sql: "CREATE TABLE record (ws BIGINT NOT NULL, id BYTEA NOT NULL, rev BIGINT NOT NULL,
          cts BYTEA NOT NULL, PRIMARY KEY (ws, id))",
}];

pub const ALL: &[&[Migration]] = &[ledger::MIGRATIONS, RECORDS];

pub const ORIGIN: &str = "crm.example.org/one";

pub fn ws() -> Workspace {
    Workspace {
        number: 1,
        id: WorkspaceId::from_bytes([0xaa; 16]),
    }
}

pub fn signer() -> Signer {
    Signer::from_seeds(&[1; 32], &[2; 32]).unwrap()
}

pub fn keys() -> Vec<VerifierKey> {
    signer().verifier_keys(ORIGIN).unwrap().to_vec()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp(1_700_000_000_000_000).plus_seconds(second)
}

pub fn id16(rng: &SeededRng) -> [u8; 16] {
    let rng: &dyn base::Rng = rng;
    rng.bytes()
}

/// A leaf that changes nothing.
pub fn read_leaf(rng: &SeededRng, action: Action) -> LeafDraft {
    LeafDraft {
        // Clocks go backwards now and then.
        time: at(rng.below(1_000) as i64),
        actor: ActorId::from_bytes([3; 16]),
        session: [4; 16],
        action,
        decision: Decision::Allowed,
        purpose: 5,
        policy: [6; 16],
        table: 7,
        fields: 8,
        outcome: Outcome::Done,
        subject: [9; 32],
        state: None,
        detail: NONE,
        request: RequestId::from_bytes(id16(rng)),
        ordinal: 0,
        count: 0,
    }
}

pub fn read_entry(rng: &SeededRng, action: Action) -> Entry {
    let mut leaf = read_leaf(rng, action);
    let detail = (rng.below(4) == 0).then(|| vec![1; rng.below(300)]);
    if detail.is_some() {
        leaf.detail = [10; 32];
    }
    Entry {
        leaf,
        row: None,
        detail,
        subjects: Vec::new(),
    }
}

fn change_entry(rng: &SeededRng, action: Action, row: RecordId, rev: u64, cts: &[u8]) -> Entry {
    let mut leaf = read_leaf(rng, action);
    leaf.state = Some(row_state(row, rev, &[cts]));
    Entry {
        leaf,
        row: Some(row),
        detail: None,
        subjects: vec![row.cast()],
    }
}

pub fn create(tx: &mut Tx<'_>, rng: &SeededRng) -> Result<RecordId, Error> {
    let (row, cts) = (RecordId::from_bytes(id16(rng)), id16(rng));
    tx.execute(
        "INSERT INTO record (ws, id, rev, cts) VALUES ($1, $2, 1, $3)",
        params![ws().number, &row, &cts],
    )?;
    let entry = change_entry(rng, Action::Create, row, 1, &cts);
    ledger::append(tx, ws(), &[entry])?;
    Ok(row)
}

pub fn change(tx: &mut Tx<'_>, rng: &SeededRng, row: RecordId) -> Result<(), Error> {
    let cts = id16(rng);
    let rev: u64 = tx
        .row(
            "UPDATE record SET rev = rev + 1, cts = $3 WHERE ws = $1 AND id = $2 RETURNING rev",
            params![ws().number, &row, &cts],
            |row| row.get(0),
        )?
        .unwrap();
    let entry = change_entry(rng, Action::Change, row, rev, &cts);
    ledger::append(tx, ws(), &[entry])?;
    Ok(())
}

pub fn erase(tx: &mut Tx<'_>, rng: &SeededRng, row: RecordId) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM record WHERE ws = $1 AND id = $2",
        params![ws().number, &row],
    )?;
    let unlinked = ledger::unlink_subject(tx, ws(), row.cast())?;
    let mut tombstone = read_entry(rng, Action::Erase);
    tombstone.leaf.count = unlinked.rows as u32;
    ledger::append(tx, ws(), &[tombstone])?;
    Ok(())
}

pub fn records(tx: &mut Tx<'_>) -> Result<Vec<RecordId>, store::Error> {
    tx.rows(
        "SELECT id FROM record WHERE ws = $1 ORDER BY id",
        params![ws().number],
        |row| row.get(0),
    )
}

/// One random act: mostly reads, changes and creations, now and then an erasure.
pub fn random_act(tx: &mut Tx<'_>, rng: &SeededRng) -> Result<(), Error> {
    let there = records(tx)?;
    let some = (!there.is_empty()).then(|| there[rng.below(there.len())]);
    match (rng.below(20), some) {
        (0..=5, _) | (_, None) => create(tx, rng).map(drop),
        (6..=12, Some(row)) => change(tx, rng, row),
        (13, Some(row)) => erase(tx, rng, row),
        (_, Some(row)) => {
            let mut list = read_entry(rng, Action::List);
            list.subjects = vec![row.cast(), SubjectId::from_bytes([1; 16]), row.cast()];
            let open = read_entry(rng, Action::Open);
            ledger::append(tx, ws(), &[open, list]).map(drop)
        }
    }
}

pub fn sequence_all(db: &Db) -> u64 {
    let mut total = 0;
    loop {
        let done = db.write(|tx| ledger::sequence(tx, ws(), 1_000)).unwrap();
        total += done;
        if done == 0 {
            return total;
        }
    }
}

pub fn sign(db: &Db, second: i64) -> String {
    db.write(move |tx| ledger::checkpoint(tx, ws(), &signer(), ORIGIN, at(second)))
        .unwrap()
}

/// Makes a log of a number of acts with a checkpoint every `every` of them and at the end.
pub fn grow(db: &Db, rng: &std::sync::Arc<SeededRng>, acts: usize, every: usize) {
    for done in (0..acts).step_by(every) {
        let rng = std::sync::Arc::clone(rng);
        let count = every.min(acts - done);
        db.write(move |tx| (0..count).try_for_each(|_| random_act(tx, &rng)))
            .unwrap();
        sequence_all(db);
        sign(db, done as i64);
    }
}

fn live(tx: &mut Tx<'_>, after: Option<RecordId>) -> Result<Vec<LiveRow>, store::Error> {
    let after = after.map_or(Vec::new(), |row| row.as_bytes().to_vec());
    tx.rows(
        "SELECT id, rev, cts FROM record WHERE ws = $1 AND id > $2 ORDER BY id LIMIT 7",
        params![ws().number, &after],
        |row| {
            let (id, revision) = (row.get(0)?, row.get(1)?);
            let cts: Vec<u8> = row.get(2)?;
            Ok(LiveRow {
                row: id,
                revision,
                state: row_state(id, revision, &[&cts]).hash,
            })
        },
    )
}

/// Verifies tree and records, as the product does.
pub fn verify(tx: &mut Tx<'_>) -> Result<Result<(Verified, VerifiedRows), Finding>, Error> {
    let verified = match ledger::verify_tree(tx, ws(), &keys(), &mut |_| {})? {
        Ok(verified) => verified,
        Err(finding) => return Ok(Err(finding)),
    };
    let rows = ledger::verify_rows(tx, ws(), &verified, &mut live)?;
    Ok(rows.map(|rows| (verified, rows)))
}

pub fn assert_whole(db: &Db) -> (Verified, VerifiedRows) {
    match db.read(verify).unwrap() {
        Ok(verified) => verified,
        Err(finding) => panic!("a false alarm: {finding}"),
    }
}
