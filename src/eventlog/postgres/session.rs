//! One transaction on a connection: every answer in time, and bounded.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::fault::Fault;
use crate::eventlog::EVENT_LIMIT;
use crate::net::{PostgresConnection, postgres_server_limit};

/// The most bytes that may come for one row, and those that are read ahead.
pub(super) const MOST_BYTES: usize = 3 * EVENT_LIMIT;

/// A value of a statement, with its type: the server need not be asked for it.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reads, all of it at one instant.
    Read,
    /// Writes, and sees what others wrote before it got the lock.
    Write,
}

/// Times of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long an answer may take.
    pub answer: Duration,
    /// How long others may be in the way.
    pub lock: Duration,
}

/// A transaction. Whoever drops it without [`Session::commit`] must drop the connection, too.
pub(super) struct Session<'a> {
    /// The connection.
    connection: &'a PostgresConnection,
    /// Its times.
    limits: Limits,
}

impl<'a> Session<'a> {
    /// Begins a transaction.
    pub(super) async fn begin(
        connection: &'a PostgresConnection,
        limits: Limits,
        purpose: Purpose,
    ) -> Result<Self, Fault> {
        let session = Self { connection, limits };
        let answer = postgres_server_limit(limits.answer);
        // A little less than for an answer, so that the server can say which of the two it was.
        let lock = postgres_server_limit(limits.lock.min(limits.answer * 9 / 10));
        let kind = match purpose {
            Purpose::Read => "REPEATABLE READ READ ONLY",
            Purpose::Write => "READ COMMITTED",
        };
        // A commit that is not yet on the disk when it is confirmed would be no promise.
        let promise = match purpose {
            Purpose::Read => "",
            Purpose::Write => {
                "SELECT pg_catalog.set_config('synchronous_commit', 'on', true)
                    WHERE pg_catalog.current_setting('synchronous_commit') = 'off';"
            }
        };
        let text = format!(
            "BEGIN ISOLATION LEVEL {kind};
            SET LOCAL statement_timeout = {answer};
            SET LOCAL lock_timeout = {lock};
            SET LOCAL idle_in_transaction_session_timeout = {answer};
            {promise}"
        );
        session.run(&text).await?;
        Ok(session)
    }

    /// Ends the transaction: what it did is durable, or the answer leaves that open.
    pub(super) async fn commit(self) -> Result<(), Fault> {
        self.run("COMMIT").await.map_err(Fault::of_commit)
    }

    /// Runs statements that return nothing.
    pub(super) async fn run(&self, statements: &str) -> Result<(), Fault> {
        self.connection.budget.refill(MOST_BYTES);
        let answer = self.connection.client.batch_execute(statements);
        match timeout(self.limits.answer, answer).await {
            Ok(done) => done.map_err(|error| self.sorted(error)),
            Err(_elapsed) => Err(Fault::TimedOut),
        }
    }

    /// Asks a query, and returns its rows.
    pub(super) async fn rows(
        &self,
        query: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Fault> {
        match timeout(self.limits.answer, self.collect(query, parameters)).await {
            Ok(rows) => rows,
            Err(_elapsed) => Err(Fault::TimedOut),
        }
    }

    /// Runs a statement, and returns how many rows it changed.
    pub(super) async fn change(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<u64, Fault> {
        self.connection.budget.refill(MOST_BYTES);
        let answer = self.connection.client.execute_typed(statement, parameters);
        match timeout(self.limits.answer, answer).await {
            Ok(changed) => changed.map_err(|error| self.sorted(error)),
            Err(_elapsed) => Err(Fault::TimedOut),
        }
    }

    /// Takes rows one by one, each of them bounded.
    async fn collect(&self, query: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Fault> {
        self.connection.budget.refill(MOST_BYTES);
        let parameters = parameters
            .iter()
            .map(|(value, kind)| (*value, kind.clone()));
        let client = &self.connection.client;
        let stream = client.query_typed_raw(query, parameters).await;
        let stream = stream.map_err(|error| self.sorted(error))?;
        tokio::pin!(stream);
        let mut rows = Vec::new();
        while let Some(row) = stream
            .try_next()
            .await
            .map_err(|error| self.sorted(error))?
        {
            self.connection.budget.refill(MOST_BYTES);
            rows.push(row);
        }
        Ok(rows)
    }

    /// Tells an answer that is too large from a connection that is lost.
    fn sorted(&self, error: tokio_postgres::Error) -> Fault {
        if self.connection.budget.is_spent() {
            return Fault::TooMuch;
        }
        Fault::Asked(error)
    }
}
