//! Figures of samples that are added up.

use std::collections::BTreeMap;

use super::super::distribution::{Distribution, PercentileRule};
use super::super::number::float;
use super::super::results::{Figure, Group, Unit};
use super::{GroupKind, Has, NamedTally, Tally};

/// The percentiles that are figures of their own; any other is had from the distribution.
const PERCENTILES: [(&str, f64); 6] = [
    ("response_time_p50", 50.0),
    ("response_time_p75", 75.0),
    ("response_time_p90", 90.0),
    ("response_time_p95", 95.0),
    ("response_time_p99", 99.0),
    ("response_time_p99_9", 99.9),
];

/// Returns the parts by name. Names that are not UTF-8 are made so.
pub(super) fn named(groups: Vec<NamedTally>, has: Has) -> BTreeMap<String, Group> {
    let mut named = BTreeMap::new();
    let (sums, requests): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|group| group.kind == GroupKind::Transactions);
    for NamedTally { name, tally, .. } in requests.into_iter().chain(sums) {
        let mut name = String::from_utf8_lossy(&name).into_owned();
        while named.contains_key(&name) {
            name.push_str(" (transaction)");
        }
        named.insert(name, figures(tally, has));
    }
    named
}

/// Returns the figures of a tally; none at all where there are no samples, because no data is not 0.
pub(super) fn figures(tally: Tally, has: Has) -> Group {
    let Tally {
        count,
        failures,
        bytes,
        span,
        times,
    } = tally;
    let mut group = Group::default();
    if count == 0 {
        return group;
    }
    let mut set = |name: &str, value: f64, unit: Unit| {
        group.set(name, Figure::new(value, unit).of_samples(count));
    };
    set("request_count", float(count), Unit::Count);
    if has.failures {
        set("failure_count", float(failures), Unit::Count);
        set("error_rate", float(failures) / float(count), Unit::Ratio);
    }
    if let Some((from, to)) = span {
        let seconds = float(to.abs_diff(from)) / 1e9;
        set("duration", seconds, Unit::Seconds);
        if seconds > 0.0 {
            set("throughput", float(count) / seconds, Unit::PerSecond);
            if has.bytes {
                let rate = float(bytes) / seconds;
                set("data_received_rate", rate, Unit::BytesPerSecond);
            }
        }
    }
    if let Some(mut times) = times.filter(|times| times.count() > 0) {
        times.settle();
        set_times(&mut group, &times);
        group.times = Some(times);
    }
    group
}

/// Sets the figures of response times.
pub(in super::super) fn set_times(group: &mut Group, times: &Distribution) {
    let samples = times.count();
    let plain = [
        ("response_time_avg", times.mean()),
        ("response_time_min", times.min()),
        ("response_time_max", times.max()),
    ];
    for (name, value) in plain {
        if let Some(value) = value {
            let figure = Figure::new(value, Unit::Milliseconds).of_samples(samples);
            group.set(name, figure.with_note("exact"));
        }
    }
    for (name, percent) in PERCENTILES {
        if let Some(figure) = percentile(times, percent) {
            group.set(name, figure);
        }
    }
}

/// Returns a percentile as a figure.
pub(in super::super) fn percentile(times: &Distribution, percent: f64) -> Option<Figure> {
    let found = times.percentile(percent)?;
    let note = match (times.rule(), found.exact) {
        (PercentileRule::NearestRank, true) => "nearest rank, exact",
        (PercentileRule::NearestRank, false) => "nearest rank, within 0.1 %",
        (PercentileRule::Linear, true) => "linear interpolation, exact",
        (PercentileRule::Linear, false) => "linear interpolation, within 0.1 %",
    };
    let figure = Figure::new(found.milliseconds, Unit::Milliseconds);
    Some(figure.of_samples(times.count()).with_note(note))
}
