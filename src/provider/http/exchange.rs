//! Sending a request, waiting for its result, and following its pages.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::answer::Understanding;
use super::building::build;
use super::definition::{Condition, Definition, NextPage, OtherParameters, Paging, Polling};
use super::document::{self, is_alike};
use super::values::{FillError, Values};
use crate::gate::{FailureKind, FetchFailure};
use crate::net::{Answer, Body, HttpClient, Outgoing, Patience, Place, Repeat};
use crate::provider::transport;

/// How much all pages of one query may weigh together.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// One query on its way: sends, and counts what it took.
pub(super) struct Exchange<'a> {
    /// The client.
    pub http: &'a HttpClient,
    /// The definition.
    pub definition: &'a Definition,
    /// How patient to be with each request.
    pub patience: Patience,
    /// Reads answers.
    pub understanding: Understanding<'a>,
    /// How often was asked.
    pub attempts: u32,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a query comes to: every page of it, or why there is none.
type Pages = Result<Vec<Answer>, FetchFailure>;

impl Exchange<'_> {
    /// Sends a request and returns everything that it leads to.
    pub(super) async fn run(&mut self, outgoing: &Outgoing, values: &Values<'_>) -> Pages {
        let start = Instant::now();
        let pages = self.pages(outgoing, values).await;
        self.elapsed = start.elapsed();
        pages
    }

    /// Sends a request, waits for its result where it has none, and follows its pages.
    async fn pages(&mut self, outgoing: &Outgoing, values: &Values<'_>) -> Pages {
        let first = self.send(outgoing).await?;
        self.understanding.check_status(&first)?;
        let last = match &self.definition.polling {
            Some(polling) => self.wait(polling, first, values).await?,
            None => first,
        };
        self.understanding.check(&last)?;
        match &self.definition.paging {
            Some(paging) => self.follow(paging, outgoing, last).await,
            None => Ok(vec![last]),
        }
    }

    /// Sends one request.
    async fn send(&mut self, outgoing: &Outgoing) -> Result<Answer, FetchFailure> {
        let sent = self
            .http
            .request(Repeat::Freely, self.patience, outgoing)
            .await;
        match sent {
            Ok(answer) => {
                self.attempts = self.attempts.saturating_add(answer.attempts);
                Ok(answer)
            }
            Err(error) => {
                self.attempts = self.attempts.saturating_add(error.attempts);
                let excuse = transport::excuse(&error.failure);
                Err(FetchFailure {
                    message: format!("{}: {}", self.understanding.sent, excuse.message),
                    ..excuse
                })
            }
        }
    }

    /// Waits for the result of a query, as long as the definition says.
    async fn wait(
        &mut self,
        polling: &Polling,
        first: Answer,
        values: &Values<'_>,
    ) -> Result<Answer, FetchFailure> {
        let document = self.understanding.json(&first)?;
        self.fail_early(polling, &document, &first)?;
        let Some(token) = document::first_text(&polling.token, &document) else {
            return Ok(first);
        };
        if holds(&polling.done_when, &document) && polling.result.is_none() {
            return Ok(first);
        }
        drop(document);
        let values = Values {
            token: Some(&token),
            ..*values
        };
        if let Ok(result) = timeout(polling.max, self.poll(polling, &values)).await {
            return result;
        }
        self.cancel(polling, &values).await;
        Err(FetchFailure {
            kind: FailureKind::Unavailable,
            message: format!(
                "{} has no result within {:?}{}; make the query cheaper, or `max` in `async` longer",
                self.understanding.sent,
                polling.max,
                match &polling.cancel {
                    Some(_) => ", and was cancelled",
                    None => "",
                }
            ),
        })
    }

    /// Polls until the result is there.
    async fn poll(
        &mut self,
        polling: &Polling,
        values: &Values<'_>,
    ) -> Result<Answer, FetchFailure> {
        let poll = build(&polling.poll, values).map_err(|error| unfilled(&error))?;
        loop {
            sleep(polling.interval).await;
            let answer = self.send(&poll).await?;
            self.understanding.check_status(&answer)?;
            let document = self.understanding.json(&answer)?;
            self.fail_early(polling, &document, &answer)?;
            if holds(&polling.done_when, &document) {
                let Some(result) = &polling.result else {
                    return Ok(answer);
                };
                let result = build(result, values).map_err(|error| unfilled(&error))?;
                return self.send(&result).await;
            }
        }
    }

    /// Ends the waiting where the server says that there will be no result.
    fn fail_early(
        &self,
        polling: &Polling,
        document: &Value,
        answer: &Answer,
    ) -> Result<(), FetchFailure> {
        let Some(condition) = &polling.fail_when else {
            return Ok(());
        };
        if !holds(condition, document) {
            return Ok(());
        }
        let state = document::first_text(&condition.path, document).unwrap_or_default();
        Err(self.understanding.given_up(answer, &condition.path, &state))
    }

    /// Stops a query that nobody waits for any longer. Whether that works changes nothing for the caller.
    async fn cancel(&mut self, polling: &Polling, values: &Values<'_>) {
        let Some(Ok(cancel)) = polling.cancel.as_ref().map(|cancel| build(cancel, values)) else {
            return;
        };
        let once = Patience {
            attempts: Some(1),
            ..self.patience
        };
        let sent = self.http.request(Repeat::Carefully, once, &cancel).await;
        self.attempts = self
            .attempts
            .saturating_add(sent.map_or(1, |answer| answer.attempts));
    }

    /// Follows the pages of an answer to the last one.
    async fn follow(&mut self, paging: &Paging, outgoing: &Outgoing, first: Answer) -> Pages {
        let mut next = self.next_page(paging, &first)?;
        let mut bytes = first.body.len();
        let mut pages = vec![first];
        while let Some(name) = next {
            if pages.len() >= paging.max_pages {
                return Err(self.endless(&format!(
                    "has more than {} pages; ask for less, or raise `max_pages`",
                    paging.max_pages
                )));
            }
            let answer = self.send(&page(paging, outgoing, &name)).await?;
            self.understanding.check(&answer)?;
            bytes = bytes.saturating_add(answer.body.len());
            if bytes > MOST_BYTES {
                return Err(self.endless(&format!(
                    "has pages of more than {MOST_BYTES} bytes; ask for less"
                )));
            }
            next = self.next_page(paging, &answer)?;
            if next.as_ref() == Some(&name) {
                return Err(self.endless("names the same page as the next one again and again"));
            }
            pages.push(answer);
        }
        Ok(pages)
    }

    /// Returns what an answer says of the next page.
    fn next_page(&self, paging: &Paging, answer: &Answer) -> Result<Option<String>, FetchFailure> {
        let document = self.understanding.json(answer)?;
        Ok(document::first_text(&paging.next, &document))
    }

    /// Makes the failure of pages that do not end.
    fn endless(&self, text: &str) -> FetchFailure {
        FetchFailure {
            kind: FailureKind::BadAnswer,
            message: format!("{} {text}", self.understanding.sent),
        }
    }
}

/// Tells whether an answer says something.
fn holds(condition: &Condition, document: &Value) -> bool {
    let nodes = condition.path.query(document);
    nodes.iter().any(|node| {
        let mut values = condition.values.iter();
        values.any(|value| is_alike(node, value))
    })
}

/// Makes the request for a further page.
fn page(paging: &Paging, first: &Outgoing, name: &str) -> Outgoing {
    let mut next = first.clone();
    match (&paging.target, paging.others) {
        (NextPage::Link, _) => {
            // The link has a query of its own.
            next.place = Place::Link(name.to_owned());
            next.query.clear();
        }
        (NextPage::Parameter(parameter), OtherParameters::Dropped) => {
            next.query = vec![(parameter.clone(), name.to_owned())];
        }
        (NextPage::Parameter(parameter), OtherParameters::Kept) => {
            next.query.retain(|(other, _)| other != parameter);
            next.query.push((parameter.clone(), name.to_owned()));
        }
        (NextPage::Field(field), others) => set_field(&mut next.body, field, name, others),
    }
    next
}

/// Sets a field of a body.
fn set_field(body: &mut Body, field: &str, value: &str, others: OtherParameters) {
    match body {
        Body::Json(Value::Object(members)) => {
            if others == OtherParameters::Dropped {
                members.clear();
            }
            members.insert(field.to_owned(), Value::from(value));
        }
        Body::Form(fields) => {
            let drops_all = others == OtherParameters::Dropped;
            fields.retain(|(name, _)| !drops_all && name != field);
            fields.push((field.to_owned(), value.to_owned()));
        }
        Body::None | Body::Json(_) | Body::Raw { .. } => {}
    }
}

/// Says that a request of the definition cannot be filled.
pub(super) fn unfilled(error: &FillError) -> FetchFailure {
    FetchFailure {
        kind: FailureKind::BadQuery,
        message: error.to_string(),
    }
}
