//! The API token: from the environment, or where Keptn's own command line keeps it for this very endpoint.
#![expect(
    clippy::disallowed_methods,
    reason = "an adapter: reads the files of Keptn's command line"
)]

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use crate::control::connection;
use crate::eventlog::variables::Variables;
use crate::net::Secret;

/// The variables that hold a token, the first that is set counts.
const TOKEN_VARIABLES: [&str; 2] = ["KEPTN_API_TOKEN", "TIDEGATE_TOKEN"];
/// Names a file with the endpoints and tokens of several installations.
const CONFIG_VARIABLE: &str = "KEPTNCONFIG";
/// Where the names of the files begin that `keptn auth` writes, one for each installation.
const STORED: &str = ".keptn__";
/// The most bytes that are read of a file.
const MOST_BYTES: u64 = 64 * 1024;
/// The most files that are looked at.
const MOST_FILES: usize = 1_000;

/// Finds the token for an endpoint.
pub(super) fn find(variables: &Variables, endpoint: &str) -> Option<Secret> {
    let set = TOKEN_VARIABLES.iter().find_map(|name| variables.get(name));
    set.map(|token| token.trim().to_owned())
        .or_else(|| configured(Path::new(variables.get(CONFIG_VARIABLE)?), endpoint))
        .or_else(|| stored(&variables.home()?.join(".keptn"), endpoint))
        .filter(|token| !token.is_empty())
        .map(Secret::new)
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
    /// Where its API is.
    #[serde(default)]
    endpoint: String,
    /// Its token.
    #[serde(default)]
    api_token: String,
}

/// Looks for the endpoint in the file that `KEPTNCONFIG` names.
fn configured(path: &Path, endpoint: &str) -> Option<String> {
    let config: Config = serde_saphyr::from_str(&text(path)?).ok()?;
    let mut contexts = config.contexts.into_iter();
    let context = contexts.find(|context| is_same(&context.endpoint, endpoint))?;
    Some(context.api_token)
}

/// Looks for the endpoint among the files that `keptn auth` wrote: a line with the endpoint, and one with the token.
fn stored(folder: &Path, endpoint: &str) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?.take(MOST_FILES).flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with(STORED))
    });
    let mut paths: Vec<_> = named.map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().find_map(|path| {
        let text = text(path)?;
        let (stored, token) = text.trim().split_once('\n')?;
        is_same(stored, endpoint).then(|| token.trim().to_owned())
    })
}

/// Tells whether a stored endpoint is the one that is meant.
fn is_same(stored: &str, endpoint: &str) -> bool {
    !stored.trim().is_empty()
        && connection(stored).is_ok_and(|stored| stored.redacted_url() == endpoint)
}

/// Reads a small file; what can't be read holds no token.
fn text(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "https://keptn.example/api";

    fn found(variables: &[(&str, &str)]) -> Option<String> {
        let variables: Variables = variables.iter().copied().collect();
        find(&variables, ENDPOINT).map(|token| token.expose().to_owned())
    }

    #[test]
    fn the_environment_comes_first() {
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[("TIDEGATE_TOKEN", "b")]).unwrap(), "b");
        let both = [("TIDEGATE_TOKEN", "b"), ("KEPTN_API_TOKEN", "a\n")];
        assert_eq!(found(&both).unwrap(), "a");
    }

    #[test]
    fn a_token_of_keptns_command_line_goes_to_its_own_endpoint_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".keptn");
        fs::create_dir(&folder).unwrap();
        let home = home.path().to_str().unwrap();
        assert_eq!(found(&[("HOME", home)]), None);
        fs::write(folder.join(".keptn__a__keptn"), "https://other/api\nwrong").unwrap();
        assert_eq!(found(&[("HOME", home)]), None);
        fs::write(
            folder.join(".keptn__b__keptn"),
            format!("{ENDPOINT}/\r\nstored\r\n"),
        )
        .unwrap();
        fs::write(folder.join("config"), format!("{ENDPOINT}\nno")).unwrap();
        assert_eq!(found(&[("HOME", home)]).unwrap(), "stored");
    }

    #[test]
    fn a_file_with_several_installations_is_looked_through() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keptn.yaml");
        let text = format!(
            "contexts:\n- name: a\n  endpoint: https://other/api\n  api_token: wrong\n- endpoint: {ENDPOINT}\n  api_token: right\n"
        );
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(found(&[("KEPTNCONFIG", path)]).unwrap(), "right");
        fs::write(path, "contexts: 7").unwrap();
        assert_eq!(found(&[("KEPTNCONFIG", path)]), None);
    }
}
