//! The shipyard of a project, as an API hands it out: YAML, or after an update in Keptn the same in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::sequence::{Selector, Sequence, Shipyard, Stage, Task, Trigger};

/// A shipyard, as far as a client needs it. What else stands in it is the server's business.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenShipyard {
    /// The version.
    api_version: Option<String>,
    /// The name.
    metadata: Option<WrittenMetadata>,
    /// The stages.
    spec: Option<WrittenSpec>,
}

/// What stands under `metadata`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenMetadata {
    /// The name.
    name: Option<String>,
}

/// What stands under `spec`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenSpec {
    /// The stages.
    stages: Option<Vec<WrittenStage>>,
}

/// A stage.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenStage {
    /// The name.
    name: String,
    /// The sequences.
    sequences: Option<Vec<WrittenSequence>>,
}

/// A sequence.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenSequence {
    /// The name.
    name: String,
    /// What starts it.
    triggered_on: Option<Vec<WrittenTrigger>>,
    /// The tasks.
    tasks: Option<Vec<WrittenTask>>,
}

/// What starts a sequence.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenTrigger {
    /// `STAGE.SEQUENCE.finished`
    event: String,
    /// Which results.
    selector: Option<WrittenSelector>,
}

/// Which results start a sequence.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenSelector {
    /// The pairs.
    #[serde(rename = "match")]
    matches: Option<serde_json::Map<String, Value>>,
}

/// A task.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WrittenTask {
    /// The name.
    name: String,
}

/// Reads the shipyard that an API hands out; `None` where it is none.
#[must_use]
pub fn shipyard_of_text(text: &str) -> Option<Shipyard> {
    let of_base64 = || {
        let bytes = STANDARD.decode(text.split_whitespace().collect::<String>());
        written(&String::from_utf8(bytes.ok()?).ok()?)
    };
    written(text).or_else(of_base64).map(WrittenShipyard::into)
}

/// Reads YAML; `None` where it has no stages.
fn written(text: &str) -> Option<WrittenShipyard> {
    let shipyard: WrittenShipyard = serde_saphyr::from_str(text).ok()?;
    let stages = shipyard.spec.as_ref()?.stages.as_ref()?;
    (!stages.is_empty()).then_some(shipyard)
}

impl From<WrittenShipyard> for Shipyard {
    fn from(written: WrittenShipyard) -> Self {
        let stages = written.spec.and_then(|spec| spec.stages);
        let name = written.metadata.and_then(|metadata| metadata.name);
        let stages = stages.unwrap_or_default().into_iter();
        Self {
            api_version: written.api_version.unwrap_or_default(),
            name: name.unwrap_or_default(),
            stages: stages.map(WrittenStage::into).collect(),
        }
    }
}

impl From<WrittenStage> for Stage {
    fn from(written: WrittenStage) -> Self {
        let sequences = written.sequences.unwrap_or_default().into_iter();
        Self {
            name: written.name,
            sequences: sequences.map(WrittenSequence::into).collect(),
        }
    }
}

impl From<WrittenSequence> for Sequence {
    fn from(written: WrittenSequence) -> Self {
        let triggers = written.triggered_on.unwrap_or_default().into_iter();
        let tasks = written.tasks.unwrap_or_default().into_iter();
        let tasks = tasks.map(|task| Task {
            name: task.name,
            ..Task::default()
        });
        Self {
            name: written.name,
            triggered_on: triggers.filter_map(trigger).collect(),
            tasks: tasks.collect(),
            timeout_ms: None,
        }
    }
}

/// Returns what starts a sequence; `None` where no sequence does.
fn trigger(written: WrittenTrigger) -> Option<Trigger> {
    let mut parts = written.event.split('.');
    let (stage, sequence) = (parts.next()?, parts.next()?);
    if parts.next() != Some("finished") || parts.next().is_some() {
        return None;
    }
    let selector = written.selector.and_then(|selector| selector.matches);
    let selector = selector.map(|matches| Selector {
        matches: matches
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) => (key, text),
                other @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_)) => (key, other.to_string()),
            })
            .collect(),
    });
    Some(Trigger {
        stage: stage.to_owned(),
        sequence: sequence.to_owned(),
        selector,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "apiVersion: spec.keptn.sh/0.2.3\nkind: Shipyard\nmetadata: {name: s}\nspec:\n  stages:\n  - name: dev\n    sequences:\n    - name: delivery\n      tasks: [{name: deployment}]\n  - name: prod\n    sequences:\n    - name: delivery\n      triggeredOn:\n      - event: dev.delivery.finished\n        selector: {match: {result: pass}}\n      - event: nonsense\n      tasks: [{name: deployment}]\n";

    #[test]
    fn a_shipyard_is_read_as_text_and_in_base64() {
        let read = shipyard_of_text(TEXT).unwrap();
        assert_eq!(read.stages.len(), 2);
        let prod = read.stage("prod").unwrap().sequence("delivery").unwrap();
        assert_eq!(prod.triggered_on.len(), 1);
        let selector = prod.triggered_on[0].selector.clone().unwrap();
        assert_eq!(selector.matches, [("result".to_owned(), "pass".to_owned())]);
        let encoded = STANDARD.encode(TEXT);
        assert_eq!(shipyard_of_text(&encoded), Some(read));
        for text in ["", "a", "spec: 7", "spec: {stages: []}", "e30="] {
            assert_eq!(shipyard_of_text(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_server_sends_is_read_or_passed_over(text in "(spec|stages|name|sequences|triggeredOn|[:{}\\[\\], \n-]){0,40}") {
            let read = shipyard_of_text(&text);
            prop_assert!(read.is_none_or(|read| !read.stages.is_empty()));
        }
    }
}
