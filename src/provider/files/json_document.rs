//! JSON of a file that is read whole. Python and JavaScript write `NaN` and `Infinity`, which are no JSON: they are read
//! as `null`, so that they cost one figure and not the file.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::{FileError, Place};
use super::format::Format;
use super::text;

/// The most values that a document of unknown shape may have: each takes far more memory than its text.
const MOST_VALUES: usize = 1_000_000;

/// Reads a document whose shape is known.
pub(super) fn parse<T: DeserializeOwned>(input: &[u8], format: Format) -> Result<T, FileError> {
    let text = Scan::of(text::decode(input)?).text;
    serde_json::from_str(&text).map_err(|error| FileError::json(format, &error))
}

/// Reads a document whose shape is unknown.
pub(super) fn parse_any(text: &str, format: Format) -> Result<Value, FileError> {
    let scan = Scan::of(text);
    if scan.values > MOST_VALUES {
        return Err(FileError::TooMuch {
            what: "more values than a file with results has".to_owned(),
            place: Place::Byte(u64::try_from(text.len()).unwrap_or(u64::MAX)),
            limit: u64::try_from(MOST_VALUES).unwrap_or(u64::MAX),
        });
    }
    serde_json::from_str(&scan.text).map_err(|error| FileError::json(format, &error))
}

/// What one look at a document tells.
struct Scan<'a> {
    /// The text with `null` where it has no number.
    text: Cow<'a, str>,
    /// How many values it has at most.
    values: usize,
}

impl<'a> Scan<'a> {
    /// Looks at a document.
    fn of(text: &'a str) -> Self {
        let mut values = 1;
        let mut is_string = false;
        let mut is_escaped = false;
        let mut places = Vec::new();
        for (place, byte) in text.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_string => is_escaped = true,
                b'"' => is_string = !is_string,
                _ if is_string => {}
                b',' | b'[' | b'{' => values += 1,
                b'N' | b'I' => places.push(place),
                _ => {}
            }
        }
        let text = if places.is_empty() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(with_nulls(text, &places))
        };
        Self { text, values }
    }
}

/// Writes `null` for the words that begin at the given places.
fn with_nulls(text: &str, places: &[usize]) -> String {
    let mut plain = String::with_capacity(text.len() + places.len());
    let mut done = 0;
    for &place in places {
        let rest = text.get(place..).unwrap_or_default();
        let word = ["NaN", "Infinity"]
            .into_iter()
            .find(|word| rest.starts_with(word));
        let (Some(word), Some(before)) = (word, text.get(done..place)) else {
            continue;
        };
        plain.push_str(before.strip_suffix('-').unwrap_or(before));
        plain.push_str("null");
        done = place + word.len();
    }
    plain.push_str(text.get(done..).unwrap_or_default());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_null() {
        let text = r#"{"a":NaN,"b":[-Infinity,Infinity,1],"NaN":"Infinity \" NaN"}"#;
        let value = parse_any(text, Format::Json).unwrap();
        let expected = r#"{"a":null,"b":[null,null,1],"NaN":"Infinity \" NaN"}"#;
        assert_eq!(value.to_string(), expected);
        assert!(parse_any("[Nope]", Format::Json).is_err());
    }

    #[test]
    fn documents_of_very_many_values_are_refused_before_they_are_built() {
        let bomb = format!("[{}1]", "1,".repeat(MOST_VALUES));
        let error = parse_any(&bomb, Format::Json).unwrap_err();
        assert!(matches!(error, FileError::TooMuch { .. }));
        let text = format!("[\"{}\"]", ",".repeat(MOST_VALUES));
        assert!(parse_any(&text, Format::Json).is_ok());
    }

    #[test]
    fn nested_documents_are_refused() {
        let error = parse_any(&"[".repeat(100_000), Format::Json).unwrap_err();
        assert!(matches!(error, FileError::TooDeep { .. }));
    }
}
