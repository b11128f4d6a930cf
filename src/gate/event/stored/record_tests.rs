//! Records of every shape go out as events and come back.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::decode_record;
use crate::gate::event::{CloudEvent, finished_event, triggered_event};
use crate::gate::*;

/// Makes texts that are hard to keep.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[\u{0}-\u{20}\"\\\\`é😀]{0,6}",
        Just(String::new())
    ]
}

/// Makes names: without control characters.
fn names() -> impl Strategy<Value = IndicatorName> {
    prop_oneof!["[a-c]", "[^\\p{Cc}]{1,8}"].prop_map(|name| IndicatorName::new(name).unwrap())
}

/// Makes any number that JSON can hold.
fn numbers() -> impl Strategy<Value = f64> {
    let edges = vec![
        0.0,
        -0.0,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        9_007_199_254_740_993.0,
    ];
    prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        0.0..1000.0_f64,
        prop::sample::select(edges),
    ]
}

/// Makes any instant.
fn instants() -> impl Strategy<Value = Timestamp> {
    let all = Timestamp::MIN.as_second()..Timestamp::MAX.as_second();
    prop_oneof![all, 1_600_000_000..1_800_000_000_i64]
        .prop_flat_map(|second| (Just(second), 0..1_000_000_000))
        .prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap())
}

/// Makes windows, and none.
fn windows() -> impl Strategy<Value = Option<TimeWindow>> {
    let window = (instants(), instants(), any::<bool>()).prop_map(|(one, other, is_round)| {
        let round = |time: Timestamp| {
            if is_round {
                Timestamp::from_second(time.as_second()).unwrap()
            } else {
                time
            }
        };
        TimeWindow::new(round(one.min(other)), round(one.max(other))).ok()
    });
    prop_oneof![4 => window, 1 => Just(None)]
}

/// Makes policies.
fn policies() -> impl Strategy<Value = AppliedPolicy> {
    let fixed = prop::sample::select(vec![
        MissingValue::Fail,
        MissingValue::Warning,
        MissingValue::Ignore,
        MissingValue::Inconclusive,
        MissingValue::Error,
    ]);
    let value = numbers().prop_map(|value| MissingValue::Value(Finite::new(value).unwrap()));
    (prop_oneof![fixed, value], texts(), any::<bool>()).prop_map(|(action, reason, failed)| {
        AppliedPolicy {
            action,
            reason,
            failed,
        }
    })
}

/// Makes lists of criteria.
fn targets() -> impl Strategy<Value = Vec<TargetResult>> {
    let target =
        (texts(), numbers(), any::<bool>()).prop_map(|(criteria, target_value, violated)| {
            TargetResult {
                criteria,
                target_value,
                violated,
            }
        });
    prop::collection::vec(target, 0..4)
}

/// Makes results of objectives, informational ones, key ones, and ones without a value among them.
fn objectives() -> impl Strategy<Value = ObjectiveResult> {
    let statuses = vec![Status::Info, Status::Pass, Status::Warning, Status::Fail];
    let value = (numbers(), numbers(), any::<bool>(), texts()).prop_map(
        |(value, compared_value, success, message)| IndicatorValue {
            value,
            compared_value,
            success,
            message,
        },
    );
    let shown = (names(), texts(), prop::option::of(texts()), any::<bool>());
    let judged = (
        prop::sample::select(statuses),
        prop::option::of(value),
        targets(),
        prop::option::of(targets()),
        prop::option::of(policies()),
    );
    let points = (
        numbers(),
        prop::option::of(numbers()),
        prop::option::of(numbers()),
    );
    (shown, judged, points).prop_map(|(shown, judged, points)| {
        let (indicator, display_name, unit, key) = shown;
        let (status, value, pass_targets, warning_targets, policy) = judged;
        let (score, maximum, baseline) = points;
        ObjectiveResult {
            indicator,
            display_name,
            status,
            score,
            maximum,
            key,
            value,
            pass_targets,
            warning_targets,
            baseline,
            policy,
            unit,
        }
    })
}

/// Makes readings of every outcome, of SLIs with and without an objective.
fn readings() -> impl Strategy<Value = Reading> {
    let kinds = prop::sample::select(vec![
        FailureKind::NotAuthorised,
        FailureKind::Unavailable,
        FailureKind::Throttled,
        FailureKind::BadAnswer,
        FailureKind::BadQuery,
        FailureKind::Reported,
    ]);
    let outcome = prop_oneof![
        numbers().prop_map(|value| Outcome::Value(Finite::new(value).unwrap())),
        texts().prop_map(Outcome::NoData),
        (kinds, texts())
            .prop_map(|(kind, message)| Outcome::Failed(FetchFailure { kind, message })),
    ];
    let reported = (numbers(), numbers()).prop_map(|(value, compared_value)| Reported {
        value,
        compared_value,
    });
    let words = prop::collection::vec(prop::option::of(texts()), 5);
    let counts = (
        any::<u32>(),
        prop::option::of(any::<u64>()),
        prop::option::of((0..1_000_000_000_000_000_u64).prop_map(Duration::from_nanos)),
    );
    let warnings = prop::collection::vec(texts(), 0..3);
    (
        names(),
        outcome,
        prop::option::of(reported),
        words,
        counts,
        warnings,
    )
        .prop_map(
            |(indicator, outcome, reported, mut words, (attempts, samples, elapsed), warnings)| {
                Reading {
                    indicator,
                    outcome,
                    reported,
                    provider: words.pop().unwrap(),
                    query: words.pop().unwrap(),
                    endpoint: words.pop().unwrap(),
                    samples,
                    reduced: words.pop().unwrap(),
                    unit: words.pop().unwrap(),
                    warnings,
                    attempts,
                    elapsed,
                }
            },
        )
}

/// Makes verdicts.
fn verdicts() -> impl Strategy<Value = Verdict> {
    prop::sample::select(vec![Verdict::Pass, Verdict::Warning, Verdict::Fail])
}

/// Makes the history of an evaluation.
fn histories() -> impl Strategy<Value = (Vec<Compared>, Vec<LeftOut>, Option<Comparison>)> {
    let compared = (
        texts(),
        prop::option::of(instants()),
        prop::option::of(verdicts()),
    )
        .prop_map(|(id, time, result)| Compared { id, time, result });
    let left_out = (texts(), texts()).prop_map(|(id, reason)| LeftOut { id, reason });
    let include = prop::sample::select(IncludedResults::NAMES.to_vec());
    let aggregate = prop::sample::select(AggregateFunction::NAMES.to_vec());
    let comparison =
        (1..=100_i64, include, aggregate).prop_map(|(depth, include, aggregate)| Comparison {
            depth: Depth::new(depth).unwrap(),
            include: include.parse().unwrap(),
            aggregate: aggregate.parse().unwrap(),
        });
    (
        prop::collection::vec(compared, 0..4),
        prop::collection::vec(left_out, 0..3),
        prop::option::of(comparison),
    )
}

/// Makes whatever can choose a baseline.
fn references() -> impl Strategy<Value = Reference> {
    prop_oneof![
        Just(Reference::Newest),
        prop::collection::btree_map(texts(), texts(), 0..3).prop_map(Reference::Labelled),
        (texts(), texts())
            .prop_map(|(evaluation, reason)| Reference::Pinned { evaluation, reason }),
        texts().prop_map(Reference::Evaluation),
        texts().prop_map(Reference::File),
    ]
}

/// Makes evaluations of every conclusion.
fn evaluations() -> impl Strategy<Value = Evaluation> {
    let conclusions = prop_oneof![
        Just(Conclusion::Scored),
        texts().prop_map(Conclusion::Inconclusive),
        Just(Conclusion::RetrievalErrored),
        "[a-z]{1,5}".prop_map(Conclusion::NotSucceeded),
    ];
    let total_score = (numbers(), prop::option::of(numbers())).prop_map(|(pass, warning)| {
        TotalScore::new(Finite::new(pass).unwrap(), warning.and_then(Finite::new))
    });
    (
        (verdicts(), verdicts(), conclusions, texts()),
        (numbers(), numbers(), prop::option::of(numbers())),
        prop::option::of(prop::collection::vec(objectives(), 0..4)),
        prop::option::of(total_score),
        histories(),
        (references(), 0..9_usize),
        prop::collection::vec(texts(), 0..3),
    )
        .prop_map(
            |(words, numbers, objectives, total_score, history, choice, unused)| {
                let (reference, left_out_more) = choice;
                let (verdict, scored, conclusion, message) = words;
                let (score, points, maximum) = numbers;
                let (compared, left_out, comparison) = history;
                Evaluation {
                    verdict,
                    scored,
                    conclusion,
                    score,
                    points,
                    maximum,
                    objectives,
                    total_score,
                    comparison,
                    message,
                    compared,
                    left_out,
                    left_out_more,
                    reference,
                    unused,
                }
            },
        )
}

/// Makes whole records.
fn records() -> impl Strategy<Value = Record> {
    let words = prop::collection::vec(texts(), 6);
    let series = (names(), names(), names()).prop_map(|(project, stage, service)| Series {
        project: ProjectName::new(project.as_str()).unwrap(),
        stage: StageName::new(stage.as_str()).unwrap(),
        service: ServiceName::new(service.as_str()).unwrap(),
    });
    let labels = prop::collection::btree_map(texts(), texts(), 0..3);
    let warnings = prop::collection::vec(texts(), 0..3);
    (
        (words, series, prop::option::of(texts()), labels),
        (instants(), windows()),
        evaluations(),
        prop::collection::vec(readings(), 0..5),
        warnings,
    )
        .prop_map(|(names, (time, window), evaluation, readings, warnings)| {
            let (mut words, series, deployment, labels) = names;
            let mut word = || words.pop().unwrap();
            Record {
                ids: RecordIds {
                    finished: word(),
                    triggered: word(),
                    context: word(),
                },
                time,
                producer: word(),
                series,
                deployment,
                labels,
                window,
                slo_file: SloFile {
                    path: word(),
                    content: word(),
                },
                evaluation,
                readings,
                warnings,
            }
        })
}

/// Sends an event through its text, as a log does.
fn through_text(event: &CloudEvent) -> CloudEvent {
    serde_json::from_str(&serde_json::to_string(event).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn every_record_comes_back_to_the_last_bit(record in records()) {
        let finished = through_text(&finished_event(&record));
        let triggered = through_text(&triggered_event(&record));
        let back = decode_record(&finished, Some(&triggered)).unwrap();
        // The text of floats tells 0 from -0, which are equal.
        prop_assert_eq!(format!("{back:?}"), format!("{record:?}"));
        prop_assert_eq!(decode_record(&finished, None), Ok(back));
    }
}
