//! Any HTTP API, declared in YAML: a request with placeholders, where the number is in its answer, how to wait for a
//! result and how to follow pages.
//!
//! A [`Definition`] is plain data; `config` reads it. Every value is encoded for the position it is filled into, so that
//! none can change what is asked, or whom. Sending, credentials, retries and the limits of an answer are those of `net`.

mod answer;
mod building;
mod definition;
mod document;
mod exchange;
mod extract;
mod facts;
mod probing;
mod question;
mod settings;
mod shipped;
mod template;
mod values;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::answered::{Answered, Found};
use super::measured::Measured;
use super::{Check, OpenError, Provider, Request, Watch, queue};
use crate::gate::{Context, FetchFailure, Options, ProviderName, Reading};
use crate::net::{Answer, HttpClient};
use answer::Understanding;
use exchange::{Exchange, unfilled};
use question::Question;
use values::Values;

pub use definition::{
    Absence, BodyTemplate, Condition, Definition, Demand, Expectation, Extract, JsonTemplate, Need,
    NextPage, OtherParameters, Paging, Parameter, Polling, RequestTemplate, ResponseRules, Texts,
};
pub(super) use facts::HttpFacts;
pub use settings::HttpSettings;
pub use shipped::SHIPPED;
pub use template::Template;

/// A declared HTTP backend that can be asked.
pub(super) struct Http {
    /// Its name in the configuration.
    name: ProviderName,
    /// Its settings.
    settings: HttpSettings,
    /// The definition.
    definition: Arc<Definition>,
    /// Sends.
    client: HttpClient,
}

/// What became of a question.
struct Asked<'q> {
    /// The question.
    question: Question<'q>,
    /// Every page of the answer, or why there is none.
    pages: Result<Vec<Answer>, FetchFailure>,
    /// How often was asked.
    attempts: u32,
    /// How long it took.
    elapsed: Duration,
}

impl Http {
    /// Opens a backend. Nothing is sent yet.
    pub(super) fn open(name: &ProviderName, settings: &HttpSettings) -> Result<Self, OpenError> {
        let connection = &settings.connection;
        let client = HttpClient::new(connection).map_err(|source| OpenError::Connection {
            name: name.clone(),
            source,
        })?;
        Ok(Self {
            name: name.clone(),
            definition: Arc::clone(&settings.definition),
            settings: settings.clone(),
            client,
        })
    }

    /// Returns what the placeholders stand for in a request.
    fn values<'a>(&'a self, context: &'a Context, request: &'a Request) -> Values<'a> {
        Values {
            definition: &self.definition,
            variables: &self.settings.variables,
            context: Some(context),
            query: &request.query,
            options: &request.options,
            token: None,
        }
    }

    /// Asks one question.
    async fn ask<'q>(&self, question: Question<'q>, context: &Context) -> Asked<'q> {
        let mut exchange = Exchange {
            http: &self.client,
            definition: &self.definition,
            patience: question.patience,
            understanding: self.understanding(&question.sent),
            attempts: 0,
            elapsed: Duration::ZERO,
        };
        let pages = match (&question.outgoing, question.requests.first()) {
            (Ok(outgoing), Some((_, request))) => {
                let values = self.values(context, request);
                exchange.run(outgoing, &values).await
            }
            (Ok(_), None) => Ok(Vec::new()),
            (Err(error), _) => Err(unfilled(error)),
        };
        let (attempts, elapsed) = (exchange.attempts, exchange.elapsed);
        Asked {
            question,
            pages,
            attempts,
            elapsed,
        }
    }

    /// Returns what reads the answers to what was sent.
    fn understanding<'a>(&'a self, sent: &'a str) -> Understanding<'a> {
        Understanding {
            rules: &self.definition.response,
            sent,
            redactor: self.client.redactor(),
        }
    }

    /// Returns the reading of one of the requests behind a question.
    fn reading(&self, context: &Context, request: &Request, asked: &Asked<'_>) -> Reading {
        let Measured {
            found,
            samples,
            unit,
            warnings,
        } = self.understood(context, request, asked);
        let answered = Answered {
            endpoint: Some(asked.question.endpoint.clone()),
            samples,
            unit,
            warnings,
            attempts: asked.attempts,
            elapsed: Some(asked.elapsed),
            ..Answered::new(found)
        };
        answered.reading(&self.name, request)
    }

    /// Finds the numbers of one of the requests behind a question.
    fn understood(&self, context: &Context, request: &Request, asked: &Asked<'_>) -> Measured {
        let pages = match &asked.pages {
            Ok(pages) => pages,
            Err(failure) => return Measured::of(Found::Failed(failure.clone())),
        };
        let expression = match self.definition.response.extract.expression() {
            Some(template) => self.values(context, request).expression(template),
            None => Ok(String::new()),
        };
        match expression {
            Ok(expression) => {
                let understanding = self.understanding(&asked.question.sent);
                understanding.understand(pages, &expression)
            }
            Err(error) => Measured::of(Found::Failed(unfilled(&error))),
        }
    }
}

#[async_trait]
impl Provider for Http {
    fn concurrency(&self) -> usize {
        self.settings.connection.concurrency.get()
    }

    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let questions = question::distinct(self, context, requests);
        let groups = questions.into_iter().map(|question| async move {
            let asked = self.ask(question, context).await;
            let requests = asked.question.requests.iter();
            requests
                .map(|(place, request)| (*place, self.reading(context, request, &asked)))
                .collect()
        });
        queue::run_groups(groups.collect(), self.concurrency(), watch).await
    }

    async fn probe(&self) -> Vec<Check> {
        let Some(template) = &self.definition.probe else {
            return vec![probing::unknown()];
        };
        let nothing = Options::new();
        let values = Values {
            definition: &self.definition,
            variables: &self.settings.variables,
            context: None,
            query: "",
            options: &nothing,
            token: None,
        };
        match building::build(template, &values) {
            Ok(outgoing) => probing::probe(&self.client, &outgoing).await,
            Err(error) => vec![probing::unfilled(&error)],
        }
    }
}
