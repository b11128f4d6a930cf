//! From files to queries: which provider is asked what. Pure, so that a dry run needs no network and no secret.

use std::collections::BTreeMap;

use super::context::Context;
use super::name::{IndicatorName, ProviderName};
use super::policy::{Policies, PolicyLayer};
use super::sli::{IndicatorDefinition, Sli};
use super::slo::Slo;
use super::template::{PlaceholderError, fill};

/// One query that will be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The indicator.
    pub indicator: IndicatorName,
    /// Who is asked.
    pub provider: ProviderName,
    /// The query with every placeholder filled.
    pub text: String,
    /// The unit of the value, as the SLI file states it.
    pub unit: Option<String>,
    /// What a missing value means.
    pub policies: Policies,
}

/// What planning needs to know of the providers.
pub struct Providers<'a> {
    /// The provider for indicators that name none.
    pub default: Option<&'a ProviderName>,
    /// The policies of each provider that is defined.
    pub defined: &'a BTreeMap<ProviderName, PolicyLayer>,
    /// The policies for everything.
    pub policies: PolicyLayer,
    /// The query that a provider knows by itself for an indicator that no file defines.
    pub default_query: &'a dyn Fn(&ProviderName, &IndicatorName) -> Option<String>,
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
    let mut queries = Vec::with_capacity(slo.objectives().len());
    let mut errors = Vec::new();
    for objective in slo.objectives() {
        match plan_one(&objective.indicator, sli, providers, context) {
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
    let provider = definition
        .provider
        .as_ref()
        .or(sli.provider.as_ref())
        .or(providers.default)
        .ok_or_else(|| {
            vec![PlanError::NoProvider {
                indicator: indicator.clone(),
            }]
        })?;
    let policies = providers.defined.get(provider).ok_or_else(|| {
        let (indicator, provider) = (indicator.clone(), provider.clone());
        vec![PlanError::UnknownProvider {
            indicator,
            provider,
        }]
    })?;
    let text = if definition.query.is_empty() {
        (providers.default_query)(provider, indicator).ok_or_else(|| {
            vec![PlanError::NoQuery {
                indicator: indicator.clone(),
            }]
        })?
    } else {
        fill(&definition.query, context).map_err(|errors| {
            let place = |error| PlanError::Placeholder {
                indicator: indicator.clone(),
                error,
            };
            errors.into_iter().map(place).collect::<Vec<_>>()
        })?
    };
    Ok(Query {
        indicator: indicator.clone(),
        provider: provider.clone(),
        text,
        unit: definition.unit.clone(),
        policies: definition
            .policies
            .over(*policies)
            .over(providers.policies)
            .resolve(),
    })
}
