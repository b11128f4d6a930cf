//! Filters that Keptn can answer by itself, in one request: by id, and by result.

use super::KeptnLog;
use super::marks::ID_PATH;
use super::read::{Found, Pages, SPARE, oldest_second};
use crate::control::{EventQuestion, Expression, KeptnClient};
use crate::eventlog::failure::ReadError;
use crate::eventlog::filter::Filter;
use crate::gate::Verdict;
use crate::gate::event::EventType;

/// The types of our own that Keptn stores.
const SENT: [&str; 5] = [
    EventType::FINISHED,
    EventType::INVALIDATED,
    EventType::REINSTATED,
    EventType::PINNED,
    EventType::UNPINNED,
];

impl KeptnLog {
    /// Answers a question without reading page after page; `None` where that is not possible.
    pub(super) async fn narrowed(
        &self,
        question: &EventQuestion,
        filter: &Filter,
        limit: usize,
    ) -> Result<Option<Found>, ReadError> {
        if let Some(id) = &filter.id {
            return self.by_id(question, filter, id).await;
        }
        if filter.results.is_empty() || filter.before.is_some() || filter.until.is_some() {
            return Ok(None);
        }
        let Some((event_type, expression)) = by_result(question, &filter.results) else {
            return Ok(None);
        };
        self.by_expression(question, filter, (event_type, expression), limit)
            .await
    }

    /// Looks for one event: by Keptn's id, and by ours. `None` where our id can't be said in an expression.
    async fn by_id(
        &self,
        question: &EventQuestion,
        filter: &Filter,
        id: &str,
    ) -> Result<Option<Found>, ReadError> {
        let expression = match &question.project {
            None => None,
            Some(project) => {
                let expression = Expression::of_project(project).and_then(|e| e.and(ID_PATH, id));
                if expression.is_none() {
                    return Ok(None);
                }
                expression
            }
        };
        let by_theirs = EventQuestion {
            id: Some(id.to_owned()),
            ..question.clone()
        };
        let mut found = Found::default();
        let mut pages = Pages::new(self, by_theirs, 1);
        while let Some(events) = pages.next().await? {
            for event in events {
                found.take(filter, event);
            }
        }
        let types = match (&expression, &question.event_type) {
            // Events without a project are none of ours.
            (None, _) => Vec::new(),
            (Some(_), Some(event_type)) => vec![event_type.as_str()],
            (Some(_), None) => SENT.to_vec(),
        };
        let expression = expression.unwrap_or_default();
        for event_type in types {
            let client = &self.client;
            let page = client
                .newest_of_type(event_type, &expression, None, KeptnClient::LARGEST_PAGE)
                .await;
            let page = page.map_err(|error| self.failure(error))?;
            for event in pages.events(&page.events) {
                found.take(filter, event);
            }
        }
        found.warnings = pages.warnings;
        Ok(Some(found))
    }

    /// Has Keptn choose; `None` where there may be more than it gives at once.
    async fn by_expression(
        &self,
        question: &EventQuestion,
        filter: &Filter,
        (event_type, expression): (&str, Expression),
        limit: usize,
    ) -> Result<Option<Found>, ReadError> {
        let asked = limit.saturating_add(SPARE);
        if asked > KeptnClient::LARGEST_PAGE {
            return Ok(None);
        }
        let client = &self.client;
        let page = client
            .newest_of_type(event_type, &expression, question.since, asked)
            .await;
        let page = page.map_err(|error| self.failure(error))?;
        let is_all = page.events.len() < asked;
        let mut pages = Pages::new(self, question.clone(), asked);
        let events = pages.events(&page.events);
        let mut found = Found::default();
        let oldest = oldest_second(&events);
        for event in events {
            found.take(filter, event);
        }
        found.warnings = pages.warnings;
        Ok((is_all || found.is_complete(limit, oldest)).then_some(found))
    }
}

/// Returns the type and the expression that ask for certain results; `None` where a name can't be said.
fn by_result<'q>(
    question: &'q EventQuestion,
    results: &[Verdict],
) -> Option<(&'q str, Expression)> {
    let EventQuestion {
        project,
        stage,
        service,
        event_type,
        context,
        ..
    } = question;
    let mut expression = Expression::of_project(project.as_deref()?)?;
    for (path, value) in [
        ("data.stage", stage),
        ("data.service", service),
        ("shkeptncontext", context),
    ] {
        if let Some(value) = value {
            expression = expression.and(path, value)?;
        }
    }
    let results = results.iter().map(|result| result.as_str());
    let expression = expression.and_any("data.result", results)?;
    Some((event_type.as_deref()?, expression))
}
