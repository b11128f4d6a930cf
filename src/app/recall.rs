//! One stored evaluation, as it was and as it stands now.

use super::find::{FindError, find_evaluation};
use super::history::{HistoryError, steering};
use crate::eventlog::{EventLog, Filter, Kinds, ReadError};
use crate::gate::event::{CloudEvent, EventType, RecordError, decode_record};
use crate::gate::{EvaluationName, Record, Series};
use crate::spec::{Source, parse_slo};

/// How many of the newest evaluations are looked at for names that were meant.
const CANDIDATES: usize = 200;

/// A stored evaluation.
#[derive(Debug)]
pub struct Recalled {
    /// Its `.finished` event, as it is stored.
    pub event: CloudEvent,
    /// What it tells.
    pub record: Record,
    /// Why it no longer counts, if it does not.
    pub invalidated: Option<String>,
    /// Why it is the reference of its series, if it is.
    pub pinned: Option<String>,
    /// What the log could not read on the way.
    pub warnings: Vec<String>,
}

/// An evaluation could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum RecallError {
    /// The log can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log can't be read either.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Nobody knows which is meant.
    #[error("{error}")]
    Unknown {
        /// Why.
        #[source]
        error: FindError,
        /// The ids of the newest ones of the series, newest first.
        known: Vec<String>,
    },
    /// It is there, and can't be read.
    #[error("the evaluation `{id}` is in the event log, but can't be shown")]
    Unreadable {
        /// Its id.
        id: String,
        /// Why.
        source: RecordError,
    },
}

/// Reads an evaluation back.
pub async fn recall(
    log: &dyn EventLog,
    series: &Series,
    name: &EvaluationName,
) -> Result<Recalled, RecallError> {
    let event = match find_evaluation(log, series, name).await {
        Ok(event) => event,
        Err(FindError::Read(error)) => return Err(error.into()),
        Err(error @ (FindError::Unknown { .. } | FindError::Ambiguous { .. })) => {
            let known = newest_ids(log, series).await?;
            return Err(RecallError::Unknown { error, known });
        }
    };
    let triggered = trigger(log, &event).await?;
    let record = decode_record(&event, triggered.as_ref());
    let mut record = record.map_err(|source| RecallError::Unreadable {
        id: event.id.clone(),
        source,
    })?;
    learn(&mut record);
    let (steering, warnings) = steering(log, &record.series).await?;
    let pin = steering.pin().filter(|pin| pin.evaluation == event.id);
    Ok(Recalled {
        invalidated: steering.invalidated(&event).map(str::to_owned),
        pinned: pin.map(|pin| pin.reason),
        record,
        event,
        warnings,
    })
}

/// Reads the event that asked for an evaluation, where it is stored.
async fn trigger(
    log: &dyn EventLog,
    finished: &CloudEvent,
) -> Result<Option<CloudEvent>, ReadError> {
    let Some(id) = finished.triggeredid.clone() else {
        return Ok(None);
    };
    let filter = Filter {
        id: Some(id),
        kinds: Kinds::only(EventType::TRIGGERED),
        ..Filter::default()
    };
    Ok(log.events(&filter, 1).await?.events.pop())
}

/// Takes from the SLO that is stored with an evaluation of another program what its event does not tell.
pub fn learn(record: &mut Record) {
    let content = &record.slo_file.content;
    if record.evaluation.total_score.is_some() || content.is_empty() {
        return;
    }
    match parse_slo(&Source::new("slo.yaml", content.as_str())).value {
        Some(slo) => record.learn_from(&slo),
        None => record.warnings.push(
            "the SLO that is stored with this evaluation can't be read: the scores that were needed are not known"
                .to_owned(),
        ),
    }
}

/// Returns the ids of the newest evaluations of a series.
async fn newest_ids(log: &dyn EventLog, series: &Series) -> Result<Vec<String>, ReadError> {
    let filter = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::of_series(series)
    };
    let page = log.events(&filter, CANDIDATES).await?;
    Ok(page.events.into_iter().map(|event| event.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::samples::{carts, evaluation, invalidation, memory, pin, store};

    #[tokio::test]
    async fn an_evaluation_comes_back_with_what_was_said_about_it() {
        let log = memory();
        store(log.as_ref(), evaluation("first", 1, "pass", 90.0)).await;
        store(log.as_ref(), evaluation("second", 2, "fail", 10.0)).await;
        let said = vec![invalidation("first", 3), pin("second", 4)];
        store(log.as_ref(), said).await;
        let first = EvaluationName::Latest(1);
        let first = recall(log.as_ref(), &carts(), &first).await.unwrap();
        assert_eq!(first.record.ids.finished, "first");
        assert_eq!(first.invalidated.as_deref(), Some("wrong load"));
        assert_eq!(first.pinned, None);
        let second = EvaluationName::Id("seco".to_owned());
        let second = recall(log.as_ref(), &carts(), &second).await.unwrap();
        assert_eq!(second.pinned.as_deref(), Some("release 5"));
    }

    #[tokio::test]
    async fn whoever_asks_for_what_is_not_there_learns_what_is() {
        let log = memory();
        store(log.as_ref(), evaluation("first", 1, "pass", 90.0)).await;
        let name = EvaluationName::Id("frist".to_owned());
        match recall(log.as_ref(), &carts(), &name).await {
            Err(RecallError::Unknown { known, .. }) => assert_eq!(known, ["first"]),
            other => panic!("{other:?}"),
        }
    }
}
