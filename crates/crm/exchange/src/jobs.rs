//! Imports under way in the browser. A file that was sent lives in memory until it is imported, is
//! given up or an hour has passed: it is clear text of people's data and never touches the disk.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{ActorId, RequestId, Timestamp};

use crate::import::{IsSuppressed, Report};
use crate::{Kind, Mapping, Options, ReadError, Source};

/// How long a file waits for its owner, in seconds.
const PATIENCE: i64 = 3_600;
/// Files that wait at the same time; each is at most [`FILE_MAX`].
const WAITING_MAX: usize = 8;
/// The largest file the browser may send; larger ones come in by the command line.
pub(crate) const FILE_MAX: usize = 64 << 20;

/// All imports under way. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    jobs: Arc<Mutex<HashMap<RequestId, Arc<Job>>>>,
    pub(crate) is_suppressed: IsSuppressed,
}

/// One import from the browser.
pub(crate) struct Job {
    pub owner: ActorId,
    pub file: String,
    pub kind: Kind,
    pub began: Timestamp,
    bytes: Mutex<Option<Arc<Vec<u8>>>>,
    pub mapping: Mutex<Mapping>,
    pub rows: u64,
    pub done: AtomicU64,
    pub cancel: AtomicBool,
    pub state: Mutex<State>,
}

/// How far an import is.
pub(crate) enum State {
    /// Columns are being chosen.
    Mapping,
    /// A dry run said what would happen.
    Checked(Report),
    /// Rows are coming in.
    Running,
    /// It ended; the error file is kept until the job goes.
    Ended(Report, Vec<u8>),
    /// It failed.
    Failed(String),
}

impl Jobs {
    /// No imports yet.
    #[must_use]
    pub fn new(is_suppressed: IsSuppressed) -> Self {
        Self {
            jobs: Arc::default(),
            is_suppressed,
        }
    }

    pub(crate) fn add(&self, id: RequestId, job: Job, now: Timestamp) -> Result<(), Full> {
        let mut jobs = locked(&self.jobs);
        jobs.retain(|_, job| now < job.began.plus_seconds(PATIENCE) || job.is_running());
        if jobs.len() >= WAITING_MAX {
            return Err(Full);
        }
        jobs.insert(id, Arc::new(job));
        Ok(())
    }

    /// The import of this id, for the one who began it only.
    pub(crate) fn get(&self, id: RequestId, owner: ActorId) -> Option<Arc<Job>> {
        locked(&self.jobs)
            .get(&id)
            .filter(|job| job.owner == owner)
            .cloned()
    }

    pub(crate) fn of(&self, owner: ActorId) -> Vec<(RequestId, Arc<Job>)> {
        let mut own: Vec<(RequestId, Arc<Job>)> = locked(&self.jobs)
            .iter()
            .filter(|(_, job)| job.owner == owner)
            .map(|(id, job)| (*id, Arc::clone(job)))
            .collect();
        own.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        own
    }
}

/// Too many imports wait.
#[derive(Debug, thiserror::Error)]
#[error("several imports are waiting already; finish or give up one of them, then try again")]
pub(crate) struct Full;

impl base::Fault for Full {
    fn kind(&self) -> base::FaultKind {
        base::FaultKind::TooMany
    }
}

impl Job {
    pub fn new(
        owner: ActorId,
        file: String,
        kind: Kind,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<Self, ReadError> {
        let bytes = Arc::new(bytes);
        let source = open(&bytes)?;
        let mapping = Mapping::guess(source.headers(), kind);
        let rows = source.shape().rows;
        Ok(Self {
            owner,
            file,
            kind,
            began: now,
            bytes: Mutex::new(Some(bytes)),
            mapping: Mutex::new(mapping),
            rows,
            done: AtomicU64::new(0),
            cancel: AtomicBool::new(false),
            state: Mutex::new(State::Mapping),
        })
    }

    /// The file, as long as it is kept.
    pub fn source(&self) -> Option<Result<Source<Cursor<Shared>>, ReadError>> {
        locked(&self.bytes).as_ref().map(open)
    }

    /// Lets go of the file.
    pub fn forget_file(&self) {
        *locked(&self.bytes) = None;
    }

    pub fn is_running(&self) -> bool {
        matches!(*self.state(), State::Running)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    pub fn mapping(&self) -> Mapping {
        locked(&self.mapping).clone()
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// The bytes of a file, shared by those who read it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn open(bytes: &Arc<Vec<u8>>) -> Result<Source<Cursor<Shared>>, ReadError> {
    Source::open(Cursor::new(Shared(Arc::clone(bytes))), &Options::default())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
