//! Use cases: the order of steps, nothing else.

mod ask_again;
mod chronicle;
mod chronology;
mod conductor;
mod copy;
mod deliver;
mod evaluate;
mod examine;
mod find;
mod follow;
mod gate_task;
mod history;
mod import;
mod measure;
mod pages;
mod prepare;
mod prune;
mod recall;
mod reference_file;
mod refusal;
mod remote;
mod run;
#[cfg(test)]
mod samples;
mod steer;
mod survey;
mod trend;
mod wait;

pub use chronicle::{Chronicle, ChronicleRequest, chronicle};
pub use chronology::Chronology;
#[cfg(test)]
pub use conductor::LogJournal;
pub use conductor::{
    Binding, Charter, Conductor, ConductorParts, Entry, Journal, JournalError, Moments, Remembered,
    SubmitError,
};
pub use copy::{Copied, CopyError, copy};
pub use deliver::{DeliverError, Delivered, deliver};
pub use evaluate::{EvaluateError, Evaluated, Services, Stamp, evaluate, store};
pub use examine::{Sample, Samples, examine, examine_log, prepare_samples};
pub use find::{FindError, find_evaluation};
pub use follow::{Follower, newest};
pub use gate_task::{EvaluationTask, GateProvider, GateSettings, GetSliTask};
pub use history::{Chooser, Comparing, History, HistoryError, LogNeed, Wanted, baseline};
pub use import::{ImportError, Imported, Importer, Purpose};
pub use prepare::{Asked, PrepareRequest, Prepared, prepare};
pub use prune::{PruneError, PruneMode, PruneRequest, Pruned, prune};
pub use recall::{RecallError, Recalled, learn, recall};
pub use reference_file::ReferenceFile;
pub use refusal::{PrepareError, UnknownIndicator};
pub use remote::{
    ApprovalAnswer, ApprovalDecision, Attendance, Attendant, Attended, Delivery, EndedSequence,
    Pace, PreflightError, Ready, SequenceOutcome, SubmitTrouble, Undertaking, approval_event,
    attend, known_project, open_approvals, preflight, submit_once,
};
pub use run::{
    Course, Given, Onlooker, Patience, RunEnd, RunError, RunRequest, SequenceCourse, TaskCourse,
    TaskState, Unfinished, WaitingTask, find_run, newest_unfinished, run,
};
pub use steer::{SteerError, SteerRequest, Steered, steer};
pub use survey::{
    Subject, Survey, SurveyServices, Surveyed, indicator_names, prepare_survey, survey,
};
pub use trend::trend;
pub use wait::{Audience, Beginning, Lateness, Wait};
