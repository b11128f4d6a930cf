//! What every provider must do, whatever its backend: a suite to run over each of them.

use std::sync::Mutex;

use jiff::Timestamp;

use super::{Provider, Request, Watch};
use crate::gate::{
    Context, Handling, IndicatorName, Options, Outcome, ProjectName, Reading, Series, ServiceName,
    StageName, TimeWindow,
};

/// Ten minutes of carts in dev of sockshop.
pub(crate) fn context() -> Context {
    context_until("2024-01-01T00:10:00Z".parse().unwrap())
}

/// The ten minutes before an instant.
pub(crate) fn context_until(end: Timestamp) -> Context {
    let start = end - jiff::SignedDuration::from_mins(10);
    Context {
        series: Series {
            project: ProjectName::new("sockshop").unwrap(),
            stage: StageName::new("dev").unwrap(),
            service: ServiceName::new("carts").unwrap(),
        },
        deployment: None,
        labels: std::collections::BTreeMap::default(),
        filters: Vec::new(),
        environment: std::collections::BTreeMap::default(),
        window_origin: crate::gate::WindowOrigin::Asked,
        window: TimeWindow::new(start, end).unwrap(),
    }
}

/// Requests for these queries; their indicators are `sli_0`, `sli_1`, …
pub(crate) fn requests(queries: &[&str]) -> Vec<Request> {
    let request = |(number, query): (usize, &&str)| Request {
        indicator: IndicatorName::new(format!("sli_{number}")).unwrap(),
        query: (*query).to_owned(),
        options: Options::new(),
        handling: Handling {
            unit: Some(format!("unit {number}")),
            ..Handling::default()
        },
    };
    queries.iter().enumerate().map(request).collect()
}

/// Remembers which indicators it heard of.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<IndicatorName>>);

impl Watch for Heard {
    fn answered(&self, reading: &Reading) {
        self.0.lock().unwrap().push(reading.indicator.clone());
    }
}

/// Fetches these queries and checks all that the contract promises of the readings.
pub(crate) async fn fetch(
    provider: &dyn Provider,
    context: &Context,
    queries: &[&str],
) -> Vec<Reading> {
    let requests = requests(queries);
    let heard = Heard::default();
    let readings = provider.fetch(context, &requests, &heard).await;

    let names = |readings: &[Reading]| -> Vec<_> {
        readings
            .iter()
            .map(|reading| reading.indicator.clone())
            .collect()
    };
    let asked: Vec<_> = requests
        .iter()
        .map(|request| request.indicator.clone())
        .collect();
    assert_eq!(names(&readings), asked, "one reading a request, in order");
    let mut heard = heard.0.into_inner().unwrap();
    heard.sort_by_key(|name| asked.iter().position(|other| other == name));
    assert_eq!(heard, asked, "the watch hears of each reading once");
    for (request, reading) in requests.iter().zip(&readings) {
        assert_eq!(reading.query.as_ref(), Some(&request.query));
        assert_eq!(reading.unit, request.handling.unit);
        assert!(reading.provider.is_some() && reading.endpoint.is_some());
        assert!(reading.attempts > 0 && reading.elapsed.is_some());
        assert_eq!(reading.reported, None);
        check_outcome(&reading.outcome);
    }
    readings
}

/// Checks that an outcome says something, in one line.
fn check_outcome(outcome: &Outcome) {
    let text = match outcome {
        Outcome::Value(value) => return assert!(value.get().is_finite()),
        Outcome::NoData(reason) => reason,
        Outcome::Failed(failure) => &failure.message,
    };
    assert!(
        !text.is_empty() && !text.chars().any(char::is_control),
        "{text:?}"
    );
}

/// Checks a provider with a query that yields a number and one that does not.
pub(crate) async fn check(provider: &dyn Provider, context: &Context, good: &str, bad: &str) {
    assert!(fetch(provider, context, &[]).await.is_empty());
    let readings = fetch(provider, context, &[good, bad, good, bad, bad, good]).await;
    let has_value: Vec<_> = readings
        .iter()
        .map(|reading| matches!(reading.outcome, Outcome::Value(_)))
        .collect();
    assert_eq!(has_value, [true, false, true, false, false, true]);
    let many: Vec<&str> = [good].repeat(200);
    assert_eq!(fetch(provider, context, &many).await.len(), 200);
}
