//! What Keptn's event does not say, and what it says all the same, because its arithmetic is known (lighthouse.md 4, 5.1).

use crate::gate::evaluation::Compared;
use crate::gate::judge::{IndicatorValue, ObjectiveResult};
use crate::gate::verdict::Status;

/// Returns the points that one objective could earn: a pass earns all of them, a warning half. A failure does not tell.
pub(super) fn maximum(status: Status, score: f64) -> Option<f64> {
    match status {
        Status::Info => Some(0.0),
        Status::Pass => Some(score),
        Status::Warning => Some(2.0 * score).filter(|maximum| maximum.is_finite()),
        Status::Fail => None,
    }
}

/// Returns the baseline, where it is sure that there was one. Keptn writes 0 both for a baseline of 0 and for none.
pub(super) fn baseline(
    status: Status,
    value: Option<&IndicatorValue>,
    compared: &[Compared],
) -> Option<f64> {
    let is_judged = status != Status::Info && !compared.is_empty();
    let value = value.filter(|value| value.success && is_judged)?;
    Some(value.compared_value).filter(|baseline| *baseline != 0.0)
}

/// Returns the points that all objectives together could earn: their sum, or what the score says of the points. A
/// single objective that does not tell could earn the rest.
pub(super) fn total(objectives: &mut [ObjectiveResult], points: f64, score: f64) -> Option<f64> {
    let known = objectives
        .iter()
        .filter_map(|objective| objective.maximum)
        .fold(0.0, |sum, maximum| sum + maximum);
    let mut untold: Vec<&mut Option<f64>> = objectives
        .iter_mut()
        .map(|objective| &mut objective.maximum)
        .filter(|maximum| maximum.is_none())
        .collect();
    if untold.is_empty() {
        return Some(known).filter(|total| total.is_finite());
    }
    // Weights are whole numbers from 1 on, so their sum is one, too.
    let total = (100.0 * points / score).round();
    let is_plausible = points > 0.0 && score > 0.0 && total.is_finite() && total >= known + 1.0;
    if let (true, [only]) = (is_plausible, untold.as_mut_slice()) {
        **only = Some(total - known);
    }
    is_plausible.then_some(total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gate::event::stored::decode_record;
    use crate::gate::event::stored::keptn_tests::{event, keptn};
    use crate::gate::event::{finished_event, triggered_event};
    use crate::gate::{
        Baseline, Evaluation, IndicatorName, Objective, Outcome, PastEvaluation, PastValue,
        Reading, Readings, Slo, TotalScore, Weight, evaluate,
    };

    fn result(status: Status, score: f64) -> ObjectiveResult {
        ObjectiveResult {
            indicator: IndicatorName::new("a").unwrap(),
            display_name: String::new(),
            status,
            score,
            maximum: maximum(status, score),
            key: false,
            value: None,
            pass_targets: Vec::new(),
            warning_targets: None,
            baseline: None,
            policy: None,
            unit: None,
        }
    }

    #[test]
    fn the_points_of_one_failure_are_the_rest() {
        let mut objectives = [
            result(Status::Pass, 2.0),
            result(Status::Warning, 0.5),
            result(Status::Info, 0.0),
            result(Status::Fail, 0.0),
        ];
        let score = 100.0 * (2.5 / 7.0);
        assert_eq!(total(&mut objectives, 2.5, score), Some(7.0));
        assert_eq!(objectives[3].maximum, Some(4.0));
    }

    #[test]
    fn where_nothing_was_earned_the_points_are_unknown() {
        let mut objectives = [result(Status::Fail, 0.0)];
        assert_eq!(total(&mut objectives, 0.0, 0.0), None);
        assert_eq!(objectives[0].maximum, None);
        let mut several = [
            result(Status::Pass, 1.0),
            result(Status::Fail, 0.0),
            result(Status::Fail, 0.0),
        ];
        assert_eq!(total(&mut several, 1.0, 25.0), Some(4.0));
        assert_eq!(several[1].maximum, None);
    }

    #[test]
    fn without_failures_the_points_are_the_sum() {
        let mut objectives = [result(Status::Pass, 2.0), result(Status::Warning, 0.5)];
        assert_eq!(total(&mut objectives, 2.5, 83.3), Some(3.0));
        assert_eq!(total(&mut [], 0.0, 0.0), Some(0.0));
    }

    /// Makes evaluations that were judged by the rules, with what they were judged by.
    fn judged() -> impl Strategy<Value = (Slo, Evaluation)> {
        let objective = (1..9_i64, 0..4_u8, 0..1000_u32, any::<bool>());
        prop::collection::vec(objective, 1..6).prop_map(|all| {
            let name = |at: usize| IndicatorName::new(format!("sli-{at}")).unwrap();
            let objectives = all.iter().enumerate().map(|(at, (weight, kind, _, key))| {
                let objective = Objective::new(name(at));
                let objective = match kind {
                    0 => objective,
                    1 => objective.pass(["<500"]).unwrap(),
                    _ => objective
                        .pass(["<=+10%", "<500"])
                        .unwrap()
                        .warning(["<800"])
                        .unwrap(),
                };
                Objective {
                    weight: Weight::new(*weight).unwrap(),
                    key: *key,
                    ..objective
                }
            });
            let score = TotalScore::parse("90%", Some("50%")).unwrap();
            let slo = Slo::new(objectives.collect(), score).unwrap();
            let readings = all
                .iter()
                .enumerate()
                .map(|(at, (_, kind, value, _))| match kind {
                    3 => Reading::new(name(at), Outcome::NoData("none".to_owned())),
                    _ => Reading::of(name(at), f64::from(*value)),
                });
            let readings = Readings::new(readings.collect());
            let past = PastValue {
                metric: "sli-0".to_owned(),
                value: 450.0,
                success: true,
            };
            let baseline = Baseline::new(vec![PastEvaluation {
                values: vec![past],
                ..PastEvaluation::default()
            }]);
            let evaluation = evaluate(&slo, &readings, &baseline);
            (slo, evaluation)
        })
    }

    proptest! {
        #[test]
        fn keptns_part_of_an_event_and_the_slo_are_enough_for_every_point((slo, evaluation) in judged()) {
            let mut record = decode_record(&event(&keptn()), None).unwrap();
            record.evaluation = evaluation.clone();
            let mut finished = finished_event(&record);
            let mut data = finished.data.value();
            data.as_object_mut().unwrap().remove("tidegate");
            finished.data = data.into();
            let mut back = decode_record(&finished, Some(&triggered_event(&record))).unwrap();
            let maxima = |evaluation: &Evaluation| -> Vec<Option<f64>> {
                evaluation.objectives().iter().map(|objective| objective.maximum).collect()
            };
            let derived = maxima(&back.evaluation).into_iter().zip(maxima(&evaluation));
            for (derived, known) in derived.clone() {
                prop_assert!(derived.is_none() || derived == known, "{:?}", derived);
            }
            prop_assert!(back.evaluation.maximum.is_none() || back.evaluation.maximum == evaluation.maximum);
            back.learn_from(&slo);
            prop_assert_eq!(maxima(&back.evaluation), maxima(&evaluation));
            prop_assert_eq!(back.evaluation.maximum, evaluation.maximum);
            prop_assert_eq!(back.evaluation.points.to_bits(), evaluation.points.to_bits());
            prop_assert_eq!(back.evaluation.score.to_bits(), evaluation.score.to_bits());
            prop_assert_eq!(back.evaluation.verdict, evaluation.verdict);
            prop_assert_eq!(back.evaluation.total_score, evaluation.total_score);
            prop_assert_eq!(back.evaluation.message, evaluation.message);
        }
    }
}
