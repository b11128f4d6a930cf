//! The key of the vault: from the operator, or from a file that is made at the first start.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "the tests look at the files themselves"
    )
)]

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::store::Presence;
use crate::net::Secret;
use crate::server::configuration::durable;

/// The bytes of a key.
pub(super) const BYTES: usize = 32;
/// The key file in the data folder.
const FILE: &str = "secret.key";

/// A key. It says nothing of itself.
#[derive(Clone)]
pub struct VaultKey([u8; BYTES]);

/// There is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operator's key is none.
    #[error(
        "the key of the secrets has to be {BYTES} bytes in base64, as `openssl rand -base64 {BYTES}` prints them"
    )]
    Malformed,
    /// The key file holds none.
    #[error("{0} does not hold a key: it has to be {BYTES} bytes in base64")]
    MalformedFile(PathBuf),
    /// There are secrets, and no key.
    #[error(
        "{0} is missing, and there are secrets that only its key opens: put it back, or set TIDEGATE_SECRET_KEY"
    )]
    Lost(PathBuf),
    /// The key file can't be read or written.
    #[error("can't use the key file {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The system has no random numbers.
    #[error("the system has no random numbers for a key")]
    NoRandomness,
}

impl std::fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl VaultKey {
    /// Takes the operator's key where there is one, else the one of the data folder, which is made if need be.
    pub fn obtain(
        given: Option<&Secret>,
        folder: &Path,
        secrets: Presence,
    ) -> Result<Self, KeyError> {
        if let Some(given) = given {
            return Self::parse(given.expose()).ok_or(KeyError::Malformed);
        }
        let path = folder.join(FILE);
        let failure = |source| KeyError::File {
            path: path.clone(),
            source,
        };
        if let Some(content) = durable::read(&path).map_err(failure)? {
            let text = String::from_utf8_lossy(&content);
            return Self::parse(&text).ok_or_else(|| KeyError::MalformedFile(path.clone()));
        }
        if secrets == Presence::Present {
            return Err(KeyError::Lost(path));
        }
        let key = Self::random()?;
        let text = format!("{}\n", BASE64_STANDARD.encode(key.0));
        durable::create_folder(folder)
            .and_then(|()| durable::write(&path, text.as_bytes()))
            .map_err(failure)?;
        Ok(key)
    }

    /// Makes a key.
    fn random() -> Result<Self, KeyError> {
        let mut bytes = [0; BYTES];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_unspecified| KeyError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads a key.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text.trim()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Returns the bytes, for the one place that encrypts.
    pub(super) fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_is_never_made_again_over_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let first = VaultKey::obtain(None, folder.path(), Presence::Absent).unwrap();
        let again = VaultKey::obtain(None, folder.path(), Presence::Present).unwrap();
        assert_eq!(first.bytes(), again.bytes());
        let path = folder.path().join(FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        std::fs::remove_file(&path).unwrap();
        let lost = VaultKey::obtain(None, folder.path(), Presence::Present).unwrap_err();
        assert!(matches!(lost, KeyError::Lost(_)));
        std::fs::write(&path, "c2hvcnQ=").unwrap();
        let short = VaultKey::obtain(None, folder.path(), Presence::Present).unwrap_err();
        assert!(matches!(short, KeyError::MalformedFile(_)));
        assert_eq!(format!("{first:?}"), "***");
    }

    #[test]
    fn the_operators_key_goes_before_the_file_and_is_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let given = Secret::new(BASE64_STANDARD.encode([7; BYTES]));
        let key = VaultKey::obtain(Some(&given), folder.path(), Presence::Present).unwrap();
        assert_eq!(key.bytes(), &[7; BYTES]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for bad in ["", "abc", "not base64!"] {
            let refused =
                VaultKey::obtain(Some(&Secret::new(bad)), folder.path(), Presence::Present)
                    .unwrap_err();
            assert!(matches!(refused, KeyError::Malformed), "{bad}");
            assert!(!refused.to_string().contains("not base64!"));
        }
    }
}
