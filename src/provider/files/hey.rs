//! What hey prints. Times are in seconds, rounded to 0.1 ms.

use super::failure::{FileError, Place};
use super::format::Format;
use super::load::{NO_REQUESTS, Requests, percentile_name};
use super::options::ReadOptions;
use super::results::{Figure, Group, Results, Unit};
use super::text;

/// What a reader should know of the times.
const NOTE: &str = "rounded to 0.1 ms by hey";

/// Reads what hey printed at the end of its run.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let text = text::decode(input)?;
    let mut report = Report::default();
    let mut last = 1;
    for (line, number) in text.lines().zip(1..) {
        last = number;
        report.add(line).map_err(|reason| FileError::Malformed {
            format: Format::Hey,
            place: Place::Line(number),
            reason,
        })?;
    }
    match report.section {
        Section::Before => Err(FileError::NotThisFormat {
            format: Format::Hey,
            found: "it has no line `Summary:`".to_owned(),
        }),
        Section::Summary | Section::Times => Err(FileError::Truncated {
            format: Format::Hey,
            place: Place::Line(last),
        }),
        Section::Statuses | Section::Errors => Ok(report.into_results(options)),
    }
}

/// What hey printed, as far as it is read.
#[derive(Default)]
struct Report {
    /// Where in it the next line is.
    section: Section,
    /// The numbers of the summary by name.
    summary: Vec<(String, f64)>,
    /// Percentiles: rank and time.
    percentiles: Vec<(f64, f64)>,
    /// How requests ended.
    requests: Requests,
    /// How many requests were answered.
    answered: u64,
}

/// A section of what hey prints.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    /// Before the first.
    #[default]
    Before,
    /// Totals.
    Summary,
    /// Histogram, percentiles, and details.
    Times,
    /// How often each status came.
    Statuses,
    /// How often each error came.
    Errors,
}

impl Report {
    /// Takes note of a line.
    fn add(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        match line {
            "Summary:" if self.section != Section::Before => {
                return Err("a second `Summary:`: are these several runs in one file?".to_owned());
            }
            "Summary:" => self.section = Section::Summary,
            "Status code distribution:" if self.section != Section::Before => {
                self.section = Section::Statuses;
            }
            "Error distribution:" if self.section == Section::Statuses => {
                self.section = Section::Errors;
            }
            "Response time histogram:" | "Latency distribution:" => self.section = Section::Times,
            _ => self.add_figure(line)?,
        }
        Ok(())
    }

    /// Takes note of a line with figures.
    fn add_figure(&mut self, line: &str) -> Result<(), String> {
        match self.section {
            Section::Before => {}
            Section::Summary => self.summary.extend(summary(line)),
            Section::Times => self.percentiles.extend(percentile(line)),
            Section::Statuses | Section::Errors => {
                let Some((key, count)) = bracketed(line) else {
                    // A message of an error may have several lines.
                    return Ok(());
                };
                let number = |text: &str| {
                    text.parse::<u64>()
                        .map_err(|_error| format!("`{text}` is not a count"))
                };
                if self.section == Section::Errors {
                    self.requests.count_errors(number(key)?);
                } else {
                    let count = number(count.split_whitespace().next().unwrap_or_default())?;
                    self.requests.count_status(number(key)?, count);
                    self.answered = self.answered.saturating_add(count);
                }
            }
        }
        Ok(())
    }

    /// Turns what was printed into figures. Without an answer the times are zeros that mean nothing.
    fn into_results(self, options: &ReadOptions) -> Results {
        let mut total = Group::default();
        let mut warnings = Vec::new();
        total.set_requests(self.requests.total, self.requests.failures(options.errors));
        if self.requests.total == 0 {
            warnings.push(NO_REQUESTS.to_owned());
        } else {
            total.set_throughput(self.figure("Requests/sec"));
            total.set_duration(self.figure("Total"));
        }
        if self.answered > 0 {
            for (name, key) in [("avg", "Average"), ("min", "Fastest"), ("max", "Slowest")] {
                let time = self.figure(key);
                total.set_time(name, time.map(|time| time * 1000.0), Some(NOTE));
            }
            // hey prints `0%` for ranks that it has too few samples for.
            for (rank, time) in self.percentiles.iter().filter(|(rank, _)| *rank > 0.0) {
                total.set_time(&percentile_name(*rank), Some(time * 1000.0), Some(NOTE));
            }
        }
        let native = self.summary.into_iter();
        Results {
            total,
            native: native
                .map(|(name, value)| (name, Figure::new(value, Unit::Unknown)))
                .collect(),
            warnings,
            ..Results::default()
        }
    }

    /// Returns a figure of the summary.
    fn figure(&self, name: &str) -> Option<f64> {
        let found = self.summary.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| *value)
    }
}

/// Reads `Average:  0.0089 secs`.
fn summary(line: &str) -> Option<(String, f64)> {
    let (name, rest) = line.split_once(':')?;
    let number = rest.split_whitespace().next()?.parse().ok()?;
    Some((name.to_owned(), number))
}

/// Reads `95% in 0.0189 secs`; older ones print `95%% in`.
fn percentile(line: &str) -> Option<(f64, f64)> {
    let (rank, rest) = line.split_once('%')?;
    let rest = rest
        .trim_start_matches('%')
        .trim_start()
        .strip_prefix("in ")?;
    let time = rest.trim().strip_suffix("secs")?.trim();
    Some((rank.trim().parse().ok()?, time.parse().ok()?))
}

/// Reads `[200]  152 responses` and `[4]  message`.
fn bracketed(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_and_newer_percentiles_are_read() {
        assert_eq!(percentile("95%% in 0.0123 secs"), Some((95.0, 0.0123)));
        assert_eq!(percentile("99.9% in 0.5 secs"), Some((99.9, 0.5)));
        assert_eq!(percentile("resp wait: 0.0088 secs"), None);
    }

    #[test]
    fn half_a_report_and_two_of_them_are_errors() {
        let error = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        assert!(matches!(
            error("Summary:\n  Total: 1 secs\n"),
            FileError::Truncated { .. }
        ));
        let twice = error("Summary:\nStatus code distribution:\nSummary:\n").to_string();
        assert!(twice.contains("at line 3: a second `Summary:`"), "{twice}");
        assert!(matches!(error("hello"), FileError::NotThisFormat { .. }));
    }
}
