//! The rules.
mod baseline;
mod comparison;
mod context;
mod criterion;
mod evaluation;
#[cfg(test)]
mod evaluation_tests;
pub mod event;
mod judge;
mod moment;
mod name;
mod number;
mod plan;
mod policy;
mod possible;
mod reading;
mod record;
mod sli;
mod slo;
mod template;
mod verdict;
mod window;

pub use baseline::{Baseline, LeftOut, PastEvaluation, PastValue};
pub use comparison::{AggregateFunction, Comparison, Depth, IncludedResults, UnknownWord};
pub use context::Context;
pub use criterion::{
    Amount, Criterion, CriterionError, Direction, Operator, Target, WrittenCriterion,
};
pub use evaluation::{Compared, Conclusion, Evaluation, evaluate};
pub use judge::{AppliedPolicy, IndicatorValue, ObjectiveResult, TargetResult};
pub use moment::{DurationError, MomentError, parse_duration, parse_moment};
pub use name::{
    IndicatorName, NameError, ProjectName, ProviderName, Series, ServiceName, StageName,
};
pub use number::{message_number, to_json as json_number};
pub use plan::{PlanError, Providers, Query, plan};
pub use policy::{MissingValue, MissingValueError, Policies, PolicyLayer};
pub use possible::{NoVerdict, nothing_answered, required_value};
pub use reading::{
    FailureKind, FetchFailure, Finite, Outcome, Reading, Readings, Reported, Retrieval,
};
pub use record::{Record, RecordIds, SloFile};
pub use sli::{IndicatorDefinition, Sli};
pub use slo::{
    CriteriaSet, CriteriaSetError, DuplicateObjective, Objective, Slo, TotalScore, TotalScoreError,
    Weight,
};
pub use template::{PlaceholderError, fill, known_names};
pub use verdict::{Status, Verdict};
pub use window::{TimeWindow, WindowError, WindowRequest};
