//! `estimates.json` of one benchmark.

use serde::Deserialize;

use super::super::failure::FileError;
use super::super::format::Format;
use super::super::json_document;
use super::super::options::ReadOptions;
use super::super::results::{Figure, Group, Results, Unit};

/// The estimates of one benchmark, or of how it changed.
#[derive(Deserialize)]
pub(super) struct Estimates {
    /// The mean.
    mean: Estimate,
    /// The median.
    median: Estimate,
    /// The slope of the regression; null where it was not sampled so.
    #[serde(default)]
    slope: Option<Estimate>,
    /// The standard deviation. A change has none.
    #[serde(default)]
    std_dev: Option<Estimate>,
    /// The median absolute deviation. A change has none.
    #[serde(default)]
    median_abs_dev: Option<Estimate>,
}

/// One estimate.
#[derive(Deserialize)]
struct Estimate {
    /// The estimate.
    point_estimate: Option<f64>,
    /// Where the truth probably lies.
    confidence_interval: Interval,
}

/// Where the truth probably lies.
#[derive(Deserialize)]
struct Interval {
    /// From here.
    lower_bound: Option<f64>,
}

/// Reads one file. It does not say which benchmark it is of; whoever knows its path does.
pub(in super::super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let estimates: Estimates = json_document::parse(input, Format::Criterion)?;
    let mut total = Group::default();
    estimates.set(&mut total);
    Ok(Results {
        native: total.figures.clone(),
        total,
        ..Results::default()
    })
}

impl Estimates {
    /// Sets the figures, those of a change under names of their own.
    pub(super) fn set(&self, group: &mut Group) {
        let (prefix, unit) = if self.is_change() {
            ("change.", Unit::Ratio)
        } else {
            ("", Unit::Nanoseconds)
        };
        let mut set = |name: &str, estimate: Option<&Estimate>| {
            if let Some(value) = estimate.and_then(|estimate| estimate.point_estimate) {
                group.set(&format!("{prefix}{name}"), Figure::new(value, unit));
            }
        };
        set("mean", Some(&self.mean));
        set("median", Some(&self.median));
        set("slope", self.slope.as_ref());
        set("std_dev", self.std_dev.as_ref());
        set("median_abs_dev", self.median_abs_dev.as_ref());
        if !self.is_change() {
            set("typical", self.slope.as_ref().or(Some(&self.mean)));
        }
    }

    /// Tells whether the estimates are of a change: those have no deviation.
    fn is_change(&self) -> bool {
        self.std_dev.is_none() && self.median_abs_dev.is_none()
    }

    /// Tells whether the benchmark is slower than before, beyond chance; none where the estimates are no change.
    pub(super) fn is_regression(&self) -> Option<bool> {
        let lower = self.mean.confidence_interval.lower_bound;
        lower.filter(|_| self.is_change()).map(|lower| lower > 0.0)
    }
}
