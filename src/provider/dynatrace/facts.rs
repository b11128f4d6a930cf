//! What is known of a Dynatrace without asking it.

use std::time::Duration;

use super::credentials::Missing;
use super::defaults;
use super::query::{Ask, OPTIONS};
use super::settings::DynatraceSettings;
use crate::gate::{
    Context, Defaults, Escape, IndicatorName, ProviderFacts, Query, QueryPart, QueryProblem,
};
use crate::provider::ProviderKind;
use crate::provider::facts::unknown_options;

/// How long after the end of the window Dynatrace has the data of user sessions.
const SESSIONS_DELAY: Duration = Duration::from_secs(360);
/// How long after the end of the window Dynatrace has all other data.
const DELAY: Duration = Duration::from_secs(120);

/// What is known of a Dynatrace without asking it.
pub(in crate::provider) struct DynatraceFacts {
    /// Whether there are credentials for the environment API.
    environment: bool,
    /// Whether there are credentials for the platform.
    platform: bool,
}

impl DynatraceFacts {
    /// Takes what the settings say; where there are none, as in a dry run, everything may be there.
    pub(in crate::provider) fn new(settings: Option<&DynatraceSettings>) -> Self {
        Self {
            environment: settings.is_none_or(|settings| settings.environment.is_some()),
            platform: settings.is_none_or(|settings| settings.platform.is_some()),
        }
    }
}

impl ProviderFacts for DynatraceFacts {
    fn default_query(&self, indicator: &IndicatorName, context: &Context) -> Option<String> {
        defaults::default_query(indicator, context)
    }

    fn defaults(&self) -> Defaults {
        Defaults::Alone
    }

    fn escape(&self, part: QueryPart<'_>) -> Escape {
        match part {
            // Dynatrace separates with `,`, `(`, `&`, and `|`; a value may stand outside of quotes, where no escape helps.
            // `${NAME|dynatrace}` and `${NAME|dql}` are for quotes.
            QueryPart::Text | QueryPart::Option(_) => Escape::Word,
        }
    }

    fn check(&self, query: &Query) -> Vec<QueryProblem> {
        let unknown = unknown_options(query, ProviderKind::Dynatrace.as_str(), &OPTIONS);
        if !unknown.is_empty() {
            return unknown;
        }
        let ask = match Ask::parse(&query.text, &query.options) {
            Ok(ask) => ask,
            Err(problem) => return vec![problem],
        };
        let (is_there, missing) = if matches!(ask, Ask::Dql(_)) {
            (self.platform, Missing::Platform)
        } else {
            (self.environment, Missing::Environment)
        };
        if is_there {
            return Vec::new();
        }
        vec![QueryProblem {
            option: None,
            message: "the provider has no credentials for this kind of query".to_owned(),
            hint: missing.advice().to_owned(),
        }]
    }

    fn delay(&self, query: &Query) -> Duration {
        if query.text.trim_start().starts_with("USQL;") {
            SESSIONS_DELAY
        } else {
            DELAY
        }
    }
}
