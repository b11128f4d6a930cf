//! Properties of the rules, whatever the input.

use proptest::prelude::*;

use super::{
    AggregateFunction, Baseline, Comparison, Conclusion, Depth, FailureKind, FetchFailure,
    IncludedResults, IndicatorName, MissingValue, Objective, Outcome, PastEvaluation, PastValue,
    Policies, Reading, Readings, Retrieval, Slo, Status, TotalScore, Verdict, Weight, evaluate,
};

/// Makes names of which several are likely to be the same.
fn names() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(str::to_owned)
}

/// Makes texts of criteria that can be read.
fn criteria() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["<", "<=", "=", ">=", ">"]);
    let sign = prop::sample::select(vec!["", "+", "-"]);
    let number = prop_oneof![0.0..1000.0_f64, Just(0.0), Just(1e308), Just(1e-308)];
    let percent = prop::sample::select(vec!["", "%"]);
    (operator, sign, number, percent).prop_map(|(o, s, n, p)| format!("{o}{s}{n}{p}"))
}

/// Makes objectives of any kind.
fn objectives() -> impl Strategy<Value = Objective> {
    let sets = || prop::collection::vec(prop::collection::vec(criteria(), 1..3), 0..3);
    (names(), sets(), sets(), 0..5_i64, any::<bool>()).prop_map(
        |(name, pass, warning, weight, key)| {
            let mut objective = Objective::new(IndicatorName::new(name).unwrap());
            for set in &pass {
                objective = objective.pass(set.iter().map(String::as_str)).unwrap();
            }
            for set in &warning {
                objective = objective.warning(set.iter().map(String::as_str)).unwrap();
            }
            Objective {
                weight: Weight::new(weight).unwrap(),
                key,
                ..objective
            }
        },
    )
}

/// Makes SLOs without duplicate SLIs.
fn slos() -> impl Strategy<Value = Slo> {
    let score =
        (-10.0..110.0_f64, prop::option::of(-10.0..110.0_f64)).prop_map(|(pass, warning)| {
            let warning = warning.map(|warning| warning.to_string());
            TotalScore::parse(&pass.to_string(), warning.as_deref()).unwrap()
        });
    let aggregate = prop::sample::select(vec![
        AggregateFunction::Average,
        AggregateFunction::P50,
        AggregateFunction::P90,
        AggregateFunction::P95,
    ]);
    (prop::collection::vec(objectives(), 0..5), score, aggregate).prop_map(
        |(mut all, score, aggregate)| {
            all.sort_by(|a, b| a.indicator.cmp(&b.indicator));
            all.dedup_by(|a, b| a.indicator == b.indicator);
            let comparison = Comparison {
                depth: Depth::THREE,
                include: IncludedResults::All,
                aggregate,
            };
            let mut slo = Slo::new(all, score).unwrap();
            slo.comparison = comparison;
            slo
        },
    )
}

/// Makes any number at all.
fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        0.0..1000.0_f64,
        Just(f64::MAX),
        Just(-f64::MAX),
        Just(f64::NAN),
        Just(f64::INFINITY)
    ]
}

/// Makes readings of any outcome, under any policy.
fn readings() -> impl Strategy<Value = Readings> {
    let reading = (names(), numbers(), 0..4).prop_map(|(name, value, kind)| {
        let name = IndicatorName::new(name).unwrap();
        match kind {
            0 => Reading::new(name, Outcome::NoData("none".to_owned())),
            1 => {
                let failure = FetchFailure {
                    kind: FailureKind::Unavailable,
                    message: "down".to_owned(),
                };
                Reading::new(name, Outcome::Failed(failure))
            }
            _ => Reading::of(name, value),
        }
    });
    let missing = prop::sample::select(vec![
        MissingValue::Fail,
        MissingValue::Warning,
        MissingValue::Ignore,
        MissingValue::Inconclusive,
        "value: 3".parse().unwrap(),
    ]);
    let policies = (names(), missing.clone(), missing).prop_map(|(name, on_no_data, on_error)| {
        (
            IndicatorName::new(name).unwrap(),
            Policies {
                on_no_data,
                on_error,
            },
        )
    });
    let retrieval = prop::sample::select(vec![
        Retrieval::Succeeded,
        Retrieval::Failed("x".to_owned()),
        Retrieval::Errored("x".to_owned()),
        Retrieval::Aborted,
    ]);
    (
        prop::collection::vec(reading, 0..8),
        prop::collection::vec(policies, 0..4),
        retrieval,
    )
        .prop_map(|(readings, policies, retrieval)| Readings {
            readings,
            policies: policies.into_iter().collect(),
            retrieval,
        })
}

/// Makes baselines of finite numbers, as JSON can hold them.
fn baselines() -> impl Strategy<Value = Baseline> {
    let finite = numbers().prop_filter("JSON has finite numbers only", |number| number.is_finite());
    let value = (names(), finite, any::<bool>()).prop_map(|(metric, value, success)| PastValue {
        metric,
        value,
        success,
    });
    let past = prop::collection::vec(value, 0..6).prop_map(|values| PastEvaluation {
        values,
        ..PastEvaluation::default()
    });
    prop::collection::vec(past, 0..4).prop_map(Baseline::new)
}

proptest! {
    #[test]
    fn whatever_comes_in_numbers_that_go_out_are_finite(slo in slos(), readings in readings(), baseline in baselines()) {
        let evaluation = evaluate(&slo, &readings, &baseline);
        prop_assert!(evaluation.score.is_finite() && (0.0..=100.0).contains(&evaluation.score));
        for objective in evaluation.objectives() {
            let targets = objective.pass_targets.iter().chain(objective.warning_targets.iter().flatten());
            prop_assert!(targets.clone().all(|target| target.target_value.is_finite()));
            prop_assert!(objective.baseline.is_none_or(f64::is_finite));
            prop_assert!(objective.value.as_ref().is_none_or(|value| value.value.is_finite() && value.compared_value.is_finite()));
        }
    }

    #[test]
    fn the_order_of_objectives_changes_neither_score_nor_verdict(slo in slos(), readings in readings(), baseline in baselines()) {
        let forwards = evaluate(&slo, &readings, &baseline);
        let mut turned: Vec<Objective> = slo.objectives().to_vec();
        turned.reverse();
        let mut turned = Slo::new(turned, slo.total_score).unwrap();
        turned.comparison = slo.comparison;
        let backwards = evaluate(&turned, &readings, &baseline);
        prop_assert_eq!(forwards.verdict, backwards.verdict);
        prop_assert_eq!(forwards.score.to_bits(), backwards.score.to_bits());
        let mut results = backwards.objectives().to_vec();
        results.reverse();
        prop_assert_eq!(forwards.objectives(), results.as_slice());
    }

    #[test]
    fn a_better_value_never_worsens_an_objective_with_one_bound(
        bound in criteria().prop_filter("one bound", |c| !c.starts_with('=')),
        warning in 0.0..1000.0_f64,
        values in (numbers(), numbers()),
        past in prop::option::of(0.0..1000.0_f64),
    ) {
        prop_assume!(values.0.is_finite() && values.1.is_finite());
        let lower_is_better = bound.starts_with('<');
        let operator = if lower_is_better { "<=" } else { ">=" };
        let warning = format!("{operator}{warning}");
        let name = IndicatorName::new("a").unwrap();
        let objective = Objective::new(name.clone()).pass([bound.as_str()]).unwrap().warning([warning.as_str()]).unwrap();
        let slo = Slo::new(vec![objective], TotalScore::parse("90", Some("50")).unwrap()).unwrap();
        let value = |value| PastValue { metric: "a".to_owned(), value, success: true };
        let past = past.map(|past| PastEvaluation { values: vec![value(past)], ..PastEvaluation::default() });
        let baseline = Baseline::new(past.into_iter().collect());
        let (low, high) = (values.0.min(values.1), values.0.max(values.1));
        let (better, worse) = if lower_is_better { (low, high) } else { (high, low) };
        let verdict = |value| evaluate(&slo, &Readings::new(vec![Reading::of(name.clone(), value)]), &baseline).verdict;
        prop_assert!(verdict(better) <= verdict(worse));
    }

    #[test]
    fn without_a_value_nothing_passes_unless_a_policy_says_so(slo in slos(), baseline in baselines()) {
        let evaluation = evaluate(&slo, &Readings::default(), &baseline);
        prop_assert!(evaluation.objectives().iter().all(|o| matches!(o.status, Status::Fail | Status::Info)));
        let scored = slo.objectives().iter().any(|objective| !objective.is_informational());
        if scored && slo.total_score.pass() > 0.0 {
            prop_assert_ne!(evaluation.verdict, Verdict::Pass);
        }
    }
}

/// Makes an SLO of one objective `a < 5` that needs all points.
fn one_objective() -> Slo {
    let objective = Objective::new(IndicatorName::new("a").unwrap())
        .pass(["<5"])
        .unwrap();
    Slo::new(vec![objective], TotalScore::parse("100", None).unwrap()).unwrap()
}

/// Evaluates the one objective without a value, under a policy.
fn under(policy: MissingValue) -> super::Evaluation {
    let name = IndicatorName::new("a").unwrap();
    let policies = Policies {
        on_no_data: policy,
        on_error: MissingValue::Fail,
    };
    let readings = Readings {
        policies: [(name, policies)].into(),
        ..Readings::default()
    };
    evaluate(&one_objective(), &readings, &Baseline::default())
}

#[test]
fn ignoring_every_scored_objective_is_inconclusive_not_a_pass() {
    let evaluation = under(MissingValue::Ignore);
    assert!(matches!(evaluation.conclusion, Conclusion::Inconclusive(_)));
    assert_eq!(evaluation.verdict, Verdict::Fail);
}

#[test]
fn a_policy_that_puts_a_value_in_place_is_told() {
    let evaluation = under("value: 0".parse().unwrap());
    assert_eq!(evaluation.verdict, Verdict::Pass);
    assert_eq!(evaluation.decided_by_policy().count(), 1);
    assert_eq!(
        evaluation.message,
        "Without a value, decided by policy: 'a' (on_no_data: value: 0)"
    );
    let objective = &evaluation.objectives()[0];
    assert_eq!(objective.judged_value(), Some(0.0));
    assert!(
        !objective.value.as_ref().unwrap().success,
        "it must be nobody's baseline later"
    );
}

#[test]
fn an_slo_without_objectives_fails() {
    let slo = Slo::new(Vec::new(), TotalScore::parse("0", None).unwrap()).unwrap();
    let evaluation = evaluate(&slo, &Readings::default(), &Baseline::default());
    assert_eq!(
        (evaluation.verdict, evaluation.scored),
        (Verdict::Fail, Verdict::Pass)
    );
    assert_eq!(evaluation.objectives, None);
}

#[test]
fn every_key_objective_that_fails_is_named() {
    let objective = |name: &str| {
        let objective = Objective::new(IndicatorName::new(name).unwrap())
            .pass(["<5"])
            .unwrap();
        Objective {
            key: true,
            ..objective
        }
    };
    let slo = Slo::new(
        vec![objective("a"), objective("b")],
        TotalScore::parse("0", None).unwrap(),
    )
    .unwrap();
    let readings = Readings::new(vec![Reading::of(IndicatorName::new("a").unwrap(), 7.0)]);
    let evaluation = evaluate(&slo, &readings, &Baseline::default());
    assert_eq!(
        evaluation.message,
        "Evaluation failed due to key_sli objectives 'a': 7 violates <5; 'b': no value received from SLI provider"
    );
}
