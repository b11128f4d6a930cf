//! The Test Anything Protocol, version 14: the same tests as in `JUnit`.

use super::account::{Account, Unjudged};
use super::test_case::{TestCase, TestOutcome, cases};
use super::text::block;

/// The first line.
const VERSION: &str = "TAP version 14";

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let cases = cases(account);
    let head = [VERSION.to_owned(), format!("1..{}", cases.len())];
    let tests = cases.iter().enumerate();
    block(
        head.into_iter()
            .chain(tests.flat_map(|(at, case)| test(at + 1, case))),
    )
}

/// Writes that there is no verdict: the run is called off.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    let why = format!(
        "{} (exit code {})",
        unjudged.sentence(),
        unjudged.ended.code
    );
    block([VERSION.to_owned(), format!("Bail out! {}", escaped(&why))])
}

/// Writes one test, and below it what there is to know.
fn test(number: usize, case: &TestCase<'_>) -> Vec<String> {
    let (word, severity) = match case.ended {
        TestOutcome::Passed => ("ok", "pass"),
        TestOutcome::Warned => ("ok", "warning"),
        TestOutcome::Skipped => ("ok", "skipped"),
        TestOutcome::Failed(_) => ("not ok", "fail"),
        TestOutcome::Errored(_) => ("not ok", "error"),
    };
    let skipped = match case.ended {
        TestOutcome::Skipped => format!(" # SKIP {}", escaped(&case.message)),
        TestOutcome::Passed
        | TestOutcome::Warned
        | TestOutcome::Failed(_)
        | TestOutcome::Errored(_) => String::new(),
    };
    let line = format!("{word} {number} - {}{skipped}", escaped(&case.name));
    let mut lines = vec![line, "  ---".to_owned()];
    lines.push(format!("  message: {}", quoted(&case.message)));
    lines.push(format!("  severity: {severity}"));
    match case.ended {
        TestOutcome::Failed(kind) | TestOutcome::Errored(kind) => {
            lines.push(format!("  kind: {kind}"));
        }
        TestOutcome::Passed | TestOutcome::Warned | TestOutcome::Skipped => {}
    }
    lines.push(format!("  duration_ms: {:.3}", case.seconds * 1000.0));
    lines.push("  details:".to_owned());
    lines.extend(
        case.details
            .iter()
            .map(|detail| format!("    - {}", quoted(detail))),
    );
    lines.push("  ...".to_owned());
    lines
}

/// Takes the meaning from `#`, which would begin a directive.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}

/// Writes text as YAML on one line, in double quotes; what YAML forbids or could take for a line break is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control()
                || matches!(
                    c,
                    '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                ) =>
            {
                quoted.extend(format!("\\u{:04x}", u32::from(c)).chars());
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, golden};

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::Tap, "report.tap");
    }
}
