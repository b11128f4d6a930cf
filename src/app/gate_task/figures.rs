//! What `.finished` events of the gate carry: `data.evaluation`, and the values of `get-sli`.

use serde_json::{Map, Value, json};

use crate::executor::Finish;
use crate::gate::event::{finished_event, keptn_time};
use crate::gate::{MissingSlo, Outcome, Reading, Record, TimeWindow, Verdict, json_number};
use crate::sequence::TaskStatus;

/// Members that the conductor sets.
const COMMON: [&str; 7] = [
    "project", "stage", "service", "labels", "status", "result", "message",
];

/// Returns how the task ends whose evaluation has a verdict, or is inconclusive.
pub(super) fn judged(record: &Record) -> Finish {
    let Value::Object(mut data) = finished_event(record).data.value() else {
        return Finish::errored("the evaluation can't be written as an event");
    };
    let status = data.get("status").and_then(Value::as_str);
    let status = TaskStatus::of(status.unwrap_or_default());
    data.retain(|key, _| !COMMON.contains(&key.as_str()));
    if !data.contains_key("evaluation") {
        return Finish::errored("the evaluation can't be written as an event");
    }
    Finish {
        status,
        result: match status {
            TaskStatus::Succeeded => record.evaluation.verdict,
            TaskStatus::Errored | TaskStatus::Aborted | TaskStatus::Unknown => Verdict::Fail,
        },
        message: record.evaluation.message.clone(),
        data,
        labels: Map::new(),
    }
}

/// Returns how the task ends that has no verdict.
pub(super) fn without_verdict(message: String, window: Option<TimeWindow>) -> Finish {
    Finish {
        data: unscored(Verdict::Fail, window),
        ..Finish::errored(message)
    }
}

/// Returns how the task ends that has no objectives.
pub(super) fn without_objectives(
    policy: MissingSlo,
    place: &str,
    window: Option<TimeWindow>,
) -> Finish {
    let result = match policy {
        MissingSlo::Fail => Verdict::Fail,
        MissingSlo::Warning => Verdict::Warning,
        MissingSlo::Pass => Verdict::Pass,
    };
    let message = format!(
        "no evaluation performed: there is no {place}/slo.yaml; add the objectives of the service, or set \
         `on_missing_slo` in tidegate.yaml (now `{}`)",
        policy.as_str()
    );
    Finish {
        result,
        message,
        data: unscored(result, window),
        ..Finish::pass()
    }
}

/// Returns `data.evaluation` of an evaluation without a score, as Keptn writes it. It never becomes a baseline.
fn unscored(result: Verdict, window: Option<TimeWindow>) -> Map<String, Value> {
    let time = |time: Option<jiff::Timestamp>| time.map(keptn_time).unwrap_or_default();
    let evaluation = json!({
        "timeStart": time(window.map(|window| window.start())),
        "timeEnd": time(window.map(|window| window.end())),
        "result": result.as_str(),
        "score": 0,
        "sloFileContent": "",
        "indicatorResults": null,
    });
    Map::from_iter([("evaluation".to_owned(), evaluation)])
}

/// Returns `data.get-sli` (lighthouse.md 2.2).
pub(super) fn values(readings: &[Reading], window: TimeWindow) -> Map<String, Value> {
    let values: Vec<Value> = readings.iter().map(value).collect();
    let figures = json!({
        "start": keptn_time(window.start()),
        "end": keptn_time(window.end()),
        "indicatorValues": values,
    });
    Map::from_iter([("get-sli".to_owned(), figures)])
}

/// Returns one value. Where there is none it is 0 and no success, as in Keptn.
fn value(reading: &Reading) -> Value {
    let metric = reading.indicator.as_str();
    let missing =
        |message: &str| json!({"metric": metric, "value": 0, "success": false, "message": message});
    match &reading.outcome {
        Outcome::Value(value) => {
            json!({"metric": metric, "value": json_number(value.get()), "success": true})
        }
        Outcome::NoData(reason) => missing(reason),
        Outcome::Failed(failure) => missing(&failure.message),
    }
}
