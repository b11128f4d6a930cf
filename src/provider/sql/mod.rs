//! SQL: PostgreSQL and SQLite, with values that are bound and sessions that can only read.
//!
//! A query is one statement that returns one column of numbers; nothing is ever filled into its text. The database is
//! told to stop when the time of the request is up, and what it answers is bounded in rows and in bytes.

mod bind;
mod cell;
mod facts;
mod fault;
mod parameter;
mod postgres;
#[cfg(test)]
mod postgres_tests;
mod settings;
mod sqlite;
#[cfg(test)]
mod sqlite_tests;
mod statement;
mod table;
mod task;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::answered::{Answered, Found};
use super::queue;
use super::retry::retry_over;
use super::{Check, CheckOutcome, OpenError, Provider, Request, Watch};
use crate::gate::{Context, FailureKind, ProviderName, Reading};
use postgres::Postgres;
use statement::Dialect;
use task::{Said, Task};

pub(super) use facts::SqlFacts;
pub use settings::{Database, SqlSettings};

/// A database that can be asked.
pub(super) struct Sql {
    /// Its name in the configuration.
    name: ProviderName,
    /// How to ask it.
    settings: SqlSettings,
    /// The database.
    backend: Backend,
    /// Where it is, without credentials.
    endpoint: String,
}

/// The databases.
enum Backend {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<Postgres>),
}

impl Sql {
    /// Opens a database. Nothing is sent yet.
    pub(super) fn open(name: &ProviderName, settings: &SqlSettings) -> Result<Self, OpenError> {
        let (backend, endpoint) = match &settings.database {
            Database::Sqlite(path) => (
                Backend::Sqlite(path.clone()),
                format!("sqlite:{}", path.display()),
            ),
            Database::Postgres(url) => {
                let server = Postgres::open(url, settings).map_err(|source| OpenError::Tls {
                    name: name.clone(),
                    source,
                })?;
                (Backend::Postgres(Box::new(server)), url.endpoint())
            }
        };
        Ok(Self {
            name: name.clone(),
            settings: settings.clone(),
            backend,
            endpoint,
        })
    }

    /// Asks one query, again where that may help.
    async fn ask(&self, request: &Request, context: &Context) -> Reading {
        let start = Instant::now();
        let limit = request.handling.timeout.unwrap_or(self.settings.timeout);
        let mut attempts = 1;
        let said = match Task::new(request, context, self.dialect(), limit) {
            Err(failed) => Said::of(failed),
            Ok(task) => loop {
                let said = self.attempt(&task).await;
                let pause = retry_over(request.handling.retry, self.settings.retry).wait(attempts);
                match pause.filter(|_| said.may_pass) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => break said,
                }
                attempts += 1;
            },
        };
        let answered = Answered {
            endpoint: Some(self.endpoint.clone()),
            samples: said.rows,
            warnings: said.warning.into_iter().collect(),
            attempts,
            elapsed: Some(start.elapsed()),
            advice: Some("return one row"),
            ..Answered::new(said.found)
        };
        answered.reading(&self.name, request)
    }

    /// Asks once.
    async fn attempt(&self, task: &Task) -> Said {
        let most = self.settings.max_response_bytes;
        match &self.backend {
            Backend::Sqlite(path) => sqlite::ask(path.clone(), task.clone(), most).await,
            Backend::Postgres(server) => server.ask(task).await,
        }
    }

    /// Returns whose SQL is spoken.
    fn dialect(&self) -> Dialect {
        match self.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }
}

#[async_trait]
impl Provider for Sql {
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading> {
        let asks = requests.iter().map(|request| self.ask(request, context));
        queue::run(asks.collect(), self.concurrency(), watch).await
    }

    fn concurrency(&self) -> usize {
        self.settings.concurrency.get()
    }

    async fn probe(&self) -> Vec<Check> {
        let start = Instant::now();
        let task = Task::probe(self.settings.timeout.min(Duration::from_secs(10)));
        let outcome = match self.attempt(&task).await.found {
            Found::Numbers(_) => CheckOutcome::Good(format!(
                "{} answers `select 1` in {} ms",
                self.endpoint,
                start.elapsed().as_millis()
            )),
            Found::Nothing(detail) => CheckOutcome::Bad {
                kind: FailureKind::BadAnswer,
                detail,
                hint: "is this the database that you mean?".to_owned(),
            },
            Found::Failed(failure) => CheckOutcome::Bad {
                kind: failure.kind,
                detail: failure.message,
                hint: "check `url` and the password of the provider in tidegate.yaml".to_owned(),
            },
        };
        vec![Check {
            name: "connection".to_owned(),
            outcome,
        }]
    }
}
