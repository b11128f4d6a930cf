//! Evaluations for the tests of reports.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Charset, Colour, TextStyle};
use crate::gate::event::CloudEvent;
use crate::gate::{
    Baseline, Ending, FailureKind, FetchFailure, Finite, IndicatorName, MissingValue, Outcome,
    Policies, ProjectName, Reading, Readings, Record, RecordIds, Retrieval, Series, ServiceName,
    Slo, SloFile, StageName, Status, TimeWindow, Trend, TrendPoint, TrendValue, Verdict, evaluate,
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
    record_of(SLO, readings, history)
}

/// Returns the record of an evaluation of these readings against an SLO.
pub(super) fn record_of(slo_text: &str, readings: Readings, history: &[CloudEvent]) -> Record {
    let parsed = parse_slo(&Source::new("slo.yaml", slo_text));
    let slo: Slo = parsed
        .value
        .unwrap_or_else(|| panic!("{:?}", parsed.problems));
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
            content: slo_text.to_owned(),
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

/// An SLO of which a key SLI fails, and several others have no value.
const GAPS: &str = r#"
objectives:
  - sli: checkout_errors
    displayName: Checkout errors
    key_sli: true
    pass: [{criteria: ["<=1"]}]
    warning: [{criteria: ["<=2"]}]
  - {sli: cpu_busy, displayName: CPU busy, pass: [{criteria: ["<80"]}]}
  - {sli: memory_used, pass: [{criteria: ["<90"]}]}
  - {sli: database_time, pass: [{criteria: ["<25"]}]}
  - {sli: queue_length, pass: [{criteria: ["<100"]}]}
  - {sli: disk_queue, pass: [{criteria: ["<5"]}]}
  - {sli: throughput}
total_score: {pass: "90%", warning: "75%"}
"#;

/// An SLO that passes as a whole although one objective fails.
const LENIENT: &str = r#"
objectives:
  - {sli: response_time_p95, displayName: Response time p95, weight: 9, pass: [{criteria: ["<600"]}]}
  - {sli: error_rate, pass: [{criteria: ["<1"]}]}
total_score: {pass: "90%", warning: "75%"}
"#;

/// A name that means something in every language that a report is written in. Names hold no control characters.
pub(super) const HOSTILE_NAME: &str = "=cmd|' /C calc'!A0 <b>&amp;\"'`|*_[x](javascript:alert(1)) ]]> \u{202e}drow\u{2066} ##vso[task.complete]::set-output name=a::b # \\ {x=\"y\"} ##teamcity[buildStop] é漢🦀 \u{fffe}";

/// A text of a provider that does the same over several lines.
pub(super) const HOSTILE_TEXT: &str = "-1+1\r\n::set-output name=result::pass\n##vso[task.complete result=Succeeded;]\n##teamcity[buildStatus status='SUCCESS']\n</failure></testcase>]]><script>alert(1)</script>\n  ...\nok 1 - fine\nTIDEGATE_RESULT=pass\n# EOF\n\u{1b}[2J\u{0}\u{7}\t\u{85}\u{2028}\u{feff}\u{fffe}\u{ffff}[[ATTACHMENT|/etc/passwd]] \u{202e}ssap | `x` ${HOME} $(id) %0A --- 'a' \"b\"";

/// Returns a reading without a value.
fn missing(name: &str, outcome: Outcome) -> Reading {
    Reading {
        provider: Some("prometheus".to_owned()),
        query: Some(format!("avg({name})")),
        endpoint: Some("https://prometheus.example:9090".to_owned()),
        attempts: 3,
        elapsed: Some(Duration::from_millis(2150)),
        ..Reading::new(IndicatorName::new(name).unwrap(), outcome)
    }
}

/// Returns the answer of a backend that has nothing.
fn no_data() -> Outcome {
    Outcome::NoData("the query returned no data".to_owned())
}

/// Returns the answer of a backend that can't be reached.
fn unreachable() -> Outcome {
    Outcome::Failed(FetchFailure {
        kind: FailureKind::Unavailable,
        message: "https://prometheus.example:9090 can't be reached: connection refused".to_owned(),
    })
}

/// Returns policies for one SLI: the same for no data and for errors.
fn policy(name: &str, action: MissingValue) -> (IndicatorName, Policies) {
    let policies = Policies {
        on_no_data: action,
        on_error: action,
    };
    (IndicatorName::new(name).unwrap(), policies)
}

/// Returns a fail: a key SLI misses its target, and five others have no value, one under each policy.
pub(super) fn fail_with_gaps() -> Record {
    let readings = Readings {
        policies: BTreeMap::from([
            policy("cpu_busy", MissingValue::Ignore),
            policy("database_time", MissingValue::Warning),
            policy(
                "queue_length",
                MissingValue::Value(Finite::new(0.0).unwrap()),
            ),
        ]),
        ..Readings::new(vec![
            Reading {
                unit: Some("%".to_owned()),
                provider: Some("prometheus".to_owned()),
                query: Some("sum(rate(checkout_errors[300s]))".to_owned()),
                endpoint: Some("https://prometheus.example:9090".to_owned()),
                samples: Some(20),
                attempts: 1,
                elapsed: Some(Duration::from_micros(41_700)),
                ..value("checkout_errors", 2.5)
            },
            missing("cpu_busy", no_data()),
            missing("memory_used", no_data()),
            missing("database_time", unreachable()),
            missing("queue_length", no_data()),
            missing("disk_queue", unreachable()),
            missing("throughput", no_data()),
        ])
    };
    Record {
        warnings: vec!["The SLO gives `disk_queue` no unit.".to_owned()],
        ..record_of(GAPS, readings, &[])
    }
}

/// Returns a pass with one objective that fails and costs too little to matter.
pub(super) fn pass_with_failing_objective() -> Record {
    let readings = vec![value("response_time_p95", 480.0), value("error_rate", 3.5)];
    record_of(LENIENT, Readings::new(readings), &[])
}

/// Returns an evaluation that is inconclusive, because an SLI has no value.
pub(super) fn inconclusive() -> Record {
    let readings = Readings {
        policies: BTreeMap::from([policy("error_rate", MissingValue::Inconclusive)]),
        ..Readings::new(vec![
            value("response_time_p95", 500.0),
            missing("error_rate", no_data()),
            value("throughput", 80.0),
        ])
    };
    record(readings, &[])
}

/// Returns an evaluation of which nothing was judged, because fetching the values ended in an error.
pub(super) fn not_evaluated() -> Record {
    let readings = Readings {
        retrieval: Retrieval::Errored("the job that fetches them was killed".to_owned()),
        ..all(500.0, 0.0)
    };
    record(readings, &[])
}

/// Returns an evaluation in which every text that comes from outside is hostile, two objectives are called the same, and
/// one number is far too long.
pub(super) fn hostile() -> Record {
    let text = HOSTILE_TEXT;
    let quoted = serde_json::to_string(HOSTILE_NAME).unwrap();
    // YAML takes it only when it is escaped.
    let quoted = quoted.replace('\u{fffe}', "\\ufffe");
    let slo = format!(
        "objectives:\n  - {{sli: {quoted}, displayName: {quoted}, pass: [{{criteria: [\"<1\"]}}]}}\n  \
         - {{sli: b, displayName: {quoted}, key_sli: true, pass: [{{criteria: [\"<1\"]}}]}}\n  \
         - {{sli: c, displayName: total score, pass: [{{criteria: [\"<1\"]}}]}}\n  \
         - {{sli: \"@d\", displayName: \"+d\"}}\n\
         total_score: {{pass: \"90%\", warning: \"50%\"}}\n"
    );
    let failed = Outcome::Failed(FetchFailure {
        kind: FailureKind::BadAnswer,
        message: text.to_owned(),
    });
    let readings = vec![
        Reading {
            unit: Some(text.to_owned()),
            provider: Some(text.to_owned()),
            query: Some(text.to_owned()),
            endpoint: Some(text.to_owned()),
            reduced: Some(text.to_owned()),
            warnings: vec![text.to_owned()],
            ..value(HOSTILE_NAME, 1.0 / 3.0)
        },
        missing("b", failed),
        missing("c", Outcome::NoData(text.to_owned())),
        value("@d", -1.234_567_890_123_456_7e-300),
    ];
    let mut record = record_of(&slo, Readings::new(readings), &[]);
    record.series = Series {
        project: ProjectName::new(HOSTILE_NAME).unwrap(),
        stage: StageName::new(HOSTILE_NAME).unwrap(),
        service: ServiceName::new(HOSTILE_NAME).unwrap(),
    };
    record.deployment = Some(text.to_owned());
    record.labels = BTreeMap::from([
        (text.to_owned(), text.to_owned()),
        ("joburl".to_owned(), "javascript:alert(1)//\n".to_owned()),
    ]);
    record.slo_file.path = format!("{HOSTILE_NAME}/slo.yaml");
    record.ids.finished = HOSTILE_NAME.to_owned();
    record.producer = text.to_owned();
    record.evaluation.message = text.to_owned();
    record.evaluation.unused = vec![text.to_owned()];
    record.warnings = vec![text.to_owned()];
    record
}

/// Returns twelve earlier evaluations: passes, warnings, a fail, one without a verdict, one that no longer counts, and
/// one that has no value for an SLI.
pub(super) fn trend() -> Trend {
    let point = |number: u32| {
        let (verdict, status) = match number {
            3 | 4 => (Verdict::Warning, Status::Warning),
            6 => (Verdict::Fail, Status::Fail),
            _ => (Verdict::Pass, Status::Pass),
        };
        let inconclusive = number == 8;
        let response_time = TrendValue {
            status,
            value: Some(500.0 + f64::from(number * 7919 % 130)),
        };
        let error_rate = TrendValue {
            status: if inconclusive {
                Status::Fail
            } else {
                Status::Pass
            },
            value: (!inconclusive).then(|| f64::from(number) / 16.0),
        };
        TrendPoint {
            id: format!("earlier-{number}"),
            time: format!("2024-01-{:02}T10:00:00Z", 31 - number).parse().ok(),
            labels: BTreeMap::from([("build".to_owned(), (16 - number).to_string())]),
            ending: if inconclusive {
                Ending::Inconclusive
            } else {
                Ending::Verdict(verdict)
            },
            score: (!inconclusive).then_some(match verdict {
                Verdict::Pass => 100.0,
                Verdict::Warning => 200.0 / 3.0,
                Verdict::Fail => 100.0 / 3.0,
            }),
            invalidated: (number == 5).then(|| "the load generator was broken".to_owned()),
            values: BTreeMap::from([
                ("response_time_p95".to_owned(), response_time),
                ("error_rate".to_owned(), error_rate),
            ]),
        }
    };
    Trend {
        points: (1..=12).map(point).collect(),
    }
}

/// Returns the trend before the hostile evaluation.
pub(super) fn hostile_trend() -> Trend {
    let mut trend = trend();
    trend.points.truncate(2);
    for point in &mut trend.points {
        point.id = HOSTILE_NAME.to_owned();
        point.labels = BTreeMap::from([(HOSTILE_TEXT.to_owned(), HOSTILE_TEXT.to_owned())]);
        point.invalidated = Some(HOSTILE_TEXT.to_owned());
        let value = TrendValue {
            status: Status::Warning,
            value: Some(f64::MAX),
        };
        point.values.insert(HOSTILE_NAME.to_owned(), value);
    }
    trend
}
