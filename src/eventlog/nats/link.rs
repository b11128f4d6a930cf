//! The connection to a NATS server, and requests that end: with an answer, a refusal, or at their time.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{
    Client, ConnectOptions, Event, HeaderMap, Message, Request, ServerAddr, ServerError, Subscriber,
};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::credentials::Credentials;
use super::fault::{ApiError, Fault, no_jetstream};
use super::place::{Encryption, Place};
use crate::eventlog::failure::Trouble;
use crate::net::{TlsSettings, tls_config};

/// How many times a request is sent, if it is not answered, before its time is over.
const ATTEMPTS: u32 = 3;

/// A connection.
#[derive(Debug)]
pub(super) struct Link {
    /// The client, which reconnects by itself.
    client: Client,
    /// What the server said unasked.
    alarms: watch::Receiver<Alarms>,
    /// What stands before every subject of JetStream's own.
    api: String,
    /// How long one request may take, all attempts together.
    timeout: Duration,
}

/// What a server said unasked.
#[derive(Clone, Debug, Default)]
struct Alarms {
    /// How often the connection was cut.
    cuts: u64,
    /// How often something was refused.
    refusals: u64,
    /// The last refusal.
    refused: String,
}

/// Why a wait ended before the answer came.
pub(super) enum Interrupt {
    /// The connection was cut.
    Cut,
    /// It was refused, with these words.
    Refused(String),
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// Nobody listens to its subject.
    NobodyThere,
    /// No answer came in time: what it asked for may be done.
    Lost(Fault),
    /// It was refused, or could not be sent.
    Failed(Fault),
}

impl From<Unanswered> for Fault {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::NobodyThere => no_jetstream(),
            Unanswered::Lost(fault) | Unanswered::Failed(fault) => fault,
        }
    }
}

impl Link {
    /// Connects, trying each server once.
    pub(super) async fn connect(
        place: &Place,
        credentials: Credentials,
        tls: &TlsSettings,
        timeout: Duration,
    ) -> Result<Self, Fault> {
        let Credentials {
            proof,
            servers,
            domain,
            tls: own_tls,
        } = credentials;
        let (tell, alarms) = watch::channel(Alarms::default());
        let tell = Arc::new(tell);
        let mut options = ConnectOptions::new()
            .name("tidegate")
            .connection_timeout(timeout)
            .request_timeout(None)
            .require_tls(place.encryption == Encryption::Required)
            .event_callback(move |event| {
                let tell = Arc::clone(&tell);
                async move { tell.send_modify(|alarms| alarms.take(event)) }
            });
        let tls = merged(tls, own_tls);
        if place.encryption == Encryption::Required || tls != TlsSettings::default() {
            let config = tls_config(&tls)
                .map_err(|error| Fault::new(Trouble::Unavailable, with_causes(&error)))?;
            options = options.tls_client_config(config);
        }
        if let Some(proof) = proof {
            options = proof.apply(options)?;
        }
        let servers = if place.servers.is_empty() {
            servers
        } else {
            place.servers.clone()
        };
        let connecting = options.connect(addresses(&servers)?);
        let client = timeout_at(Instant::now() + timeout, connecting)
            .await
            .map_err(|_elapsed| Fault::new(Trouble::Unavailable, late(timeout)))?
            .map_err(|error| Fault::from_connect(&error))?;
        let domain = place.domain.clone().or(domain);
        let api = domain.map_or_else(|| "$JS.API".to_owned(), |name| format!("$JS.{name}.API"));
        Ok(Self {
            client,
            alarms,
            api,
            timeout,
        })
    }

    /// Returns the most bytes that the server takes for one message with its headers.
    pub(super) fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    /// Returns the subject of a request to `JetStream`.
    pub(super) fn subject(&self, what: &str) -> String {
        format!("{}.{what}", self.api)
    }

    /// Returns how long one request may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Asks something of JetStream; what it refuses is an [`ApiError`].
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        what: &str,
        question: &serde_json::Value,
    ) -> Result<Result<T, ApiError>, Fault> {
        let subject = self.subject(what);
        let answer = self
            .request(&subject, None, question.to_string().into_bytes())
            .await?;
        parse_answer(&answer.payload)
    }

    /// Asks JetStream for what it answers with a whole message.
    pub(super) async fn ask_for_message(
        &self,
        what: &str,
        question: &serde_json::Value,
    ) -> Result<Message, Fault> {
        let subject = self.subject(what);
        Ok(self
            .request(&subject, None, question.to_string().into_bytes())
            .await?)
    }

    /// Tells JetStream something that it does not answer to this address, or not at all.
    pub(super) async fn tell(
        &self,
        what: &str,
        question: &serde_json::Value,
        answer_to: String,
    ) -> Result<(), Fault> {
        let subject = self.subject(what);
        let body = question.to_string().into();
        let sent = self
            .client
            .publish_with_reply(subject, answer_to, body)
            .await;
        sent.map_err(|error| Fault::new(Trouble::Unavailable, error.to_string()))
    }

    /// Listens to a new address of our own.
    pub(super) async fn listen(&self) -> Result<(String, Subscriber), Fault> {
        let inbox = self.client.new_inbox();
        let subscriber = self.client.subscribe(inbox.clone()).await;
        let subscriber =
            subscriber.map_err(|error| Fault::new(Trouble::Unavailable, error.to_string()))?;
        Ok((inbox, subscriber))
    }

    /// Sends a request until it is answered or its time is over. It must be one that may be done twice.
    pub(super) async fn request(
        &self,
        subject: &str,
        headers: Option<HeaderMap>,
        payload: Vec<u8>,
    ) -> Result<Message, Unanswered> {
        let end = Instant::now() + self.timeout;
        loop {
            let mut request = Request::new().payload(payload.clone().into()).timeout(None);
            if let Some(headers) = &headers {
                request = request.headers(headers.clone());
            }
            let attempt_ends = end.min(Instant::now() + self.timeout / ATTEMPTS);
            let watch = self.watch();
            let interrupt = tokio::select! {
                answer = self.client.send_request(subject.to_owned(), request) => {
                    return answer.map_err(|error| unanswered(error.kind(), &error.to_string()));
                }
                interrupt = watch.interrupt(subject) => Some(interrupt),
                () = sleep_until(attempt_ends) => None,
            };
            if let Some(Interrupt::Refused(said)) = interrupt {
                return Err(Unanswered::Failed(Fault::new(Trouble::NotAuthorised, said)));
            }
            if Instant::now() >= end {
                return Err(Unanswered::Lost(Fault::new(
                    Trouble::Unavailable,
                    late(self.timeout),
                )));
            }
        }
    }

    /// Begins to watch for what the server says unasked.
    pub(super) fn watch(&self) -> Watch {
        let mut alarms = self.alarms.clone();
        let seen = alarms.borrow_and_update().clone();
        Watch { alarms, seen }
    }
}

/// Watches for what a server says unasked.
pub(super) struct Watch {
    /// What it says.
    alarms: watch::Receiver<Alarms>,
    /// What it had said before.
    seen: Alarms,
}

impl Watch {
    /// Waits until the connection is cut, or something about this subject is refused.
    pub(super) async fn interrupt(mut self, subject: &str) -> Interrupt {
        let subject = subject.to_ascii_lowercase();
        loop {
            if self.alarms.changed().await.is_err() {
                // The client is gone, and whoever waits with us will hear it.
                return std::future::pending().await;
            }
            let now = self.alarms.borrow_and_update().clone();
            if now.cuts > self.seen.cuts {
                return Interrupt::Cut;
            }
            let refused = now.refused.to_ascii_lowercase();
            if now.refusals > self.seen.refusals && refused.contains(&subject) {
                return Interrupt::Refused(now.refused);
            }
        }
    }
}

impl Alarms {
    /// Takes note of an event.
    fn take(&mut self, event: Event) {
        match event {
            Event::Disconnected | Event::Closed => self.cuts += 1,
            Event::ServerError(ServerError::Other(said)) => {
                self.refusals += 1;
                self.refused = said;
            }
            Event::ServerError(
                ServerError::AuthorizationViolation | ServerError::SlowConsumer(_),
            )
            | Event::Connected
            | Event::LameDuckMode
            | Event::Draining
            | Event::SlowConsumer(_)
            | Event::ClientError(_) => {}
        }
    }
}

/// Reads an answer of JetStream.
pub(super) fn parse_answer<T: DeserializeOwned>(
    payload: &[u8],
) -> Result<Result<T, ApiError>, Fault> {
    /// The part of an answer that says what went wrong.
    #[derive(serde::Deserialize)]
    struct Refusal {
        /// What went wrong.
        #[serde(default)]
        error: Option<ApiError>,
    }
    let unreadable = |error: serde_json::Error| {
        let said = format!("the answer is not what JetStream says: {error}");
        Fault::new(Trouble::BadAnswer, said)
    };
    let refusal: Refusal = serde_json::from_slice(payload).map_err(unreadable)?;
    match refusal.error {
        Some(error) => Ok(Err(error)),
        None => serde_json::from_slice(payload).map(Ok).map_err(unreadable),
    }
}

/// Sorts why the client has no answer.
fn unanswered(kind: RequestErrorKind, said: &str) -> Unanswered {
    let fault = |trouble| Fault::new(trouble, said);
    match kind {
        RequestErrorKind::NoResponders => Unanswered::NobodyThere,
        RequestErrorKind::TimedOut | RequestErrorKind::Other => {
            Unanswered::Lost(fault(Trouble::Unavailable))
        }
        RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
            Unanswered::Failed(fault(Trouble::Unsupported))
        }
    }
}

/// Says that nothing came.
fn late(timeout: Duration) -> String {
    format!("no answer within {} s", timeout.as_secs_f64())
}

/// Reads the addresses of the servers.
fn addresses(servers: &[String]) -> Result<Vec<ServerAddr>, Fault> {
    if servers.is_empty() {
        let said = "the URL names no server, and no context of the `nats` program is selected";
        return Err(Fault::new(Trouble::Unsupported, said));
    }
    let servers = servers
        .iter()
        .map(|server| format!("nats://{server}").parse());
    servers
        .collect::<Result<_, _>>()
        .map_err(|error: std::io::Error| Fault::new(Trouble::Unsupported, error.to_string()))
}

/// Puts what the settings say over what a context says.
fn merged(settings: &TlsSettings, context: TlsSettings) -> TlsSettings {
    if *settings == TlsSettings::default() {
        return context;
    }
    settings.clone()
}

/// Writes an error with its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
