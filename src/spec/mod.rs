//! Files into values of the gate, with every problem of every file at once.
//!
//! `slo.yaml` and `sli.yaml` are read as leniently as Keptn reads them, where the reader can't lose by it; what would
//! be lost silently there is refused or warned of here. Nothing in this module asks a backend or judges a reading.

mod dynatrace_conf;
mod event_file;
mod fields;
mod findings;
mod foreign;
mod json;
mod layout;
mod load;
mod option_schema;
mod policy_fields;
mod policy_schema;
mod problem;
mod remediation_file;
mod schema;
mod shelf;
mod shipyard_file;
mod similar;
mod sli_file;
mod slo_file;
mod source;
mod values_file;
mod webhook_file;
mod yaml;

#[cfg(test)]
mod conformance_tests;
#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod no_panic_tests;
#[cfg(test)]
mod test_folder;
#[cfg(test)]
mod yaml_v3_tests;

pub(crate) use similar::nearest;

pub use event_file::{EventFile, EventPiece};
pub use load::{Loaded, Request, SliChoice, SloNeed, load};
pub use problem::{Place, Problem, ProblemKind, Severity, Style, render, sort};
pub use remediation_file::parse_remediation;
pub use schema::{sli_schema, slo_schema};
pub use shelf::Shelf;
pub use shipyard_file::parse_shipyard;
pub use sli_file::{SliFile, Token, parse_sli};
pub use slo_file::{SloFile, parse_slo};
pub use source::{Position, Source};
pub use values_file::{Values, parse_values};
pub use webhook_file::parse_webhooks;

/// What it takes to read a YAML file of another format with the same tree, the same words and the same places.
pub(crate) mod reading {
    pub(crate) use super::fields::{Field, Fields};
    pub(crate) use super::findings::Findings;
    pub(crate) use super::policy_fields::{POLICY_KEYS, TextSource, read as read_policies};
    pub(crate) use super::policy_schema::policy_properties;
    pub(crate) use super::similar::hint;
    pub(crate) use super::source::Span;
}

/// What a file came to: a value unless there is an error, and every problem of the file either way.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// The value; there is one if and only if no problem is an error.
    pub value: Option<T>,
    /// Errors and warnings, in the order of the file.
    pub problems: Vec<Problem>,
}

impl<T> Parsed<T> {
    /// Turns the value into another one.
    #[must_use]
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Parsed<U> {
        Parsed {
            value: self.value.map(turn),
            problems: self.problems,
        }
    }
}
