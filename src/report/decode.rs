//! Evaluations read back from what reports hold: our own document, Keptn's event, and what Keptn's API answers.
//!
//! Our document is brought into the form of the event, which one reader understands. Members that an older document of
//! the same version lacks are unknown then.

use serde_json::Value;

use super::account::{Account, Artifact, Ended, Standing};
use super::ci::{CiJob, CiSystem};
use super::document_event::DocumentEvent;
use super::text::printable;
use super::trend_columns;
use crate::gate::event::{CloudEvent, RecordError, decode_record, upgrade};
use crate::gate::{Ending, Record, Trend};

/// An evaluation that was read back, with all that was known around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The evaluation.
    pub record: Record,
    /// The evaluations before it.
    pub trend: Option<Trend>,
    /// Whether it is in the event log.
    pub stored: Option<bool>,
    /// What was said about it since; `None` where nobody looked.
    pub said: Option<Said>,
    /// The exit code of its process, and the name of that.
    pub ended: Option<(u8, String)>,
    /// The job.
    pub job: Option<CiJob>,
    /// What was built.
    pub artifacts: Vec<Artifact>,
}

/// What was said about an evaluation since. The reasons may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Why it no longer counts, if it does not.
    pub invalidated: Option<String>,
    /// Why it is the reference of its series, if it is.
    pub pinned: Option<String>,
}

/// Why a text can't be read as an evaluation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Its result is not the one that the rest of it tells.
    #[error("its `result` contradicts the rest of it, which says {0}")]
    Contradiction(&'static str),
    /// It is no JSON.
    #[error("it is no JSON: {reason}")]
    NoJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It is JSON of another kind.
    #[error("it is neither a report of tidegate in JSON nor an `evaluation.finished` event")]
    Other,
    /// A newer tidegate wrote it.
    #[error("it has version {0} of the form, and this tidegate knows version 1")]
    Newer(u64),
    /// It says that there was no verdict.
    #[error("it says that there was no verdict: {0}")]
    NoVerdict(String),
    /// It holds several evaluations, or none.
    #[error("it holds {0} evaluations, where one is wanted")]
    NotOne(usize),
    /// A member is missing, or wrong. In our own document they are called as in the event.
    #[error("it can't be read as an evaluation")]
    Event(#[from] RecordError),
}

impl Decoded {
    /// Takes an evaluation of which nothing more is known.
    fn of(record: Record) -> Self {
        Self {
            record,
            trend: None,
            stored: None,
            said: None,
            ended: None,
            job: None,
            artifacts: Vec::new(),
        }
    }

    /// Returns what a report is written from. How the process ended is up to the caller, who knows the exit codes.
    #[must_use]
    pub fn account(&self, ended: Option<Ended>) -> Account<'_> {
        let standing = self.said.as_ref().map(|said| Standing {
            invalidated: said.invalidated.as_deref(),
            pinned: said.pinned.as_deref(),
        });
        Account {
            trend: self.trend.as_ref(),
            stored: self.stored,
            standing,
            ended,
            job: self.job.as_ref(),
            artifacts: &self.artifacts,
            ..Account::of(&self.record)
        }
    }
}

/// Reads an evaluation from a text.
///
/// # Errors
/// [`DecodeError`] says what the text is instead, or which member can't be read.
pub fn decode(text: &str) -> Result<Decoded, DecodeError> {
    let document = serde_json::from_str(text).map_err(|error| DecodeError::NoJson {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })?;
    decode_value(document)
}

/// Reads an evaluation from JSON of any of the known forms.
fn decode_value(document: Value) -> Result<Decoded, DecodeError> {
    let several = match document {
        Value::Array(documents) => documents,
        Value::Object(mut members) => match members.remove("events") {
            Some(Value::Array(events)) => events,
            Some(_) => return Err(DecodeError::Other),
            None => return decode_object(Value::Object(members)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(DecodeError::Other);
        }
    };
    let count = several.len();
    let mut several = several.into_iter();
    match (several.next(), several.next()) {
        (Some(only @ Value::Object(_)), None) => decode_object(only),
        (Some(_), None) => Err(DecodeError::Other),
        (None, _) | (_, Some(_)) => Err(DecodeError::NotOne(count)),
    }
}

/// Reads an evaluation from an event, or from our own document.
fn decode_object(document: Value) -> Result<Decoded, DecodeError> {
    if let Some(error) = document.get("error") {
        let message = member(error, "message").as_str().unwrap_or_default();
        return Err(DecodeError::NoVerdict(printable(message)));
    }
    if document.get("data").is_some() {
        let event: CloudEvent =
            serde_json::from_value(document).map_err(|_no_event| DecodeError::Other)?;
        return Ok(Decoded::of(decode_record(&upgrade(event), None)?));
    }
    let version = member(&document, "version").as_u64();
    match version.ok_or(DecodeError::Other)? {
        1 => decode_document(&document),
        other => Err(DecodeError::Newer(other)),
    }
}

/// Reads our own document.
fn decode_document(document: &Value) -> Result<Decoded, DecodeError> {
    if document.get("objectives").is_none() || document.get("result").is_none() {
        return Err(DecodeError::Other);
    }
    let event: CloudEvent = serde_json::from_value(DocumentEvent(document).event())
        .map_err(|_no_event| DecodeError::Other)?;
    let said = |key: &str| {
        let reason = member(member(document, key), "reason").as_str();
        reason.map(str::to_owned)
    };
    let artifacts = member(document, "artifacts").as_array();
    let decoded = Decoded::of(decode_record(&event, None)?);
    let ending = Ending::of(&decoded.record).as_str();
    if member(document, "result").as_str() != Some(ending) {
        return Err(DecodeError::Contradiction(ending));
    }
    Ok(Decoded {
        trend: document.get("trend").map(trend_columns::decode),
        stored: member(document, "stored").as_bool(),
        said: document.get("invalidated").map(|_| Said {
            invalidated: said("invalidated"),
            pinned: said("pinned"),
        }),
        ended: document.get("exit").and_then(ended),
        job: document.get("job").and_then(job),
        artifacts: artifacts
            .into_iter()
            .flatten()
            .filter_map(artifact)
            .collect(),
        ..decoded
    })
}

/// Returns a member of an object; null where there is none.
pub(super) fn member<'a>(object: &'a Value, key: &str) -> &'a Value {
    object.get(key).unwrap_or(&Value::Null)
}

/// Reads how the process ended.
fn ended(exit: &Value) -> Option<(u8, String)> {
    let code = u8::try_from(member(exit, "code").as_u64()?).ok()?;
    Some((code, member(exit, "name").as_str()?.to_owned()))
}

/// Reads the job.
fn job(job: &Value) -> Option<CiJob> {
    let text = |key: &str| member(job, key).as_str().map(str::to_owned);
    let name = text("system")?;
    let mut systems = CiSystem::ALL.into_iter();
    Some(CiJob {
        system: systems.find(|system| system.name() == name)?,
        labels: trend_columns::texts(member(job, "labels")),
        repository: text("repository"),
        commit: text("commit"),
        url: text("url"),
    })
}

/// Reads something that was built.
fn artifact(artifact: &Value) -> Option<Artifact> {
    let text = |key: &str| Some(member(artifact, key).as_str()?.to_owned());
    Some(Artifact {
        name: text("name")?,
        algorithm: text("algorithm")?,
        digest: text("digest")?,
    })
}
