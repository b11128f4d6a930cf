//! Several files as one: the parts of one run, or of several that ran side by side.

use std::collections::BTreeMap;

use super::distribution::{Distribution, NoRoom, Room};
use super::number::float;
use super::results::{Figure, Group, Results, Unit};
use super::samples;

/// How several files become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Counts and rates add up; ratios and averages are weighed; percentiles can't be had from summaries.
    Sum,
    /// The files are parts of one run: their samples are put together. Only for formats with samples.
    Concat,
}

impl Merge {
    /// Returns the name that `merge:` takes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Concat => "concat",
        }
    }
}

/// Files that cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// A file without samples.
    #[error(
        "`merge: concat` puts samples together, and `{name}` has none: it is a summary; `merge: sum` adds what can be added"
    )]
    NoSamples {
        /// The file.
        name: String,
    },
    /// Samples that don't fit together.
    #[error(
        "the samples of `{name}` are counted in another way than those before it, and cannot be put together"
    )]
    Mixed {
        /// The file.
        name: String,
    },
}

/// How much memory all times together may take.
const ROOM: usize = 48 << 20;

/// Puts files together; each comes with its name.
pub fn merge(files: Vec<(String, Results)>, how: Merge) -> Result<Results, MergeError> {
    let mut merged = Results::default();
    let mut total = Vec::new();
    let mut groups: BTreeMap<String, Vec<(String, Group)>> = BTreeMap::new();
    for (name, results) in files {
        let Results {
            total: all,
            groups: parts,
            native: _,
            span,
            warnings,
        } = results;
        let is_empty = all.figures.is_empty();
        if how == Merge::Concat && all.times.is_none() && !is_empty {
            return Err(MergeError::NoSamples { name });
        }
        for (part, group) in parts {
            groups.entry(part).or_default().push((name.clone(), group));
        }
        merged
            .warnings
            .extend(warnings.into_iter().map(|text| format!("{name}: {text}")));
        merged.span = match (merged.span, span) {
            (Some((from, to)), Some((start, end))) => Some((from.min(start), to.max(end))),
            (one, other) => one.or(other),
        };
        total.push((name, all));
    }
    let seconds = merged
        .span
        .map(|(from, to)| to.duration_since(from).as_secs_f64());
    merged.total = join(total, how, seconds)?;
    for (part, group) in groups {
        merged.groups.insert(part, join(group, how, None)?);
    }
    Ok(merged)
}

/// Joins the figures of one part of the run. `seconds` is how long the run took, where the files say so.
fn join(
    groups: Vec<(String, Group)>,
    how: Merge,
    seconds: Option<f64>,
) -> Result<Group, MergeError> {
    let mut joined = Group::default();
    let groups: Vec<_> = groups
        .into_iter()
        .filter(|(_, group)| !group.figures.is_empty())
        .collect();
    let mut names: Vec<&String> = groups
        .iter()
        .flat_map(|(_, group)| group.figures.keys())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let figures: Option<Vec<&Figure>> = groups
            .iter()
            .map(|(_, group)| group.figures.get(name))
            .collect();
        // What one file lacks cannot be had of all.
        if let Some(figure) = figures.and_then(|figures| combine(name, &figures)) {
            joined.set(name, figure);
        }
    }
    if let Some(times) = join_times(&groups)? {
        samples::set_times(&mut joined, &times);
        joined.times = Some(times);
    }
    if let (Merge::Concat, Some(seconds)) = (how, seconds.filter(|seconds| *seconds > 0.0)) {
        joined.set("duration", Figure::new(seconds, Unit::Seconds));
        if let Some(count) = joined.figures.get("request_count").cloned() {
            let rate = Figure {
                value: count.value / seconds,
                unit: Unit::PerSecond,
                ..count
            };
            joined.set("throughput", rate);
        }
    }
    Ok(joined)
}

/// Joins the times of all files, where all have them.
fn join_times(groups: &[(String, Group)]) -> Result<Option<Distribution>, MergeError> {
    let mut room = Room::new(ROOM);
    let mut joined: Option<Distribution> = None;
    for (name, group) in groups {
        let Some(times) = &group.times else {
            return Ok(None);
        };
        match &mut joined {
            None => joined = Some(times.clone()),
            Some(all) => all
                .merge(times, &mut room)
                .map_err(|NoRoom| MergeError::Mixed { name: name.clone() })?,
        }
    }
    if let Some(times) = &mut joined {
        times.settle();
    }
    Ok(joined)
}

/// Combines one figure of all files; none where that says nothing.
fn combine(name: &str, figures: &[&Figure]) -> Option<Figure> {
    let first = (*figures.first()?).clone();
    if figures.len() == 1 {
        return Some(first);
    }
    let values = || figures.iter().map(|figure| figure.value);
    let samples: Option<u64> = figures.iter().map(|figure| figure.samples).sum();
    let value = if name.ends_with("_min") {
        values().reduce(f64::min)?
    } else if name.ends_with("_max") || name == "duration" {
        values().reduce(f64::max)?
    } else if name.ends_with("_avg") || name.ends_with("_mean") || first.unit == Unit::Ratio {
        weighed(figures)?
    } else {
        match first.unit {
            Unit::Count | Unit::PerSecond | Unit::Bytes | Unit::BytesPerSecond => values().sum(),
            Unit::Seconds if name.ends_with("_duration") => values().sum(),
            Unit::Milliseconds | Unit::Seconds | Unit::Nanoseconds => return None,
            Unit::Ratio | Unit::Percent | Unit::Unknown => return None,
        }
    };
    Some(Figure {
        value,
        samples,
        note: Some("of several files".to_owned()),
        ..first
    })
}

/// Returns the mean, each figure weighed by its samples; none where a file does not say how many it has.
fn weighed(figures: &[&Figure]) -> Option<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for figure in figures {
        let samples = float(figure.samples?);
        sum += figure.value * samples;
        weight += samples;
    }
    (weight > 0.0).then(|| sum / weight)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::super::options::ReadOptions;
    use super::super::{jmeter_csv, k6};
    use super::*;

    /// A file of `JMeter` with one request after another, each so long.
    fn jmeter(start: u64, times: &[u64]) -> Results {
        let row =
            |(n, elapsed): (u64, &u64)| format!("{},{elapsed},a,{}\n", start + 1000 * n, n != 0);
        let rows: String = (0..).zip(times).map(row).collect();
        let text = format!("timeStamp,elapsed,label,success\n{rows}");
        jmeter_csv::read(&mut text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    /// A summary of k6.
    fn k6(count: u32, average: u32) -> Results {
        let text = format!(
            "{{\"metrics\": {{\"http_reqs\": {{\"count\": {count}, \"rate\": 5}}, \"http_req_duration\": {{\"avg\": \
             {average}, \"max\": {average}, \"p(95)\": 3}}, \"http_req_failed\": {{\"passes\": 1, \"fails\": {}, \
             \"value\": {}}}}}}}",
            count - 1,
            1.0 / f64::from(count)
        );
        k6::read(text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    /// Merges results under the names 0, 1, and so on.
    fn merged(files: Vec<Results>, how: Merge) -> Result<Results, MergeError> {
        let files = files.into_iter().enumerate();
        merge(files.map(|(n, file)| (n.to_string(), file)).collect(), how)
    }

    #[test]
    fn samples_of_several_files_are_counted_as_if_they_were_in_one() {
        let one = jmeter(1_700_000_000_000, &[100, 200, 300]);
        let other = jmeter(1_700_000_010_000, &[400, 500]);
        let merged = merged(vec![one, other], Merge::Concat).unwrap();
        let figure = |name: &str| merged.total.figures[name].value;
        assert_eq!(figure("response_time_p50"), 300.0);
        assert_eq!(figure("response_time_max"), 500.0);
        assert_eq!(figure("request_count"), 5.0);
        assert_eq!(figure("error_rate"), 0.4);
        assert_eq!(figure("duration"), 11.5);
        assert_eq!(figure("throughput"), 5.0 / 11.5);
        assert_eq!(merged.groups["a"].times.as_ref().unwrap().count(), 5);
    }

    #[test]
    fn summaries_add_up_but_for_percentiles() {
        let merged = merged(vec![k6(10, 100), k6(30, 200)], Merge::Sum).unwrap();
        let figures = &merged.total.figures;
        assert_eq!(figures["request_count"].value, 40.0);
        assert_eq!(figures["throughput"].value, 10.0);
        assert_eq!(figures["response_time_avg"].value, 175.0);
        assert_eq!(figures["response_time_max"].value, 200.0);
        assert!((figures["error_rate"].value - 0.05).abs() < 1e-12);
        assert!(!figures.contains_key("response_time_p95"));
    }

    #[test]
    fn summaries_cannot_be_put_together() {
        let error = merged(vec![k6(10, 1), k6(10, 1)], Merge::Concat).unwrap_err();
        assert!(error.to_string().contains("`0` has none: it is a summary"));
    }
}
