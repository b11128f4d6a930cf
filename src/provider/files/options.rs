//! What a user can say of how a file is to be read.

/// What a user can say of how a file is to be read; the defaults are those of the tools.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOptions {
    /// Which percentiles the columns without a name hold: `pct1ResTime` and so on of `JMeter`'s `statistics.json`,
    /// `percentiles1` and so on of Gatling's `stats.json`. Empty: the tool's own defaults.
    pub percentiles: Vec<f64>,
    /// The pattern of `timeStamp` in `JMeter`'s CSV, as Java's `SimpleDateFormat` has it. None: tried one by one.
    pub timestamp_format: Option<String>,
    /// What the time of a sample marks.
    pub stamp: Stamp,
    /// Which failures count in `error_rate`, where a tool tells them apart.
    pub errors: ErrorKinds,
    /// What the response times are of, where a tool keeps those of failures apart.
    pub status: SampleStatus,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            percentiles: Vec::new(),
            timestamp_format: None,
            stamp: Stamp::Start,
            errors: ErrorKinds::Both,
            status: SampleStatus::All,
        }
    }
}

/// What the time of a sample marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// Its start, as `JMeter` is shipped.
    Start,
    /// Its end (`sampleresult.timestamp.start=false`).
    End,
}

/// Which failures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKinds {
    /// No answer at all.
    Transport,
    /// An answer of 400 or above.
    Http,
    /// Either.
    Both,
}

/// Which samples count in response times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleStatus {
    /// All.
    All,
    /// Those that succeeded.
    Ok,
}
