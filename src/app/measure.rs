//! Asks every provider at the same time; the readings come back in the order of the objectives.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::gate::{
    Context, FailureKind, FetchFailure, Outcome, ProviderName, Query, Reading, Readings,
};
use crate::provider::{Provider, Request, Watch};

/// The providers that are open, by name.
pub type OpenProviders = BTreeMap<ProviderName, Box<dyn Provider>>;

/// Sends every query to its provider.
pub async fn measure(
    providers: &OpenProviders,
    queries: &[Query],
    context: &Context,
    watch: &dyn Watch,
) -> Readings {
    let mut batches: BTreeMap<&ProviderName, Vec<usize>> = BTreeMap::new();
    for (at, query) in queries.iter().enumerate() {
        batches.entry(&query.provider).or_default().push(at);
    }
    let fetches = batches.into_iter().map(|(name, places)| async move {
        let batch: Vec<&Query> = places.iter().filter_map(|at| queries.get(*at)).collect();
        let readings = fetch(
            providers.get(name).map(AsRef::as_ref),
            &batch,
            context,
            watch,
        )
        .await;
        places.into_iter().zip(readings)
    });
    let mut answered: Vec<(usize, Reading)> =
        join_all(fetches).await.into_iter().flatten().collect();
    answered.sort_by_key(|(place, _)| *place);
    Readings {
        readings: answered.into_iter().map(|(_, reading)| reading).collect(),
        policies: queries
            .iter()
            .map(|q| (q.indicator.clone(), q.policies))
            .collect(),
        ..Readings::default()
    }
}

/// Sends one provider its queries.
async fn fetch(
    provider: Option<&dyn Provider>,
    batch: &[&Query],
    context: &Context,
    watch: &dyn Watch,
) -> Vec<Reading> {
    let Some(provider) = provider else {
        return batch.iter().map(|query| not_open(query)).collect();
    };
    let request = |query: &&Query| Request {
        indicator: query.indicator.clone(),
        query: query.text.clone(),
        options: query.options.clone(),
        handling: query.handling.clone(),
    };
    let requests: Vec<Request> = batch.iter().map(request).collect();
    provider.fetch(context, &requests, watch).await
}

/// The reading of a query whose provider nobody opened; it never comes to this, and must not pass if it does.
fn not_open(query: &Query) -> Reading {
    let message = format!("the provider `{}` is not open", query.provider);
    let failure = FetchFailure {
        kind: FailureKind::Unavailable,
        message,
    };
    Reading::new(query.indicator.clone(), Outcome::Failed(failure))
}
