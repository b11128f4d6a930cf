//! A repository of git: a bare one in the data folder, and one upstream where the project has it.
//!
//! There is no working copy: files are read from commits and written as commits, so links are never followed. With an
//! upstream, a change is pushed first and is the newest here only then; where somebody else was faster, it is made again
//! on top of theirs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;

use super::durable;
use super::git_answer::{TreeEntry, branch_of_head, entries, references, upstream_error};
use super::git_import::{draft, stream};
use super::git_program::{CERTIFICATE, Call, GitProgram};
use super::plain::disk;
use super::repository::{
    Change, MOST_FILE_BYTES, MOST_FILES, Repository, RepositoryError, Revision,
};
use super::upstream::Upstream;

/// How often a change is tried where others push at the same time.
const ATTEMPTS: u32 = 5;
/// How long to wait in between.
const PAUSE: Duration = Duration::from_secs(1);
/// The branch of a project whose upstream names none.
const MAIN: &str = "main";
/// Everything of one side becomes everything of the other.
const ALL_BRANCHES: &str = "+refs/heads/*:refs/heads/*";
/// What stands where there was no commit.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// A repository of git.
#[derive(Clone, Debug)]
pub struct GitRepository {
    /// The folder of the bare repository.
    folder: PathBuf,
    /// The program.
    program: GitProgram,
    /// The upstream repository.
    upstream: Option<Upstream>,
}

/// How a push ended.
enum Pushed {
    /// The upstream repository has it.
    Done,
    /// Somebody else was faster.
    Behind,
}

/// A commit that is made, and not yet the newest of its branch.
struct Draft {
    /// The branch.
    branch: String,
    /// Its own name.
    reference: String,
    /// Its id.
    id: String,
    /// The newest commit of the branch so far.
    before: Option<String>,
}

impl GitRepository {
    /// Names the repository in a folder.
    #[must_use]
    pub fn open(folder: &Path, program: GitProgram, upstream: Option<Upstream>) -> Self {
        Self {
            folder: folder.to_owned(),
            program,
            upstream,
        }
    }

    /// Makes the repository, with what is upstream; returns the branch of the project's own files.
    pub async fn create(&self) -> Result<String, RepositoryError> {
        durable::create_folder(&self.folder).map_err(disk("can't create", &self.folder))?;
        let arguments = ["init", "--bare", "--quiet", "--template="];
        self.ask(&arguments, &[]).await?;
        self.write_certificate()?;
        let Some(upstream) = &self.upstream else {
            return Ok(MAIN.to_owned());
        };
        let arguments = ["ls-remote", "--symref", "--", &upstream.place.url, "HEAD"];
        let answer = self.reach(&arguments).await?;
        self.pull().await?;
        Ok(branch_of_head(&answer).unwrap_or_else(|| MAIN.to_owned()))
    }

    /// Gives an upstream repository everything that is here.
    pub async fn publish(&self) -> Result<(), RepositoryError> {
        self.write_certificate()?;
        let Some(upstream) = &self.upstream else {
            return Ok(());
        };
        let branches = "refs/heads/*:refs/heads/*";
        let arguments = ["push", "--quiet", "--", &upstream.place.url, branches];
        self.reach(&arguments).await.map(drop)
    }

    /// Writes the certificate of the upstream's authority to where git reads it.
    fn write_certificate(&self) -> Result<(), RepositoryError> {
        let place = self.upstream.as_ref().map(|upstream| &upstream.place);
        let Some(certificate) = place.and_then(|place| place.certificate.as_ref()) else {
            return Ok(());
        };
        let path = self.folder.join(CERTIFICATE);
        durable::write(&path, certificate.as_bytes()).map_err(disk("can't write", &path))
    }

    /// Asks git about what is here.
    async fn ask(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, RepositoryError> {
        let call = Call {
            folder: &self.folder,
            arguments: arguments.to_vec(),
            input,
            upstream: None,
        };
        self.program.ask(&call).await
    }

    /// Lets git go to the upstream repository.
    async fn reach(&self, arguments: &[&str]) -> Result<Vec<u8>, RepositoryError> {
        let call = Call {
            folder: &self.folder,
            arguments: arguments.to_vec(),
            input: &[],
            upstream: self.upstream.as_ref(),
        };
        let outcome = self.program.call(&call).await?;
        if outcome.is_ok {
            return Ok(outcome.output);
        }
        Err(upstream_error(&outcome.talk))
    }

    /// Returns the commit of a revision; `None` for a branch that is not there.
    async fn resolve(&self, revision: &Revision) -> Result<Option<String>, RepositoryError> {
        let name = match revision {
            Revision::Branch(branch) => format!("refs/heads/{branch}"),
            Revision::Commit(id) if is_id(id) => id.clone(),
            Revision::Commit(id) => return Err(RepositoryError::UnknownCommit(id.clone())),
        };
        let wanted = format!("{name}^{{commit}}");
        let call = Call {
            folder: &self.folder,
            arguments: vec![
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &wanted,
            ],
            input: &[],
            upstream: None,
        };
        let outcome = self.program.call(&call).await?;
        match (outcome.is_ok, revision) {
            (true, _) => Ok(Some(
                String::from_utf8_lossy(&outcome.output).trim().to_owned(),
            )),
            (false, Revision::Branch(_)) => Ok(None),
            (false, Revision::Commit(id)) => Err(RepositoryError::UnknownCommit(id.clone())),
        }
    }

    /// Returns the entries of a tree.
    async fn tree(
        &self,
        options: &[&str],
        commit: &str,
        path: &str,
    ) -> Result<Vec<TreeEntry>, RepositoryError> {
        let mut arguments = vec!["ls-tree", "-z", "-l", "--full-tree"];
        arguments.extend(options);
        arguments.push(commit);
        if !path.is_empty() {
            arguments.extend(["--", path]);
        }
        Ok(entries(&self.ask(&arguments, &[]).await?))
    }

    /// Makes commits that are not yet the newest; those that change nothing are left out.
    async fn draft(&self, changes: &[Change]) -> Result<Vec<Draft>, RepositoryError> {
        let heads = self.heads().await?;
        let commits = stream(changes, |branch| heads.contains_key(branch));
        let arguments = ["fast-import", "--quiet", "--force", "--done"];
        self.ask(&arguments, &commits).await?;
        let format = "--format=%(refname) %(objectname) %(tree)";
        let found = self.ask(&["for-each-ref", format], &[]).await?;
        let found = references(&found);
        let mut drafts = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            let reference = draft(index);
            let Some((id, tree)) = found.get(&reference) else {
                continue;
            };
            let before = found.get(&format!("refs/heads/{}", change.branch));
            if before.is_some_and(|(_, old)| old == tree) {
                continue;
            }
            drafts.push(Draft {
                branch: change.branch.clone(),
                reference,
                id: id.clone(),
                before: before.map(|(id, _)| id.clone()),
            });
        }
        Ok(drafts)
    }

    /// Gives drafts to the upstream repository.
    async fn push(&self, drafts: &[Draft]) -> Result<Pushed, RepositoryError> {
        let Some(upstream) = &self.upstream else {
            return Ok(Pushed::Done);
        };
        let pairs: Vec<String> = drafts
            .iter()
            .map(|draft| format!("{}:refs/heads/{}", draft.reference, draft.branch))
            .collect();
        let mut arguments = vec!["push", "--porcelain"];
        if pairs.len() > 1 {
            arguments.push("--atomic");
        }
        arguments.extend(["--", upstream.place.url.as_str()]);
        arguments.extend(pairs.iter().map(String::as_str));
        let call = Call {
            folder: &self.folder,
            arguments,
            input: &[],
            upstream: Some(upstream),
        };
        let outcome = self.program.call(&call).await?;
        let answer = String::from_utf8_lossy(&outcome.output);
        if outcome.is_ok {
            Ok(Pushed::Done)
        } else if answer.contains("[rejected]") {
            Ok(Pushed::Behind)
        } else {
            let all = upstream.redact(&format!("{} {answer}", outcome.talk));
            Err(upstream_error(all.trim()))
        }
    }

    /// Makes drafts the newest of their branches, all or none.
    async fn adopt(&self, drafts: &[Draft]) -> Result<(), RepositoryError> {
        let mut orders = String::from("start\n");
        for draft in drafts {
            let before = draft.before.as_deref().unwrap_or(NO_COMMIT);
            let words = [
                "update refs/heads/",
                &draft.branch,
                " ",
                &draft.id,
                " ",
                before,
                "\n",
            ];
            orders.extend(words);
        }
        orders += "prepare\ncommit\n";
        let arguments = ["update-ref", "--stdin"];
        self.ask(&arguments, orders.as_bytes()).await.map(drop)
    }

    /// Forgets drafts.
    async fn forget(&self, count: usize) -> Result<(), RepositoryError> {
        let orders: Vec<String> = (0..count)
            .map(|index| format!("delete {}\n", draft(index)))
            .collect();
        let orders = orders.concat();
        let arguments = ["update-ref", "--stdin"];
        self.ask(&arguments, orders.as_bytes()).await.map(drop)
    }

    /// Makes commits, pushes them, and makes them the newest; tells whether somebody else was faster.
    async fn attempt(&self, changes: &[Change]) -> Result<Pushed, RepositoryError> {
        let drafts = self.draft(changes).await?;
        if drafts.is_empty() {
            return Ok(Pushed::Done);
        }
        match self.push(&drafts).await? {
            Pushed::Behind => Ok(Pushed::Behind),
            Pushed::Done => self.adopt(&drafts).await.map(|()| Pushed::Done),
        }
    }
}

#[async_trait]
impl Repository for GitRepository {
    async fn heads(&self) -> Result<BTreeMap<String, String>, RepositoryError> {
        let format = "--format=%(refname) %(objectname) %(tree)";
        let answer = self
            .ask(&["for-each-ref", format, "refs/heads"], &[])
            .await?;
        let heads = references(&answer).into_iter();
        let named = heads.filter_map(|(name, (id, _))| {
            let branch = name.strip_prefix("refs/heads/")?;
            Some((branch.to_owned(), id))
        });
        Ok(named.collect())
    }

    async fn list(
        &self,
        revision: &Revision,
        folder: &str,
    ) -> Result<Vec<String>, RepositoryError> {
        let Some(commit) = self.resolve(revision).await? else {
            return Ok(Vec::new());
        };
        let entries = self.tree(&["-r"], &commit, folder).await?;
        if entries.len() > MOST_FILES {
            return Err(RepositoryError::TooMany);
        }
        let files = entries.into_iter().filter(TreeEntry::is_file);
        let mut paths: Vec<String> = files.map(|entry| entry.path).collect();
        paths.sort();
        Ok(paths)
    }

    async fn read(
        &self,
        revision: &Revision,
        path: &str,
    ) -> Result<Option<Vec<u8>>, RepositoryError> {
        let Some(commit) = self.resolve(revision).await? else {
            return Ok(None);
        };
        let entries = self.tree(&[], &commit, path).await?;
        let mut files = entries
            .iter()
            .filter(|entry| entry.is_file() && entry.path == path);
        let Some(entry) = files.next() else {
            return Ok(None);
        };
        if entry.bytes > MOST_FILE_BYTES as u64 {
            return Err(RepositoryError::TooLarge {
                path: path.to_owned(),
                bytes: entry.bytes,
            });
        }
        self.ask(&["cat-file", "blob", &entry.id], &[])
            .await
            .map(Some)
    }

    async fn commit(
        &self,
        changes: &[Change],
    ) -> Result<BTreeMap<String, String>, RepositoryError> {
        for attempt in 1..=ATTEMPTS {
            let attempted = self.attempt(changes).await;
            let forgotten = self.forget(changes.len()).await;
            match attempted? {
                Pushed::Done => {
                    forgotten?;
                    break;
                }
                Pushed::Behind if attempt == ATTEMPTS => {
                    let reason =
                        format!("somebody else changes it all the time; tried {ATTEMPTS} times");
                    return Err(RepositoryError::Upstream(reason));
                }
                Pushed::Behind => {
                    tokio::time::sleep(PAUSE).await;
                    self.pull().await?;
                }
            }
        }
        let named = |branch: &String| changes.iter().any(|change| change.branch == *branch);
        let heads = self.heads().await?.into_iter();
        Ok(heads.filter(|(branch, _)| named(branch)).collect())
    }

    async fn pull(&self) -> Result<(), RepositoryError> {
        let Some(upstream) = &self.upstream else {
            return Ok(());
        };
        let url = upstream.place.url.as_str();
        let arguments = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--",
            url,
            ALL_BRANCHES,
        ];
        self.reach(&arguments).await.map(drop)
    }
}

/// Tells whether a text can be the id of a commit.
fn is_id(text: &str) -> bool {
    (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
