//! How the data of a task are merged into a payload (controlplane.md 3.6).

use serde_json::{Map, Value};

use super::settings::Merging;

/// The member of a payload that holds the labels of a delivery.
const LABELS: &str = "labels";

/// Merges newer data into a payload.
pub(super) fn merge_data(into: &mut Map<String, Value>, newer: &Map<String, Value>, how: Merging) {
    match how {
        Merging::Keptn => merge_as_keptn(into, newer),
        Merging::NewerWins => {
            for (key, value) in newer {
                match value {
                    // What a program leaves unset, it writes as null.
                    Value::Null => {}
                    Value::Object(labels) if key == LABELS => add_labels(into, labels),
                    _ if key == LABELS => {}
                    _ => replace_member(into, key, value),
                }
            }
        }
    }
}

/// Merges the properties of the shipyard into what a task gets under its name.
pub(super) fn merge_properties(
    payload: &mut Map<String, Value>,
    task: &str,
    properties: &Map<String, Value>,
    how: Merging,
) {
    let properties = Value::Object(properties.clone());
    match how {
        Merging::Keptn => match payload.get_mut(task) {
            Some(there) if !there.is_null() => merge_value_as_keptn(there, &properties),
            Some(_) | None => {
                payload.insert(task.to_owned(), properties);
            }
        },
        Merging::NewerWins => replace_member(payload, task, &properties),
    }
}

/// Adds labels; one that is there stays as it is.
fn add_labels(into: &mut Map<String, Value>, newer: &Map<String, Value>) {
    let there = into
        .entry(LABELS)
        .or_insert_with(|| Value::Object(Map::new()));
    if !there.is_object() {
        *there = Value::Object(Map::new());
    }
    let Some(labels) = there.as_object_mut() else {
        return;
    };
    for (name, value) in newer {
        if !labels.contains_key(name) {
            labels.insert(name.clone(), value.clone());
        }
    }
}

/// Sets a member: objects key by key, anything else as it is.
fn replace_member(into: &mut Map<String, Value>, key: &str, newer: &Value) {
    if let (Some(Value::Object(there)), Value::Object(newer)) = (into.get_mut(key), newer) {
        for (key, value) in newer {
            replace_member(there, key, value);
        }
        return;
    }
    into.insert(key.to_owned(), newer.clone());
}

/// Merges objects by Keptn's table.
fn merge_as_keptn(into: &mut Map<String, Value>, newer: &Map<String, Value>) {
    for (key, value) in newer {
        match into.get_mut(key) {
            Some(there) if !there.is_null() => merge_value_as_keptn(there, value),
            Some(_) | None => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Merges values by Keptn's table.
fn merge_value_as_keptn(there: &mut Value, newer: &Value) {
    match (&mut *there, newer) {
        (Value::Object(there), Value::Object(newer)) => merge_as_keptn(there, newer),
        (Value::Array(there), Value::Array(newer)) => {
            there.splice(0..0, newer.iter().cloned());
        }
        (Value::Object(_) | Value::Array(_) | Value::Number(_) | Value::Bool(_), Value::Null) => {}
        (Value::Number(_) | Value::Bool(_), _) => {}
        (Value::String(text), Value::Null) => text.clear(),
        (Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_), newer) => {
            *there = newer.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Merges two values of a key.
    fn merged(there: &Value, newer: &Value, how: Merging) -> Value {
        let mut into = Map::from_iter([("k".to_owned(), json!({"v": there}))]);
        let newer = Map::from_iter([("k".to_owned(), json!({"v": newer}))]);
        merge_data(&mut into, &newer, how);
        into["k"]["v"].clone()
    }

    #[test]
    fn s37_keptns_table() {
        for (there, newer, result) in [
            (
                json!({"a": 1, "b": null}),
                json!({"b": 2, "c": 3}),
                json!({"a": 1, "b": 2, "c": 3}),
            ),
            (
                json!({"a": {"b": [1]}}),
                json!({"a": {"b": [2]}}),
                json!({"a": {"b": [2, 1]}}),
            ),
            (json!({"a": 1}), json!(null), json!({"a": 1})),
            (json!([1, 2]), json!([3, 1]), json!([3, 1, 1, 2])),
            (json!([1]), json!(null), json!([1])),
            (json!("a"), json!("b"), json!("b")),
            (json!("a"), json!(null), json!("")),
            (json!(null), json!("b"), json!("b")),
            (json!(null), json!(null), json!(null)),
            (json!([1]), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1}), json!("b"), json!("b")),
            (json!("a"), json!([1]), json!([1])),
            (json!(1), json!(2), json!(1)),
            (json!(1), json!("b"), json!(1)),
            (json!(1), json!(null), json!(1)),
            (json!(true), json!(false), json!(true)),
            (json!(false), json!({"a": 1}), json!(false)),
        ] {
            assert_eq!(
                merged(&there, &newer, Merging::Keptn),
                result,
                "{there} + {newer}"
            );
        }
        let mut labels = Map::from_iter([("labels".to_owned(), json!({"a": "1"}))]);
        let newer = Map::from_iter([("labels".to_owned(), json!({"a": "2", "b": "3"}))]);
        merge_data(&mut labels, &newer, Merging::Keptn);
        assert_eq!(labels["labels"], json!({"a": "2", "b": "3"}));
    }

    #[test]
    fn s37_the_newer_value_wins() {
        for (there, newer, result) in [
            (
                json!({"a": 1, "b": 2}),
                json!({"b": 3}),
                json!({"a": 1, "b": 3}),
            ),
            (json!([1, 2]), json!([3]), json!([3])),
            (json!([1, 2]), json!([]), json!([])),
            (json!(1), json!(2), json!(2)),
            (json!(true), json!(false), json!(false)),
            (json!(1), json!("b"), json!("b")),
            (json!([1]), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1}), json!([1]), json!([1])),
            (json!({"a": 1}), json!({}), json!({"a": 1})),
            (json!([1]), json!(null), json!(null)),
        ] {
            assert_eq!(
                merged(&there, &newer, Merging::NewerWins),
                result,
                "{there} + {newer}"
            );
        }
    }

    #[test]
    fn labels_that_are_no_object_are_left_alone() {
        let mut into = Map::from_iter([("labels".to_owned(), json!({"a": "1"}))]);
        for newer in [json!("x"), json!(null), json!([1]), json!({"a": "2"})] {
            let newer = Map::from_iter([("labels".to_owned(), newer)]);
            merge_data(&mut into, &newer, Merging::NewerWins);
        }
        assert_eq!(into["labels"], json!({"a": "1"}));
    }
}
