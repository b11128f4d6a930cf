//! The window of an evaluation that is triggered (controlplane.md 1.4).

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::gate::event::parse_time;
use crate::gate::parse_duration;
use crate::server::Problem;
use crate::server::routes::parameters::quoted;

/// How long a window is where nobody says.
const DEFAULT: SignedDuration = SignedDuration::from_mins(5);
/// The shortest window.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// What somebody says of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct WindowWords {
    /// When it starts.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// How long it is.
    pub timeframe: String,
}

impl WindowWords {
    /// Returns start and end.
    pub(super) fn window(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        let words = (given(&self.start), given(&self.end), given(&self.timeframe));
        let (start, end) = match words {
            (None, None, None) => (moved(now, -DEFAULT)?, now),
            (None, None, Some(long)) => (moved(now, -duration(&long)?)?, now),
            (Some(start), None, Some(long)) => {
                let start = time("start", &start)?;
                (start, moved(start, duration(&long)?)?)
            }
            (Some(start), Some(end), None) => (time("start", &start)?, time("end", &end)?),
            (_, Some(_), Some(_)) => return refuse("end and timeframe are mutually exclusive"),
            (None, Some(_), None) => return refuse("end needs a start, too"),
            (Some(_), None, None) => return refuse("start needs a timeframe or an end, too"),
        };
        if end.duration_since(start) < SHORTEST {
            return refuse("end date must be at least 1 minute after start date");
        }
        Ok((start, end))
    }
}

/// Refuses a window.
fn refuse<T>(why: &str) -> Result<T, Problem> {
    Err(Problem::bad_request(why))
}

/// Reads a moment.
fn time(name: &str, text: &str) -> Result<Timestamp, Problem> {
    parse_time(text).ok_or_else(|| {
        let text = quoted(text);
        Problem::bad_request(format!(
            "{name} is no time such as 2024-02-01T10:00:00.000Z: {text}"
        ))
    })
}

/// Reads a duration.
fn duration(text: &str) -> Result<SignedDuration, Problem> {
    let read = parse_duration(text).ok();
    read.filter(SignedDuration::is_positive).ok_or_else(|| {
        let text = quoted(text);
        Problem::bad_request(format!(
            "timeframe is no duration such as 5m or 1h30m: {text}"
        ))
    })
}

/// Moves a moment.
fn moved(time: Timestamp, by: SignedDuration) -> Result<Timestamp, Problem> {
    time.checked_add(by)
        .map_err(|_beyond| Problem::bad_request("the window is beyond the years 0 to 9999"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a window as of noon; "" says nothing.
    fn window(start: &str, end: &str, timeframe: &str) -> String {
        let [start, end, timeframe] = [start, end, timeframe].map(str::to_owned);
        let words = WindowWords {
            start,
            end,
            timeframe,
        };
        match words.window("2024-02-01T12:00:00Z".parse().unwrap()) {
            Ok((start, end)) => format!("{start} {end}"),
            Err(problem) => format!("{}: {}", problem.status.as_u16(), problem.message),
        }
    }

    #[test]
    fn each_way_to_say_a_window_has_its_meaning() {
        let noon = "2024-02-01T12:00:00Z";
        let at = "2024-02-01T10:00:00";
        insta::assert_snapshot!([
            window("", "", ""),
            window("", "", "1h30m"),
            window(at, "", "10m"),
            window(at, "2024-02-01T11:00:00.000Z", ""),
            window("2024-02-01T12:00:00+02:00", noon, ""),
            window("", noon, "5m"),
            window(at, noon, "5m"),
            window("", noon, ""),
            window(at, "", ""),
            window(at, "2024-02-01T10:00:59Z", ""),
            window(noon, at, ""),
            window(at, "", "5"),
            window("", "", "-5m"),
            window("", "", "30s"),
            window("x\n", noon, ""),
            window("9999-12-30T00:00:00Z", "", "9000h"),
        ].join("\n"), @r"
        2024-02-01T11:55:00Z 2024-02-01T12:00:00Z
        2024-02-01T10:30:00Z 2024-02-01T12:00:00Z
        2024-02-01T10:00:00Z 2024-02-01T10:10:00Z
        2024-02-01T10:00:00Z 2024-02-01T11:00:00Z
        2024-02-01T10:00:00Z 2024-02-01T12:00:00Z
        400: end and timeframe are mutually exclusive
        400: end and timeframe are mutually exclusive
        400: end needs a start, too
        400: start needs a timeframe or an end, too
        400: end date must be at least 1 minute after start date
        400: end date must be at least 1 minute after start date
        400: timeframe is no duration such as 5m or 1h30m: `5`
        400: timeframe is no duration such as 5m or 1h30m: `-5m`
        400: end date must be at least 1 minute after start date
        400: start is no time such as 2024-02-01T10:00:00.000Z: `x\n`
        400: the window is beyond the years 0 to 9999
        ");
    }
}
