//! What a verdict ends as: `fail_on`, `on_fail`, and `on_warning`.

use super::target::Configured;
use crate::cli::args::{FailOn, Outcome};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::Setting;
use crate::gate::{Conclusion, Record, Verdict};

/// What each verdict ends as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcomes {
    /// A fail.
    fail: Outcome,
    /// A warning.
    warning: Outcome,
}

impl Outcomes {
    /// Reads the settings of a target. `fail_on` is short for the other two, which win over it.
    pub fn of(configured: &Configured) -> Result<Self, Failure> {
        let settings = &configured.settings;
        let on_fail = settings.read(Setting::OnFail, outcome)?;
        let on_warning = settings.read(Setting::OnWarning, outcome)?;
        let (fail, warning) = match configured.fail_on {
            None => (Outcome::Fail, Outcome::Warning),
            Some(FailOn::Fail) => (Outcome::Fail, Outcome::Pass),
            Some(FailOn::Warning) => (Outcome::Fail, Outcome::Fail),
            Some(FailOn::Never) => (Outcome::Pass, Outcome::Pass),
        };
        Ok(Self {
            fail: on_fail.unwrap_or(fail),
            warning: on_warning.unwrap_or(warning),
        })
    }

    /// Returns the exit code of an evaluation.
    pub fn exit(self, record: &Record) -> Exit {
        let evaluation = &record.evaluation;
        let outcome = match (&evaluation.conclusion, evaluation.verdict) {
            (Conclusion::Inconclusive(_), _) => return Exit::Inconclusive,
            (_, Verdict::Pass) => Outcome::Pass,
            (_, Verdict::Warning) => self.warning,
            (_, Verdict::Fail) => self.fail,
        };
        match outcome {
            Outcome::Pass => Exit::Pass,
            Outcome::Warning => Exit::Warning,
            Outcome::Fail => Exit::Fail,
        }
    }
}

/// Reads what a verdict ends as.
fn outcome(text: &str) -> Result<Outcome, &'static str> {
    <Outcome as clap::ValueEnum>::from_str(text, false)
        .map_err(|_unknown| "known are pass, warning and fail")
}
