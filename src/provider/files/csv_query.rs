//! Any CSV: the indicator says which column, of which rows, and what is made of them.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};
use serde::Deserialize;

use super::csv_condition::Condition;
use super::failure::{FileError, Place};
use super::format::Format;
use super::found::{Found, QueryError};
use super::number::float;
use super::results::Unit;
use super::text;

/// Which number of a table is meant.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvSpec {
    /// What parts the fields: `auto`, or one character.
    #[serde(default = "auto")]
    pub delimiter: String,
    /// Whether the first row names the columns. Without it columns are numbers, from 1.
    #[serde(default = "yes")]
    pub header: bool,
    /// Which rows count: conditions by column, such as `status: ">=500"`.
    #[serde(default)]
    pub filter: BTreeMap<String, Condition>,
    /// The column with the numbers. `count` and `ratio` need none.
    #[serde(default)]
    pub column: Option<String>,
    /// What is made of the numbers.
    #[serde(default)]
    pub aggregate: Option<TableAggregate>,
    /// The part of the rows for which conditions hold.
    #[serde(default)]
    pub ratio: Option<RatioWhere>,
    /// The decimal sign: `.` or `,`.
    #[serde(default = "point")]
    pub decimal: char,
    /// Texts that stand for "no value". Rows with one of them do not count.
    #[serde(default)]
    pub na: Vec<String>,
}

/// The part of the rows for which conditions hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioWhere {
    /// The conditions; all of them hold.
    #[serde(rename = "where")]
    pub conditions: BTreeMap<String, Condition>,
}

/// What is made of the numbers of a column.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub enum TableAggregate {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// How many rows count.
    Count,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// That of the last row.
    Last,
    /// A percentile, by nearest rank.
    Percentile(f64),
}

impl TryFrom<String> for TableAggregate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rank = text
            .strip_prefix('p')
            .and_then(|rank| rank.parse::<f64>().ok());
        match (text.as_str(), rank) {
            ("sum", _) => Ok(Self::Sum),
            ("mean" | "avg", _) => Ok(Self::Mean),
            ("count", _) => Ok(Self::Count),
            ("min", _) => Ok(Self::Min),
            ("max", _) => Ok(Self::Max),
            ("last", _) => Ok(Self::Last),
            ("median", _) => Ok(Self::Percentile(50.0)),
            (_, Some(rank)) if rank > 0.0 && rank <= 100.0 => Ok(Self::Percentile(rank)),
            _ => Err(format!(
                "`{text}` is no aggregate; use p95 or another percentile, mean, sum, count, min, max, last, or `ratio` with `where`"
            )),
        }
    }
}

/// The default of `delimiter`.
fn auto() -> String {
    "auto".to_owned()
}

/// The default of `header`.
fn yes() -> bool {
    true
}

/// The default of `decimal`.
fn point() -> char {
    '.'
}

/// What is asked of the rows.
enum Question {
    /// What becomes of the numbers of a column.
    Column(usize, String, Option<TableAggregate>),
    /// How many rows count.
    Rows,
    /// For which part of the rows conditions hold.
    Ratio(Vec<(usize, String, Condition)>),
}

/// Asks a table. No row that counts is "no data"; of rows of which none fulfils the filter the count is 0.
pub(super) fn query(input: &[u8], spec: &CsvSpec) -> Result<Found, QueryError> {
    let text = text::decode(input)?;
    let delimiter = delimiter(spec, text)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(spec.header)
        .from_reader(text.as_bytes());
    let columns = Columns {
        header: if spec.header {
            let header = reader.byte_headers().map_err(|error| malformed(&error))?;
            Some(header.iter().map(cell).collect())
        } else {
            None
        },
    };
    let filter = columns.conditions(&spec.filter)?;
    let mut table = Table {
        question: columns.question(spec)?,
        spec,
        rows: 0,
        counted: 0,
        held: 0,
        values: Vec::new(),
    };
    let mut row = ByteRecord::new();
    let mut start = 0;
    while reader
        .read_byte_record(&mut row)
        .map_err(|error| malformed(&error))?
    {
        start = row.position().map_or(0, csv::Position::byte);
        table.add(&row, &filter)?;
    }
    check_end(text, usize::try_from(start).unwrap_or(0))?;
    Ok(table.into_found())
}

/// Rows that are being counted.
struct Table<'s> {
    /// What is asked.
    question: Question,
    /// How it is asked.
    spec: &'s CsvSpec,
    /// How many rows there are.
    rows: usize,
    /// How many count.
    counted: usize,
    /// For how many of them the conditions of a ratio hold.
    held: usize,
    /// The numbers of the column.
    values: Vec<f64>,
}

impl Table<'_> {
    /// Takes note of a row.
    fn add(
        &mut self,
        row: &ByteRecord,
        filter: &[(usize, String, Condition)],
    ) -> Result<(), QueryError> {
        self.rows += 1;
        if !holds(filter, row, self.spec)? {
            return Ok(());
        }
        match &self.question {
            Question::Rows => self.counted += 1,
            Question::Ratio(conditions) => {
                self.counted += 1;
                self.held += usize::from(holds(conditions, row, self.spec)?);
            }
            Question::Column(column, name, _) => {
                let text = row.get(*column).map(cell).unwrap_or_default();
                if !self.spec.na.contains(&text) {
                    self.counted += 1;
                    self.values.push(self.spec.number(&text, name, row)?);
                }
            }
        }
        Ok(())
    }

    /// Makes an answer of the rows.
    fn into_found(self) -> Found {
        let count = |count: usize| float(u64::try_from(count).unwrap_or(u64::MAX));
        let mut found = Found::new(Vec::new()).of_samples(self.counted);
        match self.question {
            Question::Rows => {
                found
                    .values
                    .extend((self.rows > 0).then(|| count(self.counted)));
                found.unit = Unit::Count;
            }
            Question::Ratio(_) => {
                let ratio = count(self.held) / count(self.counted);
                found.values.extend((self.counted > 0).then_some(ratio));
                found.unit = Unit::Ratio;
            }
            Question::Column(_, _, aggregate) => {
                if matches!(aggregate, Some(TableAggregate::Percentile(_))) {
                    found.note = Some("nearest rank".to_owned());
                }
                found.values = aggregated(self.values, aggregate);
            }
        }
        found
    }
}

/// Makes one number of several, or leaves them as they are. Of none there is none.
fn aggregated(mut values: Vec<f64>, aggregate: Option<TableAggregate>) -> Vec<f64> {
    let count = float(u64::try_from(values.len()).unwrap_or(u64::MAX));
    let value = match aggregate {
        _ if values.is_empty() => None,
        None => return values,
        Some(TableAggregate::Sum) => Some(values.iter().sum()),
        Some(TableAggregate::Mean) => Some(values.iter().sum::<f64>() / count),
        Some(TableAggregate::Count) => Some(count),
        Some(TableAggregate::Min) => values.into_iter().reduce(f64::min),
        Some(TableAggregate::Max) => values.into_iter().reduce(f64::max),
        Some(TableAggregate::Last) => values.pop(),
        Some(TableAggregate::Percentile(rank)) => {
            values.sort_by(f64::total_cmp);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the rank is above 0 and at most 100, and a float is cut to the range of integers"
            )]
            let place = (rank / 100.0 * count - 1e-9).ceil().max(1.0) as usize;
            values.get(place - 1).copied()
        }
    };
    value.into_iter().collect()
}

/// The columns of a table.
struct Columns {
    /// Their names, where they have any.
    header: Option<Vec<String>>,
}

impl Columns {
    /// Finds a column by its name, or by its number where columns have no names.
    fn find(&self, name: &str) -> Result<usize, QueryError> {
        let Some(header) = &self.header else {
            let number = name
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1));
            return number.ok_or_else(|| {
                QueryError::wrong(format!(
                    "`{name}` is no column: without a header columns are numbers, from 1"
                ))
            });
        };
        let mut found = header.iter().enumerate().filter(|(_, own)| *own == name);
        match (found.next(), found.next()) {
            (Some((column, _)), None) => Ok(column),
            (Some(_), Some(_)) => Err(QueryError::wrong(format!(
                "two columns are named `{name}`: set `header: false`, and use their numbers"
            ))),
            (None, _) => {
                let known: String = header.join("`, `").chars().take(300).collect();
                Err(QueryError::wrong(format!(
                    "no column is named `{name}`; there are `{known}`"
                )))
            }
        }
    }

    /// Finds the columns of conditions.
    fn conditions(
        &self,
        conditions: &BTreeMap<String, Condition>,
    ) -> Result<Vec<(usize, String, Condition)>, QueryError> {
        let found = conditions
            .iter()
            .map(|(name, condition)| Ok((self.find(name)?, name.clone(), condition.clone())));
        found.collect()
    }

    /// Reads what is asked.
    fn question(&self, spec: &CsvSpec) -> Result<Question, QueryError> {
        match (&spec.column, spec.aggregate, &spec.ratio) {
            (None, None, Some(ratio)) => Ok(Question::Ratio(self.conditions(&ratio.conditions)?)),
            (_, _, Some(_)) => Err(QueryError::wrong(
                "`ratio` stands alone: remove `column` and `aggregate`",
            )),
            (None, Some(TableAggregate::Count), None) => Ok(Question::Rows),
            (None, _, None) => Err(QueryError::wrong(
                "`column` is missing: name the column with the numbers",
            )),
            (Some(column), aggregate, None) => Ok(Question::Column(
                self.find(column)?,
                column.clone(),
                aggregate,
            )),
        }
    }
}

impl CsvSpec {
    /// Reads a cell as a number.
    fn number(&self, text: &str, column: &str, row: &ByteRecord) -> Result<f64, QueryError> {
        let plain = if self.decimal == ',' {
            text.replace(',', ".")
        } else {
            text.to_owned()
        };
        let number = plain
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        number.ok_or_else(|| QueryError::NotANumber {
            place: format!("column `{column}` in line {}", line(row)),
            found: format!("`{}`", text.chars().take(60).collect::<String>()),
            advice: "list texts that stand for \"no value\" in `na`".to_owned(),
        })
    }
}

/// Tells whether all conditions hold for a row.
fn holds(
    conditions: &[(usize, String, Condition)],
    row: &ByteRecord,
    spec: &CsvSpec,
) -> Result<bool, QueryError> {
    for (column, name, condition) in conditions {
        let text = row.get(*column).map(cell).unwrap_or_default();
        let number = |text: &str| spec.number(text, name, row);
        let is_held = match condition.holds_for_text(&text) {
            Some(is_held) => is_held,
            None if spec.na.contains(&text) => false,
            None => condition.holds_for_number(number(&text)?),
        };
        if !is_held {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the text of a cell.
fn cell(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Returns the line a row begins on.
fn line(row: &ByteRecord) -> u64 {
    row.position().map_or(0, csv::Position::line)
}

/// Returns what parts the fields: what is asked for, or what occurs most often in the first line.
fn delimiter(spec: &CsvSpec, text: &str) -> Result<u8, QueryError> {
    if spec.delimiter == "auto" {
        let first = text.lines().find(|line| !line.trim().is_empty());
        let mut is_quoted = false;
        let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
        for byte in first.unwrap_or_default().bytes() {
            is_quoted ^= byte == b'"';
            let known = counts
                .iter_mut()
                .find(|(own, _)| *own == byte && !is_quoted);
            if let Some((_, count)) = known {
                *count += 1;
            }
        }
        // Of equals the first of them.
        let best = counts.iter().rev().max_by_key(|(_, count)| *count);
        return Ok(best.map_or(b',', |(byte, _)| *byte));
    }
    let name = if spec.delimiter == "tab" {
        "\t"
    } else {
        &spec.delimiter
    };
    match name.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'"' => Ok(*byte),
        _ => Err(QueryError::wrong(format!(
            "`delimiter: {:?}` is not one character such as `,` or `;`, nor `tab` or `auto`",
            spec.delimiter
        ))),
    }
}

/// Refuses a table that ends within quotes: rows behind them would be missing.
fn check_end(text: &str, start: usize) -> Result<(), QueryError> {
    let last = text.as_bytes().get(start..).unwrap_or_default();
    let quotes = memchr::memchr_iter(b'"', last).count();
    if quotes.is_multiple_of(2) {
        return Ok(());
    }
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    Err(QueryError::File(FileError::Truncated {
        format: Format::Csv,
        place: Place::Line(u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)),
    }))
}

/// Returns the error for CSV that cannot be read.
fn malformed(error: &csv::Error) -> QueryError {
    let line = error.position().map_or(1, csv::Position::line);
    QueryError::File(FileError::Malformed {
        format: Format::Csv,
        place: Place::Line(line),
        reason: "the row has not as many fields as the first one; is the delimiter right?"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "\u{feff}name,status,elapsed_ms\r\n\"a, b\",200,10\r\nc,500,20\r\nd,503,60\r\ne,200,30\r\n";

    /// Asks a question, written as YAML's twin JSON.
    fn ask_of(text: &str, spec: &str) -> Result<Found, String> {
        let spec: CsvSpec = serde_json::from_str(spec).map_err(|error| error.to_string())?;
        query(text.as_bytes(), &spec).map_err(|error| error.to_string())
    }

    fn ask(spec: &str) -> Vec<f64> {
        ask_of(TABLE, spec).unwrap().values
    }

    #[test]
    fn a_column_is_aggregated_as_asked() {
        let value = |aggregate: &str| {
            ask(&format!(
                r#"{{"column": "elapsed_ms", "aggregate": "{aggregate}"}}"#
            ))
        };
        assert_eq!(value("sum"), [120.0]);
        assert_eq!(value("mean"), [30.0]);
        assert_eq!(value("count"), [4.0]);
        assert_eq!(value("min"), [10.0]);
        assert_eq!(value("max"), [60.0]);
        assert_eq!(value("last"), [30.0]);
        assert_eq!(value("p50"), [20.0]);
        assert_eq!(value("p75"), [30.0]);
        assert_eq!(value("p99.9"), [60.0]);
        assert_eq!(ask(r#"{"column": "elapsed_ms"}"#), [10.0, 20.0, 60.0, 30.0]);
    }

    #[test]
    fn a_ratio_is_the_part_of_rows_for_which_conditions_hold() {
        assert_eq!(ask(r#"{"ratio": {"where": {"status": ">=500"}}}"#), [0.5]);
        assert_eq!(
            ask(r#"{"filter": {"elapsed_ms": ">10"}, "ratio": {"where": {"status": 200}}}"#),
            [1.0 / 3.0]
        );
        assert_eq!(
            ask(r#"{"filter": {"name": "x"}, "ratio": {"where": {"status": 200}}}"#),
            [] as [f64; 0]
        );
    }

    #[test]
    fn rows_are_filtered_by_text_and_by_number() {
        let count = |filter: &str| ask(&format!(r#"{{"filter": {filter}, "aggregate": "count"}}"#));
        assert_eq!(count(r#"{"name": "a, b"}"#), [1.0]);
        assert_eq!(count(r#"{"name": "!=c", "status": "<500"}"#), [2.0]);
        assert_eq!(count(r#"{"status": "200.0"}"#), [2.0]);
        assert_eq!(count(r#"{"status": ">600"}"#), [0.0]);
        assert_eq!(
            ask_of("a,b\n", r#"{"aggregate": "count"}"#).unwrap().values,
            [] as [f64; 0]
        );
    }

    #[test]
    fn delimiters_and_decimal_signs_differ() {
        let table = "time;value\n1;\"1,5\"\n2;2,5\n";
        let spec = r#"{"column": "value", "aggregate": "sum", "decimal": ","}"#;
        assert_eq!(ask_of(table, spec).unwrap().values, [4.0]);
        let table = "x\t1\ny\t2\n";
        let spec = r#"{"header": false, "column": "2", "aggregate": "max"}"#;
        assert_eq!(ask_of(table, spec).unwrap().values, [2.0]);
        assert_eq!(
            ask_of("value\n3\n", r#"{"column": "value"}"#)
                .unwrap()
                .values,
            [3.0]
        );
    }

    #[test]
    fn a_cell_that_is_no_number_is_an_error_with_its_line() {
        let table = "a,b\n1,2\n1,N/A\n1,NaN\n";
        let spec = r#"{"column": "b", "aggregate": "sum"}"#;
        assert_eq!(
            ask_of(table, spec).unwrap_err(),
            "column `b` in line 3 is `N/A`, not a number; list texts that stand for \"no value\" in `na`"
        );
        let spec = r#"{"column": "b", "aggregate": "sum", "na": ["N/A", "NaN"]}"#;
        let found = ask_of(table, spec).unwrap();
        assert_eq!((found.values, found.samples), (vec![2.0], Some(1)));
    }

    #[test]
    fn a_wrong_question_or_table_says_what_would_be_right() {
        let error = |text: &str, spec: &str| ask_of(text, spec).unwrap_err();
        assert!(
            error(TABLE, r#"{"column": "x"}"#).contains("there are `name`, `status`, `elapsed_ms`")
        );
        assert!(error(TABLE, "{}").starts_with("`column` is missing"));
        assert!(
            error(TABLE, r#"{"column": "status", "aggregate": "p0"}"#).contains("no aggregate")
        );
        assert!(error("a,a\n1,2\n", r#"{"column": "a"}"#).starts_with("two columns are named `a`"));
        assert!(error("a,b\n1,2\n3\n", r#"{"column": "a"}"#).contains("at line 3"));
        assert!(error("a,b\n1,\"2\n3,4\n", r#"{"column": "a"}"#).contains("cut off"));
        assert!(error("", r#"{"column": "a"}"#).contains("empty"));
    }
}
