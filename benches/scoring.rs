//! Scoring alone: 1,000 objectives, each compared with 100 earlier runs. Target: below 5 ms.
#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise, and criterion's macros write items without docs"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tidegate::gate::{
    AggregateFunction, Baseline, Comparison, Depth, IncludedResults, IndicatorName, Objective,
    PastEvaluation, PastValue, Reading, Readings, Slo, TotalScore, Verdict, evaluate,
};

/// How many objectives there are.
const OBJECTIVES: u32 = 1000;
/// How many earlier runs there are.
const RUNS: u32 = 100;

/// Returns the name of an indicator.
fn name(number: u32) -> String {
    format!("response_time_of_step_{number}")
}

/// Returns a value that differs from run to run and from indicator to indicator.
fn value(indicator: u32, run: u32) -> f64 {
    f64::from((indicator * 7919 + run * 104_729) % 1000) + 1.0
}

/// Makes an SLO in which every objective has absolute and relative criteria.
fn slo(aggregate: AggregateFunction) -> Slo {
    let objective = |number| {
        let indicator = IndicatorName::new(name(number)).expect("a name");
        let objective = Objective::new(indicator).pass(["<=+10%", "<900"]);
        let objective = objective.and_then(|objective| objective.warning(["<=+50%", "<950"]));
        objective.expect("criteria")
    };
    let total = TotalScore::parse("90%", Some("75%")).expect("percentages");
    let mut slo = Slo::new((0..OBJECTIVES).map(objective).collect(), total).expect("no duplicates");
    slo.comparison = Comparison {
        depth: Depth::new(i64::from(RUNS)).expect("at most 100"),
        include: IncludedResults::All,
        aggregate,
    };
    slo
}

/// Makes the readings of this run.
fn readings() -> Readings {
    let reading = |number| {
        let indicator = IndicatorName::new(name(number)).expect("a name");
        Reading::of(indicator, value(number, RUNS))
    };
    Readings::new((0..OBJECTIVES).map(reading).collect())
}

/// Makes the earlier runs.
fn baseline() -> Baseline {
    let past_value = |run| {
        move |number| PastValue {
            metric: name(number),
            value: value(number, run),
            success: true,
        }
    };
    let past = |run: u32| PastEvaluation {
        id: run.to_string(),
        time: None,
        result: Some(Verdict::Pass),
        values: (0..OBJECTIVES).map(past_value(run)).collect(),
    };
    Baseline::new((0..RUNS).map(past).collect())
}

/// Measures one evaluation, for the mean and for a percentile, which has to sort.
fn scoring(criterion: &mut Criterion) {
    let (readings, baseline) = (readings(), baseline());
    for (label, aggregate) in [
        ("avg", AggregateFunction::Average),
        ("p90", AggregateFunction::P90),
    ] {
        let slo = slo(aggregate);
        let evaluation = evaluate(&slo, &readings, &baseline);
        assert_eq!(evaluation.compared.len(), RUNS as usize);
        criterion.bench_function(
            &format!("score 1000 objectives with 100 earlier runs, {label}"),
            |bencher| {
                bencher
                    .iter(|| evaluate(black_box(&slo), black_box(&readings), black_box(&baseline)));
            },
        );
    }
}

criterion_group!(benches, scoring);
criterion_main!(benches);
