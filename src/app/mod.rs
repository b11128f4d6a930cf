//! Use cases: the order of steps, nothing else.

mod evaluate;
mod history;
mod measure;
mod prepare;
mod refusal;

pub use evaluate::{EvaluateError, Evaluated, Services, Stamp, evaluate, store};
pub use prepare::{Asked, PrepareRequest, Prepared, prepare};
pub use refusal::PrepareError;
