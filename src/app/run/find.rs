//! Runs that are in a log.

use std::sync::Arc;

use super::course::Course;
use crate::app::conductor::{Charter, JournalError, LogJournal};
use crate::eventlog::{EventLog, Filter, Kinds};
use crate::sequence::EngineSettings;

/// How many runs are looked at for one that is not over.
const MOST_RUNS: usize = 50;

/// A run that is in a log.
pub struct Unfinished {
    /// What it was started with.
    pub charter: Charter,
    /// How it stands.
    pub course: Course,
}

impl Unfinished {
    /// Tells whether nothing of it is left to do. An answer that somebody put into the log may end everything, but its
    /// end is not in the log yet, and nobody has heard of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let executions = self.course.executions();
        self.course.knows(&self.charter.trigger.id)
            && !self.course.owes()
            && executions.iter().all(|one| one.ended.is_some())
    }
}

/// Returns the run of a context; `None` where the log has none.
pub async fn find_run(
    log: &Arc<dyn EventLog>,
    project: &str,
    context: &str,
    settings: &EngineSettings,
) -> Result<Option<Unfinished>, JournalError> {
    let journal = LogJournal::new(
        Arc::clone(log),
        project.to_owned(),
        context.to_owned(),
        settings.clone(),
    );
    let mut course = Course::new(settings.clone());
    let mut charter = None;
    for event in journal.events().await? {
        charter = charter.or_else(|| Charter::of(&event));
        course.take(&event);
    }
    Ok(charter.map(|charter| Unfinished { charter, course }))
}

/// Returns the newest runs of a project that are not over, at most so many.
pub async fn newest_unfinished(
    log: &Arc<dyn EventLog>,
    project: &str,
    settings: &EngineSettings,
    most: usize,
) -> Result<Vec<Unfinished>, JournalError> {
    let filter = Filter {
        project: Some(project.to_owned()),
        kinds: Kinds::only(Charter::EVENT_TYPE),
        ..Filter::default()
    };
    let page = log.events(&filter, MOST_RUNS).await?;
    let mut runs = Vec::new();
    for event in page.events {
        let Some(charter) = Charter::of(&event) else {
            continue;
        };
        let found = find_run(log, project, &charter.context, settings).await?;
        runs.extend(found.filter(|run| !run.is_over()));
        if runs.len() >= most {
            break;
        }
    }
    Ok(runs)
}
