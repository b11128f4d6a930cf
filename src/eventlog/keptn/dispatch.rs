//! An event in the form in which Keptn's API takes it, and no larger.

use serde_json::{Map, Value, json};
use uuid::{Builder, Uuid};

use super::KeptnLog;
use super::marks::{ID, LEFT_OUT, OURS, TIME, marked};
use crate::eventlog::failure::AppendError;
use crate::gate::event::{CloudEvent, SOURCE};

/// The most bytes that the API reads of an event: it cuts off the rest, and can't parse what is left.
pub(super) const BODY_LIMIT: usize = 64 * 1024;
/// Who sends evaluations, as far as Keptn's own views know.
const KEPTN_SOURCE: &str = "lighthouse-service";
/// The attributes that Keptn keeps, besides those that we name ourselves.
const KEPT: [&str; 3] = ["gitcommitid", "shkeptnspecversion", "extensions"];

/// What becomes of an event that is appended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parcel {
    /// Keptn sends such events itself, and takes none.
    PassedOver(CloudEvent),
    /// It is sent.
    Sent(Dispatch),
}

/// An event on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dispatch {
    /// Our id.
    pub id: String,
    /// The type.
    pub event_type: String,
    /// The project.
    pub project: String,
    /// The context, which is a UUID.
    pub context: String,
    /// The body of the request.
    pub body: Vec<u8>,
}

impl KeptnLog {
    /// Decides what becomes of an event.
    pub(super) fn parcel(&self, event: CloudEvent) -> Result<Parcel, AppendError> {
        let refused = |what: &str| {
            Err(self.unsupported(format!("Keptn's API takes no event of the type `{what}`")))
        };
        let parts: Vec<&str> = event.event_type.split('.').collect();
        let ["sh", "keptn", "event", _task, kind] = parts.as_slice() else {
            return refused(&event.event_type);
        };
        match *kind {
            "triggered" => Ok(Parcel::PassedOver(event)),
            "started" | "finished" | "invalidated" => self.dispatch(&event).map(Parcel::Sent),
            _ => refused(&event.event_type),
        }
    }

    /// Writes an event as Keptn takes it.
    fn dispatch(&self, event: &CloudEvent) -> Result<Dispatch, AppendError> {
        let Some(mut data) = marked(event) else {
            return Err(self.unsupported(format!(
                "the event `{}` can't be stored by Keptn: its payload has no place for our id",
                event.id
            )));
        };
        let context = context_of(event);
        let whole = written(event, &context, &data)?;
        let size = whole.len();
        let mut body = Some(whole).filter(|body| body.len() <= BODY_LIMIT);
        for step in STEPS {
            if body.is_some() {
                break;
            }
            if (step.leave_out)(&mut data) {
                note(&mut data, step.name);
                let smaller = written(event, &context, &data)?;
                body = Some(smaller).filter(|body| body.len() <= BODY_LIMIT);
            }
        }
        let Some(body) = body else {
            return Err(AppendError::TooLarge {
                id: event.id.clone(),
                size,
                limit: BODY_LIMIT,
            });
        };
        Ok(Dispatch {
            id: event.id.clone(),
            event_type: event.event_type.clone(),
            project: event.data_text("project"),
            context,
            body,
        })
    }
}

/// Returns the context of an event as Keptn will have it: a text that is no UUID becomes one, always the same.
fn context_of(event: &CloudEvent) -> String {
    let text = event.shkeptncontext.as_deref().unwrap_or(&event.id);
    if Uuid::parse_str(text).is_ok() {
        return text.to_owned();
    }
    let mut bytes = [b' '; 16];
    for (byte, given) in bytes.iter_mut().zip(text.bytes()) {
        *byte = given;
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Writes the body of the request.
fn written(
    event: &CloudEvent,
    context: &str,
    data: &Map<String, Value>,
) -> Result<Vec<u8>, AppendError> {
    let source = match event.source.as_str() {
        "" | SOURCE => KEPTN_SOURCE,
        other => other,
    };
    let mut body = json!({
        "type": event.event_type,
        "source": source,
        "specversion": "1.0",
        "contenttype": "application/json",
        "shkeptncontext": context,
        "data": data,
    });
    if let (Some(triggered), Some(body)) = (&event.triggeredid, body.as_object_mut()) {
        body.insert("triggeredid".to_owned(), triggered.as_str().into());
    }
    for name in KEPT {
        if let (Some(kept), Some(body)) = (event.extensions.get(name), body.as_object_mut()) {
            body.insert(name.to_owned(), kept.clone());
        }
    }
    serde_json::to_vec(&body).map_err(|source| AppendError::Unwritable {
        id: event.id.clone(),
        source,
    })
}

/// Something that can be left out of an event that is too large.
struct Step {
    /// What it is, for the list of what was left out.
    name: &'static str,
    /// Leaves it out; tells whether there was something.
    leave_out: fn(&mut Map<String, Value>) -> bool,
}

/// What is left out, in this order, until the event fits: ours first. Nothing that a baseline needs is among it.
const STEPS: [Step; 4] = [
    Step {
        name: "tidegate.readings.query",
        leave_out: leave_out_queries,
    },
    Step {
        name: "tidegate.readings",
        leave_out: |data| {
            let ours = data.get_mut(OURS).and_then(Value::as_object_mut);
            ours.is_some_and(|ours| ours.shift_remove("readings").is_some())
        },
    },
    Step {
        name: "tidegate",
        leave_out: leave_out_ours,
    },
    Step {
        name: "evaluation.sloFileContent",
        leave_out: leave_out_slo_file,
    },
];

/// Leaves out what was asked, and where; by far the longest texts that are ours.
fn leave_out_queries(data: &mut Map<String, Value>) -> bool {
    let ours = data.get_mut(OURS).and_then(|ours| ours.get_mut("readings"));
    let Some(readings) = ours.and_then(Value::as_array_mut) else {
        return false;
    };
    for reading in readings.iter_mut().filter_map(Value::as_object_mut) {
        for member in ["query", "endpoint", "warnings"] {
            reading.shift_remove(member);
        }
    }
    true
}

/// Leaves out all that is ours, but for what this log needs.
fn leave_out_ours(data: &mut Map<String, Value>) -> bool {
    let Some(ours) = data.get_mut(OURS).and_then(Value::as_object_mut) else {
        return false;
    };
    ours.retain(|name, _| [ID, TIME, LEFT_OUT].contains(&name.as_str()));
    true
}

/// Leaves out the text of the SLO file, which Keptn only shows.
fn leave_out_slo_file(data: &mut Map<String, Value>) -> bool {
    let evaluation = data.get_mut("evaluation").and_then(Value::as_object_mut);
    let Some(content) = evaluation.and_then(|e| e.get_mut("sloFileContent")) else {
        return false;
    };
    *content = "".into();
    true
}

/// Writes down that something was left out: nothing goes silently.
fn note(data: &mut Map<String, Value>, name: &str) {
    let Some(ours) = data.get_mut(OURS).and_then(Value::as_object_mut) else {
        return;
    };
    let list = ours.entry(LEFT_OUT).or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(name.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventlog::samples::{evaluation, finished};
    use crate::eventlog::{EventLogSettings, OpenError};
    use crate::gate::event::EventType;

    fn log() -> KeptnLog {
        let url = "https://keptn.example/api".parse().unwrap();
        let log: Result<KeptnLog, OpenError> = KeptnLog::new(EventLogSettings::new(url));
        log.unwrap()
    }

    fn sent(event: CloudEvent) -> Value {
        match log().parcel(event).unwrap() {
            Parcel::Sent(dispatch) => serde_json::from_slice(&dispatch.body).unwrap(),
            Parcel::PassedOver(event) => panic!("`{}` is passed over", event.id),
        }
    }

    #[test]
    fn an_event_goes_out_as_keptns_views_expect_it() {
        let mut event = finished("ours", "2024-02-01T10:00:00.5Z");
        event
            .extensions
            .insert("gitcommitid".to_owned(), "abc".into());
        event.extensions.insert("strange".to_owned(), "x".into());
        assert_eq!(
            sent(event),
            json!({
                "type": "sh.keptn.event.evaluation.finished", "source": "lighthouse-service", "specversion": "1.0",
                "contenttype": "application/json", "shkeptncontext": "636f6e74-6578-4420-a020-202020202020",
                "triggeredid": "trigger-ours", "gitcommitid": "abc",
                "data": {
                    "project": "sockshop", "stage": "staging", "service": "carts", "status": "succeeded",
                    "result": "pass", "tidegate": {"id": "ours", "time": "2024-02-01T10:00:00.5Z"},
                },
            })
        );
    }

    #[test]
    fn a_context_that_is_a_uuid_stays_and_without_one_the_id_stands_in() {
        let mut event = finished("0190a000-0000-7000-8000-000000000001", "");
        let own = "0190a000-0000-7000-8000-000000000002";
        event.shkeptncontext = Some(own.to_owned());
        assert_eq!(context_of(&event), own);
        event.shkeptncontext = None;
        assert_eq!(context_of(&event), event.id);
    }

    #[test]
    fn what_keptn_sends_itself_is_passed_over_and_what_it_never_takes_is_refused() {
        let mut event = finished("1", "");
        event.event_type = EventType::TRIGGERED.to_owned();
        assert_eq!(
            log().parcel(event.clone()).unwrap(),
            Parcel::PassedOver(event.clone())
        );
        for event_type in [
            "t",
            "sh.keptn.event.dev.delivery.finished",
            "sh.keptn.event.test.status",
        ] {
            event.event_type = event_type.to_owned();
            let error = log().parcel(event.clone()).unwrap_err();
            assert!(matches!(error, AppendError::Remote(_)), "{event_type}");
        }
    }

    fn large(queries: usize, others: usize, slo: usize, objectives: usize) -> CloudEvent {
        let mut event = evaluation("1", "2024-02-01T10:00:00Z", objectives);
        event.data.set(
            OURS,
            json!({
                "version": 1,
                "readings": [{"sli": "a", "query": "q".repeat(queries)}],
                "objectives": [{"sli": "a", "unit": "u".repeat(others)}],
            }),
        );
        let mut evaluation = event.data.value()["evaluation"].clone();
        evaluation["sloFileContent"] = "s".repeat(slo).into();
        event.data.set("evaluation", evaluation);
        event
    }

    #[test]
    fn an_event_that_is_too_large_loses_ours_first_and_says_so() {
        let left_out = |event: CloudEvent| {
            let sent = sent(event);
            assert!(serde_json::to_vec(&sent).unwrap().len() <= BODY_LIMIT);
            let evaluation = &sent["data"]["evaluation"];
            assert!(
                !evaluation["indicatorResults"]
                    .as_array()
                    .unwrap()
                    .is_empty()
            );
            assert_eq!(sent["data"][OURS][ID], "1");
            sent["data"][OURS][LEFT_OUT].clone()
        };
        assert_eq!(left_out(large(100, 0, 0, 1)), Value::Null);
        assert_eq!(
            left_out(large(BODY_LIMIT, 0, 0, 1)),
            json!(["tidegate.readings.query"])
        );
        assert_eq!(
            left_out(large(0, BODY_LIMIT, 0, 1)),
            json!(["tidegate.readings.query", "tidegate.readings", "tidegate"])
        );
        assert_eq!(
            left_out(large(0, 0, BODY_LIMIT, 1)),
            json!([
                "tidegate.readings.query",
                "tidegate.readings",
                "tidegate",
                "evaluation.sloFileContent"
            ])
        );
    }

    #[test]
    fn an_event_whose_results_do_not_fit_is_refused_with_the_limit() {
        let error = log().parcel(large(0, 0, 0, 300)).unwrap_err();
        assert!(
            matches!(error, AppendError::TooLarge { ref id, limit: BODY_LIMIT, size } if id == "1" && size > BODY_LIMIT)
        );
    }
}
