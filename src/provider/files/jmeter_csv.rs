//! `JMeter`'s samples as CSV: the default of `jmeter -l FILE`.
//!
//! A file can have any size: it streams through a small buffer. A line that cannot be read is an error that names it;
//! only the last one may be cut off, as it is when a test is aborted.

mod columns;
mod row;
#[cfg(test)]
mod tests;

use std::io::Read;

use columns::{Column, Columns};
use row::{BadRow, Row, RowKind, RowReader, StampFormat};

use super::distribution::Tick;
use super::failure::{FileError, Place};
use super::format::Format;
use super::java_time::Pattern;
use super::options::ReadOptions;
use super::records::{Quotes, Record, RecordEnd, Records};
use super::results::Results;
use super::samples::{Clock, GroupKind, Has, Part, Sample, Samples};

/// Reads samples.
pub(super) fn read(input: &mut dyn Read, options: &ReadOptions) -> Result<Results, FileError> {
    let mut records = Records::open(input)?;
    let reader = open(&mut records, options)?;
    let mut samples = Samples::new(Tick::Millisecond);
    let mut lossy = 0_u64;
    while let Some(record) = records.next()? {
        if record.end != RecordEnd::LineBreak && is_cut_off(&reader, &record)? {
            let line = record.line;
            samples.warnings.push(format!(
                "the file ends in the middle of line {line}, which is left out: the test was aborted, or is still running"
            ));
            break;
        }
        let row = match record.quotes {
            Quotes::None => reader.read(record.text),
            Quotes::Some => reader.read_quoted(record.text),
        };
        match row {
            Ok(row) => lossy += u64::from(add(&mut samples, &row)),
            Err(_) if record.text.trim_ascii().is_empty() => {}
            Err(_) if reader.columns.header.as_deref() == Some(record.text) => {
                let line = record.line;
                samples.warnings.push(format!(
                    "the header comes again at line {line}: the file holds several runs, and they count as one"
                ));
            }
            Err(bad) => return Err(malformed(&reader, &record, &bad)),
        }
    }
    if lossy > 0 {
        samples.warnings.push(format!(
            "{lossy} names are not UTF-8; what cannot be read of them shows as \u{fffd}"
        ));
    }
    Ok(finish(samples, &reader))
}

/// Returns whether a first line is that of a `JMeter` CSV.
pub(super) fn recognise(line: &[u8]) -> bool {
    Columns::recognise(line)
}

/// Reads the header, and how times of day are written.
fn open(records: &mut Records<'_>, options: &ReadOptions) -> Result<RowReader, FileError> {
    let ahead = records.ahead();
    let end = memchr::memchr(b'\n', ahead).unwrap_or(ahead.len());
    let columns = Columns::of_first_line(ahead.get(..end).unwrap_or_default())?;
    if columns.header.is_some() {
        records.next()?;
    }
    records.quote_by(columns.delimiter);
    let ahead = records.ahead();
    let end = memchr::memchr(b'\n', ahead).unwrap_or(ahead.len());
    let first = row::split_quoted(ahead.get(..end).unwrap_or_default(), columns.delimiter);
    let place = columns
        .wanted
        .iter()
        .position(|column| *column == Some(Column::TimeStamp));
    let stamp = place.and_then(|at| first.get(at)?.as_deref());
    let stamps = stamp_format(stamp.unwrap_or_default(), options)?;
    Ok(RowReader {
        columns,
        stamps,
        stamp: options.stamp,
    })
}

/// Tells how times of day are written by the first of them.
fn stamp_format(stamp: &[u8], options: &ReadOptions) -> Result<StampFormat, FileError> {
    if let Some(text) = &options.timestamp_format {
        let pattern = Pattern::parse(text).map_err(|reason| FileError::Malformed {
            format: Format::JmeterCsv,
            place: Place::Line(1),
            reason: format!("`timestamp_format: {text}` {reason}"),
        })?;
        return Ok(StampFormat::Pattern(pattern));
    }
    if stamp.iter().all(u8::is_ascii_digit) {
        return Ok(StampFormat::EpochMilliseconds);
    }
    let pattern = Pattern::that_reads(stamp);
    Ok(pattern.map_or(StampFormat::EpochMilliseconds, StampFormat::Pattern))
}

/// Counts a row. Returns whether its name is new, and not UTF-8.
#[inline]
fn add(samples: &mut Samples, row: &Row<'_>) -> bool {
    let kind = match row.kind {
        RowKind::Request => GroupKind::Requests,
        RowKind::Transaction => GroupKind::Transactions,
        RowKind::EmptyTransaction => return false,
    };
    let before = samples.groups();
    let part = samples.part(&row.label, kind);
    if part == Part::Total && kind == GroupKind::Transactions {
        return false;
    }
    let sample = Sample { ..row.sample };
    samples.add(part, &sample);
    samples.groups() > before && std::str::from_utf8(&row.label).is_err()
}

/// Returns whether the last record, which has no line break, is cut off. An open quote that swallows samples is no end
/// of an aborted test, but a broken file.
fn is_cut_off(reader: &RowReader, record: &Record<'_>) -> Result<bool, FileError> {
    if record.end == RecordEnd::OpenQuote {
        let mut lines = record.text.split(|byte| *byte == b'\n').skip(1);
        if lines.any(|line| reader.read(line.trim_ascii_end()).is_ok()) {
            return Err(FileError::Malformed {
                format: Format::JmeterCsv,
                place: Place::Line(record.line),
                reason: "a quote is opened and never closed, and samples follow".to_owned(),
            });
        }
        return Ok(true);
    }
    Ok(reader.count_fields(record.text) < reader.columns.count)
}

/// The error for a row.
#[cold]
fn malformed(reader: &RowReader, record: &Record<'_>, bad: &BadRow) -> FileError {
    let reason = match bad {
        BadRow::Short(found) => {
            let count = reader.columns.count;
            let start = record.text.get(..record.text.len().min(60));
            let start = String::from_utf8_lossy(start.unwrap_or_default()).into_owned();
            format!(
                "{found} columns instead of {count}: `{}`",
                start.escape_debug()
            )
        }
        BadRow::Quote => "text follows a closing quote".to_owned(),
        BadRow::Field(column, text) => {
            let text = text.escape_debug();
            match column {
                Column::TimeStamp => format!(
                    "`timeStamp` is `{text}`, unlike that of the first sample; expected milliseconds since 1970, or a \
                     pattern that `timestamp_format` names"
                ),
                Column::Elapsed => {
                    format!("`elapsed` is `{text}`; expected whole milliseconds")
                }
                Column::Success => format!("`success` is `{text}`; expected `true` or `false`"),
                Column::Bytes | Column::SampleCount | Column::ErrorCount => {
                    format!("`{column:?}` is `{text}`; expected a whole number")
                }
                Column::Label | Column::ResponseMessage => format!("`{text}` cannot be read"),
            }
        }
    };
    FileError::Malformed {
        format: Format::JmeterCsv,
        place: Place::Line(record.line),
        reason,
    }
}

/// Returns the figures.
fn finish(mut samples: Samples, reader: &RowReader) -> Results {
    for (column, lack) in [
        (Column::Success, "`success`: there is no error rate"),
        (Column::TimeStamp, "`timeStamp`: there is no throughput"),
        (Column::Label, "`label`: there are no figures by name"),
    ] {
        if !reader.columns.has(column) {
            samples
                .warnings
                .push(format!("the file has no column {lack}"));
        }
    }
    let is_absolute = match &reader.stamps {
        StampFormat::EpochMilliseconds => true,
        StampFormat::Pattern(pattern) => pattern.has_zone(),
    };
    let mut results = samples.finish(Has {
        failures: reader.columns.has(Column::Success) || reader.columns.has(Column::ErrorCount),
        bytes: reader.columns.has(Column::Bytes),
        clock: if is_absolute {
            Clock::Absolute
        } else {
            Clock::Relative
        },
    });
    if !reader.columns.has(Column::Label) {
        results.groups.clear();
    }
    results
}
