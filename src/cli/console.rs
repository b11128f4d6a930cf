//! The two streams: data on stdout, talk on stderr.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write as _};

use super::environment::{ColourChoice, Environment};
use super::exit::Exit;
use crate::report::ci::{quiet, quiet_json, quiet_xml, stirs};
use crate::report::{Colour, Format, TextStyle};
use crate::spec;

/// How to speak to the user of this call.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// How text on stdout is drawn.
    pub stdout: TextStyle,
    /// How text on stderr is drawn.
    pub stderr: TextStyle,
    /// Whether to say only what went wrong.
    pub volume: Volume,
}

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// Warnings, progress, where things were stored.
    Normal,
    /// Where settings come from and how values were fetched, too.
    Verbose,
    /// Only what went wrong.
    Quiet,
}

impl Console {
    /// Looks at the surroundings.
    pub fn new(environment: &Environment, choice: ColourChoice, volume: Volume) -> Self {
        Self {
            stdout: environment.stdout_style(choice),
            stderr: environment.stderr_style(choice),
            volume,
        }
    }

    /// Returns how problems of files are drawn on stderr.
    pub fn problem_style(&self) -> spec::Style {
        match self.stderr.colour {
            Colour::On => spec::Style::Coloured,
            Colour::Off => spec::Style::Plain,
        }
    }

    /// Says something on stderr that may be left out.
    pub fn say(&self, text: &str) {
        if self.volume != Volume::Quiet {
            complain(text);
        }
    }

    /// Says something on stderr that only those want to know who ask for it.
    pub fn mention(&self, text: &str) {
        if self.volume == Volume::Verbose {
            complain(text);
        }
    }
}

/// Writes data to stdout. A reader that went away (`| head`) is no error: it changes no verdict.
pub fn write_data(text: &str) -> io::Result<()> {
    write_raw(&calm(text))
}

/// Returns text without what the runner of a CI system could take for a command. JSON and XML say the same after it.
fn calm(text: &str) -> Cow<'_, str> {
    match text.trim_start().chars().next() {
        Some('{' | '[' | '"') => quiet_json(text),
        Some('<') => quiet_xml(text),
        Some(_) | None => quiet(text),
    }
}

/// Writes commands for the CI system, on stdout, or on stderr where a program reads stdout.
pub fn command(lines: &[String], format: Format) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let text = format!("{}\n", lines.join("\n"));
    if format == Format::Table {
        return write_raw(&text);
    }
    // Where stderr is gone there is nobody left to tell.
    drop(io::stderr().lock().write_all(text.as_bytes()));
    Ok(())
}

/// Writes to stdout.
fn write_raw(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Whether anyone reads what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Someone does.
    Listens,
    /// It went away: there is no use in writing more.
    IsGone,
}

/// Writes a part of a stream to stdout.
pub fn stream(text: &str) -> io::Result<Reader> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(calm(text).as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Ok(()) => Ok(Reader::Listens),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::IsGone),
        Err(error) => Err(error),
    }
}

/// Writes data to stdout, and returns how a command ends that does nothing else.
pub fn print(text: &str) -> Exit {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write_data(&format!("{text}{end}")) {
        Ok(()) => Exit::Pass,
        Err(error) => {
            complain(&format!("error: stdout can't be written: {error}"));
            Exit::CannotWrite
        }
    }
}

/// Says what went wrong. Where even stderr is gone there is nobody left to tell.
pub fn complain(text: &str) {
    let mut stderr = io::stderr().lock();
    let line = text.strip_suffix('\n').unwrap_or(text);
    drop(writeln!(stderr, "{}", quiet(line)));
}

/// Prints a JSON document in the machine format that was asked for; nothing for a format that holds none.
pub fn machine_text(format: Format, document: &serde_json::Value) -> Option<String> {
    match format {
        Format::Json => Some(crate::report::pretty(document)),
        Format::Yaml => {
            let text = crate::report::yaml(document);
            // JSON is YAML, and can escape what YAML without quotes can't.
            let text = if stirs(&text) {
                crate::report::pretty(document)
            } else {
                text
            };
            Some(text)
        }
        Format::KeptnEvent | Format::KeptnEvents => Some(format!("{document}\n")),
        Format::Table
        | Format::Markdown
        | Format::Html
        | Format::Junit
        | Format::Tap
        | Format::Csv
        | Format::OpenMetrics
        | Format::Sarif
        | Format::CodeQuality
        | Format::Nagios
        | Format::Badge
        | Format::Shields
        | Format::CdEvents
        | Format::InToto
        | Format::Dotenv
        | Format::Checkstyle
        | Format::JenkinsIssues
        | Format::GitlabAnnotations => None,
    }
}
