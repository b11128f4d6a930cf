//! Asking again where a backend has no data yet, until it has some or the patience ends.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::measure::{OpenProviders, measure};
use super::wait::Audience;
use crate::gate::{Context, FailureKind, IndicatorName, Outcome, Query, Reading, Readings};
use crate::provider::Watch;

/// Nobody waits longer than this, whatever is asked for.
const LONGEST_PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest pause between two rounds.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The first pause is this part of the patience, and at most [`FIRST_PAUSE`]; each is twice the one before.
const PARTS: u32 = 20;
/// The longest first pause.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The shortest pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);

/// Hears nothing: an SLI is counted once, however often it is asked for.
struct Silence;

impl Watch for Silence {
    fn answered(&self, _reading: &Reading) {}
}

/// Sends every query, and those without data again and again until each has some or the patience ends. What has a value
/// is never asked for again.
pub async fn measure_patiently(
    providers: &OpenProviders,
    queries: &[Query],
    context: &Context,
    patience: Duration,
    audience: &dyn Audience,
) -> Readings {
    let mut readings = measure(providers, queries, context, audience).await;
    let lacking = lacking(&readings, queries, providers);
    if patience.is_zero() || lacking.is_empty() {
        return readings;
    }
    let names: Vec<&IndicatorName> = lacking.iter().map(|(_, query)| &query.indicator).collect();
    audience.lacks(&names, patience);
    let rounds = Rounds::new(Instant::now(), patience);
    again(providers, lacking, context, &mut readings, rounds).await;
    audience.goes_on();
    readings
}

/// Returns the queries that a backend had no data for, each with its place.
fn lacking(
    readings: &Readings,
    queries: &[Query],
    providers: &OpenProviders,
) -> Vec<(usize, Query)> {
    let answers = queries.iter().zip(&readings.readings).enumerate();
    let lacks = |(_, (query, reading)): &(usize, (&Query, &Reading))| {
        let provider = providers.get(&query.provider);
        provider.is_some_and(|provider| provider.is_backend())
            && matches!(reading.outcome, Outcome::NoData(_))
    };
    answers
        .filter(lacks)
        .map(|(place, (query, _))| (place, query.clone()))
        .collect()
}

/// Asks in rounds for what is lacking, and puts what came in the place of what was there.
async fn again(
    providers: &OpenProviders,
    mut lacking: Vec<(usize, Query)>,
    context: &Context,
    readings: &mut Readings,
    mut rounds: Rounds,
) {
    while let Some(next) = rounds.next().filter(|_| !lacking.is_empty()) {
        sleep_until(next).await;
        let queries: Vec<Query> = lacking.iter().map(|(_, query)| query.clone()).collect();
        let answered = measure(providers, &queries, context, &Silence).await;
        let mut still = Vec::new();
        for ((place, query), reading) in lacking.into_iter().zip(answered.readings) {
            if may_come(&reading.outcome) {
                still.push((place, query));
            }
            if let Some(known) = readings.readings.get_mut(place) {
                *known = Reading {
                    attempts: known.attempts.saturating_add(reading.attempts),
                    elapsed: added(known.elapsed, reading.elapsed),
                    ..reading
                };
            }
        }
        lacking = still;
    }
}

/// Tells whether there may be data later. A backend that is away for a moment in between is no reason to give up.
fn may_come(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Value(_) => false,
        Outcome::NoData(_) => true,
        Outcome::Failed(failure) => match failure.kind {
            FailureKind::Unavailable | FailureKind::Throttled => true,
            FailureKind::NotAuthorised
            | FailureKind::BadAnswer
            | FailureKind::BadQuery
            | FailureKind::Reported => false,
        },
    }
}

/// Adds two lengths, either of which may be unknown.
fn added(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

/// The moments at which to ask again; the last one is the end of the patience.
struct Rounds {
    /// The last moment.
    end: Instant,
    /// How long to pause before the next one.
    pause: Duration,
    /// Whether the last moment is yet to come.
    goes_on: bool,
}

impl Rounds {
    /// Begins.
    fn new(now: Instant, patience: Duration) -> Self {
        Self {
            end: now + patience.min(LONGEST_PATIENCE),
            pause: FIRST_PAUSE.min(patience / PARTS).max(SHORTEST_PAUSE),
            goes_on: true,
        }
    }
}

impl Iterator for Rounds {
    type Item = Instant;

    fn next(&mut self) -> Option<Instant> {
        if !self.goes_on {
            return None;
        }
        let next = self.end.min(Instant::now() + self.pause);
        self.goes_on = next < self.end;
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::app::Wait;
    use crate::gate::{
        FetchFailure, Handling, Options, Policies, ProviderName, Series, TimeWindow, WindowOrigin,
    };
    use crate::provider::{Check, Provider, Request};

    /// What a script says to the n-th question for an indicator.
    type Script = fn(&str, u32) -> Outcome;

    /// What is asked.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Kind {
        /// A backend, which may have more later.
        Backend,
        /// A file, which stays as it is.
        File,
    }

    /// A backend that follows a script.
    struct Scripted {
        script: Script,
        asked: Mutex<BTreeMap<String, u32>>,
        kind: Kind,
    }

    #[async_trait]
    impl Provider for Scripted {
        async fn fetch(
            &self,
            _context: &Context,
            requests: &[Request],
            watch: &dyn Watch,
        ) -> Vec<Reading> {
            let mut asked = self.asked.lock().unwrap();
            let readings = requests.iter().map(|request| {
                let name = request.indicator.as_str();
                let times = asked.entry(name.to_owned()).or_default();
                *times += 1;
                let outcome = (self.script)(name, *times);
                let mut reading = Reading::new(request.indicator.clone(), outcome);
                reading.attempts = 1;
                reading.elapsed = Some(Duration::from_millis(5));
                watch.answered(&reading);
                reading
            });
            readings.collect()
        }

        fn is_backend(&self) -> bool {
            self.kind == Kind::Backend
        }

        async fn probe(&self) -> Vec<Check> {
            Vec::new()
        }
    }

    /// Remembers what it heard.
    #[derive(Default)]
    struct Heard {
        answered: AtomicU32,
        lacking: Mutex<Vec<String>>,
    }

    impl Watch for Heard {
        fn answered(&self, _reading: &Reading) {
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Audience for Heard {
        fn waits(&self, _wait: &Wait) {}

        fn lacks(&self, indicators: &[&IndicatorName], _patience: Duration) {
            let names = indicators.iter().map(|name| name.as_str().to_owned());
            self.lacking.lock().unwrap().extend(names);
        }

        fn goes_on(&self) {}
    }

    fn none() -> Outcome {
        Outcome::NoData("nothing matched".to_owned())
    }

    fn failed(kind: FailureKind) -> Outcome {
        Outcome::Failed(FetchFailure {
            kind,
            message: "no".to_owned(),
        })
    }

    fn value() -> Outcome {
        Reading::of(IndicatorName::new("a").unwrap(), 1.0).outcome
    }

    /// What came of a run.
    struct Ran {
        readings: Vec<Reading>,
        asked: BTreeMap<String, u32>,
        heard: Heard,
        seconds: f64,
    }

    /// Asks a backend for indicators.
    async fn run(names: &[&str], script: Script, patience: u64, kind: Kind) -> Ran {
        let provider = ProviderName::new("p").unwrap();
        let query = |name: &&str| Query {
            indicator: IndicatorName::new(*name).unwrap(),
            provider: provider.clone(),
            text: "up".to_owned(),
            options: Options::new(),
            policies: Policies::default(),
            handling: Handling::default(),
        };
        let queries: Vec<Query> = names.iter().map(query).collect();
        let scripted = std::sync::Arc::new(Scripted {
            script,
            asked: Mutex::default(),
            kind,
        });
        let mut providers = OpenProviders::new();
        providers.insert(provider, Box::new(Shared(std::sync::Arc::clone(&scripted))));
        let heard = Heard::default();
        let began = Instant::now();
        let patience = Duration::from_secs(patience);
        let readings = measure_patiently(&providers, &queries, &context(), patience, &heard).await;
        let asked = scripted.asked.lock().unwrap().clone();
        Ran {
            readings: readings.readings,
            asked,
            heard,
            seconds: began.elapsed().as_secs_f64(),
        }
    }

    /// A backend that the test keeps a hold of.
    struct Shared(std::sync::Arc<Scripted>);

    #[async_trait]
    impl Provider for Shared {
        async fn fetch(
            &self,
            context: &Context,
            requests: &[Request],
            watch: &dyn Watch,
        ) -> Vec<Reading> {
            self.0.fetch(context, requests, watch).await
        }

        fn is_backend(&self) -> bool {
            self.0.is_backend()
        }

        async fn probe(&self) -> Vec<Check> {
            self.0.probe().await
        }
    }

    fn context() -> Context {
        let at = |time: &str| format!("2024-02-01T{time}Z").parse().unwrap();
        let series: Series = crate::app::samples::carts();
        Context {
            series,
            deployment: None,
            labels: BTreeMap::new(),
            filters: Vec::new(),
            environment: BTreeMap::new(),
            window_origin: WindowOrigin::Asked,
            window: TimeWindow::new(at("10:00:00"), at("10:05:00")).unwrap(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_has_no_data_is_asked_for_again_and_only_until_it_has_some() {
        let script: Script = |name, times| match (name, times) {
            ("here", _) | ("late", 3..) | ("later", 5..) => value(),
            _ => none(),
        };
        let ran = run(&["late", "here", "later"], script, 120, Kind::Backend).await;
        assert!(
            ran.readings
                .iter()
                .all(|reading| reading.outcome == value())
        );
        let asked = [("here", 1), ("late", 3), ("later", 5)];
        let asked = asked.map(|(name, times)| (name.to_owned(), times));
        assert_eq!(ran.asked, BTreeMap::from(asked));
        // 2 s, 4 s, 8 s, and 10 s.
        assert!((24.0..24.5).contains(&ran.seconds), "{}", ran.seconds);
        let attempts: Vec<u32> = ran
            .readings
            .iter()
            .map(|reading| reading.attempts)
            .collect();
        assert_eq!(attempts, [3, 1, 5]);
        assert_eq!(ran.readings[2].elapsed, Some(Duration::from_millis(25)));
        assert_eq!(ran.heard.answered.into_inner(), 3);
        assert_eq!(ran.heard.lacking.into_inner().unwrap(), ["late", "later"]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_patience_ends_with_a_last_question() {
        let ran = run(&["a"], |_, _| none(), 30, Kind::Backend).await;
        assert_eq!(ran.readings[0].outcome, none());
        // At 1.5 s, 4.5 s, 10.5 s, 20.5 s, and 30 s.
        assert_eq!(ran.asked["a"], 6);
        assert!((30.0..30.5).contains(&ran.seconds), "{}", ran.seconds);
    }

    #[tokio::test(start_paused = true)]
    async fn without_patience_or_backend_nobody_is_asked_twice() {
        for (patience, kind) in [(0, Kind::Backend), (60, Kind::File)] {
            let ran = run(&["a"], |_, _| none(), patience, kind).await;
            assert_eq!((ran.asked["a"], ran.seconds < 0.1), (1, true));
            assert!(ran.heard.lacking.into_inner().unwrap().is_empty());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_not_waited_for_unless_it_passes_by_itself() {
        let ran = run(
            &["a"],
            |_, _| failed(FailureKind::Unavailable),
            60,
            Kind::Backend,
        )
        .await;
        assert_eq!(ran.asked["a"], 1, "at first it is the retries' matter");
        let script: Script = |_, times| match times {
            1 => none(),
            2 => failed(FailureKind::Unavailable),
            _ => value(),
        };
        let ran = run(&["a"], script, 60, Kind::Backend).await;
        assert_eq!((ran.asked["a"], &ran.readings[0].outcome), (3, &value()));
        let script: Script = |_, times| match times {
            1 => none(),
            _ => failed(FailureKind::NotAuthorised),
        };
        let ran = run(&["a"], script, 60, Kind::Backend).await;
        let refused = failed(FailureKind::NotAuthorised);
        assert_eq!((ran.asked["a"], &ran.readings[0].outcome), (2, &refused));
    }

    #[tokio::test(start_paused = true)]
    async fn a_patience_beyond_all_clocks_does_no_harm() {
        let ran = run(
            &["a"],
            |_, times| if times < 3 { none() } else { value() },
            u64::MAX,
            Kind::Backend,
        );
        assert_eq!(ran.await.asked["a"], 3);
    }
}
