//! Requests that wait for their turn: so many at once, and the readings in the order of the requests.

use futures_util::{StreamExt as _, stream};

use super::Watch;
use crate::gate::Reading;

/// Answers every request; `asks` holds one future a request, in order.
pub(super) async fn run<F: Future<Output = Reading>>(
    asks: Vec<F>,
    concurrency: usize,
    watch: &dyn Watch,
) -> Vec<Reading> {
    let asks = asks.into_iter().enumerate();
    let groups = asks.map(|(place, ask)| async move { vec![(place, ask.await)] });
    run_groups(groups.collect(), concurrency, watch).await
}

/// Answers every request, where one question may answer several: each future yields their readings, with their places.
pub(super) async fn run_groups<F: Future<Output = Vec<(usize, Reading)>>>(
    groups: Vec<F>,
    concurrency: usize,
    watch: &dyn Watch,
) -> Vec<Reading> {
    let mut answered = stream::iter(groups).buffer_unordered(concurrency);
    let mut readings = Vec::new();
    while let Some(group) = answered.next().await {
        for (place, reading) in group {
            watch.answered(&reading);
            readings.push((place, reading));
        }
    }
    readings.sort_by_key(|(place, _)| *place);
    readings.into_iter().map(|(_, reading)| reading).collect()
}
