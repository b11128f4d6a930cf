//! The log in a NATS JetStream stream: one message an event, acknowledged by the server before `append` returns.
//!
//! The subject of a message says the series and the type, so that others can subscribe to what they care for. Its headers
//! name the messages before it ([`trail`]), so that the newest events of a series cost the same however large the stream
//! is; where there are no such headers, or they can't be true, the subject is read whole ([`scan`]). Two writers can't both
//! follow the same message: the second is told, and looks again.

mod append;
mod batch;
mod credentials;
mod fault;
#[cfg(test)]
mod faults_tests;
mod link;
mod message;
mod place;
mod read;
#[cfg(test)]
mod rights_tests;
mod scan;
mod stream;
#[cfg(test)]
mod stream_tests;
mod subject;
mod tail;
#[cfg(test)]
mod test_proxy;
#[cfg(test)]
mod tests;
mod trail;
mod walk;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;

use self::append::{AppendFault, Ends, check_sizes};
use self::batch::{Batch, Tails};
use self::credentials::Credentials;
use self::fault::Fault;
use self::link::Link;
use self::message::Messages;
use self::place::Place;
pub use self::place::PlaceError;
use self::read::Reading;
use self::stream::StreamState;
use self::subject::Subjects;
use super::envelope::Envelope;
use super::failure::{AppendError, ReadError};
use super::filter::{Filter, Kinds};
use super::page::Page;
use super::settings::{EventLogSettings, RemoteUrl};
use super::variables::Variables;
use super::{EventLog, Times};
use crate::gate::event::CloudEvent;
use crate::net::{Secret, TlsSettings};

/// A log in a stream.
#[derive(Debug)]
pub struct NatsLog {
    /// What it is called in messages.
    name: String,
    /// Where the stream is.
    place: Place,
    /// How to check the server.
    tls: TlsSettings,
    /// What proves who is asking, from the settings.
    token: Option<Secret>,
    /// Where credentials are otherwise.
    variables: Variables,
    /// How long one request may take.
    timeout: Duration,
    /// The connection, once there was something to read or to write.
    link: Mutex<Option<Arc<Link>>>,
    /// What is known of the stream by whoever appends; one at a time does.
    tails: Mutex<Tails>,
}

impl NatsLog {
    /// Names the stream. The first read connects; the first append makes the stream.
    pub fn new(url: &RemoteUrl, settings: EventLogSettings) -> Result<Self, PlaceError> {
        let EventLogSettings {
            url: _,
            lock_timeout: _,
            timeout,
            tls,
            token,
            variables,
        } = settings;
        Ok(Self {
            name: url.to_string(),
            place: Place::parse(url.expose())?,
            tls,
            token,
            variables,
            timeout,
            link: Mutex::new(None),
            tails: Mutex::new(Tails::default()),
        })
    }

    /// Returns the connection.
    async fn link(&self) -> Result<Arc<Link>, Fault> {
        let mut link = self.link.lock().await;
        if let Some(link) = &*link {
            return Ok(Arc::clone(link));
        }
        let credentials = Credentials::find(&self.place, self.token.as_ref(), &self.variables)?;
        let made = Link::connect(&self.place, credentials, &self.tls, self.timeout).await?;
        let made = Arc::new(made);
        *link = Some(Arc::clone(&made));
        Ok(made)
    }

    /// Reads a page. A stream that does not exist is an empty history.
    async fn read(&self, filter: &Filter, limit: usize) -> Result<Page, Fault> {
        if limit == 0 || filter.kinds == Kinds::Types(Vec::new()) {
            return Ok(Page::default());
        }
        let link = self.link().await?;
        let pattern = Subjects::of_stream(&self.place.stream).of_filter(filter);
        let Some(state) = StreamState::read(&link, &self.place.stream, &pattern).await? else {
            return Ok(Page::default());
        };
        let messages = Messages::of(&link, &self.place, &state);
        let reading = Reading {
            messages: &messages,
            state: &state,
            filter,
            limit,
        };
        reading.page().await
    }

    /// Appends a batch.
    async fn write(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendFault> {
        let Some(first) = events.first() else {
            return Ok(events);
        };
        let mut tails = self.tails.lock().await;
        let link = self.link().await?;
        check_sizes(&events, link.max_payload()).map_err(AppendFault::Event)?;
        let pattern = Subjects::of_stream(&self.place.stream).of(&Envelope::of(first));
        let state = StreamState::read_or_make(&link, &self.place, &pattern).await?;
        state.config.check_writable(&self.place.stream)?;
        if let Some(most) = state.config.max_message() {
            check_sizes(&events, most).map_err(AppendFault::Event)?;
        }
        let messages = Messages::of(&link, &self.place, &state);
        tails.keep_only(&messages.identity);
        let batch = Batch {
            messages: &messages,
            place: &self.place,
            tails: &mut tails,
            times,
        };
        batch.run(events).await
    }

    /// Removes events; returns how many were there.
    async fn take_out(&self, events: &[CloudEvent]) -> Result<usize, Fault> {
        let mut tails = self.tails.lock().await;
        let link = self.link().await?;
        let pattern = Subjects::of_stream(&self.place.stream).all();
        let Some(state) = StreamState::read(&link, &self.place.stream, &pattern).await? else {
            return Ok(0);
        };
        let messages = Messages::of(&link, &self.place, &state);
        // Others may have appended since.
        tails.clear();
        let mut ends = Ends::new();
        let mut removed = 0;
        for event in events {
            let subject = messages.subjects.of(&Envelope::of(event));
            let known = ends.remove(&subject);
            let mut tail = match known {
                Some(tail) => tail,
                None => tail::Tail::read(&messages, &subject, None).await?,
            };
            let found = tail
                .find(&messages, &subject, &event.id, event.time)
                .await?;
            if let Some(stored) = found {
                removed += usize::from(messages.remove(stored.sequence).await?);
                tail.remove(&event.id);
                if tail.sequence == stored.sequence {
                    tail.read_again(&messages, &subject).await?;
                }
            }
            ends.insert(subject, tail);
        }
        Ok(removed)
    }
}

#[async_trait]
impl EventLog for NatsLog {
    async fn append(
        &self,
        events: Vec<CloudEvent>,
        times: Times,
    ) -> Result<Vec<CloudEvent>, AppendError> {
        let appended = self.write(events, times).await;
        appended.map_err(|fault| match fault {
            AppendFault::Server(fault) => AppendError::Remote(fault.at(&self.name)),
            AppendFault::Event(error) => error,
        })
    }

    async fn events(&self, filter: &Filter, limit: usize) -> Result<Page, ReadError> {
        let page = self.read(filter, limit).await;
        page.map_err(|fault| ReadError::Remote(fault.at(&self.name)))
    }

    async fn remove(&self, events: &[CloudEvent]) -> Result<usize, AppendError> {
        let removed = self.take_out(events).await;
        removed.map_err(|fault| AppendError::Remote(fault.at(&self.name)))
    }
}
