//! Finds the files that a pattern names, and reads them.

#![expect(
    clippy::disallowed_methods,
    reason = "results lie in files; this is where they are found"
)]

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use glob::Pattern;
use jiff::{SignedDuration, Timestamp};

use super::failure::FileError;

use super::format::Format;
use super::read::{self, FileContent, Reading, Said};
use crate::gate::FailureKind;

/// How many files a pattern may name.
const MOST: usize = 1_000;
/// How many files are named where there are too many.
const NAMED: usize = 3;

/// Which files, and how they are read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The folder that a relative pattern starts at.
    pub(super) folder: PathBuf,
    /// The file, or the pattern.
    pub(super) pattern: String,
    /// How old a file may be at the end of the window.
    pub(super) max_age: Option<Duration>,
    /// How they are read.
    pub(super) reading: Reading,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct NamedFile {
    /// Its path, as it is shown.
    pub(super) name: String,
    /// What it comes to.
    pub(super) content: FileContent,
}

/// Why there are no files to ask.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    /// The pattern is none.
    #[error("`{pattern}` is no pattern for files: {source}")]
    Pattern {
        /// What was written.
        pattern: String,
        /// Why.
        source: glob::PatternError,
    },
    /// A folder cannot be looked into.
    #[error("cannot look into `{path}`, which `{pattern}` may name files in: {source}")]
    Folder {
        /// The pattern.
        pattern: String,
        /// The folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// There are more files than any run leaves.
    #[error("`{pattern}` names more than {MOST} files: narrow it")]
    TooMany {
        /// The pattern.
        pattern: String,
    },
    /// A file cannot be read.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: FileError,
    },
    /// The file of before has no counters.
    #[error("`{path}` is {format}, and a `baseline_path` names metrics as text")]
    Baseline {
        /// The file.
        path: String,
        /// Its format.
        format: Format,
    },
    /// A file is older than it may be.
    #[error(
        "`{path}` was last written {age} before the end of the window, and `max_age` is {max_age}: is it left over from an earlier run?"
    )]
    Stale {
        /// The file.
        path: String,
        /// How old it is.
        age: String,
        /// How old it may be.
        max_age: String,
    },
}

impl SourceError {
    /// Returns the kind of failure that it is.
    pub(super) fn kind(&self) -> FailureKind {
        let io = match self {
            Self::Pattern { .. } | Self::TooMany { .. } | Self::Baseline { .. } => {
                return FailureKind::BadQuery;
            }
            Self::Stale { .. } => return FailureKind::BadAnswer,
            Self::Folder { source, .. } => source,
            Self::File {
                source: FileError::Read { source },
                ..
            } => source,
            Self::File { .. } => return FailureKind::BadAnswer,
        };
        let broken = [
            io::ErrorKind::InvalidData,
            io::ErrorKind::UnexpectedEof,
            io::ErrorKind::InvalidInput,
        ];
        if io.kind() == io::ErrorKind::PermissionDenied {
            FailureKind::NotAuthorised
        } else if broken.contains(&io.kind()) {
            FailureKind::BadAnswer
        } else {
            FailureKind::Unavailable
        }
    }
}

impl Source {
    /// Tells the files that the pattern names, each with its format, without understanding them.
    pub(super) fn probe(&self) -> Result<Vec<String>, SourceError> {
        let file = |path: &PathBuf| {
            let name = self.shown(path);
            match read::format(path, &self.reading) {
                Ok(format) => Ok(format!("{name} ({format})")),
                Err(source) => Err(SourceError::File { path: name, source }),
            }
        };
        self.paths()?.iter().map(file).collect()
    }

    /// Reads every file that the pattern names; there may be none. `end` is the end of the window.
    pub(super) fn read(&self, end: Timestamp) -> Result<Vec<NamedFile>, SourceError> {
        let paths = self.paths()?;
        paths.iter().map(|path| self.read_one(path, end)).collect()
    }

    /// Reads the file with metrics of before; it may be of any age.
    pub(super) fn baseline(
        &self,
        path: Option<&str>,
        end: Timestamp,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(path) = path else {
            return Ok(None);
        };
        let before = Self {
            max_age: None,
            pattern: path.to_owned(),
            ..self.clone()
        };
        let file = before.read_one(&self.folder.join(path), end)?;
        match file.content.said {
            Said::Document(text) => Ok(Some(text)),
            Said::Figures(_) => Err(SourceError::Baseline {
                path: file.name,
                format: file.content.format,
            }),
        }
    }

    /// Reads a file.
    fn read_one(&self, path: &Path, end: Timestamp) -> Result<NamedFile, SourceError> {
        let name = self.shown(path);
        let content = read::read(path, &self.reading).map_err(|source| SourceError::File {
            path: name.clone(),
            source,
        })?;
        if let (Some(max_age), Some(modified)) = (self.max_age, content.modified) {
            let age = end.duration_since(modified);
            let max_age = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
            if age > max_age {
                return Err(SourceError::Stale {
                    path: name,
                    age: format!("{:#}", SignedDuration::from_secs(age.as_secs())),
                    max_age: format!("{max_age:#}"),
                });
            }
        }
        Ok(NamedFile { name, content })
    }

    /// Finds the files.
    fn paths(&self) -> Result<Vec<PathBuf>, SourceError> {
        let literal = self.folder.join(&self.pattern);
        // A name can have brackets in it and be no pattern.
        let takes_folders = self.reading.takes_folders();
        if std::fs::metadata(&literal).is_ok_and(|about| takes_folders || !about.is_dir()) {
            return Ok(vec![literal]);
        }
        let is_absolute = Path::new(&self.pattern).is_absolute();
        let pattern = if is_absolute || self.folder.as_os_str().is_empty() {
            self.pattern.clone()
        } else {
            let folder = Pattern::escape(&self.folder.to_string_lossy());
            format!("{folder}/{}", self.pattern)
        };
        let found = glob::glob(&pattern).map_err(|source| SourceError::Pattern {
            pattern: self.pattern.clone(),
            source,
        })?;
        let mut paths = Vec::new();
        for path in found {
            let path = path.map_err(|error| SourceError::Folder {
                pattern: self.pattern.clone(),
                path: error.path().display().to_string(),
                source: error.into(),
            })?;
            if !takes_folders && path.is_dir() {
                continue;
            }
            if paths.len() >= MOST {
                let pattern = self.pattern.clone();
                return Err(SourceError::TooMany { pattern });
            }
            paths.push(path);
        }
        Ok(paths)
    }

    /// Returns how a path is shown: from the folder on.
    fn shown(&self, path: &Path) -> String {
        let shown = path.strip_prefix(&self.folder).unwrap_or(path);
        shown.display().to_string()
    }
}

/// Names some files.
pub(super) fn list(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
