//! Dynatrace: metrics, SLOs, problems and user sessions of its environment API, and DQL on Grail.
//!
//! Every query of an SLI file of Keptn's Dynatrace service is understood as it is; the longer form says the same with
//! `metric_selector` and `dql`. A number keeps the unit that Dynatrace has: response times are in µs, rates in per cent.

mod data;
mod defaults;
mod dql;
mod environment;
mod grail;
mod measured;
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

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::answered::{Answered, Found};
use super::exchange::Exchange;
use super::facts::unknown_options;
use super::{Check, CheckOutcome, OpenError, Provider, ProviderKind, Request, Watch, checks};
use crate::gate::{
    Context, Defaults, Escape, FailureKind, FetchFailure, IndicatorName, ProviderFacts,
    ProviderName, Query, QueryPart, QueryProblem, Reading,
};
use crate::net::{Auth, ConnectionSettings, HttpClient, Method, Outgoing, Secret, probe};
use environment::Question;
use grail::Inquiry;
use measured::Measured;
use query::Ask;

pub use settings::{DynatraceSettings, looks_like_token};

/// How long after the end of the window Dynatrace has the data of user sessions (providers.md 2.6).
const SESSIONS_DELAY: Duration = Duration::from_mins(6);
/// How long after the end of the window Dynatrace has all other data.
const DELAY: Duration = Duration::from_mins(2);

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

/// What to say of an API token that has not the form of one. The token itself is not shown.
const ODD_TOKEN: &str = "the API token has not the form `dt0c01.PUBLIC.SECRET` with 24 and 64 capitals and digits; is it cut off?";

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
            secrets
                .iter()
                .for_each(|secret| client.redactor().learn(secret));
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
        let is_dql = matches!(ask, Ask::Dql(_));
        let client = if is_dql {
            &self.platform
        } else {
            &self.environment
        };
        let Some(client) = client else {
            let message = missing(is_dql);
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

impl Ask {
    /// Returns the query as text, where the options say it.
    fn shown(&self) -> Option<String> {
        match self {
            Self::Metrics(query) => Some(query.shown()),
            Self::Dql(query) => Some(query.query.clone()),
            Self::Slo { .. } | Self::Problems { .. } => None,
            Self::SecurityProblems { .. } | Self::Sessions(_) => None,
        }
    }
}

/// Says which credentials are missing.
fn missing(is_dql: bool) -> &'static str {
    if is_dql {
        "DQL needs `platform_token`, or `client_id` and `client_secret`, of the provider"
    } else {
        "metrics, SLOs, problems and USQL need the `api_token` of the provider"
    }
}

/// Returns what is odd about the token of a connection.
fn token_advice(connection: &ConnectionSettings) -> Option<&'static str> {
    secret(connection)
        .filter(|secret| !looks_like_token(secret.expose()))
        .map(|_| ODD_TOKEN)
}

/// Returns the secret of a connection.
fn secret(connection: &ConnectionSettings) -> Option<&Secret> {
    match &connection.auth {
        Auth::Header { value, .. } | Auth::Bearer(value) => Some(value),
        Auth::OAuth2(client) => Some(&client.client_secret),
        Auth::None | Auth::Basic { .. } => None,
        Auth::QueryParameter { .. } | Auth::SigV4(_) => None,
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
        let mut found = Vec::new();
        if let Some(environment) = &self.environment {
            let mut list = Outgoing::new(Method::GET, "/api/v2/metrics");
            list.query = vec![("pageSize".to_owned(), "1".to_owned())];
            found.extend(checks::of(probe(environment, &list).await));
            found.extend(self.token_advice.map(odd_token));
        }
        if let Some(platform) = &self.platform {
            // Parses a query without running it, which costs nothing.
            let mut verify = Outgoing::new(Method::POST, "/platform/storage/query/v1/query:verify");
            verify.body =
                crate::net::Body::Json(serde_json::json!({"query": "data record(a = 1)"}));
            found.extend(checks::of(probe(platform, &verify).await));
        }
        found
    }
}

/// Says in a check that a token has not the form of one.
fn odd_token(detail: &str) -> Check {
    Check {
        name: "token".to_owned(),
        outcome: CheckOutcome::Odd {
            detail: detail.to_owned(),
            hint: "copy the token again, or create one under Access tokens in Dynatrace".to_owned(),
        },
    }
}

/// What is known of a Dynatrace without asking it.
pub(super) struct DynatraceFacts {
    /// Whether there are credentials for the environment API.
    environment: bool,
    /// Whether there are credentials for the platform.
    platform: bool,
}

impl DynatraceFacts {
    /// Takes what the settings say; where there are none, as in a dry run, everything may be there.
    pub(super) fn new(settings: Option<&DynatraceSettings>) -> Self {
        Self {
            environment: settings.is_none_or(|settings| settings.environment.is_some()),
            platform: settings.is_none_or(|settings| settings.platform.is_some()),
        }
    }
}

impl ProviderFacts for DynatraceFacts {
    fn default_query(&self, indicator: &IndicatorName, context: &Context) -> Option<String> {
        defaults::default_query(indicator, context)
    }

    fn defaults(&self) -> Defaults {
        Defaults::Alone
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        match part {
            QueryPart::Option("dql") => Escape::Json,
            QueryPart::Option("metric_selector" | "entity_selector" | "mz_selector") => {
                Escape::Dynatrace
            }
            // A value may stand outside of quotes, too, where no escape helps.
            QueryPart::Text | QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let unknown = unknown_options(query, ProviderKind::Dynatrace.as_str(), &query::OPTIONS);
        if !unknown.is_empty() {
            return unknown;
        }
        let ask = match Ask::parse(&query.text, &query.options) {
            Ok(ask) => ask,
            Err(problem) => return vec![problem],
        };
        let is_dql = matches!(ask, Ask::Dql(_));
        let is_there = if is_dql {
            self.platform
        } else {
            self.environment
        };
        if is_there {
            return Vec::new();
        }
        vec![QueryProblem {
            option: None,
            message: "the provider has no credentials for this kind of query".to_owned(),
            hint: missing(is_dql).to_owned(),
        }]
    }

    fn delay(&self, query: &Query) -> Duration {
        if query.text.trim_start().starts_with("USQL;") {
            SESSIONS_DELAY
        } else {
            DELAY
        }
    }
}
