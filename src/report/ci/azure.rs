//! The language of Azure's agent: issues, the colour of the step, variables, and files to take along.

use super::quiet;
use super::said::{Level, complaints, headline, no_verdict, series, summary};
use super::speech::{Call, Fold, Utterance, Weight};
use crate::gate::Ending;
use crate::report::change::score;
use crate::report::text::printable;
use crate::report::{Account, Format, Unjudged};

/// How many issues of each kind a step may have.
const MOST: usize = 10;

/// Says an evaluation.
pub(super) fn speak(account: &Account<'_>, call: &Call<'_>) -> Utterance {
    let record = account.record;
    let title = printable(&headline(record));
    let (before, end) = match call.fold {
        Fold::Folded => (
            vec![format!("##[group]{}", quiet(&title))],
            Some("##[endgroup]".to_owned()),
        ),
        Fold::Open => (Vec::new(), None),
    };
    let variables = match call.weight {
        Weight::Decides => variables(Ending::of(record).as_str(), &score(record.evaluation.score)),
        Weight::Follows => Vec::new(),
    };
    let is_orange =
        Level::of(record) != Level::Notice && account.ended.is_some_and(|ended| ended.code == 0);
    let orange = is_orange.then(|| {
        command(
            "task.complete",
            &[("result", "SucceededWithIssues")],
            &headline(record),
        )
    });
    Utterance {
        before,
        after: end
            .into_iter()
            .chain(issues(account, call))
            .chain(variables)
            .chain(files(account, call))
            .chain(orange)
            .collect(),
        ..Utterance::default()
    }
}

/// Says that there is no verdict.
pub(super) fn speak_unjudged(unjudged: &Unjudged<'_>, call: &Call<'_>) -> Utterance {
    let text = no_verdict(unjudged);
    let issue = command("task.logissue", &[("type", "error")], &text);
    let variables = match call.weight {
        Weight::Decides => variables("error", ""),
        Weight::Follows => Vec::new(),
    };
    Utterance {
        after: [issue].into_iter().chain(variables).collect(),
        ..Utterance::default()
    }
}

/// Returns the issues: the whole first, then the objectives, the gravest first.
fn issues(account: &Account<'_>, call: &Call<'_>) -> Vec<String> {
    let record = account.record;
    let level = Level::of(record);
    let complaints = complaints(record);
    let of_level = |of: Level| {
        let room = if of == level { MOST - 1 } else { MOST };
        let those = complaints.iter().filter(move |c| c.level == of);
        those.take(room)
    };
    let whole =
        kind(level).map(|kind| command("task.logissue", &[("type", kind)], &summary(record)));
    let about = of_level(Level::Error)
        .chain(of_level(Level::Warning))
        .filter_map(|complaint| {
            let line = complaint.line.to_string();
            let mut properties = vec![("type", kind(complaint.level)?)];
            if let Some(file) = call.slo {
                properties.extend([("sourcepath", file), ("linenumber", &line)]);
            }
            properties.push(("code", complaint.objective.indicator.as_str()));
            Some(command("task.logissue", &properties, &complaint.text))
        });
    whole.into_iter().chain(about).collect()
}

/// Returns the word for an issue that is so loud; a notice is none.
fn kind(level: Level) -> Option<&'static str> {
    match level {
        Level::Error => Some("error"),
        Level::Warning => Some("warning"),
        Level::Notice => None,
    }
}

/// Sets the variables, for later steps of the job and, where the step has a name, for later jobs.
fn variables(result: &str, score: &str) -> Vec<String> {
    let set = |(name, value)| {
        let plain = command("task.setvariable", &[("variable", name)], value);
        let output = [("variable", name), ("isOutput", "true")];
        [plain, command("task.setvariable", &output, value)]
    };
    [("TidegateResult", result), ("TidegateScore", score)]
        .into_iter()
        .flat_map(set)
        .collect()
}

/// Hands over the reports that were written: Markdown as the summary of the run, others as attachments.
fn files(account: &Account<'_>, call: &Call<'_>) -> Vec<String> {
    let hand_over = |(format, path): &(Format, String)| {
        if *format == Format::Markdown {
            return command("task.uploadsummary", &[], path);
        }
        let name = format!("{}-{}", series(&account.record.series), format.name());
        let properties = [("type", "tidegate"), ("name", &name)];
        command("task.addattachment", &properties, path)
    };
    call.reports.iter().map(hand_over).collect()
}

/// Writes a command.
fn command(name: &str, properties: &[(&str, &str)], text: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(&printable(value))))
        .collect();
    let space = if properties.is_empty() { "" } else { " " };
    format!(
        "##vso[{name}{space}{}]{}",
        properties.join(";"),
        escaped(&printable(text))
    )
}

/// Escapes text. A `%` is escaped only where the agent would take it for the start of an escape: an agent that is told
/// not to decode it, or is too old to, shows `%AZP25`.
fn escaped(text: &str) -> String {
    const CODES: [&str; 5] = ["3B", "0D", "0A", "5D", "AZP25"];
    let mut safe = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            ';' => safe.push_str("%3B"),
            '\r' => safe.push_str("%0D"),
            '\n' => safe.push_str("%0A"),
            ']' => safe.push_str("%5D"),
            '%' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                let is_code = CODES.iter().any(|code| rest.starts_with(code));
                safe.push_str(if is_code { "%AZP25" } else { "%" });
            }
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
#[path = "azure_tests.rs"]
mod tests;
