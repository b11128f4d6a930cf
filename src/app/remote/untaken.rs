//! Tasks that are out, and that nobody has taken.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::gate::event::CloudEvent;
use crate::sequence::{EventKind, EventName, Task};

/// How long a task may be out before it is told.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps an eye on tasks that nobody has answered.
#[derive(Debug, Default)]
pub(super) struct Vigil {
    /// When each was seen first, by the id of its `.triggered` event.
    since: BTreeMap<String, Duration>,
    /// Those that were told.
    told: BTreeSet<String>,
}

/// A task that nobody has taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untaken {
    /// The task.
    pub task: String,
    /// Its stage.
    pub stage: String,
}

impl Vigil {
    /// Returns the tasks that have been out for long, each once. `passed` is how long the delivery has been waited for,
    /// `open` names its sequences that are under way.
    pub(super) fn look(
        &mut self,
        events: &[CloudEvent],
        open: &[String],
        passed: Duration,
    ) -> Vec<Untaken> {
        let answered: BTreeSet<&str> = events
            .iter()
            .filter_map(|event| event.triggeredid.as_deref())
            .collect();
        let mut untaken = Vec::new();
        for event in events {
            let Some(EventName::Task { task, kind }) = EventName::parse(&event.event_type) else {
                continue;
            };
            let stage = event.data_text("stage");
            let is_open = open
                .iter()
                .filter_map(|name| name.split_once('.'))
                .any(|(of, _)| of == stage);
            // An approval waits for people, and is told as one.
            let is_out = kind == EventKind::Triggered && task != Task::APPROVAL && is_open;
            if !is_out || answered.contains(event.id.as_str()) {
                continue;
            }
            let since = *self.since.entry(event.id.clone()).or_insert(passed);
            let is_long = passed.saturating_sub(since) >= PATIENCE;
            if is_long && self.told.insert(event.id.clone()) {
                untaken.push(Untaken { task, stage });
            }
        }
        untaken
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: &str, name: &str, of: &str) -> CloudEvent {
        serde_json::from_value(json!({
            "id": id, "type": format!("sh.keptn.event.{name}"), "triggeredid": of, "data": {"stage": "dev"},
        }))
        .unwrap()
    }

    /// Looks several times; returns at which seconds something was told.
    fn told(events: &[CloudEvent], open: &[&str], seconds: &[u64]) -> Vec<u64> {
        let open: Vec<String> = open.iter().map(|name| (*name).to_owned()).collect();
        let mut vigil = Vigil::default();
        let mut told = Vec::new();
        for second in seconds {
            for one in vigil.look(events, &open, Duration::from_secs(*second)) {
                assert_eq!(
                    (one.task.as_str(), one.stage.as_str()),
                    ("deployment", "dev")
                );
                told.push(*second);
            }
        }
        told
    }

    #[test]
    fn a_task_that_nobody_takes_is_told_once() {
        let out = event("T", "deployment.triggered", "");
        let open = ["dev.delivery"];
        let seconds = [5, 10, 34, 35, 36, 70];
        assert_eq!(told(std::slice::from_ref(&out), &open, &seconds), [35]);
        let taken = [out.clone(), event("S", "deployment.started", "T")];
        assert!(told(&taken, &open, &seconds).is_empty());
        assert!(told(&[out], &["prod.delivery"], &seconds).is_empty());
        let approval = event("A", "approval.triggered", "");
        assert!(told(&[approval], &open, &seconds).is_empty());
        let sequence = event("D", "dev.delivery.triggered", "");
        assert!(told(&[sequence], &open, &seconds).is_empty());
    }
}
