//! What Keptn's own command line stored: the file that `KEPTNCONFIG` names, and those in `~/.keptn`.

#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: reads the files of Keptn's command line"
)]

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;

/// Where the names of the files begin that `keptn auth` writes: `.keptn__CONTEXT__NAMESPACE`.
const STORED: &str = ".keptn__";
/// The most bytes that are read of a file.
const MOST_BYTES: u64 = 64 * 1024;
/// The most files that are looked at.
const MOST_FILES: usize = 1_000;

/// An installation that Keptn's command line knows.
pub struct KeptnInstallation {
    /// Where that stands.
    pub place: PathBuf,
    /// The URL.
    pub endpoint: String,
    /// The token.
    pub token: String,
}

/// What `KEPTNCONFIG` names.
#[derive(Deserialize)]
struct Config {
    /// The installations.
    #[serde(default)]
    contexts: Vec<Context>,
}

/// One installation.
#[derive(Deserialize)]
struct Context {
    /// The namespace.
    #[serde(default)]
    namespace: String,
    /// Where its API is.
    #[serde(default)]
    endpoint: String,
    /// Its token.
    #[serde(default)]
    api_token: String,
}

/// Returns the installations that Keptn's command line knows, of a namespace where one is named.
pub fn installations(namespace: Option<&str>, environment: &Environment) -> Vec<KeptnInstallation> {
    let named = environment.get("KEPTNCONFIG").map(Path::new);
    let mut found = named.map_or_else(Vec::new, |path| configured(path, namespace));
    let home = environment
        .get("HOME")
        .or_else(|| environment.get("USERPROFILE"));
    if let Some(home) = home {
        found.extend(stored(&Path::new(home).join(".keptn"), namespace));
    }
    found
}

/// Returns the installations of the file that `KEPTNCONFIG` names.
fn configured(path: &Path, namespace: Option<&str>) -> Vec<KeptnInstallation> {
    let config: Option<Config> = text(path).and_then(|text| serde_saphyr::from_str(&text).ok());
    let contexts = config.map(|config| config.contexts).unwrap_or_default();
    let is_meant = |context: &Context| {
        let is_usable = !context.endpoint.trim().is_empty();
        is_usable && namespace.is_none_or(|namespace| context.namespace == namespace)
    };
    let contexts = contexts.into_iter().filter(is_meant);
    contexts
        .map(|context| KeptnInstallation {
            place: path.to_owned(),
            endpoint: context.endpoint.trim().to_owned(),
            token: context.api_token.trim().to_owned(),
        })
        .collect()
}

/// Returns the installations that `keptn auth` stored: a line with the endpoint, and one with the token.
fn stored(folder: &Path, namespace: Option<&str>) -> Vec<KeptnInstallation> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_meant = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let rest = name.and_then(|name| name.strip_prefix(STORED));
        rest.is_some_and(|rest| {
            namespace.is_none_or(|namespace| rest.rsplit("__").next() == Some(namespace))
        })
    };
    let entries = entries.take(MOST_FILES).flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_meant).collect();
    paths.sort();
    let read = paths.into_iter().filter_map(|path| {
        let text = text(&path)?;
        let (endpoint, token) = text.trim().split_once('\n')?;
        Some(KeptnInstallation {
            place: path,
            endpoint: endpoint.trim().to_owned(),
            token: token.trim().to_owned(),
        })
    });
    read.collect()
}

/// Reads a small file; what can't be read holds nothing.
fn text(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}
