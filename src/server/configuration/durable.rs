//! Files that are there whole or not at all, also after the power failed.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: writes the data folder of the server"
)]

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// What names of unfinished files and folders begin with; they are removed at the next start.
pub const PARTIAL: &str = ".partial-";

/// Writes a file that only its owner can read: beside its place first, then under its name.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let partial = folder.join(format!("{PARTIAL}{}", Uuid::new_v4()));
    let written = private_file(&partial)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&partial, path))
        .and_then(|()| sync(folder));
    if written.is_err() {
        // It is of no use to anyone; what matters is said.
        drop(fs::remove_file(&partial));
    }
    written
}

/// Reads a text; `None` where there is none that can be read.
pub fn read_text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Makes a folder and what is missing above it, durably; only its owner can look into it.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().filter(|above| *above != Path::new(""));
    if let Some(above) = above {
        create_folder(above)?;
    }
    match private_folder(folder) {
        Ok(()) => sync(above.unwrap_or_else(|| Path::new("."))),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives a folder another name in the same folder, durably.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync(to.parent().unwrap_or_else(|| Path::new(".")))
}

/// Takes a folder away: it is gone under its name at once, then piece by piece.
pub fn remove_folder(folder: &Path) -> io::Result<()> {
    let above = folder.parent().unwrap_or_else(|| Path::new("."));
    let doomed = above.join(format!("{PARTIAL}{}", Uuid::new_v4()));
    rename(folder, &doomed)?;
    fs::remove_dir_all(&doomed)
}

/// Removes what was not finished when the process ended.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Reads a file; `None` where there is none.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the folders in a folder, by name.
pub fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Makes the entries of a folder durable. Windows has no such call and needs none.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}

/// Creates a file that only its owner can read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder that only its owner can look into.
fn private_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix has modes"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
