//! The secrets that executors may use: by scope, never those of the server itself.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::refusal::{hidden, unkept};
use crate::executor::SecretReader;
use crate::net::Secret;
use crate::server::configuration::UPSTREAM_SCOPE;
use crate::server::problem::Problem;
use crate::server::vault::{Presence, Vault, VaultRecord};

/// The most characters of a name.
const MOST_NAME: usize = 253;
/// The most bytes of all values of a secret, as in Kubernetes.
const MOST_BYTES: usize = 1024 * 1024;

/// What an operator can choose of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretsSettings {
    /// The scopes; the first is the default.
    pub scopes: Vec<String>,
}

/// Secrets by scope; clones share them.
#[derive(Clone, Debug)]
pub struct SecretShelf {
    /// Where they are.
    vault: Vault,
    /// The scopes.
    scopes: Vec<String>,
}

impl Default for SecretsSettings {
    fn default() -> Self {
        let scopes = [
            "keptn-default",
            "keptn-webhook-service",
            "dynatrace-service",
            "keptn-prometheus-service",
        ];
        Self {
            scopes: scopes.map(str::to_owned).into(),
        }
    }
}

impl SecretShelf {
    /// Takes the scopes of the settings; the server's own is never one of them.
    #[must_use]
    pub fn new(vault: Vault, settings: SecretsSettings) -> Self {
        let scopes = settings
            .scopes
            .into_iter()
            .filter(|scope| scope != UPSTREAM_SCOPE);
        Self {
            vault,
            scopes: scopes.collect(),
        }
    }

    /// Returns the scopes.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Returns what may be told of the secrets of all scopes.
    #[must_use]
    pub fn list(&self) -> Vec<VaultRecord> {
        let mut records = self.vault.list();
        records.retain(|record| self.scopes.contains(&record.scope));
        records
    }

    /// Creates a secret; "" stands for the default scope.
    pub fn create(
        &self,
        name: &str,
        scope: &str,
        values: BTreeMap<String, Secret>,
    ) -> Result<(), Problem> {
        let default = self.scopes.first().map(String::as_str).unwrap_or_default();
        let scope = if scope.is_empty() { default } else { scope };
        self.check(name, scope)?;
        check_values(&values)?;
        match self.set(scope, name, Some(values), Presence::Absent)? {
            Presence::Absent => Ok(()),
            Presence::Present => Err(Problem::conflict(format!(
                "the secret {name} exists already in the scope {scope}"
            ))),
        }
    }

    /// Replaces a secret.
    pub fn update(
        &self,
        name: &str,
        scope: &str,
        values: BTreeMap<String, Secret>,
    ) -> Result<(), Problem> {
        self.check(name, scope)?;
        check_values(&values)?;
        let found = self.set(scope, name, Some(values), Presence::Present)?;
        present(found, name, scope)
    }

    /// Deletes a secret.
    pub fn delete(&self, name: &str, scope: &str) -> Result<(), Problem> {
        self.check(name, scope)?;
        let found = self.set(scope, name, None, Presence::Present)?;
        present(found, name, scope)
    }

    /// Changes the vault if a secret is there, or is not, as it has to be.
    fn set(
        &self,
        scope: &str,
        name: &str,
        values: Option<BTreeMap<String, Secret>>,
        needed: Presence,
    ) -> Result<Presence, Problem> {
        let set = self.vault.set(scope, name, values, |found| found == needed);
        set.map_err(|error| unkept(&error))
    }

    /// Checks a name and a scope.
    fn check(&self, name: &str, scope: &str) -> Result<(), Problem> {
        if scope.is_empty() {
            return Err(Problem::bad_request("the secret needs a scope"));
        }
        if !self.scopes.iter().any(|one| one == scope) {
            let scopes = self.scopes.join(", ");
            let told = hidden(scope);
            return Err(Problem::bad_request(format!(
                "there is no scope {told}; there are: {scopes}"
            )));
        }
        check_name("the name of a secret", name)
    }
}

#[async_trait]
impl SecretReader for SecretShelf {
    async fn secret(&self, scope: &str, name: &str, key: &str) -> Option<Secret> {
        if !self.scopes.iter().any(|one| one == scope) {
            return None;
        }
        self.vault.values(scope, name)?.remove(key)
    }
}

/// Checks the values of a secret.
fn check_values(values: &BTreeMap<String, Secret>) -> Result<(), Problem> {
    if values.is_empty() {
        return Err(Problem::bad_request(
            "the secret needs at least one value under `data`",
        ));
    }
    for key in values.keys() {
        check_name("the key of a value", key)?;
    }
    let bytes: usize = values.values().map(|value| value.expose().len()).sum();
    if bytes > MOST_BYTES {
        return Err(Problem::bad_request(format!(
            "the values have {bytes} bytes; {MOST_BYTES} is the most"
        )));
    }
    Ok(())
}

/// Checks a name that is shown, and looked up in templates.
fn check_name(what: &str, name: &str) -> Result<(), Problem> {
    let is_good = !name.is_empty()
        && name.len() <= MOST_NAME
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if is_good {
        return Ok(());
    }
    let told = hidden(name);
    Err(Problem::bad_request(format!(
        "{what} has to be of letters, digits, `-`, `_` and `.`, at most {MOST_NAME}: `{told}` is not"
    )))
}

/// Says that a secret is not there.
fn present(found: Presence, name: &str, scope: &str) -> Result<(), Problem> {
    match found {
        Presence::Present => Ok(()),
        Presence::Absent => Err(Problem::not_found(format!(
            "there is no secret {name} in the scope {scope}"
        ))),
    }
}
