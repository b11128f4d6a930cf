//! Checkstyle XML: what costs points, at its line in the SLO file, for reviewdog, Jenkins and whatever else annotates code.

use super::account::Account;
use super::slo_lines::{SloLines, slo_path};
use super::test_case::{TestCase, TestOutcome, cases};
use super::text::printable;
use super::xml::Element;

/// The version of the form.
const VERSION: &str = "8.0";

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let lines = SloLines::of(account.record);
    let cases = cases(account);
    let found: Vec<Element> = cases
        .iter()
        .filter_map(|case| finding(case, &lines))
        .collect();
    let mut root = Element::new("checkstyle").with("version", VERSION);
    if !found.is_empty() {
        let file = Element::new("file").with("name", slo_path(account.record));
        root = root.holding([file.holding(found)]);
    }
    root.document()
}

/// Returns what there is to say of a test; nothing of one that passed.
fn finding(case: &TestCase<'_>, lines: &SloLines) -> Option<Element> {
    let severity = match case.ended {
        TestOutcome::Passed => return None,
        TestOutcome::Warned => "warning",
        TestOutcome::Skipped => "info",
        TestOutcome::Failed(_) | TestOutcome::Errored(_) => "error",
    };
    let line = case
        .objective
        .map_or(1, |objective| lines.decisive(objective));
    let source = case
        .objective
        .map_or("total score", |objective| objective.indicator.as_str());
    let finding = Element::new("error")
        .with("line", line.to_string())
        .with("severity", severity)
        .with("message", case.message.clone())
        .with("source", printable(&format!("tidegate.{source}")));
    Some(finding)
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, golden};

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::Checkstyle, "checkstyle.xml");
    }
}
