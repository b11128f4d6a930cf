//! Files that are watched: looked at a few times a second, which works on every file system, and where an editor puts a
//! new file in the place of the old one.

#![expect(
    clippy::disallowed_methods,
    reason = "looking at files is what this module is for"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How often they are looked at.
const PERIOD: Duration = Duration::from_millis(200);

/// What can be seen of a file without reading it; `None` where there is none.
type Look = Option<(Option<SystemTime>, u64)>;

/// Files, and how they looked.
pub struct WatchedFiles {
    /// How each looked.
    looks: BTreeMap<PathBuf, Look>,
}

impl WatchedFiles {
    /// Looks at files.
    pub fn look(paths: Vec<PathBuf>) -> Self {
        let look = |path: PathBuf| {
            let found = std::fs::metadata(&path).ok();
            let look = found.map(|found| (found.modified().ok(), found.len()));
            (path, look)
        };
        Self {
            looks: paths.into_iter().map(look).collect(),
        }
    }

    /// Looks at further files.
    pub fn look_at_more(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        let more = Self::look(paths.into_iter().collect());
        for (path, look) in more.looks {
            self.looks.entry(path).or_insert(look);
        }
    }

    /// Waits until one looks otherwise, and until whoever writes is done.
    pub async fn wait_for_change(&mut self) {
        let mut has_changed = false;
        loop {
            tokio::time::sleep(PERIOD).await;
            let now = Self::look(self.looks.keys().cloned().collect()).looks;
            let is_still = now == self.looks;
            self.looks = now;
            if has_changed && is_still {
                return;
            }
            has_changed |= !is_still;
        }
    }
}
