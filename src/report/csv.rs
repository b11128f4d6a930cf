//! Comma-separated values (RFC 4180): a row for each objective, what is known of the whole on each of them.

use ::csv::{Terminator, WriterBuilder};

use super::account::Account;
use super::change::{rounded, score};
use super::column::criteria;
use super::text::printable;
use crate::gate::event::keptn_time;
use crate::gate::{Ending, ObjectiveResult, Record, TimeWindow};

/// The names of the columns.
const COLUMNS: [&str; 22] = [
    "project",
    "stage",
    "service",
    "id",
    "time",
    "window_start",
    "window_end",
    "result",
    "score",
    "sli",
    "display_name",
    "status",
    "value",
    "unit",
    "baseline",
    "change_percent",
    "points",
    "max_points",
    "key_sli",
    "pass",
    "warning",
    "message",
];

/// How many columns are about the whole.
const ABOUT_THE_WHOLE: usize = 9;

/// As many digits as a number can have.
const ALL_DIGITS: usize = 17;

/// Writes an evaluation. One without objectives gets a row all the same, which tells how it ended.
pub(super) fn write(account: &Account<'_>) -> String {
    let record = account.record;
    let objectives = record.evaluation.objectives();
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    rows.extend(objectives.iter().map(|objective| {
        let mut row = about_the_whole(record);
        row.extend(about(objective));
        row
    }));
    if objectives.is_empty() {
        let mut row = about_the_whole(record);
        row.resize(COLUMNS.len() - 1, String::new());
        row.push(record.evaluation.message.clone());
        rows.push(row);
    }
    table(&rows).unwrap_or_else(|_writing_to_memory_never_fails| String::new())
}

/// Returns what is known of the whole.
fn about_the_whole(record: &Record) -> Vec<String> {
    let series = &record.series;
    let instant = |of: fn(&TimeWindow) -> _| {
        let window = record.window.as_ref();
        window.map_or_else(String::new, |window| keptn_time(of(window)))
    };
    let columns: [String; ABOUT_THE_WHOLE] = [
        series.project.to_string(),
        series.stage.to_string(),
        series.service.to_string(),
        record.ids.finished.clone(),
        keptn_time(record.time),
        instant(TimeWindow::start),
        instant(TimeWindow::end),
        Ending::of(record).as_str().to_owned(),
        score(record.evaluation.score),
    ];
    columns.to_vec()
}

/// Returns what is known of an objective.
fn about(objective: &ObjectiveResult) -> [String; COLUMNS.len() - ABOUT_THE_WHOLE] {
    let number =
        |value: Option<f64>| value.map_or_else(String::new, |value| rounded(value, ALL_DIGITS));
    let warning = objective.warning_targets.as_deref().unwrap_or_default();
    let value = objective.value.as_ref();
    [
        objective.indicator.to_string(),
        objective.display_name.clone(),
        objective.status.as_str().to_owned(),
        number(objective.judged_value()),
        objective.unit.clone().unwrap_or_default(),
        number(objective.baseline),
        change_percent(objective).map_or_else(String::new, |change| rounded(change, 6)),
        number(Some(objective.score)),
        number(objective.maximum),
        objective.key.to_string(),
        criteria(&objective.pass_targets, objective.baseline),
        criteria(warning, objective.baseline),
        value.map_or_else(String::new, |value| value.message.clone()),
    ]
}

/// Returns the change against the baseline in per cent.
fn change_percent(objective: &ObjectiveResult) -> Option<f64> {
    let baseline = objective.baseline.filter(|baseline| *baseline != 0.0)?;
    let change = (objective.judged_value()? - baseline) / baseline.abs() * 100.0;
    change.is_finite().then_some(change)
}

/// Prints rows.
fn table(rows: &[Vec<String>]) -> Result<String, ::csv::Error> {
    let mut builder = WriterBuilder::new();
    let mut writer = builder.terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(::csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Makes a cell harmless in a spreadsheet, which runs what begins like a formula.
fn harmless(cell: &str) -> String {
    let text = printable(cell);
    let begins_a_formula = text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if begins_a_formula && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, golden};

    #[test]
    fn the_golden_files_hold() {
        golden::check(Format::Csv, "report.csv");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_only_shown() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("  @SUM(A1)"), "'  @SUM(A1)");
        assert_eq!(harmless("+5.9 %"), "'+5.9 %");
        assert_eq!(harmless("\t=1"), "\\u{9}=1");
        assert_eq!(harmless("-1.5e-3"), "-1.5e-3");
        assert_eq!(harmless("<=+10%"), "<=+10%");
    }
}
