//! The control planes that `tidegate auth` stored: names, URLs and tokens in a file that only its owner can read.

#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: reads and writes the user's own file"
)]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;

/// The most bytes that are read of the file.
const MOST_BYTES: u64 = 1024 * 1024;

/// What is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ControlPlanes {
    /// The one that is used where nobody says.
    #[serde(default)]
    pub current: String,
    /// All of them, by name.
    #[serde(default)]
    pub control_planes: BTreeMap<String, StoredControlPlane>,
}

/// One control plane.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredControlPlane {
    /// The URL.
    pub endpoint: String,
    /// The token; "" where none is needed.
    #[serde(default)]
    pub token: String,
}

impl std::fmt::Debug for StoredControlPlane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut told = f.debug_struct("StoredControlPlane");
        told.field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl ControlPlanes {
    /// Returns where they are stored; `None` where nobody knows the user's home folder.
    pub fn path(environment: &Environment) -> Option<PathBuf> {
        let folder = if let Some(folder) = environment.get("XDG_CONFIG_HOME") {
            PathBuf::from(folder)
        } else {
            let home = environment
                .get("HOME")
                .or_else(|| environment.get("USERPROFILE"));
            PathBuf::from(home?).join(".config")
        };
        Some(folder.join("tidegate").join("control-planes.json"))
    }

    /// Reads them; without a file there are none.
    pub fn read(environment: &Environment) -> Result<Self, Failure> {
        let Some(path) = Self::path(environment) else {
            return Ok(Self::default());
        };
        let mut text = String::new();
        let read =
            fs::File::open(&path).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
        let shown = path.display();
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                let message = format!("{shown} can't be read: {error}");
                return Err(Failure::new(Exit::Configuration, message));
            }
            Ok(_) => {}
        }
        // The reason is not told: it could show a part of a token.
        serde_json::from_str(&text).map_err(|_told_below| {
            Failure::new(Exit::Configuration, format!("{shown} is malformed"))
                .with_hint("remove it, and store the token again: tidegate auth")
        })
    }

    /// Writes them, whole or not at all, for their owner alone. Returns where.
    pub fn write(&self, environment: &Environment) -> Result<PathBuf, Failure> {
        let Some(path) = Self::path(environment) else {
            let message = "nobody knows where to store the token: HOME is not set";
            return Err(Failure::new(Exit::CannotCreate, message)
                .with_hint("set HOME or XDG_CONFIG_HOME; in CI, set TIDEGATE_TOKEN instead"));
        };
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        write_alone(&path, text.as_bytes()).map_err(|error| {
            let message = format!("{} can't be written: {error}", path.display());
            Failure::new(Exit::CannotWrite, message)
        })?;
        Ok(path)
    }
}

/// Writes a file that only its owner can read.
fn write_alone(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&partial).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&partial, path));
    if renamed.is_err() {
        // It is of no use to anyone; what matters is said.
        drop(fs::remove_file(&partial));
    }
    renamed
}
