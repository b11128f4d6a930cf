//! An `evaluation.finished` event, read as history.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{CloudEvent, parse_time};
use crate::gate::baseline::{PastEvaluation, PastValue};
use crate::gate::verdict::Verdict;

/// Why a stored evaluation takes no part in a comparison.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PastError {
    /// Its status is not `succeeded`.
    #[error("its status is `{0}`")]
    NotSucceeded(String),
    /// It has no indicator results: it was skipped, or stopped early.
    #[error("it has no indicator results")]
    NoResults,
    /// It is not of the form that Keptn gives an evaluation.
    #[error("it can't be read: {0}")]
    Unreadable(Cow<'static, str>),
}

impl PastError {
    /// Says that an event can't be read.
    fn unreadable(why: &'static str) -> Self {
        Self::Unreadable(Cow::Borrowed(why))
    }
}

/// Reads an event as an earlier evaluation. As lenient as Keptn: keys in any case, unknown members, nulls; and as
/// strict: a wrong type anywhere in the results spoils the event.
///
/// # Errors
/// [`PastError`] says why the event can't be compared with.
pub fn decode_past(event: &CloudEvent) -> Result<PastEvaluation, PastError> {
    let (result, values) = match Plain::read(event.data.json()) {
        Some(plain) => plain,
        None => decode(
            &event
                .data
                .tree()
                .ok_or(PastError::unreadable("its data are broken"))?,
        )?,
    };
    Ok(PastEvaluation {
        id: event.id.clone(),
        time: event.time,
        result,
        values,
    })
}

/// Returns where the window of an evaluation begins; `None` where the event does not say.
#[must_use]
pub fn window_start(event: &CloudEvent) -> Option<Timestamp> {
    let data = event.data.tree()?;
    let evaluation = member(data.as_object()?, "evaluation")?;
    parse_time(member(evaluation.as_object()?, "timeStart")?.as_str()?)
}

/// The result and the values of an earlier evaluation.
type Decoded = (Option<Verdict>, Vec<PastValue>);

/// A payload in just the form that Keptn and we write: read without building a tree. It takes a hundredth of the time.
#[derive(Deserialize)]
struct Plain<'a> {
    /// `data.status`.
    #[serde(borrow)]
    status: Cow<'a, str>,
    /// `data.result`.
    #[serde(borrow)]
    result: Cow<'a, str>,
    /// `data.evaluation`.
    evaluation: PlainEvaluation,
}

/// `data.evaluation`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainEvaluation {
    /// One per objective.
    indicator_results: Vec<PlainResult>,
    /// Per cent.
    #[serde(rename = "score")]
    _score: f64,
}

/// One of `indicatorResults`.
#[derive(Deserialize)]
struct PlainResult {
    /// The value.
    value: PlainValue,
    /// The points.
    #[serde(rename = "score")]
    _score: f64,
    /// What the objective came to.
    #[serde(rename = "status")]
    _status: String,
    /// The name to show.
    #[serde(rename = "displayName")]
    _display_name: String,
    /// Whether it is a key objective.
    #[serde(rename = "keySli")]
    _key_sli: bool,
}

/// The value of an indicator.
#[derive(Deserialize)]
struct PlainValue {
    /// The indicator.
    metric: String,
    /// The number.
    value: f64,
    /// Whether it was fetched.
    success: bool,
    /// The baseline.
    #[serde(rename = "comparedValue")]
    _compared_value: f64,
    /// Why not.
    #[serde(default, rename = "message")]
    _message: Option<String>,
}

impl Plain<'_> {
    /// Reads a payload of just this form, every member present and of its type; `None` for any other, which may be
    /// as good.
    fn read(json: &str) -> Option<Decoded> {
        let plain: Plain<'_> = serde_json::from_str(json).ok()?;
        if plain.status != "succeeded" {
            return None;
        }
        let past = |result: PlainResult| {
            let PlainValue {
                metric,
                value,
                success,
                ..
            } = result.value;
            PastValue {
                metric,
                value,
                success,
            }
        };
        let values = plain
            .evaluation
            .indicator_results
            .into_iter()
            .map(past)
            .collect();
        Some((plain.result.parse().ok(), values))
    }
}

/// Reads a payload of any form.
fn decode(data: &Value) -> Result<Decoded, PastError> {
    let data = data
        .as_object()
        .ok_or(PastError::unreadable("it has no data"))?;
    let status = text(data, "status")?.unwrap_or_default();
    if !matches!(status, "" | "succeeded") {
        return Err(PastError::NotSucceeded(status.to_owned()));
    }
    let evaluation = match member(data, "evaluation") {
        None | Some(Value::Null) => return Err(PastError::NoResults),
        Some(Value::Object(evaluation)) => evaluation,
        Some(_) => return Err(PastError::unreadable("`evaluation` is not an object")),
    };
    let results = match member(evaluation, "indicatorResults") {
        None | Some(Value::Null) => return Err(PastError::NoResults),
        Some(Value::Array(results)) => results,
        Some(_) => return Err(PastError::unreadable("`indicatorResults` is not a list")),
    };
    number(evaluation, "score")?;
    let mut values = Vec::with_capacity(results.len());
    for result in results {
        values.extend(decode_result(result)?);
    }
    Ok((
        text(data, "result")?.and_then(|result| result.parse().ok()),
        values,
    ))
}

/// Reads one indicator result; one without a value is passed over, as in Keptn.
fn decode_result(result: &Value) -> Result<Option<PastValue>, PastError> {
    let result = match result {
        Value::Object(result) => result,
        Value::Null => return Ok(None),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(PastError::unreadable(
                "an indicator result is not an object",
            ));
        }
    };
    number(result, "score")?;
    text(result, "status")?;
    text(result, "displayName")?;
    flag(result, "keySli")?;
    let value = match member(result, "value") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(value)) => value,
        Some(_) => {
            return Err(PastError::unreadable(
                "the value of an indicator is not an object",
            ));
        }
    };
    text(value, "message")?;
    number(value, "comparedValue")?;
    let fetched = number(value, "value")?;
    let success = flag(value, "success")?.unwrap_or_default();
    Ok(Some(PastValue {
        metric: text(value, "metric")?.unwrap_or_default().to_owned(),
        value: fetched.unwrap_or_default(),
        // Keptn reads a value that is not there as 0. No data is never 0 here: it is no baseline.
        success: success && fetched.is_some(),
    }))
}

/// Returns a member by its key: exactly, else in any case of letters.
pub(super) fn member<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.get(key).or_else(|| {
        object
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    })
}

/// Returns a text member; null counts as absent.
fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, PastError> {
    match member(object, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(PastError::unreadable(
            "something that should be text is not",
        )),
    }
}

/// Returns a number member; null counts as absent.
fn number(object: &Map<String, Value>, key: &str) -> Result<Option<f64>, PastError> {
    match member(object, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(_) => Err(PastError::unreadable(
            "something that should be a number is not",
        )),
    }
}

/// Returns a boolean member; null counts as absent.
fn flag(object: &Map<String, Value>, key: &str) -> Result<Option<bool>, PastError> {
    match member(object, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(PastError::unreadable(
            "something that should be true or false is not",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(data: &Value) -> CloudEvent {
        let envelope =
            json!({"id": "1", "type": "sh.keptn.event.evaluation.finished", "data": data});
        serde_json::from_value(envelope).unwrap()
    }

    #[test]
    fn keys_in_any_case_and_nulls_are_read() {
        let past = decode_past(&event(&json!({
            "Result": "pass", "status": null, "extra": 1,
            "evaluation": {"indicatorresults": [
                null,
                {"value": null},
                {"score": null, "value": {"Metric": "rt", "VALUE": 5, "success": true, "message": null}},
                {"value": {"metric": "x", "value": null}},
            ]},
        })))
        .unwrap();
        let value = |metric: &str, value, success| PastValue {
            metric: metric.to_owned(),
            value,
            success,
        };
        assert_eq!(past.result, Some(Verdict::Pass));
        assert_eq!(
            past.values,
            [value("rt", 5.0, true), value("x", 0.0, false)]
        );
    }

    #[test]
    fn the_quick_way_reads_what_the_thorough_one_reads() {
        let value = json!({"metric": "rt", "value": 1.25, "comparedValue": 0, "success": true});
        let result = json!({"score": 1, "value": value, "displayName": "", "keySli": false, "status": "pass"});
        let data = json!({
            "project": "p", "status": "succeeded", "result": "warning", "tidegate": {"version": 1},
            "evaluation": {"score": 50, "indicatorResults": [result.clone(), result]},
        });
        let quick = Plain::read(&data.to_string()).unwrap();
        assert_eq!(quick, decode(&data).unwrap());
        assert_eq!(quick.1.len(), 2);
        for (path, other) in [
            ("/status", json!("errored")),
            ("/evaluation/score", json!("50")),
            ("/evaluation/indicatorResults/0/value", json!(null)),
            ("/evaluation/indicatorResults/0/value/value", json!("12 ms")),
            ("/evaluation/indicatorResults/0/keySli", json!(1)),
        ] {
            let mut data = data.clone();
            *data.pointer_mut(path).unwrap() = other;
            assert_eq!(Plain::read(&data.to_string()), None, "{path}");
        }
    }

    #[test]
    fn a_value_that_is_not_there_is_no_baseline() {
        for value in [
            json!({"metric": "rt", "value": null, "success": true}),
            json!({"metric": "rt", "success": true}),
        ] {
            let data = json!({"status": "succeeded", "evaluation": {"indicatorResults": [{"value": value}]}});
            let past = decode_past(&event(&data)).unwrap();
            assert!(past.values.iter().all(|value| !value.success), "{data}");
        }
    }

    #[test]
    fn skipped_errored_and_spoilt_evaluations_say_why_they_do_not_count() {
        let why = |data: Value| decode_past(&event(&data)).unwrap_err();
        assert_eq!(
            why(json!({"status": "errored"})),
            PastError::NotSucceeded("errored".to_owned())
        );
        assert_eq!(
            why(json!({"evaluation": {"indicatorResults": null}})),
            PastError::NoResults
        );
        assert_eq!(why(json!({"result": "pass"})), PastError::NoResults);
        for spoilt in [
            json!(null),
            json!({"evaluation": 5}),
            json!({"evaluation": {"indicatorResults": {}}}),
            json!({"evaluation": {"indicatorResults": [{"value": {"metric": "rt", "value": "12 ms"}}]}}),
            json!({"evaluation": {"indicatorResults": [{"value": {"metric": "rt", "success": 1}}]}}),
            json!({"evaluation": {"indicatorResults": [7]}}),
            json!({"status": 1}),
        ] {
            assert!(
                matches!(why(spoilt.clone()), PastError::Unreadable(_)),
                "{spoilt}"
            );
        }
    }
}
