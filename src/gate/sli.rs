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

/// What a definition says besides its query, for the provider: `metric`, `select`, `params`. As it stands in the file.
pub type Options = serde_json::Map<String, serde_json::Value>;

/// Says a query in words: its text; where that is empty, the options, which then say it all.
///
/// ```
/// use tidegate::gate::{Options, in_words};
/// let options: Options = [("metric".to_owned(), "p95".into())].into_iter().collect();
/// assert_eq!(in_words("", &options), "metric: p95");
/// assert_eq!(in_words("up", &options), "up");
/// ```
#[must_use]
pub fn in_words(text: &str, options: &Options) -> String {
    if !text.trim().is_empty() {
        return text.to_owned();
    }
    let option = |(name, value): (&String, &serde_json::Value)| match value.as_str() {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}: {value}"),
    };
    options.iter().map(option).collect::<Vec<_>>().join(", ")
}

/// How one indicator is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndicatorDefinition {
    /// The query text, placeholders not yet filled. Empty, with no options either, means: not defined here.
    pub query: String,
    /// The provider, where the definition names one.
    pub provider: Option<ProviderName>,
    /// What else the provider is told, placeholders not yet filled.
    pub options: Options,
    /// What a missing value of this indicator means, and how its answer is handled.
    pub policies: PolicyLayer,
}

impl IndicatorDefinition {
    /// Tells whether anything is said that could be asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.query.is_empty() && self.options.is_empty()
    }
}
