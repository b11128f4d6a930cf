//! The table for people: what was evaluated, each objective, what was missed, and the verdict last, because logs are
//! read from the end.

use anstyle::{Effects, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width};
use jiff::Timestamp;

use super::Detail;
use super::account::Account;
use super::change::{number, score};
use super::column::{Column, FIRM_BLANK, View};
use super::explain;
use super::text::{Charset, Mark, TextStyle, block, paint, printable};
use super::unanswered::unanswered;
use crate::gate::{
    Conclusion, Evaluation, MissingValue, ObjectiveResult, Record, Reference, Status, TotalScore,
    Verdict,
};

/// Writes the table.
pub fn write(account: &Account<'_>, detail: Detail, style: TextStyle) -> String {
    let record = account.record;
    let mut out = heading(record, style);
    let view = View {
        objectives: record.evaluation.objectives(),
        trend: account.trend,
        style,
    };
    if !view.objectives.is_empty() {
        out.push('\n');
        out.push_str(&objectives(view));
    }
    for section in [
        missed(record, style),
        unanswered(record),
        compared(record),
        by_policy(record),
    ] {
        if !section.is_empty() {
            out.push('\n');
            out.push_str(&section);
        }
    }
    if detail == Detail::Explained {
        out.push('\n');
        out.push_str(&explain::arithmetic(record));
    }
    out.push('\n');
    out.push_str(&verdict(record, style));
    out
}

/// Names the series, the window, and the labels.
fn heading(record: &Record, style: TextStyle) -> String {
    let series = printable(&record.series.to_string());
    let bold = Style::new().effects(Effects::BOLD);
    let window = record.window.map_or_else(
        || "window unknown".to_owned(),
        |window| format!("{} to {}", minute(window.start()), minute(window.end())),
    );
    let mut lines = vec![format!("{}  {window}", paint(&series, bold, style))];
    if !record.labels.is_empty() {
        let labels = record
            .labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        lines.push(printable(&format!(
            "labels: {}",
            labels.collect::<Vec<_>>().join(", ")
        )));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Prints an instant to the second, in UTC.
pub(super) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Draws one row per objective.
fn objectives(view: View<'_>) -> String {
    let style = view.style;
    let mut table = Table::new();
    let line = match style.charset {
        Charset::Unicode => '─',
        Charset::Ascii => '-',
    };
    let separator = LineStyle::none().fill(line).junction(line);
    table.load_style(NOTHING.header_separator(separator));
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width);
    let columns = Column::shown(view);
    let fits = Column::fit(&columns, view);
    table.set_header(columns.iter().map(|column| column.title()));
    for objective in view.objectives {
        table.add_row(columns.iter().map(|column| column.text(objective, view)));
    }
    for (column, shown) in columns.iter().zip(table.column_iter_mut()) {
        match column {
            Column::Status | Column::Trend => {
                shown.set_constraint(ColumnConstraint::ContentWidth);
            }
            Column::Criteria | Column::WarningCriteria if fits => {
                let least = u16::try_from(column.least(view)).unwrap_or(u16::MAX);
                // Its padding counts, too.
                let least = Width::Fixed(least.saturating_add(2));
                shown.set_constraint(ColumnConstraint::LowerBoundary(least));
            }
            Column::Sli | Column::Criteria | Column::WarningCriteria => {}
            Column::Value | Column::Baseline | Column::Change | Column::Points => {
                shown.set_constraint(ColumnConstraint::ContentWidth);
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let marks = [Status::Pass, Status::Warning, Status::Fail, Status::Info].map(Mark::of_status);
    let lines = table
        .lines()
        .map(|line| line.replace(FIRM_BLANK, " "))
        .map(|line| colour_mark(line.trim_end(), &marks, style));
    block(lines)
}

/// Colours the mark at the start of a line. Done after the layout, which must not count escape sequences.
fn colour_mark(line: &str, marks: &[Mark], style: TextStyle) -> String {
    let indent = line.len() - line.trim_start().len();
    let (blank, rest) = line.split_at(indent);
    let found = marks.iter().find_map(|mark| {
        let word = mark.plain(style);
        rest.strip_prefix(word.as_str())
            .map(|after| (mark, word, after))
    });
    match found {
        Some((mark, word, after)) => format!("{blank}{}{after}", mark.paint(&word, style)),
        None => line.to_owned(),
    }
}

/// Says of each objective that lost points what it missed, one sentence each.
fn missed(record: &Record, style: TextStyle) -> String {
    let lost =
        |objective: &&ObjectiveResult| matches!(objective.status, Status::Fail | Status::Warning);
    let objectives = record.evaluation.objectives().iter().filter(lost);
    block(objectives.map(|objective| {
        let mark = Mark::of_status(objective.status);
        let name = printable(objective.shown_name());
        let mark = mark.paint(&mark.plain(style), style);
        format!("{mark} {name} {}", explain::reason(objective))
    }))
}

/// Says which objectives met their relative criteria only because no earlier evaluation has a value for them.
fn without_baseline(record: &Record) -> Option<String> {
    let objectives = record.evaluation.objectives().iter();
    let names: Vec<String> = objectives
        .filter(|objective| objective.lacks_baseline())
        .map(|objective| printable(objective.shown_name()))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "No earlier evaluation has a value of {}{}.",
            names.join(", "),
            consequence(&record.evaluation)
        )
    })
}

/// Says which earlier evaluations were compared with, and which could not be.
fn compared(record: &Record) -> String {
    let evaluation = &record.evaluation;
    if evaluation.objectives.is_none() {
        return String::new();
    }
    let mut lines: Vec<String> = reference(evaluation).into_iter().collect();
    lines.extend(match evaluation.compared.as_slice() {
        [] => vec![compared_with_none(evaluation)],
        [one] => vec![format!(
            "Compared with 1 earlier evaluation: {}",
            past(&one.id, one.time)
        )],
        several => {
            let function = evaluation.comparison.map_or_else(String::new, |rules| {
                format!("the {} of ", rules.aggregate.name())
            });
            let count = several.len();
            let mut lines = vec![format!(
                "Compared with {function}{count} earlier evaluations:"
            )];
            lines.extend(
                several
                    .iter()
                    .map(|one| format!("  {}", past(&one.id, one.time))),
            );
            lines
        }
    });
    if !evaluation.compared.is_empty() {
        lines.extend(without_baseline(record));
    }
    let left_out = evaluation.left_out.iter();
    lines.extend(left_out.map(|left| {
        format!(
            "Not compared with {}: {}.",
            printable(&left.id),
            printable(&left.reason)
        )
    }));
    match evaluation.left_out_more {
        0 => {}
        more => lines.push(format!("Not compared with {more} more.")),
    }
    block(lines)
}

/// Says what chose the evaluations that were compared with, where that was not the SLO alone.
fn reference(evaluation: &Evaluation) -> Option<String> {
    match &evaluation.reference {
        Reference::Newest => None,
        Reference::Labelled(labels) => {
            let labels: Vec<String> = labels
                .iter()
                .map(|(key, value)| printable(&format!("{key}={value}")))
                .collect();
            Some(format!(
                "Only evaluations with the label {} count.",
                labels.join(" and ")
            ))
        }
        Reference::Pinned { evaluation, reason } => {
            let gap = if reason.is_empty() { "" } else { ": " };
            Some(format!(
                "The reference is pinned to {}{gap}{}.",
                printable(evaluation),
                printable(reason)
            ))
        }
        Reference::Evaluation(id) => Some(format!(
            "The reference is {}, chosen for this call.",
            printable(id)
        )),
        Reference::File(path) => Some(format!("The reference is the file {}.", printable(path))),
    }
}

/// Says that there was nothing to compare with.
fn compared_with_none(evaluation: &Evaluation) -> String {
    format!(
        "Compared with no earlier evaluation{}.",
        consequence(evaluation)
    )
}

/// Says what the lack of a baseline means.
fn consequence(evaluation: &Evaluation) -> &'static str {
    match evaluation.conclusion {
        Conclusion::Inconclusive(_) => "",
        Conclusion::Scored | Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => {
            "; relative criteria are met"
        }
    }
}

/// Names an earlier evaluation.
fn past(id: &str, time: Option<Timestamp>) -> String {
    let time = time.map_or_else(
        || "at an unknown time".to_owned(),
        |time| format!("of {}", minute(time)),
    );
    format!("{} {time}", printable(id))
}

/// Says where a policy decided because there was no value.
fn by_policy(record: &Record) -> String {
    let decided = record.evaluation.decided_by_policy();
    block(decided.map(|objective| format!("Policy: {}", explain::policy(objective))))
}

/// Says which scores were needed.
pub(super) fn needed(total_score: TotalScore) -> String {
    let pass = number(total_score.pass(), &[]);
    match total_score.warning() {
        Some(warning) => format!(" ({pass} to pass, {} for a warning)", number(warning, &[])),
        None => format!(" ({pass} to pass)"),
    }
}

/// Says the verdict, the score, and why.
fn verdict(record: &Record, style: TextStyle) -> String {
    let evaluation = &record.evaluation;
    let mark = match evaluation.conclusion {
        Conclusion::Inconclusive(_) => Mark::inconclusive(),
        Conclusion::Scored | Conclusion::RetrievalErrored | Conclusion::NotSucceeded(_) => {
            Mark::of_verdict(evaluation.verdict)
        }
    };
    let word = mark.paint(&mark.plain(style), style);
    let needed = evaluation.total_score.map_or_else(String::new, needed);
    let substituted = evaluation.decided_by_policy().any(|objective| {
        objective
            .policy
            .as_ref()
            .is_some_and(|policy| policy.action != MissingValue::Inconclusive)
    });
    let caveat = if substituted && evaluation.verdict != Verdict::Fail {
        ", by policy: not every objective had a value"
    } else {
        ""
    };
    let score = score(evaluation.score);
    let mut out = match &evaluation.conclusion {
        Conclusion::Inconclusive(_) => format!("{word}  no verdict\n"),
        Conclusion::NotSucceeded(status) => {
            format!("{word}  no score: its status is {}\n", printable(status))
        }
        Conclusion::Scored | Conclusion::RetrievalErrored => {
            format!("{word}  score {score} of 100{needed}{caveat}\n")
        }
    };
    if !evaluation.message.is_empty() {
        out.push_str(&printable(&evaluation.message));
        out.push('\n');
    }
    out
}
