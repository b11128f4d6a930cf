//! `PREFIX_stats.csv` of Locust. Times above 100 ms are rounded to two digits by Locust itself.

use super::failure::{FileError, Place};
use super::format::Format;
use super::load::{NO_REQUESTS, percentile_name};
use super::options::ReadOptions;
use super::results::{Group, Results};
use super::text;

/// The name of the row with the run as a whole.
const TOTAL: &str = "Aggregated";

/// What a reader should know of percentiles.
const NOTE: &str = "rounded to two digits by Locust";

/// The most rows that are told apart.
const MOST_ROWS: usize = 20_000;

/// Reads the statistics of a run. Without the last row, `Aggregated`, the file is cut off.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let text = text::decode(input)?;
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let columns = Columns::new(rows.headers().map_err(|error| malformed(&error))?)?;
    let mut results = Results::default();
    let mut is_complete = false;
    let mut place = Place::Line(1);
    for row in rows.records() {
        let row = row.map_err(|error| malformed(&error))?;
        place = Place::Line(row.position().map_or(0, csv::Position::line));
        let group = columns.group(&row).ok_or_else(|| FileError::Malformed {
            format: Format::LocustCsv,
            place,
            reason: "`Request Count` or `Failure Count` is not a count".to_owned(),
        })?;
        let (kind, name) = (cell(&row, columns.kind), cell(&row, columns.name));
        if name == TOTAL && kind.is_empty() {
            is_complete = true;
            results.total = group;
        } else if results.groups.len() < MOST_ROWS {
            let name = format!("{kind} {name}").trim().to_owned();
            results.groups.insert(name, group);
        }
    }
    if !is_complete {
        return Err(FileError::Truncated {
            format: Format::LocustCsv,
            place,
        });
    }
    if results.total.figures.is_empty() {
        results.warnings.push(NO_REQUESTS.to_owned());
    }
    Ok(results)
}

/// Where the columns are. Those of percentiles can be configured, and are known by their headers.
struct Columns {
    /// The method.
    kind: Option<usize>,
    /// The name of the request.
    name: Option<usize>,
    /// How many requests.
    requests: Option<usize>,
    /// How many failed.
    failures: Option<usize>,
    /// Requests a second.
    throughput: Option<usize>,
    /// Times by statistic.
    times: Vec<(String, usize)>,
    /// Percentiles by statistic.
    percentiles: Vec<(String, usize)>,
}

impl Columns {
    /// Reads the header.
    fn new(header: &csv::StringRecord) -> Result<Self, FileError> {
        let column = |name: &str| header.iter().position(|own| own.trim() == name);
        let columns = Self {
            kind: column("Type"),
            name: column("Name"),
            requests: column("Request Count"),
            failures: column("Failure Count"),
            throughput: column("Requests/s"),
            times: [
                ("avg", "Average Response Time"),
                ("min", "Min Response Time"),
                ("max", "Max Response Time"),
            ]
            .into_iter()
            .filter_map(|(statistic, name)| Some((statistic.to_owned(), column(name)?)))
            .collect(),
            percentiles: percentiles(header),
        };
        let needed = [columns.name, columns.requests, columns.failures];
        if needed.contains(&None) {
            let header: String = header.iter().take(4).collect::<Vec<_>>().join(",");
            let header: String = header.chars().take(80).collect();
            return Err(FileError::NotThisFormat {
                format: Format::LocustCsv,
                found: format!(
                    "its header begins with `{header}`; the statistics are in `PREFIX_stats.csv`"
                ),
            });
        }
        Ok(columns)
    }

    /// Makes figures of a row; none where its counts are no counts.
    fn group(&self, row: &csv::StringRecord) -> Option<Group> {
        let count = |column| cell(row, column).parse::<u64>().ok();
        let number = |column| cell(row, Some(column)).parse::<f64>().ok();
        let mut group = Group::default();
        let (total, failures) = (count(self.requests)?, count(self.failures)?);
        group.set_requests(total, failures);
        if total == 0 {
            return Some(group);
        }
        for (statistic, column) in &self.times {
            group.set_time(statistic, number(*column), None);
        }
        for (statistic, column) in &self.percentiles {
            group.set_time(statistic, number(*column), Some(NOTE));
        }
        group.set_throughput(self.throughput.and_then(number));
        Some(group)
    }
}

/// Returns the text of a cell.
fn cell(row: &csv::StringRecord, column: Option<usize>) -> &str {
    let cell = column.and_then(|column| row.get(column));
    cell.unwrap_or_default().trim()
}

/// Finds the columns such as `99.9%`. `100%` is the largest time, which has a column of its own.
fn percentiles(header: &csv::StringRecord) -> Vec<(String, usize)> {
    let columns = header.iter().enumerate().filter_map(|(column, name)| {
        let rank: f64 = name.trim().strip_suffix('%')?.parse().ok()?;
        (0.0..100.0)
            .contains(&rank)
            .then(|| (percentile_name(rank), column))
    });
    columns.collect()
}

/// Returns the error for CSV that cannot be read.
fn malformed(error: &csv::Error) -> FileError {
    let line = error.position().map_or(1, csv::Position::line);
    FileError::Malformed {
        format: Format::LocustCsv,
        place: Place::Line(line),
        reason: "the row has not as many fields as the header".to_owned(),
    }
}
