//! A private key for the program `ssh`, which reads keys from files only: in memory where the system has such a folder,
//! outside of the data folder, and gone after the call.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "the tests look at the files themselves"
    )
)]

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::durable;
use super::repository::RepositoryError;
use super::upstream::Upstream;

/// A folder in memory, on Linux.
const MEMORY: &str = "/dev/shm";

/// A key in a file, for one call.
#[derive(Debug)]
pub struct KeyFile {
    /// The folder of the file.
    folder: PathBuf,
    /// Where the keys of hosts are remembered.
    known_hosts: PathBuf,
}

impl KeyFile {
    /// Writes the key of an upstream; `None` where it has none.
    pub fn of(
        upstream: Option<&Upstream>,
        repository: &Path,
    ) -> Result<Option<Self>, RepositoryError> {
        let Some(key) = upstream.and_then(|upstream| upstream.secrets.key.as_ref()) else {
            return Ok(None);
        };
        let memory = Path::new(MEMORY);
        let place = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let file = Self {
            folder: place.join(format!("tidegate-{}", Uuid::new_v4())),
            known_hosts: repository.join("known_hosts"),
        };
        let mut text = key.expose().trim_end().to_owned();
        text.push('\n');
        durable::create_folder(&file.folder)
            .and_then(|()| durable::write(&file.path(), text.as_bytes()))
            .map_err(|source| RepositoryError::Disk {
                what: "can't write",
                path: file.path().display().to_string(),
                source,
            })?;
        Ok(Some(file))
    }

    /// Returns the command for `GIT_SSH_COMMAND`, whose words git divides as a shell does.
    #[must_use]
    pub fn ssh_command(&self) -> String {
        format!(
            "ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=15 \
             -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={} -i {}",
            quote(&self.known_hosts),
            quote(&self.path())
        )
    }

    /// Returns the path of the key.
    fn path(&self) -> PathBuf {
        self.folder.join("key")
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        // Where it can't be removed, the system does so at its next start.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Quotes a path for a shell.
fn quote(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::super::upstream::UpstreamSecrets;
    use super::*;
    use crate::net::Secret;

    #[test]
    fn a_key_is_on_the_disk_for_one_call_and_not_in_the_data_folder() {
        let upstream = Upstream {
            secrets: UpstreamSecrets {
                key: Some(Secret::new("KEY")),
                ..UpstreamSecrets::default()
            },
            ..Upstream::default()
        };
        let data = tempfile::tempdir().unwrap();
        let odd = data.path().join("it's");
        let key = KeyFile::of(Some(&upstream), &odd).unwrap().unwrap();
        let path = key.path();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "KEY\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        assert!(!path.starts_with(data.path()));
        assert!(key.ssh_command().contains("it'\\''s/known_hosts'"));
        drop(key);
        assert!(!path.exists());
        assert!(
            KeyFile::of(Some(&Upstream::default()), &odd)
                .unwrap()
                .is_none()
        );
    }
}
