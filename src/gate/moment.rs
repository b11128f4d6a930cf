//! Instants and durations as a user writes them: Keptn's three forms, RFC 3339, seconds ago, an epoch, `now`
//! (lighthouse.md 7.2, ci.md 1.5).

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// A bare number below this is seconds ago, from here on an epoch in seconds.
const FIRST_EPOCH_SECOND: i64 = 1_000_000_000;
/// From here on a bare number is an epoch in milliseconds.
const FIRST_EPOCH_MILLISECOND: i64 = 100_000_000_000;

/// A text that names no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time: {reason}")]
pub struct MomentError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration: {reason}")]
pub struct DurationError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Reads an instant.
///
/// Accepted: `now`; `660` (seconds ago), `1577872800` (epoch), `1577872800000` (epoch in milliseconds); `-11m`
/// (that long ago); `2024-02-01T10:00:00.000Z`, any fraction, any offset, and without a zone, which means UTC.
///
/// # Errors
/// [`MomentError`] says what the text should have looked like.
///
/// ```
/// use tidegate::gate::parse_moment;
/// let now = "2024-02-01T10:00:00Z".parse().unwrap();
/// assert_eq!(parse_moment("60", now).unwrap().to_string(), "2024-02-01T09:59:00Z");
/// assert_eq!(parse_moment("2024-02-01T10:00:00+02:00", now).unwrap().to_string(), "2024-02-01T08:00:00Z");
/// ```
pub fn parse_moment(text: &str, now: Timestamp) -> Result<Timestamp, MomentError> {
    let fail = |reason: &str| MomentError {
        text: text.to_owned(),
        reason: reason.to_owned(),
    };
    if text == "now" {
        return Ok(now);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return parse_number(text, now).ok_or_else(|| fail("the number is out of range"));
    }
    if let Some(length) = text.strip_prefix('-') {
        let length = parse_duration(length).map_err(|error| {
            fail(&format!(
                "after the minus a duration is expected, {}",
                error.reason
            ))
        })?;
        return now
            .checked_sub(length)
            .map_err(|_out_of_range| fail("that is too long ago"));
    }
    parse_calendar(text).map_err(|reason| fail(&reason))
}

/// Reads an instant of the calendar, more leniently than RFC 3339: any number of digits of a second, and no zone is UTC.
pub(crate) fn parse_instant(text: &str) -> Option<Timestamp> {
    parse_calendar(text).ok()
}

/// Reads a bare number: seconds ago, or an epoch.
fn parse_number(text: &str, now: Timestamp) -> Option<Timestamp> {
    let number: i64 = text.parse().ok()?;
    if number < FIRST_EPOCH_SECOND {
        now.checked_sub(SignedDuration::from_secs(number)).ok()
    } else if number < FIRST_EPOCH_MILLISECOND {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

/// Reads `YYYY-MM-DDThh:mm:ss`, with an optional fraction and an optional zone.
fn parse_calendar(text: &str) -> Result<Timestamp, String> {
    const SHAPE: &str =
        "expected `2024-02-01T10:00:00Z` (any offset), `-5m` or `300` (five minutes ago), or `now`";
    let (civil, zone) = split_zone(text).ok_or(SHAPE)?;
    let (second, fraction) = match civil.split_once(['.', ',']) {
        Some((second, fraction)) => (second, Some(fraction)),
        None => (civil, None),
    };
    let shape_fits = second.len() == 19
        && second
            .bytes()
            .zip(b"0000-00-00T00:00:00")
            .all(|(found, expected)| match expected {
                b'0' => found.is_ascii_digit(),
                literal => found == *literal,
            });
    let fraction_fits = fraction
        .is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    if !shape_fits || !fraction_fits {
        return Err(SHAPE.to_owned());
    }
    let field = |from: usize, to: usize| {
        second
            .get(from..to)
            .and_then(|digits| digits.parse::<i16>().ok())
            .unwrap_or(0)
    };
    let small = |from, to| i8::try_from(field(from, to)).unwrap_or(i8::MAX);
    DateTime::new(
        field(0, 4),
        small(5, 7),
        small(8, 10),
        small(11, 13),
        small(14, 16),
        small(17, 19),
        nanoseconds(fraction.unwrap_or_default()),
    )
    .and_then(|civil| zone.to_timestamp(civil))
    .map_err(|error| format!("no such date or time: {error}"))
}

/// Splits a zone off the end: `Z`, `±hh:mm`, or nothing, which is UTC as in Keptn.
fn split_zone(text: &str) -> Option<(&str, Offset)> {
    if let Some(civil) = text.strip_suffix('Z') {
        return Some((civil, Offset::UTC));
    }
    let at = text.len().checked_sub(6)?;
    let (Some(civil), Some(zone)) = (text.get(..at), text.get(at..)) else {
        return Some((text, Offset::UTC));
    };
    let sign = match zone.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Some((text, Offset::UTC)),
    };
    let Some((hours, minutes)) = zone.get(1..).and_then(|rest| rest.split_once(':')) else {
        return Some((text, Offset::UTC));
    };
    let number = |digits: &str, below: i32| {
        let all_digits = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits
            .parse::<i32>()
            .ok()
            .filter(|number| all_digits && *number < below)
    };
    let seconds = number(hours, 24)? * 3600 + number(minutes, 60)? * 60;
    Some((civil, Offset::from_seconds(sign * seconds).ok()?))
}

/// Returns a fraction of a second in nanoseconds; digits after the ninth are dropped.
fn nanoseconds(fraction: &str) -> i32 {
    let nine: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(9)
        .collect();
    nine.parse().unwrap_or(0)
}

/// Reads a duration in Go's notation (`5m`, `1h30m`, `1.5h`, `90000ms`, `0`), with `d` for days.
///
/// # Errors
/// [`DurationError`] says what is missing.
///
/// ```
/// use tidegate::gate::parse_duration;
/// assert_eq!(parse_duration("1h30m").unwrap().as_secs(), 5400);
/// assert!(parse_duration("5").is_err());
/// ```
pub fn parse_duration(text: &str) -> Result<SignedDuration, DurationError> {
    let fail = |reason| DurationError {
        text: text.to_owned(),
        reason,
    };
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(fail(
            "expected a number and a unit, such as `5m` or `1h30m`",
        ));
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let (nanoseconds, after) = take_part(rest).map_err(fail)?;
        total = total.saturating_add(nanoseconds);
        rest = after;
    }
    i64::try_from(sign * total)
        .map(SignedDuration::from_nanos)
        .map_err(|_too_long| fail("it is longer than 292 years"))
}

/// Takes one number and unit off the front; returns nanoseconds and what is left.
fn take_part(text: &str) -> Result<(i128, &str), &'static str> {
    const NO_NUMBER: &str = "expected a number and a unit, such as `5m` or `1h30m`";
    let number_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(number_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(NO_NUMBER);
    }
    let unit_end = rest
        .find(|c: char| c.is_ascii_digit() || c == '.')
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let unit = unit_nanoseconds(unit)?;
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        parse_digits(whole)?
    };
    let fraction = fraction.get(..fraction.len().min(15)).unwrap_or_default();
    let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let part = if fraction.is_empty() {
        0
    } else {
        parse_digits(fraction)? * unit / scale
    };
    Ok((whole.saturating_mul(unit).saturating_add(part), rest))
}

/// Reads digits, at most as many as a duration can need.
fn parse_digits(digits: &str) -> Result<i128, &'static str> {
    digits
        .parse()
        .map_err(|_too_many_digits| "the number is too large")
}

/// Returns the length of a unit.
fn unit_nanoseconds(unit: &str) -> Result<i128, &'static str> {
    Ok(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "" => return Err("the unit is missing, such as `m` in `5m`"),
        _ => return Err("the units are ns, us, ms, s, m, h, and d, without blanks"),
    })
}

/// Says a length as people do, rounded up to the second: `95 seconds`, `2 minutes`.
#[must_use]
pub fn spoken(length: Duration) -> String {
    let seconds = length.as_secs() + u64::from(length.subsec_nanos() > 0);
    let (count, unit) = match seconds {
        s if s >= 3600 && s % 3600 == 0 => (s / 3600, "hour"),
        s if s >= 60 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2024-02-01T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn numbers_are_seconds_ago_or_an_epoch() {
        let moment = |text| parse_moment(text, now()).unwrap().to_string();
        assert_eq!(moment("0"), "2024-02-01T10:00:00Z");
        assert_eq!(moment("660"), "2024-02-01T09:49:00Z");
        assert_eq!(moment("1577872800"), "2020-01-01T10:00:00Z");
        assert_eq!(moment("1577872800500"), "2020-01-01T10:00:00.5Z");
        assert_eq!(moment("-11m"), "2024-02-01T09:49:00Z");
        assert_eq!(moment("-1d"), "2024-01-31T10:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            " ",
            "abc",
            "-",
            "-5",
            "2020-01-01",
            "2020-01-01 10:00:00",
            "2020-01-01t10:00:00z",
            "2020-02-30T10:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T10:00Z",
            "2020-01-01T10:00:00.Z",
            "2020-01-01T10:00:00+25:00",
            "2020-01-01T10:00:00+1:00",
            "99999999999999999999",
            "+5",
            "5m",
            "2020-01-01T10:00:60Z",
            "9999999999999999",
            "😀😀😀😀",
        ] {
            assert!(parse_moment(text, now()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            " ",
            "5",
            "5 m",
            "m",
            "-",
            "1x",
            ".m",
            "1..5h",
            "1h 30m",
            "300000000d",
        ] {
            assert!(parse_duration(text).is_err(), "{text:?}");
        }
        assert_eq!(parse_duration("1d").unwrap().as_secs(), 86_400);
        assert_eq!(parse_duration("-1.5h").unwrap().as_secs(), -5_400);
        assert_eq!(parse_duration(".5m").unwrap().as_secs(), 30);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _moment = parse_moment(&text, now());
            let _duration = parse_duration(&text);
        }

        #[test]
        fn an_instant_reads_back_in_any_offset(seconds in 1_000_000_000_i64..4_000_000_000, hours in -23_i8..=23) {
            let instant = Timestamp::from_second(seconds).unwrap();
            let offset = Offset::constant(hours);
            let civil = offset.to_datetime(instant);
            let text = format!("{civil}{}{:02}:00", if hours < 0 { '-' } else { '+' }, hours.abs());
            prop_assert_eq!(parse_moment(&text, now()), Ok(instant));
        }
    }

    #[test]
    fn lengths_are_said_as_people_say_them() {
        let said = [1, 60, 95, 120, 3600, 5400, 7200].map(|s| spoken(Duration::from_secs(s)));
        let expected = [
            "1 second",
            "1 minute",
            "95 seconds",
            "2 minutes",
            "1 hour",
            "90 minutes",
            "2 hours",
        ];
        assert_eq!(said, expected);
        assert_eq!(spoken(Duration::from_millis(1500)), "2 seconds");
    }
}
