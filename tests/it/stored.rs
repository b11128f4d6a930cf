//! Events as they stand in a log.

use serde_json::{Value, json};

/// A log of each kind that needs no server.
pub(crate) const BOTH: [&str; 2] = ["sqlite:events.db", "jsonl:events.jsonl"];

/// Makes an event.
fn event(id: &str, event_type: &str, hour: u32, mut data: Value) -> Value {
    data["project"] = "sockshop".into();
    data["stage"] = "staging".into();
    data["service"] = "carts".into();
    json!({
        "id": id, "source": "test", "specversion": "1.0", "type": format!("sh.keptn.event.{event_type}"),
        "time": format!("2024-02-01T{:02}:{:02}:00Z", hour % 24, hour / 24), "data": data,
    })
}

/// Makes the two events of an evaluation.
pub(crate) fn evaluation(id: &str, hour: u32, result: &str, score: f64) -> Vec<Value> {
    let trigger = format!("{id}-t");
    let data = json!({
        "status": "succeeded", "result": result, "labels": {"branch": "main", "build": "17"},
        "evaluation": {
            "timeStart": "2024-02-01T00:00:00.000Z", "timeEnd": "2024-02-01T00:05:00.000Z",
            "score": score, "result": result, "sloFileContent": "", "comparedEvents": ["earlier-1"],
            "indicatorResults": [{
                "score": 1, "status": "pass", "displayName": "", "keySli": false, "warningTargets": null,
                "passTargets": [{"criteria": "<600", "targetValue": 600, "violated": false}],
                "value": {"metric": "response_time", "value": 500, "comparedValue": 480, "success": true},
            }],
        },
    });
    let mut finished = event(id, "evaluation.finished", hour, data);
    finished["triggeredid"] = trigger.as_str().into();
    vec![
        event(&trigger, "evaluation.triggered", hour, json!({})),
        finished,
    ]
}

/// Makes the event that invalidates an evaluation.
pub(crate) fn invalidation(id: &str, hour: u32) -> Value {
    let why = json!({"evaluation": {"reason": "wrong load"}});
    let mut event = event(&format!("{id}-i"), "evaluation.invalidated", hour, why);
    event["triggeredid"] = format!("{id}-t").into();
    event
}

/// Makes the event that pins an evaluation.
pub(crate) fn pin(id: &str, hour: u32) -> Value {
    let what = json!({"pin": {"evaluation": id, "reason": "release 5"}});
    event(&format!("{id}-p"), "pin.finished", hour, what)
}

/// Writes events as lines.
pub(crate) fn lines(events: &[Value]) -> String {
    let lines: Vec<String> = events
        .iter()
        .map(|event| event.to_string() + "\n")
        .collect();
    lines.concat()
}
