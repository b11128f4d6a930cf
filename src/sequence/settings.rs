//! What an operator can choose of the engine's behaviour.

use serde::{Deserialize, Serialize};

/// The settings of an engine; the defaults are Keptn's, except where Keptn has nothing (controlplane.md 3.13, 8.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineSettings {
    /// How many milliseconds a task may wait for its first `.started` or `.finished`; Keptn: 10 minutes.
    pub started_wait_ms: u64,
    /// How many milliseconds a task may take in all; `None`: without limit, as in Keptn.
    pub task_timeout_ms: Option<u64>,
    /// How many milliseconds a sequence may take in all, from its first task on; `None`: without limit.
    pub sequence_timeout_ms: Option<u64>,
    /// How many milliseconds an approval may wait for a decision; `None`: without limit.
    pub approval_timeout_ms: Option<u64>,
    /// How many milliseconds to wait for another `.started` after the counts balance; Keptn: 0.
    pub settle_ms: u64,
    /// What a second execution of the same project, stage and service does.
    pub slots: SlotPolicy,
    /// How many executions may wait for one slot; `None`: any number.
    pub most_waiting: Option<usize>,
    /// How payloads are merged.
    pub merging: Merging,
    /// Whether a timeout or an error starts the sequences that wait for `result: fail`.
    pub follow_ups: FailureFollowUps,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            started_wait_ms: 10 * 60 * 1000,
            task_timeout_ms: None,
            sequence_timeout_ms: None,
            approval_timeout_ms: None,
            settle_ms: 0,
            slots: SlotPolicy::Queue,
            most_waiting: None,
            merging: Merging::NewerWins,
            follow_ups: FailureFollowUps::Fire,
        }
    }
}

/// What happens where a project, stage and service already has an execution under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlotPolicy {
    /// It waits; first come, first served.
    #[default]
    Queue,
    /// It waits, and takes the place of those of other contexts that wait already.
    ReplaceWaiting,
    /// It ends at once, with an error.
    Reject,
    /// Up to this many run at the same time; the rest waits.
    Parallel(u32),
}

/// How the data of a task are merged into the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Merging {
    /// A newer value of a key replaces the older, lists too; objects are merged key by key.
    #[default]
    NewerWins,
    /// As Keptn 1.4 does: numbers keep their first value, lists grow (controlplane.md 3.6).
    Keptn,
}

/// What a timeout or an error leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureFollowUps {
    /// Sequences that wait for `result: fail` start, as after any other fail.
    #[default]
    Fire,
    /// Nothing starts, as in Keptn.
    Hold,
}
