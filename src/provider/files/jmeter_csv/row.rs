//! One row of a `JMeter` CSV.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::super::java_time::Pattern;
use super::super::options::Stamp;
use super::super::samples::Sample;
use super::columns::{Column, Columns};

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'t> {
    /// The name of the sample.
    pub(super) label: Cow<'t, [u8]>,
    /// What it sums up.
    pub(super) kind: RowKind,
    /// Its figures.
    pub(super) sample: Sample,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// A request.
    Request,
    /// A transaction controller: its requests have rows of their own.
    Transaction,
    /// A transaction controller without requests.
    EmptyTransaction,
}

/// Why a row cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadRow {
    /// It has fewer fields than the header.
    Short(usize),
    /// A field does not hold what it should.
    Field(Column, String),
    /// Text follows a closing quote.
    Quote,
}

/// How to read the times of day of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StampFormat {
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// A pattern.
    Pattern(Pattern),
}

/// What it takes to read rows.
pub(super) struct RowReader {
    /// Which column is what.
    pub(super) columns: Columns,
    /// How times of day are written.
    pub(super) stamps: StampFormat,
    /// What they mark.
    pub(super) stamp: Stamp,
}

/// The fields of a row that matter, as text.
#[derive(Clone, Debug, Default)]
struct Fields<'t> {
    /// `timeStamp`.
    stamp: &'t [u8],
    /// `elapsed`.
    elapsed: &'t [u8],
    /// `label`.
    label: &'t [u8],
    /// `responseMessage`.
    message: &'t [u8],
    /// `success`.
    success: &'t [u8],
    /// `bytes`.
    bytes: &'t [u8],
    /// `SampleCount`.
    samples: &'t [u8],
    /// `ErrorCount`.
    errors: &'t [u8],
}

impl<'t> Fields<'t> {
    /// Sets a field.
    #[inline]
    fn set(&mut self, column: Column, text: &'t [u8]) {
        match column {
            Column::TimeStamp => self.stamp = text,
            Column::Elapsed => self.elapsed = text,
            Column::Label => self.label = text,
            Column::ResponseMessage => self.message = text,
            Column::Success => self.success = text,
            Column::Bytes => self.bytes = text,
            Column::SampleCount => self.samples = text,
            Column::ErrorCount => self.errors = text,
        }
    }
}

/// What the message of a transaction begins with.
const TRANSACTION: &[u8] = b"Number of samples in transaction";

impl RowReader {
    /// Reads a row without quotes.
    #[inline]
    pub(super) fn read<'t>(&self, line: &'t [u8]) -> Result<Row<'t>, BadRow> {
        let mut fields = Fields::default();
        let mut ends = memchr_iter(self.columns.delimiter, line);
        let mut from = 0;
        let mut is_over = false;
        for (at, column) in self.columns.wanted.iter().enumerate() {
            if is_over {
                return Err(BadRow::Short(at));
            }
            let end = ends.next().unwrap_or_else(|| {
                is_over = true;
                line.len()
            });
            if let Some(column) = column {
                fields.set(*column, line.get(from..end).unwrap_or_default());
            }
            from = end + 1;
        }
        self.understand(&fields).map(|(kind, sample)| Row {
            label: Cow::Borrowed(fields.label),
            kind,
            sample,
        })
    }

    /// Reads a row with quotes.
    pub(super) fn read_quoted<'t>(&self, record: &'t [u8]) -> Result<Row<'t>, BadRow> {
        let texts = split_quoted(record, self.columns.delimiter);
        if texts.len() < self.columns.wanted.len() {
            return Err(BadRow::Short(texts.len()));
        }
        let mut fields = Fields::default();
        for (column, text) in self.columns.wanted.iter().zip(&texts) {
            if let Some(column) = column {
                let text = text.as_ref().ok_or(BadRow::Quote)?;
                fields.set(*column, text);
            }
        }
        let (kind, sample) = self.understand(&fields)?;
        Ok(Row {
            label: Cow::Owned(fields.label.to_vec()),
            kind,
            sample,
        })
    }

    /// Returns how many fields a record has.
    pub(super) fn count_fields(&self, record: &[u8]) -> usize {
        split_quoted(record, self.columns.delimiter).len()
    }

    /// Reads the fields.
    #[inline]
    fn understand(&self, fields: &Fields<'_>) -> Result<(RowKind, Sample), BadRow> {
        let elapsed = number(Column::Elapsed, fields.elapsed)?;
        let success = match fields.success {
            b"true" => true,
            b"false" => false,
            _ if !self.columns.has(Column::Success) => true,
            other => return Err(bad(Column::Success, other)),
        };
        let weight = number_or(Column::SampleCount, fields.samples, 1)?;
        let failures = number_or(Column::ErrorCount, fields.errors, u64::from(!success))?;
        let sample = Sample {
            span: self.span(fields.stamp, elapsed)?,
            ticks: Some(elapsed),
            weight,
            // A transaction that failed counts no errors of its own.
            failures: failures.max(u64::from(!success)).min(weight),
            bytes: number_or(Column::Bytes, fields.bytes, 0)?,
        };
        Ok((kind(fields.message), sample))
    }

    /// Reads when the sample began and ended.
    #[inline]
    fn span(&self, stamp: &[u8], elapsed: u64) -> Result<Option<(i64, i64)>, BadRow> {
        const MILLISECOND: i64 = 1_000_000;
        if !self.columns.has(Column::TimeStamp) {
            return Ok(None);
        }
        let at = match &self.stamps {
            StampFormat::EpochMilliseconds => {
                whole(stamp).and_then(|at| i64::try_from(at).ok()?.checked_mul(MILLISECOND))
            }
            StampFormat::Pattern(pattern) => pattern.nanoseconds(stamp),
        };
        let at = at.ok_or_else(|| bad(Column::TimeStamp, stamp))?;
        let length = i64::try_from(elapsed)
            .unwrap_or(i64::MAX)
            .saturating_mul(MILLISECOND);
        Ok(Some(match self.stamp {
            Stamp::Start => (at, at.saturating_add(length)),
            Stamp::End => (at.saturating_sub(length), at),
        }))
    }
}

/// Reads a number that must be there.
#[inline]
fn number(column: Column, text: &[u8]) -> Result<u64, BadRow> {
    whole(text).ok_or_else(|| bad(column, text))
}

/// Reads a number where the file has the column.
#[inline]
fn number_or(column: Column, text: &[u8], default: u64) -> Result<u64, BadRow> {
    if text.is_empty() {
        return Ok(default);
    }
    number(column, text)
}

/// Tells requests from transactions.
#[inline]
fn kind(message: &[u8]) -> RowKind {
    let Some(rest) = message.strip_prefix(TRANSACTION) else {
        return RowKind::Request;
    };
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start();
    let is_empty = rest.first() == Some(&b'0') && !rest.get(1).is_some_and(u8::is_ascii_digit);
    if is_empty {
        RowKind::EmptyTransaction
    } else {
        RowKind::Transaction
    }
}

/// Reads a whole number.
#[inline]
fn whole(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number)
}

/// The error for a field.
#[cold]
fn bad(column: Column, text: &[u8]) -> BadRow {
    let start = text.get(..text.len().min(60)).unwrap_or_default();
    BadRow::Field(column, String::from_utf8_lossy(start).into_owned())
}

/// Splits a record whose fields may be quoted. None for a field with text after its closing quote.
pub(super) fn split_quoted(record: &[u8], delimiter: u8) -> Vec<Option<Cow<'_, [u8]>>> {
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let (field, after) = if let Some(inner) = rest.strip_prefix(b"\"") {
            quoted_field(inner, delimiter)
        } else {
            let end = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
            (rest.get(..end).map(Cow::Borrowed), rest.get(end..))
        };
        fields.push(field);
        match after.and_then(|after| after.strip_prefix(&[delimiter])) {
            Some(next) => rest = next,
            None => return fields,
        }
    }
}

/// Reads a field after its opening quote; returns it, and what follows.
fn quoted_field(inner: &[u8], delimiter: u8) -> (Option<Cow<'_, [u8]>>, Option<&[u8]>) {
    let mut from = 0;
    loop {
        let quote = inner
            .get(from..)
            .and_then(|rest| memchr::memchr(b'"', rest));
        let Some(end) = quote.map(|at| from + at) else {
            return (None, None);
        };
        match inner.get(end + 1) {
            Some(b'"') => from = end + 2,
            next => {
                let is_end = next.is_none_or(|byte| *byte == delimiter);
                let text = inner.get(..end).filter(|_| is_end).map(undouble);
                let after = inner.get(end + 1..).unwrap_or_default();
                let skip = memchr::memchr(delimiter, after).unwrap_or(after.len());
                return (text, after.get(skip..));
            }
        }
    }
}

/// Makes two quotes one.
fn undouble(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'"', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut single = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        single.push(*byte);
        if *byte == b'"' {
            bytes.next();
        }
    }
    Cow::Owned(single)
}
