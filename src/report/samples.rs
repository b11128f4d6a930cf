//! Evaluations for the tests of reports.

use std::collections::BTreeMap;

use super::{Charset, Colour, TextStyle};
use crate::gate::event::CloudEvent;
use crate::gate::{
    Baseline, IndicatorName, ProjectName, Reading, Readings, Record, RecordIds, Series,
    ServiceName, Slo, SloFile, StageName, TimeWindow, evaluate,
};
use crate::spec::{Source, parse_slo};

/// An SLO with every kind of objective.
pub(super) const SLO: &str = r#"
comparison: {compare_with: several_results, number_of_comparison_results: 2, include_result_with_score: pass}
objectives:
  - sli: response_time_p95
    displayName: Response time p95
    weight: 2
    pass: [{criteria: ["<=+10%", "<600"]}]
    warning: [{criteria: ["<=800"]}]
  - sli: error_rate
    key_sli: true
    pass: [{criteria: ["<1"]}]
  - sli: throughput
total_score: {pass: "90%", warning: "50%"}
"#;

/// How text is drawn here: wide, without colour.
pub(super) const PLAIN: TextStyle = TextStyle {
    colour: Colour::Off,
    charset: Charset::Unicode,
    width: 100,
};

/// Returns an earlier evaluation, as stored.
pub(super) fn earlier(number: u32, value: f64) -> CloudEvent {
    serde_json::from_value(serde_json::json!({
        "id": format!("earlier-{number}"), "type": "sh.keptn.event.evaluation.finished",
        "time": format!("2024-01-3{number}T10:00:00Z"),
        "data": {"status": "succeeded", "result": "pass", "evaluation": {"indicatorResults": [
            {"value": {"metric": "response_time_p95", "value": value, "success": true}},
        ]}},
    }))
    .unwrap()
}

/// Returns the record of an evaluation of these readings.
pub(super) fn record(readings: Readings, history: &[CloudEvent]) -> Record {
    let slo: Slo = parse_slo(&Source::new("slo.yaml", SLO)).value.unwrap();
    let baseline = Baseline::from_events(&slo.comparison, history);
    let evaluation = evaluate(&slo, &readings, &baseline);
    Record {
        ids: RecordIds {
            finished: "f-1".to_owned(),
            triggered: "t-1".to_owned(),
            context: "c-1".to_owned(),
        },
        time: "2024-02-01T10:05:01.5Z".parse().unwrap(),
        producer: "tidegate 0.0.0".to_owned(),
        series: Series {
            project: ProjectName::new("sockshop").unwrap(),
            stage: StageName::new("staging").unwrap(),
            service: ServiceName::new("carts").unwrap(),
        },
        deployment: None,
        labels: BTreeMap::from([("build".to_owned(), "17".to_owned())]),
        window: Some(
            TimeWindow::new(
                "2024-02-01T10:00:00Z".parse().unwrap(),
                "2024-02-01T10:05:00Z".parse().unwrap(),
            )
            .unwrap(),
        ),
        slo_file: SloFile {
            path: "slo.yaml".to_owned(),
            content: SLO.to_owned(),
        },
        evaluation,
        readings: readings.readings,
        warnings: Vec::new(),
    }
}

/// Returns a reading with a value.
pub(super) fn value(name: &str, value: f64) -> Reading {
    Reading {
        unit: (name == "throughput").then(|| "req/s".to_owned()),
        ..Reading::of(IndicatorName::new(name).unwrap(), value)
    }
}

/// Returns readings of all three indicators.
pub(super) fn all(response_time: f64, error_rate: f64) -> Readings {
    Readings::new(vec![
        value("response_time_p95", response_time),
        value("error_rate", error_rate),
        value("throughput", 87.123_456_789),
    ])
}
