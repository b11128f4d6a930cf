//! Dynatrace: metrics, SLOs, problems and user sessions of its environment API, and DQL on Grail.
//!
//! Every query of an SLI file of Keptn's Dynatrace service is understood as it is; the longer form says the same with
//! `metric_selector` and `dql`. A number keeps the unit that Dynatrace has: response times are in µs, rates in per cent.

mod credentials;
mod data;
mod defaults;
mod dql;
mod environment;
mod facts;
mod grail;
mod metrics_query;
mod pairs;
mod query;
mod refusal;
mod sessions;
mod settings;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use super::answered::{Answered, Found};
use super::exchange::Exchange;
use super::measured::Measured;
use super::queue;
use super::{Check, OpenError, Provider, Request, Watch, transport};
use crate::gate::{Context, FailureKind, FetchFailure, ProviderName, QueryProblem, Reading};
use crate::net::{Body, ConnectionSettings, HttpClient, Method, Outgoing, Secret, probe};
use credentials::{Missing, odd_token, secret, token_advice};
use environment::Question;
use grail::Inquiry;
use query::Ask;

pub(super) use facts::DynatraceFacts;
pub use settings::{DynatraceSettings, looks_like_token};

/// A Dynatrace that can be asked.
pub(super) struct Dynatrace {
    /// Its name in the configuration.
    name: ProviderName,
    /// The environment API.
    environment: Option<HttpClient>,
    /// The platform.
    platform: Option<HttpClient>,
    /// How many queries may be under way at once.
    concurrency: usize,
    /// What to say of an API token that has not the form of one.
    token_advice: Option<&'static str>,
}

impl Dynatrace {
    /// Opens a Dynatrace. Nothing is sent yet.
    pub(super) fn open(
        name: &ProviderName,
        settings: &DynatraceSettings,
    ) -> Result<Self, OpenError> {
        let DynatraceSettings {
            environment,
            platform,
        } = settings;
        let client = |connection: &ConnectionSettings| {
            HttpClient::new(connection).map_err(|source| OpenError::Connection {
                name: name.clone(),
                source,
            })
        };
        let both = [environment, platform].into_iter().flatten();
        let concurrency = both.clone().map(|connection| connection.concurrency.get());
        let opened = Self {
            name: name.clone(),
            environment: environment.as_ref().map(client).transpose()?,
            platform: platform.as_ref().map(client).transpose()?,
            concurrency: concurrency.min().unwrap_or(1),
            token_advice: environment.as_ref().and_then(token_advice),
        };
        // Whatever one of the two hosts echoes may hold a secret of the other.
        let secrets: Vec<&Secret> = both.filter_map(secret).collect();
        for client in [&opened.environment, &opened.platform]
            .into_iter()
            .flatten()
        {
            for secret in &secrets {
                client.redactor().learn(secret);
            }
        }
        Ok(opened)
    }

    /// Asks one request.
    async fn ask(&self, request: &Request, context: &Context) -> Answered {
        let ask = match Ask::parse(&request.query, &request.options) {
            Ok(ask) => ask,
            Err(QueryProblem { message, hint, .. }) => {
                let message = format!("{message}; {hint}");
                return Answered::new(Found::failed(FailureKind::BadQuery, message));
            }
        };
        let (client, missing) = match &ask {
            Ask::Dql(_) => (&self.platform, Missing::Platform),
            Ask::Metrics(_) | Ask::Slo { .. } | Ask::Problems { .. } => {
                (&self.environment, Missing::Environment)
            }
            Ask::SecurityProblems { .. } | Ask::Sessions(_) => {
                (&self.environment, Missing::Environment)
            }
        };
        let Some(client) = client else {
            let message = missing.advice();
            return Answered::new(Found::failed(FailureKind::NotAuthorised, message));
        };
        let mut exchange = Exchange::new(client, &request.handling);
        let reduce = request.handling.reduce;
        let result = if let Ask::Dql(query) = &ask {
            let limit = request.handling.timeout.unwrap_or(client.timeout());
            let mut inquiry = Inquiry {
                exchange: &mut exchange,
                context,
                scope: ask.scope(),
                limit,
            };
            inquiry.ask(query, reduce).await
        } else {
            let mut question = Question {
                exchange: &mut exchange,
                context,
                scope: ask.scope(),
            };
            question.ask(&ask, reduce).await
        };
        let text = ask.shown().filter(|_| request.query.is_empty());
        let text = text.as_deref().unwrap_or(&request.query);
        Answered {
            query: Some(client.redactor().redact(text)),
            ..self.answered(exchange, result)
        }
    }

    /// Says what a question came to.
    fn answered(&self, exchange: Exchange<'_>, result: Result<Measured, FetchFailure>) -> Answered {
        let redactor = exchange.redactor();
        let measured = result.unwrap_or_else(|mut failure| {
            let advice = self
                .token_advice
                .filter(|_| failure.kind == FailureKind::NotAuthorised);
            if let Some(advice) = advice {
                failure.message = format!("{}; {advice}", failure.message);
            }
            Measured::of(Found::Failed(failure))
        });
        let Measured {
            found,
            samples,
            unit,
            warnings,
        } = measured;
        let shown = |text: &String| redactor.excerpt(text.as_bytes(), 600);
        Answered {
            samples,
            unit: unit.map(|unit| shown(&unit)),
            warnings: warnings.iter().map(shown).collect(),
            advice: Some("add `:fold` or an aggregation such as `:avg`"),
            ..exchange.answered(found)
        }
    }
}

#[async_trait]
impl Provider for Dynatrace {
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
        let mut found = Vec::new();
        if let Some(environment) = &self.environment {
            let mut list = Outgoing::new(Method::GET, "/api/v2/metrics");
            list.query = vec![("pageSize".to_owned(), "1".to_owned())];
            found.extend(transport::checks(probe(environment, &list).await));
            found.extend(self.token_advice.map(odd_token));
        }
        if let Some(platform) = &self.platform {
            // Parses a query without running it, which costs nothing.
            let mut verify = Outgoing::new(Method::POST, "/platform/storage/query/v1/query:verify");
            verify.body = Body::Json(serde_json::json!({"query": "data record(a = 1)"}));
            found.extend(transport::checks(probe(platform, &verify).await));
        }
        found
    }
}
