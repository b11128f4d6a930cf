//! The messages of a stream, one event each: fetched by number or as the last of a subject, and removed.

use std::sync::Arc;

use async_nats::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{ApiError, Fault};
use super::link::Link;
use super::place::Place;
use super::stream::StreamState;
use super::subject::Subjects;
use super::trail::Trail;
use crate::eventlog::EVENT_LIMIT;
use crate::eventlog::envelope::Envelope;
use crate::eventlog::failure::Trouble;
use crate::gate::event::CloudEvent;

/// One message of a stream.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// Its number.
    pub sequence: u64,
    /// Its subject.
    pub subject: String,
    /// What it says of the messages before it.
    pub trail: Option<Trail>,
    /// The event, or why there is none.
    pub content: Result<Found, String>,
}

/// The last message of a subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Last {
    /// The message, if there is one.
    pub stored: Option<Stored>,
    /// The last number of the whole stream, where the server lost track of the subject.
    pub end: Option<u64>,
}

/// An event of a stream.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// What it is found by.
    pub envelope: Envelope,
    /// The event.
    pub event: CloudEvent,
}

/// The messages of a stream.
#[derive(Clone, Debug)]
pub(super) struct Messages {
    /// The connection.
    pub link: Arc<Link>,
    /// The name of the stream.
    pub stream: String,
    /// What tells it from any other.
    pub identity: String,
    /// Where an event is filed.
    pub subjects: Subjects,
    /// Whether the server that is nearest may answer.
    is_direct: bool,
}

impl Messages {
    /// Returns the messages of a stream.
    pub(super) fn of(link: &Arc<Link>, place: &Place, state: &StreamState) -> Self {
        Self {
            link: Arc::clone(link),
            stream: place.stream.clone(),
            identity: state.identity(&place.stream),
            subjects: Subjects::of_stream(&place.stream),
            is_direct: state.config.may_ask_directly(),
        }
    }

    /// Fetches the message with that number, if it is there.
    pub(super) async fn by_number(&self, sequence: u64) -> Result<Option<Stored>, Fault> {
        self.fetch(&json!({"seq": sequence})).await
    }

    /// Fetches the last message of a subject, if there is one.
    pub(super) async fn last_of(&self, subject: &str) -> Result<Last, Fault> {
        if let Some(stored) = self.fetch(&json!({"last_by_subj": subject})).await? {
            return Ok(Last {
                stored: Some(stored),
                end: None,
            });
        }
        // After the last message of a subject was removed, a server of version 2.9 finds none, though it counts others.
        let state = StreamState::read(&self.link, &self.stream, subject).await?;
        let Some(state) = state.filter(|state| state.subjects().contains_key(subject)) else {
            return Ok(Last::default());
        };
        let mut last = Last {
            stored: None,
            end: Some(state.state.last_seq),
        };
        self.scan(subject, |stored| last.stored = Some(stored))
            .await?;
        Ok(last)
    }

    /// Removes the message with that number; tells whether it was there.
    pub(super) async fn remove(&self, sequence: u64) -> Result<bool, Fault> {
        let what = format!("STREAM.MSG.DELETE.{}", self.stream);
        let question = json!({"seq": sequence, "no_erase": true});
        match self.link.ask::<Value>(&what, &question).await? {
            Ok(_done) => Ok(true),
            Err(error) if error.err_code == ApiError::NO_MESSAGE => Ok(false),
            Err(error) => {
                // There is one number for all that can go wrong here; whether the message is there tells.
                if self.by_number(sequence).await?.is_none() {
                    return Ok(false);
                }
                Err(error.into_fault(&format!("message {sequence} can't be removed")))
            }
        }
    }

    /// Fetches a message.
    async fn fetch(&self, question: &Value) -> Result<Option<Stored>, Fault> {
        if !self.is_direct {
            return self.fetch_from_leader(question).await;
        }
        let what = format!("DIRECT.GET.{}", self.stream);
        let answer = self.link.ask_for_message(&what, question).await?;
        match answer.status {
            None => {}
            Some(StatusCode::NOT_FOUND) => return Ok(None),
            Some(status) => {
                let said = answer.description.unwrap_or_default();
                let said = format!("a message can't be fetched: {status} {said}");
                return Err(Fault::new(Trouble::BadAnswer, said));
            }
        }
        let headers = answer.headers.unwrap_or_default();
        let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
        let sequence = text("Nats-Sequence").and_then(|number| number.parse().ok());
        let (Some(sequence), Some(subject)) = (sequence, text("Nats-Subject")) else {
            let said = "a message came without its number and its subject";
            return Err(Fault::new(Trouble::BadAnswer, said));
        };
        Ok(Some(self.read(
            sequence,
            subject,
            Some(&headers),
            &answer.payload,
        )))
    }

    /// Fetches a message from the server that has seen every one.
    async fn fetch_from_leader(&self, question: &Value) -> Result<Option<Stored>, Fault> {
        let what = format!("STREAM.MSG.GET.{}", self.stream);
        let Envelopes { message } = match self.link.ask(&what, question).await? {
            Ok(found) => found,
            Err(error) if error.err_code == ApiError::NO_MESSAGE => return Ok(None),
            Err(error) => return Err(error.into_fault("a message can't be fetched")),
        };
        let decode = |text: Option<String>| STANDARD.decode(text.unwrap_or_default());
        let (Ok(headers), Ok(data)) = (decode(message.hdrs), decode(message.data)) else {
            let said = format!("message {} is no base64", message.seq);
            return Err(Fault::new(Trouble::BadAnswer, said));
        };
        let headers = parse_headers(&headers);
        Ok(Some(self.read(
            message.seq,
            message.subject,
            Some(&headers),
            &data,
        )))
    }

    /// Reads a message.
    pub(super) fn read(
        &self,
        sequence: u64,
        subject: String,
        headers: Option<&HeaderMap>,
        body: &[u8],
    ) -> Stored {
        let content = self.parse(&subject, body);
        Stored {
            sequence,
            trail: headers.and_then(|headers| Trail::read(headers, &self.identity, sequence)),
            content,
            subject,
        }
    }

    /// Reads the event in a message.
    fn parse(&self, subject: &str, body: &[u8]) -> Result<Found, String> {
        if body.len() > EVENT_LIMIT {
            return Err(format!(
                "it has {} bytes; an event has {EVENT_LIMIT} at most",
                body.len()
            ));
        }
        let no_event = |error: serde_json::Error| format!("it is no event: {error}");
        let envelope = Envelope::parse(body).map_err(no_event)?;
        let event = serde_json::from_slice(body).map_err(no_event)?;
        let own = self.subjects.of(&envelope);
        if own != subject {
            return Err(format!(
                "the event `{}` is on the subject `{subject}`, and belongs on `{own}`",
                envelope.id
            ));
        }
        Ok(Found { envelope, event })
    }
}

impl Stored {
    /// Says where it is, for a warning.
    pub(super) fn place(&self, stream: &str) -> String {
        format!("{stream}, message {}", self.sequence)
    }

    /// Returns the event, if there is one.
    pub(super) fn found(&self) -> Option<&Found> {
        self.content.as_ref().ok()
    }
}

/// The answer of the server that leads.
#[derive(Deserialize)]
struct Envelopes {
    /// The message.
    message: Written,
}

/// A message as that server writes it.
#[derive(Deserialize)]
struct Written {
    /// The subject.
    subject: String,
    /// The number.
    seq: u64,
    /// The headers, in base64.
    #[serde(default)]
    hdrs: Option<String>,
    /// The body, in base64.
    #[serde(default)]
    data: Option<String>,
}

/// Reads headers as they stand on the wire: a line with the version, then one for each.
fn parse_headers(text: &[u8]) -> HeaderMap {
    let text = String::from_utf8_lossy(text);
    let mut headers = HeaderMap::new();
    for line in text.lines().skip(1) {
        if let Some((name, value)) = line.split_once(':') {
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
            if is_name {
                headers.insert(name, value.trim());
            }
        }
    }
    headers
}
