//! PostgreSQL: a few connections, and on each one query after the other, in transactions that can only read.

use std::sync::{Mutex, PoisonError};

use futures_util::TryStreamExt as _;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error};

use super::cell::refusal;
use super::fault::Circumstances;
use super::settings::SqlSettings;
use super::table::{Cell, Column, MOST_ROWS, choose};
use super::task::{Said, Task};
use crate::gate::FailureKind;
use crate::net::{
    PostgresConnectError, PostgresConnection, PostgresServer, PostgresUrl, Redactor, TlsSetupError,
    postgres_server_limit,
};

/// A server.
pub(super) struct Postgres {
    /// Where it is, and how to log in.
    server: PostgresServer,
    /// How many bytes it may answer to one query.
    most_bytes: usize,
    /// Takes the password out of what is shown.
    redactor: Redactor,
    /// Connections that wait for the next query.
    idle: Mutex<Vec<PostgresConnection>>,
}

/// What became of a query that the server understood.
enum Ran {
    /// It was read to its end: the connection can be used again.
    Whole(Said),
    /// It was not.
    Broken(Said),
}

impl Postgres {
    /// Makes a server known. Nothing is sent yet.
    pub(super) fn open(url: &PostgresUrl, settings: &SqlSettings) -> Result<Self, TlsSetupError> {
        Ok(Self {
            server: PostgresServer::new(url.clone(), &settings.tls)?,
            most_bytes: settings.max_response_bytes,
            redactor: Redactor::new(&url.password),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Asks a query, on a connection that waits or on a new one.
    pub(super) async fn ask(&self, task: &Task) -> Said {
        let limit = task.limit;
        match timeout(limit, self.attempt(task)).await {
            Ok(said) => said,
            Err(_elapsed) => {
                let text = format!(
                    "no complete answer from {} within {limit:?}; set a longer `timeout`, or ask for less",
                    self.server.url().endpoint()
                );
                // To ask again would only put the same load on the server once more.
                Said::failed(FailureKind::Unavailable, text).for_good()
            }
        }
    }

    /// Asks a query.
    async fn attempt(&self, task: &Task) -> Said {
        let endpoint = self.server.url().endpoint();
        let circumstances = Circumstances {
            endpoint: &endpoint,
            text: &task.statement.text,
            limit: task.limit,
            redactor: &self.redactor,
        };
        let mut connected = match self.take() {
            Some(connected) => connected,
            None => match self.connect(&circumstances).await {
                Ok(connected) => connected,
                Err(said) => return said,
            },
        };
        connected.budget.refill(self.most_bytes);
        match run(&mut connected.client, task).await {
            Ok(Ran::Whole(said)) => {
                self.give_back(connected);
                said
            }
            Ok(Ran::Broken(said)) => said,
            Err(_) if connected.budget.is_spent() => self.too_large(),
            Err(error) => {
                let said = circumstances.said(&error);
                if error.as_db_error().is_some() {
                    self.give_back(connected);
                }
                said
            }
        }
    }

    /// Says that the answer is too large.
    fn too_large(&self) -> Said {
        let text = format!(
            "the answer of {} is larger than {} bytes; aggregate in the query, or set `max_response_bytes`",
            self.server.url().endpoint(),
            self.most_bytes
        );
        Said::failed(FailureKind::BadAnswer, text)
    }

    /// Takes a connection that waits and still stands.
    fn take(&self) -> Option<PostgresConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connected) = idle.pop() {
            if !connected.client.is_closed() {
                return Some(connected);
            }
        }
        None
    }

    /// Keeps a connection for the next query.
    fn give_back(&self, connected: PostgresConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connected);
    }

    /// Connects and logs in.
    async fn connect(&self, circumstances: &Circumstances<'_>) -> Result<PostgresConnection, Said> {
        let connected = self.server.connect(self.most_bytes).await;
        connected.map_err(|error| match error {
            PostgresConnectError::Unreachable(error) => {
                let text = format!(
                    "cannot connect to {}: {}; is the server running, and does a firewall let you in?",
                    circumstances.endpoint,
                    error.to_string().to_lowercase()
                );
                Said::failed(FailureKind::Unavailable, text)
            }
            PostgresConnectError::LogIn(error) => circumstances.said(&error),
        })
    }
}

/// Runs a query in a transaction that can only read, and reads one column.
async fn run(client: &mut Client, task: &Task) -> Result<Ran, Error> {
    let transaction = client.build_transaction().read_only(true).start().await?;
    let patience = postgres_server_limit(task.limit);
    transaction
        .batch_execute(&format!("set local statement_timeout = {patience}"))
        .await?;
    let prepared = transaction.prepare(&task.statement.text).await?;
    let columns = prepared.columns();
    let names: Vec<&str> = columns.iter().map(tokio_postgres::Column::name).collect();
    let place = match choose(&names, task.column.as_deref()) {
        Ok(place) => place,
        Err(found) => return Ok(Ran::Broken(Said::of(found))),
    };
    let mut column = Column {
        name: names
            .get(place)
            .map_or_else(String::new, |name| (*name).to_owned()),
        ..Column::default()
    };
    let kind = columns.get(place).map(tokio_postgres::Column::type_);
    if let Some(other) = kind.and_then(refusal) {
        column.cells.push(other);
        return Ok(Ran::Broken(Said::column(column)));
    }
    let parameters = task.parameters.iter();
    let parameters = parameters.map(|parameter| -> &(dyn ToSql + Sync) { parameter });
    let rows = transaction
        .query_raw(&prepared, parameters.collect::<Vec<_>>())
        .await?;
    tokio::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        if column.cells.len() >= MOST_ROWS {
            column.is_cut = true;
            return Ok(Ran::Broken(Said::column(column)));
        }
        column.cells.push(row.try_get::<_, Cell>(place)?);
    }
    transaction.rollback().await?;
    Ok(Ran::Whole(Said::column(column)))
}
