//! Finds the stored evaluation that a user means.

use super::pages::{PAGE, Pages};
use crate::eventlog::{Cursor, EventLog, Filter, Kinds, ReadError};
use crate::gate::event::{CloudEvent, EventType, window_start};
use crate::gate::{EvaluationName, Series};

/// The shortest beginning of an id that stands for it.
const SHORTEST: usize = 4;

/// No evaluation is meant, or nobody knows which.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The log can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is none of this name.
    #[error("there is no evaluation `{name}` of {project}, stage {stage}, service {service} in the event log",
        project = series.project.as_str(), stage = series.stage.as_str(), service = series.service.as_str())]
    Unknown {
        /// What was asked for.
        name: EvaluationName,
        /// Where it was looked for.
        series: Series,
    },
    /// The beginnings of several are the same.
    #[error("`{name}` is the beginning of several ids: {}", ids.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: EvaluationName,
        /// The first few that it may mean.
        ids: Vec<String>,
    },
}

/// Finds an evaluation: by its whole id wherever it is, else in the series, invalidated ones included.
pub async fn find_evaluation(
    log: &dyn EventLog,
    series: &Series,
    name: &EvaluationName,
) -> Result<CloudEvent, FindError> {
    let unknown = || FindError::Unknown {
        name: name.clone(),
        series: series.clone(),
    };
    let filter = Filter {
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::of_series(series)
    };
    let found = match name {
        EvaluationName::Latest(back) => nth(log, filter, *back).await?,
        EvaluationName::Id(id) => {
            if let Some(event) = by_id(log, id).await? {
                return Ok(event);
            }
            if id.len() < SHORTEST {
                return Err(unknown());
            }
            let mut found = all(log, filter, |event| event.id.starts_with(id), 4).await?;
            if found.len() > 1 {
                return Err(FindError::Ambiguous {
                    name: name.clone(),
                    ids: found.into_iter().map(|event| event.id).collect(),
                });
            }
            found.pop()
        }
        EvaluationName::Start(start) => {
            let begins = |event: &CloudEvent| window_start(event) == Some(*start);
            // The newest, where one window was evaluated several times.
            all(log, filter, begins, 1).await?.pop()
        }
    };
    found.ok_or_else(unknown)
}

/// Reads the evaluation with an id.
async fn by_id(log: &dyn EventLog, id: &str) -> Result<Option<CloudEvent>, ReadError> {
    let filter = Filter {
        id: Some(id.to_owned()),
        kinds: Kinds::only(EventType::FINISHED),
        ..Filter::default()
    };
    Ok(log.events(&filter, 1).await?.events.pop())
}

/// Reads the evaluation that many before the newest.
async fn nth(
    log: &dyn EventLog,
    mut filter: Filter,
    mut back: usize,
) -> Result<Option<CloudEvent>, ReadError> {
    loop {
        let limit = PAGE.min(back.saturating_add(1));
        let mut page = log.events(&filter, limit).await?;
        if back < page.events.len() {
            return Ok(Some(page.events.swap_remove(back)));
        }
        if page.events.len() < limit {
            return Ok(None);
        }
        back -= page.events.len();
        filter.before = page.events.last().map(Cursor::of);
    }
}

/// Reads the newest evaluations that are meant, at most so many.
async fn all(
    log: &dyn EventLog,
    filter: Filter,
    is_meant: impl Fn(&CloudEvent) -> bool,
    most: usize,
) -> Result<Vec<CloudEvent>, ReadError> {
    let mut pages = Pages::of(log, filter);
    let mut found = Vec::new();
    while let Some(page) = pages.next().await? {
        found.extend(page.events.into_iter().filter(&is_meant));
        found.truncate(most);
        if found.len() == most {
            break;
        }
    }
    Ok(found)
}
