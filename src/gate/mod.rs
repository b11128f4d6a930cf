//! The rules of the gate: pure functions from files, readings and history to a verdict.
//!
//! Nothing here touches a file, a socket, a clock, the environment or a log: the same arguments give the same answer.
//! The names are Keptn's: an [`Slo`] has [`Objective`]s, each judging one indicator by sets of [`Criterion`]; a
//! [`Reading`] is what a provider answered; a [`Baseline`] is what earlier evaluations come to; [`evaluate`] joins them.
//! It agrees with Keptn 1.4's lighthouse to the last bit, except where the README says so.
//!
//! ```
//! use tidegate::gate::{
//!     Baseline, IndicatorName, Objective, PastEvaluation, PastValue, Reading, Readings, Slo, TotalScore, Verdict, evaluate,
//! };
//!
//! // At most 10 % slower than before, and below 600 ms. Below 800 ms counts half.
//! let name = IndicatorName::new("response_time_p95")?;
//! let objective = Objective::new(name.clone()).pass(["<=+10%", "<600"])?.warning(["<800"])?;
//! let slo = Slo::new(vec![objective], TotalScore::parse("90%", Some("50%"))?)?;
//!
//! let before = PastValue { metric: "response_time_p95".to_owned(), value: 500.0, success: true };
//! let baseline = Baseline::new(vec![PastEvaluation { values: vec![before], ..PastEvaluation::default() }]);
//!
//! let verdict = |value| evaluate(&slo, &Readings::new(vec![Reading::of(name.clone(), value)]), &baseline).verdict;
//! assert_eq!(verdict(540.0), Verdict::Pass);
//! assert_eq!(verdict(560.0), Verdict::Warning); // above 550
//! assert_eq!(verdict(900.0), Verdict::Fail);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baseline;
mod chronicle;
mod comparison;
mod context;
mod criterion;
mod escape;
mod evaluation;
#[cfg(test)]
mod evaluation_tests;
pub mod event;
mod handling;
mod judge;
mod missing_slo;
mod moment;
mod name;
mod number;
mod placeholder;
mod plan;
mod policy;
mod possible;
mod range;
mod reading;
mod record;
mod reduce;
mod reference;
mod sentence;
mod sli;
mod slo;
mod steering;
mod template;
mod trend;
mod verdict;
mod window;

pub use baseline::{Baseline, LeftOut, PastEvaluation, PastValue, Selection, WithoutBaseline};
pub use chronicle::{ChronicleEntry, Ending};
pub use comparison::{AggregateFunction, Comparison, Depth, IncludedResults};
pub use context::{Context, WindowOrigin};
pub use criterion::{
    Amount, Criterion, CriterionError, Direction, Operator, Target, WrittenCriterion,
};
pub use escape::Escape;
pub use evaluation::{Compared, Conclusion, Evaluation, evaluate};
pub use handling::{Handling, OnNan, OnNanError, RetryLayer};
pub use judge::{AppliedPolicy, IndicatorValue, ObjectiveResult, TargetResult};
pub use missing_slo::MissingSlo;
pub use moment::{DurationError, MomentError, parse_duration, parse_moment, spoken};
pub use name::{
    IndicatorName, NameError, ProjectName, ProviderName, Series, ServiceName, StageName,
};
pub use number::{Finite, message_number, to_json as json_number};
pub use placeholder::known_names;
pub use plan::{
    Defaults, DefinedProvider, PlanError, ProviderFacts, Providers, Query, QueryPart, QueryProblem,
    plan, plan_indicators,
};
pub use policy::{MissingValue, MissingValueError, Policies, PolicyLayer};
pub use possible::{NoVerdict, nothing_answered, required_value};
pub use range::{RangeError, RangeRequest, WindowRange};
pub use reading::{FailureKind, FetchFailure, Outcome, Reading, Readings, Reported, Retrieval};
pub use record::{Record, RecordIds, SloFile};
pub use reduce::{Rank, Reduce, UnknownReduce};
pub use reference::{EvaluationName, Reference};
pub use sli::{IndicatorDefinition, Options, Sli, in_words};
pub use slo::{
    CriteriaSet, CriteriaSetError, DuplicateObjective, Objective, Slo, TotalScore, TotalScoreError,
    Weight,
};
pub use steering::{Pin, Steering};
pub use template::{PlaceholderError, fill, fill_escaped};
pub use trend::{Trend, TrendPoint, TrendValue};
pub use verdict::{Status, UnknownWord, Verdict};
pub use window::{TimeWindow, WindowError, WindowRequest};
