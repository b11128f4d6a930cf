//! The log in a PostgreSQL: one history for many machines.
//!
//! Two tables in a schema of their own; the first append creates them. An append is one transaction, which holds the
//! advisory locks of its series, so that times only grow however many write at once, and stores an id only once. Reads
//! are transactions that can only read, and see one instant. Statements are not prepared: a pooler between us and the
//! server may hand each transaction to another connection.

mod attempts;
mod fault;
mod insert;
mod password_file;
mod place;
mod question;
mod schema;
mod select;
mod session;
#[cfg(test)]
#[cfg(unix)]
mod tests;
#[cfg(test)]
#[cfg(unix)]
mod trouble_tests;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::time::timeout;

use self::attempts::Attempts;
use self::fault::{Circumstances, Fault};
use self::place::Place;
pub(super) use self::place::PlaceError;
use self::schema::Found;
use self::session::{Limits, MOST_BYTES, Purpose, Session};
use super::failure::{AppendError, ReadError};
use super::filter::Filter;
use super::page::Page;
use super::settings::{EventLogSettings, RemoteUrl};
use super::{EventLog, Times};
use crate::gate::event::CloudEvent;
use crate::net::PostgresConnection;

/// A log in a PostgreSQL.
pub(super) struct PostgresLog {
    /// Where it is, and how to get in.
    place: Place,
    /// Its times.
    limits: Limits,
    /// A connection that waits for the next transaction.
    idle: Mutex<Option<PostgresConnection>>,
}

impl PostgresLog {
    /// Reads the settings, and the files that they name. Nothing is sent yet.
    pub(super) fn open(settings: &EventLogSettings, url: &RemoteUrl) -> Result<Self, PlaceError> {
        Ok(Self {
            place: Place::of(settings, url.expose())?,
            limits: Limits {
                answer: settings.timeout,
                lock: settings.lock_timeout,
            },
            idle: Mutex::new(None),
        })
    }

    /// Reads once.
    async fn read(&self, filter: &Filter, limit: usize) -> Result<Page, Fault> {
        let connection = self.connection().await?;
        let session = Session::begin(&connection, self.limits, Purpose::Read).await?;
        let page = match schema::inspect(&session, &self.place).await? {
            Found::Nothing { .. } => Page::default(),
            Found::Log { .. } => select::select(&session, &self.place, filter, limit).await?,
        };
        session.commit().await?;
        self.give_back(connection);
        Ok(page)
    }

    /// Appends once.
    async fn write(&self, events: &[CloudEvent], times: Times) -> Result<Vec<CloudEvent>, Fault> {
        let connection = self.connection().await?;
        let session = Session::begin(&connection, self.limits, Purpose::Write).await?;
        schema::prepare(&session, &self.place).await?;
        let stored = insert::insert(&session, &self.place, events, times).await?;
        session.commit().await?;
        self.give_back(connection);
        Ok(stored)
    }

    /// Removes once.
    async fn delete(&self, ids: &[String]) -> Result<usize, Fault> {
        let connection = self.connection().await?;
        let session = Session::begin(&connection, self.limits, Purpose::Write).await?;
        let removed = match schema::inspect(&session, &self.place).await? {
            Found::Nothing { .. } => 0,
            Found::Log { .. } => insert::delete(&session, &self.place, ids).await?,
        };
        session.commit().await?;
        self.give_back(connection);
        Ok(removed)
    }

    /// Returns the connection that waits, if it still stands, or a new one.
    async fn connection(&self) -> Result<PostgresConnection, Fault> {
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.take()
        };
        if let Some(connection) = idle.filter(|idle| !idle.client.is_closed()) {
            return Ok(connection);
        }
        match timeout(self.limits.answer, self.place.server.connect(MOST_BYTES)).await {
            Ok(connected) => connected.map_err(Fault::Connect),
            Err(_elapsed) => Err(Fault::TimedOut),
        }
    }

    /// Keeps a connection for the next transaction.
    fn give_back(&self, connection: PostgresConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        *idle = Some(connection);
    }

    /// Returns what is known when something goes wrong.
    fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            place: &self.place,
            timeout: self.limits.answer,
            lock_timeout: self.limits.lock,
        }
    }
}

#[async_trait]
impl EventLog for PostgresLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let mut attempts = Attempts::begin(self.limits.answer);
        loop {
            match self.write(&events, times).await {
                Ok(stored) => return Ok(stored),
                Err(fault) => attempts
                    .after(fault)
                    .await
                    .map_err(|fault| self.circumstances().writing(fault))?,
            }
        }
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let mut attempts = Attempts::begin(self.limits.answer);
        loop {
            match self.read(filter, limit).await {
                Ok(mut page) => {
                    page.warnings.extend(self.place.warning.clone());
                    return Ok(page);
                }
                Err(fault) => attempts
                    .after(fault.of_read())
                    .await
                    .map_err(|fault| self.circumstances().reading(&fault))?,
            }
        }
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        let mut attempts = Attempts::begin(self.limits.answer);
        loop {
            match self.delete(&ids).await {
                Ok(removed) => return Ok(removed),
                // Asked again, it would count those as absent that it removed.
                Err(fault @ Fault::InDoubt(_)) => return Err(self.circumstances().writing(fault)),
                Err(fault) => attempts
                    .after(fault)
                    .await
                    .map_err(|fault| self.circumstances().writing(fault))?,
            }
        }
    }
}
