//! Prometheus, and whatever speaks its HTTP API: Thanos, Mimir, `VictoriaMetrics`.
//!
//! Every indicator is one instant query at the end of the window; how far back it looks is written in the query. It is
//! asked as POST, because queries outgrow URLs, and as GET where the server knows no POST (405, 501).
//! `prometheus-http-query` decodes the results. Asking is left to `net`, which knows every kind of credentials, bounds time
//! and size, and asks again; the envelope is read in `answer`, because the library keeps neither warnings nor the status.

mod answer;
mod defaults;
mod probe;
mod question;
#[cfg(test)]
mod real_tests;
#[cfg(test)]
mod scripted_tests;
mod settings;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::answered::Answered;
use super::facts::unknown_options;
use super::{Check, OpenError, Provider, ProviderKind, Request, Watch, queue, transport};
use crate::gate::{
    Context, Escape, IndicatorName, ProviderFacts, ProviderName, Query, QueryPart, QueryProblem,
    Reading,
};
use crate::net::{Answer, HttpClient, Patience, Repeat, SendError};
use answer::{Topic, Understood};
use question::{Question, Way};

pub use settings::{PrometheusSettings, QueryParameter};

/// A Prometheus that can be asked.
pub(super) struct Prometheus {
    /// Its name in the configuration.
    name: ProviderName,
    /// Sends.
    http: HttpClient,
    /// Where queries go, without credentials.
    endpoint: String,
    /// Further parameters of every query.
    parameters: Vec<QueryParameter>,
    /// How many queries may be under way at once.
    concurrency: usize,
    /// The server knows no POST.
    knows_no_post: AtomicBool,
}

impl Prometheus {
    /// Opens a Prometheus. Nothing is sent yet.
    pub(super) fn open(
        name: &ProviderName,
        settings: &PrometheusSettings,
    ) -> Result<Self, OpenError> {
        let PrometheusSettings {
            connection,
            query_parameters,
        } = settings;
        let http = HttpClient::new(connection).map_err(|source| OpenError::Connection {
            name: name.clone(),
            source,
        })?;
        let base = connection.redacted_url();
        Ok(Self {
            name: name.clone(),
            endpoint: http.redactor().redact(&format!("{base}/api/v1/query")),
            http,
            parameters: query_parameters.clone(),
            concurrency: connection.concurrency.get(),
            knows_no_post: AtomicBool::new(false),
        })
    }

    /// Asks one question.
    async fn ask<'q>(&self, question: Question<'q>, context: &Context) -> Asked<'q> {
        let patience = transport::patience(question.handling);
        let timeout = patience.timeout.unwrap_or(self.http.timeout());
        let fields = question.fields(context, timeout, &self.parameters);
        let result = self.send(fields, patience).await;
        let (attempts, elapsed) = match &result {
            Ok(answer) => (answer.attempts, answer.elapsed),
            Err(error) => (error.attempts, error.elapsed),
        };
        let topic = Topic {
            query: question.query,
            context,
        };
        let understood = match &result {
            Ok(answer) => answer::understand(answer, &topic, self.http.redactor()),
            Err(error) => answer::excuse(&error.failure),
        };
        Asked {
            question,
            understood,
            attempts,
            elapsed,
        }
    }

    /// Returns the reading of one of the requests behind a question.
    fn reading(&self, request: &Request, asked: &Asked<'_>) -> Reading {
        let Understood {
            found,
            samples,
            warnings,
        } = asked.understood.clone();
        let answered = Answered {
            endpoint: Some(self.endpoint.clone()),
            samples,
            warnings,
            attempts: asked.attempts,
            elapsed: Some(asked.elapsed),
            advice: Some("make one of them with `sum(…)` or `max(…)`"),
            ..Answered::new(found)
        };
        answered.reading(&self.name, request)
    }

    /// Sends a query as POST, or as GET where the server knows no POST.
    async fn send(
        &self,
        fields: Vec<(String, String)>,
        patience: Patience,
    ) -> Result<Answer, SendError> {
        let get = Way::Get.outgoing(fields.clone());
        if self.knows_no_post.load(Ordering::Relaxed) {
            return self.http.request(Repeat::Freely, patience, &get).await;
        }
        let post = Way::Post.outgoing(fields);
        let refused = self.http.request(Repeat::Freely, patience, &post).await?;
        if !matches!(refused.status, 405 | 501) {
            return Ok(refused);
        }
        self.knows_no_post.store(true, Ordering::Relaxed);
        let mut result = self.http.request(Repeat::Freely, patience, &get).await;
        let (attempts, elapsed) = match &mut result {
            Ok(answer) => (&mut answer.attempts, &mut answer.elapsed),
            Err(error) => (&mut error.attempts, &mut error.elapsed),
        };
        *attempts += refused.attempts;
        *elapsed += refused.elapsed;
        result
    }
}

/// A question that was asked, and what came of it.
struct Asked<'q> {
    /// The question.
    question: Question<'q>,
    /// What the answer comes to.
    understood: Understood,
    /// How often it was sent.
    attempts: u32,
    /// How long it took.
    elapsed: Duration,
}

#[async_trait]
impl Provider for Prometheus {
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let questions = question::distinct(requests);
        let groups = questions.into_iter().map(|question| async move {
            let asked = self.ask(question, context).await;
            let requests = asked.question.requests.iter();
            requests
                .map(|(place, request)| (*place, self.reading(request, &asked)))
                .collect()
        });
        queue::run_groups(groups.collect(), self.concurrency, watch).await
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    async fn probe(&self) -> Vec<Check> {
        self.examine().await
    }
}

/// What is known of a Prometheus without asking it.
pub(super) struct PrometheusFacts;

impl ProviderFacts for PrometheusFacts {
    fn default_query(&self, indicator: &IndicatorName, context: &Context) -> Option<String> {
        defaults::default_query(indicator, context)
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        // A value may stand outside of quotes, too, where no escape helps.
        match part {
            QueryPart::Text | QueryPart::Option(_) => Escape::Refuse,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        unknown_options(query, ProviderKind::Prometheus.as_str(), &[])
    }

    fn delay(&self, _query: &Query) -> Duration {
        Duration::ZERO
    }
}
