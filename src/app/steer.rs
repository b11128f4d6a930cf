//! Says something about a stored evaluation: that it no longer counts, that it is the reference, and the opposite.

use jiff::Timestamp;

use super::find::{FindError, find_evaluation};
use super::history::{HistoryError, steering};
use crate::eventlog::{AppendError, EventLog, ReadError, Times};
use crate::gate::event::{CloudEvent, Saying, Word, decode_past};
use crate::gate::{EvaluationName, Pin, Series, Steering};

/// What a user says.
pub struct SteerRequest<'a> {
    /// The series in which the evaluation is looked for.
    pub series: &'a Series,
    /// Which evaluation; with [`Word::Unpin`], `None` is the pinned one.
    pub name: Option<&'a EvaluationName>,
    /// What is said.
    pub word: Word,
    /// Why; may be empty.
    pub reason: &'a str,
    /// When.
    pub time: Timestamp,
    /// Makes an id.
    pub id: &'a dyn Fn() -> String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steered {
    /// It was said, and stored.
    Stored {
        /// The id of the evaluation.
        evaluation: String,
        /// Whether it was the reference, and is no longer.
        unpinned: bool,
        /// The reference before, if another one was pinned.
        instead_of: Option<String>,
    },
    /// It was so already; nothing was stored.
    AlreadySo {
        /// The id of the evaluation; `None` where nothing is pinned.
        evaluation: Option<String>,
    },
}

/// It can't be said.
#[derive(Debug, thiserror::Error)]
pub enum SteerError {
    /// There is no such evaluation, or the log can't be read.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The event could not be stored.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// Invalidations go by the id of the trigger, and there is none.
    #[error(
        "the evaluation `{0}` names no event that triggered it, by which it could be invalidated"
    )]
    NoTrigger(String),
    /// It is no baseline for anything.
    #[error("the evaluation `{evaluation}` can't be the reference: {reason}")]
    Unfit {
        /// Its id.
        evaluation: String,
        /// Why.
        reason: String,
    },
}

impl From<HistoryError> for SteerError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Read(error) => Self::Find(FindError::Read(error)),
            HistoryError::Find(error) => Self::Find(error),
            HistoryError::Unfit {
                evaluation, reason, ..
            } => Self::Unfit { evaluation, reason },
        }
    }
}

impl From<ReadError> for SteerError {
    fn from(error: ReadError) -> Self {
        Self::Find(error.into())
    }
}

/// Says it, if it is not so already.
pub async fn steer(log: &dyn EventLog, request: &SteerRequest<'_>) -> Result<Steered, SteerError> {
    let (known, _warnings) = steering(log, request.series).await?;
    let Some(name) = request.name else {
        return unpin(log, request, known.pin()).await;
    };
    let event = find_evaluation(log, request.series, name).await?;
    let series = event.series().unwrap_or_else(|| request.series.clone());
    let known = if series == *request.series {
        known
    } else {
        steering(log, &series).await?.0
    };
    if is_so(request.word, &event, &known) {
        let evaluation = Some(event.id);
        return Ok(Steered::AlreadySo { evaluation });
    }
    check(request.word, &event, &known)?;
    let pinned = known.pin().map(|pin| pin.evaluation);
    let is_pinned = pinned.as_deref() == Some(event.id.as_str());
    let unpinned = is_pinned && request.word == Word::Invalidate;
    let mut words = vec![request.word];
    if unpinned {
        words.push(Word::Unpin);
    }
    let events = words.into_iter().map(|word| {
        let saying = Saying {
            word,
            series: &series,
            evaluation: &event.id,
            triggered: event.triggeredid.as_deref().unwrap_or(&event.id),
            context: event.shkeptncontext.as_deref(),
            reason: request.reason,
        };
        saying.event((request.id)(), request.time)
    });
    log.append(events.collect(), Times::Stamped).await?;
    Ok(Steered::Stored {
        evaluation: event.id,
        unpinned,
        instead_of: pinned.filter(|_| request.word == Word::Pin),
    })
}

/// Lets go of whatever is pinned.
async fn unpin(
    log: &dyn EventLog,
    request: &SteerRequest<'_>,
    pin: Option<Pin>,
) -> Result<Steered, SteerError> {
    let Some(Pin { evaluation, .. }) = pin else {
        return Ok(Steered::AlreadySo { evaluation: None });
    };
    let saying = Saying {
        word: request.word,
        series: request.series,
        evaluation: &evaluation,
        triggered: &evaluation,
        context: None,
        reason: request.reason,
    };
    let event = saying.event((request.id)(), request.time);
    log.append(vec![event], Times::Stamped).await?;
    Ok(Steered::Stored {
        evaluation,
        unpinned: true,
        instead_of: None,
    })
}

/// Tells whether it is so already.
fn is_so(word: Word, event: &CloudEvent, known: &Steering) -> bool {
    let is_pinned = known.pin().is_some_and(|pin| pin.evaluation == event.id);
    match word {
        Word::Invalidate => known.invalidated(event).is_some(),
        Word::Reinstate => known.invalidated(event).is_none(),
        Word::Pin => is_pinned,
        Word::Unpin => !is_pinned,
    }
}

/// Refuses what would have no effect, or a bad one.
fn check(word: Word, event: &CloudEvent, known: &Steering) -> Result<(), SteerError> {
    let unfit = |reason: String| SteerError::Unfit {
        evaluation: event.id.clone(),
        reason,
    };
    let has_trigger = event
        .triggeredid
        .as_deref()
        .is_some_and(|id| !id.is_empty());
    match word {
        Word::Invalidate | Word::Reinstate if !has_trigger => {
            Err(SteerError::NoTrigger(event.id.clone()))
        }
        Word::Pin => match (known.refusal(event), decode_past(event)) {
            (Some(reason), _) => Err(unfit(reason)),
            (None, Err(reason)) => Err(unfit(reason.to_string())),
            (None, Ok(_)) => Ok(()),
        },
        Word::Invalidate | Word::Reinstate | Word::Unpin => Ok(()),
    }
}
