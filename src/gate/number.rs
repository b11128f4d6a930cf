//! Numbers as Keptn reads and prints them (lighthouse.md 3.2, 5.7, 10).

/// A number that is neither NaN nor infinite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Finite(f64);

impl Finite {
    /// Takes a number, unless it is NaN or infinite.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// Reads a number in the notation that Keptn's criteria accept: decimal with optional sign, exponent and
/// single underscores between digits, hexadecimal with a `p` exponent, `inf`, `infinity` and `nan` in any case.
///
/// Returns `None` for anything else, and where a decimal is too large for an `f64`.
pub(crate) fn parse_go_float(text: &str) -> Option<f64> {
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let signed = magnitude.len() != text.len();
    let lower = magnitude.to_ascii_lowercase();
    match lower.as_str() {
        "inf" | "infinity" => return Some(sign * f64::INFINITY),
        "nan" => return (!signed).then_some(f64::NAN),
        _ => {}
    }
    let value = match lower.strip_prefix("0x") {
        Some(hex) => parse_hex(hex)?,
        None => parse_decimal(&lower)?,
    };
    value.is_finite().then_some(sign * value)
}

/// Reads `digits[.digits][e[sign]digits]` with underscores between digits.
fn parse_decimal(text: &str) -> Option<f64> {
    let digits = without_underscores(text, |c| c.is_ascii_digit())?;
    let body = digits.as_bytes();
    let starts_well = matches!(body.first(), Some(b'0'..=b'9' | b'.'));
    let only_number_characters = body
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-'));
    if !starts_well || !only_number_characters {
        return None;
    }
    digits.parse().ok()
}

/// Reads the part of a hexadecimal float behind `0x`: `1.8p1`.
fn parse_hex(text: &str) -> Option<f64> {
    let text = match text.strip_prefix('_') {
        Some(rest) => without_underscores(rest, |c| c.is_ascii_hexdigit())?,
        None => without_underscores(text, |c| c.is_ascii_hexdigit())?,
    };
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0_f64;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let shift = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    Some(value * 2.0_f64.powi(exponent.checked_sub(shift)?))
}

/// Drops single underscores that stand between two digits; any other underscore makes the number unreadable.
fn without_underscores(text: &str, is_digit: impl Fn(char) -> bool) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    for (at, &character) in characters.iter().enumerate() {
        if character != '_' {
            kept.push(character);
            continue;
        }
        let before = at.checked_sub(1).and_then(|i| characters.get(i));
        let after = characters.get(at + 1);
        if !(before.is_some_and(|c| is_digit(*c)) && after.is_some_and(|c| is_digit(*c))) {
            return None;
        }
    }
    Some(kept)
}

/// Prints a number as Keptn's messages do (Go's `%v`): plain from 1e-4 to below 1e6, else with an
/// exponent of two digits at least.
///
/// ```
/// use tidegate::gate::message_number;
/// assert_eq!(message_number(100.0), "100");
/// assert_eq!(message_number(1e6), "1e+06");
/// ```
#[must_use]
pub fn message_number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) || value == 0.0 {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// Writes a number as JSON does it in Keptn: whole numbers without `.0`.
///
/// # Errors
/// Those of the serializer.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's `serialize_with` hands over a reference"
)]
pub(crate) fn serialize<S: serde::Serializer>(
    value: &f64,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match as_integer(*value) {
        Some(integer) => serializer.serialize_i64(integer),
        None => serializer.serialize_f64(*value),
    }
}

/// Returns the number as JSON, whole numbers without `.0`; null where JSON has no such number.
#[must_use]
pub fn to_json(value: f64) -> serde_json::Value {
    match as_integer(value) {
        Some(integer) => integer.into(),
        None => serde_json::Number::from_f64(value).into(),
    }
}

/// Returns a whole number that an `f64` holds exactly, apart from -0, which JSON can only keep as a float.
fn as_integer(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = value.fract() == 0.0 && value.abs() <= EXACT;
    let negative_zero = value == 0.0 && value.is_sign_negative();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and below 2^53: the cast is exact"
    )]
    (whole && !negative_zero).then_some(value as i64)
}
