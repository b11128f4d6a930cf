//! An `evaluation.finished` event, read as a point of a trend.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::additions::VERSION;
use super::{CloudEvent, decode_record};
use crate::gate::chronicle::Ending;
use crate::gate::policy::MissingValue;
use crate::gate::trend::{TrendPoint, TrendValue};

/// Reads an event as an earlier evaluation of a trend; `None` where it can't be read.
#[must_use]
pub fn trend_point(event: &CloudEvent) -> Option<TrendPoint> {
    Plain::read(event).or_else(|| thorough(event))
}

/// Reads an event of any form.
fn thorough(event: &CloudEvent) -> Option<TrendPoint> {
    let record = decode_record(event, None).ok()?;
    let evaluation = &record.evaluation;
    let values = evaluation.objectives().iter().map(|objective| {
        let value = TrendValue {
            status: objective.status,
            value: objective.judged_value(),
        };
        (objective.indicator.as_str().to_owned(), value)
    });
    Some(TrendPoint {
        id: event.id.clone(),
        time: event.time,
        ending: Ending::of(&record),
        score: evaluation.known_score(),
        invalidated: None,
        values: values.collect(),
        labels: record.labels,
    })
}

/// The payload of a scored evaluation in just the form that we write: read without building a tree.
#[derive(Deserialize)]
struct Plain<'a> {
    /// `data.status`.
    #[serde(borrow)]
    status: Cow<'a, str>,
    /// `data.result`.
    #[serde(borrow)]
    result: Cow<'a, str>,
    /// `data.labels`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// `data.evaluation`.
    #[serde(borrow)]
    evaluation: PlainEvaluation<'a>,
    /// `data.tidegate`.
    #[serde(borrow)]
    tidegate: PlainAdditions<'a>,
}

/// `data.evaluation`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainEvaluation<'a> {
    /// One per objective.
    #[serde(borrow)]
    indicator_results: Vec<PlainResult<'a>>,
    /// Per cent.
    score: f64,
}

/// One of `indicatorResults`.
#[derive(Deserialize)]
struct PlainResult<'a> {
    /// What the objective came to.
    #[serde(borrow)]
    status: Cow<'a, str>,
    /// The value.
    value: Option<PlainValue>,
}

/// The value of an indicator.
#[derive(Deserialize)]
struct PlainValue {
    /// The number.
    value: f64,
    /// Whether it was fetched.
    success: bool,
}

/// `data.tidegate`.
#[derive(Deserialize)]
struct PlainAdditions<'a> {
    /// The version of the form.
    version: u32,
    /// How the evaluation ended.
    #[serde(borrow)]
    conclusion: Cow<'a, str>,
    /// One per objective.
    objectives: Vec<PlainObjective>,
}

/// One of the objectives in `data.tidegate`.
#[derive(Deserialize)]
struct PlainObjective {
    /// The indicator.
    sli: String,
    /// The policy that decided.
    #[serde(default)]
    policy: Option<PlainPolicy>,
}

/// The policy that decided.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainPolicy {
    /// What was done about an error.
    #[serde(default)]
    on_error: Option<String>,
    /// What was done about no data.
    #[serde(default)]
    on_no_data: Option<String>,
}

impl Plain<'_> {
    /// Reads an event of just this form; `None` for any other, which may be as good.
    fn read(event: &CloudEvent) -> Option<TrendPoint> {
        let plain: Plain<'_> = serde_json::from_str(event.data.json()).ok()?;
        let Plain {
            status,
            result,
            labels,
            evaluation,
            tidegate,
        } = plain;
        let results = evaluation.indicator_results;
        let is_known = status == "succeeded"
            && tidegate.conclusion == "scored"
            && tidegate.version == VERSION
            && tidegate.objectives.len() == results.len();
        if !is_known {
            return None;
        }
        let objectives = tidegate.objectives.into_iter().zip(results);
        let values = objectives.map(|(objective, result)| {
            let value = TrendValue {
                status: result.status.parse().ok()?,
                value: judged(result.value, objective.policy)?,
            };
            Some((objective.sli, value))
        });
        Some(TrendPoint {
            id: event.id.clone(),
            time: event.time,
            ending: Ending::Verdict(result.parse().ok()?),
            score: Some(evaluation.score),
            invalidated: None,
            values: values.collect::<Option<_>>()?,
            labels,
        })
    }
}

/// Returns the number that was judged, if there was one; `None` where the policy can't be read.
#[expect(
    clippy::option_option,
    reason = "no number is an answer; a policy that can't be read is none"
)]
fn judged(value: Option<PlainValue>, policy: Option<PlainPolicy>) -> Option<Option<f64>> {
    let action = policy.and_then(|policy| policy.on_error.or(policy.on_no_data));
    let action: Option<MissingValue> = action.map(|action| action.parse()).transpose().ok()?;
    let is_substituted = matches!(action, Some(MissingValue::Value(_)));
    let counts = |value: &PlainValue| value.success || is_substituted;
    Some(value.filter(counts).map(|value| value.value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::gate::event::finished_event;
    use crate::gate::{
        Baseline, Finite, IndicatorName, Objective, Outcome, Policies, ProjectName, Reading,
        Readings, Record, RecordIds, Series, ServiceName, Slo, SloFile, StageName, TotalScore,
        evaluate,
    };

    /// Returns the event of an evaluation of three objectives, one of them without a value.
    fn event(policy: MissingValue) -> CloudEvent {
        let name = |name: &str| IndicatorName::new(name).unwrap();
        let objectives = vec![
            Objective::new(name("a \"b\"")).pass(["<1"]).unwrap(),
            Objective::new(name("gone")).pass(["<1"]).unwrap(),
            Objective::new(name("info")),
        ];
        let slo = Slo::new(objectives, TotalScore::parse("90%", Some("50%")).unwrap()).unwrap();
        let policies = Policies {
            on_no_data: policy,
            on_error: policy,
        };
        let readings = Readings {
            policies: BTreeMap::from([(name("gone"), policies)]),
            ..Readings::new(vec![
                Reading::of(name("a \"b\""), 0.25),
                Reading::new(name("gone"), Outcome::NoData("nothing".to_owned())),
            ])
        };
        finished_event(&Record {
            ids: RecordIds {
                finished: "f".to_owned(),
                triggered: "t".to_owned(),
                context: "c".to_owned(),
            },
            time: "2024-02-01T10:05:01Z".parse().unwrap(),
            producer: "tidegate".to_owned(),
            series: Series {
                project: ProjectName::new("p").unwrap(),
                stage: StageName::new("s").unwrap(),
                service: ServiceName::new("v").unwrap(),
            },
            deployment: None,
            labels: BTreeMap::from([("build".to_owned(), "1\n2".to_owned())]),
            window: None,
            slo_file: SloFile {
                path: String::new(),
                content: String::new(),
            },
            evaluation: evaluate(&slo, &readings, &Baseline::default()),
            readings: readings.readings,
            warnings: Vec::new(),
        })
    }

    #[test]
    fn the_quick_way_reads_what_the_thorough_one_reads() {
        for policy in [
            MissingValue::Fail,
            MissingValue::Warning,
            MissingValue::Ignore,
            MissingValue::Value(Finite::new(0.5).unwrap()),
        ] {
            let event = event(policy);
            let quick = Plain::read(&event).unwrap();
            assert_eq!(Some(&quick), thorough(&event).as_ref(), "{policy}");
            assert_eq!(quick.values.len(), 3);
        }
    }

    #[test]
    fn what_has_another_form_is_read_the_thorough_way() {
        let inconclusive = event(MissingValue::Inconclusive);
        assert_eq!(Plain::read(&inconclusive), None);
        let point = trend_point(&inconclusive).unwrap();
        assert_eq!((point.ending, point.score), (Ending::Inconclusive, None));
        for (key, other) in [
            ("tidegate", json!({"version": 2})),
            ("tidegate", json!(null)),
            ("status", json!("errored")),
        ] {
            let mut event = event(MissingValue::Fail);
            event.data.set(key, other);
            assert_eq!(Plain::read(&event), None, "{key}");
            assert_eq!(trend_point(&event), thorough(&event), "{key}");
        }
    }
}
