//! Tells other systems of a delivery while it runs. Whether they listen changes nothing of the delivery: events wait in a
//! queue with an end, are tried a few times, and are counted where they could not be sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::cdevents::CdEvents;
use super::cloud_event_http::STRUCTURED;
use crate::gate::event::CloudEvent;
use crate::net::{
    Body, BuildError, ConnectionSettings, HttpClient, Method, Outgoing, Patience, Repeat, UrlError,
};

/// How many events may wait for one receiver.
const MOST_WAITING: usize = 10_000;

/// Whom to tell, and in which words.
#[derive(Clone, Debug, PartialEq)]
pub struct EmitTarget {
    /// The words.
    pub form: EmitForm,
    /// The receiver.
    pub connection: ConnectionSettings,
}

/// The words in which events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmitForm {
    /// `CDEvents`, each as a structured `CloudEvent`.
    CdEvents,
    /// Keptn's own events, as structured `CloudEvents`.
    CloudEvents,
}

/// A receiver is not written as one.
#[derive(Debug, thiserror::Error)]
pub enum EmitTargetError {
    /// No form is named.
    #[error("`emit` is written as cdevents=URL or cloudevents=URL")]
    Form,
    /// The URL can't be read.
    #[error(transparent)]
    Url(#[from] UrlError),
}

impl EmitTarget {
    /// Reads `cdevents=URL` or `cloudevents=URL`.
    pub fn parse(text: &str) -> Result<Self, EmitTargetError> {
        let (form, url) = text.trim().split_once('=').ok_or(EmitTargetError::Form)?;
        let form = match form {
            "cdevents" => EmitForm::CdEvents,
            "cloudevents" => EmitForm::CloudEvents,
            _ => return Err(EmitTargetError::Form),
        };
        Ok(Self {
            form,
            connection: ConnectionSettings::parse(url)?,
        })
    }
}

/// Sends events to every receiver. It needs a runtime.
#[derive(Debug)]
pub struct Emitter {
    /// The receivers.
    receivers: Vec<Receiver>,
}

/// One receiver.
#[derive(Debug)]
struct Receiver {
    /// Where it is, as it may be shown.
    shown: String,
    /// What waits to be sent.
    queue: mpsc::Sender<CloudEvent>,
    /// How many events did not reach it, or not yet.
    unsent: Arc<AtomicU64>,
    /// Sends.
    sending: JoinHandle<()>,
}

impl Emitter {
    /// Begins to listen for events.
    pub fn new(targets: &[EmitTarget]) -> Result<Self, BuildError> {
        let receivers: Result<Vec<Receiver>, BuildError> =
            targets.iter().map(Receiver::new).collect();
        Ok(Self {
            receivers: receivers?,
        })
    }

    /// Takes an event, to be sent in its turn. It never waits.
    pub fn take(&self, event: &CloudEvent) {
        for receiver in &self.receivers {
            receiver.unsent.fetch_add(1, Ordering::Relaxed);
            // Where the queue is full the event stays counted as unsent.
            receiver.queue.try_send(event.clone()).ok();
        }
    }

    /// Waits until everything is sent, but no longer than a limit; returns a line for each receiver that missed events.
    pub async fn finish(self, limit: Duration) -> Vec<String> {
        let deadline = tokio::time::Instant::now() + limit;
        let mut lines = Vec::new();
        for receiver in self.receivers {
            lines.extend(receiver.finish(deadline).await);
        }
        lines
    }
}

impl Receiver {
    /// Begins to send to a receiver.
    fn new(target: &EmitTarget) -> Result<Self, BuildError> {
        let client = HttpClient::new(&target.connection)?;
        let (queue, events) = mpsc::channel(MOST_WAITING);
        let unsent = Arc::new(AtomicU64::new(0));
        let sending = tokio::spawn(send_all(client, target.form, events, Arc::clone(&unsent)));
        Ok(Self {
            shown: target.connection.redacted_url(),
            queue,
            unsent,
            sending,
        })
    }

    /// Waits for the end; says how many events it missed.
    async fn finish(self, deadline: tokio::time::Instant) -> Option<String> {
        let Self {
            shown,
            queue,
            unsent,
            mut sending,
        } = self;
        drop(queue);
        let ended = tokio::time::timeout_at(deadline, &mut sending).await;
        if ended.is_err() {
            sending.abort();
        }
        let unsent = unsent.load(Ordering::Relaxed);
        (unsent > 0).then(|| format!("{unsent} events could not be sent to {shown}"))
    }
}

/// Sends what comes, one after the other.
async fn send_all(
    client: HttpClient,
    form: EmitForm,
    mut events: mpsc::Receiver<CloudEvent>,
    unsent: Arc<AtomicU64>,
) {
    let mut cdevents = CdEvents::default();
    while let Some(event) = events.recv().await {
        let messages = match form {
            EmitForm::CdEvents => cdevents.of(&event).iter().map(enveloped).collect(),
            EmitForm::CloudEvents => Vec::from_iter(serde_json::to_vec(&event).ok()),
        };
        let mut arrived = true;
        for message in messages {
            arrived &= send(&client, message).await;
        }
        if arrived {
            unsent.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Sends one message; tells whether it was taken. Ids are always the same, so it may be sent again.
async fn send(client: &HttpClient, message: Vec<u8>) -> bool {
    let outgoing = Outgoing {
        body: Body::Raw {
            content_type: STRUCTURED.to_owned(),
            bytes: message,
        },
        ..Outgoing::new(Method::POST, "")
    };
    let answer = client
        .request(Repeat::Freely, Patience::default(), &outgoing)
        .await;
    answer.is_ok_and(|answer| (200..300).contains(&answer.status))
}

/// Puts a `CDEvent` into a `CloudEvent`, as its binding says.
fn enveloped(cdevent: &Value) -> Vec<u8> {
    let part = |pointer: &str| cdevent.pointer(pointer).cloned().unwrap_or_default();
    let event = json!({
        "specversion": "1.0",
        "id": part("/context/id"),
        "source": part("/context/source"),
        "type": part("/context/type"),
        "time": part("/context/timestamp"),
        "subject": part("/subject/id"),
        "datacontenttype": "application/json",
        "data": cdevent,
    });
    event.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::test_server::{Reply, TestServer};

    /// A receiver that is tried once.
    fn target(form: &str, server: &TestServer) -> EmitTarget {
        let mut target = EmitTarget::parse(&format!("{form}={}", server.url())).unwrap();
        target.connection.retry.attempts = 1;
        target
    }

    /// An event that both forms know.
    fn event() -> CloudEvent {
        let event = json!({
            "id": "1", "type": "sh.keptn.event.dev.delivery.triggered", "source": "x",
            "specversion": "1.0", "time": "2024-02-01T10:00:00Z", "shkeptncontext": "c",
            "data": {"project": "p", "stage": "dev", "service": "s"},
        });
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_receiver_is_a_form_and_a_url() {
        let read = |text: &str| match EmitTarget::parse(text) {
            Ok(target) => format!("{:?} {}", target.form, target.connection.redacted_url()),
            Err(error) => format!("REFUSED {error}"),
        };
        let texts = [
            "cdevents=https://h.example/in",
            " cloudevents=http://u:p@h.example:1",
            "https://h.example",
            "xml=https://h.example",
            "cdevents=ftp://h.example",
        ];
        insta::assert_snapshot!(texts.map(read).join("\n"), @"
        CdEvents https://h.example/in
        CloudEvents http://h.example:1
        REFUSED `emit` is written as cdevents=URL or cloudevents=URL
        REFUSED `emit` is written as cdevents=URL or cloudevents=URL
        REFUSED the URL starts with `ftp://`, which is neither `http://` nor `https://`
        ");
    }

    #[tokio::test]
    async fn each_receiver_gets_each_event_in_its_words() {
        let server = TestServer::start(|_, _| Reply::new(202, "text/plain", "")).await;
        let targets = [target("cdevents", &server), target("cloudevents", &server)];
        let emitter = Emitter::new(&targets).unwrap();
        emitter.take(&event());
        assert!(emitter.finish(Duration::from_secs(60)).await.is_empty());
        let mut types: Vec<String> = Vec::new();
        for received in server.received() {
            assert_eq!(received.header("content-type"), Some(STRUCTURED));
            let body: Value = serde_json::from_str(&received.body).unwrap();
            types.push(body["type"].as_str().unwrap().to_owned());
            if body["type"] == "dev.cdevents.pipelinerun.queued.0.3.0" {
                assert_eq!(body["data"]["context"]["id"], body["id"]);
            } else {
                assert_eq!(serde_json::from_value::<CloudEvent>(body).unwrap(), event());
            }
        }
        types.sort();
        let expected = [
            "dev.cdevents.pipelinerun.queued.0.3.0",
            "sh.keptn.event.dev.delivery.triggered",
        ];
        assert_eq!(types, expected);
    }

    #[tokio::test]
    async fn what_could_not_be_sent_is_counted_and_told() {
        let server = TestServer::start(|_, _| Reply::new(500, "text/plain", "")).await;
        let emitter = Emitter::new(&[target("cloudevents", &server)]).unwrap();
        emitter.take(&event());
        emitter.take(&event());
        let lines = emitter.finish(Duration::from_secs(60)).await;
        let expected = format!("2 events could not be sent to {}", server.url());
        assert_eq!(lines, [expected]);
    }
}
