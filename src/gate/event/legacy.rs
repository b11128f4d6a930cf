//! Events of Keptn before 0.8, brought into the form of today: other types, other names of members.

use serde_json::{Map, Value, json};

use super::past::member;
use super::{CloudEvent, EventType};
use crate::gate::verdict::Verdict;

/// An evaluation ended (Keptn 0.6 and 0.7).
const EVALUATION_DONE: &str = "sh.keptn.events.evaluation-done";
/// An earlier evaluation no longer counts (Keptn 0.7).
const EVALUATION_INVALIDATED: &str = "sh.keptn.events.evaluation.invalidated";
/// Someone asked for an evaluation (Keptn 0.6 and 0.7).
const START_EVALUATION: &str = "sh.keptn.event.start-evaluation";
/// The values of SLIs were asked for (Keptn 0.6 and 0.7).
const GET_SLI: &str = "sh.keptn.internal.event.get-sli";
/// The values of SLIs were fetched (Keptn 0.6 and 0.7).
const GET_SLI_DONE: &str = "sh.keptn.internal.event.get-sli.done";

/// Brings an event of Keptn 0.6 or 0.7 into the form of today; any other comes back untouched.
///
/// | then | today |
/// |---|---|
/// | `sh.keptn.events.evaluation-done` | `sh.keptn.event.evaluation.finished` |
/// | `sh.keptn.events.evaluation.invalidated` | `sh.keptn.event.evaluation.invalidated` |
/// | `sh.keptn.event.start-evaluation` | `sh.keptn.event.evaluation.triggered` |
/// | `sh.keptn.internal.event.get-sli` | `sh.keptn.event.get-sli.triggered` |
/// | `sh.keptn.internal.event.get-sli.done` | `sh.keptn.event.get-sli.finished` |
///
/// Id, time, source, and context stay, and so does every member of the payload; what has another name today stands under
/// that as well: `data.evaluationdetails` as `data.evaluation`, the `targets` of an indicator as `passTargets` (the old
/// form does not tell which of them were for a warning), `failed` as `fail`, and a sentence in the place of
/// `evaluationdetails.result` as `data.message`.
///
/// Then, an invalidation named the evaluation itself and not what had triggered it, so an evaluation without a
/// `triggeredid` gets its own id as that: old invalidations and new ones find it.
///
/// Events of Keptn 0.5 and before (`data.evaluationpassed`) judged by other rules, and are left alone.
///
/// ```
/// use tidegate::gate::event::{CloudEvent, upgrade};
/// let old: CloudEvent = serde_json::from_str(
///     r#"{"id": "1", "type": "sh.keptn.events.evaluation-done", "data": {"result": "pass", "evaluationdetails": {"score": 100}}}"#,
/// ).unwrap();
/// let new = upgrade(old);
/// assert_eq!(new.event_type, "sh.keptn.event.evaluation.finished");
/// assert_eq!(new.triggeredid.as_deref(), Some("1"));
/// assert_eq!(new.data.value()["evaluation"]["score"], 100);
/// ```
#[must_use]
pub fn upgrade(event: CloudEvent) -> CloudEvent {
    match event.event_type.as_str() {
        EVALUATION_DONE => renamed(event, EventType::FINISHED, evaluation_done),
        EVALUATION_INVALIDATED => renamed(event, EventType::INVALIDATED, |_data| ()),
        START_EVALUATION => renamed(event, EventType::TRIGGERED, start_evaluation),
        GET_SLI => renamed(event, "sh.keptn.event.get-sli.triggered", |data| {
            let names = ["sliProvider", "start", "end", "indicators", "customFilters"];
            group(data, "get-sli", &names);
        }),
        GET_SLI_DONE => renamed(event, "sh.keptn.event.get-sli.finished", |data| {
            group(data, "get-sli", &["start", "end", "indicatorValues"]);
            data.entry("status").or_insert_with(|| "succeeded".into());
        }),
        _ => event,
    }
}

/// Gives an event its type and payload of today, unless it is older than Keptn 0.6.
fn renamed(
    event: CloudEvent,
    event_type: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) -> CloudEvent {
    let Some(Value::Object(mut data)) = event.data.tree() else {
        return event;
    };
    if member(&data, "evaluationpassed").is_some() {
        return event;
    }
    change(&mut data);
    let triggeredid = event.triggeredid.clone().filter(|id| !id.is_empty());
    let own_id = || (event_type == EventType::FINISHED).then(|| event.id.clone());
    CloudEvent {
        event_type: event_type.to_owned(),
        triggeredid: triggeredid.or_else(own_id),
        data: Value::Object(data).into(),
        ..event
    }
}

/// Changes the payload of an evaluation.
fn evaluation_done(data: &mut Map<String, Value>) {
    correct_word(data, "result");
    let mut evaluation = member(data, "evaluationdetails")
        .cloned()
        .unwrap_or_default();
    if let Some(evaluation) = evaluation.as_object_mut() {
        correct_word(evaluation, "result");
        why_not_evaluated(evaluation, data);
        let results = evaluation.get_mut("indicatorResults");
        let results = results.and_then(Value::as_array_mut).into_iter().flatten();
        for result in results.filter_map(Value::as_object_mut) {
            correct_word(result, "status");
            if let Some(targets) = result.remove("targets") {
                result.entry("passTargets").or_insert(targets);
            }
        }
    }
    data.entry("status").or_insert_with(|| "succeeded".into());
    data.entry("evaluation").or_insert(evaluation);
}

/// Changes the payload of the event that asks for an evaluation.
fn start_evaluation(data: &mut Map<String, Value>) {
    group(data, "evaluation", &["start", "end"]);
}

/// Moves the sentence that stood in the place of a result, where nothing was evaluated, to the message of today.
fn why_not_evaluated(evaluation: &mut Map<String, Value>, data: &mut Map<String, Value>) {
    let stored = evaluation.get("result").and_then(Value::as_str);
    let sentence = stored.filter(|word| word.parse::<Verdict>().is_err());
    if let (Some(sentence), Some(result)) = (sentence, data.get("result").cloned()) {
        let sentence = sentence.to_owned();
        data.entry("message").or_insert_with(|| sentence.into());
        evaluation.insert("result".to_owned(), result);
    }
}

/// Puts copies of members into an object, unless it is there already.
fn group(data: &mut Map<String, Value>, key: &str, names: &[&str]) {
    let copies = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), member(data, name)?.clone())));
    let object: Map<String, Value> = copies.collect();
    data.entry(key).or_insert(Value::Object(object));
}

/// Writes `fail` where a member says `failed`, as some did.
fn correct_word(object: &mut Map<String, Value>, key: &str) {
    if object.get(key).is_some_and(|word| word == "failed") {
        object.insert(key.to_owned(), json!("fail"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::gate::event::{PastError, decode_past, decode_record};

    /// An evaluation as Keptn 0.7 stored it.
    fn evaluation_of_0_7() -> CloudEvent {
        serde_json::from_value(json!({
            "type": "sh.keptn.events.evaluation-done", "specversion": "0.2",
            "source": "lighthouse-service", "id": "done-7", "time": "2020-11-18T11:30:45.340Z",
            "contenttype": "application/json", "shkeptncontext": "context-7",
            "data": {
                "deploymentstrategy": "blue_green_service", "teststrategy": "performance",
                "project": "sockshop", "stage": "staging", "service": "carts",
                "labels": {"build": "17"}, "result": "fail",
                "evaluationdetails": {
                    "timeStart": "2020-11-18T11:21:06Z", "timeEnd": "2020-11-18T11:29:36Z",
                    "result": "fail", "score": 0, "sloFileContent": "LS0tCg==",
                    "comparedEvents": ["done-5", "done-6"],
                    "indicatorResults": [{
                        "score": 0, "status": "failed",
                        "targets": [
                            {"criteria": "<=800", "targetValue": 800, "violated": true},
                            {"criteria": "<=+10%", "targetValue": 549.2, "violated": true},
                        ],
                        "value": {"metric": "response_time_p95", "success": true, "value": 1002.6},
                    }],
                },
            },
        }))
        .unwrap()
    }

    /// An event of some type with some data.
    fn event(event_type: &str, data: &Value) -> CloudEvent {
        serde_json::from_value(json!({"id": "old", "type": event_type, "data": data})).unwrap()
    }

    #[test]
    fn an_evaluation_of_0_7_is_read_as_one_of_today() {
        let old = evaluation_of_0_7();
        let new = upgrade(old.clone());
        assert_eq!(new.event_type, EventType::FINISHED);
        assert_eq!(new.triggeredid.as_deref(), Some("done-7"));
        assert_eq!(
            (&new.id, &new.time, &new.source),
            (&old.id, &old.time, &old.source)
        );
        let data = new.data.value();
        assert_eq!(
            data["evaluationdetails"],
            old.data.value()["evaluationdetails"]
        );
        assert_eq!(data["teststrategy"], "performance");
        let record = decode_record(&new, None).unwrap();
        assert_eq!(record.evaluation.verdict, Verdict::Fail);
        assert_eq!(record.evaluation.compared.len(), 2);
        assert_eq!(
            record.window.unwrap().start().to_string(),
            "2020-11-18T11:21:06Z"
        );
        assert_eq!(record.slo_file.content, "---\n");
        let objective = &record.evaluation.objectives()[0];
        assert_eq!(objective.status, Status::Fail);
        assert_eq!(objective.pass_targets.len(), 2);
        let past = decode_past(&new).unwrap();
        assert_eq!(
            (past.values[0].value, past.result),
            (1002.6, Some(Verdict::Fail))
        );
    }

    #[test]
    fn an_evaluation_of_0_6_that_judged_nothing_is_no_baseline() {
        let data = json!({
            "project": "p", "stage": "s", "service": "c", "teststrategy": "functional",
            "deploymentstrategy": "direct", "labels": null, "result": "pass",
            "evaluationdetails": {
                "timeStart": "2020-02-01T10:00:00.000Z", "timeEnd": "2020-02-01T10:05:00.000Z",
                "result": "no evaluation performed by lighthouse because no SLO found", "score": 0,
                "sloFileContent": "", "indicatorResults": null,
            },
        });
        let new = upgrade(event(EVALUATION_DONE, &data));
        assert_eq!(decode_past(&new), Err(PastError::NoResults));
        assert_eq!(new.data.value()["status"], "succeeded");
        let new = CloudEvent {
            time: "2020-02-01T10:06:00Z".parse().ok(),
            ..new
        };
        let evaluation = decode_record(&new, None).unwrap().evaluation;
        assert_eq!(evaluation.objectives, None);
        assert!(evaluation.message.contains("no SLO found"));
    }

    #[test]
    fn an_old_invalidation_names_the_evaluation_by_its_new_triggeredid() {
        let old: CloudEvent = serde_json::from_value(json!({
            "type": "sh.keptn.events.evaluation.invalidated", "id": "i", "triggeredid": "done-7",
            "source": "https://github.com/keptn/keptn/bridge#evaluation.invalidated",
            "data": {"project": "sockshop", "stage": "staging", "service": "carts"},
        }))
        .unwrap();
        let new = upgrade(old);
        assert_eq!(new.event_type, EventType::INVALIDATED);
        assert_eq!(new.triggeredid, upgrade(evaluation_of_0_7()).triggeredid);
        let nobody = upgrade(event(EVALUATION_INVALIDATED, &json!({"project": "p"})));
        assert_eq!(nobody.triggeredid, None, "it invalidates nothing");
    }

    #[test]
    fn questions_and_answers_get_their_groups() {
        let start = json!({"project": "p", "start": "A", "end": "B", "teststrategy": "manual"});
        let new = upgrade(event(START_EVALUATION, &start));
        assert_eq!(new.event_type, EventType::TRIGGERED);
        assert_eq!(new.triggeredid, None);
        assert_eq!(
            new.data.value()["evaluation"],
            json!({"start": "A", "end": "B"})
        );
        assert_eq!(new.data.value()["start"], "A");

        let asked = json!({"sliProvider": "prometheus", "start": "A", "end": "B", "indicators": ["rt"],
            "customFilters": [], "deployment": "canary"});
        let new = upgrade(event(GET_SLI, &asked));
        assert_eq!(new.event_type, "sh.keptn.event.get-sli.triggered");
        assert_eq!(new.data.value()["get-sli"]["indicators"], json!(["rt"]));
        assert_eq!(new.data.value()["deployment"], "canary");

        let done = json!({"start": "A", "end": "B", "indicatorValues": [{"metric": "rt", "value": 1, "success": true}]});
        let new = upgrade(event(GET_SLI_DONE, &done));
        assert_eq!(new.event_type, "sh.keptn.event.get-sli.finished");
        assert_eq!(
            new.data.value()["get-sli"]["indicatorValues"][0]["metric"],
            "rt"
        );
        assert_eq!(new.data.value()["status"], "succeeded");
    }

    #[test]
    fn every_other_event_comes_back_untouched() {
        let pitometer = json!({"evaluationpassed": true, "evaluationdetails": {"result": "pass"}});
        for other in [
            event(EVALUATION_DONE, &pitometer),
            event(EVALUATION_DONE, &json!("no object")),
            event(EventType::FINISHED, &json!({"evaluationdetails": {}})),
            event("sh.keptn.events.tests-finished", &json!({"start": "A"})),
        ] {
            assert_eq!(upgrade(other.clone()), other);
        }
        let once = upgrade(evaluation_of_0_7());
        assert_eq!(upgrade(once.clone()), once);
    }
}
