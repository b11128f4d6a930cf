//! From files to queries: which provider is asked what. Pure, so that a dry run needs no network and no secret.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::context::Context;
use super::escape::Escape;
use super::handling::Handling;
use super::name::{IndicatorName, ProviderName};
use super::policy::{Policies, PolicyLayer};
use super::sli::{IndicatorDefinition, Options, Sli};
use super::slo::Slo;
use super::template::{PlaceholderError, fill_escaped};

/// One query that will be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The indicator.
    pub indicator: IndicatorName,
    /// Who is asked.
    pub provider: ProviderName,
    /// The query with every placeholder filled; empty where the options say it all.
    pub text: String,
    /// What else the provider is told, every placeholder filled.
    pub options: Options,
    /// What a missing value means.
    pub policies: Policies,
    /// How the answer is handled. The delay is set: the provider's own where nobody says another.
    pub handling: Handling,
}

/// A part of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryPart<'a> {
    /// The text of the query.
    Text,
    /// The option of this name.
    Option(&'a str),
}

/// What a provider does not like about a query, known without asking anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryProblem {
    /// The option it is about; `None` for the query as a whole.
    pub option: Option<String>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// When the queries count that a provider knows by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defaults {
    /// For every indicator that no file defines.
    Always,
    /// Only where no file defines any indicator for the provider.
    Alone,
}

/// What planning needs to know of a provider, without asking it anything.
pub trait ProviderFacts: Send + Sync {
    /// Returns the query that the provider knows by itself for an indicator that no file defines.
    fn default_query(&self, indicator: &IndicatorName, context: &Context) -> Option<String>;

    /// Returns when such queries count.
    fn defaults(&self) -> Defaults {
        Defaults::Always
    }

    /// Returns a text of a file with the provider's own placeholders written as ours.
    fn native<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    /// Returns how values from outside are made harmless in a part of a query.
    fn escape(&self, part: QueryPart<'_>) -> Escape;

    /// Returns everything that is wrong with a query: unknown options, and texts that can't be understood.
    fn check(&self, query: &Query) -> Vec<QueryProblem>;

    /// Returns how long after the end of the window the backend has all data for a query.
    fn delay(&self, query: &Query) -> Duration;

    /// Tells whether an answer depends on the window: a file with results has one answer, whatever the window.
    fn has_time(&self) -> bool {
        true
    }
}

/// A provider that is defined.
#[derive(Clone)]
pub struct DefinedProvider<'a> {
    /// Its policies.
    pub policies: PolicyLayer,
    /// What is known of it.
    pub facts: &'a dyn ProviderFacts,
}

/// What planning needs to know of the providers.
pub struct Providers<'a> {
    /// The provider for indicators that name none.
    pub default: Option<&'a ProviderName>,
    /// The provider for indicators that no file defines, where it is another; it is also the last resort for others.
    pub for_undefined: Option<&'a ProviderName>,
    /// Each provider that is defined.
    pub defined: &'a BTreeMap<ProviderName, DefinedProvider<'a>>,
    /// The policies for everything.
    pub policies: &'a PolicyLayer,
}

/// Why an objective can't be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No file defines a query, and the provider knows none by itself.
    #[error("there is no query for SLI `{indicator}`")]
    NoQuery {
        /// The indicator.
        indicator: IndicatorName,
    },
    /// No provider is named anywhere.
    #[error("no provider is configured to ask for SLI `{indicator}`")]
    NoProvider {
        /// The indicator.
        indicator: IndicatorName,
    },
    /// The provider that is named is not defined.
    #[error("SLI `{indicator}` names the provider `{provider}`, which is not defined")]
    UnknownProvider {
        /// The indicator.
        indicator: IndicatorName,
        /// The provider.
        provider: ProviderName,
    },
    /// A placeholder of the query can't be filled.
    #[error("{error} in the query of SLI `{indicator}`")]
    Placeholder {
        /// The indicator.
        indicator: IndicatorName,
        /// What is wrong with it.
        #[source]
        error: PlaceholderError,
    },
    /// The provider does not understand the query.
    #[error("{} of SLI `{indicator}`", .problem.message)]
    Query {
        /// The indicator.
        indicator: IndicatorName,
        /// What is wrong with it.
        problem: QueryProblem,
    },
}

/// Makes the queries for all objectives, in the order of the objectives.
///
/// # Errors
/// Every [`PlanError`] of every objective at once.
pub fn plan(
    slo: &Slo,
    sli: &Sli,
    providers: &Providers<'_>,
    context: &Context,
) -> Result<Vec<Query>, Vec<PlanError>> {
    let indicators = slo
        .objectives()
        .iter()
        .map(|objective| &objective.indicator);
    plan_indicators(indicators, sli, providers, context)
}

/// Makes the queries for some indicators, in their order.
///
/// # Errors
/// Every [`PlanError`] of every indicator at once.
pub fn plan_indicators<'i>(
    indicators: impl IntoIterator<Item = &'i IndicatorName>,
    sli: &Sli,
    providers: &Providers<'_>,
    context: &Context,
) -> Result<Vec<Query>, Vec<PlanError>> {
    let mut queries = Vec::new();
    let mut errors = Vec::new();
    for indicator in indicators {
        match plan_one(indicator, sli, providers, context) {
            Ok(query) => queries.push(query),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() {
        Ok(queries)
    } else {
        Err(errors)
    }
}

/// Makes the query for one indicator.
fn plan_one(
    indicator: &IndicatorName,
    sli: &Sli,
    providers: &Providers<'_>,
    context: &Context,
) -> Result<Query, Vec<PlanError>> {
    let undefined = IndicatorDefinition::default();
    let definition = sli.indicators.get(indicator).unwrap_or(&undefined);
    let name = definition
        .provider
        .as_ref()
        .or(providers.for_undefined.filter(|_| definition.is_empty()))
        .or(sli.provider.as_ref())
        .or(providers.default)
        .or(providers.for_undefined)
        .ok_or_else(|| {
            vec![PlanError::NoProvider {
                indicator: indicator.clone(),
            }]
        })?;
    let DefinedProvider { policies, facts } = providers.defined.get(name).ok_or_else(|| {
        vec![PlanError::UnknownProvider {
            indicator: indicator.clone(),
            provider: name.clone(),
        }]
    })?;
    let is_left_out = definition.is_empty()
        && facts.defaults() == Defaults::Alone
        && has_definition_for(name, sli, providers);
    if is_left_out {
        return Err(vec![PlanError::NoQuery {
            indicator: indicator.clone(),
        }]);
    }
    let (text, options) = wording(indicator, definition, *facts, context)?;
    let layer = definition.policies.over(policies).over(providers.policies);
    let mut query = Query {
        indicator: indicator.clone(),
        provider: name.clone(),
        text,
        options,
        policies: layer.resolve(),
        handling: layer.handling(),
    };
    let problems = facts.check(&query);
    if !problems.is_empty() {
        let place = |problem| PlanError::Query {
            indicator: indicator.clone(),
            problem,
        };
        return Err(problems.into_iter().map(place).collect());
    }
    let own_delay = facts.delay(&query);
    query.handling.delay.get_or_insert(own_delay);
    Ok(query)
}

/// Tells whether the files define any indicator for a provider.
fn has_definition_for(name: &ProviderName, sli: &Sli, providers: &Providers<'_>) -> bool {
    let fallback = sli.provider.as_ref().or(providers.default);
    sli.indicators.values().any(|definition| {
        !definition.is_empty() && definition.provider.as_ref().or(fallback) == Some(name)
    })
}

/// Returns the text and the options of a query, filled.
fn wording(
    indicator: &IndicatorName,
    definition: &IndicatorDefinition,
    facts: &dyn ProviderFacts,
    context: &Context,
) -> Result<(String, Options), Vec<PlanError>> {
    if definition.is_empty() {
        let known = facts.default_query(indicator, context);
        let missing = || {
            vec![PlanError::NoQuery {
                indicator: indicator.clone(),
            }]
        };
        return Ok((known.ok_or_else(missing)?, Options::new()));
    }
    let mut errors = Vec::new();
    let escape = facts.escape(QueryPart::Text);
    let text = facts.native(&definition.query);
    let text = fill_escaped(&text, context, escape).unwrap_or_else(|found| {
        errors.extend(found);
        String::new()
    });
    let mut options = Options::new();
    for (name, value) in &definition.options {
        let escape = facts.escape(QueryPart::Option(name));
        let filled = fill_option(value, context, escape, &mut errors);
        options.insert(name.clone(), filled);
    }
    if errors.is_empty() {
        return Ok((text, options));
    }
    let place = |error| PlanError::Placeholder {
        indicator: indicator.clone(),
        error,
    };
    Err(errors.into_iter().map(place).collect())
}

/// Fills the placeholders in every text of an option. It is as deep as the file, which is bounded.
fn fill_option(
    value: &Value,
    context: &Context,
    escape: Escape,
    errors: &mut Vec<PlaceholderError>,
) -> Value {
    match value {
        Value::String(text) => match fill_escaped(text, context, escape) {
            Ok(filled) => Value::String(filled),
            Err(found) => {
                errors.extend(found);
                Value::Null
            }
        },
        Value::Array(elements) => elements
            .iter()
            .map(|element| fill_option(element, context, escape, errors))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), fill_option(value, context, escape, errors)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
