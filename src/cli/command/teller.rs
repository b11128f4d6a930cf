//! Tells what came of each target.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other format is text that `report` writes"
)]

use std::path::PathBuf;

use serde_json::{Value, json};

use super::World;
use super::plan_text;
use super::target::Configured;
use crate::app::{LogNeed, Prepared};
use crate::cli::args::EvaluateArgs;
use crate::cli::ci::Speaker;
use crate::cli::console::{complain, machine_text, write_data};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::log_failure::unstored;
use crate::eventlog::{AppendError, LogUrl};
use crate::gate::{Record, Series};
use crate::report::ci::{CiJob, Request};
use crate::report::{self, Account, Detail, Format, Unjudged, printable};
use crate::spec;

/// What is to be told of an evaluation.
pub struct Told<'a> {
    /// The evaluation.
    pub account: Account<'a>,
    /// The exit code of its verdict.
    pub verdict: Exit,
    /// Why it is not in the log, if it is not.
    pub unstored: Option<&'a AppendError>,
    /// Whether it counts then.
    pub need: LogNeed,
    /// The log.
    pub log: &'a LogUrl,
    /// What became of its reports.
    pub reports: Vec<Result<(Format, PathBuf), Failure>>,
}

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
    /// Speaks to the CI system.
    speaker: Speaker<'a>,
    /// What is to be sent to it.
    requests: Vec<Request>,
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
            speaker: Speaker::new(world, format, targets),
            requests: Vec::new(),
        }
    }

    /// Tells an evaluation; what is wrong with its storage and its reports comes after the report.
    pub fn evaluated(&mut self, told: &Told<'_>) -> Exit {
        let Told {
            account,
            verdict,
            unstored: error,
            need,
            log,
            reports,
        } = told;
        let record = account.record;
        self.remarks(record);
        let rest = self.speaker.begin(account, reports);
        match self.format {
            Format::Json | Format::Yaml => self.document(report::document(account)),
            _ => {
                let style = self.world.console.stdout;
                self.text(&report::write(self.format, account, self.detail, style));
            }
        }
        self.speaker.end(&rest);
        self.requests = rest.requests;
        if self.detail == Detail::Explained && self.format.is_for_machines() {
            complain(&report::arithmetic(record));
        }
        if account.stored == Some(true) {
            let id = &record.ids.finished;
            self.world.console.say(&format!("stored as {id} in {log}"));
        }
        let exit = self.reported(*verdict, reports);
        let Some(error) = error else { return exit };
        let failure = unstored(error);
        if *need == LogNeed::Optional {
            let text = failure.text();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            self.world.console.say(&format!("warning: {text}"));
            return exit;
        }
        complain(&failure.text());
        exit.or_worse(failure.exit)
    }

    /// Says to the CI system that there is no verdict.
    pub fn no_verdict(&mut self, failure: &Failure, job: Option<&CiJob>, series: Option<&Series>) {
        self.requests = self.speaker.unjudged(failure, job, series);
    }

    /// Sends to the CI system what it shows.
    pub async fn send(&mut self) {
        let requests = std::mem::take(&mut self.requests);
        self.speaker.send(&requests).await;
    }

    /// Tells which reports were written; one that was not changes the exit code, but for that of a fail.
    fn reported(&self, verdict: Exit, reports: &[Result<(Format, PathBuf), Failure>]) -> Exit {
        let mut exit = verdict;
        for report in reports {
            match report {
                Ok((format, path)) => {
                    let text = format!("{} report: {}", format.name(), path.display());
                    self.world.console.say(&printable(&text));
                }
                Err(failure) => {
                    complain(&failure.text());
                    exit = exit.or_worse(failure.exit);
                }
            }
        }
        exit
    }

    /// Tells why there is no verdict, and what was measured all the same.
    pub fn without_verdict(&mut self, record: Option<&Record>, failure: &Failure) -> Exit {
        match record {
            Some(record) => self.measured(record, failure),
            None => self.fail(failure),
        }
    }

    /// Tells what was measured where there is no verdict, and why there is none.
    fn measured(&mut self, record: &Record, failure: &Failure) -> Exit {
        self.remarks(record);
        let account = Account {
            stored: Some(false),
            ended: Some(failure.exit.ended()),
            ..Account::of(record)
        };
        match self.format {
            Format::Json | Format::Yaml => {
                let mut document = report::document(&account);
                if let (Some(members), Value::Object(more)) =
                    (document.as_object_mut(), failure.document())
                {
                    members.extend(more);
                }
                self.document(document);
            }
            Format::Table | Format::Markdown => {
                let style = self.world.console.stdout;
                self.text(&report::write(self.format, &account, self.detail, style));
            }
            _ => self.unjudged(failure),
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
        match self.format {
            Format::Json | Format::Yaml => self.document(plan_text::document(prepared, configured)),
            Format::KeptnEvent => {
                let document = plan_text::document(prepared, configured);
                self.text(&format!("{document}\n"));
            }
            _ => self.text(&plan_text::table(prepared, configured)),
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
            _ => self.unjudged(failure),
        }
        failure.exit
    }

    /// Says on stdout that there is no verdict, in a format that can say so.
    fn unjudged(&mut self, failure: &Failure) {
        let document = failure.document();
        let unjudged = Unjudged {
            series: None,
            ended: failure.exit.ended(),
            message: &failure.in_short(),
            hint: failure.hint.as_deref(),
            document: &document,
        };
        if let Some(text) = report::write_unjudged(self.format, &unjudged) {
            self.text(&text);
        }
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
                worst.or_worse(Exit::CannotWrite)
            }
            None => worst,
        }
    }
}
