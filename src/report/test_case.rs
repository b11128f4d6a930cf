//! An evaluation as tests: the total score, and each objective. What shows tests knows pass, fail, error and skipped; nothing
//! is a fail or an error where the evaluation does not fail, so that the tool that counts them never disagrees with the gate.

use std::collections::BTreeSet;

use super::account::Account;
use super::change::{change, number, score};
use super::column::{Column, View, criteria};
use super::explain::{policy, reason};
use super::table::{minute, needed};
use super::text::{Charset, Colour, TextStyle, printable};
use crate::gate::{
    Conclusion, Ending, MissingValue, ObjectiveResult, Outcome, Reading, Record, Status, Verdict,
};

/// The name of the first test.
pub const TOTAL: &str = "total score";
/// The longest name: Azure cuts longer ones, and what is cut may be called the same.
const LONGEST_NAME: usize = 250;
/// The exit code of a fail.
const FAIL: u8 = 1;
/// The first exit code that is no verdict.
const NO_VERDICT: u8 = 64;
/// How values are drawn.
const PLAIN: View<'static> = View {
    objectives: &[],
    trend: None,
    style: TextStyle {
        colour: Colour::Off,
        charset: Charset::Unicode,
        width: 100,
    },
};

/// One test.
#[derive(Clone, Debug)]
pub struct TestCase<'a> {
    /// Its name: the same from run to run, and no other test has it.
    pub name: String,
    /// How it ended.
    pub ended: TestOutcome,
    /// What happened, in one line.
    pub message: String,
    /// What else there is to know, a line each.
    pub details: Vec<String>,
    /// The objective; `None` for the total score.
    pub objective: Option<&'a ObjectiveResult>,
    /// How long it took to fetch the value, in seconds.
    pub seconds: f64,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It passed, and there is something to say about it.
    Warned,
    /// It neither passed nor failed.
    Skipped,
    /// It failed, for a reason of this kind.
    Failed(&'static str),
    /// It could not be carried out, for a reason of this kind.
    Errored(&'static str),
}

/// What the evaluation means for those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It stops them.
    Stops,
    /// It would, but the user asked that a fail does not.
    Excused,
    /// It lets them go on.
    LetsGo,
}

impl Effect {
    /// Returns the effect of an evaluation.
    fn of(account: &Account<'_>) -> Self {
        let code = account.ended.map(|ended| ended.code);
        let verdict = match Ending::of(account.record) {
            Ending::Inconclusive => return Self::Stops,
            Ending::Verdict(verdict) => verdict,
        };
        let is_whole = match account.record.evaluation.conclusion {
            Conclusion::Scored | Conclusion::Inconclusive(_) => true,
            Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => false,
        };
        match (verdict, code) {
            (_, Some(FAIL | NO_VERDICT..)) => Self::Stops,
            (Verdict::Fail, None) => Self::Stops,
            (Verdict::Fail, Some(_)) => Self::Excused,
            (Verdict::Warning | Verdict::Pass, _) if is_whole => Self::LetsGo,
            (Verdict::Warning | Verdict::Pass, _) => Self::Stops,
        }
    }
}

/// Returns an evaluation as tests, the total score first.
pub fn cases<'a>(account: &Account<'a>) -> Vec<TestCase<'a>> {
    let record = account.record;
    let effect = Effect::of(account);
    let mut names = Names::default();
    let mut cases = vec![total(account, effect, names.unique(TOTAL))];
    for objective in record.evaluation.objectives() {
        let name = names.unique(&printable(objective.shown_name()));
        cases.push(of_objective(objective, record, effect, name));
    }
    cases
}

/// Names that were given away.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// Returns a name that nobody has: a number stands behind the second of a kind.
    fn unique(&mut self, name: &str) -> String {
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let name = match name.trim() {
            "" => "(no name)",
            name => name,
        };
        let mut unique = name.to_owned();
        let mut count = 1;
        while !self.0.insert(unique.clone()) {
            count += 1;
            unique = format!("{name} ({count})");
        }
        unique
    }
}

/// Returns the test of the total score.
fn total<'a>(account: &Account<'a>, effect: Effect, name: String) -> TestCase<'a> {
    let record = account.record;
    let evaluation = &record.evaluation;
    let ended = match (&evaluation.conclusion, effect, evaluation.verdict) {
        (Conclusion::Inconclusive(_), _, _) => TestOutcome::Errored("inconclusive"),
        (_, Effect::Excused, _) => TestOutcome::Skipped,
        (Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_), _, _) => {
            TestOutcome::Errored("not-evaluated")
        }
        (Conclusion::Scored, Effect::Stops, Verdict::Fail) => TestOutcome::Failed("fail"),
        (Conclusion::Scored, Effect::Stops, Verdict::Warning | Verdict::Pass) => {
            TestOutcome::Failed("exit-code")
        }
        (Conclusion::Scored, Effect::LetsGo, Verdict::Warning) => TestOutcome::Warned,
        (Conclusion::Scored, Effect::LetsGo, _) => TestOutcome::Passed,
    };
    let code = account.ended.map_or(String::new(), |ended| {
        format!("; the exit code is {} ({})", ended.code, ended.name)
    });
    let twist = match ended {
        TestOutcome::Skipped | TestOutcome::Failed("exit-code") => code.as_str(),
        TestOutcome::Passed
        | TestOutcome::Warned
        | TestOutcome::Failed(_)
        | TestOutcome::Errored(_) => "",
    };
    TestCase {
        name,
        ended,
        message: format!("{}{twist}", headline(record)),
        details: about_the_whole(account),
        objective: None,
        seconds: 0.0,
    }
}

/// Says how an evaluation ended, in one line: `fail: score 50 of 100 (90 to pass, 75 for a warning)`.
pub fn headline(record: &Record) -> String {
    let evaluation = &record.evaluation;
    let ending = Ending::of(record).as_str();
    let needed = evaluation.total_score.map_or_else(String::new, needed);
    match &evaluation.conclusion {
        Conclusion::Scored => format!("{ending}: score {} of 100{needed}", score(evaluation.score)),
        Conclusion::Inconclusive(reason) => format!("{ending}: {}", printable(reason)),
        Conclusion::RetrievalErrored => format!("{ending}: nothing was evaluated"),
        Conclusion::NotSucceeded(status) => {
            format!("{ending}: the evaluation ended as {}", printable(status))
        }
    }
}

/// Lists what there is to know of the whole.
fn about_the_whole(account: &Account<'_>) -> Vec<String> {
    let record = account.record;
    let mut lines = Vec::new();
    if !record.evaluation.message.is_empty() {
        lines.push(printable(&record.evaluation.message));
    }
    let failed = record.evaluation.objectives().iter().filter(|objective| {
        objective.key && objective.status == Status::Fail && !objective.lacks_baseline()
    });
    lines.extend(failed.map(|objective| {
        let name = printable(objective.shown_name());
        format!("key SLI: {name} {}", reason(objective))
    }));
    lines.push(format!(
        "service: {}",
        printable(&record.series.to_string())
    ));
    lines.extend(window(record));
    lines.push(format!("evaluation: {}", printable(&record.ids.finished)));
    if let Some(url) = account.job.and_then(|job| job.url.as_deref()) {
        lines.push(format!("job: {}", printable(url)));
    }
    lines
}

/// Names the window.
fn window(record: &Record) -> Option<String> {
    let window = record.window?;
    let (start, end) = (minute(window.start()), minute(window.end()));
    Some(format!("window: {start} to {end}"))
}

/// Returns the test of an objective.
fn of_objective<'a>(
    objective: &'a ObjectiveResult,
    record: &Record,
    effect: Effect,
    name: String,
) -> TestCase<'a> {
    let mut readings = record.readings.iter();
    let reading = readings.find(|reading| reading.indicator == objective.indicator);
    let seconds = reading.and_then(|reading| reading.elapsed);
    TestCase {
        name,
        ended: outcome(objective, reading, effect),
        message: message(objective, reading),
        details: details(objective, reading, record),
        objective: Some(objective),
        seconds: seconds.map_or(0.0, |elapsed| elapsed.as_secs_f64()),
    }
}

/// Returns how the test of an objective ended.
fn outcome(objective: &ObjectiveResult, reading: Option<&Reading>, effect: Effect) -> TestOutcome {
    if objective.judged_value().is_none() {
        let is_left_out = match objective.policy.as_ref().map(|policy| policy.action) {
            Some(MissingValue::Warning | MissingValue::Ignore) => true,
            Some(
                MissingValue::Fail
                | MissingValue::Inconclusive
                | MissingValue::Error
                | MissingValue::Value(_),
            )
            | None => objective.status == Status::Info,
        };
        return match effect {
            Effect::Stops if !is_left_out => TestOutcome::Errored(lack(objective, reading)),
            Effect::Stops | Effect::Excused | Effect::LetsGo => TestOutcome::Skipped,
        };
    }
    match (objective.status, effect) {
        (Status::Pass | Status::Info, _) => TestOutcome::Passed,
        (Status::Warning, _) | (Status::Fail, Effect::LetsGo) => TestOutcome::Warned,
        (Status::Fail, Effect::Excused) => TestOutcome::Skipped,
        (Status::Fail, Effect::Stops) => TestOutcome::Failed("slo-fail"),
    }
}

/// Returns the word for why there is no value.
fn lack(objective: &ObjectiveResult, reading: Option<&Reading>) -> &'static str {
    let failed = objective
        .policy
        .as_ref()
        .is_some_and(|policy| policy.failed)
        || reading.is_some_and(|reading| matches!(reading.outcome, Outcome::Failed(_)));
    if failed { "sli-error" } else { "no-data" }
}

/// Says what an objective came to, in one line.
fn message(objective: &ObjectiveResult, reading: Option<&Reading>) -> String {
    let name = printable(objective.shown_name());
    if objective.judged_value().is_none() {
        let lack = match lack(objective, reading) {
            "sli-error" => "error",
            _no_data => "no data",
        };
        return format!("{lack}: {name} {}", reason(objective));
    }
    let value = Column::Value.text(objective, PLAIN);
    match objective.status {
        Status::Pass => format!("{name} is {value}"),
        Status::Info => format!("{name} is {value}; it is informational"),
        Status::Warning | Status::Fail => format!("{name} {}", reason(objective)),
    }
}

/// Lists what there is to know of an objective.
fn details(objective: &ObjectiveResult, reading: Option<&Reading>, record: &Record) -> Vec<String> {
    let mut lines = vec![format!("value: {}", Column::Value.text(objective, PLAIN))];
    if let Some(baseline) = objective.baseline {
        let change = change(objective);
        let gap = if change.is_empty() { "" } else { ", change " };
        lines.push(format!("baseline: {}{gap}{change}", number(baseline, &[])));
    }
    let listed = |label: &str, text: String| (!text.is_empty()).then(|| format!("{label}: {text}"));
    lines.extend(listed(
        "passes if",
        criteria(&objective.pass_targets, objective.baseline),
    ));
    let warning = objective.warning_targets.as_deref().unwrap_or_default();
    lines.extend(listed(
        "is a warning if",
        criteria(warning, objective.baseline),
    ));
    if objective.status != Status::Info {
        let key = if objective.key { " (key SLI)" } else { "" };
        lines.push(format!(
            "points: {}{key}",
            Column::Points.text(objective, PLAIN)
        ));
    }
    if objective.policy.is_some() {
        lines.push(format!("policy: {}", policy(objective)));
    }
    lines.extend(window(record));
    if let Some(reading) = reading {
        let told = |label: &str, text: &Option<String>| {
            let text = text.as_deref()?;
            Some(format!("{label}: {}", printable(text)))
        };
        lines.extend(told("provider", &reading.provider));
        lines.extend(told("endpoint", &reading.endpoint));
        lines.extend(told("query", &reading.query));
    }
    lines
}
