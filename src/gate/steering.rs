//! What users said about stored evaluations: which no longer count, and which one is the reference.
//!
//! Everything is said by events, so that it can be undone and read later: Keptn's `evaluation.invalidated` (lighthouse.md
//! 6.3), and `reinstate`, `pin` and `unpin`, which Keptn does not have. Those are named like the end of a task, which
//! is what Keptn's API lets pass (controlplane.md 1.2). Of several that say something about one evaluation, or of
//! several pins of one series, the last in the order of events counts.

use std::collections::HashMap;

use jiff::Timestamp;

use super::event::{CloudEvent, EventType};
use super::name::Series;

/// What was said about the evaluations of a project, and the pin of one series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steering {
    /// What was said last, by the id of the trigger of the evaluations.
    rulings: HashMap<String, Ruling>,
    /// What was said last about a reference.
    pin: Option<Ruling>,
}

/// An evaluation that is the reference for those after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The id of its `.finished` event.
    pub evaluation: String,
    /// Why; may be empty.
    pub reason: String,
}

/// One event that says something, as far as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ruling {
    /// Its place in the order of events.
    place: (Option<Timestamp>, String),
    /// What it says.
    sense: Sense,
    /// The evaluation that it names, for pins.
    evaluation: String,
    /// Why.
    reason: String,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    /// From now on.
    Set,
    /// No longer.
    Unset,
}

impl Steering {
    /// Takes the events that say something about a project, in any order, and the pins of a series among them.
    #[must_use]
    pub fn of<'a>(series: &Series, events: impl IntoIterator<Item = &'a CloudEvent>) -> Self {
        let mut steering = Self::default();
        for event in events {
            steering.add(series, event);
        }
        steering
    }

    /// Returns why an evaluation no longer counts; `None` where it does. The reason may be empty.
    #[must_use]
    pub fn invalidated(&self, evaluation: &CloudEvent) -> Option<&str> {
        let trigger = evaluation.triggeredid.as_deref()?;
        let ruling = self.rulings.get(trigger)?;
        match ruling.sense {
            Sense::Set => Some(&ruling.reason),
            Sense::Unset => None,
        }
    }

    /// Says in words why an evaluation no longer counts; `None` where it does.
    #[must_use]
    pub fn refusal(&self, evaluation: &CloudEvent) -> Option<String> {
        let reason = self.invalidated(evaluation)?;
        let gap = if reason.is_empty() { "" } else { ": " };
        Some(format!("it was invalidated{gap}{reason}"))
    }

    /// Returns the reference of the series, if one is pinned.
    #[must_use]
    pub fn pin(&self) -> Option<Pin> {
        let ruling = self.pin.as_ref()?;
        match ruling.sense {
            Sense::Set => Some(Pin {
                evaluation: ruling.evaluation.clone(),
                reason: ruling.reason.clone(),
            }),
            Sense::Unset => None,
        }
    }

    /// Takes one event, of any type.
    fn add(&mut self, series: &Series, event: &CloudEvent) {
        let (key, sense) = match event.event_type.as_str() {
            EventType::PINNED => ("pin", Sense::Set),
            EventType::UNPINNED => ("unpin", Sense::Unset),
            EventType::REINSTATED => ("reinstate", Sense::Unset),
            invalidated if EventType::is_invalidation(invalidated) => ("evaluation", Sense::Set),
            _ => return,
        };
        let data = event.data.value();
        let text = |member: &str| {
            let found = data.get(key).and_then(|said| said.get(member));
            found.and_then(|text| text.as_str()).unwrap_or_default()
        };
        let ruling = Ruling {
            place: (event.time, event.id.clone()),
            sense,
            evaluation: text("evaluation").to_owned(),
            reason: text("reason").to_owned(),
        };
        if matches!(key, "pin" | "unpin") {
            if event.is_of(series) && self.pin.as_ref().is_none_or(|p| p.place < ruling.place) {
                self.pin = Some(ruling);
            }
            return;
        }
        let Some(trigger) = event.triggeredid.as_deref().filter(|id| !id.is_empty()) else {
            return;
        };
        if event.data_text("project") != series.project.as_str() {
            return;
        }
        match self.rulings.get_mut(trigger) {
            Some(known) if known.place >= ruling.place => {}
            Some(known) => *known = ruling,
            None => drop(self.rulings.insert(trigger.to_owned(), ruling)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::gate::{ProjectName, ServiceName, StageName};

    fn carts() -> Series {
        Series {
            project: ProjectName::new("sockshop").unwrap(),
            stage: StageName::new("staging").unwrap(),
            service: ServiceName::new("carts").unwrap(),
        }
    }

    fn event(id: &str, event_type: &str, hour: u8, data: &Value) -> CloudEvent {
        let mut whole = json!({"project": "sockshop", "stage": "staging", "service": "carts"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(data.as_object().unwrap().clone());
        let event = json!({
            "id": id, "type": event_type, "time": format!("2024-02-01T{hour:02}:00:00Z"),
            "triggeredid": "t", "data": whole,
        });
        serde_json::from_value(event).unwrap()
    }

    fn invalidated(id: &str, hour: u8) -> CloudEvent {
        let why = json!({"evaluation": {"reason": "wrong load"}});
        event(id, EventType::INVALIDATED, hour, &why)
    }

    fn reinstated(id: &str, hour: u8) -> CloudEvent {
        event(id, EventType::REINSTATED, hour, &json!({}))
    }

    fn evaluation() -> CloudEvent {
        event("e", EventType::FINISHED, 9, &json!({}))
    }

    #[test]
    fn the_last_word_on_an_evaluation_counts() {
        let (i, r) = (invalidated("i", 10), reinstated("r", 11));
        for (events, reason) in [
            (vec![], None),
            (vec![&i], Some("wrong load")),
            (vec![&i, &r], None),
            (vec![&r, &i], None),
            (vec![&i, &r, &invalidated("j", 12)], Some("wrong load")),
        ] {
            let steering = Steering::of(&carts(), events);
            assert_eq!(steering.invalidated(&evaluation()), reason);
        }
    }

    #[test]
    fn an_invalidation_counts_in_its_project_only_and_with_a_trigger_only() {
        let mut elsewhere = invalidated("i", 10);
        elsewhere.data.set("project", "bookshop".into());
        let mut bare = invalidated("j", 10);
        bare.triggeredid = None;
        let mut of_nothing = evaluation();
        of_nothing.triggeredid = None;
        let steering = Steering::of(&carts(), [&elsewhere, &bare]);
        assert_eq!(steering.invalidated(&evaluation()), None);
        assert_eq!(steering.invalidated(&of_nothing), None);
        let mut other_stage = invalidated("k", 10);
        other_stage.data.set("stage", Value::Null);
        let steering = Steering::of(&carts(), [&other_stage]);
        assert!(steering.invalidated(&evaluation()).is_some());
    }

    #[test]
    fn the_last_pin_of_the_series_is_the_reference_until_it_is_unpinned() {
        let pin = |id: &str, hour| {
            let said = json!({"pin": {"evaluation": id, "reason": "release 5"}});
            event(id, EventType::PINNED, hour, &said)
        };
        let unpin = event("u", EventType::UNPINNED, 12, &json!({}));
        let pinned = |events: &[&CloudEvent]| {
            let steering = Steering::of(&carts(), events.iter().copied());
            steering.pin().map(|pin| pin.evaluation)
        };
        assert_eq!(pinned(&[&pin("b", 11), &pin("a", 10)]).unwrap(), "b");
        assert_eq!(pinned(&[&pin("b", 11), &unpin]), None);
        assert_eq!(pinned(&[&unpin, &pin("c", 13)]).unwrap(), "c");
        let mut elsewhere = pin("d", 14);
        elsewhere.data.set("stage", "prod".into());
        assert_eq!(pinned(&[&elsewhere]), None);
    }
}
