//! What Gatling prints at the end of a run: the only source of figures since 3.13.5. Ranks of percentiles are printed.

use super::failure::{FileError, Place};
use super::format::Format;
use super::load::{NO_REQUESTS, percentile_name};
use super::options::{ReadOptions, SampleStatus};
use super::results::{Group, Results};
use super::text;

/// The most requests that are told apart.
const MOST_GROUPS: usize = 20_000;

/// Reads what Gatling printed. Of several blocks the last one counts: those before are of the run as far as it was.
pub(super) fn read(input: &[u8], options: &ReadOptions) -> Result<Results, FileError> {
    let text = text::decode(input)?;
    let mut report = Report::default();
    let mut last = 1;
    for (line, number) in text.lines().zip(1..) {
        last = number;
        report.add(line.trim());
    }
    if report.is_complete {
        return Ok(report.into_results(options));
    }
    if report.has_blocks {
        return Err(FileError::Truncated {
            format: Format::GatlingConsole,
            place: Place::Line(last),
        });
    }
    Err(FileError::NotThisFormat {
        format: Format::GatlingConsole,
        found: "it has no line `---- Global Information`".to_owned(),
    })
}

/// What was printed, as far as it is read.
#[derive(Default)]
struct Report<'a> {
    /// The block that the next line is of.
    block: Block,
    /// The rows of the newest block of requests.
    requests: Vec<Row<'a>>,
    /// The rows of the newest block of figures.
    figures: Vec<Row<'a>>,
    /// Whether any block was read.
    has_blocks: bool,
    /// Whether the newest block of figures has ended.
    is_complete: bool,
}

/// A block of lines.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Block {
    /// Nothing of interest.
    #[default]
    Other,
    /// How many requests of each name there were.
    Requests,
    /// The figures of the whole run.
    Figures,
}

/// A row: a name, and what it is for all requests, those that succeeded, and those that failed.
#[derive(Clone, Copy)]
struct Row<'a> {
    /// The name.
    name: &'a str,
    /// Of all; none where Gatling prints `-`, or nothing.
    total: Option<f64>,
    /// Of those that succeeded.
    ok: Option<f64>,
    /// Of those that failed.
    ko: Option<f64>,
}

impl<'a> Report<'a> {
    /// Takes note of a line.
    fn add(&mut self, line: &'a str) {
        if line.starts_with("---- ") || line.starts_with("====") {
            self.is_complete |= self.block == Block::Figures && !self.figures.is_empty();
            self.block = Block::Other;
        }
        if line.starts_with("---- Requests ") {
            self.block = Block::Requests;
            self.requests.clear();
            self.has_blocks = true;
        } else if line.starts_with("---- Global Information ") {
            self.block = Block::Figures;
            self.figures.clear();
            self.has_blocks = true;
            self.is_complete = false;
        } else if let Some(row) = line.strip_prefix("> ").and_then(Row::parse) {
            match self.block {
                Block::Requests => self.requests.push(row),
                Block::Figures => self.figures.push(row),
                Block::Other => {}
            }
        }
    }

    /// Turns rows into figures.
    fn into_results(self, options: &ReadOptions) -> Results {
        let mut results = Results::default();
        let count = self.figures.iter().find(|row| row.name == "request count");
        let has_samples = count.is_some_and(|row| row.of(options.status).unwrap_or(0.0) > 0.0);
        if let Some(row) = count {
            row.set_counts(&mut results.total);
        }
        for row in self.figures.iter().filter(|_| has_samples) {
            row.set(&mut results.total, options.status);
        }
        for row in self.requests.iter().take(MOST_GROUPS) {
            if row.name != "Global" {
                let mut group = Group::default();
                row.set_counts(&mut group);
                results.groups.insert(row.name.to_owned(), group);
            }
        }
        if results.total.figures.is_empty() {
            results.warnings.push(NO_REQUESTS.to_owned());
        }
        results
    }
}

impl<'a> Row<'a> {
    /// Reads `name | 160 | 153 | 7`, or as it was before 3.10 `name  160 (OK=153  KO=7  )`.
    fn parse(text: &'a str) -> Option<Self> {
        if let Some((before, counts)) = text.rsplit_once("(OK=") {
            let (ok, ko) = counts.trim_end_matches([')', ' ']).split_once("KO=")?;
            let (ok, ko) = (number(ok), number(ko));
            let before = before.trim_end();
            // The blocks of requests have no total there; a name never ends in two spaces and a number by itself.
            let (name, total) = match before.rsplit_once("  ") {
                Some((name, total)) => (name, number(total)),
                None => (before, ok.zip(ko).map(|(ok, ko)| ok + ko)),
            };
            let name = name.trim();
            return Some(Self {
                name,
                total,
                ok,
                ko,
            });
        }
        let mut cells = text.rsplitn(4, " | ");
        let (ko, ok, total) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Self {
            name: cells.next()?.trim(),
            total: number(total),
            ok: number(ok),
            ko: number(ko),
        })
    }

    /// Returns the number of the samples that count.
    fn of(&self, status: SampleStatus) -> Option<f64> {
        match status {
            SampleStatus::All => self.total,
            SampleStatus::Ok => self.ok,
        }
    }

    /// Sets the counts, where the row has them.
    fn set_counts(&self, group: &mut Group) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the numbers of a row are not negative, and a float is cut to the range of integers"
        )]
        let whole = |number: f64| number as u64;
        if let Some(total) = self.total.map(whole) {
            // `-` stands for none.
            group.set_requests(total, whole(self.ko.unwrap_or(0.0)).min(total));
        }
    }

    /// Sets the figure that the row is of.
    fn set(&self, group: &mut Group, status: SampleStatus) {
        let name = self
            .name
            .trim_end_matches(" (ms)")
            .trim_end_matches(" (rps)");
        let time = self.of(status);
        match name {
            "min response time" => group.set_time("min", time, None),
            "max response time" => group.set_time("max", time, None),
            "mean response time" => group.set_time("avg", time, None),
            "mean throughput" | "mean requests/sec" => group.set_throughput(self.total),
            _ => {
                if let Some(rank) = rank(name) {
                    group.set_time(&percentile_name(rank), time, None);
                }
            }
        }
    }
}

/// Reads `1,600`; none for `-`.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().replace(',', "").parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

/// Reads the rank of `response time 95th percentile`.
fn rank(name: &str) -> Option<f64> {
    let rank = name
        .strip_prefix("response time ")?
        .strip_suffix(" percentile")?;
    rank.trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_bars() {
        let row = Row::parse("cart | basket     |        40 |         40 |        - ").unwrap();
        assert_eq!(
            (row.name, row.total, row.ko),
            ("cart | basket", Some(40.0), None)
        );
        let row = Row::parse("cart | basket        (OK=40     KO=2     )").unwrap();
        assert_eq!(
            (row.name, row.total, row.ko),
            ("cart | basket", Some(42.0), Some(2.0))
        );
    }

    #[test]
    fn a_run_that_was_cut_off_has_no_figures() {
        let error = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
        let half = "---- Requests ---\n> Global | 3 | 3 | 0\n";
        assert!(matches!(error(half), FileError::Truncated { .. }));
        let half = format!("{half}---- Global Information ---\n> request count | 3 | 3 | 0\n");
        assert!(matches!(error(&half), FileError::Truncated { .. }));
        assert!(matches!(error("hello"), FileError::NotThisFormat { .. }));
    }
}
