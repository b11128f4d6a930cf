//! Variables for the steps after, a line each, as GitLab's `dotenv` reports want them: no quotes, no empty lines, few and
//! short. Nothing in a value means anything to a shell. No name is that of a setting: the next call must not obey them.

use super::account::{Account, Unjudged};
use super::change::{rounded, score};
use super::text::block;
use crate::gate::event::keptn_time;
use crate::gate::{Ending, Status};

/// The longest value: all of them together stay below the 5 KB that GitLab takes.
const LONGEST: usize = 255;

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let evaluation = &record.evaluation;
    let needed = evaluation.total_score;
    let objectives = evaluation.objectives();
    let count = |status| {
        let of_status = objectives
            .iter()
            .filter(|objective| objective.status == status);
        Some(of_status.count().to_string())
    };
    variables([
        ("RESULT", Some(Ending::of(record).as_str().to_owned())),
        ("SCORE", Some(score(evaluation.score))),
        (
            "SCORE_TO_PASS",
            needed.map(|needed| rounded(needed.pass(), 8)),
        ),
        (
            "SCORE_TO_WARN",
            needed
                .and_then(|needed| needed.warning())
                .map(|warning| rounded(warning, 8)),
        ),
        (
            "START",
            record.window.map(|window| keptn_time(window.start())),
        ),
        ("END", record.window.map(|window| keptn_time(window.end()))),
        ("ID", Some(record.ids.finished.clone())),
        (
            "EXIT_CODE",
            account.ended.map(|ended| ended.code.to_string()),
        ),
        ("OBJECTIVES_PASSED", count(Status::Pass)),
        ("OBJECTIVES_WARNED", count(Status::Warning)),
        ("OBJECTIVES_FAILED", count(Status::Fail)),
    ])
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    variables([
        ("RESULT", Some("error".to_owned())),
        ("EXIT_CODE", Some(unjudged.ended.code.to_string())),
        ("ERROR", Some(unjudged.ended.name.to_owned())),
    ])
}

/// Writes the variables that have a value.
fn variables<const N: usize>(variables: [(&str, Option<String>); N]) -> String {
    let known = variables.into_iter().filter_map(|(name, value)| {
        let value = harmless(&value?);
        (!value.is_empty()).then(|| format!("TIDEGATE_{name}={value}"))
    });
    block(known)
}

/// Keeps what no shell and no reader of such files gives a meaning to.
fn harmless(value: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '+');
    let value = value.chars().take(LONGEST);
    value.map(|c| if kept(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, golden};

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::Dotenv, "tidegate.env");
    }
}
