//! How many passwords are hashed at once: each takes tens of megabytes and a core, so no more run
//! than there are cores, a few wait, and the rest are told to come back.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::{Error, Result};

/// Who waits for each running one, at most. Eight of 100 ms are a second at most for the last.
const WAITING_PER_SLOT: usize = 8;

pub(crate) struct Gate {
    slots: usize,
    inside: Mutex<Inside>,
    freed: Condvar,
}

#[derive(Default)]
struct Inside {
    running: usize,
    waiting: usize,
}

/// Leave to run; given back when dropped.
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            slots: slots.max(1),
            inside: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Waits for a slot.
    ///
    /// # Errors
    /// [`Error::Busy`] at once when too many wait already.
    pub(crate) fn enter(&self) -> Result<Pass<'_>> {
        let mut inside = self.lock();
        if inside.running >= self.slots {
            if inside.waiting >= self.slots * WAITING_PER_SLOT {
                return Err(Error::Busy);
            }
            inside.waiting += 1;
            while inside.running >= self.slots {
                inside = self
                    .freed
                    .wait(inside)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            inside.waiting -= 1;
        }
        inside.running += 1;
        Ok(Pass(self))
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_run_than_there_are_slots_and_all_who_wait_get_in() {
        let (gate, running, most) = (Gate::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        let served = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..18 {
                scope.spawn(|| {
                    let _pass = gate.enter().unwrap();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    served.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(served.into_inner(), 18);
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn who_finds_the_queue_full_is_told_at_once() {
        let gate = Gate::new(1);
        let first = gate.enter().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..WAITING_PER_SLOT {
                scope.spawn(|| drop(gate.enter().unwrap()));
            }
            while gate.lock().waiting < WAITING_PER_SLOT {
                std::thread::yield_now();
            }
            assert!(matches!(gate.enter(), Err(Error::Busy)));
            drop(first);
        });
        assert!(gate.enter().is_ok());
    }
}
