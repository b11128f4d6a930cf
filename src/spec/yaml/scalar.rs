//! What a scalar means, as Keptn's parser (yaml.v3) resolves it (lighthouse.md 1.4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Content, Node, ScalarStyle};

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// Nothing.
    Null,
    /// `true` or `false`; the words of YAML 1.1 are texts here.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number that only an unsigned one can hold.
    HugeInteger,
    /// Any other number, infinities and NaN included.
    Float(f64),
    /// A text, decoded where it was `!!binary`.
    Text(String),
}

/// A tag says something else than the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagMismatch;

impl Node {
    /// Returns what a scalar means; collections count as an empty text. A tag that nobody knows makes a text.
    ///
    /// # Errors
    /// [`TagMismatch`] where the tag does not fit.
    pub fn resolve(&self) -> Result<Scalar, TagMismatch> {
        let Content::Scalar { text, style } = &self.content else {
            return Ok(Scalar::Text(String::new()));
        };
        let quoted = *style != ScalarStyle::Plain;
        match self.tag.as_deref() {
            None if quoted => Ok(Scalar::Text(text.clone())),
            None => Ok(resolve_plain(text)),
            Some("!!str") => Ok(Scalar::Text(text.clone())),
            Some("!!binary") => decode(text),
            Some(tag @ ("!!null" | "!!bool" | "!!int" | "!!float" | "!!timestamp")) => {
                fit(tag, resolve_plain(text), text)
            }
            Some(_) => Ok(Scalar::Text(text.clone())),
        }
    }
}

/// Decodes Base64; line breaks in it don't matter.
fn decode(text: &str) -> Result<Scalar, TagMismatch> {
    let packed: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let bytes = STANDARD.decode(packed).map_err(|_invalid| TagMismatch)?;
    Ok(Scalar::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Checks that a meaning is what the tag says.
fn fit(tag: &str, scalar: Scalar, text: &str) -> Result<Scalar, TagMismatch> {
    match (tag, scalar) {
        ("!!null", Scalar::Null) => Ok(Scalar::Null),
        ("!!bool", Scalar::Boolean(value)) => Ok(Scalar::Boolean(value)),
        ("!!int", Scalar::Integer(value)) => Ok(Scalar::Integer(value)),
        ("!!int", Scalar::HugeInteger) => Ok(Scalar::HugeInteger),
        ("!!float", Scalar::Float(value)) => Ok(Scalar::Float(value)),
        ("!!float", Scalar::Integer(value)) => Ok(Scalar::Float(as_float(value))),
        ("!!timestamp", Scalar::Text(_)) if looks_like_date(text) => {
            Ok(Scalar::Text(text.to_owned()))
        }
        _ => Err(TagMismatch),
    }
}

/// Converts as Go does.
#[expect(clippy::cast_precision_loss, reason = "Keptn loses the same digits")]
fn as_float(value: i64) -> f64 {
    value as f64
}

/// Tells whether a text begins like `2020-01-01`.
fn looks_like_date(text: &str) -> bool {
    let (year, rest) = text.split_at_checked(4).unwrap_or_default();
    year.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with('-')
}

/// Returns what a plain scalar without a tag means.
fn resolve_plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Boolean(true),
        "false" | "False" | "FALSE" => return Scalar::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    resolve_number(text).unwrap_or_else(|| Scalar::Text(text.to_owned()))
}

/// Reads a number in any notation; `None` for a text.
fn resolve_number(text: &str) -> Option<Scalar> {
    if text.starts_with('.') {
        return decimal(text).map(Scalar::Float);
    }
    if !text.starts_with(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        return None;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| decimal(&plain).map(Scalar::Float))
}

/// Reads a whole number: decimal, `0x`, `0b`, `0o`, or octal behind a bare `0`.
fn integer(text: &str) -> Option<Scalar> {
    let (negative, signed, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (true, true, rest),
        (None, Some(rest)) => (false, true, rest),
        (None, None) => (false, false, text),
    };
    let (radix, digits) = radix(digits);
    if !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
        return None;
    }
    let value = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -value } else { value };
    match i64::try_from(value) {
        Ok(value) => Some(Scalar::Integer(value)),
        Err(_) => (!signed).then_some(Scalar::HugeInteger),
    }
}

/// Splits the prefix that names the base from the digits.
fn radix(digits: &str) -> (u32, &str) {
    let lower = digits.get(..2).unwrap_or_default().to_ascii_lowercase();
    let rest = digits.get(2..).unwrap_or_default();
    match lower.as_str() {
        "0x" => (16, rest),
        "0b" => (2, rest),
        "0o" => (8, rest),
        _ => match digits.strip_prefix('0') {
            Some(octal) if !octal.is_empty() => (8, octal),
            _ => (10, digits),
        },
    }
}

/// Reads `digits[.digits][e[sign]digits]` with a sign; `None` where it is too large for a float.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && are_digits(digits)
    });
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    if !has_digits || !are_digits(whole) || !are_digits(fraction) || !exponent_fits {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_they_mean_in_keptn() {
        let integer =
            |text: &str, value| assert_eq!(resolve_plain(text), Scalar::Integer(value), "{text}");
        integer("5", 5);
        integer("+5", 5);
        integer("1_000", 1000);
        integer("1__0_", 10);
        integer("-0x1F", -31);
        integer("0b11", 3);
        integer("0o17", 15);
        integer("017", 15);
        integer("-9223372036854775808", i64::MIN);
        assert_eq!(resolve_plain("08"), Scalar::Float(8.0));
        assert_eq!(resolve_plain("1."), Scalar::Float(1.0));
        assert_eq!(resolve_plain("9223372036854775808"), Scalar::HugeInteger);
        for text in [
            "1e400",
            "2020-01-01",
            "1.2.3",
            "+",
            "-",
            "0x",
            "1e",
            "yes",
            "_1",
            "1:30",
            ".",
        ] {
            assert_eq!(resolve_plain(text), Scalar::Text(text.to_owned()));
        }
    }
}
