//! What people and pipelines do with a control plane elsewhere: check before they trigger, trigger once, wait for the
//! outcome of everything that follows, and answer approvals.
//!
//! Nothing here knows of flags or formats. What arrives from the server is told to an [`Attendant`] while it waits.

mod approvals;
mod attend;
mod outcome;
mod preflight;
mod queue;
mod submit;
mod untaken;

pub use approvals::{ApprovalAnswer, ApprovalDecision, approval_event, open_approvals};
pub use attend::{Attendance, Attendant, Attended, Pace, attend};
pub use outcome::{Delivery, EndedSequence, SequenceOutcome};
pub use preflight::{PreflightError, Ready, Undertaking, known_project, preflight};
pub use submit::{SubmitTrouble, submit_once};
