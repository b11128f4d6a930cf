//! The text format of `OpenMetrics`, which Prometheus reads as well: the score, the result, and what each objective came
//! to. Labels are few and the same from run to run, so that GitLab can compare a branch with another.

use std::collections::BTreeSet;

use super::account::{Account, Unjudged};
use super::change::{rounded, score};
use super::text::{block, printable};
use crate::gate::{Conclusion, Ending, ObjectiveResult, Series, Status, Verdict};

/// How many digits are told.
const DIGITS: usize = 10;
/// Every way in which an evaluation ends.
const ENDINGS: [Ending; 4] = [
    Ending::Verdict(Verdict::Pass),
    Ending::Verdict(Verdict::Warning),
    Ending::Verdict(Verdict::Fail),
    Ending::Inconclusive,
];

/// One metric: its name, its help, and its samples.
struct Metric {
    /// What follows `tidegate_`.
    name: &'static str,
    /// What it means.
    help: &'static str,
    /// Labels and number of each sample.
    samples: Vec<(String, String)>,
}

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let evaluation = &record.evaluation;
    let base = of_series(&record.series);
    let needed = evaluation.total_score;
    let level =
        |level: &str, limit: f64| (labels(&base, &[("level", level)]), rounded(limit, DIGITS));
    let levels = [
        needed.map(|needed| level("pass", needed.pass())),
        needed
            .and_then(|needed| needed.warning())
            .map(|limit| level("warning", limit)),
    ];
    let scored = (evaluation.conclusion == Conclusion::Scored)
        .then(|| (labels(&base, &[]), score(evaluation.score)));
    let whole = [
        judged(&base, "1"),
        results(&base, Some(Ending::of(record))),
        Metric {
            name: "score",
            help: "Per cent of the points, 0 to 100.",
            samples: scored.into_iter().collect(),
        },
        Metric {
            name: "score_needed",
            help: "The score that is needed to pass, or for a warning.",
            samples: levels.into_iter().flatten().collect(),
        },
    ];
    print(
        whole
            .into_iter()
            .chain(of_objectives(evaluation.objectives(), &base)),
    )
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    let base = unjudged.series.map(of_series).unwrap_or_default();
    print([judged(&base, "0"), results(&base, None)])
}

/// Returns whether there is a verdict.
fn judged(base: &[(&'static str, String)], value: &str) -> Metric {
    Metric {
        name: "judged",
        help: "1 if there was an evaluation, 0 if something went wrong before.",
        samples: vec![(labels(base, &[]), value.to_owned())],
    }
}

/// Returns a sample for each way in which an evaluation ends: 1 for that of this one.
fn results(base: &[(&'static str, String)], ending: Option<Ending>) -> Metric {
    let sample = |possible: Ending| {
        let value = if ending == Some(possible) { "1" } else { "0" };
        (
            labels(base, &[("result", possible.as_str())]),
            value.to_owned(),
        )
    };
    Metric {
        name: "result",
        help: "1 for the result of the evaluation, 0 for the others.",
        samples: ENDINGS.into_iter().map(sample).collect(),
    }
}

/// Returns what each objective came to.
fn of_objectives(objectives: &[ObjectiveResult], base: &[(&'static str, String)]) -> [Metric; 3] {
    let (mut values, mut baselines, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for objective in objectives {
        if !seen.insert(&objective.indicator) {
            continue;
        }
        let sli = ("sli", objective.indicator.as_str());
        let unit = objective.unit.as_deref().map(|unit| ("unit", unit));
        let measured: Vec<_> = [sli].into_iter().chain(unit).collect();
        let measured = labels(base, &measured);
        let number = |value| (measured.clone(), rounded(value, DIGITS));
        values.extend(objective.judged_value().map(number));
        baselines.extend(objective.baseline.map(number));
        let status = match objective.status {
            Status::Pass => "2",
            Status::Warning => "1",
            Status::Fail => "0",
            Status::Info => continue,
        };
        statuses.push((labels(base, &[sli]), status.to_owned()));
    }
    let metric = |name, help, samples| Metric {
        name,
        help,
        samples,
    };
    [
        metric("sli_value", "The value that was judged.", values),
        metric(
            "sli_baseline",
            "What the value was compared with.",
            baselines,
        ),
        metric(
            "objective_status",
            "2 for a pass, 1 for a warning, 0 for a fail; informational objectives have none.",
            statuses,
        ),
    ]
}

/// Returns the labels that every sample has.
fn of_series(series: &Series) -> Vec<(&'static str, String)> {
    vec![
        ("project", series.project.to_string()),
        ("stage", series.stage.to_string()),
        ("service", series.service.to_string()),
    ]
}

/// Prints labels.
fn labels(base: &[(&'static str, String)], more: &[(&str, &str)]) -> String {
    let base = base.iter().map(|(name, value)| (*name, value.as_str()));
    let printed = base.chain(more.iter().copied()).map(|(name, value)| {
        let value = printable(value).replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    });
    let printed: Vec<String> = printed.collect();
    if printed.is_empty() {
        return String::new();
    }
    format!("{{{}}}", printed.join(","))
}

/// Prints metrics that have samples. Every one is a gauge: Prometheus knows no other type for them.
fn print(metrics: impl IntoIterator<Item = Metric>) -> String {
    let lines = metrics
        .into_iter()
        .filter(|metric| !metric.samples.is_empty());
    let lines = lines.flat_map(
        |Metric {
             name,
             help,
             samples,
         }| {
            let head = [
                format!("# TYPE tidegate_{name} gauge"),
                format!("# HELP tidegate_{name} {help}"),
            ];
            let samples = samples.into_iter();
            let samples =
                samples.map(move |(labels, value)| format!("tidegate_{name}{labels} {value}"));
            head.into_iter().chain(samples)
        },
    );
    block(lines.chain(["# EOF".to_owned()]))
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, golden};

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::OpenMetrics, "metrics.txt");
    }
}
