//! Use cases: the order of steps, nothing else.

mod evaluate;
mod history;
mod measure;
mod prepare;
mod refusal;
mod wait;

pub use evaluate::{EvaluateError, Evaluated, Services, Stamp, evaluate, store};
pub use prepare::{Asked, PrepareRequest, Prepared, prepare};
pub use refusal::PrepareError;
pub use wait::{Audience, Beginning, Lateness, Wait, wait_for_data};
