//! Tells what came of each target.

use serde_json::{Value, json};

use super::World;
use super::plan_text;
use super::target::Configured;
use crate::app::{Evaluated, LogNeed, Prepared};
use crate::cli::args::{EvaluateArgs, FailOn};
use crate::cli::console::{complain, machine_text, write_data};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::unstored;
use crate::eventlog::LogUrl;
use crate::gate::{Conclusion, Record, Verdict};
use crate::report::{self, Detail, Format, printable};
use crate::spec;

/// Tells what came of each target: on stdout in the format that was asked for, and what went wrong on stderr.
pub struct Teller<'a> {
    /// The format on stdout.
    format: Format,
    /// How much of the arithmetic is told.
    detail: Detail,
    /// Where to tell it.
    world: &'a World<'a>,
    /// How many targets there are: several become a list in JSON and YAML.
    targets: usize,
    /// The documents of that list so far.
    documents: Vec<Value>,
    /// Whether anything is on stdout yet.
    spoken: bool,
    /// Why stdout could not be written.
    mute: Option<std::io::Error>,
}

impl<'a> Teller<'a> {
    /// Starts with nothing told.
    pub fn new(format: Format, args: &EvaluateArgs, world: &'a World<'a>, targets: usize) -> Self {
        Self {
            format,
            detail: if args.explain {
                Detail::Explained
            } else {
                Detail::Brief
            },
            world,
            targets,
            documents: Vec::new(),
            spoken: false,
            mute: None,
        }
    }

    /// Tells an evaluation; what is wrong with its storage comes after the report.
    pub fn evaluated(
        &mut self,
        evaluated: &Evaluated,
        need: LogNeed,
        configured: &Configured,
    ) -> Exit {
        let Evaluated {
            record,
            unstored: error,
        } = evaluated;
        self.remarks(record);
        let is_stored = error.is_none() && configured.log.url != LogUrl::Memory;
        match self.format {
            Format::Json | Format::Yaml => {
                let mut document = report::document(record);
                if let Some(members) = document.as_object_mut() {
                    members.insert("stored".to_owned(), is_stored.into());
                }
                self.document(document);
            }
            Format::Table | Format::KeptnEvent => {
                let style = self.world.console.stdout;
                self.text(&report::write(self.format, record, self.detail, style));
            }
        }
        if self.detail == Detail::Explained && self.format.is_for_machines() {
            complain(&report::arithmetic(record));
        }
        if is_stored {
            let (id, log) = (&record.ids.finished, &configured.log.url);
            self.world.console.say(&format!("stored as {id} in {log}"));
        }
        let evaluation = &record.evaluation;
        let exit = exit_of(
            &evaluation.conclusion,
            evaluation.verdict,
            configured.fail_on,
        );
        let Some(error) = error else { return exit };
        let failure = unstored(error);
        if need == LogNeed::Optional {
            let text = failure.text();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            self.world.console.say(&format!("warning: {text}"));
            return exit;
        }
        complain(&failure.text());
        if exit == Exit::Fail {
            exit
        } else {
            failure.exit
        }
    }

    /// Tells what was measured where there is no verdict, and why there is none.
    pub fn measured(&mut self, record: &Record, failure: &Failure) -> Exit {
        self.remarks(record);
        match self.format {
            Format::Json | Format::Yaml => {
                let mut document = report::document(record);
                if let (Some(members), Value::Object(more)) =
                    (document.as_object_mut(), failure.document())
                {
                    members.insert("stored".to_owned(), false.into());
                    members.extend(more);
                }
                self.document(document);
            }
            Format::Table => {
                let style = self.world.console.stdout;
                self.text(&report::write(self.format, record, self.detail, style));
            }
            Format::KeptnEvent => self.text(&format!("{}\n", failure.document())),
        }
        complain(&failure.text());
        failure.exit
    }

    /// Tells what the user should know of an evaluation, and, to those who ask, how each value was fetched.
    fn remarks(&self, record: &Record) {
        let console = &self.world.console;
        for warning in &record.warnings {
            console.say(&format!("warning: {}", printable(warning)));
        }
        for reading in &record.readings {
            if reading.query.is_some() {
                console.mention(&plan_text::fetched(reading));
            }
            if !reading.warnings.is_empty() {
                let name = printable(reading.indicator.as_str());
                let warnings = printable(&reading.warnings.join("; "));
                console.say(&format!("warning: {name}: {warnings}"));
            }
        }
    }

    /// Tells a plan.
    pub fn planned(&mut self, prepared: &Prepared, configured: &Configured) -> Exit {
        if self.format.is_for_machines() {
            let document = plan_text::document(prepared, configured);
            if self.format == Format::KeptnEvent {
                self.text(&format!("{document}\n"));
            } else {
                self.document(document);
            }
        } else {
            self.text(&plan_text::table(prepared, configured));
        }
        Exit::Pass
    }

    /// Tells a failure: words on stderr, and a document on stdout where a program reads it.
    pub fn fail(&mut self, failure: &Failure) -> Exit {
        if !failure.problems.is_empty() {
            let style = self.world.console.problem_style();
            complain(&spec::render(&failure.problems, style));
        }
        let text = failure.text();
        if !text.is_empty() {
            complain(&text);
        }
        match self.format {
            Format::Table => {}
            Format::Json | Format::Yaml => self.document(failure.document()),
            Format::KeptnEvent => self.text(&format!("{}\n", failure.document())),
        }
        failure.exit
    }

    /// Writes the only document, or keeps one of several for the list that `finish` writes.
    fn document(&mut self, document: Value) {
        if self.targets > 1 {
            self.documents.push(document);
        } else if let Some(text) = machine_text(self.format, &document) {
            self.write(&text);
        }
    }

    /// Writes text to stdout, an empty line between tables.
    fn text(&mut self, text: &str) {
        if self.spoken && self.format == Format::Table {
            self.write("\n");
        }
        self.write(text);
        self.spoken = true;
    }

    /// Writes to stdout; the first failure is kept.
    fn write(&mut self, text: &str) {
        if let Err(error) = write_data(text) {
            self.mute.get_or_insert(error);
        }
    }

    /// Writes what is still to be written, and returns the exit code of the call.
    pub fn finish(mut self, worst: Exit) -> Exit {
        let documents = std::mem::take(&mut self.documents);
        if !documents.is_empty()
            && let Some(text) = machine_text(self.format, &json!(documents))
        {
            self.write(&text);
        }
        match self.mute {
            Some(error) => {
                complain(&format!("error: stdout can't be written: {error}"));
                if worst == Exit::Fail {
                    worst
                } else {
                    worst.max(Exit::CannotWrite)
                }
            }
            None => worst,
        }
    }
}

/// Returns the exit code of a verdict.
fn exit_of(conclusion: &Conclusion, verdict: Verdict, fail_on: Option<FailOn>) -> Exit {
    match (conclusion, verdict, fail_on) {
        (Conclusion::Inconclusive(_), _, _) => Exit::Inconclusive,
        (_, Verdict::Pass, _) | (_, _, Some(FailOn::Never)) => Exit::Pass,
        (_, Verdict::Warning, None) => Exit::Warning,
        (_, Verdict::Warning, Some(FailOn::Fail)) => Exit::Pass,
        (_, Verdict::Warning, Some(FailOn::Warning)) | (_, Verdict::Fail, _) => Exit::Fail,
    }
}
