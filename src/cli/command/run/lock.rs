//! Keeps two processes from carrying out the same run.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the place that locks runs"
)]

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::sequence::derived_id;

/// Held while a run is carried out; the system lets go of it when the process ends, however it does.
pub struct RunLock {
    /// The file.
    _file: File,
}

impl RunLock {
    /// Takes the lock of a run, in the folder of local state.
    pub fn take(root: &Path, context: &str, hint: &str) -> Result<Self, Failure> {
        let folder = root.join(".tidegate").join("runs");
        let cannot = |error: std::io::Error| {
            let message = format!("the run can't be locked in `{}`: {error}", folder.display());
            Failure::new(Exit::CannotCreate, message)
        };
        std::fs::create_dir_all(&folder).map_err(cannot)?;
        // A context may hold anything; a name derived from it may stand in a path.
        let path = folder.join(format!("{}.lock", derived_id(context, &["lock"])));
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(false).open(path);
        let file = file.map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let message = format!("another process carries out the run `{context}`");
                Err(Failure::new(Exit::TryAgain, message).with_hint(hint))
            }
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_locked_until_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let take = |context: &str| RunLock::take(folder.path(), context, "wait");
        let held = take("../a").unwrap();
        assert_eq!(take("../a").err().unwrap().exit, Exit::TryAgain);
        let other = take("b").unwrap();
        drop((held, other));
        assert!(take("../a").is_ok());
    }
}
