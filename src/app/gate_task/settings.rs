//! What the gate needs as an executor.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::app::{Beginning, Comparing, Lateness};
use crate::eventlog::EventLog;
use crate::executor::ResourceReader;
use crate::gate::{DefinedProvider, MissingSlo, PolicyLayer, ProviderFacts, ProviderName};
use crate::provider::Provider;

/// What the gate needs as an executor.
#[derive(Clone)]
pub struct GateSettings {
    /// The log whose evaluations are the history: the one that the conductor writes.
    pub log: Arc<dyn EventLog>,
    /// Where objectives and indicators are read, at the commit of the task: `slo.yaml` of the service; `sli.yaml` beside
    /// it, else `PROVIDER/sli.yaml` of project, stage, and service, laid over each other.
    pub resources: Arc<dyn ResourceReader>,
    /// The providers that an SLI file may name. A server offers only those of its own configuration: with providers
    /// that read files or start programs, whoever writes an SLI file reads those files and starts those programs.
    pub providers: BTreeMap<ProviderName, GateProvider>,
    /// The provider for indicators that name none.
    pub default_provider: Option<ProviderName>,
    /// The provider for indicators that no file defines, where it is another.
    pub for_undefined: Option<ProviderName>,
    /// The policies for everything.
    pub policies: PolicyLayer,
    /// Variables of the environment that queries may use.
    pub environment: BTreeMap<String, String>,
    /// What an evaluation without objectives comes to.
    pub on_missing_slo: MissingSlo,
    /// The timeframe of tasks that state neither a window nor when a test ran; `None`: they end with an error.
    pub timeframe: Option<String>,
    /// How evaluations are compared.
    pub comparing: Comparing,
    /// What to do where data come late.
    pub lateness: Lateness,
    /// How long to ask again for what has no data.
    pub patience: Duration,
    /// Which program makes the evaluations: `tidegate 0.1.0`.
    pub producer: String,
    /// The clock.
    pub clock: Arc<dyn Fn() -> Beginning + Send + Sync>,
}

/// A provider that SLI files may name.
#[derive(Clone)]
pub struct GateProvider {
    /// Its policies.
    pub policies: PolicyLayer,
    /// What is known of it.
    pub facts: Arc<dyn ProviderFacts>,
    /// Opens it, or says why it can't be opened.
    pub open: Arc<dyn Fn() -> Result<Box<dyn Provider>, String> + Send + Sync>,
}

impl GateProvider {
    /// Returns what the plan needs to know of it.
    pub(super) fn defined(&self) -> DefinedProvider<'_> {
        DefinedProvider {
            policies: self.policies.clone(),
            facts: self.facts.as_ref(),
        }
    }
}
