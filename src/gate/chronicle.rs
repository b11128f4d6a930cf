//! Stored evaluations as a history lists them.

use jiff::Timestamp;

use super::evaluation::Conclusion;
use super::event::{CloudEvent, RecordError};
use super::record::Record;
use super::verdict::Verdict;

/// A stored evaluation among those before it.
#[derive(Clone, Debug)]
pub struct ChronicleEntry {
    /// The id of its `.finished` event.
    pub id: String,
    /// When it was stored.
    pub time: Option<Timestamp>,
    /// The project, the stage and the service, as they are stored.
    pub place: [String; 3],
    /// The evaluation; or why it can't be read.
    pub record: Result<Box<Record>, RecordError>,
    /// Why it no longer counts, if it does not. The reason may be empty.
    pub invalidated: Option<String>,
    /// Why it is the reference of its series, if it is. The reason may be empty.
    pub pinned: Option<String>,
    /// How many points of score it has more than the one before it in its series, where both have a score.
    pub change: Option<f64>,
}

impl ChronicleEntry {
    /// Takes what an event tells.
    #[must_use]
    pub fn of(event: &CloudEvent) -> Self {
        Self {
            id: event.id.clone(),
            time: event.time,
            place: ["project", "stage", "service"].map(|name| event.data_text(name)),
            record: super::event::decode_record(event, None).map(Box::new),
            invalidated: None,
            pinned: None,
            change: None,
        }
    }

    /// Returns the score, where it was scored.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.record.as_ref().ok()?.evaluation.known_score()
    }

    /// Returns how it ended; `None` where it can't be read.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let record = self.record.as_ref().ok()?;
        Some(Ending::of(record))
    }
}

/// How an evaluation ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// With this verdict.
    Verdict(Verdict),
    /// Without one: a policy says that the data allow none.
    Inconclusive,
}

impl Ending {
    /// Returns how a record ended.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let verdict = record.evaluation.verdict;
        match record.evaluation.conclusion {
            Conclusion::Inconclusive(_) => Self::Inconclusive,
            // Another program stored a good result beside the word that it did not succeed: that is none.
            Conclusion::NotSucceeded(_) if verdict != Verdict::Fail => Self::Inconclusive,
            Conclusion::Scored | Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => {
                Self::Verdict(verdict)
            }
        }
    }

    /// Returns the verdict under which it is stored: one without a verdict is stored as failed.
    #[must_use]
    pub fn stored_as(self) -> Verdict {
        match self {
            Self::Verdict(verdict) => verdict,
            Self::Inconclusive => Verdict::Fail,
        }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => verdict.as_str(),
            Self::Inconclusive => "inconclusive",
        }
    }
}
