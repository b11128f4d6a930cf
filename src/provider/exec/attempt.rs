//! One run of the program, and what it says of each indicator.

use std::time::Duration;

use super::answer::{self, OUTPUT_BYTES};
use super::document::{Asking, FetchRequest};
use super::process::{Ended, Run, RunError};
use super::said::{Failing, Said};
use super::settings::ExecFormat;
use super::{Exec, json, lines, nagios, program};
use crate::gate::{FailureKind, FetchFailure, IndicatorName};
use crate::provider::Request;
use crate::provider::answered::Found;

/// The code of a program that asks to be run again later (`EX_TEMPFAIL`).
const TRY_AGAIN: i32 = 75;
/// The code of a Nagios check that could not measure.
const UNKNOWN: i32 = 3;

/// What one run is asked for.
pub(super) struct Asked<'r> {
    /// The requests.
    pub requests: Vec<&'r Request>,
    /// Tells the run from others.
    pub id: String,
    /// How long it may take.
    pub limit: Duration,
}

impl Exec {
    /// Runs the program once; one answer a request, in order.
    pub(super) async fn attempt(&self, asking: &Asking<'_>, asked: &Asked<'_>) -> Vec<Said> {
        let said = match self.settings.format {
            ExecFormat::Protocol => self.converse(asking, asked).await,
            ExecFormat::Number(_)
            | ExecFormat::KeyValue(_)
            | ExecFormat::Nagios
            | ExecFormat::Json(_) => self.listen(asked).await,
        };
        said.unwrap_or_else(|failing| {
            let each = asked.requests.iter();
            each.map(|_| failing.said()).collect()
        })
    }

    /// Speaks the protocol.
    async fn converse(&self, asking: &Asking<'_>, asked: &Asked<'_>) -> Result<Vec<Said>, Failing> {
        let line = FetchRequest::line(asking, &asked.requests, asked.id.clone(), asked.limit);
        let ended = self.run("fetch", line, asked.limit).await?;
        if !ended.status.success() {
            return Err(self.failing(&ended));
        }
        let names: Vec<&IndicatorName> = asked
            .requests
            .iter()
            .map(|request| &request.indicator)
            .collect();
        let mut understood = answer::understand(&ended.stdout, &names, &self.redactor)?;
        let said = names.iter().enumerate().map(|(place, name)| {
            let found = understood.results.remove(name.as_str());
            let mut said = found.unwrap_or_else(|| Said::missing(name.as_str()));
            if place == 0 {
                said.warnings.append(&mut understood.warnings);
            }
            said
        });
        Ok(said.collect())
    }

    /// Runs the program with a verb of the protocol.
    pub(super) async fn run(
        &self,
        verb: &str,
        stdin: Vec<u8>,
        limit: Duration,
    ) -> Result<Ended, Failing> {
        let mut arguments = program::arguments(&self.settings.command, None)?;
        arguments.push(verb);
        self.finish(arguments, None, stdin, limit).await
    }

    /// Runs the program, and reads the simple thing that it prints.
    async fn listen(&self, asked: &Asked<'_>) -> Result<Vec<Said>, Failing> {
        let first = asked.requests.first().map(|request| request.query.as_str());
        let is_same = asked
            .requests
            .iter()
            .all(|request| Some(request.query.as_str()) == first);
        let query = first.filter(|_| is_same);
        let arguments = program::arguments(&self.settings.command, query)?;
        let ended = self
            .finish(arguments, query, Vec::new(), asked.limit)
            .await?;
        let code = ended.status.code();
        let is_fine = match self.settings.format {
            ExecFormat::Nagios => matches!(code, Some(0..=2)),
            ExecFormat::Protocol
            | ExecFormat::Number(_)
            | ExecFormat::KeyValue(_)
            | ExecFormat::Json(_) => code == Some(0),
        };
        if !is_fine {
            return Err(self.failing(&ended));
        }
        let requests = asked.requests.iter();
        Ok(requests
            .map(|request| self.read(&ended.stdout, &request.query))
            .collect())
    }

    /// Reads an output for one query.
    fn read(&self, stdout: &[u8], query: &str) -> Said {
        let redactor = &self.redactor;
        match &self.settings.format {
            ExecFormat::Number(suffix) => lines::number(stdout, *suffix, redactor),
            ExecFormat::KeyValue(suffix) => lines::key_value(stdout, query, *suffix, redactor),
            ExecFormat::Nagios => nagios::read(stdout, query, redactor),
            ExecFormat::Json(path) => {
                json::read(stdout, path.as_deref().unwrap_or(query), redactor)
            }
            ExecFormat::Protocol => Said::of(Found::failed(
                FailureKind::BadAnswer,
                "the protocol has one document for all",
            )),
        }
    }

    /// Runs the program to its end.
    async fn finish(
        &self,
        arguments: Vec<&str>,
        query: Option<&str>,
        stdin: Vec<u8>,
        limit: Duration,
    ) -> Result<Ended, Failing> {
        program::check(&self.program, self.settings.pin)?;
        let run = Run {
            program: &self.program,
            arguments,
            folder: &self.settings.folder,
            environment: &self.settings.environment,
            query,
            stdin,
            limit,
            max_output: self.settings.max_output,
        };
        run.finish().await.map_err(|error| self.excuse(&error))
    }

    /// Says why the program could not be run to its end.
    fn excuse(&self, error: &RunError) -> Failing {
        let hint = match &self.settings.install_hint {
            Some(hint) => format!("; to install it: {hint}"),
            None => "; is the path in `command` right? It starts at the folder of tidegate.yaml"
                .to_owned(),
        };
        let (kind, advice) = match error {
            RunError::Missing { .. } => (FailureKind::Unavailable, hint),
            RunError::NotExecutable { .. } | RunError::Start { .. } | RunError::Broken { .. } => {
                (FailureKind::Unavailable, String::new())
            }
            RunError::TimedOut { stderr, .. } => {
                let said = match stderr.shown(&self.redactor) {
                    said if said.is_empty() => String::new(),
                    said => format!("; it had said: {said}"),
                };
                (
                    FailureKind::Unavailable,
                    format!("{said}; set a longer `timeout`, or see what it waits for"),
                )
            }
            RunError::TooMuch { .. } => (
                FailureKind::BadAnswer,
                "; set `max_output` if it must print that much".to_owned(),
            ),
        };
        let text = format!("`{}`: {error}{advice}", self.endpoint);
        Failing::once(kind, self.redactor.redact(&text))
    }

    /// Says what a program means that ends with a code other than 0.
    pub(super) fn failing(&self, ended: &Ended) -> Failing {
        let code = ended.status.code();
        let kind = match code {
            Some(TRY_AGAIN) => FailureKind::Throttled,
            Some(77) => FailureKind::NotAuthorised,
            Some(64 | 65 | 78) => FailureKind::BadQuery,
            Some(_) | None => FailureKind::Unavailable,
        };
        let how = match code {
            Some(UNKNOWN) if self.settings.format == ExecFormat::Nagios => {
                "the check says UNKNOWN (exit code 3)".to_owned()
            }
            Some(code) => format!("it failed with exit code {code}"),
            None => format!("it was ended from outside ({})", ended.status),
        };
        let said = match ended.stderr.shown(&self.redactor) {
            said if said.is_empty() => self.redactor.excerpt(&ended.stdout, OUTPUT_BYTES),
            said => said,
        };
        let said = if said.is_empty() {
            "it said nothing".to_owned()
        } else {
            said
        };
        Failing {
            failure: FetchFailure {
                kind,
                message: format!("`{}`: {how}: {said}", self.endpoint),
            },
            may_pass: code == Some(TRY_AGAIN),
        }
    }
}
