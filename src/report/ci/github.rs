//! The language of GitHub's runner, which Gitea's and Forgejo's share: annotations, groups, outputs, the step summary.

use serde_json::json;

use super::quiet;
use super::said::{Complaint, Level, complaints, headline, no_verdict, summary};
use super::speech::{Addition, Call, Fold, Utterance, Weight};
use crate::gate::{Ending, Status};
use crate::report::change::score;
use crate::report::text::printable;
use crate::report::{
    Account, Charset, Colour, Detail, Format, TextStyle, Unjudged, write, write_unjudged,
};

/// How many annotations of each kind a step may have. More vanish without a word.
const MOST: usize = 10;
/// How large a step summary may be; a larger one is not shown at all.
const MOST_SUMMARY_BYTES: u64 = 1024 * 1024;

/// How the summary is drawn.
const PLAIN: TextStyle = TextStyle {
    colour: Colour::Off,
    charset: Charset::Unicode,
    width: 100,
};

/// Says an evaluation.
pub(super) fn speak(account: &Account<'_>, call: &Call<'_>) -> Utterance {
    let (before, end) = match call.fold {
        Fold::Folded => {
            let title = quiet(&printable(&headline(account.record))).into_owned();
            (
                vec![format!("::group::{}", data(&title))],
                Some("::endgroup::".to_owned()),
            )
        }
        Fold::Open => (Vec::new(), None),
    };
    let outputs = (call.weight == Weight::Decides).then(|| outputs(account, call));
    let text = write(Format::Markdown, account, Detail::Brief, PLAIN);
    let short = format!("## Quality gate\n\n{}\n", plain(&summary(account.record)));
    Utterance {
        before,
        after: end.into_iter().chain(annotations(account, call)).collect(),
        additions: outputs
            .into_iter()
            .chain([step_summary(&text, short)])
            .collect(),
        requests: Vec::new(),
    }
}

/// Says that there is no verdict.
pub(super) fn speak_unjudged(unjudged: &Unjudged<'_>, call: &Call<'_>) -> Utterance {
    let message = no_verdict(unjudged);
    let line = annotation(Level::Error, None, "Quality gate: no verdict", &message);
    let values = [
        ("result", "error".to_owned()),
        ("score", String::new()),
        ("exit-code", unjudged.ended.code.to_string()),
        ("exit-name", unjudged.ended.name.to_owned()),
        ("id", String::new()),
        ("failed-slis", "[]".to_owned()),
    ];
    let short = format!("## No verdict\n\n{}\n", plain(&message));
    let text = write_unjudged(Format::Markdown, unjudged).unwrap_or_else(|| short.clone());
    Utterance {
        after: vec![line],
        additions: (call.weight == Weight::Decides)
            .then(|| assignments(&values))
            .into_iter()
            .chain([step_summary(&text, short)])
            .collect(),
        ..Utterance::default()
    }
}

/// Returns the annotations: one for the whole, which must not get lost, then the objectives, the gravest first.
fn annotations(account: &Account<'_>, call: &Call<'_>) -> Vec<String> {
    let record = account.record;
    let level = Level::of(record);
    let complaints = complaints(record);
    let room = |of: Level| if of == level { MOST - 1 } else { MOST };
    let of_level = |of: Level| {
        let those = complaints.iter().filter(move |c| c.level == of);
        those.take(room(of))
    };
    let shown: Vec<&Complaint<'_>> = of_level(Level::Error)
        .chain(of_level(Level::Warning))
        .collect();
    let mut whole = summary(record);
    let hidden = complaints.len().saturating_sub(shown.len());
    if hidden > 0 {
        whole = format!("{whole}; {hidden} more are in the report");
    }
    let about = |complaint: &Complaint<'_>| {
        let place = call.slo.map(|file| (file, complaint.line));
        let name = complaint.objective.indicator.as_str();
        let title = format!("Quality gate: {}: {name}", record.series.service);
        annotation(complaint.level, place, &title, &complaint.text)
    };
    let title = format!("Quality gate: {}", Ending::of(record).as_str());
    [annotation(level, None, &title, &whole)]
        .into_iter()
        .chain(shown.into_iter().map(about))
        .collect()
}

/// Writes one annotation.
fn annotation(level: Level, place: Option<(&str, usize)>, title: &str, message: &str) -> String {
    let command = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let place = place.map_or_else(String::new, |(file, line)| {
        format!("file={},line={line},", property(&plain(file)))
    });
    format!(
        "::{command} {place}title={}::{}",
        property(&plain(title)),
        data(&plain(message))
    )
}

/// Returns what later steps can ask for.
fn outputs(account: &Account<'_>, call: &Call<'_>) -> Addition {
    let record = account.record;
    let objectives = record.evaluation.objectives().iter();
    let failed: Vec<&str> = objectives
        .filter(|objective| objective.status == Status::Fail)
        .map(|objective| objective.indicator.as_str())
        .collect();
    let ended = account.ended;
    let values = [
        ("result", Ending::of(record).as_str().to_owned()),
        ("score", score(record.evaluation.score)),
        (
            "exit-code",
            ended.map_or_else(String::new, |ended| ended.code.to_string()),
        ),
        (
            "exit-name",
            ended.map_or_else(String::new, |ended| ended.name.to_owned()),
        ),
        ("id", record.ids.finished.clone()),
        ("failed-slis", json!(failed).to_string()),
    ];
    let mut addition = assignments(&values);
    for (format, path) in call.reports {
        let line = assignment(&format!("report-{}", format.name()), path);
        addition.text.push_str(&line);
    }
    addition
}

/// Writes outputs.
fn assignments(values: &[(&str, String)]) -> Addition {
    let lines: Vec<String> = values
        .iter()
        .map(|(name, value)| assignment(name, value))
        .collect();
    Addition {
        variable: "GITHUB_OUTPUT",
        text: lines.concat(),
        limit: None,
    }
}

/// Writes one output on one line, which no value can end.
fn assignment(name: &str, value: &str) -> String {
    format!("{name}={}\n", printable(value))
}

/// Adds to the step summary.
fn step_summary(text: &str, short: String) -> Addition {
    Addition {
        variable: "GITHUB_STEP_SUMMARY",
        text: format!("{text}\n"),
        limit: Some((MOST_SUMMARY_BYTES, short)),
    }
}

/// Returns text without control characters, and without what another runner might take for a command.
fn plain(text: &str) -> String {
    quiet(&printable(text)).into_owned()
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
#[path = "github_tests.rs"]
pub(super) mod tests;
