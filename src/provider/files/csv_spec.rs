//! Which number of a table is meant, as an indicator states it.

use std::collections::BTreeMap;

use csv::ByteRecord;
use serde::Deserialize;

use super::csv_condition::Condition;
use super::found::QueryError;

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

impl CsvSpec {
    /// Reads a cell as a number.
    pub(super) fn number(
        &self,
        text: &str,
        column: &str,
        row: &ByteRecord,
    ) -> Result<f64, QueryError> {
        let line = row.position().map_or(0, csv::Position::line);
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
            place: format!("column `{column}` in line {line}"),
            found: format!("`{}`", text.chars().take(60).collect::<String>()),
            advice: "list texts that stand for \"no value\" in `na`".to_owned(),
        })
    }

    /// Returns what parts the fields: what is asked for, or what occurs most often in the first line.
    pub(super) fn separator(&self, text: &str) -> Result<u8, QueryError> {
        if self.delimiter == "auto" {
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
        let name = if self.delimiter == "tab" {
            "\t"
        } else {
            &self.delimiter
        };
        match name.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'"' => {
                Ok(*byte)
            }
            _ => Err(QueryError::wrong(format!(
                "`delimiter: {:?}` is not one character such as `,` or `;`, nor `tab` or `auto`",
                self.delimiter
            ))),
        }
    }
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
