//! What git answers, read.

use std::collections::BTreeMap;

use super::repository::RepositoryError;

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// `100644` for a file, `120000` for a link, `160000` for a repository of somebody else.
    pub mode: String,
    /// Its id.
    pub id: String,
    /// Its size.
    pub bytes: u64,
    /// Its path.
    pub path: String,
}

impl TreeEntry {
    /// Tells whether it is an ordinary file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self.mode.as_str(), "100644" | "100755")
    }
}

/// Reads the answer of `ls-tree -z -l`. Paths that are no UTF-8 are passed over: nobody could name them.
#[must_use]
pub fn entries(answer: &[u8]) -> Vec<TreeEntry> {
    let lines = answer.split(|byte| *byte == 0);
    lines
        .filter_map(|line| {
            let (properties, path) = std::str::from_utf8(line).ok()?.split_once('\t')?;
            let mut words = properties.split_ascii_whitespace();
            let (mode, _kind, id) = (words.next()?, words.next()?, words.next()?);
            Some(TreeEntry {
                mode: mode.to_owned(),
                id: id.to_owned(),
                bytes: words.next()?.parse().unwrap_or_default(),
                path: path.to_owned(),
            })
        })
        .collect()
}

/// Reads lines of a reference, its commit, and the tree of it.
#[must_use]
pub fn references(answer: &[u8]) -> BTreeMap<String, (String, String)> {
    let text = String::from_utf8_lossy(answer);
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (name, id, tree) = (words.next()?, words.next()?, words.next()?);
        Some((name.to_owned(), (id.to_owned(), tree.to_owned())))
    });
    lines.collect()
}

/// Reads the answer of `ls-remote --symref URL HEAD`: the branch that `HEAD` names. A name that is no plain one is not
/// taken.
#[must_use]
pub fn branch_of_head(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("ref: refs/heads/"))?;
    let (branch, _) = line.split_once('\t')?;
    let is_plain = !branch.is_empty()
        && branch.len() <= 200
        && !branch.contains("..")
        && !branch.starts_with(['-', '/', '.'])
        && branch
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    is_plain.then(|| branch.to_owned())
}

/// Tells what is wrong with an upstream repository from what git says.
#[must_use]
pub fn upstream_error(talk: &str) -> RepositoryError {
    let says = |words: &[&str]| words.iter().any(|word| talk.contains(word));
    if says(&[
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied",
        "returned error: 401",
        "returned error: 403",
        "Invalid username or password",
    ]) {
        RepositoryError::UpstreamRefuses
    } else if says(&[
        "not found",
        "does not exist",
        "does not appear to be a git repository",
        "returned error: 404",
    ]) {
        RepositoryError::UpstreamMissing
    } else {
        RepositoryError::Upstream(talk.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_submodules_are_no_files() {
        let answer = b"100644 blob aa      12\ta b/\xc3\xbc.txt\x00120000 blob bb       3\tlink\x00160000 commit cc       -\tsub\x00100755 blob dd 1\t\xff\x00";
        let found = entries(answer);
        let files: Vec<_> = found.iter().filter(|entry| entry.is_file()).collect();
        assert_eq!(found.len(), 3);
        assert_eq!(files.len(), 1);
        assert_eq!((files[0].path.as_str(), files[0].bytes), ("a b/ü.txt", 12));
    }

    #[test]
    fn a_hostile_name_of_a_branch_is_not_taken() {
        let branch = |name: &str| {
            branch_of_head(format!("ref: refs/heads/{name}\tHEAD\nabc\tHEAD\n").as_bytes())
        };
        assert_eq!(branch("trunk").as_deref(), Some("trunk"));
        for name in ["", "-f", "a..b", "a b", "/x", "a\u{7f}"] {
            assert_eq!(branch(name), None, "{name:?}");
        }
        assert_eq!(branch_of_head(b""), None);
    }
}
