//! The process's surroundings, captured once: variables, working folder, what the streams are.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::eventlog::Variables;
use crate::report::ci::{CiJob, detect};
use crate::report::{Charset, Colour, TextStyle};

/// Everything about the surroundings that can change what the program does.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The variables that are text; empty ones count as unset, because CI systems set what they don't know to "".
    variables: BTreeMap<String, String>,
    /// The working folder.
    pub folder: PathBuf,
    /// What stdin is.
    pub stdin: Stream,
    /// What stdout is.
    pub stdout: Stream,
    /// What stderr is.
    pub stderr: Stream,
}

/// What a stream is connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// A terminal.
    Terminal,
    /// A file.
    File,
    /// A pipe, or nothing.
    #[default]
    Elsewhere,
}

impl Stream {
    /// Looks at a stream, which has a path of its own where the system gives it one.
    fn of(stream: &impl IsTerminal, path: &str) -> Self {
        if stream.is_terminal() {
            return Self::Terminal;
        }
        if std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
            Self::File
        } else {
            Self::Elsewhere
        }
    }
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Environment {
    /// How wide text is where there is no terminal.
    const WIDTH: u16 = 100;

    /// Reads the surroundings of this process.
    pub fn capture() -> Self {
        let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((key.into_string().ok()?, value.into_string().ok()?))
        };
        let variables = std::env::vars_os()
            .filter_map(text)
            .filter(|(_, value)| !value.is_empty());
        Self {
            variables: variables.collect(),
            folder: std::env::current_dir().unwrap_or_else(|_gone| PathBuf::from(".")),
            stdin: Stream::of(&std::io::stdin(), "/dev/stdin"),
            stdout: Stream::of(&std::io::stdout(), "/dev/stdout"),
            stderr: Stream::of(&std::io::stderr(), "/dev/stderr"),
        }
    }

    /// Returns a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Returns all variables, for what looks for credentials in them.
    pub fn variables(&self) -> Variables {
        self.variables.clone().into_iter().collect()
    }

    /// Returns the variables whose names begin so.
    pub fn beginning_with(&self, prefix: &str) -> BTreeMap<String, String> {
        let all = self.variables.iter();
        all.filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Returns a path as short as it can be written from the working folder.
    pub fn near(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.folder)
            .map_or_else(|_elsewhere| path.to_owned(), Path::to_owned)
    }

    /// Returns how text on stdout is drawn.
    pub fn stdout_style(&self, choice: ColourChoice) -> TextStyle {
        self.style(choice, self.stdout)
    }

    /// Returns how text on stderr is drawn.
    pub fn stderr_style(&self, choice: ColourChoice) -> TextStyle {
        self.style(choice, self.stderr)
    }

    /// Tells whether a CI system runs this; some of them give false terminals.
    pub fn is_ci(&self) -> bool {
        self.ci_job().is_some()
    }

    /// Returns the job of the CI system that runs this.
    pub fn ci_job(&self) -> Option<CiJob> {
        detect(&|name| self.get(name).map(str::to_owned))
    }

    /// Tells whether there is somebody who can be asked: a terminal that is no CI system's.
    pub fn can_be_asked(&self) -> bool {
        self.stdin == Stream::Terminal && self.stderr == Stream::Terminal && !self.is_ci()
    }

    /// Tells whether a stream that is no terminal goes into a log that shows colours.
    fn goes_into_coloured_log(&self, stream: Stream) -> bool {
        stream == Stream::Elsewhere && self.ci_job().is_some_and(|job| job.system.shows_colours())
    }

    /// Returns how text on one stream is drawn.
    fn style(&self, choice: ColourChoice, stream: Stream) -> TextStyle {
        TextStyle {
            colour: if self.wants_colour(choice, stream) {
                Colour::On
            } else {
                Colour::Off
            },
            charset: self.charset(),
            width: self.width(stream),
        }
    }

    /// Decides about colour: the flag, then `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, then the terminal.
    fn wants_colour(&self, choice: ColourChoice, stream: Stream) -> bool {
        let forces = |name| self.get(name).is_some_and(|value| value != "0");
        match choice {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto if self.get("NO_COLOR").is_some() => false,
            ColourChoice::Auto if forces("FORCE_COLOR") || forces("CLICOLOR_FORCE") => true,
            ColourChoice::Auto if self.get("CLICOLOR") == Some("0") => false,
            ColourChoice::Auto if self.goes_into_coloured_log(stream) => true,
            ColourChoice::Auto => stream == Stream::Terminal && self.get("TERM") != Some("dumb"),
        }
    }

    /// Tells from the locale whether any character can be shown. No locale at all, as in most containers, says
    /// nothing against it.
    fn charset(&self) -> Charset {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| self.get(name));
        let known_narrow = |locale: &str| {
            let locale = locale.to_ascii_lowercase();
            locale == "posix" || locale == "c" || (locale.contains('.') && !locale.contains("utf"))
        };
        let linux_console = self.get("TERM") == Some("linux");
        if linux_console || locale.is_some_and(known_narrow) {
            Charset::Ascii
        } else {
            Charset::Unicode
        }
    }

    /// Returns the number of columns: `COLUMNS`, the terminal's, or 100.
    fn width(&self, stream: Stream) -> u16 {
        let stated = self
            .get("COLUMNS")
            .and_then(|columns| columns.parse::<u16>().ok());
        let measured = || {
            let (width, _) =
                terminal_size::terminal_size().filter(|_| stream == Stream::Terminal)?;
            Some(width.0)
        };
        stated
            .or_else(measured)
            .unwrap_or(Self::WIDTH)
            .clamp(40, 250)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Environment {
            variables: variables.iter().map(own).collect(),
            ..Environment::default()
        }
    }

    #[test]
    fn colour_follows_the_flag_then_the_variables_then_the_terminal() {
        let wants = |variables: &[_], choice, terminal| {
            environment(variables).wants_colour(choice, terminal)
        };
        assert!(wants(&[], ColourChoice::Auto, Stream::Terminal));
        assert!(!wants(&[], ColourChoice::Auto, Stream::Elsewhere));
        assert!(!wants(
            &[("NO_COLOR", "1")],
            ColourChoice::Auto,
            Stream::Terminal
        ));
        assert!(!wants(
            &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")],
            ColourChoice::Auto,
            Stream::Terminal
        ));
        assert!(wants(
            &[("NO_COLOR", "1")],
            ColourChoice::Always,
            Stream::Elsewhere
        ));
        assert!(wants(
            &[("FORCE_COLOR", "1")],
            ColourChoice::Auto,
            Stream::Elsewhere
        ));
        assert!(wants(
            &[("CLICOLOR_FORCE", "1")],
            ColourChoice::Auto,
            Stream::Elsewhere
        ));
        assert!(!wants(
            &[("CLICOLOR_FORCE", "0")],
            ColourChoice::Auto,
            Stream::Elsewhere
        ));
        assert!(!wants(
            &[("CLICOLOR", "0")],
            ColourChoice::Auto,
            Stream::Terminal
        ));
        assert!(!wants(
            &[("TERM", "dumb")],
            ColourChoice::Auto,
            Stream::Terminal
        ));
        assert!(!wants(
            &[("FORCE_COLOR", "1")],
            ColourChoice::Never,
            Stream::Terminal
        ));
    }

    #[test]
    fn a_log_of_ci_that_shows_colours_is_coloured_and_a_file_is_not() {
        let wants =
            |name, stream| environment(&[(name, "true")]).wants_colour(ColourChoice::Auto, stream);
        for name in [
            "GITHUB_ACTIONS",
            "GITLAB_CI",
            "TF_BUILD",
            "CIRCLECI",
            "BUILDKITE",
        ] {
            assert!(wants(name, Stream::Elsewhere), "{name}");
            assert!(!wants(name, Stream::File), "{name}");
        }
        assert!(!wants("CI", Stream::Elsewhere));
        assert!(!wants("DRONE", Stream::Elsewhere));
    }

    #[test]
    fn a_locale_that_is_known_to_be_narrow_gets_ascii() {
        assert_eq!(environment(&[]).charset(), Charset::Unicode);
        assert_eq!(environment(&[("LANG", "C")]).charset(), Charset::Ascii);
        assert_eq!(
            environment(&[("LANG", "C.UTF-8")]).charset(),
            Charset::Unicode
        );
        assert_eq!(
            environment(&[("LC_ALL", "de_DE.ISO-8859-1")]).charset(),
            Charset::Ascii
        );
        assert_eq!(environment(&[("TERM", "linux")]).charset(), Charset::Ascii);
    }
}
