//! The SLI file as a value: how each indicator is asked for.

use std::collections::BTreeMap;

use super::name::{IndicatorName, ProviderName};
use super::policy::PolicyLayer;

/// All indicators that are defined, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sli {
    /// The provider for indicators that name none (`provider:` at the top of our longer form).
    pub provider: Option<ProviderName>,
    /// The definitions. Keptn's levels (project, stage, service) are merged already.
    pub indicators: BTreeMap<IndicatorName, IndicatorDefinition>,
}

/// How one indicator is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndicatorDefinition {
    /// The query text, placeholders not yet filled. Empty means: not defined here.
    pub query: String,
    /// The provider, where the definition names one.
    pub provider: Option<ProviderName>,
    /// The unit of the value; only for show.
    pub unit: Option<String>,
    /// What a missing value of this indicator means.
    pub policies: PolicyLayer,
}
