//! Our own document in the form of Keptn's event, member by member. Nothing is checked here: the reader of events does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::decode::member;
use crate::gate::event::EventType;

/// Our own document, to be brought into the form of Keptn's event.
pub(super) struct DocumentEvent<'a>(pub(super) &'a Value);

impl<'a> DocumentEvent<'a> {
    /// Returns a member; null where there is none.
    fn get(&self, key: &str) -> &'a Value {
        member(self.0, key)
    }

    /// Returns the event.
    pub(super) fn event(&self) -> Value {
        let conclusion = self.get("conclusion");
        let inconclusive = self.get("result") == "inconclusive";
        let stored_as = if inconclusive {
            &json!("fail")
        } else {
            self.get("result")
        };
        let verdict = present(member(conclusion, "verdict")).unwrap_or(stored_as);
        let (status, kind) = match member(conclusion, "kind").as_str() {
            Some("inconclusive") => (json!("errored"), "inconclusive"),
            Some("retrieval_errored") => (json!("errored"), "retrieval-errored"),
            Some("not_succeeded") => (member(conclusion, "reason").clone(), "not-succeeded"),
            None if inconclusive => (json!("errored"), "inconclusive"),
            Some(_) | None => (json!("succeeded"), "scored"),
        };
        json!({
            "id": self.get("id"),
            "source": "tidegate",
            "specversion": "1.0",
            "type": EventType::FINISHED,
            "time": self.get("time"),
            "shkeptncontext": self.get("context_id").as_str().unwrap_or_default(),
            "triggeredid": self.get("triggered_id").as_str().unwrap_or_default(),
            "data": {
                "project": self.get("project"),
                "stage": self.get("stage"),
                "service": self.get("service"),
                "labels": self.get("labels"),
                "status": status,
                "result": verdict,
                "message": self.get("message"),
                "evaluation": self.evaluation(verdict),
                "tidegate": self.additions(kind),
            },
        })
    }

    /// Returns the results in Keptn's form.
    fn evaluation(&self, verdict: &Value) -> Value {
        let conclusion = self.get("conclusion");
        let objectives = self.get("objectives").as_array();
        let objectives = objectives.map(Vec::as_slice).unwrap_or_default();
        let judged = member(conclusion, "judged").as_bool();
        let judged = judged.unwrap_or(!objectives.is_empty());
        let results: Vec<Value> = objectives.iter().map(indicator_result).collect();
        let compared = elements(member(self.get("comparison"), "compared"));
        let content = self.get("slo_content").as_str().unwrap_or_default();
        json!({
            "timeStart": member(self.get("window"), "start").as_str().unwrap_or_default(),
            "timeEnd": member(self.get("window"), "end").as_str().unwrap_or_default(),
            "result": present(member(conclusion, "scored")).unwrap_or(verdict),
            "score": self.get("score"),
            "sloFileContent": STANDARD.encode(content),
            "indicatorResults": judged.then_some(results),
            "comparedEvents": compared.iter().map(|past| member(past, "id")).collect::<Vec<_>>(),
        })
    }

    /// Returns what Keptn's form lacks.
    fn additions(&self, conclusion: &str) -> Value {
        let comparison = self.get("comparison");
        let needed = self.get("total_score");
        let known = present(member(needed, "pass")).is_some();
        let objectives = elements(self.get("objectives"));
        let readings = elements(self.get("readings"));
        json!({
            "version": 1,
            "producer": self.get("producer"),
            "conclusion": conclusion,
            "reason": member(self.get("conclusion"), "reason"),
            "points": self.get("points"),
            "maxPoints": self.get("max_points"),
            "totalScore": known.then_some(needed),
            "comparison": {
                "results": member(comparison, "results"),
                "include": member(comparison, "include"),
                "aggregate": member(comparison, "aggregate"),
                "compared": member(comparison, "compared"),
                "leftOut": member(comparison, "left_out"),
                "leftOutMore": member(comparison, "left_out_more"),
                "reference": reference(member(comparison, "reference")),
            },
            "deployment": self.get("deployment"),
            "window": member(self.get("window"), "exact"),
            "slo": self.get("slo"),
            "objectives": objectives.iter().map(objective_additions).collect::<Vec<_>>(),
            "readings": readings.iter().map(reading).collect::<Vec<_>>(),
            "unused": self.get("unused"),
            "warnings": self.get("warnings"),
        })
    }
}

/// Returns a value unless it is null.
fn present(value: &Value) -> Option<&Value> {
    Some(value).filter(|value| !value.is_null())
}

/// Returns the elements of a list, none where it is no list.
fn elements(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Returns what chose the evaluations that were compared with, in the form of the event.
fn reference(reference: &Value) -> Value {
    let id = member(reference, "id");
    match member(reference, "kind").as_str() {
        Some("labels") => json!({"labels": member(reference, "labels")}),
        Some("pinned") => json!({"pinned": id, "reason": member(reference, "reason")}),
        Some("evaluation") => json!({"evaluation": id}),
        Some("file") => json!({"file": member(reference, "file")}),
        Some(_) | None => Value::Null,
    }
}

/// Returns the result of an objective in Keptn's form.
fn indicator_result(objective: &Value) -> Value {
    let targets = |key: &str| -> Vec<Value> {
        let targets = elements(member(objective, key)).iter();
        targets.map(target).collect()
    };
    let warning = targets("warning");
    let has_warning = member(objective, "has_warning").as_bool();
    let has_warning = has_warning.unwrap_or(!warning.is_empty());
    json!({
        "score": member(objective, "points"),
        "value": fetched(objective),
        "displayName": member(objective, "display_name"),
        "passTargets": targets("pass"),
        "warningTargets": has_warning.then_some(warning),
        "keySli": member(objective, "key_sli"),
        "status": member(objective, "status"),
    })
}

/// Returns the value of an objective in Keptn's form. An older document tells only the value that was judged.
fn fetched(objective: &Value) -> Value {
    let message = member(objective, "message");
    let (value, compared, success) = match objective.get("fetched") {
        Some(Value::Null) => return Value::Null,
        Some(fetched) => (
            member(fetched, "value").clone(),
            member(fetched, "compared_value").clone(),
            member(fetched, "success").clone(),
        ),
        None => {
            let value = member(objective, "value");
            let by_policy = present(member(objective, "policy")).is_some();
            let success = !value.is_null() && !by_policy;
            let compared = member(objective, "baseline").clone();
            (value.clone(), compared, json!(success))
        }
    };
    json!({
        "metric": member(objective, "sli"),
        "value": value,
        "comparedValue": compared,
        "success": success,
        "message": message,
    })
}

/// Returns a criterion in Keptn's form.
fn target(target: &Value) -> Value {
    let number = present(member(target, "target_value")).or(present(member(target, "target")));
    json!({
        "criteria": member(target, "criteria"),
        "targetValue": number.unwrap_or(&json!(0)),
        "violated": member(target, "violated"),
    })
}

/// Returns what Keptn's form lacks of an objective.
fn objective_additions(objective: &Value) -> Value {
    let policy = present(member(objective, "policy")).map(|policy| {
        let by_error = member(policy, "cause") == "error";
        let key = if by_error { "onError" } else { "onNoData" };
        json!({key: member(policy, "action"), "reason": member(policy, "reason")})
    });
    json!({
        "sli": member(objective, "sli"),
        "maxPoints": member(objective, "max_points"),
        "baseline": member(objective, "baseline"),
        "unit": member(objective, "unit"),
        "policy": policy,
    })
}

/// Returns a reading in the form of the event.
fn reading(reading: &Value) -> Value {
    let outcome = match member(reading, "outcome").as_str() {
        Some("no_data") => json!("no-data"),
        Some("failed") => member(reading, "failure").clone(),
        Some(_) | None => member(reading, "outcome").clone(),
    };
    let reported = present(member(reading, "reported")).map(|reported| {
        json!({
            "value": member(reported, "value"),
            "comparedValue": member(reported, "compared_value"),
        })
    });
    let mut event = Map::new();
    for key in [
        "sli", "value", "reason", "provider", "query", "endpoint", "samples", "reduced", "unit",
        "attempts", "warnings",
    ] {
        event.insert(key.to_owned(), member(reading, key).clone());
    }
    event.insert("outcome".to_owned(), outcome);
    event.insert("reported".to_owned(), json!(reported));
    event.insert(
        "elapsedMs".to_owned(),
        member(reading, "elapsed_ms").clone(),
    );
    Value::Object(event)
}
