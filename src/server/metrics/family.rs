//! Counters and histograms with labels.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The most different labels of one family: no client can make more lines than this.
const MOST: usize = 1000;
/// The upper bounds of the buckets of a histogram, in seconds.
const BOUNDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// What all figures of one name have in common.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// `tidegate_http_requests_total`
    pub full: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
}

/// A family of counters.
#[derive(Debug)]
pub struct Counters {
    /// What they are called.
    name: Name,
    /// By the values of the labels.
    counts: Mutex<BTreeMap<Vec<String>, u64>>,
}

/// A histogram of durations.
#[derive(Debug)]
pub struct Histogram {
    /// What it is called.
    name: Name,
    /// What was seen.
    seen: Mutex<Seen>,
}

/// What a histogram has seen.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// How many were no longer than each bound.
    buckets: [u64; BOUNDS.len()],
    /// How many there were.
    count: u64,
    /// How long they were together.
    sum: f64,
}

impl Counters {
    /// Makes a family in which nothing was counted.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            counts: Mutex::default(),
        }
    }

    /// Counts one.
    pub fn count(&self, labels: &[&str]) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let labels = if counts.len() >= MOST && !counts.contains_key(&labels) {
            labels.iter().map(|_| "other".to_owned()).collect()
        } else {
            labels
        };
        *counts.entry(labels).or_default() += 1;
    }

    /// Writes the family.
    pub fn write(&self, to: &mut String) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        head(to, &self.name, "counter");
        for (labels, count) in counts.iter() {
            let pairs = self.name.labels.iter().zip(labels);
            let pairs: Vec<String> = pairs
                .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
                .collect();
            let labels = if pairs.is_empty() {
                String::new()
            } else {
                format!("{{{}}}", pairs.join(","))
            };
            line(to, format_args!("{}{labels} {count}", self.name.full));
        }
    }
}

impl Histogram {
    /// Makes a histogram that has seen nothing.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            seen: Mutex::default(),
        }
    }

    /// Takes note of a duration.
    pub fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (count, bound) in seen.buckets.iter_mut().zip(BOUNDS) {
            *count += u64::from(seconds <= bound);
        }
        seen.count += 1;
        seen.sum += seconds;
    }

    /// Writes the histogram.
    pub fn write(&self, to: &mut String) {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.name.full;
        head(to, &self.name, "histogram");
        for (count, bound) in seen.buckets.iter().zip(BOUNDS) {
            line(to, format_args!("{name}_bucket{{le=\"{bound}\"}} {count}"));
        }
        let Seen { count, sum, .. } = seen;
        line(to, format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        line(to, format_args!("{name}_sum {sum}"));
        line(to, format_args!("{name}_count {count}"));
    }
}

/// Writes a figure that goes up and down.
pub fn write_gauge(to: &mut String, name: &Name, value: u64) {
    head(to, name, "gauge");
    line(to, format_args!("{} {value}", name.full));
}

/// Writes what a family is.
fn head(to: &mut String, name: &Name, kind: &str) {
    line(to, format_args!("# HELP {} {}", name.full, name.help));
    line(to, format_args!("# TYPE {} {kind}", name.full));
}

/// Writes a line.
fn line(to: &mut String, text: std::fmt::Arguments<'_>) {
    // A text takes everything.
    writeln!(to, "{text}").ok();
}

/// Escapes the value of a label.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Name = Name {
        full: "seen_total",
        help: "What was seen.",
        labels: &["what"],
    };

    #[test]
    fn counters_are_written_with_their_labels_escaped() {
        let counters = Counters::new(NAME);
        counters.count(&["a"]);
        counters.count(&["a"]);
        counters.count(&["\"b\\\n"]);
        let mut text = String::new();
        counters.write(&mut text);
        insta::assert_snapshot!(text, @r#"
        # HELP seen_total What was seen.
        # TYPE seen_total counter
        seen_total{what="\"b\\\n"} 1
        seen_total{what="a"} 2
        "#);
    }

    #[test]
    fn nobody_makes_more_lines_than_are_meant() {
        let counters = Counters::new(NAME);
        for one in 0..MOST + 50 {
            counters.count(&[&one.to_string()]);
        }
        let mut text = String::new();
        counters.write(&mut text);
        assert!(text.contains("seen_total{what=\"other\"} 50\n"));
        assert_eq!(text.lines().count(), 2 + MOST + 1);
    }

    #[test]
    fn a_histogram_counts_into_every_bucket_that_is_large_enough() {
        let histogram = Histogram::new(Name {
            labels: &[],
            full: "took_seconds",
            help: "How long it took.",
        });
        histogram.observe(Duration::from_millis(3));
        histogram.observe(Duration::from_secs(20));
        let mut text = String::new();
        histogram.write(&mut text);
        for line in [
            "took_seconds_bucket{le=\"0.0025\"} 0",
            "took_seconds_bucket{le=\"0.005\"} 1",
            "took_seconds_bucket{le=\"10\"} 1",
            "took_seconds_bucket{le=\"+Inf\"} 2",
            "took_seconds_sum 20.003",
            "took_seconds_count 2",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in {text}");
        }
    }
}
