//! `JUnit` XML, as Jenkins, GitLab and Azure Pipelines read it: one suite for an evaluation, the total score first.

use super::account::{Account, Unjudged};
use super::change::{rounded, score};
use super::column::criteria;
use super::slo_lines::slo_path;
use super::test_case::{TOTAL, TestCase, TestOutcome, cases};
use super::text::printable;
use super::xml::Element;
use crate::gate::event::keptn_time;
use crate::gate::{Ending, ObjectiveResult, Record, Series};

/// What all names begin with.
const PROGRAM: &str = "tidegate";
/// How many digits of a value are told.
const DIGITS: usize = 10;

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let name = suite_name(&record.series);
    let cases = cases(account);
    let seconds = format!("{:.3}", cases.iter().map(|case| case.seconds).sum::<f64>());
    let elements = cases.iter().map(|case| test_case(case, &name, record));
    let counted = |element: Element| counts(element, &cases).with("time", seconds.clone());
    let suite = counted(Element::new("testsuite").with("name", name.clone()))
        .with(
            "timestamp",
            record.time.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        )
        .holding([Element::new("properties").holding(properties(account))])
        .holding(elements);
    counted(Element::new("testsuites").with("name", PROGRAM))
        .holding([suite])
        .document()
}

/// Writes that there is no verdict: a suite with an error.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    let name = unjudged
        .series
        .map_or_else(|| PROGRAM.to_owned(), suite_name);
    let ended = unjudged.ended;
    let message = unjudged.sentence();
    let mut lines = vec![message.clone()];
    lines.extend(
        unjudged
            .hint
            .map(|hint| format!("hint: {}", printable(hint))),
    );
    lines.push(format!("exit code: {} ({})", ended.code, ended.name));
    let error = Element::of_text("error", unattached(&lines.join("\n")))
        .with("message", message)
        .with("type", ended.name);
    let case = Element::new("testcase")
        .with("name", TOTAL)
        .with("classname", name.clone())
        .with("time", "0.000")
        .holding([error]);
    let counted = |element: Element| {
        let element = element.with("tests", "1").with("failures", "0");
        element
            .with("errors", "1")
            .with("skipped", "0")
            .with("time", "0.000")
    };
    let suite = counted(Element::new("testsuite").with("name", name)).holding([case]);
    counted(Element::new("testsuites").with("name", PROGRAM))
        .holding([suite])
        .document()
}

/// Returns the name of the suite of a series; results of several services stay apart by it.
fn suite_name(series: &Series) -> String {
    let Series {
        project,
        stage,
        service,
    } = series;
    printable(&format!("{PROGRAM}.{project}.{stage}.{service}"))
}

/// Adds how many tests there are, and how they ended.
fn counts(element: Element, cases: &[TestCase<'_>]) -> Element {
    let count = |wanted: fn(TestOutcome) -> bool| {
        cases
            .iter()
            .filter(|case| wanted(case.ended))
            .count()
            .to_string()
    };
    element
        .with("tests", cases.len().to_string())
        .with(
            "failures",
            count(|ended| matches!(ended, TestOutcome::Failed(_))),
        )
        .with(
            "errors",
            count(|ended| matches!(ended, TestOutcome::Errored(_))),
        )
        .with("skipped", count(|ended| ended == TestOutcome::Skipped))
}

/// Returns one test. It holds one of failure, error and skipped at most.
fn test_case(case: &TestCase<'_>, suite: &str, record: &Record) -> Element {
    let mut element = Element::new("testcase")
        .with("name", case.name.clone())
        .with("classname", suite)
        .with("time", format!("{:.3}", case.seconds));
    if !record.slo_file.path.is_empty() {
        element = element.with("file", slo_path(record));
    }
    if let Some(objective) = case.objective {
        element = element.holding([Element::new("properties").holding(of_objective(objective))]);
    }
    element.holding([outcome(case)])
}

/// Returns what a test says: GitLab shows the text only, the others the message too, so the text begins with it.
fn outcome(case: &TestCase<'_>) -> Element {
    let message = &unattached(&case.message);
    let told = || {
        let lines: Vec<&str> = [message]
            .into_iter()
            .chain(&case.details)
            .map(String::as_str)
            .collect();
        unattached(&lines.join("\n"))
    };
    let of_kind = |name, kind: &str| {
        let element = Element::of_text(name, told());
        element.with("message", message.as_str()).with("type", kind)
    };
    match case.ended {
        TestOutcome::Passed => Element::of_text("system-out", message.clone()),
        TestOutcome::Warned => Element::of_text("system-out", format!("WARNING: {}", told())),
        TestOutcome::Skipped => {
            Element::of_text("skipped", told()).with("message", message.as_str())
        }
        TestOutcome::Failed(kind) => of_kind("failure", kind),
        TestOutcome::Errored(kind) => of_kind("error", kind),
    }
}

/// Takes the meaning from `[[ATTACHMENT|path]]`, by which a text would attach any file of the runner.
fn unattached(text: &str) -> String {
    text.replace("[[", "[ [")
}

/// Returns what is known of the whole.
fn properties(account: &Account<'_>) -> Vec<Element> {
    let record = account.record;
    let evaluation = &record.evaluation;
    let needed = evaluation.total_score;
    let named = [
        ("result", Some(Ending::of(record).as_str().to_owned())),
        ("score", Some(score(evaluation.score))),
        (
            "threshold.pass",
            needed.map(|needed| rounded(needed.pass(), DIGITS)),
        ),
        (
            "threshold.warning",
            needed
                .and_then(|needed| needed.warning())
                .map(|warning| rounded(warning, DIGITS)),
        ),
        (
            "window.start",
            record.window.map(|window| keptn_time(window.start())),
        ),
        (
            "window.end",
            record.window.map(|window| keptn_time(window.end())),
        ),
        ("id", Some(record.ids.finished.clone())),
        (
            "exit_code",
            account.ended.map(|ended| ended.code.to_string()),
        ),
        ("job", account.job.and_then(|job| job.url.clone())),
    ];
    let labels = record.labels.iter();
    let labels = labels.map(|(key, value)| property(&format!("label.{key}"), value));
    present(named).into_iter().chain(labels).collect()
}

/// Returns what is known of an objective.
fn of_objective(objective: &ObjectiveResult) -> Vec<Element> {
    let listed =
        |targets| Some(criteria(targets, objective.baseline)).filter(|text| !text.is_empty());
    let warning = objective.warning_targets.as_deref().unwrap_or_default();
    present([
        ("sli", Some(objective.indicator.as_str().to_owned())),
        ("status", Some(objective.status.as_str().to_owned())),
        (
            "value",
            objective.judged_value().map(|value| rounded(value, DIGITS)),
        ),
        ("unit", objective.unit.clone()),
        ("points", Some(rounded(objective.score, DIGITS))),
        (
            "points.max",
            objective.maximum.map(|maximum| rounded(maximum, DIGITS)),
        ),
        ("key_sli", Some(objective.key.to_string())),
        ("pass", listed(&objective.pass_targets)),
        ("warning", listed(warning)),
        (
            "baseline",
            objective.baseline.map(|baseline| rounded(baseline, DIGITS)),
        ),
    ])
}

/// Returns the properties that have a value.
fn present<const N: usize>(named: [(&str, Option<String>); N]) -> Vec<Element> {
    let known = named
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    known.map(|(name, value)| property(name, &value)).collect()
}

/// Returns one property.
fn property(name: &str, value: &str) -> Element {
    Element::new("property")
        .with("name", printable(&format!("{PROGRAM}.{name}")))
        .with("value", printable(value))
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, golden};

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::Junit, "junit.xml");
    }
}
