//! One question to a server that speaks HTTP. It may take several requests: their number and their time are added up.

use std::time::Duration;

use serde_json::Value;
use serde_json::error::Category;

use super::answered::{Answered, Found};
use super::{bulk, transport};
use crate::gate::{FailureKind, FetchFailure, Handling};
use crate::net::{Answer, HttpClient, Outgoing, Patience, Redactor, Repeat};

/// The requests behind one answer.
pub(super) struct Exchange<'c> {
    /// Sends.
    pub http: &'c HttpClient,
    /// How patient to be with each of them.
    pub patience: Patience,
    /// How often was sent so far.
    attempts: u32,
    /// How long it took so far.
    elapsed: Duration,
    /// Where the last request went, as it may be shown.
    endpoint: Option<String>,
}

impl<'c> Exchange<'c> {
    /// Starts an exchange as a request wants it.
    pub(super) fn new(http: &'c HttpClient, handling: &Handling) -> Self {
        Self {
            http,
            patience: transport::patience(handling),
            attempts: 0,
            elapsed: Duration::ZERO,
            endpoint: None,
        }
    }

    /// Sends a request; any status is an answer.
    pub(super) async fn send(
        &mut self,
        repeat: Repeat,
        outgoing: &Outgoing,
    ) -> Result<Answer, FetchFailure> {
        self.endpoint = self.http.shown_url(outgoing).ok();
        let result = self.http.request(repeat, self.patience, outgoing).await;
        let (attempts, elapsed) = match &result {
            Ok(answer) => (answer.attempts, answer.elapsed),
            Err(error) => (error.attempts, error.elapsed),
        };
        self.attempts = self.attempts.saturating_add(attempts);
        self.elapsed = self.elapsed.saturating_add(elapsed);
        result.map_err(|error| transport::excuse(&error.failure))
    }

    /// Adds time that was spent between requests.
    pub(super) fn waited(&mut self, time: Duration) {
        self.elapsed = self.elapsed.saturating_add(time);
    }

    /// Returns what takes the secrets out of texts.
    pub(super) fn redactor(&self) -> &'c Redactor {
        self.http.redactor()
    }

    /// Ends the exchange with what was found.
    pub(super) fn answered(self, found: Found) -> Answered {
        Answered {
            endpoint: self.endpoint,
            attempts: self.attempts,
            elapsed: Some(self.elapsed),
            ..Answered::new(safe(found, self.http.redactor()))
        }
    }
}

/// How much is shown of a text that holds something of the server.
const SHOWN_BYTES: usize = 600;

/// Takes the secrets and the control characters out of what was found: names of series come from the server.
fn safe(mut found: Found, redactor: &Redactor) -> Found {
    let shown = |text: &str| redactor.excerpt(text.as_bytes(), SHOWN_BYTES);
    match &mut found {
        Found::Failed(failure) => failure.message = shown(&failure.message),
        Found::Nothing(reason) => *reason = shown(reason),
        Found::Numbers(numbers) => {
            for number in numbers {
                number.name = shown(&number.name);
            }
        }
    }
    found
}

/// Reads the JSON of an answer; `expected` is whose answer it should be.
pub(super) fn json(
    answer: &Answer,
    expected: &str,
    redactor: &Redactor,
) -> Result<Value, FetchFailure> {
    if bulk::is_too_much(&answer.body) {
        let most = bulk::MOST_VALUES;
        return Err(FetchFailure {
            kind: FailureKind::BadAnswer,
            message: format!(
                "HTTP {}, the answer holds more than {most} values; ask for fewer",
                answer.status
            ),
        });
    }
    let found = serde_json::from_slice::<Value>(&answer.body);
    found.map_err(|error| {
        let breaks_off = error.classify() == Category::Eof && !answer.body.is_empty();
        let trouble = if breaks_off {
            "the JSON of the answer breaks off: "
        } else {
            ""
        };
        let shown = transport::shown(answer, expected, redactor);
        FetchFailure {
            kind: transport::by_status(answer.status).unwrap_or(FailureKind::BadAnswer),
            message: format!("{trouble}{shown}"),
        }
    })
}
