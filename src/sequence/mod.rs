//! The rules of delivery sequences: pure functions from a shipyard and events to what happens next.
//!
//! Nothing here touches a file, a socket, a clock or a log: [`Engine::step`] takes what happened and the moment it
//! happened at, and returns the events that follow. The state is a value; the same inputs in the same order give the same
//! state and the same events with the same ids, so the state can be rebuilt from the log, and an event that was lost
//! between deciding and publishing is published again under its own id.
//!
//! The words are Keptn's (controlplane.md 0): a *shipyard* has *stages*, a stage has *sequences*, a sequence has *tasks*.
//! One run of a sequence in a stage is an *execution*; all executions that share a Keptn context are one delivery.
//! An *executor* is whoever answers a task's `.triggered` with `.started` and `.finished`.

mod advance;
mod answers;
mod approval;
mod context_state;
mod control;
mod deadline;
mod ending;
mod engine;
mod event_name;
mod execution;
mod follow_up;
mod go_template;
mod ids;
mod merge;
mod outcome;
mod payload;
mod remediation;
mod roster;
mod round;
#[cfg(test)]
mod scenarios;
mod settings;
mod shipyard;
mod steering;
mod trigger;
mod webhook;

pub use approval::ApprovalDecision;
pub use context_state::{ContextState, Evaluated, EventMark, OverallState, StageState, StageWord};
pub use control::{Control, ControlAction, UnknownControl};
pub use engine::{Engine, Ignored, Input, ProjectDefinition, Step};
pub use event_name::{EventKind, EventName};
pub use execution::{
    Answer, CurrentTask, EndedExecution, Execution, ExecutionState, FinishedTask, Pauses, Place,
    Scope, TaskStatus,
};
pub use follow_up::{FinishedSequence, FollowUp, expected_follow_ups};
pub use go_template::{GoTemplate, TemplateError, TemplatePlace, TemplateRoot};
pub use ids::derived_id;
pub use outcome::{Outcome, OutcomeWord, SequenceOutcome};
pub use remediation::{Action, NoAction, ProblemActions, Remediation};
pub use settings::{EngineSettings, FailureFollowUps, Merging, SlotPolicy};
pub use shipyard::{Selector, Sequence, Shipyard, Stage, Task, Trigger};
pub use webhook::{SecretReference, Webhook, WebhookConfig, WebhookMethod, WebhookRequest};
