//! A trend in JSON: a list of evaluations, and for each SLI a list of values and one of outcomes, in the same order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::decode::member;
use crate::gate::event::parse_time;
use crate::gate::{Ending, Status, Trend, TrendPoint, TrendValue, Verdict, json_number};

/// Returns the document of a trend.
pub(super) fn document(trend: &Trend) -> Value {
    let evaluations: Vec<Value> = trend.points.iter().map(evaluation).collect();
    let names = trend.points.iter().flat_map(|point| point.values.keys());
    let names: BTreeSet<&String> = names.collect();
    let slis: Vec<Value> = names.into_iter().map(|name| column(trend, name)).collect();
    json!({"evaluations": evaluations, "slis": slis})
}

/// Returns the part about one evaluation.
fn evaluation(point: &TrendPoint) -> Value {
    json!({
        "id": point.id,
        "time": point.time.map(|time| time.to_string()),
        "labels": point.labels,
        "result": point.ending.as_str(),
        "score": point.score.map(json_number),
        "invalidated": point.invalidated.as_ref().map(|reason| json!({"reason": reason})),
    })
}

/// Returns the part about one SLI; an outcome is null where the evaluation had no such objective.
fn column(trend: &Trend, name: &str) -> Value {
    let values = || trend.points.iter().map(|point| point.values.get(name));
    let numbers = values().map(|value| value?.value.map(json_number));
    let statuses = values().map(|value| Some(value?.status.as_str()));
    json!({
        "sli": name,
        "values": numbers.collect::<Vec<_>>(),
        "statuses": statuses.collect::<Vec<_>>(),
    })
}

/// Reads a trend back. What can't be read is passed over: a report without it is better than none.
pub(super) fn decode(document: &Value) -> Trend {
    let evaluations = member(document, "evaluations").as_array();
    let evaluations = evaluations.into_iter().flatten().enumerate();
    let columns = member(document, "slis").as_array();
    let columns = columns.map(Vec::as_slice).unwrap_or_default();
    let point = |(at, evaluation): (usize, &Value)| decode_point(evaluation, at, columns);
    Trend {
        points: evaluations.filter_map(point).collect(),
    }
}

/// Reads one evaluation, with its values.
fn decode_point(evaluation: &Value, at: usize, columns: &[Value]) -> Option<TrendPoint> {
    let text = |key: &str| member(evaluation, key).as_str();
    let values = columns.iter().filter_map(|column| {
        let name = member(column, "sli").as_str()?;
        let status = member(column, "statuses").get(at)?.as_str()?;
        let value = TrendValue {
            status: status.parse::<Status>().ok()?,
            value: member(column, "values").get(at).and_then(Value::as_f64),
        };
        Some((name.to_owned(), value))
    });
    let invalidated = member(evaluation, "invalidated");
    let reason = member(invalidated, "reason").as_str();
    Some(TrendPoint {
        id: text("id")?.to_owned(),
        time: text("time").and_then(parse_time),
        labels: texts(member(evaluation, "labels")),
        ending: ending(text("result")?)?,
        score: member(evaluation, "score").as_f64(),
        invalidated: reason.map(str::to_owned),
        values: values.collect(),
    })
}

/// Returns how an evaluation ended that is called by this word.
fn ending(word: &str) -> Option<Ending> {
    if word == Ending::Inconclusive.as_str() {
        return Some(Ending::Inconclusive);
    }
    word.parse::<Verdict>().ok().map(Ending::Verdict)
}

/// Reads texts by name.
pub(super) fn texts(object: &Value) -> BTreeMap<String, String> {
    let members = object.as_object().into_iter().flatten();
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    members.filter_map(text).collect()
}
