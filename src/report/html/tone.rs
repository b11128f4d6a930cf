//! How an outcome looks: a sign, a word and a colour, of which any one is enough.

use super::markup::{Element, el};
use crate::gate::{Ending, Status, Verdict};

/// What an outcome looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Full points.
    Pass,
    /// Half the points.
    Warning,
    /// No points.
    Fail,
    /// Never counted.
    Info,
    /// There is no verdict.
    Unknown,
}

impl Tone {
    /// Every tone, the worst first.
    pub(super) const ALL: [Self; 5] = [
        Self::Fail,
        Self::Warning,
        Self::Pass,
        Self::Info,
        Self::Unknown,
    ];

    /// Returns the tone of an objective.
    pub(super) fn of_status(status: Status) -> Self {
        match status {
            Status::Info => Self::Info,
            Status::Pass => Self::Pass,
            Status::Warning => Self::Warning,
            Status::Fail => Self::Fail,
        }
    }

    /// Returns the tone of a whole evaluation.
    pub(super) fn of_ending(ending: Ending) -> Self {
        match ending {
            Ending::Verdict(verdict) => Self::of_verdict(verdict),
            Ending::Inconclusive => Self::Unknown,
        }
    }

    /// Returns the tone of a verdict.
    pub(super) fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Warning => Self::Warning,
            Verdict::Fail => Self::Fail,
        }
    }

    /// Returns the sign.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Pass => "✓",
            Self::Warning => "!",
            Self::Fail => "✗",
            Self::Info => "i",
            Self::Unknown => "?",
        }
    }

    /// Returns the word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warning => "warning",
            Self::Fail => "fail",
            Self::Info => "info",
            Self::Unknown => "inconclusive",
        }
    }

    /// Returns the word as a heading has it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Warning => "Warning",
            Self::Fail => "Fail",
            Self::Info => "Info",
            Self::Unknown => "Inconclusive",
        }
    }

    /// Returns the class that colours it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Pass => "p",
            Self::Warning => "w",
            Self::Fail => "f",
            Self::Info => "i",
            Self::Unknown => "u",
        }
    }

    /// Returns the colour in a drawing without styles; it can be told from a white page and from a black one.
    pub(super) fn colour(self) -> &'static str {
        match self {
            Self::Pass => "#2da44e",
            Self::Warning => "#bf8700",
            Self::Fail => "#e5534b",
            Self::Info => "#388bfd",
            Self::Unknown => "#a371f7",
        }
    }

    /// Returns sign and word. Who listens hears the word alone.
    pub(super) fn mark(self) -> Element {
        let sign = el("span").set("aria-hidden", "true").text(self.sign());
        el("span")
            .set("class", &format!("m {}", self.class()))
            .add(sign)
            .text(" ")
            .text(self.word())
    }
}
