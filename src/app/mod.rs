//! Use cases: the order of steps, nothing else.

mod evaluate;
mod examine;
mod find;
mod history;
mod import;
mod measure;
mod prepare;
mod refusal;
mod survey;
mod wait;

pub use evaluate::{EvaluateError, Evaluated, Services, Stamp, evaluate, store};
pub use examine::{Sample, Samples, examine, examine_log, prepare_samples};
pub use find::{FindError, find_evaluation};
pub use history::{History, HistoryError, Wanted, baseline, steering};
pub use import::{ImportError, Imported, Importer, Purpose};
pub use prepare::{Asked, PrepareRequest, Prepared, prepare};
pub use refusal::{PrepareError, UnknownIndicator};
pub use survey::{Subject, Survey, SurveyServices, Surveyed, prepare_survey, survey};
pub use wait::{Audience, Beginning, Lateness, Wait};
