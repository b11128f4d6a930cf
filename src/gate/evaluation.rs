//! The whole: objectives, points, verdict (lighthouse.md 5). Pure and total: it cannot fail.

use std::collections::HashMap;

use jiff::Timestamp;

use super::baseline::{Baseline, LeftOut, PastEvaluation, WithoutBaseline};
use super::comparison::Comparison;
use super::judge::{ObjectiveResult, judge};
use super::number::message_number;
use super::policy::MissingValue;
use super::reading::{Reading, Readings, Retrieval};
use super::reference::Reference;
use super::sentence::{by_policy, key_failures, left_over};
use super::slo::{Slo, TotalScore};
use super::verdict::Verdict;

/// What an evaluation came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What the gate says (Keptn: `data.result`).
    pub verdict: Verdict,
    /// What the score alone says (Keptn: `data.evaluation.result`). It differs where the retrieval failed.
    pub scored: Verdict,
    /// How far the verdict can be trusted.
    pub conclusion: Conclusion,
    /// Per cent of the points, 0 to 100.
    pub score: f64,
    /// The points earned.
    pub points: f64,
    /// The points that could be earned. `None` where another program stored the evaluation and its event does not tell.
    pub maximum: Option<f64>,
    /// Each objective, in the order of the SLO; `None` where nothing was evaluated.
    pub objectives: Option<Vec<ObjectiveResult>>,
    /// The scores that were needed; `None` where only the SLO of a stored evaluation tells.
    pub total_score: Option<TotalScore>,
    /// How earlier evaluations were chosen; `None` where only the SLO of a stored evaluation tells.
    pub comparison: Option<Comparison>,
    /// Why, in one sentence; empty where there is nothing to say.
    pub message: String,
    /// The evaluations that were compared with, newest first.
    pub compared: Vec<Compared>,
    /// Evaluations that were found, and can't be compared with.
    pub left_out: Vec<LeftOut>,
    /// How many more there were of those.
    pub left_out_more: usize,
    /// What chose the evaluations that were compared with.
    pub reference: Reference,
    /// Values that no objective asks for.
    pub unused: Vec<String>,
}

/// An earlier evaluation that was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The id of its `.finished` event.
    pub id: String,
    /// When it was stored.
    pub time: Option<Timestamp>,
    /// Its result.
    pub result: Option<Verdict>,
}

impl Compared {
    /// Takes what a report says of an earlier evaluation.
    fn of(past: &PastEvaluation) -> Self {
        Self {
            id: past.id.clone(),
            time: past.time,
            result: past.result,
        }
    }
}

/// How an evaluation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The objectives were scored.
    Scored,
    /// The data allow no verdict, under a policy that says so. Stored as errored and failed.
    Inconclusive(String),
    /// The values were handed over with the word that fetching them failed. Stored as errored and failed.
    RetrievalErrored,
    /// Another program stored it with this status instead of `succeeded`: `errored`, `aborted`, `unknown`.
    NotSucceeded(String),
}

impl Evaluation {
    /// Returns the evaluation without a verdict, for a reason that lies outside the data.
    #[must_use]
    pub fn inconclusive(self, reason: String) -> Self {
        Self {
            verdict: Verdict::Fail,
            scored: Verdict::Fail,
            message: format!("Evaluation is inconclusive: {reason}"),
            conclusion: Conclusion::Inconclusive(reason),
            ..self
        }
    }

    /// Returns the score, 0 to 100; `None` where nothing was scored.
    #[must_use]
    pub fn known_score(&self) -> Option<f64> {
        match self.conclusion {
            Conclusion::Scored => Some(self.score),
            Conclusion::Inconclusive(_)
            | Conclusion::RetrievalErrored
            | Conclusion::NotSucceeded(_) => None,
        }
    }

    /// Returns the objectives, none where nothing was evaluated.
    #[must_use]
    pub fn objectives(&self) -> &[ObjectiveResult] {
        self.objectives.as_deref().unwrap_or_default()
    }

    /// Returns the objectives that a policy decided, because they had no value.
    pub fn decided_by_policy(&self) -> impl Iterator<Item = &ObjectiveResult> {
        let by_policy = |objective: &&ObjectiveResult| {
            objective
                .policy
                .as_ref()
                .is_some_and(|policy| policy.action != MissingValue::Fail)
        };
        self.objectives().iter().filter(by_policy)
    }
}

/// Evaluates readings against an SLO and a baseline.
///
/// ```
/// use tidegate::gate::*;
/// let name = IndicatorName::new("error_rate").unwrap();
/// let objective = Objective::new(name.clone()).pass(["<1"]).unwrap();
/// let slo = Slo::new(vec![objective], TotalScore::parse("90%", Some("75%")).unwrap()).unwrap();
/// let readings = Readings::new(vec![Reading::of(name, 0.2)]);
/// let evaluation = evaluate(&slo, &readings, &Baseline::default());
/// assert_eq!(evaluation.verdict, Verdict::Pass);
/// assert_eq!(evaluation.score, 100.0);
/// ```
#[must_use]
pub fn evaluate(slo: &Slo, readings: &Readings, baseline: &Baseline) -> Evaluation {
    match &readings.retrieval {
        Retrieval::Errored(reason) => not_evaluated(
            slo,
            format!("Nothing was evaluated: fetching the SLIs ended in an error: {reason}"),
        ),
        Retrieval::Aborted => not_evaluated(
            slo,
            "Nothing was evaluated: fetching the SLIs was aborted".to_owned(),
        ),
        Retrieval::Succeeded | Retrieval::Failed(_) => {
            let judged = judge_all(slo, readings, baseline);
            let unused = unused(slo, readings);
            let scored = Score::of(slo, &judged);
            conclude(
                slo,
                baseline,
                Judged {
                    objectives: judged,
                    unused,
                    score: scored,
                },
                readings,
            )
        }
    }
}

/// Judges every objective.
fn judge_all(slo: &Slo, readings: &Readings, baseline: &Baseline) -> Vec<ObjectiveResult> {
    let mut first: HashMap<&str, &Reading> = HashMap::with_capacity(readings.readings.len());
    for reading in &readings.readings {
        first.entry(reading.indicator.as_str()).or_insert(reading);
    }
    let aggregates = baseline.aggregates(slo);
    let objectives = slo.objectives().iter().zip(aggregates);
    objectives
        .map(|(objective, value)| {
            let reading = first.get(objective.indicator.as_str()).copied();
            let policies = readings
                .policies
                .get(&objective.indicator)
                .copied()
                .unwrap_or_default();
            judge(objective, reading, value, baseline.without(), policies)
        })
        .collect()
}

/// Returns the names of readings that no objective takes: those of other SLIs, and second ones of the same.
fn unused(slo: &Slo, readings: &Readings) -> Vec<String> {
    let mut wanted: HashMap<&str, bool> = slo
        .objectives()
        .iter()
        .map(|o| (o.indicator.as_str(), true))
        .collect();
    let names = readings
        .readings
        .iter()
        .map(|reading| reading.indicator.as_str());
    names
        .filter(|name| wanted.insert(name, false) != Some(true))
        .map(str::to_owned)
        .collect()
}

/// Points, and what they come to.
struct Score {
    /// Earned.
    points: f64,
    /// To be earned.
    maximum: f64,
    /// Per cent.
    percent: f64,
}

impl Score {
    /// Adds up the points. Divided first, multiplied then, and never rounded: Keptn's arithmetic to the last bit.
    fn of(slo: &Slo, objectives: &[ObjectiveResult]) -> Self {
        let points = objectives
            .iter()
            .fold(0.0, |sum, objective| sum + objective.score);
        let maximum = if slo.objectives().is_empty() {
            100.0
        } else {
            objectives.iter().fold(0.0, |sum, objective| {
                sum + objective.maximum.unwrap_or_default()
            })
        };
        let percent = if maximum == 0.0 {
            100.0
        } else {
            100.0 * (points / maximum)
        };
        Self {
            points,
            maximum,
            percent,
        }
    }
}

/// Everything that was judged.
struct Judged {
    /// The objectives.
    objectives: Vec<ObjectiveResult>,
    /// Readings that were not needed.
    unused: Vec<String>,
    /// The points.
    score: Score,
}

/// Turns points into a verdict and a sentence.
fn conclude(slo: &Slo, baseline: &Baseline, judged: Judged, readings: &Readings) -> Evaluation {
    let Judged {
        objectives,
        unused,
        score,
    } = judged;
    let (scored, reason) = by_score(slo, &objectives, &score);
    let mut evaluation = Evaluation {
        verdict: scored,
        scored,
        conclusion: Conclusion::Scored,
        score: score.percent,
        points: score.points,
        maximum: Some(score.maximum),
        message: reason.or_else(|| left_over(&unused)).unwrap_or_default(),
        objectives: Some(objectives).filter(|objectives| !objectives.is_empty()),
        total_score: Some(slo.total_score),
        comparison: Some(slo.comparison),
        compared: baseline.compared().iter().map(Compared::of).collect(),
        left_out: baseline.left_out().to_vec(),
        left_out_more: baseline.left_out_more(),
        reference: baseline.reference().clone(),
        unused,
    };
    let undecided = match baseline.without() {
        WithoutBaseline::Met => None,
        WithoutBaseline::Undecided => lacking_baseline(&evaluation),
    };
    if let Some(reason) = inconclusive(slo, &evaluation).or(undecided) {
        evaluation = evaluation.inconclusive(reason);
    } else if slo.objectives().is_empty() {
        evaluation.verdict = Verdict::Fail;
        evaluation.message = String::from("Evaluation failed because the SLO has no objectives");
    } else if let Retrieval::Failed(message) = &readings.retrieval {
        evaluation.verdict = Verdict::Fail;
        evaluation.message =
            format!("Evaluation failed because fetching the SLIs failed: {message}");
    }
    if let Some(sentence) = by_policy(&evaluation) {
        let gap = if evaluation.message.is_empty() {
            ""
        } else {
            ". "
        };
        evaluation.message = format!("{}{gap}{sentence}", evaluation.message);
    }
    evaluation
}

/// Decides by the score and the key objectives (lighthouse.md 5.3); the sentence is `None` on a pass.
fn by_score(slo: &Slo, objectives: &[ObjectiveResult], score: &Score) -> (Verdict, Option<String>) {
    let percent = message_number(score.percent);
    let needed = slo.total_score;
    if score.maximum == 0.0 {
        return (Verdict::Pass, None);
    }
    if let Some(message) = key_failures(objectives) {
        return (Verdict::Fail, Some(message));
    }
    if score.percent >= needed.pass() {
        return (Verdict::Pass, None);
    }
    match needed.warning() {
        Some(warning) if score.percent >= warning => {
            let warning = message_number(warning);
            let text = format!(
                "Evaluation returned a warning: the calculated score of {percent} is close to the \
                 warning target value of {warning}"
            );
            (Verdict::Warning, Some(text))
        }
        limit => {
            let (kind, limit) = match limit {
                Some(warning) => ("warning", warning),
                None => ("target", needed.pass()),
            };
            let limit = message_number(limit);
            let text = format!(
                "Evaluation failed since the calculated score of {percent} is below the {kind} value of {limit}"
            );
            (Verdict::Fail, Some(text))
        }
    }
}

/// Returns why there can be no verdict, under a policy that says so.
fn inconclusive(slo: &Slo, evaluation: &Evaluation) -> Option<String> {
    let objectives = evaluation.objectives();
    let undecided = objectives.iter().find_map(|objective| {
        let policy = objective.policy.as_ref()?;
        let undecidable = matches!(
            policy.action,
            MissingValue::Inconclusive | MissingValue::Error
        );
        undecidable.then(|| {
            format!(
                "'{}' has no value: {}",
                objective.shown_name(),
                policy.reason
            )
        })
    });
    let nothing_left =
        evaluation.maximum == Some(0.0) && slo.objectives().iter().any(|o| !o.is_informational());
    undecided.or_else(|| {
        nothing_left.then(|| "every scored objective is ignored for lack of a value".to_owned())
    })
}

/// Returns which objectives can't be decided because no earlier evaluation has a value for them.
fn lacking_baseline(evaluation: &Evaluation) -> Option<String> {
    let objectives = evaluation.objectives().iter();
    let names: Vec<String> = objectives
        .filter(|objective| objective.lacks_baseline())
        .map(|objective| format!("'{}'", objective.shown_name()))
        .collect();
    (!names.is_empty()).then(|| format!("there is no baseline for {}", names.join(", ")))
}

/// The evaluation of values that were handed over as failed: nothing is judged (lighthouse.md 9).
fn not_evaluated(slo: &Slo, message: String) -> Evaluation {
    Evaluation {
        verdict: Verdict::Fail,
        scored: Verdict::Pass,
        conclusion: Conclusion::RetrievalErrored,
        score: 0.0,
        points: 0.0,
        maximum: Some(0.0),
        objectives: None,
        total_score: Some(slo.total_score),
        comparison: Some(slo.comparison),
        message,
        compared: Vec::new(),
        left_out: Vec::new(),
        left_out_more: 0,
        reference: Reference::default(),
        unused: Vec::new(),
    }
}
