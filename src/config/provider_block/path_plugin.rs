//! A provider by name alone: `type: NAME` is the program `tidegate-provider-NAME` on PATH.
//!
//! Whoever can put a program on PATH could answer for a backend this way, so `tidegate.yaml` has to allow it.

use crate::config::reader::Reader;

/// Whether programs on PATH may be providers by their name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::config) enum PathPlugins {
    /// They may.
    Allowed,
    /// They may not.
    #[default]
    Refused,
}

/// The key at the top of `tidegate.yaml` that allows them.
pub(in crate::config) const KEY: &str = "allow_path_plugins";

/// Returns the name of the program that a type would be.
pub(super) fn program(name: &str) -> String {
    format!("tidegate-provider-{name}")
}

/// Finds the program of a type: the first of its name on PATH. Folders that depend on the working folder don't count.
pub(super) fn find(reader: &Reader<'_, '_>, name: &str) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(is_word) {
        return None;
    }
    let file = program(name) + std::env::consts::EXE_SUFFIX;
    let folders = (reader.surroundings.lookup)("PATH")?;
    let program = std::env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())?;
    program.into_os_string().into_string().ok()
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "writes a program to find, and reads whose it is"
    )]

    use crate::config::{Reality, Surroundings, parse};
    use crate::provider::ProviderSettings;
    use crate::spec::{Parsed, Source};

    /// Reads `tidegate.yaml` where `tidegate-provider-acme` is on PATH; returns the command, and what was said.
    fn read(text: &str) -> (Option<Vec<String>>, String) {
        let folder = tempfile::tempdir().unwrap();
        let program = format!("tidegate-provider-acme{}", std::env::consts::EXE_SUFFIX);
        std::fs::write(folder.path().join(program), "").unwrap();
        let path = folder.path().display().to_string();
        let lookup = |name: &str| (name == "PATH").then(|| path.clone());
        let surroundings = Surroundings {
            lookup: &lookup,
            folder: folder.path(),
            reality: Reality::Real,
        };
        let Parsed { value, problems } = parse(&Source::new("tidegate.yaml", text), &surroundings);
        let said: Vec<String> = problems
            .iter()
            .map(|problem| {
                format!(
                    "{} -> {}",
                    problem.message,
                    problem.hint.as_deref().unwrap_or_default()
                )
            })
            .map(|said| said.replace(&path, "FOLDER"))
            .collect();
        let settings = value.and_then(|config| config.providers.into_values().next()?.settings);
        let command = settings.map(|settings| {
            let ProviderSettings::Exec(settings) = settings else {
                panic!("{settings:?}");
            };
            settings.command
        });
        let command = command.map(|words| {
            words
                .iter()
                .map(|word| word.replace(&path, "FOLDER"))
                .collect()
        });
        (command, said.join("; "))
    }

    #[test]
    fn a_type_that_nobody_knows_is_the_program_of_its_name_where_the_file_allows_it() {
        for entry in ["p: {type: acme, batch: false}", "acme: {}"] {
            let (command, said) = read(&format!(
                "allow_path_plugins: true\nproviders: {{{entry}}}\n"
            ));
            assert_eq!(said, "");
            let command = command.unwrap();
            assert!(command[0].contains("tidegate-provider-acme"), "{command:?}");
            assert_eq!(command.len(), 1);
        }
    }

    #[test]
    fn a_program_that_is_not_allowed_is_named_and_not_run() {
        let unset = read("providers: {p: {type: acme}}\n");
        let refused = read("allow_path_plugins: false\nproviders: {p: {type: acme}}\n");
        assert_eq!(unset, refused);
        assert_eq!(unset.0, None);
        let said = unset.1.replace(std::env::consts::EXE_SUFFIX, "");
        let said = said.replace("FOLDER\\", "FOLDER/");
        insta::assert_snapshot!(said, @"`type` can't be `acme`: FOLDER/tidegate-provider-acme would be it, and programs on PATH are not allowed as providers -> write `allow_path_plugins: true` at the top of tidegate.yaml, or `type: exec` with its `command`");
    }

    #[test]
    fn what_is_wrong_with_a_program_of_path_is_said() {
        let said = |entry: &str| {
            read(&format!(
                "allow_path_plugins: true\nproviders: {{p: {{{entry}}}}}\n"
            ))
            .1
        };
        insta::assert_snapshot!(said("type: somebody_elses"), @"`type` can't be `somebody_elses` -> `tidegate providers` lists the types; there is no `tidegate-provider-somebody_elses` on PATH");
        insta::assert_snapshot!(said("type: ../acme"), @"`type` can't be `../acme` -> `tidegate providers` lists the types; there is no `tidegate-provider-../acme` on PATH");
        insta::assert_snapshot!(said("type: acme, command: [x]"), @"the provider `p` has a `command`, and a type that is a program itself -> remove `command`, or write `type: exec`");
        insta::assert_snapshot!(read("allow_path_plugins: perhaps\n").1, @"`allow_path_plugins` must be `true` or `false`, not `perhaps` ->");
    }
}
