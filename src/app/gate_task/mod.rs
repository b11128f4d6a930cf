//! The gate as a task of a sequence: `evaluation`, and `get-sli` on its own.
//!
//! An evaluation takes the same way as that of `tidegate evaluate`: prepare, ask and compare, judge. It is not stored
//! here: the `.finished` event that the conductor stores is the evaluation, and the history finds it there.

mod audience;
mod evaluation_task;
mod explained;
mod figures;
mod get_sli_task;
mod resource_files;
mod settings;
mod task_window;

#[cfg(test)]
mod tests;

pub use evaluation_task::EvaluationTask;
pub use get_sli_task::GetSliTask;
pub use settings::{GateProvider, GateSettings};
