//! `control_plane` in `tidegate.yaml`: which control plane the client commands speak to.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::interpolate::{Trouble, fill};
use super::provider_block::tls;
use super::reader::Reader;
use crate::eventlog::{Secret, TlsSettings};
use crate::gate::parse_duration;
use crate::spec::reading::Fields;

/// The key.
pub(super) const KEY: &str = "control_plane";

/// The keys of the mapping.
pub(super) const KEYS: [&str; 5] = ["endpoint", "token", "token_file", "tls", "timeout"];

/// What is said of the control plane. Variables in it are filled in by the commands that speak to it, so that no other
/// command asks for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlPlaneOptions {
    /// The URL, as it is written.
    endpoint: Option<String>,
    /// The token, as it is written.
    token: Option<Secret>,
    /// The file that holds the token, as it is written.
    token_file: Option<String>,
    /// How to check the server, and what to show it.
    tls: TlsSettings,
    /// How long the server may take for one answer.
    timeout: Option<Duration>,
    /// Where relative paths start.
    folder: PathBuf,
    /// Where the endpoint stands: `tidegate.yaml:3`.
    place: String,
}

/// What is said of the control plane, with its variables filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilledControlPlane {
    /// The URL.
    pub endpoint: Option<String>,
    /// The token.
    pub token: Option<Secret>,
    /// The file that holds the token.
    pub token_file: Option<PathBuf>,
    /// How to check the server, and what to show it.
    pub tls: TlsSettings,
    /// How long the server may take for one answer.
    pub timeout: Option<Duration>,
    /// Where the endpoint stands.
    pub place: String,
}

impl ControlPlaneOptions {
    /// Fills the variables in.
    ///
    /// # Errors
    /// Says which key can't be filled, and why; never its value.
    pub fn filled(
        &self,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<FilledControlPlane, String> {
        let filled = |key: &str, text: Option<&str>| {
            let text = text.map(|text| fill(text, lookup)).transpose();
            let text = text.map_err(|trouble| format!("`{KEY}.{key}`: {}", reason(&trouble)))?;
            Ok::<Option<String>, String>(text.filter(|text| !text.is_empty()))
        };
        let token = filled("token", self.token.as_ref().map(Secret::expose))?;
        let token_file = filled("token_file", self.token_file.as_deref())?;
        Ok(FilledControlPlane {
            endpoint: filled("endpoint", self.endpoint.as_deref())?,
            token: token.map(Secret::new),
            token_file: token_file.map(|path| self.folder.join(path)),
            tls: self.tls.clone(),
            timeout: self.timeout,
            place: self.place.clone(),
        })
    }
}

/// Says why a text can't be filled.
fn reason(trouble: &[Trouble]) -> String {
    match trouble.first() {
        Some(Trouble::Unset(name)) => format!("the environment variable `{name}` is not set"),
        Some(Trouble::Unclosed) => "a `${` is not closed".to_owned(),
        Some(Trouble::Nested) | None => "a `${` stands inside another `${`".to_owned(),
    }
}

/// Reads `control_plane`.
pub(super) fn read(reader: &mut Reader<'_, '_>, fields: &mut Fields<'_>) -> ControlPlaneOptions {
    let Some((field, mut inner)) = reader.open(fields, KEY) else {
        return ControlPlaneOptions::default();
    };
    let path = reader.findings.source().path();
    let place = format!("{path}:{}", reader.findings.line_of(field.key));
    let mut text = |name: &str| {
        let field = inner.take_set(name)?;
        reader.findings.text(field.value, name)
    };
    let (endpoint, token, token_file) = (text("endpoint"), text("token"), text("token_file"));
    let timeout = text("timeout").and_then(|text| {
        let duration = parse_duration(&text).ok()?;
        let duration = Duration::try_from(duration).ok();
        duration.filter(|duration| !duration.is_zero())
    });
    let options = ControlPlaneOptions {
        endpoint,
        token: token.map(Secret::new),
        token_file,
        tls: tls(reader, &mut inner),
        timeout,
        folder: reader.surroundings.folder.to_owned(),
        place,
    };
    reader.refuse_rest(inner, "`control_plane`", &KEYS);
    options
}

/// Returns the JSON Schema of the key.
pub(super) fn schema(tls: &Value) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "description": "The control plane that trigger, get, approve and their like speak to: a Keptn, or tidegate serve.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "endpoint": text("Its URL; /api is added where the URL has no path."),
            "token": text("Its token; let a variable hold it: ${KEPTN_TOKEN}."),
            "token_file": text("A file that holds the token."),
            "tls": tls,
            "timeout": text("How long it may take for one answer. Default: 30s.")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_when_somebody_speaks_to_the_server_and_values_are_never_shown() {
        let options = ControlPlaneOptions {
            endpoint: Some("https://${HOST}".to_owned()),
            token: Some(Secret::new("${TOKEN}")),
            token_file: Some("token".to_owned()),
            folder: PathBuf::from("/work"),
            ..ControlPlaneOptions::default()
        };
        let lookup = |name: &str| Some(format!("of-{name}"));
        let filled = options.filled(&lookup).unwrap();
        assert_eq!(filled.endpoint.as_deref(), Some("https://of-HOST"));
        assert_eq!(filled.token.unwrap().expose(), "of-TOKEN");
        assert_eq!(filled.token_file, Some(PathBuf::from("/work/token")));
        let error = options.filled(&|_| None).unwrap_err();
        assert!(error.contains("variable"), "{error}");
    }
}
