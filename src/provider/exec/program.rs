//! Which file a command means, and whether it is the one that is pinned.

use std::path::{Path, PathBuf};

use super::pin::Pin;
use super::said::Failing;
use super::settings::ExecSettings;
use crate::gate::FailureKind;
use crate::net::Secret;
use crate::process::locate;

/// What stands for the query in a command.
pub(super) const QUERY: &str = "{query}";

/// Returns the file of the program: below the folder where the command says where it is, else the first on PATH.
pub(super) fn find(settings: &ExecSettings) -> PathBuf {
    let name = settings.command.first().map_or("", String::as_str);
    let path = settings.environment.get("PATH");
    locate(name, &settings.folder, path.map(Secret::expose))
}

/// Checks that the file is the one that is pinned.
pub(super) fn check(program: &Path, pin: Option<Pin>) -> Result<(), Failing> {
    let Some(pin) = pin else {
        return Ok(());
    };
    let text = match Pin::of(program) {
        Ok(found) if found == pin => return Ok(()),
        Ok(found) => format!(
            "`{}` is not the program that is pinned: its SHA-256 is {found}, and `sha256` in tidegate.yaml says {pin}; find out who changed it, then pin the new one",
            program.display()
        ),
        Err(error) => format!(
            "`{}` is pinned by `sha256`, and can't be read: {error}",
            program.display()
        ),
    };
    Err(Failing::once(FailureKind::Unavailable, text))
}

/// Fills the query into the arguments.
pub(super) fn arguments<'a>(
    command: &'a [String],
    query: Option<&'a str>,
) -> Result<Vec<&'a str>, Failing> {
    let mut arguments = Vec::new();
    let mut is_data = false;
    for argument in command.iter().skip(1) {
        is_data = is_data || argument == "--";
        match query {
            Some(query) if argument == QUERY => {
                if query.starts_with('-') && !is_data {
                    let text = format!(
                        "the query `{query}` would be taken for an option of the program; write `--` before `{QUERY}` in `command`, if the program knows it"
                    );
                    return Err(Failing::once(FailureKind::BadQuery, text));
                }
                arguments.push(query);
            }
            Some(_) | None => arguments.push(argument),
        }
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_query_is_one_argument_and_never_an_option() {
        let words = command(&["p", "-x", "{query}", "a{query}"]);
        assert_eq!(
            arguments(&words, Some("a b; rm -rf /")).unwrap(),
            ["-x", "a b; rm -rf /", "a{query}"]
        );
        assert!(arguments(&words, Some("--help")).is_err());
        let words = command(&["p", "--", "{query}"]);
        assert_eq!(arguments(&words, Some("-1")).unwrap(), ["--", "-1"]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "writes a program to find")]
    fn a_name_is_looked_up_on_path_and_a_path_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tool");
        std::fs::write(&file, "").unwrap();
        let mut settings = ExecSettings::new(command(&["tool"]), "/elsewhere".into());
        assert_eq!(find(&settings), PathBuf::from("tool"));
        let path = Secret::new(format!("/nowhere:{}", folder.path().display()));
        settings.environment.insert("PATH".to_owned(), path);
        assert_eq!(find(&settings), file);
        settings.command = command(&["./tool"]);
        assert_eq!(find(&settings), PathBuf::from("/elsewhere/tool"));
    }
}
