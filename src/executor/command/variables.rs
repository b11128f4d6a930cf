//! What a command is told of its task by its environment.

use std::path::Path;

use serde_json::Value;

use crate::executor::{Assignment, Attempt};

/// The longest value that a variable carries; the whole event is in the file.
const LONGEST: usize = 32 * 1024;
/// The most labels that become variables.
const MOST_LABELS: usize = 256;

/// A value can't be a variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value for the variable {name} {why}")]
pub(super) struct Unfit {
    /// The variable.
    name: String,
    /// Why.
    why: &'static str,
}

/// Returns the variables that tell of a task.
pub(super) fn of(assignment: &Assignment, file: &Path) -> Result<Vec<(String, String)>, Unfit> {
    let event = &assignment.event;
    let data = event.data.value();
    let text = |path: &[&str]| text_at(&data, path);
    let attempt = match assignment.attempt {
        Attempt::First => "first",
        Attempt::Again => "again",
    };
    let commit = event.extensions.get("gitcommitid").and_then(Value::as_str);
    let mut variables = vec![
        ("TASK", assignment.task.clone()),
        ("PROJECT", text(&["project"])),
        ("STAGE", text(&["stage"])),
        ("SERVICE", text(&["service"])),
        ("CONTEXT", event.shkeptncontext.clone().unwrap_or_default()),
        ("TRIGGERED_ID", event.id.clone()),
        ("RESULT", text(&["result"])),
        ("STATUS", text(&["status"])),
        ("IMAGE", text(&["configurationChange", "values", "image"])),
        ("GIT_COMMIT", commit.unwrap_or_default().to_owned()),
        ("ATTEMPT", attempt.to_owned()),
        ("EVENT_FILE", file.to_string_lossy().into_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (format!("TIDEGATE_{name}"), value))
    .collect::<Vec<_>>();
    variables.extend(labels(&data));
    for (name, value) in &variables {
        let why = if value.contains('\0') {
            "holds a NUL character"
        } else if value.len() > LONGEST {
            "is longer than 32 KiB"
        } else {
            continue;
        };
        let name = name.clone();
        return Err(Unfit { name, why });
    }
    Ok(variables)
}

/// Returns the labels: `build-id` is `TIDEGATE_LABEL_BUILD_ID`.
fn labels(data: &Value) -> Vec<(String, String)> {
    let labels = data.get("labels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten().take(MOST_LABELS);
    labels
        .map(|(key, value)| (format!("TIDEGATE_LABEL_{}", name_of(key)), plain(value)))
        .collect()
}

/// Returns a key as part of the name of a variable.
fn name_of(key: &str) -> String {
    let part = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = key.chars().take(100).map(part).collect();
    name.to_ascii_uppercase()
}

/// Returns the text at a place; "" where there is none.
fn text_at(data: &Value, path: &[&str]) -> String {
    let place = path.iter().try_fold(data, |place, name| place.get(*name));
    place.map(plain).unwrap_or_default()
}

/// Returns a value as plain text: a text without quotes, null as nothing.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gate::event::CloudEvent;

    fn assignment(data: Value) -> Assignment {
        Assignment {
            task: "deployment".to_owned(),
            event: CloudEvent {
                id: "t1".to_owned(),
                shkeptncontext: Some("c1".to_owned()),
                data: data.into(),
                ..CloudEvent::default()
            },
            deadline: None,
            attempt: Attempt::First,
        }
    }

    #[test]
    fn the_variables_tell_of_the_task() {
        let data = json!({
            "project": "shop", "stage": "dev", "service": "carts", "result": "pass",
            "configurationChange": {"values": {"image": "carts:1"}},
            "labels": {"build-id": 7, "größe": "x\ny", "none": null},
        });
        let variables = of(&assignment(data), Path::new("/tmp/event.json")).unwrap();
        let lines: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        TIDEGATE_TASK="deployment"
        TIDEGATE_PROJECT="shop"
        TIDEGATE_STAGE="dev"
        TIDEGATE_SERVICE="carts"
        TIDEGATE_CONTEXT="c1"
        TIDEGATE_TRIGGERED_ID="t1"
        TIDEGATE_RESULT="pass"
        TIDEGATE_STATUS=""
        TIDEGATE_IMAGE="carts:1"
        TIDEGATE_GIT_COMMIT=""
        TIDEGATE_ATTEMPT="first"
        TIDEGATE_EVENT_FILE="/tmp/event.json"
        TIDEGATE_LABEL_BUILD_ID="7"
        TIDEGATE_LABEL_GR__E="x\ny"
        TIDEGATE_LABEL_NONE=""
        "#);
    }

    #[test]
    fn what_no_variable_can_carry_is_refused() {
        for image in ["a\0b".to_owned(), "x".repeat(LONGEST + 1)] {
            let data = json!({"configurationChange": {"values": {"image": image}}});
            let error = of(&assignment(data), Path::new("f")).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("the value for the variable TIDEGATE_IMAGE ")
            );
        }
        assert!(of(&assignment(json!("no object")), Path::new("f")).is_ok());
    }
}
