//! A range of windows: what an indicator was at steps over a longer time.

use jiff::SignedDuration;

use super::moment::{DurationError, parse_duration};
use super::window::{TimeWindow, WindowError};

/// What a user says of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeRequest {
    /// How long it is.
    pub length: String,
    /// How far apart its points are; without it a round length that makes 24 to 48 points, where the range allows it.
    pub step: Option<String>,
}

/// Windows of one length that end at steps over a range, the earliest first. The last is the one that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowRange {
    /// How far apart they end.
    pub step: SignedDuration,
    /// The windows. There is at least one.
    pub windows: Vec<TimeWindow>,
}

/// A range could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RangeError {
    /// A length can't be read.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// The step is zero, or longer than the range.
    #[error("a step of {step} s does not fit into a range of {length} s")]
    Step {
        /// The step, in seconds.
        step: f64,
        /// The range, in seconds.
        length: f64,
    },
    /// There would be too many points.
    #[error(
        "{points} points are too many, at most {} are asked for",
        WindowRange::MOST_POINTS
    )]
    TooMany {
        /// How many there would be.
        points: i128,
    },
    /// A window leaves the calendar.
    #[error(transparent)]
    Window(#[from] WindowError),
}

impl WindowRange {
    /// How many points there may be: each is a query of its own.
    pub const MOST_POINTS: usize = 200;
    /// How many points there are at most where nobody names a step.
    const USUAL_POINTS: i128 = 48;
    /// The steps that are chosen from where nobody names one, in minutes.
    const ROUND_MINUTES: [i64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 10080];
}

impl RangeRequest {
    /// Returns the windows of the range that ends with a window.
    ///
    /// # Errors
    /// [`RangeError`] where a length can't be read, or there would be no points or too many.
    pub fn resolve(&self, window: &TimeWindow) -> Result<WindowRange, RangeError> {
        let length = parse_duration(&self.length)?;
        let step = match &self.step {
            Some(step) => parse_duration(step)?,
            None => round_step(length),
        };
        if step <= SignedDuration::ZERO || length < step {
            return Err(RangeError::Step {
                step: step.as_secs_f64(),
                length: length.as_secs_f64(),
            });
        }
        let points = length.as_nanos() / step.as_nanos();
        let count = usize::try_from(points)
            .ok()
            .filter(|count| *count <= WindowRange::MOST_POINTS)
            .ok_or(RangeError::TooMany { points })?;
        let windows = (0..count).rev().map(|back| shifted(window, step, back));
        Ok(WindowRange {
            step,
            windows: windows.collect::<Result<_, _>>()?,
        })
    }
}

/// Returns a window so many steps before another.
fn shifted(
    window: &TimeWindow,
    step: SignedDuration,
    steps: usize,
) -> Result<TimeWindow, WindowError> {
    let back = i32::try_from(steps)
        .ok()
        .and_then(|steps| step.checked_mul(steps))
        .ok_or(WindowError::OutOfRange)?;
    let earlier = |instant: jiff::Timestamp| {
        instant
            .checked_sub(back)
            .map_err(|_out_of_range| WindowError::OutOfRange)
    };
    TimeWindow::new(earlier(window.start())?, earlier(window.end())?)
}

/// Returns the shortest round step that makes no more points than usual.
fn round_step(length: SignedDuration) -> SignedDuration {
    let fits = |minutes: &i64| {
        let step = SignedDuration::from_mins(*minutes).as_nanos();
        length.as_nanos() / step <= WindowRange::USUAL_POINTS
    };
    let round = WindowRange::ROUND_MINUTES.into_iter().find(fits);
    round.map_or_else(
        || length / i32::try_from(WindowRange::USUAL_POINTS).unwrap_or(1),
        SignedDuration::from_mins,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> TimeWindow {
        let at = |time: &str| format!("2024-02-01T{time}Z").parse().unwrap();
        TimeWindow::new(at("09:55:00"), at("10:00:00")).unwrap()
    }

    fn resolve(length: &str, step: Option<&str>) -> Result<WindowRange, RangeError> {
        let request = RangeRequest {
            length: length.to_owned(),
            step: step.map(str::to_owned),
        };
        request.resolve(&window())
    }

    #[test]
    fn windows_have_the_length_of_the_evaluation_and_the_last_is_its_own() {
        let range = resolve("1h", Some("20m")).unwrap();
        let shown: Vec<String> = range
            .windows
            .iter()
            .map(|window| format!("{} {}", window.start(), window.end()))
            .collect();
        assert_eq!(
            shown,
            [
                "2024-02-01T09:15:00Z 2024-02-01T09:20:00Z",
                "2024-02-01T09:35:00Z 2024-02-01T09:40:00Z",
                "2024-02-01T09:55:00Z 2024-02-01T10:00:00Z",
            ]
        );
        assert_eq!(range.windows.last(), Some(&window()));
    }

    #[test]
    fn without_a_step_there_are_24_to_48_points_where_the_range_allows_it() {
        for (length, minutes, points) in [
            ("1m", 1, 1),
            ("30m", 1, 30),
            ("1h", 2, 30),
            ("6h", 10, 36),
            ("24h", 30, 48),
            ("7d", 360, 28),
            ("30d", 1440, 30),
        ] {
            let range = resolve(length, None).unwrap();
            assert_eq!(range.step, SignedDuration::from_mins(minutes), "{length}");
            assert_eq!(range.windows.len(), points, "{length}");
        }
        assert_eq!(resolve("9999d", None).unwrap().windows.len(), 48);
    }

    #[test]
    fn a_range_without_points_or_with_too_many_is_refused() {
        let text = |length, step| resolve(length, step).unwrap_err().to_string();
        assert_eq!(
            text("1m", Some("5m")),
            "a step of 300 s does not fit into a range of 60 s"
        );
        assert_eq!(
            text("10s", None),
            "a step of 60 s does not fit into a range of 10 s"
        );
        assert_eq!(
            text("30d", Some("1s")),
            "2592000 points are too many, at most 200 are asked for"
        );
        assert!(text("x", None).starts_with("`x` is not a duration"));
        assert!(resolve("1h", Some("0s")).is_err());
    }
}
