//! What a file with results says, whatever tool wrote it: figures under canonical names and units.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::distribution::Distribution;

/// Everything that one file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The run as a whole.
    pub total: Group,
    /// Parts of the run by name: requests, labels, endpoints, suites, commands.
    pub groups: BTreeMap<String, Group>,
    /// Figures under the tool's own names, such as `http_req_waiting.p(95)`; an indicator asks for them as `native:NAME`.
    pub native: BTreeMap<String, Figure>,
    /// When the run took place, where the file says so: from its first to its last moment.
    pub span: Option<(Timestamp, Timestamp)>,
    /// What is odd about the file, such as an end that is cut off.
    pub warnings: Vec<String>,
}

/// The figures of a run, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Figures by canonical name: `error_rate`, `throughput`, `response_time_p95`.
    pub figures: BTreeMap<String, Figure>,
    /// Every response time, where the file has the samples: any percentile can then be had.
    pub times: Option<Distribution>,
}

impl Group {
    /// Sets a figure. What a file says twice holds as it was said last.
    pub(super) fn set(&mut self, name: &str, figure: Figure) {
        self.figures.insert(name.to_owned(), figure);
    }
}

/// One number of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The number, in `unit`. NaN where the tool wrote one, or had nothing to divide by.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// How many samples stand behind it, where the file says so.
    pub samples: Option<u64>,
    /// What a reader should know of it: `exact`, `nearest rank`, `time to first byte`, `within 0.1 %`.
    pub note: Option<String>,
}

impl Figure {
    /// A number with its unit.
    #[must_use]
    pub fn new(value: f64, unit: Unit) -> Self {
        Self {
            value,
            unit,
            samples: None,
            note: None,
        }
    }

    /// Says how many samples stand behind it.
    #[must_use]
    pub fn of_samples(self, samples: u64) -> Self {
        Self {
            samples: Some(samples),
            ..self
        }
    }

    /// Says what a reader should know of it.
    #[must_use]
    pub fn with_note(self, note: &str) -> Self {
        Self {
            note: Some(note.to_owned()),
            ..self
        }
    }
}

/// The units of figures. Readers of files convert to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Thousandths of a second: every response time.
    Milliseconds,
    /// Seconds: how long a run or a command took.
    Seconds,
    /// Billionths of a second: benchmarks of code.
    Nanoseconds,
    /// A part of a whole, 0 to 1: every rate of errors or checks.
    Ratio,
    /// A part of a whole, 0 to 100: coverage.
    Percent,
    /// Events in a second: throughput.
    PerSecond,
    /// Bytes in a second.
    BytesPerSecond,
    /// Bytes.
    Bytes,
    /// How many.
    Count,
    /// The file does not say.
    Unknown,
}

impl Unit {
    /// Returns how reports show the unit; `None` where there is nothing to show.
    #[must_use]
    pub fn symbol(self) -> Option<&'static str> {
        match self {
            Self::Milliseconds => Some("ms"),
            Self::Seconds => Some("s"),
            Self::Nanoseconds => Some("ns"),
            Self::Ratio => Some("ratio"),
            Self::Percent => Some("%"),
            Self::PerSecond => Some("1/s"),
            Self::BytesPerSecond => Some("B/s"),
            Self::Bytes => Some("B"),
            Self::Count | Self::Unknown => None,
        }
    }
}
