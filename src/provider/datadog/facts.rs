//! What is known of a Datadog without asking it.

use std::borrow::Cow;
use std::time::Duration;

use super::compat;
use super::query::{Ask, OPTIONS};
use super::settings::Api;
use crate::gate::{Context, Escape, IndicatorName, ProviderFacts, Query, QueryPart, QueryProblem};
use crate::provider::ProviderKind;
use crate::provider::facts::unknown_options;

/// How long after the end of the window Datadog has all data.
const DELAY: Duration = Duration::from_secs(60);
/// What is known of a Datadog without asking it.
pub(in crate::provider) struct DatadogFacts {
    /// Which API is asked where the query does not say.
    api: Api,
}

impl DatadogFacts {
    /// Takes what the settings say.
    pub(in crate::provider) fn new(api: Api) -> Self {
        Self { api }
    }
}

impl ProviderFacts for DatadogFacts {
    fn default_query(&self, _indicator: &IndicatorName, _context: &Context) -> Option<String> {
        None
    }

    fn native<'t>(&self, text: &'t str) -> Cow<'t, str> {
        compat::native(text)
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        // A value stands outside of quotes, where no escape helps: ` OR `, `,`, and `}` would widen what is asked.
        match part {
            QueryPart::Text | QueryPart::Option(_) => Escape::Word,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let unknown = unknown_options(query, ProviderKind::Datadog.as_str(), &OPTIONS);
        if !unknown.is_empty() {
            return unknown;
        }
        let asked = Ask::parse(&query.text, &query.options, self.api);
        asked.err().into_iter().collect()
    }

    fn delay(&self, _query: &Query) -> Duration {
        DELAY
    }
}
