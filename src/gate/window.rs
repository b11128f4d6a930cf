//! The time window of an evaluation, and the ways to write one (lighthouse.md 7.2, ci.md 1.5).

use jiff::{SignedDuration, Timestamp};

/// Half-open span of time `[start, end)`, at least one minute long.
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
}
