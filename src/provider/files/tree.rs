//! Looking things up in JSON of a known tool.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::results::{Figure, Unit};

/// The most figures that are listed under the tool's own names.
const MOST_LISTED: usize = 5000;

/// Returns the number below some keys; none where it is absent, null, or no number.
pub(super) fn number(value: &Value, path: &[&str]) -> Option<f64> {
    at(value, path)?.as_f64()
}

/// Returns the whole number below some keys; none where it is absent, or below 0.
pub(super) fn count(value: &Value, path: &[&str]) -> Option<u64> {
    whole(at(value, path)?)
}

/// Returns the object below some keys.
pub(super) fn object<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Map<String, Value>> {
    at(value, path)?.as_object()
}

/// Returns what lies below some keys.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}

/// Returns every whole number of an object with its key.
pub(super) fn counts<'v>(
    value: &'v Value,
    path: &[&str],
) -> impl Iterator<Item = (&'v str, u64)> + use<'v> {
    let entries = object(value, path).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.as_str(), whole(value)?)))
}

/// Reads a whole number, also where the tool writes it with a point.
fn whole(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|number| (0.0..9e15).contains(number));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked right before"
    )]
    value
        .as_u64()
        .or_else(|| float().map(|number| number as u64))
}

/// Lists the numbers of nested objects under their keys, joined by points.
pub(super) fn native(value: &Value) -> BTreeMap<String, Figure> {
    let mut listed = BTreeMap::new();
    list(value, &mut String::new(), &mut listed);
    listed
}

/// Lists the numbers below a key.
fn list(value: &Value, prefix: &mut String, listed: &mut BTreeMap<String, Figure>) {
    if listed.len() >= MOST_LISTED {
        return;
    }
    if let Some(number) = value.as_f64() {
        listed.insert(prefix.clone(), Figure::new(number, Unit::Unknown));
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let length = prefix.len();
        if !prefix.is_empty() {
            prefix.push('.');
        }
        prefix.push_str(key);
        list(value, prefix, listed);
        prefix.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_listed_under_their_keys() {
        let value = json!({"a": {"p(95)": 1.5, "b": null, "c": [7]}, "d": 2});
        let listed: Vec<_> = native(&value).into_iter().collect();
        let expected = [("a.p(95)", 1.5), ("d", 2.0)];
        let expected =
            expected.map(|(name, value)| (name.to_owned(), Figure::new(value, Unit::Unknown)));
        assert_eq!(listed, expected);
    }

    #[test]
    fn what_is_no_count_is_none() {
        let value = json!({"a": -1, "b": 2.0, "c": "3", "d": 1e300, "e": null});
        assert_eq!(counts(&value, &[]).collect::<Vec<_>>(), [("b", 2)]);
        assert_eq!(count(&value, &["a"]), None);
        assert_eq!(number(&value, &["c"]), None);
    }
}
