//! Asks every provider at the same time; the readings come back in the order of the objectives.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use super::survey::Step;

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

/// Sends the queries of several windows, each provider as many at the same time as it allows; the readings come back in
/// the order of the steps and of their queries.
pub async fn measure_steps(
    providers: &OpenProviders,
    steps: &[Step],
    watch: &dyn Watch,
) -> Vec<Vec<Reading>> {
    let fetches = providers
        .iter()
        .map(|(name, provider)| fetch_steps(name, provider.as_ref(), steps, watch));
    let mut answered: Vec<(usize, usize, Reading)> =
        join_all(fetches).await.into_iter().flatten().collect();
    answered.sort_by_key(|(step, place, _)| (*step, *place));
    let mut readings: Vec<Vec<Reading>> = steps.iter().map(|_| Vec::new()).collect();
    for (step, _, reading) in answered {
        if let Some(readings) = readings.get_mut(step) {
            readings.push(reading);
        }
    }
    readings
}

/// Sends one provider the queries of a window, and returns the first reading.
pub async fn measure_one(
    provider: &dyn Provider,
    step: &Step,
    watch: &dyn Watch,
) -> Option<Reading> {
    let queries: Vec<&Query> = step.queries.iter().collect();
    let readings = fetch(Some(provider), &queries, &step.context, watch).await;
    readings.into_iter().next()
}

/// Sends one provider its queries of several windows; returns each reading with its step and its place there.
async fn fetch_steps(
    name: &ProviderName,
    provider: &dyn Provider,
    steps: &[Step],
    watch: &dyn Watch,
) -> Vec<(usize, usize, Reading)> {
    let mut largest = 1;
    let mut batches = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let queries = step.queries.iter().enumerate();
        let (places, batch): (Vec<usize>, Vec<&Query>) =
            queries.filter(|(_, query)| query.provider == *name).unzip();
        largest = largest.max(batch.len());
        batches.push(async move {
            let readings = fetch(Some(provider), &batch, &step.context, watch).await;
            let answered = places.into_iter().zip(readings);
            answered
                .map(|(place, reading)| (number, place, reading))
                .collect::<Vec<_>>()
        });
    }
    // Each batch may have as many requests under way as it has queries.
    let at_once = (provider.concurrency() / largest).max(1);
    let fetched: Vec<Vec<_>> = stream::iter(batches)
        .buffer_unordered(at_once)
        .collect()
        .await;
    fetched.into_iter().flatten().collect()
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
