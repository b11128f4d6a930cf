//! A file that is replaced as a whole, or not at all.

#![expect(
    clippy::disallowed_methods,
    reason = "integrations are kept in the folder of the server's data"
)]

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Something could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file can't be read.
    #[error("`{path}` can't be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file can't be written.
    #[error("`{path}` can't be written")]
    Write {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// What the file says can't be understood.
    #[error("`{path}` can't be understood: {reason}; move it away to start without it")]
    Damaged {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

/// Reads a file; `None`: there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, KeepError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| KeepError::Damaged {
            path: path.display().to_string(),
            reason: error.to_string(),
        })
}

/// Replaces a file; when this returns, the new content is durable.
pub(super) fn replace<T: Serialize>(path: &Path, content: &T) -> Result<(), KeepError> {
    let refuse = |cause: io::Error| unwritable(path, cause);
    let text = serde_json::to_vec(content).map_err(|error| refuse(error.into()))?;
    let beside = path.with_extension("new");
    let mut file = private(&beside).map_err(refuse)?;
    file.write_all(&text).map_err(refuse)?;
    file.sync_all().map_err(refuse)?;
    std::fs::rename(&beside, path).map_err(refuse)?;
    sync_folder(path).map_err(refuse)
}

/// Reads the lines of a file, each one a document. The last one may be torn: it was never acknowledged.
pub(super) fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, KeepError> {
    let mut text = String::new();
    match File::open(path) {
        Ok(mut file) => file
            .read_to_string(&mut text)
            .map_err(|cause| unreadable(path, cause))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    let lines = text.lines();
    Ok(lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

/// Replaces the lines of a file.
pub(super) fn replace_lines<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), KeepError> {
    let refuse = |cause: io::Error| unwritable(path, cause);
    let beside = path.with_extension("new");
    let mut file = private(&beside).map_err(refuse)?;
    file.write_all(&as_lines(lines).map_err(refuse)?)
        .map_err(refuse)?;
    file.sync_all().map_err(refuse)?;
    std::fs::rename(&beside, path).map_err(refuse)?;
    sync_folder(path).map_err(refuse)
}

/// Adds lines to a file; when this returns, they are durable.
pub(super) fn append_lines<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), KeepError> {
    let refuse = |cause: io::Error| unwritable(path, cause);
    let mut file = opened(OpenOptions::new().append(true), path).map_err(refuse)?;
    file.write_all(&as_lines(lines).map_err(refuse)?)
        .map_err(refuse)?;
    file.sync_data().map_err(refuse)
}

/// Returns documents as lines. The first line break parts them from a torn line before.
fn as_lines<T: Serialize>(lines: &[T]) -> io::Result<Vec<u8>> {
    let mut bytes = vec![b'\n'];
    for line in lines {
        serde_json::to_writer(&mut bytes, line)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Creates a file that nobody else may read.
fn private(path: &Path) -> io::Result<File> {
    opened(OpenOptions::new().write(true).truncate(true), path)
}

/// Opens a file; where there is none, makes one that nobody else may read.
fn opened(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes the name of a file durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A file can't be read.
fn unreadable(path: &Path, cause: io::Error) -> KeepError {
    KeepError::Read {
        path: path.display().to_string(),
        cause,
    }
}

/// A file can't be written.
fn unwritable(path: &Path, cause: io::Error) -> KeepError {
    KeepError::Write {
        path: path.display().to_string(),
        cause,
    }
}
