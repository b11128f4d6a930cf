//! `cargo criterion --message-format=json`: one message a line.

use serde::Deserialize;

use super::super::failure::{FileError, Place};
use super::super::format::Format;
use super::super::number::float;
use super::super::options::ReadOptions;
use super::super::results::{Figure, Group, Results, Unit};
use super::super::text;

/// The most benchmarks that are told apart.
const MOST_BENCHMARKS: usize = 50_000;

/// A message.
#[derive(Deserialize)]
struct Message {
    /// What it is about.
    reason: String,
}

/// The message that a benchmark is complete.
#[derive(Deserialize)]
struct Complete {
    /// The name of the benchmark.
    id: String,
    /// The slope, or the mean where there is none.
    typical: Estimate,
    /// The mean.
    mean: Estimate,
    /// The median.
    median: Estimate,
    /// The slope of the regression.
    #[serde(default)]
    slope: Option<Estimate>,
    /// How it differs from the run before.
    #[serde(default)]
    change: Option<Change>,
}

/// An estimate.
#[derive(Deserialize)]
struct Estimate {
    /// The estimate.
    #[serde(rename = "estimate")]
    value: Option<f64>,
    /// From where on the truth probably lies.
    lower_bound: Option<f64>,
    /// The unit: `ns`, unless the benchmark measures something else. A change says `%`, but is a ratio.
    unit: String,
}

/// How a benchmark differs from the run before.
#[derive(Deserialize)]
struct Change {
    /// By its mean.
    mean: Estimate,
    /// By its median.
    median: Estimate,
}

/// Reads the messages.
pub(in super::super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let mut results = Results::default();
    let mut regressions = None;
    let mut is_known = false;
    for (line, number) in text::decode(input)?.lines().zip(1..) {
        // Cargo prints lines of its own among them.
        if !line.trim_start().starts_with('{') {
            continue;
        }
        let message: Message = parse(line, number)?;
        is_known |= matches!(
            message.reason.as_str(),
            "benchmark-complete" | "group-complete"
        );
        if message.reason == "benchmark-complete" && results.groups.len() < MOST_BENCHMARKS {
            let complete: Complete = parse(line, number)?;
            if let Some(is_regression) = complete.is_regression() {
                *regressions.get_or_insert(0) += u64::from(is_regression);
            }
            complete.add_to(&mut results);
        }
    }
    if !is_known {
        return Err(FileError::NotThisFormat {
            format: Format::CargoCriterion,
            found: "it has no message of a benchmark that is complete".to_owned(),
        });
    }
    if let Some(count) = regressions {
        results
            .total
            .set("regressions_count", Figure::new(float(count), Unit::Count));
    }
    Ok(results)
}

/// Reads one message.
fn parse<'a, T: Deserialize<'a>>(line: &'a str, number: u64) -> Result<T, FileError> {
    serde_json::from_str(line).map_err(|error| {
        if error.is_eof() {
            return FileError::Truncated {
                format: Format::CargoCriterion,
                place: Place::Line(number),
            };
        }
        let reason = error.to_string();
        FileError::Malformed {
            format: Format::CargoCriterion,
            place: Place::Line(number),
            reason: reason
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    })
}

impl Complete {
    /// Tells whether the benchmark is slower than before, beyond chance; none where there was none before.
    fn is_regression(&self) -> Option<bool> {
        let lower = self.change.as_ref()?.mean.lower_bound?;
        Some(lower > 0.0)
    }

    /// Adds the figures.
    fn add_to(self, results: &mut Results) {
        let mut group = Group::default();
        let estimates = [
            ("typical", Some(&self.typical)),
            ("mean", Some(&self.mean)),
            ("median", Some(&self.median)),
            ("slope", self.slope.as_ref()),
        ];
        for (name, estimate) in estimates {
            let estimate = estimate.and_then(|own| own.value.map(|value| (value, &own.unit)));
            if let Some((value, unit)) = estimate {
                let unit = if unit == "ns" {
                    Unit::Nanoseconds
                } else {
                    Unit::Unknown
                };
                group.set(name, Figure::new(value, unit));
            }
        }
        if let Some(change) = &self.change {
            for (name, estimate) in [
                ("change.mean", &change.mean),
                ("change.median", &change.median),
            ] {
                if let Some(value) = estimate.value {
                    group.set(name, Figure::new(value, Unit::Ratio));
                }
            }
        }
        for (name, figure) in &group.figures {
            results
                .native
                .insert(format!("{}.{name}", self.id), figure.clone());
        }
        results.groups.insert(self.id, group);
    }
}
