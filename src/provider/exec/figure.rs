//! Numbers with units behind them: `12ms`, `3%`, `4KB`.

/// A number, and the unit that it is in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    /// The number, in the unit.
    pub value: f64,
    /// Milliseconds, ratio, or bytes; `None` where nothing, or something unknown, stands behind the number.
    pub unit: Option<&'static str>,
}

/// The units, with what a number in them is multiplied with. `KB` is 1024 bytes, as the Monitoring Plugins count.
const UNITS: [(&str, f64, &str); 19] = [
    ("ns", 1e-6, "ms"),
    ("us", 1e-3, "ms"),
    ("µs", 1e-3, "ms"),
    ("μs", 1e-3, "ms"),
    ("ms", 1.0, "ms"),
    ("s", 1e3, "ms"),
    ("sec", 1e3, "ms"),
    ("min", 60e3, "ms"),
    ("h", 3600e3, "ms"),
    ("%", 0.01, "ratio"),
    ("b", 1.0, "bytes"),
    ("kb", 1024.0, "bytes"),
    ("kib", 1024.0, "bytes"),
    ("mb", 1_048_576.0, "bytes"),
    ("mib", 1_048_576.0, "bytes"),
    ("gb", 1_073_741_824.0, "bytes"),
    ("gib", 1_073_741_824.0, "bytes"),
    ("tb", 1_099_511_627_776.0, "bytes"),
    ("tib", 1_099_511_627_776.0, "bytes"),
];

impl Figure {
    /// Reads a number without a unit; `NaN` and infinities are numbers here.
    pub(super) fn plain(text: &str) -> Option<Self> {
        let value = text.trim().parse().ok()?;
        Some(Self { value, unit: None })
    }

    /// Reads a number with or without a unit. `c`, a counter, is no unit.
    pub(super) fn with_unit(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(plain) = Self::plain(text) {
            return Some(plain);
        }
        let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '.');
        let end = text.rfind(is_digit)? + 1;
        let (number, word) = (text.get(..end)?, text.get(end..)?.trim());
        let value: f64 = number.parse().ok()?;
        if word == "c" {
            return Some(Self { value, unit: None });
        }
        let word = word.to_ascii_lowercase();
        let (_, factor, unit) = UNITS.into_iter().find(|(known, _, _)| *known == word)?;
        Some(Self {
            value: scaled(value, factor),
            unit: Some(unit),
        })
    }
}

/// Multiplies; where the factor is a part of one, divides instead, so that `3%` is 0.03 exactly.
fn scaled(value: f64, factor: f64) -> f64 {
    if factor < 1.0 {
        value / (1.0 / factor).round()
    } else {
        value * factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_milliseconds_ratios_and_bytes() {
        for (text, value, unit) in [
            ("12", 12.0, None),
            ("-1.5e3", -1500.0, None),
            ("12ms", 12.0, Some("ms")),
            ("0.25 s", 250.0, Some("ms")),
            ("250us", 0.25, Some("ms")),
            ("250µs", 0.25, Some("ms")),
            ("3%", 0.03, Some("ratio")),
            ("2KB", 2048.0, Some("bytes")),
            ("5c", 5.0, None),
            ("1e3ms", 1000.0, Some("ms")),
        ] {
            assert_eq!(
                Figure::with_unit(text),
                Some(Figure { value, unit }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "abc", "12 apples", "1,5", "ms", "1.2.3", "12%%"] {
            assert_eq!(Figure::with_unit(text), None, "{text}");
        }
        assert_eq!(Figure::plain("12ms"), None);
        assert!(Figure::plain("NaN").unwrap().value.is_nan());
    }
}
