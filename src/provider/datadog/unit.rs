//! Units, as Datadog writes them.

use serde_json::Value;

/// Reads a unit: the unit itself, and what it is counted per; either may be null.
pub(super) fn unit(value: Option<&Value>) -> Option<String> {
    let names: Vec<Option<&str>> = value?
        .as_array()?
        .iter()
        .map(|unit| {
            let short = unit.get("short_name").and_then(Value::as_str);
            let short = short.filter(|name| !name.is_empty());
            short.or_else(|| unit.get("name").and_then(Value::as_str))
        })
        .collect();
    match names.as_slice() {
        [Some(unit), Some(per)] => Some(format!("{unit}/{per}")),
        [Some(unit), ..] => Some((*unit).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_unit_may_be_counted_per_another() {
        let read = |value| unit(Some(&value));
        let second = json!({"name": "second", "short_name": "s"});
        assert_eq!(read(json!([second, null])), Some("s".to_owned()));
        let hit = json!({"name": "hit", "short_name": null});
        assert_eq!(read(json!([hit, second])), Some("hit/s".to_owned()));
        assert_eq!(read(json!([null, null])), None);
        assert_eq!(read(json!(null)), None);
        assert_eq!(unit(None), None);
    }
}
