//! The vault: the secrets of the server, in memory and in one file.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "the tests look at the files themselves"
    )
)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::key::{KeyError, VaultKey};
use super::sealed::Sealed;
use crate::net::Secret;
use crate::server::configuration::durable;

/// The file in the data folder.
const FILE: &str = "secrets.json";
/// The version of its form.
const VERSION: u32 = 1;
/// What the key is known by.
const KEY_PLACE: &[u8] = b"tidegate vault key";
/// What stands before the names of all records, where they are sealed together.
const SEAL_PLACE: &str = "tidegate vault seal";

/// Secrets by scope and name; clones share them.
#[derive(Clone, Debug)]
pub struct Vault {
    /// What they share.
    shared: Arc<Shared>,
}

/// What all clones share.
#[derive(Debug)]
struct Shared {
    /// The file.
    path: PathBuf,
    /// The key.
    key: VaultKey,
    /// The records.
    records: Mutex<Records>,
}

/// Records by scope and name.
type Records = BTreeMap<(String, String), BTreeMap<String, Secret>>;

/// What may be told of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultRecord {
    /// The scope.
    pub scope: String,
    /// The name.
    pub name: String,
    /// The names of its values.
    pub keys: Vec<String>,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// The version of this form.
    version: u32,
    /// Opens with the right key.
    key: Sealed,
    /// Opens if the records are those that were written.
    seal: Sealed,
    /// The records.
    records: Vec<StoredRecord>,
}

/// One record of the file.
#[derive(Serialize, Deserialize)]
struct StoredRecord {
    /// The scope.
    scope: String,
    /// The name.
    name: String,
    /// The values.
    values: Sealed,
}

/// Secrets can't be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no usable key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key is another one than that which the secrets were written with.
    #[error(
        "the key does not open the secrets in {0}: set TIDEGATE_SECRET_KEY to the key that they were written with, or put the key file back; nothing was changed"
    )]
    WrongKey(PathBuf),
    /// The file is not as it was written.
    #[error(
        "{path} was changed or damaged: {reason}; restore it from a backup, or move it away and create the secrets again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file can't be read or written.
    #[error("can't use the file of secrets {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Nothing can be encrypted.
    #[error("the secrets can't be encrypted: the system has no random numbers")]
    NotSealed,
}

impl Vault {
    /// Opens the vault in a folder, with the operator's key where there is one.
    pub fn open(folder: &Path, given: Option<&Secret>) -> Result<Self, VaultError> {
        let path = folder.join(FILE);
        let content = durable::read(&path).map_err(|source| VaultError::File {
            path: path.clone(),
            source,
        })?;
        let secrets = match &content {
            Some(_) => Presence::Present,
            None => Presence::Absent,
        };
        let key = VaultKey::obtain(given, folder, secrets)?;
        let records = content
            .map(|content| decode(&path, &key, &content))
            .transpose()?
            .unwrap_or_default();
        let shared = Shared {
            path,
            key,
            records: Mutex::new(records),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Returns the values of a secret.
    #[must_use]
    pub fn values(&self, scope: &str, name: &str) -> Option<BTreeMap<String, Secret>> {
        let place = (scope.to_owned(), name.to_owned());
        self.records().get(&place).cloned()
    }

    /// Returns what may be told of all secrets.
    #[must_use]
    pub fn list(&self) -> Vec<VaultRecord> {
        let records = self.records();
        let told = records.iter().map(|((scope, name), values)| VaultRecord {
            scope: scope.clone(),
            name: name.clone(),
            keys: values.keys().cloned().collect(),
        });
        told.collect()
    }

    /// Keeps a secret, or takes it away; tells whether there was one. `allowed` decides by whether there is one already,
    /// so that of two who create the same, one hears of the other.
    pub fn set(
        &self,
        scope: &str,
        name: &str,
        values: Option<BTreeMap<String, Secret>>,
        allowed: impl FnOnce(Presence) -> bool,
    ) -> Result<Presence, VaultError> {
        let mut records = self.records();
        let place = (scope.to_owned(), name.to_owned());
        let presence = if records.contains_key(&place) {
            Presence::Present
        } else {
            Presence::Absent
        };
        if !allowed(presence) {
            return Ok(presence);
        }
        let mut changed = records.clone();
        match values {
            Some(values) => changed.insert(place, values),
            None => changed.remove(&place),
        };
        let content = encode(&self.shared.key, &changed).ok_or(VaultError::NotSealed)?;
        let path = &self.shared.path;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        durable::create_folder(folder)
            .and_then(|()| durable::write(path, &content))
            .map_err(|source| VaultError::File {
                path: path.clone(),
                source,
            })?;
        *records = changed;
        Ok(presence)
    }

    /// Returns the records. They are replaced in one step, so a poisoned lock harms nothing.
    fn records(&self) -> MutexGuard<'_, Records> {
        let records = &self.shared.records;
        records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a secret is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Present,
    /// It is not.
    Absent,
}

/// Returns what binds values to their scope and name: lengths first, so that no two places look alike.
fn place(scope: &str, name: &str) -> Vec<u8> {
    format!("secret {} {} {scope}{name}", scope.len(), name.len()).into_bytes()
}

/// Returns what the seal covers.
fn seal_place(records: &[StoredRecord]) -> Option<Vec<u8>> {
    let mut place = SEAL_PLACE.as_bytes().to_vec();
    place.extend(serde_json::to_vec(records).ok()?);
    Some(place)
}

/// Writes the file.
fn encode(key: &VaultKey, records: &Records) -> Option<Vec<u8>> {
    let mut stored = Vec::with_capacity(records.len());
    for ((scope, name), values) in records {
        let exposed: BTreeMap<&str, &str> = values
            .iter()
            .map(|(key, value)| (key.as_str(), value.expose()))
            .collect();
        stored.push(StoredRecord {
            scope: scope.clone(),
            name: name.clone(),
            values: Sealed::seal(
                key,
                &place(scope, name),
                &serde_json::to_vec(&exposed).ok()?,
            )?,
        });
    }
    let whole = Stored {
        version: VERSION,
        key: Sealed::seal(key, KEY_PLACE, &[])?,
        seal: Sealed::seal(key, &seal_place(&stored)?, &[])?,
        records: stored,
    };
    serde_json::to_vec_pretty(&whole).ok()
}

/// Reads the file.
fn decode(path: &Path, key: &VaultKey, content: &[u8]) -> Result<Records, VaultError> {
    let damaged = |reason: &str| VaultError::Damaged {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    // What serde says could quote the content.
    let stored: Stored = serde_json::from_slice(content)
        .map_err(|_malformed| damaged("it is not in the form that tidegate writes"))?;
    if stored.version != VERSION {
        return Err(damaged("it was written by a newer tidegate"));
    }
    if stored.key.open(key, KEY_PLACE).is_none() {
        return Err(VaultError::WrongKey(path.to_owned()));
    }
    let sealed = seal_place(&stored.records).ok_or_else(|| damaged("it can't be read"))?;
    if stored.seal.open(key, &sealed).is_none() {
        return Err(damaged("its records are not those that were written"));
    }
    let mut records = Records::new();
    for record in stored.records {
        let opened = record.values.open(key, &place(&record.scope, &record.name));
        let opened = opened.ok_or_else(|| damaged("a record does not open"))?;
        let values: BTreeMap<String, String> = serde_json::from_slice(&opened)
            .map_err(|_malformed| damaged("a record can't be read"))?;
        let secret = values
            .into_iter()
            .map(|(key, value)| (key, Secret::new(value)));
        records.insert((record.scope, record.name), secret.collect());
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde_json::Value;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "it is handed on as it is")]
    fn values(pairs: &[(&str, &str)]) -> Option<BTreeMap<String, Secret>> {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Secret::new(*value)));
        Some(pairs.collect())
    }

    fn key(byte: u8) -> Secret {
        Secret::new(BASE64_STANDARD.encode([byte; 32]))
    }

    /// Returns what every file below a folder holds.
    fn everything(folder: &Path) -> Vec<u8> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.extend(everything(&path));
            } else {
                all.extend(std::fs::read(path).unwrap());
            }
        }
        all
    }

    #[test]
    fn secrets_survive_a_restart_and_are_in_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), None).unwrap();
        let put = |name: &str, value: &str| {
            vault
                .set("scope", name, values(&[("k", value)]), |_| true)
                .unwrap()
        };
        assert_eq!(put("a", "hunter2"), Presence::Absent);
        assert_eq!(put("b", "correct horse"), Presence::Absent);
        assert_eq!(put("a", "hunter3"), Presence::Present);
        let again = Vault::open(folder.path(), None).unwrap();
        assert_eq!(again.values("scope", "a").unwrap()["k"].expose(), "hunter3");
        assert_eq!(again.values("other", "a"), None);
        assert_eq!(again.list().len(), 2);
        assert_eq!(again.list()[0].keys, ["k"]);
        let all = String::from_utf8_lossy(&everything(folder.path())).into_owned();
        for secret in ["hunter2", "hunter3", "correct horse"] {
            assert!(!all.contains(secret));
            assert!(!all.contains(&BASE64_STANDARD.encode(secret)));
        }
        again.set("scope", "a", None, |_| true).unwrap();
        let last = Vault::open(folder.path(), None).unwrap();
        assert_eq!(last.values("scope", "a"), None);
    }

    #[test]
    fn nothing_happens_where_it_is_not_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), None).unwrap();
        let absent = vault.set("s", "a", values(&[("k", "1")]), |found| {
            found == Presence::Present
        });
        assert_eq!(absent.unwrap(), Presence::Absent);
        assert!(vault.list().is_empty());
    }

    #[test]
    fn another_key_is_told_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Some(&key(1))).unwrap();
        vault
            .set("s", "a", values(&[("k", "v")]), |_| true)
            .unwrap();
        let before = everything(folder.path());
        let refused = Vault::open(folder.path(), Some(&key(2))).unwrap_err();
        assert!(matches!(refused, VaultError::WrongKey(_)), "{refused}");
        assert_eq!(everything(folder.path()), before);
        assert!(Vault::open(folder.path(), Some(&key(1))).is_ok());
    }

    #[test]
    fn every_change_of_the_file_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Some(&key(1))).unwrap();
        for (name, value) in [("a", "1"), ("b", "2")] {
            vault
                .set("s", name, values(&[("k", value)]), |_| true)
                .unwrap();
        }
        let path = folder.path().join(FILE);
        let content = std::fs::read(&path).unwrap();
        let original: Value = serde_json::from_slice(&content).unwrap();
        let refused = |what: &str, change: &dyn Fn(&mut Value)| {
            let mut changed = original.clone();
            change(&mut changed);
            assert_ne!(changed, original, "{what}");
            std::fs::write(&path, changed.to_string()).unwrap();
            let opened = Vault::open(folder.path(), Some(&key(1)));
            assert!(matches!(opened, Err(VaultError::Damaged { .. })), "{what}");
        };
        refused("another scope", &|file| {
            file["records"][0]["scope"] = "t".into();
        });
        refused("another name", &|file| {
            file["records"][0]["name"] = "c".into();
        });
        refused("a record less", &|file| {
            drop(file["records"].as_array_mut().unwrap().pop());
        });
        refused("exchanged values", &|file| {
            let first = file["records"][0]["values"].take();
            file["records"][0]["values"] = file["records"][1]["values"].take();
            file["records"][1]["values"] = first;
        });
        refused("a newer form", &|file| file["version"] = 2.into());
        refused("no seal", &|file| {
            drop(file.as_object_mut().unwrap().remove("seal"));
        });
        for at in 0..content.len() {
            let mut flipped = content.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            // A blank between two members may be another blank; what is read is the same or refused.
            if let Ok(vault) = Vault::open(folder.path(), Some(&key(1))) {
                assert_eq!(vault.values("s", "a").unwrap()["k"].expose(), "1", "{at}");
                assert_eq!(vault.values("s", "b").unwrap()["k"].expose(), "2", "{at}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), None).unwrap();
        vault
            .set("s", "a", values(&[("k", "v")]), |_| true)
            .unwrap();
        let mode = std::fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
