//! Datadog: series of the API v1, and numbers of the API v2.
//!
//! Datadog has no queries of its own for the usual indicators, because the names of operations differ. From traces:
//! `sum:trace.http.request.hits{service:$SERVICE,env:$STAGE}.as_rate()` is a throughput,
//! `sum:trace.http.request.errors{…}.as_count() / sum:trace.http.request.hits{…}.as_count()` an error rate (in
//! `default_zero(…)`, because a series without errors is null), and `p95:trace.http.request{…}` a response time in
//! seconds, which `scale: 1000` and `unit: ms` turn into milliseconds.

mod compat;
mod facts;
mod points;
mod query;
mod refusal;
mod scalar;
mod settings;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tests;
mod unit;

use async_trait::async_trait;

use super::answered::{Answered, Found};
use super::exchange::Exchange;
use super::measured::Measured;
use super::queue;
use super::{Check, OpenError, Provider, Request, Watch, transport};
use crate::gate::{
    Context, FailureKind, FetchFailure, ProviderName, QueryProblem, Reading, Reduce,
};
use crate::net::{HttpClient, Method, Outgoing, Repeat, probe};
use points::Points;
use query::Ask;
use refusal::{MESSAGE_BYTES, WHO, refusal, understand};
use scalar::Scalar;

pub(super) use facts::DatadogFacts;
pub use settings::{Api, DatadogSettings, Keys, LastBucket, Site};

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
                    end: points::milliseconds(context.window.end()),
                    last_bucket: last_bucket.unwrap_or(self.last_bucket),
                };
                self.points(&mut exchange, context, query, reading).await
            }
            Ask::Scalar { queries, formula } => {
                let outgoing = scalar::request(context, queries, formula);
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
        Ok(points.measured(reading))
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
        Ok(measured)
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
        let asks = requests.iter().map(|request| async move {
            let answered = self.ask(request, context).await;
            answered.reading(&self.name, request)
        });
        queue::run(asks.collect(), self.concurrency, watch).await
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    async fn probe(&self) -> Vec<Check> {
        let validate = Outgoing::new(Method::GET, "/api/v1/validate");
        transport::checks(probe(&self.http, &validate).await)
    }
}
