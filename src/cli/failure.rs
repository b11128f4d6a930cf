//! Every error there is, as message, causes, hint, and exit code. The only file that knows all of them.

use std::error::Error;

use serde_json::{Value, json};

use super::exit::Exit;
use super::log_failure::history;
use crate::app::{Chooser, EvaluateError, HistoryError};
use crate::config::{Origin, SettingError};
use crate::eventlog;
use crate::gate::{
    FailureKind, NameError, NoVerdict, Outcome, RangeError, Reading, TimeWindow, WindowError,
};
use crate::provider;
use crate::report::{advice_by_kind, asked, printable, reading_document};
use crate::spec::{Problem, ProblemKind};

/// What went wrong, ready to be told.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What happened; empty where the problems say it all.
    pub message: String,
    /// Why, from the outside in.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// The run that it concerns.
    pub run: Option<Box<ConcernedRun>>,
    /// The problems of files.
    pub problems: Vec<Problem>,
    /// What was asked in vain.
    pub in_vain: Option<Box<InVain>>,
}

/// A run that a failure concerns.
#[derive(Clone, Debug)]
pub struct ConcernedRun {
    /// Its context.
    context: String,
}

/// Queries that brought no verdict.
#[derive(Clone, Debug)]
pub struct InVain {
    /// The first few without a value, in words.
    asked: Vec<String>,
    /// What came of every query, for programs.
    readings: Vec<Value>,
}

impl Failure {
    /// Makes a failure without causes and hint.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            run: None,
            problems: Vec::new(),
            in_vain: None,
        }
    }

    /// Adds what to do next.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the run that it concerns.
    pub fn of_context(self, context: &str) -> Self {
        Self {
            run: Some(Box::new(ConcernedRun {
                context: context.to_owned(),
            })),
            ..self
        }
    }

    /// Adds an error's causes, from the outside in.
    pub fn with_causes_of(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut cause = error.source();
        while let Some(error) = cause {
            self.causes.push(error.to_string());
            cause = error.source();
        }
        self
    }

    /// Makes a failure of the problems of files: a missing file weighs more than a malformed one.
    pub fn of_files(problems: Vec<Problem>) -> Self {
        let missing = problems
            .iter()
            .any(|problem| problem.kind == ProblemKind::Missing);
        let exit = if missing {
            Exit::Missing
        } else {
            Exit::Malformed
        };
        Self {
            problems,
            ..Self::new(exit, "")
        }
    }

    /// Makes a failure of the problems of `tidegate.yaml`.
    pub fn of_configuration(problems: Vec<Problem>) -> Self {
        Self {
            exit: Exit::Configuration,
            ..Self::of_files(problems)
        }
    }

    /// Says what happened in one sentence.
    pub fn in_short(&self) -> String {
        if !self.message.is_empty() {
            return self.message.clone();
        }
        let first = self.problems.iter().find(|problem| problem.is_error());
        first.map_or_else(String::new, |problem| {
            format!("{}: {}", problem.path, problem.message)
        })
    }

    /// Returns the document that machine formats print.
    pub fn document(&self) -> Value {
        let message = self.in_short();
        let mut error = json!({
            "code": self.exit.code(),
            "name": self.exit.name(),
            "message": message,
            "causes": self.causes,
            "hint": self.hint,
            "problems": self.problems,
        });
        if let (Some(run), Some(members)) = (&self.run, error.as_object_mut()) {
            members.insert("context".to_owned(), run.context.as_str().into());
        }
        if let (Some(in_vain), Some(members)) = (&self.in_vain, error.as_object_mut()) {
            members.insert("readings".to_owned(), in_vain.readings.clone().into());
        }
        json!({"error": error})
    }

    /// Returns the words for people, the problems of files left out.
    pub fn text(&self) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let mut lines = vec![format!("error: {}", printable(&self.message))];
        lines.extend(
            self.causes
                .iter()
                .map(|cause| format!("  because: {}", printable(cause))),
        );
        let asked = self.in_vain.iter().flat_map(|in_vain| &in_vain.asked);
        lines.extend(asked.map(|asked| format!("  asked: {}", printable(asked))));
        lines.extend(
            self.hint
                .iter()
                .map(|hint| format!("  hint: {}", printable(hint))),
        );
        lines.join("\n")
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        let exit = match error.origin {
            Origin::Flag(_) => Exit::Usage,
            Origin::Environment(_) | Origin::File { .. } | Origin::Default => Exit::Configuration,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<WindowError> for Failure {
    fn from(error: WindowError) -> Self {
        let hint = match error {
            WindowError::TooShort { .. } => {
                "the window needs at least a minute: try --timeframe 5m"
            }
            WindowError::EndAndTimeframe => {
                "give --start and --end, or --start and --timeframe, or --timeframe alone"
            }
            WindowError::StartAlone => "add --end now, or --timeframe 30m",
            WindowError::EndAlone => "add --start",
            WindowError::OutOfRange => "check the years",
            WindowError::Moment(_) => "see --start in tidegate evaluate --help",
            WindowError::Timeframe(_) => "such as 30m, 1h30m or 2d",
        };
        Self::new(Exit::Usage, error.to_string()).with_hint(hint)
    }
}

impl From<RangeError> for Failure {
    fn from(error: RangeError) -> Self {
        let hint = match error {
            RangeError::Duration(_) => "such as --range 6h --step 15m",
            RangeError::Step { .. } => "choose a longer --range, or a shorter --step",
            RangeError::TooMany { .. } => "choose a shorter --range, or a longer --step",
            RangeError::Window(_) => "check the years",
        };
        Self::new(Exit::Usage, error.to_string()).with_hint(hint)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl From<provider::OpenError> for Failure {
    fn from(error: provider::OpenError) -> Self {
        Self::new(Exit::Configuration, error.to_string())
            .with_causes_of(&error)
            .with_hint(
                "look at `providers` in tidegate.yaml; where there are no CA certificates, install ca-certificates, or let SSL_CERT_FILE name a file with them",
            )
    }
}

impl From<eventlog::OpenError> for Failure {
    fn from(error: eventlog::OpenError) -> Self {
        Self::new(Exit::Configuration, error.to_string())
            .with_causes_of(&error)
            .with_hint("docs/event-log.md says how each kind of log is written")
    }
}

impl From<EvaluateError> for Failure {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::History { cause, .. } => no_history(&cause),
            EvaluateError::NoVerdict {
                cause,
                readings,
                window,
            } => no_verdict(&cause, &readings).with_readings(&readings, &window),
        }
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        no_history(&error)
    }
}

/// There is no baseline.
pub fn no_history(error: &HistoryError) -> Failure {
    match error {
        HistoryError::Read(error) => history(error),
        HistoryError::Find(error) => Failure::of_find(error),
        HistoryError::Unfit {
            how: Chooser::Pin, ..
        } => Failure::new(Exit::Missing, error.to_string())
            .with_hint("pin another with `tidegate pin`, or let go of it with `tidegate unpin`"),
        HistoryError::Unfit {
            how: Chooser::Call, ..
        } => Failure::new(Exit::Missing, error.to_string())
            .with_hint("choose another; `tidegate history` lists them"),
    }
}

/// Returns the exit code for a kind of failure.
pub fn exit_of(kind: FailureKind) -> Exit {
    match kind {
        FailureKind::NotAuthorised => Exit::NotAuthorised,
        FailureKind::Unavailable | FailureKind::Reported => Exit::Unavailable,
        FailureKind::Throttled => Exit::TryAgain,
        FailureKind::BadAnswer => Exit::BadAnswer,
        FailureKind::BadQuery => Exit::Malformed,
    }
}

/// The backends gave too little for a verdict.
fn no_verdict(cause: &NoVerdict, readings: &[Reading]) -> Failure {
    const SHOWN: usize = 5;
    let mut failure = match cause {
        NoVerdict::Required {
            indicator, reason, ..
        } => Failure::new(
            exit_of(cause.kind()),
            format!("no verdict: `{indicator}` has no value, and its policy is `error`"),
        )
        .because(reason),
        NoVerdict::NothingAnswered { .. } => {
            let message = match readings {
                [_] => "no verdict: the only query could not be answered".to_owned(),
                several => format!(
                    "no verdict: not one of {} queries could be answered",
                    several.len()
                ),
            };
            Failure::new(exit_of(cause.kind()), message)
        }
    };
    if matches!(cause, NoVerdict::NothingAnswered { .. }) {
        let told = grouped(readings);
        let more = told.len().saturating_sub(SHOWN);
        failure.causes.extend(told.into_iter().take(SHOWN));
        if more > 0 {
            failure.causes.push(format!("{more} other reasons"));
        }
    }
    let asked_in_vain = readings
        .iter()
        .any(|reading| matches!(reading.outcome, Outcome::Failed(_)));
    match cause {
        NoVerdict::Required { .. } if !asked_in_vain => failure.with_hint(
            "bring the value, or let another policy than `error` say what its absence means",
        ),
        NoVerdict::Required { .. } | NoVerdict::NothingAnswered { .. } => {
            failure.with_hint(advice_by_kind(cause.kind()))
        }
    }
}

impl Failure {
    /// Adds how each query was asked that has no value; the first few in words.
    fn with_readings(mut self, readings: &[Reading], window: &TimeWindow) -> Self {
        const SHOWN: usize = 3;
        let in_vain = readings.iter().filter(|reading| {
            reading.provider.is_some() && !matches!(reading.outcome, Outcome::Value(_))
        });
        let told = in_vain.clone().take(SHOWN).map(|reading| {
            let query = reading.query.as_deref().unwrap_or_default();
            let query: Vec<&str> = query.split_whitespace().collect();
            let (name, asked) = (&reading.indicator, asked(reading, window));
            format!("{name} of {asked}; query: {}", query.join(" "))
        });
        let mut told: Vec<String> = told.collect();
        let more = in_vain.count().saturating_sub(SHOWN);
        if more > 0 {
            told.push(format!("{more} more; tidegate query shows each"));
        }
        let document = |reading: &Reading| {
            let mut document = reading_document(reading);
            if let Some(members) = document.as_object_mut() {
                members.insert("sli".to_owned(), reading.indicator.as_str().into());
            }
            document
        };
        self.in_vain = Some(Box::new(InVain {
            asked: told,
            readings: readings.iter().map(document).collect(),
        }));
        self
    }

    /// Adds a cause.
    fn because(mut self, cause: &str) -> Self {
        self.causes.push(cause.to_owned());
        self
    }
}

/// Returns each reason once, with the SLIs that it concerns.
fn grouped(readings: &[Reading]) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for reading in readings {
        let Outcome::Failed(failure) = &reading.outcome else {
            continue;
        };
        let reason = failure.to_string();
        let name = reading.indicator.as_str();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let told = reasons
        .into_iter()
        .map(|(reason, names)| match names.as_slice() {
            [first, second, third, _, ..] => {
                format!(
                    "{first}, {second}, {third} and {} more: {reason}",
                    names.len() - 3
                )
            }
            few => format!("{}: {reason}", few.join(", ")),
        });
    told.collect()
}
