//! The writer's thread: it takes what is waiting, runs each closure under a savepoint of its own, commits
//! once, and only then answers all of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use super::{BATCH_MAX, Job, Message, Pair};
use crate::{Error, Result, Tx};

pub(super) fn write_loop(pair: &Pair, inbox: &Receiver<Message>, stopped: &AtomicBool) {
    while let Ok(message) = inbox.recv() {
        match message {
            Message::Checkpoint(done) => drop(done.send(checkpoint(pair))),
            Message::Write(first) => {
                let after = write_batch(pair, first, inbox, stopped);
                if let Some(Message::Checkpoint(done)) = after {
                    drop(done.send(checkpoint(pair)));
                }
            }
        }
    }
}

/// Runs the first job and those that wait behind it, commits once, answers all. Gives back a message
/// that ended the batch and is not part of it.
fn write_batch(
    pair: &Pair,
    first: Job,
    inbox: &Receiver<Message>,
    stopped: &AtomicBool,
) -> Option<Message> {
    let mut answers: Vec<(SyncSender<Result<()>>, bool)> = Vec::new();
    let mut left_over = None;
    let mut next = Some(first);
    let mut failure = if stopped.load(Ordering::Acquire) {
        Some(Error::Stopped)
    } else {
        pair.both("BEGIN IMMEDIATE").err()
    };
    while let Some(job) = next.take() {
        let Job { run, done } = job;
        if failure.is_some() {
            answers.push((done, true));
            break;
        }
        match run_job(pair, run) {
            Ok(kept) => answers.push((done, kept)),
            Err(error) => {
                let lost = !pair.is_intact();
                drop(done.send(Err(error.clone())));
                if lost {
                    // SQLite gave up the whole transaction: what was done before in this batch is gone too.
                    failure = Some(error);
                    break;
                }
            }
        }
        if answers.len() < BATCH_MAX {
            match inbox.try_recv() {
                Ok(Message::Write(job)) => next = Some(job),
                Ok(other) => left_over = Some(other),
                Err(_) => {}
            }
        }
    }
    if failure.is_none() {
        failure = commit(pair, stopped).err();
    } else {
        pair.roll_back();
    }
    for (done, kept) in answers {
        // A refused act has its own answer; only what was to be kept depends on the commit.
        let answer = match &failure {
            Some(error) if kept => Err(error.clone()),
            _ => Ok(()),
        };
        drop(done.send(answer));
    }
    left_over
}

/// `Ok(true)` when the closure's changes stand, `Ok(false)` when it refused and they were taken back.
fn run_job(pair: &Pair, run: Box<dyn FnOnce(&mut Tx<'_>) -> bool + Send>) -> Result<bool> {
    pair.both("SAVEPOINT act")?;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        run(&mut Tx::sqlite(&pair.data, &pair.keys))
    }));
    if !pair.is_intact() {
        return Err(Error::Full);
    }
    match outcome {
        Ok(true) => {
            pair.both("RELEASE act")?;
            Ok(true)
        }
        Ok(false) | Err(_) => {
            pair.both("ROLLBACK TO act")?;
            pair.both("RELEASE act")?;
            if outcome.is_err() {
                Err(Error::Panicked)
            } else {
                Ok(false)
            }
        }
    }
}

fn commit(pair: &Pair, stopped: &AtomicBool) -> Result<()> {
    pair.both("COMMIT").map_err(|error| {
        pair.roll_back();
        if error_is_full(&error) {
            return Error::Full;
        }
        // After a failed sync nobody knows what is on the disk: stop rather than guess.
        stopped.store(true, Ordering::Release);
        Error::Stopped
    })
}

const fn error_is_full(error: &Error) -> bool {
    matches!(error, Error::Full)
}

fn checkpoint(pair: &Pair) -> Result<bool> {
    let mut clean = true;
    for connection in [&pair.keys, &pair.data] {
        let busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        clean &= busy == 0;
    }
    Ok(clean)
}
