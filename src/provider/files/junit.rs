//! `JUnit` XML, as test runners of any language write it. Test cases are counted: the totals that suites state are
//! summed twice by some tools where suites are nested.

use std::collections::BTreeMap;

use super::failure::FileError;
use super::format::Format;
use super::number::float;
use super::options::ReadOptions;
use super::results::{Figure, Group, Results, Unit};
use super::text;
use super::xml::{Element, Elements, Tag};

/// The most suites that are told apart.
const MOST_SUITES: usize = 10_000;

/// Reads a report. One without a test case has no figures: a runner that crashed does not pass.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut elements = Elements::new(text::decode(input)?, Format::Junit);
    let mut report = Report::default();
    while let Some(tag) = elements.next()? {
        match tag {
            Tag::Open(element) => report
                .open(&element)
                .map_err(|problem| not_junit(&elements, problem))?,
            Tag::Close => report.close(),
        }
    }
    Ok(report.into_results())
}

/// What is wrong with an element.
enum Problem {
    /// The root is of another kind of document.
    Root(String),
    /// A test case within a test case.
    Nested,
}

/// Tells the problem with its place.
fn not_junit(elements: &Elements<'_>, problem: Problem) -> FileError {
    match problem {
        Problem::Root(name) => FileError::NotThisFormat {
            format: Format::Junit,
            found: format!("its root is `<{name}>`, not `<testsuites>` or `<testsuite>`"),
        },
        Problem::Nested => elements.malformed("a test case lies within a test case"),
    }
}

/// A report as far as it is read.
#[derive(Default)]
struct Report {
    /// Every test case.
    total: Tests,
    /// The test cases of suites by name.
    suites: BTreeMap<String, Tests>,
    /// How many cases belong to suites beyond the most that are told apart.
    unnamed: u64,
    /// The elements that are open: what each of them is.
    open: Vec<Part>,
    /// The case that is open.
    case: Option<Case>,
    /// How many cases the root states, to compare with what was counted.
    stated: Option<u64>,
    /// How many failures and errors the root states.
    stated_bad: u64,
}

/// What an open element is.
enum Part {
    /// A suite, with its name.
    Suite(Option<String>),
    /// A test case.
    Case,
    /// Anything else.
    Other,
}

/// Test cases that are counted together.
#[derive(Default)]
struct Tests {
    /// How many there are.
    total: u64,
    /// How many failed an assertion.
    failed: u64,
    /// How many ended in an error.
    errors: u64,
    /// How many did not run.
    skipped: u64,
    /// How many passed only when run again.
    flaky: u64,
    /// How long each took, in seconds.
    times: Vec<f64>,
}

/// One test case.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a case may hold any of these elements at once"
)]
struct Case {
    /// How long it took, in seconds.
    time: Option<f64>,
    /// Whether it failed.
    is_failed: bool,
    /// Whether it ended in an error.
    is_error: bool,
    /// Whether it did not run.
    is_skipped: bool,
    /// Whether it passed only when run again.
    is_flaky: bool,
}

impl Report {
    /// Takes note of an element that begins.
    fn open(&mut self, element: &Element<'_>) -> Result<(), Problem> {
        let name = element.name();
        if self.open.is_empty() {
            if !matches!(name, "testsuites" | "testsuite") {
                return Err(Problem::Root(name.chars().take(40).collect()));
            }
            self.stated = element.count("tests");
            let bad = [element.count("failures"), element.count("errors")];
            self.stated_bad = bad.into_iter().flatten().fold(0, u64::saturating_add);
        }
        let part = match name {
            "testsuite" => Part::Suite(element.attribute("name")),
            "testcase" if self.case.is_some() => return Err(Problem::Nested),
            "testcase" => {
                self.case = Some(Case::new(element));
                Part::Case
            }
            _ => {
                if let (Some(case), Some(Part::Case)) = (&mut self.case, self.open.last()) {
                    case.add(name);
                }
                Part::Other
            }
        };
        self.open.push(part);
        Ok(())
    }

    /// Takes note of the end of the innermost element.
    fn close(&mut self) {
        if let Some(Part::Case) = self.open.pop()
            && let Some(case) = self.case.take()
        {
            self.count(&case);
        }
    }

    /// Counts a case in the whole and in its innermost suite.
    fn count(&mut self, case: &Case) {
        self.total.count(case);
        let mut suites = self.open.iter().rev().filter_map(|part| match part {
            Part::Suite(name) => name.as_deref(),
            Part::Case | Part::Other => None,
        });
        let Some(name) = suites.next() else {
            return;
        };
        if let Some(suite) = self.suites.get_mut(name) {
            suite.count(case);
        } else if self.suites.len() < MOST_SUITES {
            self.suites.entry(name.to_owned()).or_default().count(case);
        } else {
            self.unnamed += 1;
        }
    }

    /// Turns what was counted into figures.
    fn into_results(self) -> Results {
        let Self {
            total,
            suites,
            unnamed,
            stated,
            stated_bad,
            open: _,
            case: _,
        } = self;
        let mut warnings = Vec::new();
        if total.total == 0 {
            warnings.push("the report has no test case: did the runner crash?".to_owned());
        }
        if let Some(stated) = stated.filter(|stated| *stated != total.total) {
            warnings.push(format!(
                "the report states {stated} tests, and has {} test cases; those are counted",
                total.total
            ));
        }
        let bad = total.failed + total.errors;
        if stated_bad > bad {
            warnings.push(format!(
                "the report states {stated_bad} failures and errors, and {bad} test cases have one"
            ));
        }
        if unnamed > 0 {
            warnings.push(format!(
                "{unnamed} test cases are of suites beyond the first {MOST_SUITES}; they count in the whole only"
            ));
        }
        let groups = suites.into_iter();
        Results {
            total: total.into_group(),
            groups: groups
                .map(|(name, tests)| (name, tests.into_group()))
                .collect(),
            warnings,
            ..Results::default()
        }
    }
}

impl Case {
    /// Starts a case by its attributes.
    fn new(element: &Element<'_>) -> Self {
        let is_status = |name: &str| {
            let status = element.attribute("status").or(element.attribute("result"));
            status.is_some_and(|status| status.eq_ignore_ascii_case(name))
        };
        Self {
            time: element.number("time"),
            is_skipped: is_status("skipped") || is_status("notrun") || is_status("disabled"),
            ..Self::default()
        }
    }

    /// Takes note of what lies in it.
    fn add(&mut self, name: &str) {
        match name {
            "failure" => self.is_failed = true,
            "error" => self.is_error = true,
            "skipped" | "disabled" => self.is_skipped = true,
            "flakyFailure" | "flakyError" => self.is_flaky = true,
            // A case that was run again in vain also has a `failure` or an `error`; without one it is not trusted.
            "rerunFailure" | "rerunError" => {}
            _ => {}
        }
    }
}

impl Tests {
    /// Counts a case once, by the worst of what lies in it.
    fn count(&mut self, case: &Case) {
        self.total += 1;
        if case.is_error {
            self.errors += 1;
        } else if case.is_failed {
            self.failed += 1;
        } else if case.is_skipped {
            self.skipped += 1;
        } else if case.is_flaky {
            self.flaky += 1;
        }
        let time = case.time.filter(|time| time.is_finite() && *time >= 0.0);
        self.times.extend(time.filter(|_| !case.is_skipped));
    }

    /// Turns the counts into figures; none at all where there is no case.
    fn into_group(self) -> Group {
        let mut group = Group::default();
        if self.total == 0 {
            return group;
        }
        let passed = self.total - self.failed - self.errors - self.skipped;
        let counts = [
            ("tests_total", self.total),
            ("tests_failed", self.failed),
            ("tests_errors", self.errors),
            ("tests_skipped", self.skipped),
            ("tests_passed", passed),
            ("tests_flaky", self.flaky),
        ];
        for (name, count) in counts {
            group.set(
                name,
                Figure::new(float(count), Unit::Count).of_samples(self.total),
            );
        }
        let ran = self.total - self.skipped;
        // With nothing but skipped tests there is nothing to divide by, and the rate is no number.
        let rate = float(passed) / float(ran);
        group.set(
            "test_pass_rate",
            Figure::new(rate, Unit::Ratio).of_samples(ran),
        );
        set_times(&mut group, self.times);
        group
    }
}

/// Sets the figures of how long tests took; none where no test says it.
fn set_times(group: &mut Group, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let Some(slowest) = times.last().copied() else {
        return;
    };
    let samples = u64::try_from(times.len()).unwrap_or(u64::MAX);
    let figure = |seconds| Figure::new(seconds, Unit::Seconds).of_samples(samples);
    group.set("test_duration", figure(times.iter().sum()));
    group.set("slowest_test", figure(slowest));
    let rank = (times.len() * 95).div_ceil(100);
    if let Some(time) = times.get(rank.saturating_sub(1)) {
        group.set("test_duration_p95", figure(*time).with_note("nearest rank"));
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Results {
        read(text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    fn value(group: &Group, name: &str) -> Option<f64> {
        group.figures.get(name).map(|figure| figure.value)
    }

    #[test]
    fn cases_of_nested_suites_are_counted_once() {
        let results = parse(
            r#"<testsuites tests="8" failures="2"><testsuite name="outer" tests="4" failures="1">
                 <testsuite name="inner" tests="4" failures="1">
                   <testcase name="a" time="0.5"/>
                   <testcase name="b" time="1,000.25"><failure message="x">at</failure></testcase>
                   <testcase name="c"><skipped/></testcase>
                   <testcase name="d" time="0.25"><error/><failure/></testcase>
                 </testsuite></testsuite></testsuites>"#,
        );
        let figures = [
            "tests_total",
            "tests_failed",
            "tests_errors",
            "tests_skipped",
            "tests_passed",
        ];
        let figures = figures.map(|name| value(&results.total, name).unwrap());
        assert_eq!(figures, [4.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(value(&results.total, "test_pass_rate"), Some(1.0 / 3.0));
        assert_eq!(value(&results.total, "test_duration"), Some(1001.0));
        assert_eq!(value(&results.total, "slowest_test"), Some(1000.25));
        assert_eq!(value(&results.groups["inner"], "tests_total"), Some(4.0));
        assert!(!results.groups.contains_key("outer"));
        assert!(results.warnings[0].starts_with("the report states 8 tests, and has 4"));
    }

    #[test]
    fn a_test_that_passed_when_run_again_is_flaky_and_passed() {
        let results = parse(
            r#"<testsuite><testcase name="a"><flakyFailure/><flakyError/></testcase>
               <testcase name="b"><failure/><rerunFailure/></testcase></testsuite>"#,
        );
        assert_eq!(value(&results.total, "tests_flaky"), Some(1.0));
        assert_eq!(value(&results.total, "tests_passed"), Some(1.0));
        assert_eq!(value(&results.total, "tests_failed"), Some(1.0));
    }

    #[test]
    fn a_report_without_a_test_case_has_no_figures() {
        for text in [
            "<testsuites/>",
            r#"<testsuite tests="3" failures="0"></testsuite>"#,
        ] {
            let results = parse(text);
            assert_eq!(results.total, Group::default());
            assert!(results.warnings[0].contains("did the runner crash?"));
        }
    }

    #[test]
    fn nothing_but_skipped_tests_has_no_pass_rate() {
        let results = parse("<testsuite><testcase><skipped/></testcase></testsuite>");
        assert!(value(&results.total, "test_pass_rate").unwrap().is_nan());
        assert_eq!(value(&results.total, "test_duration"), None);
    }

    #[test]
    fn failures_that_no_test_case_has_are_told() {
        let results = parse(r#"<testsuite tests="1" errors="2"><testcase/></testsuite>"#);
        assert_eq!(
            results.warnings,
            ["the report states 2 failures and errors, and 0 test cases have one"]
        );
    }

    #[test]
    fn a_failure_in_what_a_test_printed_is_no_failure_of_it() {
        let results = parse(
            "<testsuite><testcase><properties><failure/></properties></testcase></testsuite>",
        );
        assert_eq!(value(&results.total, "tests_failed"), Some(0.0));
    }

    #[test]
    fn another_document_or_half_a_report_is_an_error() {
        let error = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        assert_eq!(
            error("<html/>").to_string(),
            "this is no junit file: its root is `<html>`, not `<testsuites>` or `<testsuite>`; \
             name the right format with `format:`"
        );
        let cut = error("<testsuite><testcase name=\"a\"/>\n<testcase");
        assert!(matches!(cut, FileError::Truncated { .. }));
        let nested = error("<testsuite><testcase><testcase/></testcase></testsuite>");
        assert!(matches!(nested, FileError::Malformed { .. }));
        assert!(matches!(error(" "), FileError::Empty));
    }
}
