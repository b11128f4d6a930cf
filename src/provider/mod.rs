//! SLI providers: a batch of requests in, one reading a request out, in the same order.
//!
//! The contract. A provider returns numbers. It does not judge, format, or read the environment; it never fails as
//! a whole: whatever goes wrong is a [`Reading`] whose outcome is [`Outcome::Failed`](crate::gate::Outcome), with a
//! kind, a message without secrets, the resolved query and the endpoint. What a backend said is an [`Answered`]; the
//! policies of the request make a reading of it, alike for every provider. Retries, timeouts and limits are those of
//! `net`. At most as many requests are under way at once as the provider's settings allow.

mod answered;
mod bulk;
mod constant;
#[cfg(test)]
pub(crate) mod contract;
mod datadog;
mod dynatrace;
mod exchange;
mod exec;
mod facts;
mod files;
mod http;
mod measured;
mod memory;
mod prometheus;
mod queue;
mod retry;
mod settings;
mod several;
mod sql;
#[cfg(test)]
#[path = "../../tests/it/support/prometheus.rs"]
pub(crate) mod test_prometheus;
mod transport;

use async_trait::async_trait;

use crate::gate::{Context, FailureKind, Handling, IndicatorName, Options, Reading};

pub use crate::net::{
    Auth, ClientCredentials, ClientStyle, ConnectionSettings, HeaderText, Method, RetrySettings,
    Secret, SigningKey, TlsSettings, TokenUrl, UrlError,
};
pub use constant::StaticSettings;
pub use datadog::{Api, DatadogSettings, Keys, LastBucket, Site};
pub use dynatrace::{DynatraceSettings, looks_like_token};
pub use exec::{Batch, ExecFormat, ExecSettings, Pin, PluginConfig, UnitSuffix, plugin_checks};
pub use facts::facts;
pub use files::{
    ErrorKinds, FilesSettings, Format, InspectedFigure, InspectedPart, Inspection, Merge,
    ReadOptions, SampleStatus, Stamp, inspect,
};
#[cfg(fuzzing)]
pub use files::{ask_document, read_as_everything, read_results};
pub use http::{
    Absence, BodyTemplate, Condition, Definition, Demand, Expectation, Extract, HttpSettings,
    JsonTemplate, Need, NextPage, OtherParameters, Paging, Parameter, Polling, RequestTemplate,
    ResponseRules, SHIPPED, Template, Texts,
};
pub use memory::Memory;
pub use prometheus::{PrometheusSettings, QueryParameter};
pub use retry::retry_over;
pub use settings::{OpenError, ProviderKind, ProviderSettings, open};
pub use sql::{Database, SqlSettings};

/// One question to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The indicator that is asked for.
    pub indicator: IndicatorName,
    /// The query, every placeholder filled.
    pub query: String,
    /// What else the SLI file says to the provider, every placeholder filled.
    pub options: Options,
    /// How the answer becomes a reading.
    pub handling: Handling,
}

/// One thing that `tidegate doctor` checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked: `address`, `connection`, `TLS`, `clock`, `credentials`.
    pub name: String,
    /// What came of it.
    pub outcome: CheckOutcome,
}

impl Check {
    /// Makes a check of which nothing but this came.
    #[must_use]
    pub fn new(name: &str, outcome: CheckOutcome) -> Self {
        Self {
            name: name.to_owned(),
            outcome,
        }
    }

    /// Tells whether it does not work.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        match &self.outcome {
            CheckOutcome::Bad { .. } => true,
            CheckOutcome::Good(_) | CheckOutcome::Odd { .. } | CheckOutcome::Skipped(_) => false,
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It is as it should be; with the detail to show.
    Good(String),
    /// It works, but is odd.
    Odd {
        /// What is odd.
        detail: String,
        /// What to do about it.
        hint: String,
    },
    /// It does not work.
    Bad {
        /// The kind, which decides the exit code.
        kind: FailureKind,
        /// What is wrong.
        detail: String,
        /// What to do about it.
        hint: String,
    },
    /// It was not checked, and why.
    Skipped(String),
}

/// Hears of each reading as it arrives. Cosmetic: nothing depends on it.
pub trait Watch: Send + Sync {
    /// One reading is there.
    fn answered(&self, reading: &Reading);
}

/// Fetches indicators from one backend.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Answers every request, in the order of the requests.
    async fn fetch(
        &self,
        context: &Context,
        requests: &[Request],
        watch: &dyn Watch,
    ) -> Vec<Reading>;

    /// Returns how many requests may be under way at once. One where the provider can't tell: then batches come one
    /// after the other.
    fn concurrency(&self) -> usize {
        1
    }

    /// Tells whether there is someone to ask, who may be down. Numbers that stand in a file are always there.
    fn is_backend(&self) -> bool {
        true
    }

    /// Checks whether the backend can be reached and lets us in, one thing after the other; changes nothing there.
    async fn probe(&self) -> Vec<Check>;
}
