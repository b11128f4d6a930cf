//! Datadog: series of the API v1, and numbers of the API v2 (providers.md 3.1, 3.2).
//!
//! Datadog has no queries of its own for the usual indicators, because the names of operations differ. From traces:
//! `sum:trace.http.request.hits{service:$SERVICE,env:$STAGE}.as_rate()` is a throughput,
//! `sum:trace.http.request.errors{…}.as_count() / sum:trace.http.request.hits{…}.as_count()` an error rate (in
//! `default_zero(…)`, because a series without errors is null), and `p95:trace.http.request{…}` a response time in
//! seconds, which `scale: 1000` and `unit: ms` turn into milliseconds.

mod compat;
mod measured;
mod points;
mod query;
mod scalar;
mod settings;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::answered::{Answered, Found};
use super::exchange::{self, Exchange};
use super::facts::unknown_options;
use super::{Check, OpenError, Provider, ProviderKind, Request, Watch, checks, transport};
use crate::gate::{
    Context, Escape, FailureKind, FetchFailure, IndicatorName, ProviderFacts, ProviderName, Query,
    QueryPart, QueryProblem, Reading, Reduce,
};
use crate::net::{Answer, Body, HttpClient, Method, Outgoing, Redactor, Repeat, probe};
use measured::Measured;
use points::Points;
use query::Ask;
use scalar::Scalar;

pub use settings::{Api, DatadogSettings, LastBucket, Site};

/// Whose answers are expected.
const WHO: &str = "Datadog";
/// How long after the end of the window Datadog has all data.
const DELAY: Duration = Duration::from_secs(60);
/// How much of the server's own message is shown.
const MESSAGE_BYTES: usize = 600;

/// A Datadog that can be asked.
pub(super) struct Datadog {
    /// Its name in the configuration.
    name: ProviderName,
    /// Sends.
    http: HttpClient,
    /// Which API is asked where the query does not say.
    api: Api,
    /// What becomes of a last bucket that is not complete.
    last_bucket: LastBucket,
    /// How many queries may be under way at once.
    concurrency: usize,
}

impl Datadog {
    /// Opens a Datadog. Nothing is sent yet.
    pub(super) fn open(name: &ProviderName, settings: &DatadogSettings) -> Result<Self, OpenError> {
        let DatadogSettings {
            connection,
            api,
            last_bucket,
        } = settings;
        let http = HttpClient::new(connection).map_err(|source| OpenError::Connection {
            name: name.clone(),
            source,
        })?;
        Ok(Self {
            name: name.clone(),
            http,
            api: *api,
            last_bucket: *last_bucket,
            concurrency: connection.concurrency.get(),
        })
    }

    /// Asks one request.
    async fn ask(&self, request: &Request, context: &Context) -> Answered {
        let ask = match Ask::parse(&request.query, &request.options, self.api) {
            Ok(ask) => ask,
            Err(QueryProblem { message, hint, .. }) => {
                let message = format!("{message}; {hint}");
                return Answered::new(Found::failed(FailureKind::BadQuery, message));
            }
        };
        let mut exchange = Exchange::new(&self.http, &request.handling);
        let reduce = request.handling.reduce;
        let result = match &ask {
            Ask::Points { query, last_bucket } => {
                let reading = points::Reading {
                    reduce,
                    end: milliseconds(context.window.end().as_second()),
                    last_bucket: last_bucket.unwrap_or(self.last_bucket),
                };
                self.points(&mut exchange, context, query, reading).await
            }
            Ask::Scalar { queries, formula } => {
                let outgoing = scalar_request(context, queries, formula);
                self.scalar(&mut exchange, &outgoing, reduce).await
            }
        };
        let measured = result.unwrap_or_else(|failure| Measured::of(Found::Failed(failure)));
        let Measured {
            found,
            samples,
            unit,
            warnings,
        } = measured;
        let text = ask.shown();
        let text = if request.query.is_empty() {
            &text
        } else {
            &request.query
        };
        let query = self.http.redactor().redact(text);
        let shown = |text: String| self.http.redactor().excerpt(text.as_bytes(), MESSAGE_BYTES);
        Answered {
            query: Some(query),
            samples,
            unit: unit.map(shown),
            warnings,
            ..exchange.answered(found)
        }
    }

    /// Asks the API v1.
    async fn points(
        &self,
        exchange: &mut Exchange<'_>,
        context: &Context,
        query: &str,
        reading: points::Reading,
    ) -> Result<Measured, FetchFailure> {
        let window = &context.window;
        let mut outgoing = Outgoing::new(Method::GET, "/api/v1/query");
        outgoing.query = vec![
            ("from".to_owned(), window.start().as_second().to_string()),
            ("to".to_owned(), window.end().as_second().to_string()),
            ("query".to_owned(), query.to_owned()),
        ];
        let answer = exchange.send(Repeat::Freely, &outgoing).await?;
        let redactor = self.http.redactor();
        let points: Points = understand(&answer, redactor)?;
        if points.status != "ok" {
            let said = points.error.or(points.message);
            let said = said.unwrap_or_else(|| format!("status {}", points.status));
            return Err(refusal(answer.status, &said, redactor));
        }
        Ok(safe(points.measured(reading), redactor))
    }

    /// Asks the API v2. It changes nothing, so it may be asked again.
    async fn scalar(
        &self,
        exchange: &mut Exchange<'_>,
        outgoing: &Outgoing,
        reduce: Reduce,
    ) -> Result<Measured, FetchFailure> {
        let answer = exchange.send(Repeat::Freely, outgoing).await?;
        let redactor = self.http.redactor();
        let scalar: Scalar = understand(&answer, redactor)?;
        if let Some(said) = scalar.error() {
            return Err(refusal(answer.status, &said, redactor));
        }
        let measured = scalar.measured(reduce).ok_or_else(|| FetchFailure {
            kind: FailureKind::BadAnswer,
            message: transport::shown(&answer, WHO, redactor),
        })?;
        Ok(safe(measured, redactor))
    }
}

/// Makes a request for a number.
fn scalar_request(context: &Context, queries: &[Value], formula: &str) -> Outgoing {
    let window = &context.window;
    let mut outgoing = Outgoing::new(Method::POST, "/api/v2/query/scalar");
    outgoing.body = Body::Json(json!({
        "data": {
            "type": "scalar_request",
            "attributes": {
                "from": window.start().as_millisecond(),
                "to": window.end().as_millisecond(),
                "queries": queries,
                "formulas": [{"formula": formula}],
            },
        },
    }));
    outgoing
}

/// Returns seconds as milliseconds.
fn milliseconds(seconds: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the seconds since 1970 are below 2^53"
    )]
    let seconds = seconds as f64;
    seconds * 1000.0
}

/// Takes the secrets out of what names came back with.
fn safe(mut measured: Measured, redactor: &Redactor) -> Measured {
    let shown = |text: &str| redactor.excerpt(text.as_bytes(), MESSAGE_BYTES);
    match &mut measured.found {
        Found::Failed(failure) => failure.message = shown(&failure.message),
        Found::Nothing(reason) => *reason = shown(reason),
        Found::Numbers(numbers) => {
            for number in numbers {
                number.name = shown(&number.name);
            }
        }
    }
    measured
}

/// Reads a good answer, or says what the other one means.
fn understand<T: serde::de::DeserializeOwned>(
    answer: &Answer,
    redactor: &Redactor,
) -> Result<T, FetchFailure> {
    let is_good = (200..=299).contains(&answer.status);
    let value = exchange::json(answer, WHO, redactor).map_err(advised)?;
    if is_good {
        return serde_json::from_value(value).map_err(|_other_shape| FetchFailure {
            kind: FailureKind::BadAnswer,
            message: transport::shown(answer, WHO, redactor),
        });
    }
    let said = serde_json::from_value::<Scalar>(value)
        .ok()
        .and_then(|envelope| envelope.error());
    Err(match said {
        Some(said) => refusal(answer.status, &said, redactor),
        None => advised(FetchFailure {
            kind: kind(answer.status),
            message: transport::shown(answer, WHO, redactor),
        }),
    })
}

/// Returns the kind of a failure that a status tells; a 200 with an error in it is a bad query.
fn kind(status: u16) -> FailureKind {
    transport::by_status(status).unwrap_or(match status {
        200..=299 | 400..=499 => FailureKind::BadQuery,
        _ => FailureKind::BadAnswer,
    })
}

/// Says what an error of Datadog comes to.
fn refusal(status: u16, said: &str, redactor: &Redactor) -> FetchFailure {
    let text = format!("Datadog answered {status}: {said}");
    advised(FetchFailure {
        kind: kind(status),
        message: redactor.excerpt(text.as_bytes(), MESSAGE_BYTES),
    })
}

/// Adds what to do about keys that are refused.
fn advised(failure: FetchFailure) -> FetchFailure {
    if failure.kind != FailureKind::NotAuthorised {
        return failure;
    }
    let FetchFailure { kind, message } = failure;
    FetchFailure {
        kind,
        message: format!(
            "{message}; are both keys of this site, and may the application key use `timeseries_query`?"
        ),
    }
}

#[async_trait]
impl Provider for Datadog {
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let asked: Vec<_> = requests
            .iter()
            .enumerate()
            .map(|(place, request)| async move {
                let answered = self.ask(request, context).await;
                (place, answered.reading(&self.name, request))
            })
            .collect();
        let mut asked = stream::iter(asked).buffer_unordered(self.concurrency);
        let mut readings = Vec::with_capacity(requests.len());
        while let Some((place, reading)) = asked.next().await {
            watch.answered(&reading);
            readings.push((place, reading));
        }
        readings.sort_by_key(|(place, _)| *place);
        readings.into_iter().map(|(_, reading)| reading).collect()
    }

    async fn probe(&self) -> Vec<Check> {
        let validate = Outgoing::new(Method::GET, "/api/v1/validate");
        checks::of(probe(&self.http, &validate).await)
    }
}

/// What is known of a Datadog without asking it.
pub(super) struct DatadogFacts {
    /// Which API is asked where the query does not say.
    api: Api,
}

impl DatadogFacts {
    /// Takes what the settings say.
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }
}

impl ProviderFacts for DatadogFacts {
    fn default_query(&self, _indicator: &IndicatorName, _context: &Context) -> Option<String> {
        None
    }

    fn native<'t>(&self, text: &'t str) -> Cow<'t, str> {
        compat::native(text)
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        // A value stands outside of quotes, where no escape helps.
        match part {
            QueryPart::Text | QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let unknown = unknown_options(query, ProviderKind::Datadog.as_str(), &query::OPTIONS);
        if !unknown.is_empty() {
            return unknown;
        }
        let asked = Ask::parse(&query.text, &query.options, self.api);
        asked.err().into_iter().collect()
    }

    fn delay(&self, _query: &Query) -> Duration {
        DELAY
    }
}
