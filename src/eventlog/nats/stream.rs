//! The stream: what it is, whether it can keep a history, and how it is made.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::fault::{ApiError, Fault};
use super::link::Link;
use super::place::Place;
use super::subject::Subjects;
use crate::eventlog::failure::Trouble;

/// For how long a server knows the ids of messages: what comes twice within it is stored once, whoever sends it.
const DUPLICATE_WINDOW_NANOSECONDS: u64 = 2 * 60 * 60 * 1_000_000_000;

/// The most pages of subjects that are read: 100,000 subjects each.
const MOST_PAGES: usize = 50;

/// A stream as it was a moment ago.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct StreamState {
    /// When it was made: another stream of the same name has another time.
    #[serde(default)]
    pub created: String,
    /// How it is set up.
    pub config: StreamConfig,
    /// What is in it.
    pub state: Contents,
    /// How many subjects there are in all, where they were asked for.
    #[serde(default)]
    total: usize,
}

/// What is in a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Contents {
    /// The oldest message; what was before is gone.
    #[serde(default)]
    pub first_seq: u64,
    /// The last message.
    #[serde(default)]
    pub last_seq: u64,
    /// The subjects that were asked for, each with the number of its messages.
    #[serde(default)]
    pub subjects: Option<BTreeMap<String, u64>>,
}

/// How a stream is set up, as far as a history depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct StreamConfig {
    /// What is stored in it.
    subjects: Option<Vec<String>>,
    /// What is kept.
    retention: String,
    /// Where.
    storage: String,
    /// What goes when there is no room: `old` or `new`.
    discard: String,
    /// How old a message gets, in nanoseconds.
    max_age: i64,
    /// How many messages there can be.
    max_msgs: i64,
    /// How many of one subject.
    max_msgs_per_subject: i64,
    /// How many bytes.
    max_bytes: i64,
    /// How large a message can be.
    max_msg_size: i64,
    /// How many servers have a copy.
    num_replicas: u8,
    /// Whether any server that has a copy may answer.
    allow_direct: bool,
    /// Whether publishers hear nothing.
    no_ack: bool,
    /// Whether nothing is taken any more.
    sealed: bool,
    /// Whether it is a copy of another stream.
    mirror: Option<serde_json::Value>,
}

impl StreamState {
    /// Asks for a stream, with the subjects that a pattern lets through. `None` where the server says that there is none.
    pub(super) async fn read(
        link: &Link,
        stream: &str,
        pattern: &str,
    ) -> Result<Option<Self>, Fault> {
        let what = format!("STREAM.INFO.{stream}");
        let mut found: Option<Self> = None;
        for _page in 0..MOST_PAGES {
            let known = found.as_ref().map_or(0, |found| found.subjects().len());
            let question = json!({"subjects_filter": pattern, "offset": known});
            let mut page: Self = match link.ask(&what, &question).await? {
                Ok(page) => page,
                Err(error) if error.err_code == ApiError::NO_STREAM => return Ok(None),
                Err(error) => return Err(error.into_fault("the stream can't be read")),
            };
            page.config.check(stream)?;
            let is_last = page.subjects().is_empty() || known + page.subjects().len() >= page.total;
            if let Some(before) = found {
                let own = page.state.subjects.get_or_insert_default();
                own.extend(before.state.subjects.unwrap_or_default());
            }
            if is_last {
                return Ok(Some(page));
            }
            found = Some(page);
        }
        let said = format!("the stream `{stream}` has too many subjects");
        Err(Fault::new(Trouble::Unsupported, said))
    }

    /// Reads a stream, and makes it if there is none.
    pub(super) async fn read_or_make(
        link: &Link,
        place: &Place,
        pattern: &str,
    ) -> Result<Self, Fault> {
        loop {
            if let Some(found) = Self::read(link, &place.stream, pattern).await? {
                return Ok(found);
            }
            make(link, place).await?;
        }
    }

    /// Returns the subjects that were asked for.
    pub(super) fn subjects(&self) -> BTreeMap<&str, u64> {
        let subjects = self.state.subjects.iter().flatten();
        subjects
            .map(|(subject, count)| (subject.as_str(), *count))
            .collect()
    }

    /// Returns what tells this stream from any other, of its name as well.
    pub(super) fn identity(&self, stream: &str) -> String {
        format!("{stream} {}", self.created)
    }
}

impl StreamConfig {
    /// Refuses a stream that can't keep a history.
    fn check(&self, stream: &str) -> Result<(), Fault> {
        let refused = |problem: String| {
            let said = format!("the stream `{stream}` can't keep a history: {problem}");
            Err(Fault::new(Trouble::Unsupported, said))
        };
        let pattern = Subjects::of_stream(stream).all();
        let subjects = self.subjects.as_deref().unwrap_or_default();
        if self.mirror.is_none() && !subjects.iter().any(|own| *own == pattern || own == ">") {
            return refused(format!(
                "its `subjects` are {subjects:?}; add `{pattern}`, or name another stream"
            ));
        }
        if self.retention != "limits" {
            return refused(format!(
                "its `retention` is `{}`, which forgets what was read; `limits` is needed",
                self.retention
            ));
        }
        if self.no_ack {
            return refused("with `no_ack` nobody would know what is stored".to_owned());
        }
        Ok(())
    }

    /// Says which settings let the stream forget.
    pub(super) fn forgets(&self) -> Vec<String> {
        let mut forgets = Vec::new();
        let mut add = |condition: bool, setting: String| {
            if condition {
                forgets.push(setting);
            }
        };
        let seconds = self.max_age / 1_000_000_000;
        let discards_old = self.discard != "new";
        add(
            self.max_age > 0,
            format!("`max_age` ({seconds} s) removes events that are older"),
        );
        add(
            discards_old && self.max_msgs > 0,
            format!("`max_msgs` ({}) removes the oldest events", self.max_msgs),
        );
        add(
            discards_old && self.max_bytes > 0,
            format!("`max_bytes` ({}) removes the oldest events", self.max_bytes),
        );
        add(
            discards_old && self.max_msgs_per_subject > 0,
            format!(
                "`max_msgs_per_subject` ({}) removes the oldest events of each series",
                self.max_msgs_per_subject
            ),
        );
        add(
            self.storage == "memory",
            "`storage` is `memory`: a restart of the server removes all events".to_owned(),
        );
        forgets
    }

    /// Refuses to append to a stream that takes nothing.
    pub(super) fn check_writable(&self, stream: &str) -> Result<(), Fault> {
        let why = if self.sealed {
            "`sealed`"
        } else if self.mirror.is_some() {
            "a `mirror`"
        } else {
            return Ok(());
        };
        let said = format!("the stream `{stream}` is {why} and takes no events");
        Err(Fault::new(Trouble::Unsupported, said))
    }

    /// Tells whether any server may answer for the stream: where there is only one, it has seen everything.
    pub(super) fn may_ask_directly(&self) -> bool {
        self.allow_direct && self.num_replicas <= 1
    }

    /// Returns the most bytes of a message, where the stream says so.
    pub(super) fn max_message(&self) -> Option<usize> {
        usize::try_from(self.max_msg_size)
            .ok()
            .filter(|size| *size > 0)
    }
}

/// Makes a stream that keeps everything until someone removes it.
async fn make(link: &Link, place: &Place) -> Result<(), Fault> {
    let settings = json!({
        "name": place.stream,
        "description": "The history of tidegate: one CloudEvent a message",
        "subjects": [Subjects::of_stream(&place.stream).all()],
        "retention": "limits",
        "storage": "file",
        "discard": "new",
        "max_age": 0,
        "max_msgs": -1,
        "max_bytes": -1,
        "max_msg_size": -1,
        "max_msgs_per_subject": -1,
        "max_consumers": -1,
        "num_replicas": place.replicas,
        "duplicate_window": DUPLICATE_WINDOW_NANOSECONDS,
        "allow_direct": true,
        "deny_delete": false,
        "deny_purge": false,
    });
    let what = format!("STREAM.CREATE.{}", place.stream);
    match link.ask::<serde_json::Value>(&what, &settings).await? {
        Ok(_made) => Ok(()),
        // Someone else was faster, or made it by other settings: those are looked at next.
        Err(error) if error.err_code == ApiError::OTHER_SETTINGS => Ok(()),
        Err(error) => {
            Err(error.into_fault(&format!("the stream `{}` can't be made", place.stream)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(written: serde_json::Value) -> StreamConfig {
        serde_json::from_value(written).unwrap()
    }

    #[test]
    fn a_stream_that_can_keep_no_history_is_refused_by_the_name_of_the_setting() {
        for (written, setting) in [
            (
                json!({"subjects": ["orders.>"], "retention": "limits"}),
                "`subjects`",
            ),
            (
                json!({"subjects": ["gate.>"], "retention": "workqueue"}),
                "`retention`",
            ),
            (
                json!({"subjects": ["gate.>"], "retention": "interest"}),
                "`retention`",
            ),
            (
                json!({"subjects": ["gate.>"], "retention": "limits", "no_ack": true}),
                "`no_ack`",
            ),
        ] {
            let refused = config(written).check("GATE").unwrap_err();
            assert_eq!(refused.trouble, Trouble::Unsupported);
            assert!(refused.said.contains(setting), "{}", refused.said);
        }
        let fine = json!({"subjects": ["gate.>"], "retention": "limits", "discard": "old", "max_msgs": -1});
        assert_eq!(config(fine.clone()).check("GATE"), Ok(()));
        assert_eq!(config(fine).forgets(), Vec::<String>::new());
    }

    #[test]
    fn a_stream_that_forgets_says_by_which_setting() {
        for setting in ["max_age", "max_msgs", "max_bytes", "max_msgs_per_subject"] {
            let forgets = config(json!({"discard": "old", setting: 5_000_000_000_u64})).forgets();
            assert_eq!(forgets.len(), 1);
            assert!(forgets[0].contains(&format!("`{setting}`")), "{forgets:?}");
        }
        let full = config(json!({"discard": "new", "max_msgs": 5}));
        assert_eq!(full.forgets(), Vec::<String>::new());
        assert_eq!(config(json!({"storage": "memory"})).forgets().len(), 1);
    }

    #[test]
    fn a_stream_that_takes_nothing_is_not_written() {
        for written in [json!({"sealed": true}), json!({"mirror": {"name": "x"}})] {
            assert!(config(written).check_writable("GATE").is_err());
        }
        assert_eq!(config(json!({})).check_writable("GATE"), Ok(()));
    }
}
