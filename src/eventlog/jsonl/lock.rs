//! Locks on the file, with an end to the waiting.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// The first pause between two attempts; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause: a writer holds the lock for about as long as the disk needs.
const LONGEST_PAUSE: Duration = Duration::from_millis(16);

/// There is no lock.
#[derive(Debug)]
pub(super) enum LockError {
    /// Others hold it, and the time is up.
    TimedOut,
    /// The file system has none, or failed.
    Failed(io::Error),
}

/// Keeps writers out until the file is unlocked or closed.
pub(super) fn shared(file: &File, timeout: Duration) -> Result<(), LockError> {
    wait(timeout, || file.try_lock_shared())
}

/// Keeps everyone else out until the file is closed.
pub(super) fn exclusive(file: &File, timeout: Duration) -> Result<(), LockError> {
    wait(timeout, || file.try_lock())
}

/// Tries until it works or the time is up.
fn wait(
    timeout: Duration,
    attempt: impl Fn() -> Result<(), TryLockError>,
) -> Result<(), LockError> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(LockError::Failed(error)),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= timeout => {
                return Err(LockError::TimedOut);
            }
            Err(TryLockError::WouldBlock) => {
                thread::sleep(pause);
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }
}
