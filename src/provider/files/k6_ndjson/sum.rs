//! What the values of one metric come to.

use super::super::distribution::{Distribution, NoRoom, PercentileRule, Room, Tick};
use super::super::number::float;
use super::super::results::{Figure, Group, Results, Unit};
use super::super::samples;
use super::{ROOM, nanoseconds};

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetricKind {
    /// A sum.
    Counter,
    /// The last of its values.
    Gauge,
    /// How many of its values are not 0.
    Rate,
    /// The spread of its values; times, or others.
    Trend,
}

/// What the values of a metric come to.
pub(super) struct Sum {
    /// What it counts.
    pub(super) kind: MetricKind,
    /// The unit of its values.
    pub(super) unit: Unit,
    /// How many values there are.
    pub(super) count: u64,
    /// How many are not 0.
    pub(super) set: u64,
    /// All together.
    pub(super) total: f64,
    /// The last one.
    pub(super) last: f64,
    /// All times.
    pub(super) times: Option<Distribution>,
}

impl Sum {
    /// Starts with no values.
    pub(super) fn new(kind: MetricKind, unit: Unit) -> Self {
        let times = Distribution::new(Tick::Nanosecond).by(PercentileRule::Linear);
        Self {
            kind,
            unit,
            count: 0,
            set: 0,
            total: 0.0,
            last: 0.0,
            times: (kind == MetricKind::Trend).then_some(times),
        }
    }

    /// Adds a value; the error says what is wrong with it.
    pub(super) fn add(&mut self, value: f64, room: &mut Room) -> Result<(), String> {
        self.count += 1;
        self.set += u64::from(value != 0.0);
        self.total += value;
        self.last = value;
        if let Some(times) = &mut self.times {
            // Trends of k6 have six digits after the point where they are times: whole nanoseconds.
            let ticks = nanoseconds(value);
            let ticks = ticks
                .ok_or_else(|| format!("the value {value} of a trend is negative, or too great"))?;
            times.record(ticks, 1, room).map_err(|NoRoom| {
                format!("the times of all metrics take more memory than {ROOM} bytes")
            })?;
        }
        Ok(())
    }

    /// Adds its numbers under k6's own names.
    pub(super) fn add_native(&self, metric: &str, results: &mut Results, seconds: Option<f64>) {
        let mut set = |field: &str, value: Option<f64>, unit: Unit| {
            if let Some(value) = value {
                let figure = Figure::new(value, unit).of_samples(self.count);
                results.native.insert(format!("{metric}.{field}"), figure);
            }
        };
        let unit = self.unit;
        match self.kind {
            MetricKind::Counter => {
                set("count", Some(self.total), Unit::Unknown);
                set("rate", per_second(self.total, seconds), Unit::PerSecond);
            }
            MetricKind::Gauge => set("value", Some(self.last), Unit::Unknown),
            MetricKind::Rate => {
                set(
                    "rate",
                    Some(float(self.set) / float(self.count)),
                    Unit::Ratio,
                );
                set("passes", Some(float(self.set)), Unit::Count);
                set("fails", Some(float(self.count - self.set)), Unit::Count);
            }
            MetricKind::Trend => {
                let Some(times) = &self.times else {
                    return;
                };
                set("avg", times.mean(), unit);
                set("min", times.min(), unit);
                set("max", times.max(), unit);
                let at = |percent| times.percentile(percent).map(|found| found.milliseconds);
                set("med", at(50.0), unit);
                for percent in [75.0, 90.0, 95.0, 99.0, 99.9] {
                    set(&format!("p({percent})"), at(percent), unit);
                }
            }
        }
    }

    /// Adds what it says under canonical names.
    pub(super) fn add_canonical(&mut self, metric: &str, group: &mut Group, seconds: Option<f64>) {
        let (count, samples) = (float(self.count), self.count);
        let mut set = |name: &str, value: Option<f64>, unit: Unit| {
            if let Some(value) = value {
                group.set(name, Figure::new(value, unit).of_samples(samples));
            }
        };
        let share = Some(float(self.set) / count);
        match metric {
            "http_reqs" => {
                set("request_count", Some(self.total), Unit::Count);
                set(
                    "throughput",
                    per_second(self.total, seconds),
                    Unit::PerSecond,
                );
            }
            "http_req_failed" => {
                set("error_rate", share, Unit::Ratio);
                set("failure_count", Some(float(self.set)), Unit::Count);
            }
            "http_req_duration" => {
                if let Some(times) = self.times.take().filter(|times| times.count() > 0) {
                    samples::set_times(group, &times);
                    group.times = Some(times);
                }
            }
            "checks" => set("checks_rate", share, Unit::Ratio),
            "iterations" => set("iterations", Some(self.total), Unit::Count),
            "data_received" => {
                let rate = per_second(self.total, seconds);
                set("data_received_rate", rate, Unit::BytesPerSecond);
            }
            _ => {}
        }
    }
}

/// Returns a sum in a second.
fn per_second(total: f64, seconds: Option<f64>) -> Option<f64> {
    Some(total / seconds.filter(|seconds| *seconds > 0.0)?)
}
