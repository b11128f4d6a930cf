//! Google Cloud Storage: where its credentials come from.
#![expect(
    clippy::disallowed_methods,
    reason = "looks for the file of gcloud in the user's home"
)]

use std::path::{Path, PathBuf};

use object_store::gcp::GoogleCloudStorageBuilder;
use serde::Deserialize;

use super::address::{Problem, endpoint};
use super::opened::{Faces, Way};
use crate::eventlog::Variables;

/// The kinds of credentials that the library can use.
const KINDS: [&str; 2] = ["service_account", "authorized_user"];

/// Builds the store.
pub(super) fn build(way: Way<'_>) -> Result<Faces, Problem> {
    let Way {
        address,
        variables,
        connector,
        retry,
    } = way;
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(&address.bucket)
        .with_retry(retry)
        .with_http_connector(connector);
    let emulator = variables.get("STORAGE_EMULATOR_HOST").map(|host| {
        if host.contains("://") {
            host.to_owned()
        } else {
            format!("http://{host}")
        }
    });
    if let Some(place) = address.endpoint.clone().or_else(|| emulator.clone()) {
        builder = builder.with_base_url(&endpoint(&place)?);
    }
    let service_account = ["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"];
    if let Some(path) = service_account.iter().find_map(|name| variables.get(name)) {
        builder = builder.with_service_account_path(path);
    } else if let Some(key) = variables.get("GOOGLE_SERVICE_ACCOUNT_KEY") {
        builder = builder.with_service_account_key(key);
    } else if let Some(token) = variables.get("GOOGLE_BEARER_TOKEN") {
        builder = builder.with_bearer_token(token);
    } else if let Some(path) = default_credentials(variables) {
        check(&path)?;
        builder = builder.with_application_credentials(path.to_string_lossy());
    } else if emulator.is_some() {
        // The emulators take any token, but the library wants to have one.
        builder = builder.with_bearer_token("emulator");
    }
    Faces::of(builder.build())
}

/// Returns the file that the environment names, or the one that `gcloud auth application-default login` writes.
fn default_credentials(variables: &Variables) -> Option<PathBuf> {
    if let Some(path) = variables.get("GOOGLE_APPLICATION_CREDENTIALS") {
        return Some(PathBuf::from(path));
    }
    let folder = match variables.get("CLOUDSDK_CONFIG") {
        Some(folder) => PathBuf::from(folder),
        None => variables.home()?.join(".config/gcloud"),
    };
    let path = folder.join("application_default_credentials.json");
    path.exists().then_some(path)
}

/// Refuses a file with credentials that can't be used.
fn check(path: &Path) -> Result<(), Problem> {
    /// What tells the kind of credentials.
    #[derive(Deserialize)]
    struct Credentials {
        /// The kind.
        #[serde(rename = "type")]
        kind: String,
    }
    let shown = path.display();
    let json = std::fs::read(path)
        .map_err(|error| Problem::new(format!("cannot read {shown}: {error}")))?;
    let Ok(Credentials { kind }) = serde_json::from_slice(&json) else {
        return Err(Problem::new(format!(
            "{shown} holds no credentials of Google"
        )));
    };
    if KINDS.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{shown} holds credentials of the kind `{kind}`, which only Google's own tools can use; let them: \
         GOOGLE_BEARER_TOKEN=\"$(gcloud auth application-default print-access-token)\""
    )))
}
