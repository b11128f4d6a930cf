//! All messages of some subjects, in the order of the stream: slower than a trail, and right whoever wrote them.

use std::time::Duration;

use async_nats::{Message, Subscriber};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::fault::{ApiError, Fault};
use super::link::Interrupt;
use super::message::{Messages, Stored};
use crate::eventlog::failure::Trouble;

/// How many messages are asked for at once.
const BATCH: u64 = 200;
/// After how long without a sign of us the server forgets that we read.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
/// How many times a scan begins again where it was cut, without a message in between.
const MOST_CUTS: u32 = 5;
/// How many batches may end early, without a message in between.
const MOST_PAUSES: u32 = 3;

/// Why a scan did not reach its end.
enum Stop {
    /// The connection was cut, or messages were lost on the way.
    Cut,
    /// Something else.
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// A reader that the server keeps for us.
struct Consumer {
    /// Its name.
    name: String,
    /// How many messages it has for us.
    pending: u64,
}

/// Where a message stands among those of a consumer.
struct Delivery {
    /// Its number in the stream.
    sequence: u64,
    /// Its number for us, from 1 without a gap.
    number: u64,
    /// How many there are after it.
    pending: u64,
}

impl Messages {
    /// Hands over each message of the subjects that a pattern lets through, oldest first.
    pub(super) async fn scan(
        &self,
        pattern: &str,
        mut each: impl FnMut(Stored) + Send,
    ) -> Result<(), Fault> {
        let mut next = 1;
        let mut cuts = 0;
        loop {
            let began = next;
            match self.scan_from(pattern, &mut next, &mut each).await {
                Ok(()) => return Ok(()),
                Err(Stop::Failed(fault)) => return Err(fault),
                Err(Stop::Cut) => {
                    cuts = if next > began { 0 } else { cuts + 1 };
                    if cuts >= MOST_CUTS {
                        let said = "the connection was cut again and again";
                        return Err(Fault::new(Trouble::Unavailable, said));
                    }
                }
            }
        }
    }

    /// Hands over the messages from a number on, and keeps that number up to date.
    async fn scan_from(
        &self,
        pattern: &str,
        next: &mut u64,
        each: &mut (impl FnMut(Stored) + Send),
    ) -> Result<(), Stop> {
        let watch = self.link.watch();
        let consumer = self.consumer(pattern, *next).await?;
        let (inbox, subscriber) = self.link.listen().await?;
        let next_subject = self
            .link
            .subject(&format!("CONSUMER.MSG.NEXT.{}", self.stream));
        let mut delivered = Delivered {
            messages: self,
            consumer: &consumer,
            inbox,
            subscriber,
            seen: 0,
            due: 0,
            pauses: 0,
        };
        let outcome = tokio::select! {
            outcome = delivered.read(next, each) => outcome,
            interrupt = watch.interrupt(&next_subject) => Err(match interrupt {
                Interrupt::Cut => Stop::Cut,
                Interrupt::Refused(said) => Fault::new(Trouble::NotAuthorised, said).into(),
            }),
        };
        let what = format!("CONSUMER.DELETE.{}.{}", self.stream, consumer.name);
        // Best effort: the server forgets it by itself, too.
        drop(self.link.tell(&what, &json!({}), delivered.inbox).await);
        outcome
    }

    /// Has the server keep a reader for us.
    async fn consumer(&self, pattern: &str, first: u64) -> Result<Consumer, Fault> {
        /// What the server says of a reader.
        #[derive(Deserialize)]
        struct Made {
            /// Its name.
            name: String,
            /// How many messages it has.
            #[serde(default)]
            num_pending: u64,
        }
        let forgotten_after = u64::try_from(FORGOTTEN_AFTER.as_nanos()).unwrap_or(u64::MAX);
        let mut config = json!({
            "deliver_policy": "all", "ack_policy": "none", "replay_policy": "instant", "filter_subject": pattern,
            "inactive_threshold": forgotten_after, "num_replicas": 1, "mem_storage": true,
        });
        if let (true, Some(config)) = (first > 1, config.as_object_mut()) {
            config.insert("deliver_policy".to_owned(), "by_start_sequence".into());
            config.insert("opt_start_seq".to_owned(), first.into());
        }
        let what = format!("CONSUMER.CREATE.{}", self.stream);
        let question = json!({"stream_name": self.stream, "config": config});
        match self.link.ask::<Made>(&what, &question).await? {
            Ok(Made { name, num_pending }) => Ok(Consumer {
                name,
                pending: num_pending,
            }),
            Err(error) => Err(error.into_fault("a consumer can't be made")),
        }
    }

    /// Returns how many messages a reader has left.
    async fn left(&self, consumer: &Consumer) -> Result<u64, Stop> {
        /// What the server says of a reader.
        #[derive(Deserialize)]
        struct State {
            /// How many messages it has.
            #[serde(default)]
            num_pending: u64,
        }
        let what = format!("CONSUMER.INFO.{}.{}", self.stream, consumer.name);
        let asked: Result<State, ApiError> = self.link.ask(&what, &json!({})).await?;
        // A server that restarted knows it no more.
        asked
            .map(|state| state.num_pending)
            .map_err(|_gone| Stop::Cut)
    }
}

/// The messages on their way to us.
struct Delivered<'a> {
    /// Where they are from.
    messages: &'a Messages,
    /// The reader.
    consumer: &'a Consumer,
    /// Our address.
    inbox: String,
    /// What comes there.
    subscriber: Subscriber,
    /// How many came.
    seen: u64,
    /// How many of those that were asked for are still to come.
    due: u64,
    /// How many batches ended early, without a message in between.
    pauses: u32,
}

impl Delivered<'_> {
    /// Reads to the end.
    async fn read(
        &mut self,
        next: &mut u64,
        each: &mut (impl FnMut(Stored) + Send),
    ) -> Result<(), Stop> {
        let mut pending = self.consumer.pending;
        while pending > 0 {
            if self.due == 0 {
                self.ask_for_more().await?;
            }
            let message = self.message().await?;
            if message.status.is_some() {
                // The batch ended early: it took too long, or what was pending was removed.
                self.due = 0;
                self.pauses += 1;
                if self.pauses >= MOST_PAUSES {
                    let said = message.description.unwrap_or_default();
                    let said = format!("messages are there, and do not come: {said}");
                    return Err(Fault::new(Trouble::Unavailable, said).into());
                }
                pending = self.messages.left(self.consumer).await?;
                continue;
            }
            let delivery = message.reply.as_deref().and_then(Delivery::parse);
            let delivery = delivery.ok_or_else(|| {
                Fault::new(
                    Trouble::BadAnswer,
                    "a message came without its place in the stream",
                )
            })?;
            self.seen += 1;
            self.due = self.due.saturating_sub(1);
            self.pauses = 0;
            if delivery.number != self.seen {
                return Err(Stop::Cut);
            }
            pending = delivery.pending;
            *next = delivery.sequence + 1;
            let Message {
                subject,
                headers,
                payload,
                ..
            } = message;
            let sequence = delivery.sequence;
            each(
                self.messages
                    .read(sequence, subject.into_string(), headers.as_ref(), &payload),
            );
        }
        Ok(())
    }

    /// Asks for more messages.
    async fn ask_for_more(&mut self) -> Result<(), Fault> {
        let Messages { link, stream, .. } = self.messages;
        let what = format!("CONSUMER.MSG.NEXT.{stream}.{}", self.consumer.name);
        let expires = u64::try_from(link.timeout().as_nanos() / 2).unwrap_or(u64::MAX);
        let question = json!({"batch": BATCH, "expires": expires});
        self.due = BATCH;
        link.tell(&what, &question, self.inbox.clone()).await
    }

    /// Waits for the next message.
    async fn message(&mut self) -> Result<Message, Fault> {
        let timeout = self.messages.link.timeout();
        tokio::select! {
            message = self.subscriber.next() => message.ok_or_else(|| {
                Fault::new(Trouble::Unavailable, "the connection was closed")
            }),
            () = sleep_until(Instant::now() + timeout) => {
                let said = format!("no message within {} s", timeout.as_secs_f64());
                Err(Fault::new(Trouble::Unavailable, said))
            }
        }
    }
}

impl Delivery {
    /// Reads the address at which the server would hear that we have a message: its place stands there.
    fn parse(reply: &str) -> Option<Self> {
        let words: Vec<&str> = reply.split('.').collect();
        // `$JS.ACK.STREAM.CONSUMER.…`, or with a domain and an account in between.
        let skipped = match words.len() {
            9 => 4,
            11.. => 6,
            _ => return None,
        };
        let number = |at: usize| words.get(skipped + at)?.parse().ok();
        Some(Self {
            sequence: number(1)?,
            number: number(2)?,
            pending: number(4)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_message_stands_in_its_reply_address() {
        for reply in [
            "$JS.ACK.GATE.x7.1.42.3.1700000000000000000.8",
            "$JS.ACK.hub.ACCOUNT.GATE.x7.1.42.3.1700000000000000000.8",
            "$JS.ACK._.ACCOUNT.GATE.x7.1.42.3.1700000000000000000.8.token",
        ] {
            let Delivery {
                sequence,
                number,
                pending,
            } = Delivery::parse(reply).unwrap();
            assert_eq!((sequence, number, pending), (42, 3, 8), "{reply}");
        }
        assert!(Delivery::parse("_INBOX.x").is_none());
        assert!(Delivery::parse("$JS.ACK.GATE.x7.1.z.3.17.8").is_none());
    }
}
