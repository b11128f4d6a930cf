//! Questions to Grail: a query is started, waited for, and stopped where it takes too long.
//!
//! The server holds a poll back for as long as it is told to, so that the answer comes as soon as it is there; where it
//! does not, a short wait of our own keeps the polls apart. A result is kept for about a minute, which is longer than
//! any wait here.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::dql::{DqlQuery, QueryResult};
use super::refusal;
use crate::gate::{Context, FailureKind, FetchFailure, Reduce};
use crate::net::{Answer, Body, Method, Outgoing, Patience, Repeat};
use crate::provider::exchange::Exchange;
use crate::provider::measured::Measured;

/// Where queries are asked.
const PLACE: &str = "/platform/storage/query/v1/query:";
/// The longest time that the server is to hold a poll back.
const LONGEST_HOLD: Duration = Duration::from_secs(10);
/// The waits between polls where the server does not hold them back.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How much longer than it was told the server may hold a poll back.
const GRACE: Duration = Duration::from_secs(2);
/// How long it may take to stop a query.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);
/// How many records may come back.
const MOST_RECORDS: u32 = 1000;

/// A query of Grail that is asked.
pub(super) struct Inquiry<'q, 'c> {
    /// The requests.
    pub exchange: &'q mut Exchange<'c>,
    /// The window.
    pub context: &'q Context,
    /// What the token must be allowed to do.
    pub scope: &'static str,
    /// How long the query may take in all.
    pub limit: Duration,
}

/// How far a query is.
#[derive(Debug, Deserialize)]
struct Progress {
    /// The state.
    state: String,
    /// What to poll with.
    #[serde(rename = "requestToken")]
    token: Option<String>,
    /// What it came to.
    result: Option<QueryResult>,
}

impl Inquiry<'_, '_> {
    /// Asks.
    pub(super) async fn ask(
        &mut self,
        query: &DqlQuery,
        reduce: Reduce,
    ) -> Result<Measured, FetchFailure> {
        let start = Instant::now();
        let mut progress = self.execute(query).await?;
        let mut token = None;
        let mut pause = PAUSES.0;
        loop {
            if let Some(result) = finished(&mut progress)? {
                let mut measured = result.measured(query, reduce);
                for text in &mut measured.warnings {
                    *text = self.exchange.redactor().excerpt(text.as_bytes(), 600);
                }
                return Ok(measured);
            }
            token = progress.token.take().or(token);
            let Some(token) = &token else {
                return Err(failure(
                    FailureKind::BadAnswer,
                    "Grail gave no `requestToken` to ask for the result with",
                ));
            };
            let left = self.limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(self.give_up(token).await);
            }
            let asked = Instant::now();
            let polled = tokio::time::timeout(left + GRACE, self.poll(token, left)).await;
            progress = match polled {
                Ok(Ok(progress)) => progress,
                Ok(Err(failure)) => {
                    self.cancel(token).await;
                    return Err(failure);
                }
                Err(_) => return Err(self.give_up(token).await),
            };
            if asked.elapsed() < pause && progress.result.is_none() {
                let wait = pause.min(self.limit.saturating_sub(start.elapsed()));
                tokio::time::sleep(wait).await;
                self.exchange.waited(wait);
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }

    /// Starts a query. It is not started twice where the server may have begun: every query is charged.
    async fn execute(&mut self, query: &DqlQuery) -> Result<Progress, FetchFailure> {
        let window = &self.context.window;
        let mut outgoing = Outgoing::new(Method::POST, format!("{PLACE}execute"));
        outgoing.body = Body::Json(json!({
            "query": query.query,
            "defaultTimeframeStart": window.start().to_string(),
            "defaultTimeframeEnd": window.end().to_string(),
            "timezone": "UTC",
            "maxResultRecords": MOST_RECORDS,
            "requestTimeoutMilliseconds": hold(self.limit, self.exchange),
            "enablePreview": false,
        }));
        let answer = self.exchange.send(Repeat::Carefully, &outgoing).await?;
        self.understand(&answer)
    }

    /// Asks how far a query is.
    async fn poll(&mut self, token: &str, left: Duration) -> Result<Progress, FetchFailure> {
        let mut outgoing = Outgoing::new(Method::GET, format!("{PLACE}poll"));
        let hold = hold(left, self.exchange).to_string();
        outgoing.query = vec![
            ("request-token".to_owned(), token.to_owned()),
            ("request-timeout-milliseconds".to_owned(), hold),
        ];
        let answer = self.exchange.send(Repeat::Freely, &outgoing).await?;
        self.understand(&answer)
    }

    /// Reads how far a query is.
    fn understand(&self, answer: &Answer) -> Result<Progress, FetchFailure> {
        refusal::understand(answer, self.scope, self.exchange.redactor())
    }

    /// Stops a query that takes too long.
    async fn give_up(&mut self, token: &str) -> FetchFailure {
        let stopped = self.cancel(token).await;
        let limit = self.limit;
        let end = if stopped {
            "it was cancelled"
        } else {
            "it could not be cancelled and may still run"
        };
        let message = format!(
            "Grail did not finish the query within {limit:?}, and {end}; set a longer `timeout`, or ask for less"
        );
        failure(FailureKind::Unavailable, message)
    }

    /// Stops a query, so that nobody pays for an answer that nobody reads; tells whether that worked.
    async fn cancel(&mut self, token: &str) -> bool {
        let mut outgoing = Outgoing::new(Method::POST, format!("{PLACE}cancel"));
        outgoing.query = vec![("request-token".to_owned(), token.to_owned())];
        let patience = Patience {
            timeout: Some(CANCEL_TIMEOUT),
            attempts: Some(1),
            ..Patience::default()
        };
        let before = std::mem::replace(&mut self.exchange.patience, patience);
        let answer = self.exchange.send(Repeat::Freely, &outgoing).await;
        self.exchange.patience = before;
        answer.is_ok_and(|answer| (200..=299).contains(&answer.status))
    }
}

/// Returns what a query came to, once it has.
fn finished(progress: &mut Progress) -> Result<Option<QueryResult>, FetchFailure> {
    match (progress.state.as_str(), progress.result.take()) {
        ("SUCCEEDED", Some(result)) => Ok(Some(result)),
        ("SUCCEEDED", None) => Err(failure(
            FailureKind::BadAnswer,
            "Grail says that the query succeeded, but sends no result",
        )),
        ("NOT_STARTED" | "RUNNING", _) => Ok(None),
        ("FAILED", _) => Err(failure(
            FailureKind::BadQuery,
            "Grail could not run the query (state FAILED); try it in a notebook there",
        )),
        ("CANCELLED", _) => Err(failure(
            FailureKind::Unavailable,
            "somebody cancelled the query in Grail (state CANCELLED); ask again",
        )),
        ("RESULT_GONE", _) => Err(failure(
            FailureKind::Unavailable,
            "Grail has dropped the result before it was fetched (state RESULT_GONE); ask again",
        )),
        _ => Err(failure(
            FailureKind::BadAnswer,
            "Grail names a state of the query that is not known",
        )),
    }
}

/// Returns how many milliseconds the server is to hold a request back: less than our own timeout for it.
fn hold(left: Duration, exchange: &Exchange<'_>) -> u64 {
    let patience = exchange.patience.timeout;
    let timeout = patience.unwrap_or_else(|| exchange.http.timeout());
    let longest = LONGEST_HOLD.min(timeout / 2).min(left);
    u64::try_from(longest.as_millis())
        .unwrap_or(u64::MAX)
        .max(1)
}

/// Makes a failure.
fn failure(kind: FailureKind, message: impl Into<String>) -> FetchFailure {
    FetchFailure {
        kind,
        message: message.into(),
    }
}
