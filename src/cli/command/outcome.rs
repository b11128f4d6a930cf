//! What a verdict ends as: `fail_on`, `on_fail`, and `on_warning`.

use super::target::Configured;
use crate::cli::args::{FailOn, Outcome};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::config::{Origin, Setting};
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
    /// Reads the settings of a target. `fail_on` is short for the other two, which win over it where they are set in the
    /// same way: a flag wins over the environment, and that over a file, here too.
    pub fn of(configured: &Configured) -> Result<Self, Failure> {
        let (fail, warning) = match configured.fail_on {
            None => (Outcome::Fail, Outcome::Warning),
            Some(FailOn::Fail) => (Outcome::Fail, Outcome::Pass),
            Some(FailOn::Warning) => (Outcome::Fail, Outcome::Fail),
            Some(FailOn::Never) => (Outcome::Pass, Outcome::Pass),
        };
        Ok(Self {
            fail: single(configured, Setting::OnFail)?.unwrap_or(fail),
            warning: single(configured, Setting::OnWarning)?.unwrap_or(warning),
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

/// Reads what one verdict ends as; `None` where nobody says so, or `fail_on` is set in a stronger way.
fn single(configured: &Configured, setting: Setting) -> Result<Option<Outcome>, Failure> {
    let settings = &configured.settings;
    let said = settings.read(setting, outcome)?;
    let strength = |setting| strength(&settings.origin(setting));
    Ok(said.filter(|_| strength(setting) >= strength(Setting::FailOn)))
}

/// Returns how strong the word of an origin is.
fn strength(origin: &Origin) -> u8 {
    match origin {
        Origin::Default => 0,
        Origin::File { .. } => 1,
        Origin::Environment(_) => 2,
        Origin::Flag(_) => 3,
    }
}

/// Reads what a verdict ends as.
fn outcome(text: &str) -> Result<Outcome, &'static str> {
    <Outcome as clap::ValueEnum>::from_str(text, false)
        .map_err(|_unknown| "known are pass, warning and fail")
}
