//! k6's summary in its three JSON shapes: `--summary-export`, the data of `handleSummary`, and the machine-readable one.
//!
//! Polarities: in `--summary-export` a threshold that is `true` has failed, in `handleSummary` one that is `ok` has not.
//! In `http_req_failed` whatever passes is a request that failed.

use serde_json::{Map, Value};

use super::failure::{FileError, Place, harmless};
use super::format::Format;
use super::number::{float, whole};
use super::options::ReadOptions;
use super::results::{Figure, Group, Results, Unit};

#[cfg(test)]
mod tests;

/// Reads a summary.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let document: Value =
        serde_json::from_slice(input).map_err(|error| FileError::json(Format::K6, &error))?;
    let summary = Summary::open(&document).ok_or_else(|| FileError::NotThisFormat {
        format: Format::K6,
        found: "it has neither `metrics` with metrics in it nor `results.metrics`".to_owned(),
    })?;
    if let Some(metric) = summary
        .metrics
        .iter()
        .find(|metric| metric.fields.is_none())
    {
        return Err(FileError::Malformed {
            format: Format::K6,
            place: Place::Byte(0),
            reason: format!(
                "the metric `{}` is no object with numbers",
                harmless(&metric.name)
            ),
        });
    }
    Ok(summary.results())
}

/// A summary, whatever its shape.
struct Summary<'j> {
    /// Every metric, submetrics among them.
    metrics: Vec<Metric<'j>>,
    /// How long the run took, in seconds, where the file says so.
    duration: Option<f64>,
}

/// A metric of a summary.
struct Metric<'j> {
    /// Its name; a submetric has a tag in it: `http_req_duration{name:login}`.
    name: &'j str,
    /// Its numbers; none where the file has something else there.
    fields: Option<&'j Map<String, Value>>,
    /// Whether it is a time.
    is_time: bool,
    /// Of its thresholds, how many there are and how many failed.
    thresholds: (u64, u64),
}

impl<'j> Summary<'j> {
    /// Finds the metrics.
    fn open(document: &'j Value) -> Option<Self> {
        if let Some(results) = document.get("results") {
            return Self::machine_readable(document, results);
        }
        let metrics = document.get("metrics")?.as_object()?;
        let duration = document.pointer("/state/testRunDurationMs");
        Some(Self {
            metrics: metrics
                .iter()
                .map(|(name, metric)| Metric::open(name, metric))
                .collect(),
            duration: duration.and_then(Value::as_f64).map(|ms| ms / 1000.0),
        })
    }

    /// Finds the metrics of the machine-readable shape.
    fn machine_readable(document: &'j Value, results: &'j Value) -> Option<Self> {
        let metrics = results.get("metrics")?.as_array()?;
        let checks = results.pointer("/checks/metrics").and_then(Value::as_array);
        let all = metrics.iter().chain(checks.into_iter().flatten());
        let open = |metric: &'j Value| {
            let name = metric.get("name")?.as_str()?;
            Some(Metric::open(name, metric))
        };
        Some(Self {
            metrics: all.map(open).collect::<Option<_>>()?,
            duration: document.pointer("/config/duration").and_then(Value::as_f64),
        })
    }

    /// Returns what it says.
    fn results(&self) -> Results {
        let mut results = Results::default();
        let duration = self.duration.or_else(|| self.derived_duration());
        let (mut thresholds, mut failed) = (0, 0);
        for metric in &self.metrics {
            metric.add_native(&mut results);
            thresholds += metric.thresholds.0;
            failed += metric.thresholds.1;
            match metric.part() {
                MetricPart::Run(name) => metric.add(name, &mut results.total, duration),
                MetricPart::Named(metric_name, name) => {
                    let group = results.groups.entry(name.to_owned()).or_default();
                    metric.add(metric_name, group, duration);
                }
                MetricPart::Other => {}
            }
        }
        if let Some(seconds) = duration {
            results
                .total
                .set("duration", Figure::new(seconds, Unit::Seconds));
        }
        if thresholds > 0 {
            let count = |number| Figure::new(float(number), Unit::Count);
            results.total.set("thresholds_count", count(thresholds));
            results.total.set("thresholds_failed", count(failed));
        }
        results.groups.retain(|_, group| !group.figures.is_empty());
        for group in std::iter::once(&mut results.total).chain(results.groups.values_mut()) {
            tell_samples(group);
        }
        results
    }

    /// Returns how long the run took by a counter, whose rate is its count in a second.
    fn derived_duration(&self) -> Option<f64> {
        let of_counter = |metric: &Metric<'_>| {
            let (count, rate) = (metric.number("count")?, metric.number("rate")?);
            let seconds = count / rate;
            // k6 counts in whole nanoseconds.
            (seconds.is_finite() && seconds > 0.0).then(|| (seconds * 1e9).round() / 1e9)
        };
        self.metrics.iter().find_map(of_counter)
    }
}

/// Which part of the run a metric is of.
enum MetricPart<'j> {
    /// The whole run; with its name.
    Run(&'j str),
    /// The requests with a name; with its own name, and theirs.
    Named(&'j str, &'j str),
    /// Some other part, such as those with the expected response.
    Other,
}

impl<'j> Metric<'j> {
    /// Takes a metric as it is in any of the shapes.
    fn open(name: &'j str, metric: &'j Value) -> Self {
        let flat = metric.as_object();
        let fields = match metric.get("values") {
            Some(values) => values.as_object(),
            None => flat.filter(|flat| !flat.contains_key("type")),
        };
        let thresholds = metric.get("thresholds").and_then(Value::as_object);
        let base = name.split('{').next().unwrap_or_default();
        let is_time = match metric.get("contains") {
            Some(contains) => contains == "time",
            None => base.starts_with("http_req_") || base.ends_with("_duration"),
        };
        Self {
            name,
            fields,
            is_time: is_time && base != "http_req_failed",
            thresholds: thresholds.map_or((0, 0), count_failed),
        }
    }

    /// Returns which part of the run it is of.
    fn part(&self) -> MetricPart<'j> {
        let Some((name, tags)) = self.name.split_once('{') else {
            return MetricPart::Run(self.name);
        };
        let tag = tags.strip_suffix('}').and_then(|tags| {
            let value = tags.trim_start().strip_prefix("name")?.trim_start();
            let value = value.strip_prefix(':')?.trim();
            Some(value.trim_matches(|quote| matches!(quote, '"' | '\'')))
        });
        match tag.filter(|value| !has_more_tags(value)) {
            Some(value) => MetricPart::Named(name, value),
            None => MetricPart::Other,
        }
    }

    /// Returns one of its numbers; NaN where the file has null.
    fn number(&self, field: &str) -> Option<f64> {
        number(self.fields?.get(field)?)
    }

    /// Returns the first of these numbers that it has.
    fn first_of(&self, fields: [&str; 2]) -> Option<f64> {
        fields.into_iter().find_map(|field| self.number(field))
    }

    /// Adds every number under k6's own names.
    fn add_native(&self, results: &mut Results) {
        for (field, value) in self.fields.into_iter().flatten() {
            let Some(value) = number(value) else {
                continue;
            };
            let unit = if self.is_time {
                Unit::Milliseconds
            } else {
                Unit::Unknown
            };
            let is_rate = self.first_of(["passes", "matches"]).is_some();
            let names = match (percent_of(field), field.as_str()) {
                (Some(percent), _) => vec![format!("p({percent})")],
                // One shape says `value` where the others say `rate`.
                (None, "value" | "rate") if is_rate => vec!["value".to_owned(), "rate".to_owned()],
                (None, field) => vec![field.to_owned()],
            };
            for name in names {
                let key = format!("{}.{name}", self.name);
                results.native.insert(key, Figure::new(value, unit));
            }
        }
    }

    /// Adds what it says under canonical names.
    fn add(&self, name: &str, group: &mut Group, duration: Option<f64>) {
        let mut set = |name: &str, value: Option<f64>, unit: Unit| {
            if let Some(value) = value {
                group.set(name, Figure::new(value, unit));
            }
        };
        let count = self.number("count");
        let rate = self.number("rate");
        // The machine-readable shape has no rates of counters.
        let per_second = rate.or_else(|| Some(count? / duration.filter(|d| *d > 0.0)?));
        match name {
            "http_reqs" => {
                set("request_count", count, Unit::Count);
                set("throughput", per_second, Unit::PerSecond);
            }
            "http_req_failed" => {
                let failed = self.first_of(["passes", "matches"]);
                let all = self.number("total");
                let all = all.or_else(|| Some(failed? + self.number("fails")?));
                // 0 of 0 requests did not fail: nobody knows.
                let is_empty = all == Some(0.0);
                let share = self.first_of(["value", "rate"]);
                let share = if is_empty { Some(f64::NAN) } else { share };
                set("error_rate", share, Unit::Ratio);
                set("failure_count", failed.filter(|_| !is_empty), Unit::Count);
                if !is_empty {
                    set("request_count", all, Unit::Count);
                }
            }
            "http_req_duration" => self.add_times(group),
            "checks" => {
                let share = self.first_of(["value", "rate"]);
                set("checks_rate", share, Unit::Ratio);
            }
            "checks_succeeded" => set("checks_rate", rate, Unit::Ratio),
            "iterations" => set("iterations", count, Unit::Count),
            "data_received" => set("data_received_rate", per_second, Unit::BytesPerSecond),
            _ => {}
        }
    }

    /// Adds response times, as they are written. A metric with a threshold is there even where nothing was measured; all
    /// of it is 0 then, which no response takes.
    fn add_times(&self, group: &mut Group) {
        let is_empty = ["max", "avg", "p(95)"]
            .into_iter()
            .find_map(|field| self.number(field))
            == Some(0.0);
        for (field, value) in self.fields.into_iter().flatten() {
            let name = match (field.as_str(), percent_of(field)) {
                ("avg" | "min" | "max", _) => format!("response_time_{field}"),
                ("med", _) => "response_time_p50".to_owned(),
                (_, Some(percent)) => format!("response_time_p{}", percent.replace('.', "_")),
                (_, None) => continue,
            };
            if let Some(value) = number(value) {
                let value = if is_empty { f64::NAN } else { value };
                let figure = Figure::new(value, Unit::Milliseconds);
                group.set(&name, figure.with_note("as k6 computed it"));
            }
        }
    }
}

/// Says of each figure of requests how many there were.
fn tell_samples(group: &mut Group) {
    let count = group.figures.get("request_count").map(|count| count.value);
    let Some(count) = count.and_then(whole) else {
        return;
    };
    for (name, figure) in &mut group.figures {
        if name.starts_with("response_time_") || name == "error_rate" {
            figure.samples = Some(count);
        }
    }
}

/// Counts thresholds, and those that failed.
fn count_failed(thresholds: &Map<String, Value>) -> (u64, u64) {
    let has_failed = |threshold: &&Value| {
        let has_passed = threshold.get("ok").and_then(Value::as_bool);
        // In one shape `true` means that it failed, in the other `ok: true` that it did not.
        threshold.as_bool() == Some(true) || has_passed == Some(false)
    };
    let failed = thresholds.values().filter(has_failed).count();
    (thresholds.len() as u64, failed as u64)
}

/// Returns the percentage of `p(95)`, or of `p95` as the machine-readable shape writes it.
fn percent_of(field: &str) -> Option<&str> {
    let rest = field.strip_prefix('p')?;
    let inner = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let percent = inner.unwrap_or(rest);
    let is_number = percent.parse::<f64>().is_ok_and(f64::is_finite)
        && percent.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_number.then_some(percent)
}

/// Returns whether a further tag follows: `login,method:POST`.
fn has_more_tags(value: &str) -> bool {
    value.split(',').skip(1).any(|tag| {
        let key = tag.split(':').next().unwrap_or_default().trim();
        let is_key = key.chars().all(|c| c.is_alphanumeric() || c == '_');
        tag.contains(':') && is_key && !key.is_empty()
    })
}

/// Returns a number, or NaN for null.
fn number(value: &Value) -> Option<f64> {
    if value.is_null() {
        return Some(f64::NAN);
    }
    value.as_f64()
}
