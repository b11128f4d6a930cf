//! What Keptn has no place for, in the payload of an event: our id and time, and what was left out.

use serde_json::{Map, Value};

use crate::gate::event::{CloudEvent, EventData};

/// Our member of the payload.
pub(super) const OURS: &str = "tidegate";
/// Our id.
pub(super) const ID: &str = "id";
/// Our time.
pub(super) const TIME: &str = "time";
/// What was left out because the event was too large for Keptn.
pub(super) const LEFT_OUT: &str = "leftOut";
/// Where our id stands, for the filter expressions of Keptn.
pub(super) const ID_PATH: &str = "data.tidegate.id";

/// Returns an event as Keptn answered it, under our id if it has one; without what this log added to it.
pub(super) fn unmarked(mut event: CloudEvent) -> CloudEvent {
    // Most events are not ours, and need no tree.
    if !event.data.json().contains(r#""tidegate""#) {
        return event;
    }
    let Some(Value::Object(mut data)) = event.data.tree() else {
        return event;
    };
    let Some(Value::Object(ours)) = data.get_mut(OURS) else {
        return event;
    };
    let Some(Value::String(id)) = ours.shift_remove(ID).filter(|id| id.as_str() != Some("")) else {
        return event;
    };
    ours.shift_remove(TIME);
    ours.shift_remove(LEFT_OUT);
    if ours.is_empty() {
        data.shift_remove(OURS);
    }
    event.id = id;
    event.data = EventData::from(Value::Object(data));
    event
}

/// Returns the payload of an event with our id and time in it; `None` where it has no place for them.
pub(super) fn marked(event: &CloudEvent) -> Option<Map<String, Value>> {
    let Some(Value::Object(mut data)) = event.data.tree() else {
        return None;
    };
    let ours = data
        .entry(OURS)
        .or_insert_with(|| Value::Object(Map::new()));
    let ours = ours.as_object_mut()?;
    ours.insert(ID.to_owned(), event.id.as_str().into());
    if let Some(time) = event.time {
        ours.insert(TIME.to_owned(), time.to_string().into());
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventlog::samples::finished;

    #[test]
    fn an_event_comes_back_as_it_went_but_for_what_keptn_decides() {
        let mut own = finished("ours", "2024-02-01T10:00:00.123456Z");
        own.data.set(OURS, serde_json::json!({"version": 1}));
        for event in [finished("ours", ""), own] {
            let mut sent = event.clone();
            sent.data = Value::Object(marked(&event).unwrap()).into();
            assert_eq!(sent.data.value()[OURS][ID], "ours");
            sent.id = "keptn's".to_owned();
            assert_eq!(unmarked(sent), event);
        }
    }

    #[test]
    fn an_event_of_others_stays_as_it_is() {
        for ours in ["7", "{}", r#"{"id":7}"#, r#"{"id":""}"#, r#"{"version":1}"#] {
            let mut event = finished("keptn's", "");
            event.data.set(OURS, serde_json::from_str(ours).unwrap());
            assert_eq!(unmarked(event.clone()), event, "{ours}");
        }
        let mut bare = finished("x", "");
        bare.data = Value::from("text").into();
        assert!(marked(&bare).is_none());
    }
}
