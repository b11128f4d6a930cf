//! The time window of an evaluation, and the ways to write one (lighthouse.md 7.2, ci.md 1.5).

use jiff::{SignedDuration, Timestamp};

use super::moment::{DurationError, MomentError, parse_duration, parse_moment};

/// Half-open span of time `[start, end)`, at least one minute long; a stored one of another program may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWindow {
    /// Where it begins.
    start: Timestamp,
    /// Where it ends.
    end: Timestamp,
}

impl TimeWindow {
    /// The shortest window that Keptn accepts.
    pub const SHORTEST: SignedDuration = SignedDuration::from_secs(60);
    /// The window when nothing is said: Keptn's five minutes.
    pub const DEFAULT: SignedDuration = SignedDuration::from_secs(300);

    /// Makes a window of two instants.
    ///
    /// # Errors
    /// [`WindowError::TooShort`] where `end` is not at least a minute after `start`.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, WindowError> {
        if end.duration_since(start) < Self::SHORTEST {
            return Err(WindowError::TooShort { start, end });
        }
        Ok(Self { start, end })
    }

    /// Takes the window of a stored evaluation, of any length: Keptn takes the times of a test without a look. `None`
    /// where it ends before it begins.
    pub(super) fn stored(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// Returns where the window begins.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// Returns where the window ends.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// Returns the length in seconds, rounded up, as Prometheus' `$DURATION_SECONDS` counts it.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        let length = self.end.duration_since(self.start);
        let extra = u64::from(length.subsec_nanos() > 0);
        u64::try_from(length.as_secs()).unwrap_or(0) + extra
    }
}

/// What a user says of the window. All of it may be left out: then it is the last five minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowRequest {
    /// Where it begins.
    pub start: Option<String>,
    /// Where it ends.
    pub end: Option<String>,
    /// How long it is.
    pub timeframe: Option<String>,
}

impl WindowRequest {
    /// Turns the texts into a window; `now` is read once, by the caller.
    ///
    /// A timeframe alone ends now; with a start it begins there. The rules are Keptn's (lighthouse.md 7.2).
    ///
    /// # Errors
    /// [`WindowError`] where the texts contradict each other, or one can't be read.
    ///
    /// ```
    /// use tidegate::gate::WindowRequest;
    /// let now = "2024-02-01T10:00:00Z".parse().unwrap();
    /// let request = WindowRequest { timeframe: Some("30m".to_owned()), ..WindowRequest::default() };
    /// assert_eq!(request.resolve(now).unwrap().start().to_string(), "2024-02-01T09:30:00Z");
    /// ```
    pub fn resolve(&self, now: Timestamp) -> Result<TimeWindow, WindowError> {
        let start = self.start.as_deref();
        let end = self.end.as_deref();
        let timeframe = self.timeframe.as_deref();
        match (start, end, timeframe) {
            (_, Some(_), Some(_)) => Err(WindowError::EndAndTimeframe),
            (Some(_), None, None) => Err(WindowError::StartAlone),
            (None, Some(_), None) => Err(WindowError::EndAlone),
            (Some(start), Some(end), None) => {
                TimeWindow::new(parse_moment(start, now)?, parse_moment(end, now)?)
            }
            (Some(start), None, Some(length)) => {
                let start = parse_moment(start, now)?;
                TimeWindow::new(start, shift(start, parse_duration(length)?)?)
            }
            (None, None, length) => {
                let length = length.map_or(Ok(TimeWindow::DEFAULT), parse_duration)?;
                TimeWindow::new(shift(now, -length)?, now)
            }
        }
    }
}

/// Moves an instant by a length.
fn shift(instant: Timestamp, by: SignedDuration) -> Result<Timestamp, WindowError> {
    instant
        .checked_add(by)
        .map_err(|_out_of_range| WindowError::OutOfRange)
}

/// A window could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The end is less than a minute after the start, or before it.
    #[error(
        "end date must be at least 1 minute after start date, but the window is {start} to {end}"
    )]
    TooShort {
        /// The start.
        start: Timestamp,
        /// The end.
        end: Timestamp,
    },
    /// Both say where the window ends.
    #[error("'end' and 'timeframe' are mutually exclusive")]
    EndAndTimeframe,
    /// Nothing says where the window ends.
    #[error("no timeframe or end date provided beside the start date")]
    StartAlone,
    /// Nothing says where the window begins.
    #[error("start date is required when using an end date")]
    EndAlone,
    /// The window leaves the calendar.
    #[error("the window leaves the range of dates")]
    OutOfRange,
    /// A time can't be read.
    #[error(transparent)]
    Moment(#[from] MomentError),
    /// The timeframe can't be read.
    #[error("could not parse provided timeframe: {0}")]
    Timeframe(#[from] DurationError),
}
