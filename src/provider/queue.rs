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
    let asked = asks.map(|(place, ask)| async move { (place, ask.await) });
    let mut asked = stream::iter(asked).buffer_unordered(concurrency);
    let mut readings = Vec::new();
    while let Some((place, reading)) = asked.next().await {
        watch.answered(&reading);
        readings.push((place, reading));
    }
    readings.sort_by_key(|(place, _)| *place);
    readings.into_iter().map(|(_, reading)| reading).collect()
}
