//! `~/.aws/credentials` and `~/.aws/config`, as far as they hold keys, a region, and an endpoint.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the files that the environment points at"
)]

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::address::Problem;
use crate::eventlog::Variables;

/// The most bytes of such a file.
const FILE_LIMIT: usize = 1024 * 1024;
/// What a profile may ask for that only AWS's own tools do.
const UNSUPPORTED: [&str; 4] = [
    "sso_session",
    "sso_start_url",
    "credential_process",
    "role_arn",
];

/// What a profile says.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// `aws_access_key_id`
    pub key_id: Option<String>,
    /// `aws_secret_access_key`
    pub secret: Option<String>,
    /// `aws_session_token`
    pub token: Option<String>,
    /// `region`
    pub region: Option<String>,
    /// `endpoint_url`
    pub endpoint_url: Option<String>,
    /// Where else its credentials come from, which we can't do.
    pub unsupported: Option<Problem>,
}

/// Reads the profile that `AWS_PROFILE` names, or `default`.
pub(super) fn read(variables: &Variables) -> Result<Profile, Problem> {
    let named = variables
        .get("AWS_PROFILE")
        .or_else(|| variables.get("AWS_DEFAULT_PROFILE"));
    let name = named.unwrap_or("default");
    let file = |variable: &str, usual: &str| {
        let usual = || Some(variables.home()?.join(".aws").join(usual));
        variables.get(variable).map(PathBuf::from).or_else(usual)
    };
    let mut said = BTreeMap::new();
    let mut is_found = false;
    // Keys of `credentials` win over those of `config`.
    for (path, prefix) in [
        (file("AWS_CONFIG_FILE", "config"), "profile "),
        (file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ""),
    ] {
        let Some(path) = path else { continue };
        let text = content(&path)?;
        if let Some(found) = section(&text, name, prefix) {
            is_found = true;
            said.extend(found);
        }
    }
    let has_keys = variables.get("AWS_ACCESS_KEY_ID").is_some();
    if named.is_some() && !is_found && !has_keys {
        return Err(Problem::new(format!(
            "AWS_PROFILE is `{name}`, but neither the file with credentials nor the one with settings has such a profile"
        )));
    }
    let unsupported = UNSUPPORTED.iter().find(|key| said.contains_key(**key)).map(|key| {
        Problem::new(format!(
            "the profile `{name}` gets its credentials by `{key}`, which only AWS's own tools do; let them: \
             `eval \"$(aws configure export-credentials --profile {name} --format env)\"`"
        ))
    });
    let mut take = |key: &str| said.remove(key).filter(|value| !value.is_empty());
    Ok(Profile {
        key_id: take("aws_access_key_id"),
        secret: take("aws_secret_access_key"),
        token: take("aws_session_token"),
        region: take("region"),
        endpoint_url: take("endpoint_url"),
        unsupported,
    })
}

/// Reads a file; one that is not there is empty.
fn content(path: &Path) -> Result<String, Problem> {
    let refused = |why: String| Problem::new(format!("cannot read {}: {why}", path.display()));
    match std::fs::read(path) {
        Ok(bytes) if bytes.len() > FILE_LIMIT => {
            Err(refused(format!("it has more than {FILE_LIMIT} bytes")))
        }
        Ok(bytes) => {
            String::from_utf8(bytes).map_err(|_its_bytes| refused("it is no UTF-8".to_owned()))
        }
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
            Ok(String::new())
        }
        Err(error) => Err(refused(error.to_string())),
    }
}

/// Returns what stands below the heading of a profile, if there is one.
fn section(text: &str, name: &str, prefix: &str) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    let mut is_inside = false;
    for line in text.lines() {
        let bare = line.trim();
        if bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(heading) = bare.strip_prefix('[') {
            let heading = heading.split(']').next().unwrap_or_default().trim();
            let own = heading.strip_prefix(prefix).map(str::trim);
            is_inside = own == Some(name) || name == "default" && heading == name;
            if is_inside {
                found.get_or_insert_default();
            }
            continue;
        }
        // What is indented belongs to the key above.
        if !is_inside || line.starts_with([' ', '\t']) {
            continue;
        }
        if let (Some((key, value)), Some(found)) = (bare.split_once('='), &mut found) {
            let value = value.split(" #").next().unwrap_or_default();
            found.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "[default]\naws_access_key_id = AK1\naws_secret_access_key=hush/1+=\n\n[ci]\naws_access_key_id=AK2\naws_secret_access_key=hush2\naws_session_token=hush3\n";
    const CONFIG: &str = "# mine\n[default]\nregion = eu-central-1 # near\ns3 =\n  region = wrong\n[profile ci]\nendpoint_url = http://127.0.0.1:9000\n\
        [profile sso]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x\n";

    fn profile(variables: &[(&str, &str)]) -> Result<Profile, Problem> {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".aws");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("credentials"), CREDENTIALS).unwrap();
        std::fs::write(folder.join("config"), CONFIG).unwrap();
        let home = home.path().to_str().unwrap();
        let all = variables.iter().copied().chain([("HOME", home)]);
        read(&all.collect())
    }

    #[test]
    fn a_profile_has_its_keys_in_one_file_and_its_region_in_the_other() {
        let default = profile(&[]).unwrap();
        assert_eq!(default.key_id.as_deref(), Some("AK1"));
        assert_eq!(default.secret.as_deref(), Some("hush/1+="));
        assert_eq!(default.region.as_deref(), Some("eu-central-1"));
        let ci = profile(&[("AWS_PROFILE", "ci")]).unwrap();
        assert_eq!(ci.key_id.as_deref(), Some("AK2"));
        assert_eq!(ci.token.as_deref(), Some("hush3"));
        assert_eq!(ci.endpoint_url.as_deref(), Some("http://127.0.0.1:9000"));
    }

    #[test]
    fn a_profile_that_is_missing_or_that_only_awss_own_tools_can_use_is_named() {
        let missing = profile(&[("AWS_PROFILE", "prod")]);
        let problem = missing.err().unwrap().to_string();
        assert!(
            problem.starts_with("AWS_PROFILE is `prod`, but"),
            "{problem}"
        );
        let sso = profile(&[("AWS_PROFILE", "sso")]).unwrap();
        let problem = sso.unsupported.unwrap().to_string();
        assert!(problem.contains("by `sso_session`"), "{problem}");
        assert!(read(&Variables::default()).unwrap() == Profile::default());
    }
}
