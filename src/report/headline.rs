//! What is said first of an evaluation, and one sentence about each objective: the same words in every format.

use super::change::{number, score};
use super::explain;
use super::text::printable;
use crate::gate::{Ending, MissingValue, ObjectiveResult, Record, Status};

/// Says how an evaluation ended, and by how much: `warning, score 66.66 (90 needed to pass, 50 for a warning)`.
pub(super) fn headline(record: &Record) -> String {
    let word = Ending::of(record).as_str();
    match shown_score(record) {
        Some(score) => format!("{word}, score {score}{}", needed(record)),
        None => word.to_owned(),
    }
}

/// Returns the score as people read it; `None` where nothing was scored.
pub(super) fn shown_score(record: &Record) -> Option<String> {
    record.evaluation.known_score().map(score)
}

/// Says which scores were needed.
fn needed(record: &Record) -> String {
    let Some(needed) = record.evaluation.total_score else {
        return String::new();
    };
    let pass = number(needed.pass(), &[]);
    let warning = needed.warning().map(|warning| number(warning, &[]));
    let warning = warning.map_or_else(String::new, |warning| format!(", {warning} for a warning"));
    format!(" ({pass} needed to pass{warning})")
}

/// Says why an evaluation ended as it did: what it said itself, else its headline.
pub(super) fn why(record: &Record) -> String {
    match record.evaluation.message.as_str() {
        "" => {
            let series = printable(&record.series.to_string());
            format!("Quality gate of {series}: {}", headline(record))
        }
        message => printable(message),
    }
}

/// Says in one sentence what an objective came to.
pub(super) fn sentence(objective: &ObjectiveResult) -> String {
    let name = printable(objective.shown_name());
    let decided = objective.policy.as_ref();
    if decided.is_some_and(|policy| policy.action != MissingValue::Fail) {
        return explain::policy(objective);
    }
    let value = objective.judged_value();
    let value = value.map(|value| number(value, &objective.pass_targets));
    match (objective.status, value) {
        (Status::Fail | Status::Warning, _) | (_, None) => {
            format!("{name} {}.", explain::reason(objective))
        }
        (Status::Pass, Some(value)) => format!("{name} is {value} and meets its criteria."),
        (Status::Info, Some(value)) => format!("{name} is {value}; it is not scored."),
    }
}

/// Tells whether an objective lost points.
pub(super) fn lost_points(objective: &ObjectiveResult) -> bool {
    match objective.status {
        Status::Fail | Status::Warning => true,
        Status::Pass | Status::Info => false,
    }
}

/// Cuts a text to so many characters; one that was cut ends with `…`.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{all, record};
    use super::*;

    #[test]
    fn the_headline_says_what_was_needed() {
        let mut record = record(all(640.0, 0.5), &[]);
        assert_eq!(
            headline(&record),
            "warning, score 66.66 (90 needed to pass, 50 for a warning)"
        );
        record.evaluation = record.evaluation.inconclusive("no load".to_owned());
        assert_eq!(headline(&record), "inconclusive");
        assert_eq!(why(&record), "Evaluation is inconclusive: no load");
    }

    #[test]
    fn every_objective_has_its_sentence() {
        let record = record(all(640.0, 0.5), &[]);
        let sentences: Vec<String> = record
            .evaluation
            .objectives()
            .iter()
            .map(sentence)
            .collect();
        assert_eq!(
            sentences,
            [
                "Response time p95 is 640 and misses <600; its warning criteria are met.",
                "error_rate is 0.5 and meets its criteria.",
                "throughput is 87.1235; it is not scored.",
            ]
        );
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü", 2), "äö…");
    }
}
