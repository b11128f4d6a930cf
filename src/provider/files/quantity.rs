//! Numbers with a unit behind them: `12ms`, `1m30.5s`, `3%`, `1.2GB`.

use super::results::Unit;

/// Units of time, in milliseconds.
const TIMES: [(&str, f64); 12] = [
    ("ns", 1e-6),
    ("us", 1e-3),
    ("\u{b5}s", 1e-3),
    ("\u{3bc}s", 1e-3),
    ("ms", 1.0),
    ("s", 1e3),
    ("sec", 1e3),
    ("secs", 1e3),
    ("m", 60e3),
    ("min", 60e3),
    ("h", 3_600e3),
    ("d", 86_400e3),
];

/// Other units, each with what it is converted to.
const OTHERS: [(&str, f64, Unit); 12] = [
    ("%", 0.01, Unit::Ratio),
    ("B", 1.0, Unit::Bytes),
    ("KB", 1e3, Unit::Bytes),
    ("kB", 1e3, Unit::Bytes),
    ("MB", 1e6, Unit::Bytes),
    ("GB", 1e9, Unit::Bytes),
    ("KiB", 1024.0, Unit::Bytes),
    ("MiB", 1_048_576.0, Unit::Bytes),
    ("GiB", 1_073_741_824.0, Unit::Bytes),
    ("/s", 1.0, Unit::PerSecond),
    ("rps", 1.0, Unit::PerSecond),
    ("req/s", 1.0, Unit::PerSecond),
];

/// Reads a number with its unit, converted: times to milliseconds, percentages to a ratio. None where it is neither
/// that nor a bare number.
pub(super) fn parse(text: &str) -> Option<(f64, Unit)> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some((number, Unit::Unknown));
    }
    let (number, unit, rest) = split(text)?;
    if rest.is_empty()
        && let Some((_, factor, kind)) = OTHERS.iter().find(|(name, ..)| *name == unit)
    {
        return Some((number * factor, *kind));
    }
    time(text).map(|milliseconds| (milliseconds, Unit::Milliseconds))
}

/// Reads a time, perhaps of several parts as Go writes it, in milliseconds.
pub(super) fn time(text: &str) -> Option<f64> {
    let (is_negative, mut rest) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim()),
    };
    let mut sum = 0.0;
    while !rest.is_empty() {
        let (number, unit, after) = split(rest)?;
        let (_, factor) = TIMES.iter().find(|(name, _)| *name == unit)?;
        sum += number * factor;
        rest = after;
    }
    Some(if is_negative { -sum } else { sum })
}

/// Splits off one number and the unit behind it.
fn split(text: &str) -> Option<(f64, &str, &str)> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let number_end = text.find(|c| !is_number(c))?;
    let (number, rest) = text.split_at_checked(number_end)?;
    let rest = rest.trim_start();
    let unit_end = rest
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(unit_end)?;
    Some((number.parse().ok()?, unit.trim_end(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_to_the_canonical_ones() {
        let cases = [
            ("12ms", 12.0, Unit::Milliseconds),
            ("1.5 s", 1500.0, Unit::Milliseconds),
            ("250us", 0.25, Unit::Milliseconds),
            ("250\u{b5}s", 0.25, Unit::Milliseconds),
            ("1m30.5s", 90_500.0, Unit::Milliseconds),
            ("-2s", -2000.0, Unit::Milliseconds),
            ("3%", 0.03, Unit::Ratio),
            ("2KiB", 2048.0, Unit::Bytes),
            ("7.5", 7.5, Unit::Unknown),
            ("40 req/s", 40.0, Unit::PerSecond),
        ];
        for (text, value, unit) in cases {
            assert_eq!(parse(text), Some((value, unit)), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "ms", "12 parsecs", "1.2.3s", "12ms later", "s12"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
