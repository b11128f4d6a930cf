//! One line, as Nagios plug-ins print it: the state, the score, and performance data.

use std::collections::BTreeSet;

use super::account::{Account, Unjudged};
use super::change::{rounded, score};
use super::table::needed;
use super::text::printable;
use crate::gate::{
    Conclusion, Criterion, Ending, ObjectiveResult, Operator, Status, TargetResult, Verdict,
};

/// How long the part for people may be: more is cut off by what shows it.
const LONGEST: usize = 80;
/// How long a label may be.
const LONGEST_LABEL: usize = 64;
/// The units of measurement that there are.
const UNITS: [&str; 9] = ["s", "ms", "us", "%", "B", "KB", "MB", "TB", "c"];

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let evaluation = &record.evaluation;
    let state = match (&evaluation.conclusion, Ending::of(record)) {
        (Conclusion::NotSucceeded(_), _) | (_, Ending::Inconclusive) => "UNKNOWN",
        (_, Ending::Verdict(Verdict::Pass)) => "OK",
        (_, Ending::Verdict(Verdict::Warning)) => "WARNING",
        (_, Ending::Verdict(Verdict::Fail)) => "CRITICAL",
    };
    let what = match evaluation.conclusion {
        Conclusion::Scored => {
            let needed = evaluation.total_score.map_or_else(String::new, needed);
            format!(
                "score {}{needed}{}",
                score(evaluation.score),
                lost(evaluation.objectives())
            )
        }
        Conclusion::Inconclusive(_) => "no verdict".to_owned(),
        Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => {
            "nothing was evaluated".to_owned()
        }
    };
    let service = shortened(record.series.service.as_str(), LONGEST / 3);
    let text = shortened(&format!("TIDEGATE {state} - {service}: {what}"), LONGEST);
    let mut labels = BTreeSet::from(["score".to_owned()]);
    let data = total(account).into_iter().chain(
        evaluation
            .objectives()
            .iter()
            .filter_map(|objective| measured(objective, &mut labels)),
    );
    let data: Vec<String> = data.collect();
    if data.is_empty() {
        return format!("{text}\n");
    }
    format!("{text} | {}\n", data.join(" "))
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    let text = format!("TIDEGATE UNKNOWN - {}", unjudged.sentence());
    format!("{}\n", shortened(&text, LONGEST))
}

/// Says how many objectives lost points: `, 1 failed, 2 warnings`.
fn lost(objectives: &[ObjectiveResult]) -> String {
    let count = |status| {
        objectives
            .iter()
            .filter(|objective| objective.status == status)
            .count()
    };
    let failed = match count(Status::Fail) {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let warned = match count(Status::Warning) {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        warned => format!(", {warned} warnings"),
    };
    failed + &warned
}

/// Returns the score as performance data; it is to be at least what is needed.
fn total(account: &Account<'_>) -> Option<String> {
    let evaluation = &account.record.evaluation;
    if evaluation.conclusion != Conclusion::Scored {
        return None;
    }
    let at_least = |limit: f64| format!("{}:", plain(limit));
    let needed = evaluation.total_score?;
    let pass = at_least(needed.pass());
    let (warning, critical) = match needed.warning() {
        Some(warning) => (pass, at_least(warning)),
        None => (String::new(), pass),
    };
    Some(format!(
        "score={}%;{warning};{critical};0;100",
        score(evaluation.score)
    ))
}

/// Returns the value of an objective as performance data; nothing where there is none.
fn measured(objective: &ObjectiveResult, labels: &mut BTreeSet<String>) -> Option<String> {
    let value = plain(objective.judged_value()?);
    let unit = objective.unit.as_deref().unwrap_or_default();
    let unit = UNITS
        .iter()
        .find(|known| **known == unit)
        .copied()
        .unwrap_or_default();
    let pass = range(&objective.pass_targets, objective.baseline);
    let warning = objective.warning_targets.as_deref().unwrap_or_default();
    let warning = range(warning, objective.baseline);
    let (warning, critical) = match warning {
        Some(warning) => (pass.unwrap_or_default(), warning),
        None => (String::new(), pass.unwrap_or_default()),
    };
    let data = format!(
        "{}={value}{unit};{warning};{critical}",
        label(objective, labels)
    );
    Some(data.trim_end_matches(';').to_owned())
}

/// Returns the range that a criterion asks for; `None` for several, which no range can tell, and for one without a baseline.
fn range(targets: &[TargetResult], baseline: Option<f64>) -> Option<String> {
    let [target] = targets else { return None };
    let criterion: Criterion = target.criteria.parse().ok()?;
    if criterion.is_relative() && baseline.is_none() {
        return None;
    }
    let limit = plain(target.target_value);
    Some(match criterion.operator {
        Operator::Less | Operator::LessOrEqual => format!("~:{limit}"),
        Operator::Greater | Operator::GreaterOrEqual => format!("{limit}:"),
        Operator::Equal => format!("{limit}:{limit}"),
    })
}

/// Returns the name of a value in quotes: it holds neither `=` nor `|`, and no other value has it.
fn label(objective: &ObjectiveResult, labels: &mut BTreeSet<String>) -> String {
    let name = printable(objective.indicator.as_str());
    let name: String = name
        .chars()
        .take(LONGEST_LABEL)
        .map(|c| {
            if matches!(c, '=' | '|' | '\'') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let mut unique = name.clone();
    let mut count = 1;
    while !labels.insert(unique.clone()) {
        count += 1;
        unique = format!("{name} {count}");
    }
    format!("'{unique}'")
}

/// Cuts a text, and takes the sign from it behind which performance data begin.
fn shortened(text: &str, longest: usize) -> String {
    let text = printable(text).replace('|', "_");
    if text.chars().count() <= longest {
        return text;
    }
    let kept = text.chars().take(longest.saturating_sub(3));
    kept.chain("...".chars()).collect()
}

/// Prints a number without an exponent, with ten digits that count.
fn plain(value: f64) -> String {
    let rounded: f64 = rounded(value, 10).parse().unwrap_or(value);
    if rounded.abs() < 1e-12 {
        return "0".to_owned();
    }
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::golden;

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::Nagios, "nagios.txt");
    }

    #[test]
    fn a_number_has_no_exponent() {
        assert_eq!(plain(1.5e20), "150000000000000000000");
        assert_eq!(plain(0.000_001_25), "0.00000125");
        assert_eq!(plain(1e-300), "0");
        assert_eq!(plain(2.0 / 3.0), "0.6666666667");
    }
}
