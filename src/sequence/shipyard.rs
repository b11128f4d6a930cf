//! A shipyard: the stages of a project, their sequences, and what triggers them (controlplane.md 3.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The stages of a project, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shipyard {
    /// The version of the file format: `spec.keptn.sh/0.2.3`.
    pub api_version: String,
    /// `metadata.name`; "" where there is none.
    pub name: String,
    /// The stages.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name, unique in the shipyard.
    pub name: String,
    /// The sequences that are written down. `evaluation` is there even where it is not.
    pub sequences: Vec<Sequence>,
}

/// One sequence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its name, unique in the stage, without dots.
    pub name: String,
    /// What starts it besides an explicit trigger.
    #[serde(default)]
    pub triggered_on: Vec<Trigger>,
    /// The tasks, one after the other.
    pub tasks: Vec<Task>,
    /// Ours (`timeout`): how many milliseconds the whole sequence may take; `None`: as the settings say.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
}

/// Starts a sequence when another has finished.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// The stage of the other sequence.
    pub stage: String,
    /// The other sequence.
    pub sequence: String,
    /// Which results start it; `None`: pass and warning.
    pub selector: Option<Selector>,
}

/// What the finished sequence must have come to: every pair must be met. Values are `pass`, `warning`, `fail` for
/// results; keys are `result`, `status`, and `TASK.result`. One without pairs is never met, as in Keptn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selector {
    /// The pairs, in the order of the file.
    pub matches: Vec<(String, String)>,
}

/// One task of a sequence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its name: the family of its events.
    pub name: String,
    /// How many milliseconds to wait before its `.triggered` is sent.
    #[serde(default)]
    pub triggered_after_ms: u64,
    /// What executors get under the task's name.
    #[serde(default)]
    pub properties: Option<Map<String, Value>>,
    /// Ours (`timeout`): how many milliseconds from `.triggered` to the last `.finished`; `None`: as the settings say.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Ours (`executors`): how many `.started` to wait for; `None`: Keptn's counting.
    #[serde(default)]
    pub executors: Option<u32>,
}

impl Shipyard {
    /// Returns the stage of a name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// Returns the stages whose sequences wait for one of the sequences of a stage (Keptn: the inverse of `parentStages`).
    #[must_use]
    pub fn parents(&self, stage: &str) -> Vec<&str> {
        let Some(stage) = self.stage(stage) else {
            return Vec::new();
        };
        let triggers = stage.sequences.iter().flat_map(|one| &one.triggered_on);
        let mut parents: Vec<&str> = triggers
            .map(|trigger| trigger.stage.as_str())
            .filter(|parent| *parent != stage.name)
            .collect();
        parents.dedup();
        parents
    }
}

impl Stage {
    /// The sequence that every stage has.
    pub const EVALUATION: &'static str = "evaluation";

    /// Returns the sequence of a name: the one that is written down, else the implicit `evaluation` with its one task
    /// (controlplane.md 3.1).
    #[must_use]
    pub fn sequence(&self, name: &str) -> Option<Sequence> {
        let written = self.sequences.iter().find(|one| one.name == name);
        written
            .cloned()
            .or_else(|| (name == Self::EVALUATION).then(Sequence::evaluation))
    }
}

impl Task {
    /// The task that waits for a decision.
    pub const APPROVAL: &'static str = "approval";
    /// The task of the gate.
    pub const EVALUATION: &'static str = "evaluation";
    /// The task of the gate that only fetches values.
    pub const GET_SLI: &'static str = "get-sli";
    /// The task that a `remediation.yaml` answers.
    pub const GET_ACTION: &'static str = "get-action";
}

impl Sequence {
    /// Returns the sequence `evaluation` of a stage that does not write one down.
    #[must_use]
    pub fn evaluation() -> Self {
        Self {
            name: Stage::EVALUATION.to_owned(),
            tasks: vec![Task {
                name: Stage::EVALUATION.to_owned(),
                ..Task::default()
            }],
            ..Self::default()
        }
    }
}
