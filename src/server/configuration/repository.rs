//! The port: files in branches, with a history.
//!
//! The contract, the same for every repository:
//! - `commit` does everything or nothing, and what it did is durable when it returns. A branch that is new begins with it.
//!   Edits that change nothing make no commit: the branch keeps the one it has.
//! - Every commit that was ever the newest of a branch can be read by its id as long as the project exists.
//! - Paths were checked before. What is no ordinary file, such as a link, is not there for a reader.
//! - Callers see to it that one change is made at a time; reads may happen at any time and see a whole commit.

use std::collections::BTreeMap;
use std::io;

use async_trait::async_trait;
use jiff::Timestamp;

/// The most bytes of one file.
pub const MOST_FILE_BYTES: usize = 10 * 1024 * 1024;
/// The most files of one commit.
pub const MOST_FILES: usize = 20_000;

/// Keeps the files of one project.
#[async_trait]
pub trait Repository: Send + Sync {
    /// Returns the newest commit of every branch.
    async fn heads(&self) -> Result<BTreeMap<String, String>, RepositoryError>;

    /// Returns the paths of all files below a folder (with a slash at its end, or ""), in order.
    async fn list(&self, revision: &Revision, folder: &str)
    -> Result<Vec<String>, RepositoryError>;

    /// Returns a file.
    async fn read(
        &self,
        revision: &Revision,
        path: &str,
    ) -> Result<Option<Vec<u8>>, RepositoryError>;

    /// Changes files; returns the newest commit of each branch that was named.
    async fn commit(&self, changes: &[Change])
    -> Result<BTreeMap<String, String>, RepositoryError>;

    /// Fetches what others did upstream; nothing where there is no upstream.
    async fn pull(&self) -> Result<(), RepositoryError>;
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// The newest commit of a branch; one that is not there has no files.
    Branch(String),
    /// A commit.
    Commit(String),
}

/// A commit to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The branch.
    pub branch: String,
    /// What it says.
    pub message: String,
    /// When.
    pub time: Timestamp,
    /// What changes, in order.
    pub edits: Vec<Edit>,
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The path.
    pub path: String,
    /// What it holds from now on; `None`: it is gone, or the whole folder.
    pub content: Option<Vec<u8>>,
}

/// Files could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// A commit is not there.
    #[error("there is no commit `{0}`")]
    UnknownCommit(String),
    /// A file is too large.
    #[error("`{path}` has {bytes} bytes; {MOST_FILE_BYTES} is the most")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// There are too many files.
    #[error("there are more than {MOST_FILES} files")]
    TooMany,
    /// The data folder can't be read or written.
    #[error("{what} {path}")]
    Disk {
        /// What was tried: `can't write`.
        what: &'static str,
        /// The file.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// What is stored can't be understood.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The program `git` is not there.
    #[error("the program `{0}` can't be started: install git, or use plain configuration")]
    NoGit(String),
    /// Git failed.
    #[error("git {command} failed: {reason}")]
    Git {
        /// What git was to do.
        command: String,
        /// What it says, without secrets.
        reason: String,
    },
    /// The upstream repository is not there.
    #[error("Upstream repository not found")]
    UpstreamMissing,
    /// The upstream repository does not take the credentials.
    #[error("Invalid git token: the upstream repository refuses the credentials")]
    UpstreamRefuses,
    /// The upstream repository can't be reached, or takes no change.
    #[error("the upstream repository can't be used: {0}")]
    Upstream(String),
}
