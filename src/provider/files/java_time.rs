//! Times of day as Java's `SimpleDateFormat` writes them.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// The patterns that `JMeter` itself tries, the more exact ones first.
const USUAL: [&str; 7] = [
    "yyyy/MM/dd HH:mm:ss.SSS",
    "yyyy/MM/dd HH:mm:ss",
    "yyyy-MM-dd HH:mm:ss.SSS",
    "yyyy-MM-dd HH:mm:ss",
    "MM/dd/yy HH:mm:ss",
    "yyyy-MM-dd'T'HH:mm:ss.SSSX",
    "yyyy-MM-dd'T'HH:mm:ssX",
];

/// A pattern, such as `yyyy/MM/dd HH:mm:ss.SSS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Its parts in order.
    parts: Vec<PatternPart>,
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PatternPart {
    /// This byte.
    Literal(u8),
    /// So many digits of a unit.
    Digits(TimeUnit, usize),
    /// An offset from UTC: `Z`, `+01`, `+0100`, or `+01:00`.
    Offset,
}

/// What digits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeUnit {
    /// Years.
    Year,
    /// Months, from 1.
    Month,
    /// Days of the month.
    Day,
    /// Hours, 0 to 23.
    Hour,
    /// Minutes.
    Minute,
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
}

impl Pattern {
    /// Reads a pattern; the error ends a sentence that starts with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.as_bytes();
        while let Some(byte) = rest.first().copied() {
            let length = rest.iter().take_while(|b| **b == byte).count();
            let unit = match byte {
                b'\'' => {
                    let inner = rest.get(1..).unwrap_or_default();
                    let end =
                        memchr::memchr(b'\'', inner).ok_or("has a quote that is not closed")?;
                    let literal = inner.get(..end).unwrap_or_default();
                    parts.extend(literal.iter().map(|b| PatternPart::Literal(*b)));
                    rest = inner.get(end + 1..).unwrap_or_default();
                    continue;
                }
                b'X' | b'Z' => {
                    parts.push(PatternPart::Offset);
                    rest = rest.get(length..).unwrap_or_default();
                    continue;
                }
                b'y' => TimeUnit::Year,
                b'M' if length <= 2 => TimeUnit::Month,
                b'd' => TimeUnit::Day,
                b'H' => TimeUnit::Hour,
                b'm' => TimeUnit::Minute,
                b's' => TimeUnit::Second,
                b'S' => TimeUnit::Millisecond,
                letter if letter.is_ascii_alphabetic() => {
                    let letter = char::from(letter);
                    return Err(format!(
                        "has `{letter}`; known are y, M, d, H, m, s, S, X, and Z"
                    ));
                }
                literal => {
                    parts.push(PatternPart::Literal(literal));
                    rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
            };
            parts.push(PatternPart::Digits(unit, length));
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(Self { parts })
    }

    /// Returns the first of the usual patterns that reads a text.
    pub(super) fn that_reads(text: &[u8]) -> Option<Self> {
        let mut patterns = USUAL.iter().filter_map(|text| Self::parse(text).ok());
        patterns.find(|pattern| pattern.nanoseconds(text).is_some())
    }

    /// Returns whether it says where on earth the time of day holds.
    pub(super) fn has_zone(&self) -> bool {
        self.parts.contains(&PatternPart::Offset)
    }

    /// Returns the nanoseconds since 1970, in UTC where the pattern has no offset; none where the text does not fit.
    pub(super) fn nanoseconds(&self, text: &[u8]) -> Option<i64> {
        let mut rest = text;
        let (mut date, mut time) = ([1970_i16, 1, 1], [0_i16; 4]);
        let mut offset = 0;
        for part in &self.parts {
            match part {
                PatternPart::Literal(byte) => rest = rest.strip_prefix(&[*byte])?,
                PatternPart::Offset => (offset, rest) = read_offset(rest)?,
                PatternPart::Digits(unit, length) => {
                    let (number, after) = read_digits(rest, *length)?;
                    rest = after;
                    let [year, month, day] = &mut date;
                    let [hour, minute, second, millisecond] = &mut time;
                    *match unit {
                        TimeUnit::Year => year,
                        TimeUnit::Month => month,
                        TimeUnit::Day => day,
                        TimeUnit::Hour => hour,
                        TimeUnit::Minute => minute,
                        TimeUnit::Second => second,
                        TimeUnit::Millisecond => millisecond,
                    } = match (unit, length) {
                        (TimeUnit::Year, 2) => number + 2000,
                        _ => number,
                    };
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
        instant(date, time, offset)
    }
}

/// Returns the nanoseconds since 1970 of a date and time at an offset in minutes.
fn instant(date: [i16; 3], time: [i16; 4], offset: i64) -> Option<i64> {
    let [year, month, day] = date;
    let [hour, minute, second, millisecond] = time;
    let small = |number: i16| i8::try_from(number).ok();
    let date = jiff::civil::Date::new(year, small(month)?, small(day)?).ok()?;
    let nanosecond = i32::from(millisecond) * 1_000_000;
    let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond);
    let utc = DateTime::from_parts(date, time.ok()?).to_zoned(jiff::tz::TimeZone::UTC);
    let at: Timestamp = utc.ok()?.timestamp();
    let offset = offset.checked_mul(60_000_000_000)?;
    i64::try_from(at.as_nanosecond()).ok()?.checked_sub(offset)
}

/// Reads digits: as many as the pattern has letters, or any up to four where it has one.
fn read_digits(text: &[u8], letters: usize) -> Option<(i16, &[u8])> {
    let most = if letters == 1 { 4 } else { letters.min(4) };
    let digits = text.iter().take(most).take_while(|b| b.is_ascii_digit());
    let length = digits.count();
    if length == 0 || (letters > 1 && length < letters.min(4)) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(length)?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((number, rest))
}

/// Reads an offset from UTC in minutes.
fn read_offset(text: &[u8]) -> Option<(i64, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"Z") {
        return Some((0, rest));
    }
    let (sign, rest) = match text.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = read_digits(rest, 2)?;
    let minutes = rest.strip_prefix(b":").unwrap_or(rest);
    let (minutes, rest) = read_digits(minutes, 2).unwrap_or((0, rest));
    Some((sign * (i64::from(hours) * 60 + i64::from(minutes)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text by a pattern, as a time in UTC.
    fn read(pattern: &str, text: &str) -> Option<String> {
        let at = Pattern::parse(pattern)
            .unwrap()
            .nanoseconds(text.as_bytes())?;
        Some(Timestamp::from_nanosecond(at.into()).unwrap().to_string())
    }

    #[test]
    fn the_patterns_of_jmeter_are_read() {
        let at = "2024-02-29T13:05:09.042Z";
        let cases = [
            ("yyyy/MM/dd HH:mm:ss.SSS", "2024/02/29 13:05:09.042"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2024-02-29T14:05:09.042+01"),
            ("yyyy-MM-dd HH:mm:ss.SSSZ", "2024-02-29 08:35:09.042-0430"),
            ("d.M.yyyy H:m:s.S", "29.2.2024 13:5:9.42"),
        ];
        for (pattern, text) in cases {
            assert_eq!(read(pattern, text).as_deref(), Some(at), "{pattern}");
        }
        let short = read("MM/dd/yy HH:mm:ss", "02/29/24 13:05:09");
        assert_eq!(short.as_deref(), Some("2024-02-29T13:05:09Z"));
    }

    #[test]
    fn what_does_not_fit_a_pattern_is_refused() {
        let pattern = "yyyy/MM/dd HH:mm:ss";
        for text in [
            "",
            "2024/02/30 00:00:00",
            "2024/2/1 00:00:00",
            "2024/02/01 00:00:00.1",
            "x",
        ] {
            assert_eq!(read(pattern, text), None, "{text}");
        }
        assert!(Pattern::parse("EEE d").unwrap_err().starts_with("has `E`"));
        assert!(Pattern::parse("'T").is_err());
    }

    #[test]
    fn the_usual_patterns_are_found_by_a_text() {
        for text in [
            "2024/02/29 13:05:09.042",
            "2024-02-29 13:05:09",
            "02/29/24 13:05:09",
        ] {
            assert!(Pattern::that_reads(text.as_bytes()).is_some(), "{text}");
        }
        assert_eq!(Pattern::that_reads(b"yesterday"), None);
    }
}
