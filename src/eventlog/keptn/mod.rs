//! A log that is the event history of a Keptn, reached over its API.
//!
//! What differs from other logs, because Keptn decides it (controlplane.md 1.2, 1.8):
//! - Keptn gives each event an id and a time of its own. Our id travels in `data.tidegate.id`, our time in
//!   `data.tidegate.time`; an event that carries them appears under our id, and at the time that Keptn gave it. Both
//!   members are gone from what is read.
//! - The API takes `.started`, `.finished` and `.invalidated` events of tasks. A `.triggered` event is passed over: it
//!   comes back from `append` as it was given, and is not stored.
//! - Events are taken one by one, so a batch that fails may be stored in part; to append it again does no harm.
//! - The answer to an event comes before it is stored: `append` waits until it can be read.
//! - Times can't be kept, and nothing can be removed.

mod append;
mod dispatch;
mod marks;
mod narrow;
mod read;
mod token;
mod trouble;

#[cfg(test)]
mod faults_tests;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;

use super::failure::{AppendError, ReadError, RemoteFailure, Trouble};
use super::filter::Filter;
use super::open::OpenError;
use super::page::Page;
use super::settings::{EventLogSettings, LogUrl};
use super::{EventLog, Times};
use crate::control::{KeptnClient, Metadata, connection};
use crate::gate::event::CloudEvent;
use crate::net::{HeaderText, RetrySettings};

/// The event history of a Keptn.
#[derive(Debug)]
pub struct KeptnLog {
    /// Speaks to the API.
    client: KeptnClient,
    /// The log, as it may be shown.
    name: String,
    /// How long to wait until an event can be read.
    timeout: Duration,
}

impl KeptnLog {
    /// How large an answer may be: a page of events as large as Keptn takes them, and some room.
    const MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;
    /// Keptn counts failed tokens by the second, so whoever is told to slow down waits at least that long.
    const RETRY: RetrySettings = RetrySettings {
        attempts: 4,
        base: Duration::from_secs(2),
        max: Duration::from_secs(15),
        seed: 0,
    };

    /// Prepares the client. Nothing is sent yet.
    pub fn new(settings: EventLogSettings) -> Result<Self, OpenError> {
        Self::with_retry(settings, Self::RETRY)
    }

    /// Prepares the client, with so much patience.
    fn with_retry(settings: EventLogSettings, retry: RetrySettings) -> Result<Self, OpenError> {
        let EventLogSettings {
            url,
            timeout,
            tls,
            token,
            variables,
            lock_timeout: _,
        } = settings;
        let name = url.to_string();
        let text = match &url {
            LogUrl::Remote(remote) => remote.expose().to_owned(),
            LogUrl::Sqlite(_) | LogUrl::Jsonl(_) | LogUrl::Memory => name.clone(),
        };
        let unusable = |source| OpenError {
            log: name.clone(),
            source,
        };
        let mut connection = connection(&text).map_err(|error| unusable(error.into()))?;
        let token = match token {
            Some(token) => Some(token),
            None => token::find(&variables, &connection.redacted_url()),
        };
        connection.headers = token
            .map(|token| ("x-token".to_owned(), HeaderText::Secret(token)))
            .into_iter()
            .collect();
        connection.tls = tls;
        connection.timeout = timeout;
        connection.retry = retry;
        connection.max_response_bytes = Self::MAX_RESPONSE_BYTES;
        let client = KeptnClient::new(&connection).map_err(|error| unusable(error.into()))?;
        Ok(Self {
            client,
            name,
            timeout,
        })
    }

    /// Asks whether the token is accepted, and what the installation says of itself.
    pub async fn greet(&self) -> Result<Metadata, ReadError> {
        self.client
            .check_token()
            .await
            .map_err(|error| self.failure(error))?;
        let metadata = self.client.metadata().await;
        Ok(metadata.map_err(|error| self.failure(error))?)
    }

    /// Returns the names of all projects.
    pub async fn projects(&self) -> Result<Vec<String>, ReadError> {
        let projects = self.client.projects().await;
        Ok(projects.map_err(|error| self.failure(error))?)
    }

    /// Says that Keptn can't do something, and what to do instead.
    fn unsupported(&self, what: impl Into<String>) -> AppendError {
        RemoteFailure::new(&self.name, Trouble::Unsupported, what.into()).into()
    }
}

#[async_trait]
impl EventLog for KeptnLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        match times {
            Times::Stamped => self.append_stamped(events).await,
            Times::Kept if events.is_empty() => Ok(events),
            Times::Kept => Err(self.unsupported(
                "Keptn gives every event the time of its arrival, so events of another log would lose their place; \
                 keep the history elsewhere, such as `sqlite:PATH`, and copy Keptn's there with `tidegate import keptn`",
            )),
        }
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        self.read(filter, limit).await
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        if events.is_empty() {
            return Ok(0);
        }
        Err(self.unsupported(
            "Keptn's API removes nothing but whole projects; invalidate what must not count: `tidegate invalidate`",
        ))
    }
}
