//! The events that say something about a stored evaluation: whether it counts, and whether it is the reference.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::evaluation_events::{KEPTN_SPEC_VERSION, SOURCE};
use super::{CloudEvent, EventType};
use crate::gate::name::Series;

/// What is said about an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It no longer counts.
    Invalidate,
    /// It counts again.
    Reinstate,
    /// It is the reference of its series.
    Pin,
    /// It no longer is.
    Unpin,
}

/// An event that says something about an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Saying<'a> {
    /// What is said.
    pub word: Word,
    /// About which series; that of the evaluation.
    pub series: &'a Series,
    /// The id of the evaluation's `.finished` event.
    pub evaluation: &'a str,
    /// The id of the event that triggered it, by which Keptn knows it.
    pub triggered: &'a str,
    /// The Keptn context that it belongs to; the event is part of it.
    pub context: Option<&'a str>,
    /// Why; may be empty.
    pub reason: &'a str,
}

impl Saying<'_> {
    /// Returns the event. As in Keptn, an invalidation has its reason in `data.evaluation`; the others have theirs in a
    /// member named after their task, like the result of any task (controlplane.md 5.3).
    #[must_use]
    pub fn event(&self, id: String, time: Timestamp) -> CloudEvent {
        let (event_type, task) = match self.word {
            Word::Invalidate => (EventType::INVALIDATED, "evaluation"),
            Word::Reinstate => (EventType::REINSTATED, "reinstate"),
            Word::Pin => (EventType::PINNED, "pin"),
            Word::Unpin => (EventType::UNPINNED, "unpin"),
        };
        let mut said = Map::new();
        if self.word != Word::Invalidate {
            said.insert("evaluation".to_owned(), self.evaluation.into());
        }
        if !self.reason.is_empty() {
            said.insert("reason".to_owned(), self.reason.into());
        }
        let mut data = Map::new();
        data.insert("project".to_owned(), self.series.project.as_str().into());
        data.insert("stage".to_owned(), self.series.stage.as_str().into());
        data.insert("service".to_owned(), self.series.service.as_str().into());
        if self.word != Word::Invalidate {
            // What Keptn asks of the end of a task.
            data.insert("status".to_owned(), "succeeded".into());
            data.insert("result".to_owned(), "pass".into());
        }
        data.insert(task.to_owned(), Value::Object(said));
        let mut extensions = Map::new();
        for (name, value) in [
            ("contenttype", "application/json"),
            ("datacontenttype", "application/json"),
            ("shkeptnspecversion", KEPTN_SPEC_VERSION),
        ] {
            extensions.insert(name.to_owned(), value.into());
        }
        CloudEvent {
            id,
            source: SOURCE.to_owned(),
            specversion: "1.0".to_owned(),
            event_type: event_type.to_owned(),
            time: Some(time),
            shkeptncontext: self.context.map(str::to_owned),
            triggeredid: Some(self.triggered.to_owned()),
            data: Value::Object(data).into(),
            extensions,
        }
    }
}
