//! The tables of aggregates, numbers and windows.

use serde_json::{Value, json};
use tidegate::gate::event::keptn_time;
use tidegate::gate::{AggregateFunction, WindowRequest, json_number, message_number};

use super::{Differences, check, table};

#[test]
fn every_aggregate_agrees() {
    let compare = |row: &Value| {
        let values: Vec<f64> = row["values"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        let mut differences = Differences::default();
        for (name, function) in [
            ("avg", AggregateFunction::Average),
            ("p50", AggregateFunction::P50),
            ("p90", AggregateFunction::P90),
            ("p95", AggregateFunction::P95),
        ] {
            differences.compare(
                name,
                &json!(function.of(&values).unwrap_or_default()),
                &json!(row[name].as_f64()),
            );
        }
        differences.result()
    };
    check(
        "aggregate",
        &table("aggregate"),
        |row| row["values"].to_string(),
        compare,
    );
}

#[test]
fn every_number_is_printed_as_the_reference_does() {
    let compare = |row: &Value| {
        let value = row["value"].as_f64().unwrap();
        let mut differences = Differences::default();
        differences.compare("message", &json!(message_number(value)), &row["in_message"]);
        let written: f64 = json_number(value).to_string().parse().unwrap();
        differences.compare(
            "json",
            &json!(written),
            &json!(row["in_json"].as_str().unwrap().parse::<f64>().unwrap()),
        );
        differences.result()
    };
    check(
        "number_format",
        &table("number_format"),
        |row| row["value"].to_string(),
        compare,
    );
}

#[test]
fn every_window_agrees() {
    let compare = |row: &Value| {
        let text = |key: &str| {
            row[key]
                .as_str()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let request = WindowRequest {
            start: text("start"),
            end: text("end"),
            timeframe: text("timeframe"),
        };
        let now = "2024-02-01T10:00:00Z".parse().unwrap();
        match (request.resolve(now), row["error"].as_str()) {
            (Err(_), Some(_)) => Ok(()),
            (Ok(window), Some(error)) => {
                Err(format!("taken as {window:?}; the reference says {error}"))
            }
            (Err(error), None) => Err(format!("refused: {error}")),
            (Ok(window), None) if row["relative_to_now"] == true => {
                let mut differences = Differences::default();
                differences.compare("length", &json!(window.seconds()), &row["window_seconds"]);
                differences.compare("end", &json!(window.end() == now), &json!(true));
                differences.result()
            }
            (Ok(window), None) => {
                let mut differences = Differences::default();
                differences.compare(
                    "start",
                    &json!(keptn_time(window.start())),
                    &row["out_start"],
                );
                differences.compare("end", &json!(keptn_time(window.end())), &row["out_end"]);
                differences.result()
            }
        }
    };
    let id = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        format!("{}|{}|{}", text("start"), text("end"), text("timeframe"))
    };
    check("timeframe", &table("timeframe"), id, compare);
}
