//! Evaluations such as tidegate stores: 20 SLIs with readings, compared with the ten before; a pass is rare.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tidegate::gate::event::{CloudEvent, EventType, SOURCE, finished_event, triggered_event};
use tidegate::gate::{
    Baseline, Evaluation, IndicatorName, Outcome, PastEvaluation, PastValue, ProjectName, Reading,
    Readings, Record, RecordIds, Series, ServiceName, Slo, SloFile, StageName, TimeWindow, Verdict,
    evaluate,
};
use tidegate::spec::{Source, parse_slo};
use uuid::{NoContext, Uuid};

/// One of so many evaluations passes.
const RARE: u64 = 500;
/// One of so many evaluations is invalidated later.
const INVALIDATED: u64 = 10_000;
/// The time of the first evaluation.
const BEGIN: &str = "2024-01-01T00:00:00Z";
/// How many seconds lie between two evaluations.
const APART: i64 = 30;

/// Makes evaluations, each different from the one before.
pub struct Runs {
    /// The SLO.
    pub slo: Slo,
    /// Its file.
    slo_text: String,
    /// The project of all of them.
    project: String,
    /// How many services there are.
    services: usize,
    /// The newest ten of each service.
    past: BTreeMap<usize, VecDeque<PastEvaluation>>,
    /// The number of the next evaluation.
    next: u64,
}

impl Runs {
    /// Begins with the evaluation of a number.
    pub fn new(project: &str, slis: usize, services: usize, next: usize) -> Self {
        let slo_text = slo(slis);
        let source = Source::new("slo.yaml", &slo_text);
        Self {
            slo: parse_slo(&source).value.expect("an SLO"),
            slo_text,
            project: project.to_owned(),
            services,
            past: BTreeMap::new(),
            next: next as u64,
        }
    }

    /// Returns the series of a service; those from the number of services on are new.
    pub fn series(&self, service: usize) -> Series {
        Series {
            project: ProjectName::new(self.project.as_str()).expect("a name"),
            stage: StageName::new("staging").expect("a name"),
            service: ServiceName::new(format!("service-{service:03}")).expect("a name"),
        }
    }

    /// Returns the time of the next evaluation.
    pub fn now(&self) -> Timestamp {
        let begin: Timestamp = BEGIN.parse().expect("a time");
        let since = i64::try_from(self.next).expect("a number") * APART;
        begin + SignedDuration::from_secs(since)
    }

    /// Makes the events of the next evaluation: two, or three where it is invalidated.
    pub fn make(&mut self) -> Vec<CloudEvent> {
        let services = self.services as u64;
        let service = match self.next % 10 {
            0 => 0,
            _ => 1 + mix(self.next) % (services - 1).max(1),
        };
        let service = usize::try_from(service).expect("a small number");
        self.make_of(service, self.now())
    }

    /// Makes the events of an evaluation of a service at a time.
    pub fn make_of(&mut self, service: usize, time: Timestamp) -> Vec<CloudEvent> {
        let number = self.next;
        self.next += 1;
        let readings = self.readings(number);
        let past = self.past.entry(service).or_default();
        let baseline = Baseline::new(past.iter().cloned().collect());
        let evaluation = evaluate(&self.slo, &Readings::new(readings.clone()), &baseline);
        assert_eq!(evaluation.verdict, verdict(number), "the verdict wanted");
        let ids = RecordIds {
            finished: id(time),
            triggered: id(time),
            context: id(time),
        };
        past.push_front(remember(&ids.finished, time, &evaluation));
        past.truncate(10);
        let window = TimeWindow::new(time - SignedDuration::from_mins(5), time).expect("a window");
        let record = Record {
            ids,
            time,
            producer: format!("tidegate {}", env!("CARGO_PKG_VERSION")),
            series: self.series(service),
            deployment: None,
            labels: [("branch", "main".to_owned()), ("build", number.to_string())]
                .map(|(label, value)| (label.to_owned(), value))
                .into(),
            window: Some(window),
            slo_file: SloFile {
                path: "slo.yaml".to_owned(),
                content: self.slo_text.clone(),
            },
            evaluation,
            readings,
            warnings: Vec::new(),
        };
        let mut events = vec![triggered_event(&record), finished_event(&record)];
        if number % INVALIDATED == INVALIDATED - 1 {
            events.push(invalidation(&record));
        }
        events
    }

    /// Returns what a provider would answer: as many bad values as the wanted verdict takes.
    fn readings(&self, number: u64) -> Vec<Reading> {
        let objectives = self.slo.objectives();
        let bad = match verdict(number) {
            Verdict::Pass => 0,
            Verdict::Warning => objectives.len().div_ceil(7),
            Verdict::Fail => objectives.len() * 3 / 4,
        };
        let reading = |(at, objective): (usize, &tidegate::gate::Objective)| {
            let noise = mix(number * 1000 + at as u64);
            let fraction = f64::from(u32::try_from(noise % 1_000_000).expect("small")) / 1e4;
            let value = if at < bad {
                700.0 + fraction
            } else {
                400.0 + fraction
            };
            reading(objective.indicator.clone(), value, noise)
        };
        objectives.iter().enumerate().map(reading).collect()
    }
}

/// Returns a reading with all that a provider tells.
fn reading(indicator: IndicatorName, value: f64, noise: u64) -> Reading {
    let query = format!(
        "histogram_quantile(0.95, step:latency:rate5m{{step=\"{}\"}})",
        indicator.as_str()
    );
    Reading {
        provider: Some("prometheus".to_owned()),
        query: Some(query),
        endpoint: Some("https://prometheus.example.com".to_owned()),
        samples: Some(1),
        unit: Some("ms".to_owned()),
        attempts: 1,
        elapsed: Some(Duration::from_micros(8_000 + noise % 20_000)),
        ..match Reading::of(indicator, value) {
            reading @ Reading {
                outcome: Outcome::Value(_),
                ..
            } => reading,
            other => panic!("{other:?}"),
        }
    }
}

/// Returns the verdict that an evaluation is to have.
fn verdict(number: u64) -> Verdict {
    let noise = mix(number ^ 0x5eed);
    if noise.is_multiple_of(RARE) {
        Verdict::Pass
    } else if (noise / RARE).is_multiple_of(2) {
        Verdict::Warning
    } else {
        Verdict::Fail
    }
}

/// Returns what later evaluations compare with.
fn remember(id: &str, time: Timestamp, evaluation: &Evaluation) -> PastEvaluation {
    let values = evaluation.objectives().iter().filter_map(|objective| {
        Some(PastValue {
            metric: objective.indicator.as_str().to_owned(),
            value: objective.value.as_ref()?.value,
            success: true,
        })
    });
    PastEvaluation {
        id: id.to_owned(),
        time: Some(time),
        result: Some(evaluation.verdict),
        values: values.collect(),
    }
}

/// Returns the event that invalidates an evaluation.
fn invalidation(record: &Record) -> CloudEvent {
    let series = &record.series;
    CloudEvent {
        id: id(record.time),
        source: SOURCE.to_owned(),
        specversion: "1.0".to_owned(),
        event_type: EventType::INVALIDATED.to_owned(),
        time: Some(record.time),
        shkeptncontext: Some(record.ids.context.clone()),
        triggeredid: Some(record.ids.triggered.clone()),
        data: json!({
            "project": series.project.as_str(),
            "stage": series.stage.as_str(),
            "service": series.service.as_str(),
            "evaluation": {"reason": "the load generator had the wrong target"},
        })
        .into(),
        ..CloudEvent::default()
    }
}

/// Returns an id of a time, as tidegate makes them.
fn id(time: Timestamp) -> String {
    let seconds = u64::try_from(time.as_second()).expect("a time after 1970");
    let nanoseconds = u32::try_from(time.subsec_nanosecond()).expect("a fraction");
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds)).to_string()
}

/// Mixes a number, so that neighbours have nothing in common (splitmix64).
pub fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Writes an SLO file.
fn slo(slis: usize) -> String {
    let mut text = String::from(
        "spec_version: \"1.0\"\ncomparison:\n  compare_with: several_results\n  include_result_with_score: all\n  \
         number_of_comparison_results: 10\n  aggregate_function: avg\nobjectives:\n",
    );
    for sli in 1..=slis {
        let _ = write!(
            text,
            "  - sli: p95_step_{sli}\n    displayName: Step {sli}\n    \
             pass:\n      - criteria: [\"<=+60%\", \"<600\"]\n"
        );
    }
    text.push_str("total_score:\n  pass: 90%\n  warning: 50%\n");
    text
}
