//! What a report is written from: an evaluation, and what is known around it.

use super::ci::CiJob;
use super::text::printable;
use crate::gate::{Record, Series, Trend};

/// One evaluation with everything that a report can tell of it. Every writer is a pure function of this.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The evaluation.
    pub record: &'a Record,
    /// The evaluations before it; `None` where nobody read them.
    pub trend: Option<&'a Trend>,
    /// Whether it is in the event log; `None` where that is not known.
    pub stored: Option<bool>,
    /// What was said about it since; `None` where nobody looked.
    pub standing: Option<Standing<'a>>,
    /// How the process ends because of it; `None` for a report that is written later.
    pub ended: Option<Ended>,
    /// The job of a CI system that evaluated it.
    pub job: Option<&'a CiJob>,
    /// What was released or not because of it: the subjects of an attestation.
    pub artifacts: &'a [Artifact],
}

impl<'a> Account<'a> {
    /// Takes an evaluation of which nothing more is known.
    #[must_use]
    pub fn of(record: &'a Record) -> Self {
        Self {
            record,
            trend: None,
            stored: None,
            standing: None,
            ended: None,
            job: None,
            artifacts: &[],
        }
    }
}

/// What was said about a stored evaluation since. The reasons may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Why it no longer counts, if it does not.
    pub invalidated: Option<&'a str>,
    /// Why it is the reference of its series, if it is.
    pub pinned: Option<&'a str>,
}

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// Its name, as machine formats carry it.
    pub name: &'static str,
}

/// Something that was built, with its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// What it is called, such as the name of an image.
    pub name: String,
    /// The algorithm: `sha256`, `gitCommit`.
    pub algorithm: String,
    /// The digest, in hexadecimal.
    pub digest: String,
}

/// There is no verdict: what a report says then, so that nobody takes an older one for that of this call.
#[derive(Clone, Copy, Debug)]
pub struct Unjudged<'a> {
    /// What was to be evaluated, where it is known.
    pub series: Option<&'a Series>,
    /// How the process ends.
    pub ended: Ended,
    /// What happened, in one sentence.
    pub message: &'a str,
    /// What to do next.
    pub hint: Option<&'a str>,
    /// Everything about it, `{"error": {…}}`.
    pub document: &'a serde_json::Value,
}

impl Unjudged<'_> {
    /// Says on one line what happened, that there is no verdict first.
    #[must_use]
    pub fn sentence(&self) -> String {
        const FIRST: &str = "no verdict: ";
        let message = printable(self.message);
        if message.starts_with(FIRST) {
            message
        } else {
            format!("{FIRST}{message}")
        }
    }
}
