//! Markdown as GitHub and GitLab show it: the verdict first, a table, what lost points, the rest folded up.
//!
//! The first line is a comment that names the series, so that a bot finds its own comment again. The whole stays below
//! the megabyte that GitHub takes, whatever the input.

use super::change::{change, number};
use super::escaped::{comment, name, prose};
use super::headline::{headline, lost_points, sentence, shortened, shown_score};
use super::sparkline::sparkline;
use super::table::minute;
use super::text::{Charset, printable};
use super::{Account, Unjudged, explain};
use crate::gate::{Ending, ObjectiveResult, Record, Series, Status, TrendPoint, Verdict};

/// How many bytes a section may take: five of them fit into a megabyte, with room for the rest.
const MOST_BYTES: usize = 150_000;
/// How many characters of a name are shown.
const NAME: usize = 200;
/// How many characters of a sentence are shown.
const SENTENCE: usize = 1000;
/// How many earlier evaluations are listed.
const EARLIER: usize = 10;

/// Writes an evaluation.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let sections = [
        heading(account),
        objectives(record),
        lost(record),
        trend(account),
        comparison(record),
        arithmetic(record),
        footer(account),
    ];
    let sections = sections.into_iter().filter(|section| !section.is_empty());
    sections.collect::<Vec<_>>().join("\n")
}

/// Writes that there is no verdict.
pub(super) fn write_unjudged(unjudged: &Unjudged<'_>) -> String {
    let marker = unjudged.series.map_or_else(String::new, marker);
    let series = unjudged.series.map_or_else(String::new, |series| {
        format!(" for {}", name(&series.to_string(), NAME))
    });
    let hint = unjudged.hint.map_or_else(String::new, |hint| {
        format!("\nWhat to do: {}\n", prose(hint, SENTENCE))
    });
    format!(
        "{marker}## ❔ Quality gate: no verdict{series}\n\n{}\n{hint}\nThe call ended with exit code {} ({}). Nothing was judged.\n",
        prose(unjudged.message, SENTENCE),
        unjudged.ended.code,
        unjudged.ended.name,
    )
}

/// Returns the comment that names the series.
fn marker(series: &Series) -> String {
    let names = [
        series.project.as_str(),
        series.stage.as_str(),
        series.service.as_str(),
    ];
    let names = names.map(|name| comment(&shortened(name, NAME)));
    format!("<!-- tidegate:{} -->\n", names.join("/"))
}

/// Says how it ended.
fn heading(account: &Account<'_>) -> String {
    let record = account.record;
    let series = name(&record.series.to_string(), NAME);
    let sign = ending_sign(Ending::of(record));
    let mut text = format!(
        "{}## {sign} Quality gate: {}\n\n{series}",
        marker(&record.series),
        prose(&headline(record), SENTENCE)
    );
    if let Some(window) = record.window {
        let (start, end) = (minute(window.start()), minute(window.end()));
        text = format!("{text}, {start} to {end}");
    }
    text.push('\n');
    let message = &record.evaluation.message;
    if !message.is_empty() {
        text = format!("{text}\n{}\n", prose(message, SENTENCE));
    }
    if let Some(reason) = account.standing.and_then(|standing| standing.invalidated) {
        let reason = if reason.is_empty() {
            "no reason was given"
        } else {
            reason
        };
        let reason = prose(reason, SENTENCE);
        text = format!("{text}\n⚠️ This evaluation no longer counts: {reason}\n");
    }
    text
}

/// Returns the sign of an ending; the word always stands beside it.
fn ending_sign(ending: Ending) -> &'static str {
    match ending {
        Ending::Verdict(Verdict::Pass) => "✅",
        Ending::Verdict(Verdict::Warning) => "⚠️",
        Ending::Verdict(Verdict::Fail) => "❌",
        Ending::Inconclusive => "❔",
    }
}

/// Returns the sign and the word of a status.
fn status(status: Status) -> &'static str {
    match status {
        Status::Pass => "✅ pass",
        Status::Warning => "⚠️ warning",
        Status::Fail => "❌ fail",
        Status::Info => "ℹ️ info",
    }
}

/// Draws the table of the objectives, those that lost points first.
fn objectives(record: &Record) -> String {
    let all = record.evaluation.objectives();
    if all.is_empty() {
        return String::new();
    }
    let (lost, rest): (Vec<_>, Vec<_>) = all.iter().partition(|objective| lost_points(objective));
    let head = "| Result | SLI | Value | Baseline | Change | Pass criteria | Points |\n\
                |---|---|---:|---:|---:|---|---:|\n";
    let rows = lost.into_iter().chain(rest).map(row);
    limited(head, rows, "objectives")
}

/// Draws one row.
fn row(objective: &ObjectiveResult) -> String {
    let key = if objective.key { " (key)" } else { "" };
    let unit = objective.unit.as_deref().filter(|unit| !unit.is_empty());
    let unit = unit.map_or_else(String::new, |unit| format!(" {}", prose(unit, NAME)));
    let value = objective.judged_value().map_or_else(
        || "no value".to_owned(),
        |value| format!("{}{unit}", number(value, &objective.pass_targets)),
    );
    let baseline = objective.baseline.map(|baseline| number(baseline, &[]));
    let criteria = objective.pass_targets.iter().take(20).map(|target| {
        let missed = if target.violated { "✗ " } else { "" };
        format!("{missed}{}", name(target.criteria.trim(), NAME))
    });
    let criteria: Vec<String> = criteria.collect();
    let maximum = objective.maximum.map(|maximum| number(maximum, &[]));
    format!(
        "| {} | {}{key} | {value} | {} | {} | {} | {} / {} |\n",
        status(objective.status),
        name(objective.shown_name(), NAME),
        baseline.unwrap_or_default(),
        change(objective),
        criteria.join("<br>"),
        number(objective.score, &[]),
        maximum.as_deref().unwrap_or("?"),
    )
}

/// Says of each objective that lost points why.
fn lost(record: &Record) -> String {
    let objectives = record.evaluation.objectives().iter();
    let told = |objective: &&ObjectiveResult| lost_points(objective) || objective.policy.is_some();
    let mut lines = objectives.filter(told).map(|objective| {
        let sentence = prose(&sentence(objective), SENTENCE);
        format!("- {}: {sentence}\n", status(objective.status))
    });
    let Some(first) = lines.next() else {
        return String::new();
    };
    let lines = [first].into_iter().chain(lines);
    limited("### What lost points\n\n", lines, "sentences")
}

/// Lists the evaluations before.
fn trend(account: &Account<'_>) -> String {
    let Some(trend) = account.trend.filter(|trend| !trend.points.is_empty()) else {
        return String::new();
    };
    let record = account.record;
    let mut scores: Vec<Option<f64>> = trend.points.iter().rev().map(|point| point.score).collect();
    scores.push(shown_score(record).map(|_| record.evaluation.score));
    let line = sparkline(&scores, Charset::Unicode);
    let count = trend.points.len();
    let head = format!(
        "<details><summary>The scores of this evaluation and the {count} before it: {line}</summary>\n\n\
         | Time | Result | Score | Evaluation |\n|---|---|---:|---|\n"
    );
    let rows = trend.points.iter().take(EARLIER).map(earlier);
    format!("{}\n</details>\n", limited(&head, rows, "evaluations"))
}

/// Draws the row of an earlier evaluation.
fn earlier(point: &TrendPoint) -> String {
    let time = point.time.map(minute);
    let score = point.score.map(super::change::score);
    let counts = if point.invalidated.is_some() {
        ", no longer counts"
    } else {
        ""
    };
    format!(
        "| {} | {} {}{counts} | {} | {} |\n",
        time.unwrap_or_default(),
        ending_sign(point.ending),
        point.ending.as_str(),
        score.unwrap_or_default(),
        name(&point.id, NAME),
    )
}

/// Says what was compared with.
fn comparison(record: &Record) -> String {
    let evaluation = &record.evaluation;
    if evaluation.objectives().is_empty() {
        return String::new();
    }
    let mut lines: Vec<String> = evaluation
        .compared
        .iter()
        .map(|past| {
            let time = past.time.map(|time| format!(" of {}", minute(time)));
            let time = time.unwrap_or_default();
            format!("- compared with {}{time}\n", name(&past.id, NAME))
        })
        .collect();
    if lines.is_empty() {
        lines.push("- compared with no earlier evaluation\n".to_owned());
    }
    lines.extend(evaluation.left_out.iter().map(|left| {
        let reason = prose(&left.reason, SENTENCE);
        format!("- not compared with {}: {reason}\n", name(&left.id, NAME))
    }));
    if evaluation.left_out_more > 0 {
        lines.push(format!(
            "- not compared with {} more\n",
            evaluation.left_out_more
        ));
    }
    let head = "<details><summary>Comparison</summary>\n\n";
    format!("{}\n</details>\n", limited(head, lines, "evaluations"))
}

/// Spells out how the score came about.
fn arithmetic(record: &Record) -> String {
    if record.evaluation.objectives().is_empty() {
        return String::new();
    }
    let text = explain::arithmetic(record);
    let lines = text.lines().skip(1);
    let lines = lines.map(|line| format!("- {}\n", prose(line.trim_start(), SENTENCE)));
    let head = "<details><summary>How the score came about</summary>\n\n";
    format!("{}\n</details>\n", limited(head, lines, "steps"))
}

/// Says where it comes from.
fn footer(account: &Account<'_>) -> String {
    let record = account.record;
    let labels = record.labels.iter().map(|(key, value)| {
        let label = format!("{key}={value}");
        format!("{} ", name(&label, NAME))
    });
    let labels = limited("", labels, "labels");
    let labels = labels.trim_end();
    let gap = if labels.is_empty() { "" } else { "\n\n" };
    let producer = prose(&record.producer, NAME);
    let id = name(&printable(&record.ids.finished), NAME);
    format!("{labels}{gap}<sub>Evaluation {id} by {producer}</sub>\n")
}

/// Joins lines below a head, as many as fit; says how many are left out.
fn limited(head: &str, lines: impl IntoIterator<Item = String>, of_what: &str) -> String {
    let mut text = head.to_owned();
    let mut left_out = 0_usize;
    for line in lines {
        if text.len() + line.len() > MOST_BYTES {
            left_out += 1;
        } else {
            text.push_str(&line);
        }
    }
    if left_out > 0 {
        text = format!(
            "{text}\n{left_out} more {of_what} are left out here, because the report would be too large: `--report json` has all of it.\n"
        );
    }
    text
}
