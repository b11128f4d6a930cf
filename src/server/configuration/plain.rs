//! A repository without git: files under the hash of what they hold, a list of commits, and one file that names the
//! newest. Everything is written before the name is changed, so a crash leaves the old state or the new one.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::durable;
use super::repository::{Change, MOST_FILES, Repository, RepositoryError, Revision};

/// The one branch that there is.
pub const BRANCH: &str = "main";
/// The file that names the newest commit.
const HEAD: &str = "HEAD";
/// How many digits of a hash name a commit, as in git.
const COMMIT_DIGITS: usize = 40;
/// The version of the form of commits.
const VERSION: u32 = 1;

/// A repository in a folder.
#[derive(Clone, Debug)]
pub struct PlainRepository {
    /// The folder.
    folder: PathBuf,
}

/// A commit as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    /// The version of this form.
    version: u32,
    /// The commit before.
    parent: Option<String>,
    /// When it was made.
    time: String,
    /// What it says.
    message: String,
    /// All files: the hash of what each holds.
    files: BTreeMap<String, String>,
}

impl PlainRepository {
    /// Opens the repository in a folder, which is made if need be.
    pub fn open(folder: &Path) -> Result<Self, RepositoryError> {
        for part in ["objects", "commits"] {
            let path = folder.join(part);
            durable::create_folder(&path).map_err(disk("can't create", &path))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Returns the newest commit.
    fn head(&self) -> Result<Option<String>, RepositoryError> {
        let path = self.folder.join(HEAD);
        let Some(content) = durable::read(&path).map_err(disk("can't read", &path))? else {
            return Ok(None);
        };
        let id = String::from_utf8_lossy(&content).trim().to_owned();
        if !is_id(&id) {
            return Err(damaged(&path, "it names no commit"));
        }
        Ok(Some(id))
    }

    /// Reads a commit by its id.
    fn stored(&self, id: &str) -> Result<Stored, RepositoryError> {
        if !is_id(id) {
            return Err(RepositoryError::UnknownCommit(id.to_owned()));
        }
        let path = self.folder.join("commits").join(id);
        let content = durable::read(&path).map_err(disk("can't read", &path))?;
        let content = content.ok_or_else(|| RepositoryError::UnknownCommit(id.to_owned()))?;
        if commit_id(&content) != id {
            return Err(damaged(&path, "its hash is not its name"));
        }
        serde_json::from_slice(&content).map_err(|error| damaged(&path, &error.to_string()))
    }

    /// Returns the files of a revision.
    fn files(&self, revision: &Revision) -> Result<BTreeMap<String, String>, RepositoryError> {
        let id = match revision {
            Revision::Commit(id) => Some(id.clone()),
            Revision::Branch(branch) if branch == BRANCH => self.head()?,
            Revision::Branch(_) => None,
        };
        let stored = id.map(|id| self.stored(&id)).transpose()?;
        Ok(stored.map(|stored| stored.files).unwrap_or_default())
    }

    /// Returns where a content lies.
    fn object(&self, hash: &str) -> PathBuf {
        let (folder, rest) = hash.split_at_checked(2).unwrap_or((hash, ""));
        self.folder.join("objects").join(folder).join(rest)
    }

    /// Stores a content; returns its hash.
    fn store(&self, content: &[u8]) -> Result<String, RepositoryError> {
        let hash = hex(digest(&SHA256, content).as_ref());
        let path = self.object(&hash);
        // What is damaged is written again.
        let there = durable::read(&path).map_err(disk("can't read", &path))?;
        if there.as_deref() != Some(content) {
            let folder = path.parent().unwrap_or(&self.folder);
            durable::create_folder(folder).map_err(disk("can't create", folder))?;
            durable::write(&path, content).map_err(disk("can't write", &path))?;
        }
        Ok(hash)
    }

    /// Makes a commit; returns the newest one.
    fn change(&self, change: &Change) -> Result<String, RepositoryError> {
        let parent = self.head()?;
        let before = self.files(&Revision::Branch(BRANCH.to_owned()))?;
        let mut files = before.clone();
        for edit in &change.edits {
            if let Some(content) = &edit.content {
                files.insert(edit.path.clone(), self.store(content)?);
            } else {
                let folder = format!("{}/", edit.path);
                files.retain(|path, _| *path != edit.path && !path.starts_with(&folder));
            }
        }
        if files.len() > MOST_FILES {
            return Err(RepositoryError::TooMany);
        }
        if let Some(parent) = parent.as_ref().filter(|_| files == before) {
            return Ok(parent.clone());
        }
        self.write_commit(&Stored {
            version: VERSION,
            parent,
            time: change.time.to_string(),
            message: change.message.clone(),
            files,
        })
    }

    /// Writes a commit, and then the name of the newest.
    fn write_commit(&self, stored: &Stored) -> Result<String, RepositoryError> {
        let commits = self.folder.join("commits");
        let content =
            serde_json::to_vec(stored).map_err(|error| damaged(&commits, &error.to_string()))?;
        let id = commit_id(&content);
        let path = commits.join(&id);
        durable::write(&path, &content).map_err(disk("can't write", &path))?;
        let head = self.folder.join(HEAD);
        durable::write(&head, id.as_bytes()).map_err(disk("can't write", &head))?;
        Ok(id)
    }
}

#[async_trait]
impl Repository for PlainRepository {
    async fn heads(&self) -> Result<BTreeMap<String, String>, RepositoryError> {
        let head = self.head()?.map(|id| (BRANCH.to_owned(), id));
        Ok(head.into_iter().collect())
    }

    async fn list(
        &self,
        revision: &Revision,
        folder: &str,
    ) -> Result<Vec<String>, RepositoryError> {
        let files = self.files(revision)?.into_keys();
        Ok(files.filter(|path| path.starts_with(folder)).collect())
    }

    async fn read(
        &self,
        revision: &Revision,
        path: &str,
    ) -> Result<Option<Vec<u8>>, RepositoryError> {
        let files = self.files(revision)?;
        let Some(hash) = files.get(path) else {
            return Ok(None);
        };
        let object = self.object(hash);
        let content = durable::read(&object).map_err(disk("can't read", &object))?;
        let content = content.ok_or_else(|| damaged(&object, "it is missing"))?;
        if hex(digest(&SHA256, &content).as_ref()) != *hash {
            return Err(damaged(&object, "its hash is not its name"));
        }
        Ok(Some(content))
    }

    async fn commit(
        &self,
        changes: &[Change],
    ) -> Result<BTreeMap<String, String>, RepositoryError> {
        // There is one branch, so several changes are one.
        let Some(first) = changes.first() else {
            return self.heads().await;
        };
        let edits = changes.iter().flat_map(|change| change.edits.clone());
        let whole = Change {
            edits: edits.collect(),
            ..first.clone()
        };
        let repository = self.clone();
        let made = tokio::task::spawn_blocking(move || repository.change(&whole)).await;
        let made = made.map_err(|error| damaged(&self.folder, &error.to_string()))?;
        Ok(BTreeMap::from([(BRANCH.to_owned(), made?)]))
    }

    async fn pull(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}

/// Returns the id of a commit.
fn commit_id(content: &[u8]) -> String {
    let mut id = hex(digest(&SHA256, content).as_ref());
    id.truncate(COMMIT_DIGITS);
    id
}

/// Tells whether a text can be the id of a commit, and so the name of a file.
fn is_id(text: &str) -> bool {
    text.len() == COMMIT_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Writes bytes in base 16.
fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Says what could not be done with a file.
pub(super) fn disk(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RepositoryError {
    let path = path.display().to_string();
    move |source| RepositoryError::Disk { what, path, source }
}

/// Says that a file can't be understood.
pub(super) fn damaged(path: &Path, reason: &str) -> RepositoryError {
    RepositoryError::Damaged {
        path: path.display().to_string(),
        reason: reason.to_owned(),
    }
}
