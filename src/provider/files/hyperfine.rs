//! hyperfine's JSON: one group a command, in seconds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::failure::FileError;
use super::format::Format;
use super::json_document;
use super::load::percentile_name;
use super::number::float;
use super::options::ReadOptions;
use super::results::{Figure, Group, Results, Unit};

/// The percentiles that are made of the single times.
const RANKS: [(f64, usize); 5] = [
    (50.0, 500),
    (75.0, 750),
    (90.0, 900),
    (95.0, 950),
    (99.0, 990),
];

/// The most commands that are told apart.
const MOST_COMMANDS: usize = 2000;

/// What hyperfine writes.
#[derive(Deserialize)]
struct Report {
    /// One entry a command.
    results: Vec<Command>,
}

/// How a command ran.
#[derive(Deserialize)]
struct Command {
    /// The command, or the name it was given.
    #[serde(rename = "command")]
    line: String,
    /// The mean time.
    mean: Option<f64>,
    /// The standard deviation; none of a single run.
    stddev: Option<f64>,
    /// The median time.
    median: Option<f64>,
    /// The time on the processor in user mode.
    user: Option<f64>,
    /// The time on the processor in the kernel.
    system: Option<f64>,
    /// The shortest time.
    min: Option<f64>,
    /// The longest time.
    max: Option<f64>,
    /// Every time.
    #[serde(default)]
    times: Vec<Option<f64>>,
    /// Every exit code; none of a run that a signal ended.
    #[serde(default)]
    exit_codes: Vec<Option<i64>>,
    /// The parameters the command was made of.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// Reads a report. Where it has one command only, its figures are those of the whole, too; those of several are not
/// averaged.
pub(super) fn read(input: &[u8], _options: &ReadOptions) -> Result<Results, FileError> {
    let report: Report = json_document::parse(input, Format::Hyperfine)?;
    let mut results = Results::default();
    let mut failures = 0;
    let mut runs = 0;
    let count = report.results.len();
    for command in report.results.into_iter().take(MOST_COMMANDS) {
        let group = command.group();
        failures += command.failures();
        runs += command.exit_codes.len();
        if count == 1 {
            results.total = group.clone();
        }
        let parameters = command.parameters.iter();
        let parameters: Vec<_> = parameters
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !parameters.is_empty() {
            add(&mut results, &parameters.join(","), group.clone());
        }
        add(&mut results, &command.line, group);
    }
    if count == 0 {
        results
            .warnings
            .push("the report has no command".to_owned());
    }
    set_failures(&mut results.total, failures, runs);
    Ok(results)
}

/// Adds a group; a name that is there already is told apart by a number.
fn add(results: &mut Results, name: &str, group: Group) {
    let mut free = name.to_owned();
    let mut number = 1;
    while results.groups.contains_key(&free) {
        number += 1;
        free = format!("{name} #{number}");
    }
    if number > 1 {
        let warning = format!("a command occurs again; the figures of this one are under `{free}`");
        results.warnings.push(warning.chars().take(300).collect());
    }
    results.groups.insert(free, group);
}

/// Sets how many runs failed, where exit codes are recorded.
fn set_failures(group: &mut Group, failures: usize, runs: usize) {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    if runs > 0 {
        let figure = Figure::new(float(count(failures)), Unit::Count);
        group.set("exit_failures", figure.of_samples(count(runs)));
    }
}

impl Command {
    /// Counts the runs that did not exit with 0.
    fn failures(&self) -> usize {
        let failed = self.exit_codes.iter().filter(|code| **code != Some(0));
        failed.count()
    }

    /// Makes figures of the times.
    fn group(&self) -> Group {
        let mut group = Group::default();
        let mut times: Vec<f64> = self.times.iter().copied().flatten().collect();
        times.sort_by(f64::total_cmp);
        let samples = u64::try_from(times.len()).unwrap_or(u64::MAX);
        let figure = |seconds| Figure::new(seconds, Unit::Seconds).of_samples(samples);
        let stated = [
            ("duration", self.mean),
            ("duration_mean", self.mean),
            ("duration_stddev", self.stddev),
            ("duration_median", self.median),
            ("duration_user", self.user),
            ("duration_system", self.system),
            ("duration_min", self.min),
            ("duration_max", self.max),
        ];
        for (name, seconds) in stated {
            if let Some(seconds) = seconds {
                group.set(name, figure(seconds));
            }
        }
        for (rank, thousandths) in RANKS {
            let place = (times.len() * thousandths).div_ceil(1000).saturating_sub(1);
            if let Some(time) = times.get(place) {
                let name = format!("duration_{}", percentile_name(rank));
                group.set(&name, figure(*time).with_note("nearest rank"));
            }
        }
        set_failures(&mut group, self.failures(), self.exit_codes.len());
        group
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the numbers of the tests are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_occurs_twice_hides_nothing() {
        let text = r#"{"results": [{"command": "a", "mean": 1}, {"command": "a", "mean": 2}]}"#;
        let results = read(text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(results.groups["a #2"].figures["duration"].value, 2.0);
        assert!(results.total.figures.is_empty());
        assert_eq!(results.warnings.len(), 1);
    }
}
