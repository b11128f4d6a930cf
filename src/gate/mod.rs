//! The rules.
mod comparison;
mod context;
mod criterion;
pub mod event;
mod name;
mod number;
mod policy;
mod reading;
mod sli;
mod slo;
mod verdict;
mod window;

pub use comparison::{AggregateFunction, Comparison, Depth, IncludedResults, UnknownWord};
pub use context::Context;
pub use criterion::{
    Amount, Criterion, CriterionError, Direction, Operator, Target, WrittenCriterion,
};
pub use name::{
    IndicatorName, NameError, ProjectName, ProviderName, Series, ServiceName, StageName,
};
pub use number::message_number;
pub use policy::{MissingValue, MissingValueError, Policies, PolicyLayer};
pub use reading::{
    FailureKind, FetchFailure, Finite, Outcome, Reading, Readings, Reported, Retrieval,
};
pub use sli::{IndicatorDefinition, Sli};
pub use slo::{
    CriteriaSet, CriteriaSetError, DuplicateObjective, Objective, Slo, TotalScore, TotalScoreError,
    Weight,
};
pub use verdict::{Status, Verdict};
pub use window::{TimeWindow, WindowError};
