//! The table at the end: a row for each operation, a column for each size.

use std::fmt;
use std::time::Duration;

/// The columns so far.
#[derive(Default)]
pub struct Table(Vec<Column>);

/// What was measured at one size.
pub struct Column {
    /// How many evaluations were in the log.
    size: usize,
    /// What was found out once.
    facts: Vec<(&'static str, String)>,
    /// What was measured, in the order of the first time.
    timings: Vec<(&'static str, Vec<Vec<Duration>>)>,
    /// How many rounds began.
    rounds: usize,
}

impl Table {
    /// Adds a column.
    pub fn add(&mut self, column: Column) {
        self.0.push(column);
    }

    /// Writes a row.
    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        cell: impl Fn(&Column) -> Option<String>,
    ) -> fmt::Result {
        write!(f, "| {name} |")?;
        for column in &self.0 {
            write!(f, " {} |", cell(column).unwrap_or_default())?;
        }
        writeln!(f)
    }
}

impl Column {
    /// Begins the column of a size.
    pub fn of(size: usize) -> Self {
        Self {
            size,
            facts: Vec::new(),
            timings: Vec::new(),
            rounds: 0,
        }
    }

    /// Adds what was found out once.
    pub fn fact(&mut self, name: &'static str, value: String) {
        self.facts.push((name, value));
    }

    /// Begins another round.
    pub fn begin_round(&mut self) {
        self.rounds += 1;
    }

    /// Adds how long an operation took.
    pub fn took(&mut self, name: &'static str, time: Duration) {
        let known = self.timings.iter().position(|(known, _)| *known == name);
        let at = known.unwrap_or_else(|| {
            self.timings.push((name, Vec::new()));
            self.timings.len() - 1
        });
        let rounds = &mut self.timings[at].1;
        rounds.resize(self.rounds, Vec::new());
        rounds[self.rounds - 1].push(time);
    }

    /// Says what an operation took: the median and the 95th percentile of all, the medians of the rounds.
    fn timing(&self, name: &str) -> Option<String> {
        let (_, rounds) = self.timings.iter().find(|(known, _)| *known == name)?;
        let all: Vec<Duration> = rounds.iter().flatten().copied().collect();
        let medians: Vec<Duration> = rounds.iter().map(|round| rank(round, 50)).collect();
        Some(format!(
            "{} / {} ({} to {})",
            milliseconds(rank(&all, 50)),
            milliseconds(rank(&all, 95)),
            milliseconds(rank(&medians, 0)),
            milliseconds(rank(&medians, 100)),
        ))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.0.last() else {
            return Ok(());
        };
        self.row(f, "evaluations", |column| Some(column.size.to_string()))?;
        writeln!(f, "|---|{}", "---:|".repeat(self.0.len()))?;
        for (name, _) in &last.facts {
            self.row(f, name, |column| {
                let fact = column.facts.iter().find(|(known, _)| known == name);
                fact.map(|(_, value)| value.clone())
            })?;
        }
        for (name, _) in &last.timings {
            self.row(f, name, |column| column.timing(name))?;
        }
        writeln!(
            f,
            "\nTimes in ms: median / 95th percentile (lowest to highest median of a round)."
        )
    }
}

/// Returns the time that as many per cent do not exceed.
pub fn rank(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

/// Says a time in milliseconds.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
