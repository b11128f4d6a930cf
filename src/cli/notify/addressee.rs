//! Whom `--notify` names: `slack=env:SLACK_URL`, `webhook=file:PATH`.

use std::path::Path;

use crate::cli::command::Configured;
use crate::cli::environment::Environment;
use crate::cli::failure::Failure;
use crate::config::{NotificationSettings, Origin, SecretPlace, Setting};
use crate::eventlog::{Secret, TlsSettings};
use crate::report::notification::{Channel, Occasions};

/// Someone who is told.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// How to tell it.
    pub settings: NotificationSettings,
    /// Why its URL is not known, where it is not.
    pub lacking: String,
}

/// Returns everyone whom the settings name: those of `notifications`, and those of `--notify`.
pub fn all(configured: &Configured, environment: &Environment) -> Result<Vec<Addressee>, Failure> {
    let origin = configured.settings.origin(Setting::Notify);
    let folder = match origin {
        Origin::Flag(_) | Origin::Environment(_) | Origin::Default => "".into(),
        Origin::File { .. } => environment.near(&configured.places.root),
    };
    let parse = |text: &str| {
        let parts = text.split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        let one = |part| named(part, &origin.to_string(), &folder, environment);
        parts.map(one).collect::<Result<Vec<_>, String>>()
    };
    let typed = configured.settings.read(Setting::Notify, parse)?;
    let listed = configured.file.notifications.iter();
    let listed = listed.map(|settings| Addressee {
        settings: settings.clone(),
        lacking: "its `url` is not set".to_owned(),
    });
    Ok(listed.chain(typed.unwrap_or_default()).collect())
}

/// Reads whom one part of `--notify` names. No text here shows it: it may be a URL, which is a secret.
fn named(
    part: &str,
    origin: &str,
    folder: &Path,
    environment: &Environment,
) -> Result<Addressee, String> {
    const FORM: &str = "write KIND=env:NAME or KIND=file:PATH, such as slack=env:SLACK_URL";
    let (kind, place) = part.split_once('=').ok_or(FORM)?;
    let channel: Channel = kind
        .trim()
        .parse()
        .map_err(|unknown| format!("{unknown}; {FORM}"))?;
    let (url, lacking) = match place.trim().split_once(':') {
        Some(("env", name)) if !name.is_empty() => {
            let text = environment.get(name).map(Secret::new);
            (
                text.map(SecretPlace::Text),
                format!("the variable {name} is not set"),
            )
        }
        Some(("file", path)) if !path.is_empty() => {
            (Some(SecretPlace::File(folder.join(path))), String::new())
        }
        Some(("http" | "https", _)) => {
            return Err(format!(
                "the URL is a secret, which everybody on this machine could read here; {FORM}"
            ));
        }
        Some(_) | None => return Err(FORM.to_owned()),
    };
    let settings = NotificationSettings {
        channel,
        url,
        occasions: Occasions::default(),
        is_signed: false,
        secret: None,
        headers: Vec::new(),
        link: None,
        tls: TlsSettings::default(),
        origin: origin.to_owned(),
    };
    Ok(Addressee { settings, lacking })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_refusal_shows_what_may_be_a_url() {
        let environment = Environment::default();
        let parse = |part| named(part, "--notify", Path::new(""), &environment);
        for part in [
            "slack=https://h/T0K3N",
            "slack",
            "https://h/T0K3N",
            "pigeon=env:X",
            "slack=T0K3N",
            "slack=env:",
        ] {
            let refusal = parse(part).unwrap_err();
            assert!(!refusal.contains("T0K3N"), "{refusal}");
            assert!(refusal.contains("KIND=env:NAME"), "{refusal}");
        }
        let addressee = parse("teams=env:NOWHERE").unwrap();
        assert_eq!(addressee.settings.url, None);
        assert_eq!(addressee.lacking, "the variable NOWHERE is not set");
        let addressee = parse("webhook=file:a/b").unwrap();
        assert_eq!(
            addressee.settings.url,
            Some(SecretPlace::File("a/b".into()))
        );
    }
}
