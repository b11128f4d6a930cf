//! Use cases: the order of steps, nothing else.

mod evaluate;
mod examine;
mod find;
mod history;
mod measure;
mod prepare;
mod reference_file;
mod refusal;
mod survey;
mod wait;

pub use evaluate::{EvaluateError, Evaluated, Services, Stamp, evaluate, store};
pub use examine::{Sample, Samples, examine, examine_log, prepare_samples};
pub use find::{FindError, find_evaluation};
pub use history::{Chooser, Comparing, HistoryError, LogNeed, Wanted, steering};
pub use prepare::{Asked, PrepareRequest, Prepared, prepare};
pub use reference_file::ReferenceFile;
pub use refusal::{PrepareError, UnknownIndicator};
pub use survey::{Subject, Survey, SurveyServices, Surveyed, prepare_survey, survey};
pub use wait::{Audience, Beginning, Lateness, Wait};
